"""Which language an answer has, and how a page tells of the others."""

from datetime import date

import pytest
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format, number_format

from clinic.models import ClinicProfile, CrisisLine
from clinic.told import Told, told, told_only
from tests.content.factories import make_page
from tests.content.markup import Markup

pytestmark = pytest.mark.django_db


def language_of(response) -> str | None:
    return Markup(response.text).all("html")[0]["lang"]


def switches(response) -> list[tuple[str, str | None, str | None, str | None]]:
    links = (link for link in Markup(response.text).all("a") if link["class"] == "header__language")
    return [(link.text, link["href"], link["lang"], link["hreflang"]) for link in links]


def alternates(response) -> list[tuple[str | None, str | None]]:
    links = (link for link in Markup(response.text).all("link") if link["hreflang"])
    return [(link["hreflang"], link["href"]) for link in links]


@pytest.mark.parametrize("accepted", ["es", "es-MX,es;q=0.9", "en", "fr"])
@pytest.mark.parametrize(("path", "language"), [("/contact/", "en"), ("/es/contact/", "es"), ("/screening/", "en")])
def test_the_address_alone_decides_the_language(client, packet, accepted, path, language):
    response = client.get(path, headers={"Accept-Language": accepted})

    assert (response.status_code, response["Content-Language"], language_of(response)) == (200, language, language)


def test_the_language_of_the_browser_makes_no_copy_of_a_page(client):
    make_page("types")

    assert "Accept-Language" not in client.get("/types/").get("Vary", "")


def test_a_page_leads_to_itself_in_the_other_language(client):
    make_page("types")
    make_page("types", language="es", title="Tipos de ketamina")

    assert switches(client.get("/types/")) == [("Español", "/es/types/", "es", "es")]
    assert switches(client.get("/es/types/")) == [("English", "/types/", "en", "en")]


@pytest.mark.parametrize("path", [f"/{slash}evil.example/contact/" for slash in ("%2F", "%2F/", "%5C")])
def test_an_address_that_begins_like_another_host_s_leads_to_no_other_language_there(client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert "evil.example" not in response.text


def test_the_head_names_a_page_that_is_there_in_both_languages(client, settings):
    make_page("types")
    make_page("types", language="es", title="Tipos de ketamina")
    make_page("mechanism")
    make_page("mechanism", language="es", published=False)
    site = settings.SITE_URL
    both = [("en", f"{site}/types/"), ("es", f"{site}/es/types/"), ("x-default", f"{site}/types/")]

    assert alternates(client.get("/types/")) == both
    assert alternates(client.get("/es/types/")) == both
    assert alternates(client.get("/mechanism/")) == []


@pytest.mark.parametrize("path", ["contact/", "screening/"])
def test_the_head_of_a_form_names_both_languages(client, packet, settings, path):
    site = settings.SITE_URL

    found = alternates(client.get(f"/es/{path}"))

    assert found == [("en", f"{site}/{path}"), ("es", f"{site}/es/{path}"), ("x-default", f"{site}/{path}")]


def test_a_page_without_a_spanish_version_says_so_in_spanish_and_leads_to_the_english_one(client):
    make_page("types")

    response = client.get("/es/types/")

    markup = Markup(response.text)
    assert (response.status_code, response["Cache-Control"], language_of(response)) == (404, "no-store", "es")
    assert [heading.text for heading in markup.all("h1")] == ["Esta página no está en español"]
    assert [(a.text, a["href"], a["lang"]) for a in markup.all("a") if a["class"] == "button"] == [
        ("English", "/types/", "en")
    ]
    assert [meta["content"] for meta in markup.all("meta") if meta["name"] == "robots"] == ["noindex"]


def test_an_address_that_no_language_has_is_just_not_found(client):
    response = client.get("/es/no-such-page/")

    assert [heading.text for heading in Markup(response.text).all("h1")] == ["Aquí no hay ninguna página"]


def test_a_spanish_page_links_to_no_page_that_is_not_there(client):
    for slug in ("home", "types", "get-help-now", "privacy", "accessibility"):
        make_page(slug, order=1)
    make_page("types", language="es", title="Tipos de ketamina", order=2)

    found = {link["href"] for link in Markup(client.get("/es/types/").text).all("a")}

    own = {href for href in found if href.startswith(("/", "#"))}
    assert own == {"/es/", "/types/", "/es/types/", "/es/contact/", "/es/screening/", "#main", "#footer-crisis"} | {
        *("#about-this-page", "/es/search/", "/es/handout/", "/es/feed.xml")
    }


@pytest.mark.urls("tests.clinic.failing_urls")
@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/es/no/such/page/", 404, "Aquí no hay ninguna página"),
        ("/es/contact/?x=%00", 400, "No pudimos leer esa solicitud"),
        ("/es/forbidden/", 403, "Usted no puede ver esta página"),
        ("/es/broken/x", 500, "Algo falló aquí"),
        ("/es/database-away/?error=operational", 503, "Por favor, inténtelo de nuevo en un minuto"),
    ],
)
def test_an_error_page_speaks_the_language_of_the_address(path, status, heading):
    response = Client(raise_request_exception=False).get(path)

    assert (response.status_code, language_of(response)) == (status, "es")
    assert [found.text for found in Markup(response.text).all("h1")] == [heading]


def test_a_form_that_is_too_large_or_without_its_proof_is_refused_in_spanish():
    client = Client(enforce_csrf_checks=True)

    large = client.post("/es/contact/", {"message": "x"}, headers={"Content-Length": "2000000"})
    unproven = client.post("/es/contact/", {"message": "x"})

    assert (large.status_code, language_of(large)) == (413, "es")
    assert (unproven.status_code, language_of(unproven)) == (403, "es")


def test_the_desk_is_english_whatever_the_browser_asks_for(client):
    response = client.get("/admin/login/", headers={"Accept-Language": "es"}, follow=True)

    assert response["Content-Language"] == "en"


def test_what_the_clinic_says_is_told_in_the_readers_language():
    profile = ClinicProfile(hours="Mon to Fri", hours_es="Lunes a viernes", reading_times="on weekdays")

    with translation.override("es"):
        assert told(profile, "hours") == Told("Lunes a viernes", "es")
        assert told(profile, "reading_times") == Told("on weekdays", "en")
        assert told_only(profile, "reading_times") == ""
    assert told(profile, "hours") == Told("Mon to Fri", "en")
    assert told_only(profile, "reading_times") == "on weekdays"


def test_what_is_only_there_in_english_is_marked_and_never_lost(client):
    ClinicProfile.objects.update(hours="Mon to Fri", reading_times="on weekdays", reply_within="soon")
    CrisisLine.objects.filter(call="911").update(label_es="")

    markup = Markup(client.get("/es/contact/").text)

    english = {span.text for span in markup.all("span") if span["lang"] == "en"}
    assert english == {"Mon to Fri", "Life in danger now"}
    assert "Mon to Fri (en inglés)" in {paragraph.text for paragraph in markup.all("p")}
    assert not [paragraph for paragraph in markup.all("p") if "on weekdays" in paragraph.text]


def test_dates_and_numbers_are_written_as_spanish_readers_in_the_united_states_write_them():
    with translation.override("es"):
        assert date_format(date(2026, 11, 26)) == "26 de noviembre de 2026"
        assert number_format("1234.5", use_l10n=True, force_grouping=True) == "1,234.5"
