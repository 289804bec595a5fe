"""What an editor puts into a text by its name."""

from dataclasses import dataclass

from content.figures import NAMES
from content.models import Source, Term


@dataclass(frozen=True, slots=True)
class Insertable:
    code: str  # what stands in the text
    label: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A searchable list in the editor."""

    name: str
    title: str
    items: tuple[Insertable, ...]


def shelves(language: str) -> list[Shelf]:
    """The lists beside the text of a page in this language; an empty one is left out."""
    found = [
        Shelf("source", "Insert a source", _sources()),
        Shelf("word", "Insert a word of the glossary", _words(language)),
        Shelf("figure", "Insert a figure", tuple(Insertable(f"[figure: {name}]", name) for name in NAMES)),
    ]
    return [shelf for shelf in found if shelf.items]


def _sources() -> tuple[Insertable, ...]:
    rows = Source.objects.order_by("key").values_list("key", "authors", "year", "title")
    return tuple(
        Insertable(f"[@{key}]", " ".join(str(part) for part in (authors, year, title) if part))
        for key, authors, year, title in rows
    )


def _words(language: str) -> tuple[Insertable, ...]:
    terms = Term.objects.filter(language=language).order_by("name")
    return tuple(
        Insertable(f"[[{form}]]", term.definition) for term in terms for form in sorted(term.forms.splitlines())
    )
