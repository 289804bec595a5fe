from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse
from django.utils import translation

from content.models import Edition


class _OwnSitemap(Sitemap[Any]):
    """Addresses under SITE_URL, each with the same page in other languages."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_urls(self, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        urls = super().get_urls(*args, **kwargs)
        return [url | {"alternates": self.versions(url["item"])} for url in urls]

    def versions(self, item: Any) -> list[dict[str, str]]:
        """The item in every language that has it, if that is more than one."""
        raise NotImplementedError


class PageSitemap(_OwnSitemap):
    @cached_property
    def _editions(self) -> list[Edition]:
        return list(Edition.objects.live().order_by("page__language", "page__slug"))

    def items(self) -> list[Edition]:
        return self._editions

    def lastmod(self, edition: Edition) -> datetime:
        return edition.live_at

    def versions(self, edition: Edition) -> list[dict[str, str]]:
        same = [other for other in self._editions if other.slug == edition.slug]
        return _alternates({other.language: other.get_absolute_url() for other in same})


class FormSitemap(_OwnSitemap):
    """Where the forms begin, in every language; their inner steps are nobody's to find."""

    NAMES = ("intake:contact", "intake:screening")

    def items(self) -> list[tuple[str, str]]:
        return [(name, language) for name in self.NAMES for language, _ in settings.LANGUAGES]

    def location(self, item: tuple[str, str]) -> str:
        name, language = item
        with translation.override(language):
            return reverse(name)

    def versions(self, item: tuple[str, str]) -> list[dict[str, str]]:
        return _alternates({language: self.location((item[0], language)) for language, _ in settings.LANGUAGES})


def _alternates(paths: dict[str, str]) -> list[dict[str, str]]:
    if len(paths) < 2:
        return []
    return [{"language": language, "location": settings.SITE_URL + path} for language, path in paths.items()]
