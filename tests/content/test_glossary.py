"""The words that the start texts explain, and the places where they mark them."""

import re

from tests.content.phrases import blocked
from tests.content.reading import is_readable
from tests.content.texts import TERMS, TEXTS, each_language, each_page, marked_words, sentences, terms_for


@each_page
def test_every_marked_word_is_of_one_term(page):
    assert [word for word in marked_words(TEXTS[page]) if len(terms_for(word, page[0])) != 1] == []


@each_page
def test_a_term_is_marked_once_on_a_page(page):
    keys = [key for word in marked_words(TEXTS[page]) for key in terms_for(word, page[0])]

    assert sorted(keys) == sorted(set(keys))


@each_page
def test_a_term_is_marked_where_it_first_stands(page):
    """No form of it stands unmarked before; headings, which cannot be marked, do not count."""
    text = TEXTS[page]["summary"] + "\n\n" + re.sub(r"^#.*$", "", TEXTS[page]["body"], flags=re.MULTILINE)
    text = re.sub(r"\[@[^\]]*\]|\]\([^)]*\)", "", text)

    late = []
    for word in marked_words(TEXTS[page]):
        forms = "|".join(map(re.escape, forms_beside(word, page[0])))
        if re.search(rf"(?<![\w-])(?:{forms})(?![\w-])", text[: text.index(f"[[{word}]]")], re.IGNORECASE):
            late.append(word)

    assert late == []


@each_language
def test_every_term_is_used(language):
    words = [word for page, values in TEXTS.items() if page[0] == language for word in marked_words(values)]

    assert {key for word in words for key in terms_for(word, language)} == {key for of, key in TERMS if of == language}


@each_language
def test_no_two_terms_share_a_form_and_forms_are_in_small_letters(language):
    forms = [form for (of, _), values in TERMS.items() if of == language for form in values["forms"].splitlines()]

    assert forms
    assert sorted(forms) == sorted(set(forms))
    assert [form for form in forms if form != form.lower().strip()] == []


@each_language
def test_a_definition_is_one_or_two_plain_sentences_without_figures(language):
    definitions = {key: values["definition"] for (of, key), values in TERMS.items() if of == language}

    assert {key: words for key, words in definitions.items() if len(sentences(words)) > 2} == {}
    assert {key: words for key, words in definitions.items() if re.search(r"\d|@", words)} == {}
    assert {key: found for key, words in definitions.items() if (found := blocked(words, language))} == {}
    assert is_readable("\n".join(definitions.values()), language)


def forms_beside(word: str, language: str) -> list[str]:
    """All forms of the term that a marked word stands for."""
    return [form for key in terms_for(word, language) for form in TERMS[language, key]["forms"].splitlines()]
