"""The pages with a template of their own: about, glossary, handout, and the one for an address without a page."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from clinic.models import ClinicProfile
from content.templatetags.found import in_part
from tests.content.factories import make_page, make_source, make_term
from tests.content.markup import Markup

pytestmark = pytest.mark.django_db

FACTS = {
    "address": "1 Main Street\nBrooklyn",
    "phone": "+17185550123",
    "email": "desk@example.org",
    "hours": "Monday to Friday",
    "reading_times": "on weekdays from 9 am to 5 pm",
}


def main(client, path: str) -> str:
    return Markup(client.get(path).text).all("main")[0].text


def shown_facts(client) -> dict[str, str]:
    markup = Markup(client.get("/about/").text)
    return dict(zip((name.text for name in markup.all("dt")), (fact.text for fact in markup.all("dd")), strict=True))


def ids(markup: Markup) -> list[str]:
    return [element["id"] for element in markup.elements if element["id"]]


def assert_whole(markup: Markup) -> None:
    """No id is given twice, every place linked to is there, and no heading skips a level."""
    assert len(ids(markup)) == len(set(ids(markup)))
    places = {link["href"][1:] for link in markup.all("a") if (link["href"] or "").startswith("#")}
    assert places <= set(ids(markup))
    levels = [int(heading.tag[1]) for heading in markup.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert [below for above, below in pairwise(levels) if below > above + 1] == []


def test_about_shows_what_the_clinic_said_and_leaves_out_what_is_empty(client):
    make_page("about")

    assert shown_facts(client) == {"Clinic": "Park Slope Ketamine", "Physician": "David Salvage, M.D., FAPM"}

    ClinicProfile.objects.update(**FACTS)

    assert shown_facts(client) == {
        "Clinic": "Park Slope Ketamine",
        "Physician": "David Salvage, M.D., FAPM",
        "Address": "1 Main StreetBrooklyn",  # on two lines
        "Telephone": "+17185550123",
        "E-mail": "desk@example.org",
        "Opening hours": "Monday to Friday",
        "Forms": "Staff read forms on weekdays from 9 am to 5 pm.",
    }
    links = [link["href"] for link in Markup(client.get("/about/").text).all("a")]
    assert {"tel:+17185550123", "mailto:desk@example.org"} <= set(links)


def test_about_says_whether_the_clinic_confirmed_its_facts(client):
    make_page("about")
    assert "The clinic has not confirmed these details yet." in main(client, "/about/")

    ClinicProfile.objects.update(confirmed_on=date(2026, 11, 20))
    assert "Confirmed by the clinic on Nov. 20, 2026." in main(client, "/about/")


def test_the_glossary_lists_every_word_of_its_language_by_name(client, settings):
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]
    for name in ("Ketamine", "ECT", "éclair", "aneurysm"):
        make_term(name.lower().replace("é", "e"), name=name)
    make_term("placebo", language="es")
    make_page("glossary", body="## How\n\nAn [[ect]] and an [[aneurysm]].")

    markup = Markup(client.get("/glossary/").text)

    assert [term.text for term in markup.all("dt")] == ["aneurysm", "éclair", "ECT", "Ketamine"]
    assert {"term-ect", "term-aneurysm"} <= set(ids(markup))
    assert_whole(markup)
    assert not [element for element in markup.elements if (element["id"] or "").startswith("letter-")]


def test_a_long_glossary_has_links_to_its_letters(client):
    make_page("glossary")
    for number in range(19):
        make_term(f"a{number}")
    make_term("eclair", name="éclair")
    assert "#letter-e" not in client.get("/glossary/").text

    make_term("zebra")

    markup = Markup(client.get("/glossary/").text)
    assert [link["href"] for link in markup.all("a") if "letter" in (link["href"] or "")] == [
        "#letter-a",
        "#letter-e",
        "#letter-z",
    ]
    assert_whole(markup)


def handout_pages() -> None:
    make_source("FAVA")
    make_source("SHORT")
    make_term("placebo")
    make_page("home", title="Welcome", order=1, body="## Part\n\nText [@FAVA].")
    make_page(
        "types",
        order=2,
        summary="Two [@SHORT].",
        body="## Part\n\n[Up](#section-part), a [[placebo]] [@FAVA; @SHORT].\n\n### Below\n\n|A|B|\n|-|-|\n|1|2|",
    )
    make_page("privacy", title="Privacy", body="## Part\n\nA [[placebo]].")
    make_page("glossary", title="The glossary page")
    make_page("notes", title="A draft", published=False)


def test_the_handout_holds_every_live_page_in_the_order_of_the_menu_then_the_glossary(client):
    handout_pages()

    markup = Markup(client.get("/handout/").text)

    parts = [heading.text for heading in markup.all("h2") if (heading["id"] or "").startswith("part-")]
    assert parts == ["Welcome", "Types of ketamine", "Privacy", "Glossary"]
    contents = [link.text for link in markup.all("a") if (link["href"] or "").startswith("#part-")]
    assert contents == parts
    assert [heading.text for heading in markup.all("h1")] == ["Everything on paper"]
    assert "What placebo means." in main(client, "/handout/")


def test_the_parts_of_the_handout_keep_their_links_to_themselves(client):
    handout_pages()

    markup = Markup(client.get("/handout/").text)

    assert_whole(markup)
    by_id = {element["id"]: element for element in markup.elements if element["id"]}
    assert by_id["home-source-1"].text.startswith("Fava M, et al. Title of FAVA.")
    assert by_id["types-source-1"].text.startswith("Fava M, et al. Title of SHORT.")
    assert "#types-section-part" in [link["href"] for link in markup.all("a")]
    assert by_id["term-placebo"].text == "placebo What placebo means."


def test_the_handout_opens_with_crisis_lines_the_clinic_and_its_day(client):
    handout_pages()
    page = make_page("your-visit")
    page.editions.update(live_at=timezone.now() - timedelta(days=400))

    text = main(client, "/handout/")

    places = [text.index(word) for word in ("As of", "Life in danger now", "Clinic", "Contents", "Welcome")]
    assert places == sorted(places)
    assert str(timezone.localdate().year) in text[: places[1]]
    for line in ClinicProfile.load().crisis_lines.all():
        assert line.label in text
    assert "Awaiting clinical review." in text


def test_the_handout_costs_the_same_queries_for_any_number_of_pages(client, django_assert_num_queries):
    for number in range(3):
        make_page(f"page-{number}", order=number)
        with django_assert_num_queries(4):  # the pages with their sources and words, the menu, profile, crisis lines
            client.get("/handout/")


def test_the_handout_of_a_site_without_pages_is_no_failure(client):
    assert client.get("/handout/").status_code == 200


def test_each_language_has_its_own_handout_which_anyone_may_keep(client, settings):
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]
    make_page("types", language="es", title="Tipos")

    response = client.get("/es/handout/")

    assert "Tipos" in response.text
    assert "Tipos" not in client.get("/handout/").text
    assert response["Cache-Control"] == "public, max-age=300"
    assert not response.cookies


def test_a_part_gets_its_own_ids_in_drawings_too_and_words_stay_as_they_are():
    html = (
        '<h2 id="a">id="a" &lt;h2&gt;</h2><svg aria-labelledby="t d"><title id="t">T</title>'
        '<path marker-end="url(#arrow)"/><use href="#a"/></svg><a href="#term-x">x</a><a href="/types/#a">y</a>'
    )

    assert in_part(html, "p") == (
        '<h3 id="p-a">id="a" &lt;h2&gt;</h3><svg aria-labelledby="p-t p-d"><title id="p-t">T</title>'
        '<path marker-end="url(#p-arrow)"/><use href="#p-a"/></svg><a href="#term-x">x</a><a href="/types/#a">y</a>'
    )


def test_an_address_without_a_page_offers_the_search_and_the_pages(client):
    make_page("types", order=1)

    response = client.get("/nothing/")
    markup = Markup(response.text)

    assert response.status_code == 404
    assert [form["action"] for form in markup.all("form")] == ["/search/"]
    assert "/types/" in [link["href"] for link in markup.all("a")]


@pytest.mark.parametrize("path", ["/search/", "/handout/", "/feed.xml"])
def test_every_page_leads_to_what_is_found_and_shared(client, path):
    make_page("types", order=1)

    assert path in [link["href"] for link in Markup(client.get("/types/").text).all("a")]


@pytest.mark.parametrize("path", ["/search/", "/handout/", "/feed.xml"])
@pytest.mark.parametrize("method", ["put", "delete"])
def test_they_take_nothing(client, path, method):
    assert getattr(client, method)(path).status_code == 405
    assert client.post(path)["Allow"] == "GET, HEAD"
