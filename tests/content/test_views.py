import gzip
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from clinic.models import ClinicProfile, User
from content.models import Page
from tests.content.factories import make_page, make_source, make_term
from tests.content.markup import Markup

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pages() -> None:
    make_source("FAVA", note="Read on paper.", mark="V2")
    make_source("SHORT", doi="", url="https://example.org/a?b=1&c=2")
    make_term("placebo")
    make_page("home", title="Welcome", menu_title="Home", order=1, summary="Short.", body="Nothing medical.")
    make_page(
        order=2,
        summary="There are two [@FAVA].",
        body="## Racemic\n\nA [[placebo]] mix [@FAVA; @SHORT].\n\n## More\n\nText.",
    )
    make_page("get-help-now", title="Get help now", order=3, body="## Why\n\nText.")
    make_page("notes", title="Unfinished", order=4, published=False)


def test_a_published_page_is_shown_at_its_address(client):
    response = client.get("/types/")

    assert response.status_code == 200
    assert [heading.text for heading in Markup(response.text).all("h1")] == ["Types of ketamine"]


def test_the_home_page_is_the_root_and_has_no_second_address(client):
    assert [heading.text for heading in Markup(client.get("/").text).all("h1")] == ["Welcome"]
    assert client.get("/home/").status_code == 404


@pytest.mark.parametrize("path", ["/notes/", "/no-such-page/", "/TYPES/", "/types/more/"])
def test_a_draft_and_an_unknown_address_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_a_page_of_another_language_is_not_shown(client):
    Page.objects.filter(slug="types").update(language="es")

    assert client.get("/types/").status_code == 404


@pytest.mark.parametrize("path", ["/", "/types/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_page_takes_nothing(client, method, path):
    response = getattr(client, method)(path)

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"


def test_head_answers_without_a_body(client):
    response = client.head("/types/")

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("path", ["/", "/types/", "/get-help-now/"])
def test_anyone_may_keep_a_page_and_nobody_gets_a_cookie(client, path):
    response = client.get(path)

    assert response["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


def test_a_page_is_the_same_for_staff_who_are_signed_in(client):
    anonymous = client.get("/types/").content
    client.force_login(User.objects.create_user("staff@example.org", is_staff=True))

    response = client.get("/types/")

    assert response.content == anonymous
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


def test_a_page_that_has_not_changed_is_not_sent_again(client):
    etag = client.get("/types/")["ETag"]

    response = client.get("/types/", headers={"If-None-Match": etag})

    assert (response.status_code, response.content) == (304, b"")
    assert response["Cache-Control"] == "public, max-age=300"


def test_a_page_is_sent_compressed_to_whoever_can_read_that(client):
    plain = client.get("/types/")
    small = client.get("/types/", headers={"Accept-Encoding": "gzip"})

    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    again = {"Accept-Encoding": "gzip", "If-None-Match": small["ETag"]}
    assert client.get("/types/", headers=again).status_code == 304


def test_a_changed_crisis_line_is_a_changed_page(client):
    etag = client.get("/get-help-now/")["ETag"]
    ClinicProfile.load().crisis_lines.filter(call="911").update(label="In danger")

    assert client.get("/get-help-now/", headers={"If-None-Match": etag}).status_code == 200


def test_every_page_costs_the_same_queries(client, django_assert_num_queries):
    for path in ("/", "/types/", "/get-help-now/"):
        with django_assert_num_queries(4):  # the page with its sources, all pages; the profile, its crisis lines
            client.get(path)


def test_the_menu_lists_the_published_pages_in_order(client):
    links = [(link.text, link["href"]) for nav in [Markup(client.get("/").text)] for link in nav.all("a")]

    menu = [link for link in links if link[1] in ("/", "/types/", "/notes/")]
    assert list(dict.fromkeys(menu))[-2:] == [("Home", "/"), ("Types of ketamine", "/types/")]


def test_a_link_leads_to_the_source_and_back(client):
    markup = Markup(client.get("/types/").text)

    by_id = {element["id"]: element for element in markup.elements if element["id"]}
    for link in markup.all("a"):
        if (link["href"] or "").startswith("#"):
            assert link["href"][1:] in by_id
    assert "Back to the text: Source 1, place 1 Source 1, place 2" in by_id["source-1"].text
    assert by_id["source-1"].text.startswith("Fava M, et al. Title of FAVA. Mol Psychiatry. https://doi.org/10.1038/")
    assert "Read on paper. Read in a summary, not in the original." in by_id["source-1"].text


def test_a_word_leads_to_its_definition_and_back(client):
    markup = Markup(client.get("/types/").text)

    by_id = {element["id"]: element for element in markup.elements if element["id"]}
    word = by_id["use-placebo"]
    assert (word.text, word["href"]) == ("placebo", "#term-placebo")
    assert by_id["term-placebo"].text == "placebo What placebo means. Back to the text"
    assert "#use-placebo" in [link["href"] for link in markup.all("a")]


def test_only_sources_and_crisis_chats_lead_off_the_site(client, settings):
    chats = set(ClinicProfile.load().crisis_lines.exclude(chat_url="").values_list("chat_url", flat=True))
    elements = Markup(client.get("/types/").text).elements + Markup(client.get("/get-help-now/").text).elements

    outside = {
        address
        for element in elements
        for address in (element["href"], element["src"])
        if address and "//" in address and not address.startswith(("http://testserver/", settings.SITE_URL))
    }
    assert outside - chats == {"https://doi.org/10.1038/s41380-018-0256-5", "https://example.org/a?b=1&c=2"}


def test_a_source_opens_without_a_handle_on_our_page(client):
    links = [link for link in Markup(client.get("/types/").text).all("a") if "doi.org" in (link["href"] or "")]

    assert [link["rel"] for link in links] == ["noopener"]


def test_the_contents_list_the_sections(client):
    contents = [link.text for link in Markup(client.get("/types/").text).all("a") if "#section" in (link["href"] or "")]

    assert contents == ["Racemic", "More"]


def test_the_description_for_search_engines_is_the_summary(client):
    metas = [
        meta["content"] for meta in Markup(client.get("/types/").text).all("meta") if meta["name"] == "description"
    ]

    assert metas == ["There are two."]


def test_a_page_says_that_it_awaits_review_until_it_is_reviewed(client):
    waiting = client.get("/types/").text
    Page.objects.get(slug="types").mark_reviewed(
        by=User.objects.create_user("doctor@example.org", first_name="Ada", last_name="Brook")
    )

    reviewed = Markup(client.get("/types/").text).all("main")[0].text

    assert "Awaiting clinical review." in waiting
    assert "Awaiting" not in reviewed
    assert "by Ada Brook. Next review due on" in reviewed
    assert str(timezone.localdate().year + 1) in reviewed
    assert "doctor@example.org" not in reviewed


def test_the_foot_says_what_the_page_is_not_and_who_wrote_it(client):
    foot = Markup(client.get("/types/").text).all("main")[0].text

    assert "It is not a substitute for medical advice" in foot
    assert "It was written by the clinic that offers this treatment." in foot
    assert "off-label" in foot


def test_get_help_now_shows_every_crisis_line_in_full(client):
    main = Markup(client.get("/get-help-now/").text).all("main")[0].text

    for line in ClinicProfile.load().crisis_lines.all():
        for part in (line.label, line.call, line.call_note, line.text_to, line.text_word):
            assert part in main


def test_home_leads_to_the_contact_form_and_the_screening(client):
    links = [link["href"] for link in Markup(client.get("/").text).all("a")]

    assert {reverse("intake:contact"), reverse("intake:screening")} <= set(links)


def test_the_sitemap_lists_published_pages_and_forms_under_the_address_of_the_site(client, settings):
    settings.SITE_URL = "https://www.example.org"
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]

    response = client.get("/sitemap.xml")

    assert response["Content-Type"] == "application/xml; charset=utf-8"
    assert sorted(location.text for location in Markup(response.text).all("loc")) == [
        "https://www.example.org/",
        "https://www.example.org/contact/",
        "https://www.example.org/es/contact/",
        "https://www.example.org/es/screening/",
        "https://www.example.org/get-help-now/",
        "https://www.example.org/screening/",
        "https://www.example.org/types/",
    ]


@pytest.mark.parametrize(("days", "told"), [(0, False), (30, False), (31, True)])
def test_readers_are_told_of_an_overdue_review_after_the_days_of_grace(client, days, told):
    page = Page.objects.get(slug="types")
    page.mark_reviewed(by=User.objects.create_user("doctor@example.org", first_name="Ada", last_name="Brook"))
    due = timezone.localdate() - timedelta(days=days)
    page.reviews.update(reviewed_on=due - timedelta(days=365), next_review_on=due)

    text = Markup(client.get("/types/").text).all("main")[0].text

    assert text.count(f"This page's review has been overdue since {date_format(due)}.") == 2 * told
    assert text.count(f"Next review due on {date_format(due)}.") == 2 * (not told)


def test_the_days_of_grace_are_those_of_the_clinic(client):
    ClinicProfile.objects.update(review_grace_days=0)
    page = Page.objects.get(slug="types")
    page.mark_reviewed(by=User.objects.create_user("doctor@example.org", first_name="Ada", last_name="Brook"))
    due = timezone.localdate() - timedelta(days=1)
    page.reviews.update(reviewed_on=due - timedelta(days=365), next_review_on=due)

    assert "overdue since" in client.get("/types/").text


def test_a_page_that_nobody_signed_says_so_however_old_an_earlier_review_is(client):
    page = Page.objects.get(slug="types")
    page.mark_reviewed(by=User.objects.create_user("doctor@example.org", first_name="Ada", last_name="Brook"))
    page.body = "Another text."
    page.save_edit()
    page.publish()

    text = Markup(client.get("/types/").text).all("main")[0].text

    assert text.count("Awaiting clinical review.") == 2
    assert "overdue" not in text
