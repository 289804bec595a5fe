"""The search over the pages and the glossary, and what it does for somebody who may need help now."""

import pytest

from content.models import Page, Term
from content.search import calls_for_help, search
from content.search.folding import fold, words
from content.search.library import library
from content.search.snippets import LENGTH, snippet
from tests.content.factories import make_page, make_source, make_term
from tests.content.markup import Markup

MARKER = "MARTAQUILL"
HELP_TITLE = "If you need someone now"

pytestmark = pytest.mark.django_db


def page(client, query: str, prefix: str = "", status: int = 200) -> Markup:
    response = client.get(f"{prefix}/search/", {"q": query})
    assert response.status_code == status
    return Markup(response.text)


def said(markup: Markup) -> str:
    return next((element.text for element in markup.elements if element["role"] == "status"), "")


def found(query: str, language: str = "en") -> list[str]:
    return [result.slug for result in search(query, language).results]


def main(markup: Markup) -> str:
    return markup.all("main")[0].text


@pytest.fixture
def infusion() -> Page:
    return make_page(
        "your-visit",
        title="Your visit",
        summary="You stay for some hours.",
        body="## Arrival\n\nWe greet you.\n\n## The ketamine infusion\n\nIt runs for *40* minutes.",
    )


@pytest.fixture
def spanish(settings):
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]


def test_a_result_names_the_section_links_to_it_and_marks_the_words(client, infusion):
    result = next(element for element in page(client, "minutes").elements if element["class"] == "results__entry")
    link = next(element for element in page(client, "minutes").all("a") if element["class"] == "results__link")

    assert result.text == "Your visit , section The ketamine infusion It runs for 40 minutes.".replace(" ,", ",")
    assert link["href"] == "/your-visit/#section-the-ketamine-infusion"
    assert [mark.text for mark in page(client, "minute").all("mark")] == ["minutes"]


def test_every_section_that_is_linked_to_is_on_its_page(client, infusion):
    make_page("notes", body="## Same\n\nWord one.\n\n## Same\n\n### Below\n\nWord two.\n\n## Éxito (IV)\n\nWord three.")

    for passage in library("en").passages:
        slug = passage.owner.removeprefix("page/")
        ids = {element["id"] for element in Markup(client.get(f"/{slug}/").text).elements}
        assert not passage.anchor or passage.anchor in ids


def test_a_word_in_the_title_counts_more_than_one_in_a_heading_and_that_more_than_one_in_the_text():
    make_page("one", title="First", body="## Part\n\nSomething about bladder care, and much more text beside it.")
    make_page("two", title="Second", body="## The bladder\n\nSome text.")
    make_page("three", title="Bladder", body="## Part\n\nSome text.")

    assert found("bladder") == ["three", "two", "one"]


def test_words_may_stand_in_different_sections_and_in_another_form(infusion):
    assert found("infusions greeting") == ["your-visit"]


@pytest.mark.parametrize("query", ["placebo", "PLACEBO", "  placebo?"])
def test_a_word_of_the_glossary_is_explained_before_the_pages(client, query):
    make_term("placebo", definition="A treatment without a medicine.")
    make_page(body="## Racemic\n\nBetter than placebo.")

    text = main(page(client, query))

    assert text.index("A treatment without a medicine.") < text.index("Better than placebo.")


def test_a_word_that_only_stands_in_a_definition_is_told_after_the_pages(client):
    make_term("placebo", definition="A treatment without a medicine.")
    make_page(body="## Racemic\n\nA medicine.")

    text = main(page(client, "medicine"))

    assert text.index("Types of ketamine") < text.index("A treatment without a medicine.")


def test_a_misspelt_query_is_answered_for_the_nearest_words_and_says_so(client, infusion):
    assert said(page(client, "ketamin infuson")) == (
        "Nothing found for “ketamin infuson”. Showing results for “ketamine infusion”."
    )
    assert found("ketamin infuson") == ["your-visit"]


def test_what_the_site_knows_is_not_corrected(infusion):
    make_page("notes", body="## Staying\n\nMinuets are danced.")

    assert search("infusions minutes", "en").corrected == ""
    assert found("minuets") == ["notes"]


def test_drafts_older_editions_and_withdrawn_pages_are_not_found_nor_suggested(client, infusion):
    make_page("notes", body="Zebrafish.", published=False)
    infusion.body = "Zebrafish."
    infusion.save()
    assert found("zebrafish") == []

    infusion.publish()
    assert (found("zebrafish"), found("minutes")) == (["your-visit"], [])

    infusion.withdraw()
    assert "zebrafish" not in library("en").vocabulary
    assert found("zebrafish") == []


def test_an_edited_word_and_a_changed_address_show_at_once(infusion):
    make_term("placebo", definition="Old.")
    assert [term.definition for term in search("placebo", "en").terms] == ["Old."]

    term = Term.objects.get()
    term.definition = "New."
    term.save()
    infusion.slug = "the-visit"
    infusion.save()

    assert [term.definition for term in search("placebo", "en").terms] == ["New."]
    assert found("minutes") == ["the-visit"]


def test_where_no_page_has_all_the_words_those_with_most_are_shown_and_it_is_said(client, infusion):
    make_page("notes", body="Insurers pay for an infusion.")

    assert said(page(client, "xylophone insurers infusion minutes")) == (
        "Results for “xylophone insurers infusion minutes”. "
        "No page has all of these words. What follows has some of them."
    )
    assert found("insurers pay infusion minutes") == ["notes", "your-visit"]


def test_citations_marks_and_hidden_words_are_not_searched():
    make_source("FAVA")
    make_term("placebo")
    make_page(body="A [[placebo]] **bold** claim [@FAVA].")

    answer = search("bold claim", "en")

    assert answer.results[0].snippet == "There are two. A placebo <mark>bold</mark> <mark>claim</mark>."
    assert found("FAVA") == []


def test_what_a_page_or_a_visitor_writes_stays_text(client):
    make_page(body="Use <script>alert(1)</script> & <b>tags</b>.")

    response = client.get("/search/", {"q": "<script>alert(2)</script> tags"})

    assert "Use &lt;<mark>script</mark>&gt;" in response.text
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("query", ["", "   "])
def test_an_empty_search_shows_the_form_and_the_pages(client, query):
    make_page("types", order=1)

    markup = page(client, query)

    assert [field["name"] for field in markup.all("input")] == ["q"]
    assert "/types/" in [link["href"] for link in markup.all("a")]
    assert HELP_TITLE not in main(markup)


@pytest.mark.parametrize("query", ["the of", "?!", "zzzqqq", "' | & ! :*", "988 12.5", "\\"])
def test_what_is_not_found_leads_to_the_pages_to_people_and_to_help(client, query):
    make_page("types", order=1)

    markup = page(client, query)

    links = [link["href"] for link in markup.all("a")]
    assert f"Nothing found for “{query}”" in main(markup)
    assert {"/types/", "/contact/"} <= set(links)
    assert HELP_TITLE in main(markup)


def test_a_query_that_is_too_long_is_told_so_and_not_searched(client):
    markup = page(client, "a" * 201, status=422)

    field = markup.all("input")[0]
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "search-error")
    assert "Please search for less: 200 characters at most." in main(markup)
    assert "Nothing found" not in main(markup)


@pytest.mark.parametrize(
    "query",
    [
        "suicide",
        "sucide",
        "suiside thoughts",
        "SUICIDAL",
        "I want to kill myself",
        "kil my slef",
        "killing myself",
        "self-harm",
        "selfharm",
        "i dont want to live anymore",
        "I don’t want to live",
        "want too die",
        "end my life",
        "suicidio",
        "me quiero suicidar",
        "quiero morir",
        "autolesión",
        "hacerme daño",
        "quitarme la vida",
        "no quiero vivir",
        "matarme",
        "matarse",
    ],
)
def test_a_query_that_mentions_suicide_or_self_harm_brings_help_first(client, query):
    main_text = main(page(client, query))

    assert main_text.startswith(HELP_TITLE)
    assert main_text.count(HELP_TITLE) == 1


@pytest.mark.parametrize(
    "query",
    [
        "ketamine",
        "side effects",
        "outside",
        "decide",
        "how to help myself",
        "cost of treatment",
        "martes",
        "vivir",
        "dieta",
    ],
)
def test_other_queries_do_not_cry_wolf(query):
    assert not calls_for_help(query)


def test_nobody_who_writes_of_dying_is_corrected_or_told_that_there_is_nothing(client):
    make_page(order=1, body="What is left of it. You may want more.")

    text = main(page(client, "i want to kil my slef"))

    assert "left" not in text
    assert "Nothing found" not in text
    assert "Types of ketamine" in text


def test_help_comes_also_with_a_query_that_is_too_long(client):
    assert main(page(client, "kill myself " + "a" * 200, status=422)).startswith(HELP_TITLE)


def test_spanish_is_searched_in_spanish_with_and_without_accents(client, spanish):
    make_page("types", body="Infusion in English.")
    make_page(
        "types", language="es", title="Tipos", summary="Hay dos.", body="## Infusión\n\nLas infusiones, según él."
    )

    for query in ("infusión", "infusion", "INFUSIONES"):
        link = next(link for link in page(client, query, "/es").all("a") if link["class"] == "results__link")
        assert link["href"] == "/es/types/#section-infusion"
    assert [mark.text for mark in page(client, "infusion segun", "/es").all("mark")] == ["infusiones", "según"]
    assert search("infusoines", "es").corrected == "infusiones"


def test_an_answer_is_kept_by_nobody_sets_no_cookie_and_is_for_no_search_engine(client, infusion):
    response = client.get("/search/", {"q": "minutes"})

    robots = [meta["content"] for meta in Markup(response.text).all("meta") if meta["name"] == "robots"]
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert robots == ["noindex"]
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/search/", "/types/", "/nothing/"])
def test_no_query_is_in_the_log_at_any_level(client, log_lines, settings, path):
    client.raise_request_exception = False
    make_page()

    client.get(path, {"q": MARKER})
    client.get(path, {"q": MARKER * 30})
    client.get(path, {"q": f"{MARKER}\0"})
    client.post(f"{path}?q={MARKER}")

    assert len(log_lines()) >= 2
    assert MARKER.lower() not in "\n".join(log_lines()).lower()


def test_no_query_is_in_the_log_when_the_search_fails(client, log_lines, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("content.search.matching.MEANT", "SELECT %(words)s::text[]::integer[], %(configuration)s")

    response = client.get("/search/", {"q": MARKER})

    assert response.status_code == 500
    assert any('"ERROR"' in line for line in log_lines())
    assert MARKER.lower() not in "\n".join(log_lines()).lower()


def test_search_costs_the_same_queries_however_many_pages_there_are(client, django_assert_max_num_queries, infusion):
    library("en")
    for number in range(3):
        make_page(f"page-{number}", body=f"Infusion {number}.")
        with django_assert_max_num_queries(13):
            client.get("/search/", {"q": "ketamin infuson"})


def test_folding_keeps_the_length_and_leaves_letters_and_digits():
    text = "Über 0.5 mg/kg – según “él”, don’t. İß"

    assert len(fold(text)) == len(text)
    assert fold(text) == "uber 0.5 mg kg   segun  el   don t  i "[: len(text) - 1] + fold("ß")
    assert words("e\u0301l está") == ["el", "esta"]


def test_a_snippet_is_cut_between_words_around_the_most_marks():
    text = "one two three " * 40 + "the bladder and the bladder " + "four five six " * 40
    marked = text.replace("bladder", "<bladder>")

    result = snippet(text, marked)

    assert result.count("<mark>bladder</mark>") == 2
    assert result.startswith("… ")
    assert result.endswith(" …")
    assert len(result) < LENGTH + 60
