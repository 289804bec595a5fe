"""What the search looks through: the live pages, section by section, and the glossary, of one language."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache

from django.db.models import Count, Max

from content import markdown
from content.models import Edition, Term
from content.rendering import Definition, mark_up
from content.search.folding import WORD, fold

NEAR = 0.75  # of difflib's ratio: one wrong letter in four, two in eight
SHORTEST = 4  # letters of a word that is corrected


@dataclass(frozen=True)
class Passage:
    """A page's lead or one of its sections, or a word of the glossary."""

    owner: str  # "page/SLUG" or "term/KEY"
    title: str
    anchor: str  # the id of the heading; empty for the lead
    heading: str
    text: str

    @cached_property
    def folded(self) -> dict[str, str]:
        return {"title": fold(self.title), "heading": fold(self.heading), "text": fold(self.text)}


@dataclass(frozen=True)
class Library:
    passages: tuple[Passage, ...]
    terms: dict[str, Definition]  # by their keys

    @cached_property
    def vocabulary(self) -> dict[str, str]:
        """Each folded word that is long enough, with the form in which the site writes it most often."""
        forms = Counter(
            word.lower()
            for passage in self.passages
            for part in (passage.title, passage.heading, passage.text)
            for word in WORD.findall(part)
            if len(word) >= SHORTEST and word.isalpha()
        )
        return {fold(form): form for form, _ in reversed(forms.most_common())}

    def nearest(self, word: str) -> str | None:
        """The word of the site that is written most alike, if any is; a number has none."""
        if len(word) < SHORTEST or not word.isalpha():
            return None
        found = get_close_matches(word, self.vocabulary, n=1, cutoff=NEAR)
        return self.vocabulary[found[0]] if found else None


def library(language: str) -> Library:
    """The library of what is published now; it is made anew only when that has changed."""
    live = Edition.objects.live().filter(page__language=language).order_by("pk").values_list("pk", "page__slug")
    terms = Term.objects.filter(language=language).aggregate(count=Count("pk"), newest=Max("updated_at"))
    return _library(language, tuple(live), (terms["count"], terms["newest"]))


@lru_cache(maxsize=8)
def _library(language: str, live: tuple[tuple[int, str], ...], terms: tuple[object, ...]) -> Library:
    editions = Edition.objects.filter(pk__in=[pk for pk, _ in live]).select_related("page").order_by("order", "pk")
    words = [term.defined for term in Term.objects.filter(language=language).order_by("key")]
    passages = [passage for edition in editions for passage in _passages(edition)]
    return Library((*passages, *map(_entry, words)), {word.key: word for word in words})


def _passages(edition: Edition) -> Iterator[Passage]:
    owner, title = f"page/{edition.slug}", edition.title
    anchor, heading, lines = "", "", [markdown.plain(markdown.inline_tokens_of(edition.summary))]
    tokens = markdown.tokens_of(edition.body)
    mark_up(tokens)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            yield _passage(owner, title, anchor, heading, lines)
            anchor, heading, lines = str(token.attrs["id"]), markdown.plain(tokens[at + 1].children or []), []
        elif token.type == "inline" and tokens[at - 1].type != "heading_open":
            lines.append(markdown.plain(token.children or []))
    yield _passage(owner, title, anchor, heading, lines)


def _passage(owner: str, title: str, anchor: str, heading: str, lines: list[str]) -> Passage:
    title, heading, text = (
        unicodedata.normalize("NFC", part) for part in (title, heading, " ".join(map(_ended, filter(None, lines))))
    )
    return Passage(owner, title, anchor, heading, text)


def _ended(line: str) -> str:
    """A cell or an item that is no sentence is told from the one after it."""
    return line if line.endswith((".", "?", "!", ":")) else f"{line};"


def _entry(word: Definition) -> Passage:
    return Passage(f"term/{word.key}", f"{word.name} {word.forms}", "", "", word.definition)
