"""The start texts are short, plain, fair to both sides, and free of advertising talk."""

import re

import pytest

from content import markdown
from tests.content.phrases import BLOCKED, blocked
from tests.content.reading import is_readable, score
from tests.content.texts import (
    LANGUAGES,
    TEXTS,
    Block,
    blocks,
    blocks_of,
    each_page,
    sections,
    sentences,
    text_of,
)

OF_ANY_LENGTH = {"home", "glossary"}

# Trials and reports of an effect, and trials that found none: a page that cites one of the first speaks of effect.
OF_EFFECT = {"PHILLIPS", "ELEKT-D", "EPOC", "ESCAPE", "WILKINSON"}
WITHOUT_EFFECT = {"KARMA2", "LII"}
ALL_ABOUT_RISKS = "side-effects"  # its benefit is told, but not at the same length

BENEFIT = {"en": r"\bbenefits?\b", "es": r"\bbeneficios?\b"}
RISK = {"en": r"\brisks?\b", "es": r"\briesgos?\b"}
OFF_LABEL = {"en": r"\boff-label\b", "es": r"\bfuera de lo aprobado\b"}

BRITISH = re.compile(
    r"\b\w*(?:anaesth|colour|behaviour|favour|randomis|recognis|organis|analys(?:e|ed|es)\b|centre|programme\b|licence"
    r"|paediatric|oedema|haem|labelled)\w*",
    re.IGNORECASE,
)

of_effect = [page for page in sorted(TEXTS) if OF_EFFECT & {*markdown.cited_keys(TEXTS[page]["body"])}]
each_page_of_effect = pytest.mark.parametrize("page", of_effect, ids="/".join)


def length(found: list[Block]) -> int:
    """Words of text, lists and tables; headings do not count."""
    return sum(len(block.words.split()) for block in found if block.kind != "heading")


def weights(body: str, language: str) -> tuple[int, int]:
    """How many words the sections on the benefit and those on the risks have."""
    benefit, risk = (
        sum(len(words.split()) for heading, words in sections(body) if re.search(named[language], heading.lower()))
        for named in (BENEFIT, RISK)
    )
    return benefit, risk


def is_balanced(benefit: int, risk: int) -> bool:
    """Both are there, and the shorter has at least two thirds of the words of the longer."""
    return min(benefit, risk) * 3 >= max(benefit, risk) * 2 > 0


@each_page
def test_a_summary_is_three_sentences(page):
    summary = " ".join(block.words for block in blocks(TEXTS[page]["summary"]))

    assert len(sentences(summary)) == 3


@each_page
def test_a_page_has_600_to_1200_words(page):
    if page[1] not in OF_ANY_LENGTH:
        assert 600 <= length(blocks_of(TEXTS[page])) <= 1200


def test_the_length_counts_lists_and_tables_but_no_headings_marks_sources_or_figures():
    text = "## Not this\n\nOne [[two]]. [@A]\n\n- three\n\n| four | five |\n|---|---|\n| six | seven |\n\n[figure: day]"

    assert length(list(blocks(text))) == 7


@each_page
def test_a_page_can_be_read_after_eight_years_of_school(page):
    text = text_of(TEXTS[page])

    assert is_readable(text, page[0]), score(text, page[0])


@each_page
def test_no_section_alone_is_much_harder_to_read_than_a_page_may_be(page):
    """So that an easy half of a page does not hide a hard one."""
    long_enough = {heading: words for heading, words in sections(TEXTS[page]["body"]) if len(words.split()) > 40}

    assert [heading for heading, words in long_enough.items() if not is_readable(words, page[0], leeway=2)] == []


def test_the_measure_notices_hard_text():
    english = (
        "Subanesthetic administration of ketamine has demonstrated rapid antidepressant efficacy in randomized "
        "investigations, notwithstanding considerable methodological limitations regarding functional unblinding."
    )
    spanish = (
        "La administración subanestésica de ketamina ha demostrado eficacia antidepresiva en investigaciones "
        "aleatorizadas, no obstante considerables limitaciones metodológicas relativas al desenmascaramiento funcional."
    )

    assert not is_readable(english, "en")
    assert not is_readable(spanish, "es")


def test_the_measure_passes_plain_text():
    assert is_readable("You can stop at any time.\nAsk what you want to know", "en")
    assert is_readable(
        "Usted puede parar en todo momento. El personal se queda con usted.\nPregunte lo que quiera", "es"
    )


def test_the_measure_takes_each_line_for_a_sentence_and_no_number_for_an_end():
    one, two = "Staff check your blood pressure and your pulse", "You go home with someone whom you know well"

    assert score(f"{one}\n{two}", "en") == score(f"{one}. {two}.", "en")
    assert score("In 7.6 of the people it came back again", "en") == score(
        "In 76 of the people it came back again", "en"
    )


@each_page
def test_no_page_holds_advertising_talk(page):
    lines = [TEXTS[page]["title"], *text_of(TEXTS[page]).splitlines()]

    assert {
        sentence: found for line in lines for sentence in sentences(line) if (found := blocked(sentence, page[0]))
    } == {}


def test_the_phrase_check_notices_advertising_talk_and_leaves_other_words_alone():
    assert blocked("A safe, rapid and easy cure, FDA-approved.", "en") == ["safe", "easy", "cures?", "FDA.approved"]
    assert blocked("This changed my life: act now, you deserve it!", "en") == [
        "you deserve",
        "act now",
        "changed my life",
    ]
    assert blocked("Safety comes first: Spravato is FDA-approved; the unsafe is not.", "en") == []


def test_the_phrase_check_knows_spanish():
    assert blocked("La ketamina es segura y fácil, sin riesgos.", "es") == [
        "(?:es|son|totalmente|completamente|muy) segur[oa]s?",
        "fácil(?:es)?",
        "sin riesgos?",
    ]
    assert blocked("Su seguro médico quizá no la pague. Spravato está aprobado por la FDA.", "es") == []


def test_each_language_has_its_list_of_phrases():
    assert set(LANGUAGES) <= set(BLOCKED)


@each_page
def test_english_pages_are_in_american_spelling(page):
    if page[0] == "en":
        assert BRITISH.findall(text_of(TEXTS[page])) == []


def test_the_pages_that_speak_of_effect_are_found():
    """The rules below would hold for nothing if the sources were renamed."""
    assert {slug for language, slug in of_effect if language == "en"} == {
        "home",
        "why-ketamine",
        "types",
        "mechanism",
        "side-effects",
        "notes",
        "your-visit",
    }


@each_page_of_effect
def test_benefit_and_risks_have_sections_of_like_length(page):
    benefit, risk = weights(TEXTS[page]["body"], page[0])

    if page[1] == ALL_ABOUT_RISKS:
        assert benefit > 40
    else:
        assert is_balanced(benefit, risk), (benefit, risk)


@each_page_of_effect
def test_a_page_that_speaks_of_effect_says_that_the_use_is_off_label(page):
    assert re.search(OFF_LABEL[page[0]], text_of(TEXTS[page]), re.IGNORECASE)


@each_page_of_effect
def test_a_page_that_speaks_of_effect_tells_of_both_trials_that_found_none(page):
    assert set(markdown.cited_keys(TEXTS[page]["body"])) >= WITHOUT_EFFECT


def test_the_balance_notices_a_side_that_is_missing_or_short():
    gain, harm = "Some people feel better within days. " * 4, "It can be misused. " * 2
    lopsided = f"## What can be the benefit?\n\n{gain}\n\n## What are the risks?\n\n{harm}"

    assert weights(lopsided, "en") == (24, 8)
    assert [is_balanced(24, 8), is_balanced(24, 0), is_balanced(0, 0), is_balanced(24, 16)] == [
        False,
        False,
        False,
        True,
    ]


@each_page
def test_headings_of_sections_are_questions(page):
    assert [heading for heading, _ in sections(TEXTS[page]["body"]) if not heading.endswith("?")] == []
