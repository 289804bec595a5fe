from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from clinic.kept import pages
from clinic.languages import Version, alternates
from content import translations
from content.models import HOME, Edition

HELP = "get-help-now"
FOOTER_HELP = "#footer-crisis"  # the crisis lines at the foot of every page


@dataclass(frozen=True, slots=True)
class MenuItem:
    title: str
    url: str


class Site:
    """The published pages, those of the language in use first of all. It asks the database once, when it must."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _pages(self) -> list[Edition]:
        return pages.remember("live pages", translations.live_pages)

    @cached_property
    def _here(self) -> list[Edition]:
        return [page for page in self._pages if page.language == get_language()]

    @cached_property
    def menu(self) -> list[MenuItem]:
        listed = (page for page in self._here if page.order is not None)
        return [MenuItem(page.menu_title or page.title, page.get_absolute_url()) for page in listed]

    @cached_property
    def slugs(self) -> frozenset[str]:
        return frozenset(page.slug for page in self._here)

    @property
    def help_url(self) -> str:
        """Where every way to get help is listed; a language without that page has the lines at the foot of each."""
        return reverse("content:page", args=[HELP]) if HELP in self.slugs else FOOTER_HELP

    @cached_property
    def versions(self) -> list[Version]:
        """The content page that was asked for, in each language that has it."""
        match = self._request.resolver_match
        if not match or match.view_name not in ("content:home", "content:page"):
            return []
        return translations.versions_of(match.kwargs.get("slug", HOME), self._pages)

    @property
    def elsewhere(self) -> list[Version]:
        """The same, for a reader whose language has not."""
        return [version for version in self.versions if version.code != get_language()]


def menu(request: HttpRequest) -> dict[str, object]:
    """Give every template the published pages; they are read only where a template uses them."""
    site = Site(request)
    return {
        "site_pages": site,
        "menu": SimpleLazyObject(lambda: site.menu),
        "elsewhere": SimpleLazyObject(lambda: site.elsewhere),
        "alternates": SimpleLazyObject(lambda: alternates(site.versions)),
    }
