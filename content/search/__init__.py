"""Search over the live pages and the glossary. What somebody looks for is kept nowhere.

PostgreSQL stems the words and finds them; the texts are few enough to be read anew each time (docs/decisions.md).
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from content.models import HOME
from content.rendering import Definition
from content.search.crisis import calls_for_help
from content.search.folding import fold, words
from content.search.library import Library, library
from content.search.matching import Hit, marked, match, meant
from content.search.snippets import snippet

__all__ = ["Answer", "Result", "calls_for_help", "search"]


@dataclass(frozen=True, slots=True)
class Result:
    """A page, with the section that fits best."""

    slug: str
    title: str
    anchor: str  # the id of the section's heading; empty for the lead
    heading: str
    snippet: SafeString

    @property
    def url(self) -> str:
        page = reverse("content:home") if self.slug == HOME else reverse("content:page", args=[self.slug])
        return f"{page}#{self.anchor}" if self.anchor else page


@dataclass(frozen=True, slots=True)
class Answer:
    results: tuple[Result, ...] = ()
    terms: tuple[Definition, ...] = ()
    corrected: str = ""  # what was looked for instead, as the site writes it
    is_partial: bool = False  # no page has all the words
    is_word: bool = False  # the query is a word of the glossary: its definition comes first


def search(query: str, language: str, *, corrects: bool = True) -> Answer:
    """With `corrects`, a word that the site does not have becomes the one that is written most alike."""
    shelf = library(language)
    asked = words(query)
    queries = meant(asked, language)
    hits = match(shelf.passages, queries, language)
    corrected = ""
    if corrects and (unknown := queries.keys() - _known(hits)):
        better = _corrected(asked, unknown, queries, shelf)
        if better != asked:
            asked, corrected = [word for text in better for word in words(text)], " ".join(better)
            queries = meant(asked, language)
            hits = match(shelf.passages, queries, language)
    return _answer(" ".join(asked), corrected, hits, queries, language, shelf)


def _known(hits: Collection[Hit]) -> frozenset[str]:
    return frozenset[str]().union(*(hit.words for hit in hits))


def _corrected(asked: list[str], unknown: Collection[str], queries: Collection[str], shelf: Library) -> list[str]:
    """The query in words of the site. A word that it knows in part, such as “ketamin”, is only completed."""
    better = {}
    for word in queries:
        near = shelf.nearest(word) if word not in shelf.vocabulary else None
        if near and (word in unknown or fold(near).startswith(word)):
            better[word] = near
    return [better.get(word, word) for word in asked]


def _answer(
    asked: str, corrected: str, hits: list[Hit], queries: dict[str, str], language: str, shelf: Library
) -> Answer:
    owners = dict.fromkeys(hit.passage.owner for hit in hits)  # the best hit first
    held = {owner: _known([hit for hit in hits if hit.passage.owner == owner]) for owner in owners}
    whole = [owner for owner in owners if held[owner] == queries.keys()]
    found = whole or _fullest(held)
    best = {owner: max((hit for hit in hits if hit.passage.owner == owner), key=_fit) for owner in found}
    pages = [hit for owner, hit in best.items() if owner.startswith("page/")]
    terms = [shelf.terms[owner.removeprefix("term/")] for owner in found if owner.startswith("term/")]
    exact = [term for term in terms if asked in _names(term)]
    return Answer(
        results=_results(pages, queries, language),
        terms=(*exact, *(term for term in terms if term not in exact)),
        corrected=corrected if found else "",
        is_partial=bool(found) and not whole,
        is_word=bool(exact),
    )


def _fullest(held: dict[str, frozenset[str]]) -> list[str]:
    """Where no page has all the words: those with at least half as many as the one with most, that one first."""
    most = max(map(len, held.values()), default=0)
    return sorted((owner for owner in held if 2 * len(held[owner]) >= most), key=lambda owner: -len(held[owner]))


def _fit(hit: Hit) -> tuple[int, float]:
    return len(hit.words), hit.rank


def _names(term: Definition) -> set[str]:
    return {" ".join(words(name)) for name in (term.name, *term.forms.splitlines())}


def _results(hits: list[Hit], queries: dict[str, str], language: str) -> tuple[Result, ...]:
    passages = [hit.passage for hit in hits]
    folded = marked([passage.text for passage in passages], queries, language) if passages else []
    return tuple(
        Result(
            passage.owner.removeprefix("page/"),
            passage.title,
            passage.anchor,
            passage.heading,
            snippet(passage.text, text),
        )
        for passage, text in zip(passages, folded, strict=True)
    )
