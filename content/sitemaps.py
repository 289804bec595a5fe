from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap

from content.models import Edition, EditionQuerySet


class PageSitemap(Sitemap[Edition]):
    def items(self) -> EditionQuerySet:
        return Edition.objects.live().order_by("page__language", "page__slug")

    def lastmod(self, edition: Edition) -> datetime:
        return edition.live_at

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc
