from collections.abc import Callable

from django.contrib import admin
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from content.admin.versions import PageVersions
from content.models import Page


@admin.register(Page)
class PageAdmin(PageVersions):
    def get_urls(self) -> list[URLPattern]:
        addresses: dict[str, tuple[str, Callable[..., HttpResponseBase]]] = {
            "add/preview/": ("preview_new", never_cache(self.preview_new)),
            "<int:pk>/preview/": ("preview", never_cache(self.preview)),
            "<int:pk>/submit/": ("submit", self.submit),
            "<int:pk>/sign/": ("sign", self.sign),
            "<int:pk>/publish/": ("publish", self.publish),
            "<int:pk>/withdraw/": ("withdraw", self.withdraw),
            "<int:pk>/cancel/<int:edition>/": ("cancel", self.cancel),
            "<int:pk>/compare/": ("compare", self.compare),
            "<int:pk>/restore/<int:version>/": ("restore", self.restore),
        }
        own = [
            path(address, self.admin_site.admin_view(view), name=f"content_page_{name}")
            for address, (name, view) in addresses.items()
        ]
        return [*own, *super().get_urls()]
