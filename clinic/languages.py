"""Addresses by language: a page's own, and those of the same page in another, for browsers and search engines."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse, translate_url
from django.utils import translation

ALL = tuple(code for code, _ in settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class Version:
    """A page in one language."""

    code: str  # or x-default: for readers of any other language
    name: str  # of the language, in itself
    url: str


def others(path: str) -> list[Version]:
    """The page at `path`, which may have a query, in each other language; nothing where the address has no other."""
    here = translation.get_language()
    found = [Version(code, name, translate_url(path, code)) for code, name in settings.LANGUAGES if code != here]
    return [version for version in found if version.url != path]


def versions(codes: Collection[str], view: str, *args: str) -> list[Version]:
    """A view in each of these languages."""
    return [Version(code, name, url_in(code, view, *args)) for code, name in settings.LANGUAGES if code in codes]


def alternates(found: list[Version]) -> list[Version]:
    """What the head of a page says of its versions, with absolute addresses; nothing when there is only one."""
    absolute = [replace(version, url=settings.SITE_URL + version.url) for version in found]
    default = [replace(version, code="x-default") for version in absolute if version.code == settings.LANGUAGE_CODE]
    return absolute + default if len(found) > 1 else []


def redirect_to(view: str, *args: object, query: str = "") -> HttpResponseRedirect:
    """Lead a visitor on, in the language that they read."""
    return HttpResponseRedirect(_address(translation.get_language(), view, args) + query)


@lru_cache(maxsize=256)
def _address(_language: str, view: str, args: tuple[object, ...]) -> str:
    """Each step of a screening leads to one, and Django's search for it costs as much as a query."""
    return reverse(view, args=args)


def url_in(code: str, view: str, *args: str) -> str:
    with translation.override(code):
        return reverse(view, args=args)
