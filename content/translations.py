"""Which pages exist in which language."""

from collections.abc import Iterable

from clinic.languages import Version, url_in, versions
from content.models import HOME, Edition


def live_pages() -> list[Edition]:
    """What readers see in all languages, the pages of the menu first and in its order, without their text."""
    wanted = ("order", "title", "menu_title", "page__slug", "page__language")
    return list(Edition.objects.live().order_by("order", "page__slug").only(*wanted))


def versions_of(slug: str, pages: Iterable[Edition]) -> list[Version]:
    """The page in each language that has it."""
    languages = [page.language for page in pages if page.slug == slug]
    return versions(languages, "content:home") if slug == HOME else versions(languages, "content:page", slug)


def addresses() -> list[str]:
    """Of every page that readers see, and of all of them on one."""
    pages = live_pages()
    handouts = [url_in(language, "content:handout") for language in {page.language for page in pages}]
    return [page.get_absolute_url() for page in pages] + handouts
