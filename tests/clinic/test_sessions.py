"""Sessions of staff: what ends them, and what nobody else can do with them."""

import re
import time
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from clinic import crypto
from tests.signing import (
    CODE,
    LOGIN,
    PASSWORD,
    app_code,
    give_code,
    give_password,
    made_person_with_app,
    make_person,
    opens,
    recorded,
    set_up_app,
    sign_in,
)

NEW = "nine loud herons at noon"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("outside_local_mode"),
]


def test_a_session_that_somebody_else_put_into_the_browser_is_not_the_one_that_is_signed_in(client, ada):
    _, secret = ada
    planted = SessionStore()
    planted.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key

    give_password(client)
    halfway = client.cookies[settings.SESSION_COOKIE_NAME].value
    sign_in(client, secret)

    assert opens(client)
    assert len({planted.session_key, halfway, client.cookies[settings.SESSION_COOKIE_NAME].value}) == 3
    assert not Session.objects.filter(pk__in=[planted.session_key, halfway]).exists()


def test_the_password_alone_ends_nobodys_pending_sign_in_but_a_change_of_the_account_does(ada):
    user, secret = ada
    pending = Client()
    give_password(pending)
    user.sign_out_everywhere()

    response = give_code(pending, app_code(secret))

    assert (response.status_code, response["Location"]) == (302, LOGIN)
    assert not opens(pending)


@pytest.mark.parametrize(
    "change",
    [
        lambda client, secret: client.post(
            "/admin/password_change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        ),
        lambda client, secret: client.post("/admin/security/app/remove/"),
        lambda client, secret: client.post("/admin/security/codes/new/"),
    ],
    ids=["password", "factor removed", "new recovery codes"],
)
def test_a_change_of_the_sign_in_ends_every_other_session(ada, change):
    _, secret = ada
    here, there = sign_in(Client(), secret), sign_in(Client(), secret, steps=1)
    assert opens(there)

    response = change(here, secret)

    assert response.status_code == 302, response.text
    assert not opens(there)
    assert here.get("/admin/security/").status_code == 200


def test_setting_up_a_factor_ends_every_other_session(settings):
    settings.LOCAL = True
    make_person(is_superuser=True)
    here, there = Client(), Client()
    give_password(here)
    give_password(there)
    assert opens(there)

    set_up_app(here)

    assert (opens(here), opens(there)) == (True, False)


def test_staff_are_signed_out_after_a_quarter_of_an_hour_without_a_click(client, ada, monkeypatch):
    _, secret = ada
    sign_in(client, secret)
    start = time.time()

    monkeypatch.setattr(time, "time", lambda: start + 14 * 60)
    assert opens(client)
    monkeypatch.setattr(time, "time", lambda: start + 28 * 60)
    assert opens(client)
    monkeypatch.setattr(time, "time", lambda: start + 43 * 60 + 1)
    response = client.get("/admin/clinic/user/", follow=True)

    assert response.redirect_chain == [(f"{LOGIN}?next=/admin/clinic/user/", 302)]
    assert "signed out after 15 quiet minutes" in response.text
    assert not opens(client)


def test_staff_are_signed_out_after_twelve_hours_however_busy_they_are(client, ada, monkeypatch):
    _, secret = ada
    sign_in(client, secret)
    start = time.time()

    for minutes in range(10, 12 * 60, 10):
        monkeypatch.setattr(time, "time", lambda minutes=minutes: start + minutes * 60)
        assert opens(client, "/admin/jsi18n/"), minutes
    monkeypatch.setattr(time, "time", lambda: start + 12 * 3600 + 1)

    assert not opens(client)


def test_being_seen_is_written_at_most_once_a_minute(client, ada, django_assert_num_queries):
    _, secret = ada
    sign_in(client, secret)

    with django_assert_num_queries(2):  # the session, the account
        client.get("/admin/jsi18n/")


CHANGES = ["app/remove/", "codes/new/", "passkey/", "sessions/end/"]


@pytest.mark.parametrize("change", CHANGES)
def test_changing_how_one_signs_in_later_needs_a_whole_new_sign_in(client, ada, monkeypatch, change):
    _, secret = ada
    sign_in(client, secret)
    before, start = client.session.session_key, time.time()
    monkeypatch.setattr(time, "time", lambda: start + 6 * 60)

    asked = client.post(f"/admin/security/{change}")
    assert asked["Location"] == f"/admin/security/confirm/?next={quote(f'/admin/security/{change}', safe='')}"
    assert "Sign in again" in client.get(asked["Location"]).text
    again = client.post(asked["Location"])
    assert again["Location"] == f"{LOGIN}?next=/admin/security/{change}"
    assert not opens(client)
    assert client.post(again["Location"], {"login": "ada@example.org", "password": PASSWORD})["Location"] == CODE
    assert give_code(client, app_code(secret))["Location"] == f"/admin/security/{change}"

    assert client.session.session_key != before
    assert Authenticator.objects.filter(type="totp").exists()
    assert client.post(f"/admin/security/{change}").get("Location", "") != asked["Location"]


def test_every_step_of_the_sign_in_has_a_session_name_of_its_own(client, ada):
    _, secret = ada
    client.get("/admin/")
    give_password(client)
    pending = client.session.session_key
    give_code(client, app_code(secret))

    stolen = Client()
    stolen.cookies["session"] = pending
    assert re.fullmatch(r"[a-z0-9]{32}", client.session.session_key)  # 165 bits
    assert pending != client.session.session_key
    assert not opens(stolen)


def test_staff_see_where_they_are_signed_in_and_end_it_there(ada):
    _, secret = ada
    here, there = sign_in(Client(), secret), sign_in(Client(REMOTE_ADDR="203.0.113.9"), secret, steps=1)
    another = made_person_with_app("eve@example.org")[1]
    stranger = sign_in(Client(REMOTE_ADDR="198.51.100.7"), another, "eve@example.org", steps=1)
    page = here.get("/admin/security/").text
    assert "203.0.113.9" in page
    assert "198.51.100.7" not in page
    name = re.search(r'name="which" value="(\w+)">\s*<p>At 203\.0\.113\.9', page)[1]
    assert there.session.session_key not in page

    here.post("/admin/security/sessions/end/", {"which": name})

    assert (opens(here), opens(there), opens(stranger)) == (True, False, True)
    assert "203.0.113.9" not in here.get("/admin/security/").text
    assert ("signed-out", "another session, by its owner") in recorded()


def test_staff_end_every_other_session_of_theirs_at_once(ada):
    _, secret = ada
    here, there = sign_in(Client(), secret), sign_in(Client(), secret, steps=1)

    here.post("/admin/security/sessions/end/")

    assert (opens(here), opens(there)) == (True, False)
    assert ("signed-out", "every other session, by its owner") in recorded()


def test_a_session_of_somebody_else_or_of_nobody_is_not_ended(ada):
    _, secret = ada
    here = sign_in(Client(), secret)
    stranger = sign_in(Client(), made_person_with_app("eve@example.org")[1], "eve@example.org", steps=1)

    for name in (crypto.token_hash(stranger.session.session_key), "x"):
        here.post("/admin/security/sessions/end/", {"which": name})

    assert opens(stranger)
    assert opens(here)


def test_signing_out_ends_the_session(client, ada):
    _, secret = ada
    sign_in(client, secret)
    response = client.post("/admin/logout/")

    assert (response.status_code, response["Location"]) == (302, LOGIN)
    assert not opens(client)
