from django.contrib.sitemaps.views import sitemap
from django.urls import path

from content import views
from content.sitemaps import PageSitemap

app_name = "content"

urlpatterns = [
    path("", views.home, name="home"),
    path(
        "sitemap.xml",
        sitemap,
        {"sitemaps": {"pages": PageSitemap}, "template_name": "content/sitemap.xml"},
        name="sitemap",
    ),
    path("<slug:slug>/", views.page, name="page"),
]
