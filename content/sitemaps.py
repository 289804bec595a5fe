from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap

from content.models import Page, PageQuerySet


class PageSitemap(Sitemap[Page]):
    def items(self) -> PageQuerySet:
        return Page.objects.published().order_by("language", "slug")

    def lastmod(self, page: Page) -> datetime:
        return page.updated_at

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc
