"""What search engines, feed readers and shared links find."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from clinic.models import ClinicProfile, User
from content.models import Edition, Page
from tests.content.factories import make_page, make_source, make_term
from tests.content.markup import Markup

SITE = "https://www.example.org"
ATOM = "{http://www.w3.org/2005/Atom}"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


@pytest.fixture
def spanish(settings):
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]


def confirm(**facts: object) -> None:
    ClinicProfile.objects.update(confirmed_on=timezone.localdate(), **facts)


def head(client, path: str) -> Markup:
    html = client.get(path).text
    return Markup(html[: html.index("</head>")])


def canonical(client, path: str) -> list[str | None]:
    return [link["href"] for link in head(client, path).all("link") if link["rel"] == "canonical"]


def properties(client, path: str) -> dict[str, str | None]:
    metas = head(client, path).all("meta")
    return {meta["property"] or meta["name"] or "": meta["content"] for meta in metas}


def linked_data(client, path: str) -> list[dict]:
    [script] = [
        script for script in Markup(client.get(path).text).all("script") if script["type"] == "application/ld+json"
    ]
    return json.loads("".join(script.words))["@graph"]


def feed(client, path: str = "/feed.xml") -> ElementTree.Element:
    return ElementTree.fromstring(client.get(path).content)


@pytest.mark.parametrize("path", ["/", "/types/", "/contact/", "/screening/", "/handout/"])
def test_a_public_page_names_its_one_address_and_may_be_indexed(client, path):
    make_page("home")
    make_page("types")

    assert canonical(client, f"{path}?from=mail") == [f"{SITE}{path}"]
    assert "robots" not in properties(client, path)


@pytest.mark.parametrize("path", ["/search/", "/contact/sent/", "/screening/1/", "/screening/check/", "/nothing/"])
def test_steps_answers_and_errors_are_for_no_search_engine(client, path):
    assert properties(client, path)["robots"] == "noindex"
    assert canonical(client, path) == []


def test_a_shared_link_shows_title_summary_and_our_own_picture(client):
    make_source("FAVA")
    make_page("types", title='Types & "kinds"', summary="There are two [@FAVA].")

    found = properties(client, "/types/")

    assert {name: text for name, text in found.items() if name.startswith(("og:", "twitter:"))} == {
        "og:type": "article",
        "og:url": f"{SITE}/types/",
        "og:title": 'Types & "kinds"',
        "og:description": "There are two.",
        "og:locale": "en_US",
        "og:site_name": "Park Slope Ketamine",
        "og:image": f"{SITE}/static/img/og.png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Soft green hills under a low sun",
        "twitter:card": "summary_large_image",
    }


def test_the_picture_has_the_size_that_the_pages_say():
    with open(finders.find("img/og.png"), "rb") as file:
        header = file.read(24)

    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(header[at : at + 4]) for at in (16, 20)] == [1200, 630]


def test_a_medical_page_is_described_by_what_it_shows(client):
    make_source("FAVA")
    make_page("types", summary="There are two [@FAVA].")
    ClinicProfile.objects.update(phone="+17185550123")

    [page] = linked_data(client, "/types/")

    assert page.pop("dateModified") == Edition.objects.get().live_at.isoformat(timespec="seconds")
    assert page == {
        "@type": "MedicalWebPage",
        "url": f"{SITE}/types/",
        "name": "Types of ketamine",
        "description": "There are two.",
        "inLanguage": "en",
        "about": {"@type": "Drug", "name": "Ketamine"},
        "citation": [
            {
                "@type": "CreativeWork",
                "name": "Fava M, et al. Title of FAVA. Mol Psychiatry.",
                "url": "https://doi.org/10.1038/s41380-018-0256-5",
            }
        ],
    }


def test_a_page_without_a_medical_statement_claims_none(client):
    make_page("privacy", title="Privacy")

    assert [node["@type"] for node in linked_data(client, "/privacy/")] == ["WebPage"]


def test_a_review_is_named_only_once_it_took_place_and_for_that_very_text(client):
    page = make_page("types")
    page.mark_reviewed(by=User.objects.create_user("d@example.org", first_name="Ada", last_name="Brook"))

    [found] = linked_data(client, "/types/")
    assert found["reviewedBy"] == {"@type": "Person", "name": "Ada Brook"}
    assert found["lastReviewed"] == timezone.localdate().isoformat()

    page.body = "Other."
    page.save()
    page.publish(reason="Urgent.")
    assert not linked_data(client, "/types/")[0].keys() & {"reviewedBy", "lastReviewed"}


@pytest.mark.parametrize("path", ["/", "/about/"])
def test_the_clinic_is_described_only_when_it_has_confirmed_its_facts_and_only_by_them(client, path):
    make_page("home")
    make_page("about")
    make_page("types")
    assert [node["@type"] for node in linked_data(client, path)] == ["WebPage"]

    confirm(phone="+17185550123", address="1 Main Street\nBrooklyn")

    page, clinic, physician = linked_data(client, path)
    assert page["publisher"] == {"@type": "Organization", "name": "Park Slope Ketamine", "url": f"{SITE}/"}
    assert clinic == {
        "@type": "MedicalClinic",
        "@id": f"{SITE}/#clinic",
        "name": "Park Slope Ketamine",
        "url": f"{SITE}/",
        "telephone": "+17185550123",
        "address": "1 Main Street Brooklyn",
    }
    assert physician == {
        "@type": "Physician",
        "name": "David Salvage, M.D., FAPM",
        "parentOrganization": {"@id": f"{SITE}/#clinic"},
    }
    assert [node["@type"] for node in linked_data(client, "/types/")] == ["WebPage"]


def test_nothing_that_staff_write_ends_the_script_element(client):
    make_page("home", title="</script><script>alert(1)</script> & <!--")

    assert linked_data(client, "/")[0]["name"] == "</script><script>alert(1)</script> & <!--"
    assert "<script>alert" not in client.get("/").text


def test_the_feed_tells_of_each_publication_the_newest_first(client):
    make_source("FAVA")
    page = make_page("types", summary="There *are* two [@FAVA].")
    page.editions.update(live_at=timezone.now() - timedelta(days=2))
    page.title = "Kinds"
    page.save()
    page.publish()
    make_page("notes", published=False)
    make_page("your-visit").withdraw()
    make_page("privacy", published=False).publish(at=timezone.now() + timedelta(days=1))

    response = client.get("/feed.xml")
    entries = feed(client).findall(f"{ATOM}entry")

    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=300"
    assert not response.cookies
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Kinds", "Types of ketamine"]
    assert [entry.findtext(f"{ATOM}summary") for entry in entries] == ["There are two."] * 2
    assert [entry.find(f"{ATOM}link").get("href") for entry in entries] == [f"{SITE}/types/"] * 2
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 2
    assert entries[0].findtext(f"{ATOM}updated") > entries[1].findtext(f"{ATOM}updated")


def test_the_feed_names_the_clinic_and_nobody_who_works_on_the_pages(client):
    user = User.objects.create_user("editor@example.org", first_name="Mia", last_name="Stone")
    make_page("types", published=False).publish(by=user, reason="First.")

    text = client.get("/feed.xml").text

    assert feed(client).findtext(f"{ATOM}author/{ATOM}name") == "Park Slope Ketamine"
    assert not any(word in text for word in ("editor@", "Mia", "Stone", "First."))


def test_the_feed_is_short_and_each_language_has_its_own(client, spanish):
    for number in range(21):
        make_page(f"page-{number}")
    make_page("types", language="es", title="Tipos")

    assert len(feed(client).findall(f"{ATOM}entry")) == 20
    assert [entry.findtext(f"{ATOM}title") for entry in feed(client, "/es/feed.xml").findall(f"{ATOM}entry")] == [
        "Tipos"
    ]
    links = {link.get("rel"): link.get("href") for link in feed(client, "/es/feed.xml").findall(f"{ATOM}link")}
    assert links == {"alternate": f"{SITE}/es/", "self": f"{SITE}/es/feed.xml"}


def test_pages_lead_to_the_feed_of_their_language(client, spanish):
    make_page("types")
    make_page("types", language="es")

    for prefix in ("", "/es"):
        links = [
            link["href"] for link in head(client, f"{prefix}/types/").all("link") if "atom" in (link["type"] or "")
        ]
        assert links == [f"{prefix}/feed.xml"]
        assert f"{prefix}/feed.xml" in [link["href"] for link in Markup(client.get(f"{prefix}/types/").text).all("a")]


def test_the_sitemap_names_each_page_in_the_languages_that_have_it(client, spanish):
    make_page("types")
    make_page("types", language="es")
    make_page("notes")

    urls = ElementTree.fromstring(client.get("/sitemap.xml").content)
    found = {
        url[0].text: [(link.get("hreflang"), link.get("href")) for link in url if link.tag.endswith("link")]
        for url in urls
    }

    both = [("en", f"{SITE}/types/"), ("es", f"{SITE}/es/types/")]
    forms = [("en", f"{SITE}/contact/"), ("es", f"{SITE}/es/contact/")]
    assert found[f"{SITE}/types/"] == found[f"{SITE}/es/types/"] == both
    assert found[f"{SITE}/notes/"] == []
    assert found[f"{SITE}/contact/"] == found[f"{SITE}/es/contact/"] == forms
    assert {f"{SITE}/screening/", f"{SITE}/es/screening/"} <= found.keys()


def test_what_is_told_to_machines_costs_no_query(client, django_assert_num_queries):
    make_source("FAVA")
    make_term("placebo")
    make_page("about", body="A claim [@FAVA].").mark_reviewed(
        by=User.objects.create_user("d@example.org", first_name="Ada", last_name="Brook")
    )
    make_page("glossary", body="A [[placebo]].")
    confirm()

    for path in ("/about/", "/glossary/"):
        with django_assert_num_queries(4):
            client.get(path)


def test_the_preview_of_a_draft_has_no_edition_and_is_described_all_the_same(admin_client):
    page = make_page("types", published=False)

    found = linked_data(admin_client, f"/admin/content/page/{page.pk}/preview/")

    assert "dateModified" not in found[0]
    assert Page.objects.get().get_absolute_url() in found[0]["url"]
