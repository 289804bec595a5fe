"""The start texts of all languages say the same, as far as sources, numbers, figures, links and terms can show it."""

import re
from collections import Counter

import pytest

from content import markdown
from tests.content.texts import (
    FIGURE,
    LANGUAGES,
    TERMS,
    TEXTS,
    Block,
    blocks,
    blocks_of,
    marked_words,
    terms_for,
)

FIRST, *OTHERS = sorted(LANGUAGES)  # English is the one that the others follow
TRANSLATED = sorted(page for page in TEXTS if page[0] in OTHERS)

# Crisis lines differ: in Spanish one presses 2, or writes to the line.
OF_CRISIS_LINES = re.compile(r"\b(?:988|911|oprima el 2)\b")

each_translation = pytest.mark.parametrize("page", TRANSLATED, ids="/".join)


def shape(found: list[Block]) -> list[tuple[str, tuple[str, ...]]]:
    """What each block is, and the sources that it cites, in order."""
    return [
        (block.level or block.kind, tuple(token.meta["key"] for token in block.tokens if token.type == "citation"))
        for block in found
    ]


def numbers(found: list[Block]) -> list[Counter[str]]:
    """The numbers of each block, without those of crisis lines; languages may order them differently."""
    return [Counter(re.findall(r"\d+(?:\.\d+)?", OF_CRISIS_LINES.sub("", block.words))) for block in found]


def addresses(body: str, language: str) -> list[str]:
    """Where the links lead, in order, without the language and the place on the page."""
    links = (str(token.attrs["href"]) for token in markdown.walk(markdown.tokens_of(body)) if token.type == "link_open")
    return [link.partition("#")[0].removeprefix(f"/{language}") for link in links]


def original(page: tuple[str, str]) -> dict[str, str]:
    return TEXTS[FIRST, page[1]]


def test_there_is_a_text_to_compare():
    assert (FIRST, OTHERS) == ("en", ["es"])
    assert TRANSLATED


def test_each_language_has_the_same_pages_and_terms():
    for language in OTHERS:
        assert {slug for of, slug in TEXTS if of == language} == {slug for of, slug in TEXTS if of == FIRST}
        assert {key for of, key in TERMS if of == language} == {key for of, key in TERMS if of == FIRST}


@each_translation
def test_a_translation_cites_the_same_sources_in_the_same_places(page):
    assert shape(blocks_of(TEXTS[page])) == shape(blocks_of(original(page)))


@each_translation
def test_a_translation_tells_the_same_numbers_in_each_paragraph(page):
    assert numbers(blocks_of(TEXTS[page])) == numbers(blocks_of(original(page)))


@each_translation
def test_a_translation_shows_the_same_figures_and_leads_to_the_same_pages(page):
    body, other = TEXTS[page]["body"], original(page)["body"]

    assert FIGURE.findall(body) == FIGURE.findall(other)
    assert addresses(body, page[0]) == addresses(other, FIRST)


@each_translation
def test_a_translation_explains_the_same_terms(page):
    found, expected = (
        sorted(key for word in marked_words(values) for key in terms_for(word, language))
        for language, values in ((page[0], TEXTS[page]), (FIRST, original(page)))
    )
    assert found == expected


@each_translation
def test_a_translation_has_the_same_place_in_the_menu_and_the_same_day_of_its_sources(page):
    found, expected = (
        [values[name] for name in ("order", "sources_checked")] for values in (TEXTS[page], original(page))
    )
    assert found == expected


def test_the_comparison_notices_what_is_lost_moved_or_changed():
    english = list(blocks("## How many?\n\nIn 41 people, 59 in 100. [@A; @B]\n\n- Call 988. [@C]"))
    same = list(blocks("## ¿Cuántas?\n\nDe 100, 59, en 41 personas. [@A; @B]\n\n- Llame al 988 y oprima el 2. [@C]"))
    lost = list(blocks("## ¿Cuántas?\n\nEn 41 personas, 59 de cada 100. [@A]\n\n- Llame al 988. [@C]"))
    moved = list(blocks("## ¿Cuántas?\n\nEn 41 personas, 59 de cada 100. [@B; @A]\n\n- Llame al 988. [@C]"))
    changed = list(blocks("## ¿Cuántas?\n\nEn 41 personas, 95 de cada 100. [@A; @B]\n\n- Llame al 988. [@C]"))

    assert (shape(same), numbers(same)) == (shape(english), numbers(english))
    assert shape(lost) != shape(english)
    assert shape(moved) != shape(english)
    assert shape(changed) == shape(english)
    assert numbers(changed) != numbers(english)
    assert addresses("[a](/es/types/#x) [b](/notes/)", "es") == ["/types/", "/notes/"]
