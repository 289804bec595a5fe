from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from clinic.languages import Version
from content import translations
from content.models import HOME

HELP = "get-help-now"
FOOTER_HELP = "#footer-crisis"  # the crisis lines at the foot of every page


@dataclass(frozen=True, slots=True)
class MenuItem:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Site:
    """The published pages of the language in use."""

    menu: list[MenuItem]
    slugs: frozenset[str]

    @property
    def help_url(self) -> str:
        """Where every way to get help is listed; a language without that page has the lines at the foot of each."""
        return reverse("content:page", args=[HELP]) if HELP in self.slugs else FOOTER_HELP


def menu(request: HttpRequest) -> dict[str, object]:
    """Give every template the published pages of its language; they are read only where a template uses them."""
    site = SimpleLazyObject(_site)
    return {
        "site_pages": site,
        "menu": SimpleLazyObject(lambda: site.menu),
        "elsewhere": SimpleLazyObject(lambda: _elsewhere(request)),
    }


def _site() -> Site:
    pages = translations.pages_in(get_language() or "")
    items = [
        MenuItem(page.menu_title or page.title, page.get_absolute_url()) for page in pages if page.order is not None
    ]
    return Site(items, frozenset(page.slug for page in pages))


def _elsewhere(request: HttpRequest) -> list[Version]:
    """The page that was asked for in the languages that have it, for a reader whose language has not."""
    match, here = request.resolver_match, get_language()
    if not match or match.view_name not in ("content:home", "content:page"):
        return []
    return [version for version in translations.versions_of(match.kwargs.get("slug", HOME)) if version.code != here]
