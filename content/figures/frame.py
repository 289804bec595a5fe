"""What every figure has around its drawing."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.safestring import SafeString

from content.figures.markup import joined, tag

Cite = Callable[[str], SafeString]  # returns the numbered link to a source


def figure(name: str, words: dict[str, Any], *inside: SafeString | None, note: SafeString | None = None) -> SafeString:
    """A figure under its title and its introduction, with a note at its foot."""
    caption = tag(
        "figcaption",
        tag("strong", words["title"], class_="figure__title"),
        " ",
        tag("span", words["intro"], class_="figure__intro"),
        class_="figure__caption",
    )
    return tag("figure", caption, *inside, note, class_=f"figure figure--{name}")


def note(text: str, sources: SafeString | None = None) -> SafeString:
    return tag("p", text, sources, class_="figure__note")


def cited(keys: Iterable[str], cite: Cite) -> SafeString:
    """The numbers of the sources, to be put directly behind a text."""
    links = [part for key in keys for part in (", ", cite(key))][1:]
    return tag("sup", joined(links), class_="cite")
