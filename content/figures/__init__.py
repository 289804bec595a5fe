"""Figures that a page inserts by name: drawn as HTML and SVG from `data/NAME.yaml`, with numbered sources."""

from collections.abc import Callable
from functools import lru_cache

from django.utils.safestring import SafeString

from content.figures import day, how_often, mechanism, trials, two_kinds
from content.figures.frame import Cite
from content.figures.words import digest

__all__ = ["NAMES", "Cite", "cited_keys", "digest", "draw"]

_DRAWN: dict[str, Callable[[str, Cite], SafeString]] = {
    "mechanism": mechanism.draw,
    "day": day.draw,
    "two-kinds": two_kinds.draw,
    "trials": trials.draw,
    "how-often": how_often.draw,
}
NAMES = tuple(_DRAWN)


def draw(name: str, language: str, cite: Cite) -> SafeString:
    """Return the figure's HTML; `cite` returns the numbered link to a source. An unknown name raises KeyError."""
    return _DRAWN[name](language, cite)


@lru_cache
def cited_keys(name: str) -> tuple[str, ...]:
    """The keys of the sources that the figure cites, each once, in reading order."""
    keys: list[str] = []

    def keep(key: str) -> SafeString:
        keys.append(key)
        return SafeString("")

    draw(name, "en", keep)
    return tuple(dict.fromkeys(keys))
