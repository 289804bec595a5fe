"""A form that is sent while the database is away comes back with all that was typed, ready to be sent again."""

import re
from contextlib import contextmanager
from html import unescape

import pytest
from django.db import connection
from django.test import Client

from intake.models import Submission
from tests.visitor import hidden

CONTACT = "/contact/"
SENT = {
    "name": 'Marta "Quill" <b>',
    "contact_method": "email",
    "email": "marta@example.org",
    "message": "Two\nlines & a sign.",
    "agreed": "on",
}


@pytest.fixture
def database_away(transactional_db):
    @contextmanager
    def away():
        connection.close()
        working = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = "no_such_database"
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = working

    return away


def fields(page) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    return {unescape(name): unescape(value) for name, value in found}


def test_what_was_typed_comes_back_with_help_and_is_stored_once_when_sent_again(database_away):
    client = Client(enforce_csrf_checks=True)
    page = client.get(CONTACT)
    sent = SENT | {"token": hidden(page, "token"), "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken")}
    with database_away():
        kept = client.post(CONTACT, sent)
        again = client.post(CONTACT, fields(kept))

    for answer in (kept, again):
        given_back = fields(answer)
        assert answer.status_code == 503
        assert f'<form method="post" action="{CONTACT}">' in answer.text
        assert given_back.pop("csrfmiddlewaretoken")
        assert given_back == {name: value for name, value in sent.items() if name != "csrfmiddlewaretoken"}
        assert answer.text.index("988") < answer.text.index("Send again")
        assert "no-store" in answer["Cache-Control"]
    assert [client.post(CONTACT, fields(again)).status_code for _ in range(2)] == [302, 302]
    assert [(one.name, one.message) for one in Submission.objects.all()] == [(SENT["name"], SENT["message"])]


def test_what_is_no_form_of_a_visitor_is_not_given_back(database_away):
    client, stranger = Client(), Client(enforce_csrf_checks=True, raise_request_exception=False)
    with database_away():
        signing_in = client.post("/admin/login/", {"login": "ada@example.org", "password": "eleven quiet otters"})
        reading = client.get(CONTACT)
        forged = stranger.post(CONTACT, SENT)

    assert [answer.status_code for answer in (signing_in, reading, forged)] == [503, 503, 503]
    assert [fields(answer) for answer in (signing_in, reading, forged)] == [{}, {}, {}]
    assert not any("otters" in answer.text or "marta" in answer.text for answer in (signing_in, reading, forged))
