"""Which pages exist in which language."""

from clinic.languages import Version, versions
from content.models import HOME, Page


def languages_of(slug: str) -> list[str]:
    """The languages in which this page is published."""
    return list(Page.objects.published().filter(slug=slug).order_by("language").values_list("language", flat=True))


def versions_of(slug: str) -> list[Version]:
    """The page in each language that has it."""
    languages = languages_of(slug)
    return versions(languages, "content:home") if slug == HOME else versions(languages, "content:page", slug)


def pages_in(language: str) -> list[Page]:
    """The published pages of a language, those of the menu first and in its order, without their text."""
    found = Page.objects.published().filter(language=language).only("slug", "language", "title", "menu_title", "order")
    return list(found.order_by("order", "slug"))
