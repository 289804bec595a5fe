"""Counting tries, and the limit on guessing at the sign-in that rests on it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.db import connection
from django.db.models import F
from django.test import Client

from clinic.limits import Limit, take_in_turn
from clinic.models import AuditEvent, Invitation, Tally
from tests.signing import (
    PASSWORD,
    app_code,
    give_code,
    give_password,
    made_person_with_app,
    make_person,
    sign_in,
)

THREE = Limit("trying", tries=3, window=timedelta(minutes=10))
WRONG = "nine loud herons at noon"


def later(minutes: int) -> None:
    Tally.objects.update(ends_at=F("ends_at") - timedelta(minutes=minutes))


def in_parallel(work, times: int) -> list:
    """Run the work on connections of their own that start together, as processes would."""
    together = threading.Barrier(times)

    def one(number: int):
        together.wait()
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


def test_a_limit_lets_its_tries_through_and_then_says_how_long_to_wait(db):
    waits = [THREE.take("somebody").wait for _ in range(5)]

    assert waits[:3] == [timedelta()] * 3
    assert all(timedelta(minutes=9, seconds=50) < wait <= timedelta(minutes=10) for wait in waits[3:])


def test_what_is_tried_too_often_does_not_lengthen_the_wait(db):
    for _ in range(4):
        THREE.take("somebody")
    later(9)

    assert THREE.take("somebody").wait <= timedelta(minutes=1)


def test_a_window_that_is_over_counts_anew(db):
    for _ in range(4):
        THREE.take("somebody")
    later(10)

    assert THREE.take("somebody").number == 1


def test_everybody_and_everything_is_counted_for_itself(db):
    for _ in range(4):
        THREE.take("somebody")

    assert THREE.take("another").number == 1
    assert Limit("something else", 3, THREE.window).take("somebody").number == 1


def test_a_try_that_was_right_is_given_back(db):
    THREE.take("somebody")
    THREE.give_back("somebody")
    THREE.give_back("somebody")

    assert THREE.take("somebody").number == 1


def test_several_limits_are_counted_in_turn_by_one_statement_until_one_refuses(db, django_assert_num_queries):
    two = Limit("first", tries=2, window=THREE.window)

    for expected in ([1, 1, 1], [2, 2, 2], [3], [4]):
        with django_assert_num_queries(1):
            made = take_in_turn((two, "somebody"), (THREE, "somebody"), (THREE, "another"))
        assert [one.number for one in made] == expected

    assert [bool(one.wait) for one in made] == [True]
    assert THREE.take("somebody").number == 3


def test_counting_waits_for_no_disk(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE oid = 'clinic_tally'::regclass")

        assert cursor.fetchone() == ("u",)


def test_the_table_holds_no_address_and_forgets_ended_windows(db):
    THREE.take("ada@example.org")
    stored = str(list(Tally.objects.values()))
    later(11)

    assert "ada" not in stored
    assert Tally.objects.expired().count() == 1


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_all_count():
    numbers = in_parallel(lambda _: THREE.take("somebody").number, 20)

    assert sorted(numbers) == list(range(1, 21))


@pytest.mark.django_db(transaction=True)
def test_of_twenty_wrong_passwords_at_once_ten_are_looked_at():
    make_person()
    pages = in_parallel(lambda _: give_password(Client(), password=WRONG).text, 20)

    assert sum("Wait 15 minutes" in page for page in pages) == 10
    assert AuditEvent.objects.filter(action="sign-in-failed", detail="password: wrong").count() == 10
    assert AuditEvent.objects.filter(action="sign-in-failed", detail="password: too many tries").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_eight_sign_ins_with_one_code_at_once_one_succeeds():
    _, secret = made_person_with_app()
    code, clients = app_code(secret), [Client() for _ in range(8)]
    for client in clients:
        give_password(client)

    statuses = in_parallel(lambda number: give_code(clients[number], code).status_code, 8)

    assert sorted(statuses) == [200] * 7 + [302]


def test_another_address_or_header_or_a_new_browser_does_not_begin_anew(client, db):
    make_person()
    for number in range(10):
        give_password(client, password=WRONG, REMOTE_ADDR=f"198.51.100.{number}")

    for guesser, request in [
        (client, {"REMOTE_ADDR": "203.0.113.9"}),
        (client, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}),
        (client, {"HTTP_USER_AGENT": "another", "HTTP_FORWARDED": "for=203.0.113.9"}),
        (Client(), {"HTTP_COOKIE": "device-x=made-up:up:sig"}),
        (Client(), {}),
    ]:
        response = give_password(guesser, password=PASSWORD, **request)
        assert (response.status_code, "Wait 15 minutes" in response.text) == (200, True), request


@pytest.mark.parametrize("spelled", [" Ada@Example.org", "ADA@EXAMPLE.ORG", "ａda@example.org"])
def test_spelling_the_address_in_another_way_does_not_begin_anew(client, db, spelled):
    make_person()
    for _ in range(10):
        give_password(client, password=WRONG)

    assert give_password(client, spelled, PASSWORD).status_code == 200


def test_guesses_at_one_account_leave_every_other_alone(client, db):
    make_person()
    make_person("bob@example.org", is_superuser=True)
    for _ in range(11):
        give_password(client, password=WRONG)

    assert give_password(client, "bob@example.org")["Location"] == "/admin/"


@pytest.mark.django_db(transaction=True)
def test_a_browser_that_signed_in_before_gets_in_while_somebody_guesses():
    _, secret = made_person_with_app()
    own, guesser = sign_in(Client(), secret), Client()
    own.post("/admin/logout/")
    for _ in range(11):
        give_password(guesser, password=WRONG)

    assert give_password(Client()).status_code == 200
    sign_in(own, secret, steps=1)


@pytest.mark.django_db(transaction=True)
def test_a_known_browser_has_ten_tries_as_well():
    _, secret = made_person_with_app()
    own = sign_in(Client(), secret)
    own.post("/admin/logout/")
    pages = [give_password(own, password=WRONG).text for _ in range(11)]

    assert ["Wait" in page for page in pages] == [False] * 10 + [True]
    assert give_password(Client()).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_cookie_of_a_browser_counts_for_its_own_account_only():
    _, secret = made_person_with_app()
    make_person("bob@example.org")
    own = sign_in(Client(), secret)
    cookie = next(morsel for name, morsel in own.cookies.items() if name.startswith("device-"))
    for _ in range(11):
        give_password(Client(), "bob@example.org", WRONG)

    signed_for_bob = give_password(Client(), "bob@example.org", HTTP_COOKIE=f"{cookie.key}={cookie.value}")

    assert signed_for_bob.status_code == 200
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert "ada" not in cookie.value


@pytest.mark.django_db(transaction=True)
def test_codes_are_limited_like_passwords():
    _, secret = made_person_with_app()
    guesser = Client()
    give_password(guesser)
    for _ in range(10):
        assert "too many tries" not in give_code(guesser, "000000").text
    another = Client()
    give_password(another)

    assert "Wait 15 minutes" in give_code(guesser, app_code(secret)).text
    assert "Wait 15 minutes" in give_code(another, app_code(secret), REMOTE_ADDR="203.0.113.9").text
    later(15)
    assert give_code(guesser, app_code(secret)).status_code == 302


def test_the_old_password_on_the_page_that_changes_it_is_limited_too(client, db):
    client.force_login(make_person(is_superuser=True))
    sent = {"oldpassword": WRONG, "password1": WRONG, "password2": WRONG}
    pages = [client.post("/admin/password_change/", sent).text for _ in range(11)]

    assert ["Wait" in page for page in pages] == [False] * 10 + [True]


def test_who_is_locked_out_gets_in_with_a_new_link(client, db):
    user = make_person(is_superuser=True)
    for _ in range(11):
        give_password(client, password=WRONG)
    link = Invitation.objects.issue(user, by=None).removeprefix("http://127.0.0.1:8000")
    sent = {"first_name": "Ada", "last_name": "Quill", "new_password1": WRONG, "new_password2": WRONG}

    assert client.post(link, sent)["Location"] == "/admin/"
    client.post("/admin/logout/")
    assert give_password(client, password=WRONG)["Location"] == "/admin/"


def test_one_hash_is_computed_whether_the_account_is_known_inactive_or_unknown(client, db, monkeypatch):
    make_person()
    make_person("left@example.org", is_active=False)
    computed, encode = [], ScryptPasswordHasher.encode
    monkeypatch.setattr(ScryptPasswordHasher, "encode", lambda *given: computed.append(None) or encode(*given))
    counts = []

    for email in ("ada@example.org", "left@example.org", "nobody@example.org"):
        computed.clear()
        give_password(client, email, WRONG)
        counts.append(len(computed))

    assert counts == [1, 1, 1]
