from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.test import Client

from clinic import outbox, views
from clinic.context import last_known_clinic
from clinic.models import ClinicProfile, Message

pytestmark = pytest.mark.urls("tests.clinic.failing_urls")


def test_healthz_asks_nothing_of_the_database(client):
    response = client.get("/healthz")

    assert (response.status_code, response.text) == (200, "ok\n")


def test_readyz_says_that_everything_is_there(db, client):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "database": True,
        "migrations": True,
        "oldest_undelivered_message_seconds": None,
        "last_backup_seconds": None,
    }


def test_readyz_tells_the_age_of_the_oldest_undelivered_message(db, client):
    for _ in range(2):
        outbox.send("contact_receipt", to="a@example.org", context={"reference": "K7QF2-M9D3X"})
    Message.objects.filter(pk=Message.objects.first().pk).update(created_at=Now() - timedelta(seconds=100))

    assert client.get("/readyz").json()["oldest_undelivered_message_seconds"] in {100, 101, 102}
    Message.objects.update(sent_at=Now())
    assert client.get("/readyz").json()["oldest_undelivered_message_seconds"] is None


def test_readyz_is_not_ready_while_a_migration_is_missing(db, client, monkeypatch):
    monkeypatch.setattr(views, "_migrated", False)
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "clinic")
    recorder.record_unapplied("clinic", newest)

    response = client.get("/readyz")
    assert response.status_code == 503
    assert (response.json()["ready"], response.json()["migrations"]) == (False, False)
    recorder.record_applied("clinic", newest)
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/robots.txt"])
def test_what_machines_ask_for_is_read_only(db, client, path):
    assert client.post(path).status_code == 405


def test_robots_may_read_where_forms_begin_and_stay_out_of_their_steps_the_search_and_the_admin(client, settings):
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]

    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response.text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /search/",
        "Disallow: /contact/sent/",
        "Disallow: /screening/",
        "Allow: /screening/$",
        "Disallow: /es/search/",
        "Disallow: /es/contact/sent/",
        "Disallow: /es/screening/",
        "Allow: /es/screening/$",
        "Sitemap: http://127.0.0.1:8000/sitemap.xml",
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/suspicious/x", 400), ("/forbidden/", 403), ("/missing/", 404), ("/broken/x", 500)],
)
def test_every_error_has_a_page_of_our_own_that_shows_nothing_of_the_cause(db, path, status):
    response = Client(raise_request_exception=False).get(path)

    assert response.status_code == status
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1" in response.text
    assert "planted" not in response.text


def test_a_refused_form_post_has_a_page_that_says_what_to_do(db):
    response = Client(enforce_csrf_checks=True).post("/echo/", {"name": "Marta"})

    assert response.status_code == 403
    assert "cookie" in response.text.lower()
    assert "CSRF" not in response.text


def test_the_crisis_lines_are_on_the_page_of_a_database_that_is_away(db, client):
    ClinicProfile.objects.update(name="Known Before")
    client.get("/missing/")
    assert last_known_clinic().name == "Known Before"

    response = client.get("/database-away/?error=operational")
    assert response.status_code == 503
    assert "988" in response.text


SOME_OF_EACH = ("/", "/es/", "/contact/", "/healthz", "/robots.txt", "/sitemap.xml", "/feed.xml", "/nowhere/")
STYLE = "/static/css/main.css"
NOT_FOR_READERS = (
    *("/.git/HEAD", "/.env", "/requirements.txt", "/clinic/settings.py", "/var/", "/static/", "/static/css/"),
    *("/static/../manage.py", "/static/%2e%2e/manage.py", "/static//manage.py", "/staticfiles/"),
)


def test_every_text_names_its_character_set(client, transactional_db):
    for path in (*SOME_OF_EACH, STYLE):
        with closing(client.get(path)) as answer:
            assert answer["Content-Type"].replace('"', "").endswith("; charset=utf-8"), path


def test_nothing_of_the_repository_is_served_and_no_folder_is_listed(client, transactional_db):
    with closing(client.get(STYLE)) as answer:
        assert answer.status_code == 200
    for path in NOT_FOR_READERS:
        assert client.get(path).status_code == 404, path
