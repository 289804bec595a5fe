from django.contrib.sitemaps.views import sitemap
from django.urls import path

from clinic.methods import read_only
from content import views
from content.feeds import feed
from content.sitemaps import FormSitemap, PageSitemap

app_name = "content"

XML = "application/xml; charset=utf-8"

urlpatterns = [
    path("", views.home, name="home"),
    path(
        "sitemap.xml",
        read_only(sitemap),
        {
            "sitemaps": {"pages": PageSitemap, "forms": FormSitemap},
            "template_name": "content/sitemap.xml",
            "content_type": XML,
        },
        name="sitemap",
    ),
    path("feed.xml", feed, name="feed"),
    path("search/", views.search_pages, name="search"),
    path("handout/", views.handout, name="handout"),
    path("<slug:slug>/", views.page, name="page"),
]
