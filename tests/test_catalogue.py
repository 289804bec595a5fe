"""Nothing that a visitor reads is without its Spanish."""

import re

import polib
import pytest

from tests.catalogue import MO, catalogue, in_python, in_template, unmarked_words, visitors_templates

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\{?\s*\w+\s*\}?\}|%%")
templates = visitors_templates()


def test_every_text_of_the_code_and_the_templates_is_in_the_catalogue_and_no_other():
    wanted = {*in_python(), *(text for template in templates.values() for text in in_template(template))}
    entries = catalogue()

    found = {message for entry in entries for message in (entry.msgid, entry.msgid_plural) if message}

    assert {"missing": wanted - found, "superfluous": found - wanted} == {"missing": set(), "superfluous": set()}
    assert [entry.msgid for entry in entries.obsolete_entries()] == []


def test_every_entry_is_translated_by_a_person():
    entries = catalogue()

    assert [entry.msgid for entry in entries if not entry.translated()] == []
    assert [entry.msgid for entry in entries if entry.fuzzy] == []


def test_a_translation_has_the_placeholders_of_its_text():
    for entry in catalogue():
        for text in filter(None, (entry.msgstr, *entry.msgstr_plural.values())):
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(entry.msgid)), entry.msgid


def test_nobody_is_addressed_as_tu():
    informal = re.compile(r"\b(tú|tu|tus|te|ti|contigo|puedes|tienes|quieres|eres|estás)\b", re.I)

    assert [entry.msgstr for entry in catalogue() if informal.search(entry.msgstr)] == []


def test_the_compiled_catalogue_is_in_step_with_its_text():
    """`make messages` compiles it; it is kept with the code, because a machine may lack the tools of gettext."""
    compiled = {(e.msgid, e.msgid_plural): (e.msgstr, e.msgstr_plural) for e in polib.mofile(str(MO))}

    assert compiled == {(e.msgid, e.msgid_plural): (e.msgstr, e.msgstr_plural) for e in catalogue()}


@pytest.mark.parametrize("name", templates)
def test_a_template_shows_no_word_that_is_not_marked_for_translation(name):
    assert unmarked_words(templates[name]) == []


@pytest.mark.parametrize(
    "text", ["<p>Bare words</p>", '<a title="Bare words">0</a>', "{% if a %}Bare words{% endif %}"]
)
def test_the_search_for_unmarked_words_finds_them(text):
    assert unmarked_words(text) == ["Bare words"]
