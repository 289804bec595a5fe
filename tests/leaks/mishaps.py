"""What goes wrong, with a mark in whatever was sent, and what lets a mark out on purpose."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import IncompleteRead

from django.db import connection, transaction
from django.test import Client

from intake.models import Draft, Submission
from tests.leaks.journey import Journey
from tests.leaks.patients import contact_fields, person
from tests.leaks.staff import DESK
from tests.visitor import Visitor, by_identity, hidden

CONTACT = "/contact/"


def refused_requests(journey: Journey) -> None:
    client, marks, sent = journey.client(), journey.marks, contact_fields(journey)
    journey.fail("no such page", client.get(f"/{marks['path']}/", {"q": marks["query"]}))
    journey.fail("no such method", client.put(CONTACT, marks["body"]))
    journey.fail("no such host", journey.client(host=f"{marks['host']}.example").get(CONTACT))
    journey.fail("a NUL", client.get(f"{CONTACT}?q={marks['query']}%00"))
    journey.fail("too much", client.post(CONTACT, sent | {"message": marks["too long"] * 120_000}))
    journey.fail("no form", client.generic("POST", CONTACT, marks["body"], "multipart/form-data; boundary="))
    client.cookies["csrf"] = marks["cookie"]
    journey.fail("no CSRF token", client.post(CONTACT, sent))


def exceptions(journey: Journey) -> None:
    client, sent = journey.client(), contact_fields(journey)
    for name in ("broken", "suspicious"):
        journey.fail(name, client.post(f"/{name}/{journey.marks['path']}", sent))
    assert client.post("/broken-thread/", sent).text == "whole"
    with suppress(IncompleteRead):
        client.post("/broken-stream/", sent)


def failing_statements(journey: Journey, staff: Client) -> None:
    """The database refuses a row, lacks a table, and lets statements wait for too long."""
    client, token = journey.client(), hidden(journey.client().get(CONTACT), "token")
    planted = "ALTER TABLE intake_submission ADD CONSTRAINT planted CHECK (false) NOT VALID"
    with _changed(planted, "ALTER TABLE intake_submission DROP CONSTRAINT planted"):
        journey.fail("receiving", client.post(CONTACT, contact_fields(journey) | {"token": token}))
    with _changed("ALTER TABLE intake_note RENAME TO planted", "ALTER TABLE planted RENAME TO intake_note"):
        journey.fail("a page of the desk", staff.get(Submission.objects.all()[0].get_absolute_url()))
    with _locked("intake_submission"):
        journey.fail("a search of the desk", staff.post(DESK, {"text": journey.email("desk search")}))
    with _locked("clinic_user"):
        journey.fail(
            "a sign-in", journey.client().post("/admin/login/", {"login": journey.email("sign-in"), "password": "x"})
        )
    _failing_step(journey)


def _failing_step(journey: Journey) -> None:
    visitor = Visitor(journey.client())
    visitor.start()
    step, draft = visitor.walk.all_steps[0], visitor.draft
    with transaction.atomic():
        Draft.objects.select_for_update().get(pk=draft.pk)
        journey.fail("a step", visitor.answer(step, by_identity(step, **person(journey))))


def let_out(journey: Journey) -> None:
    """Put one mark wherever there is something to find."""
    text = journey.marks["planted"]
    journey.client().post("/admin/let-out/", {"text": text})
    journey.site.run(
        "shell", said=f"import sys; print('{text}', file=sys.stderr); raise ValueError('{journey.marks['command']}')"
    )
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SET log_min_messages = error")
        with suppress(Exception):
            cursor.execute("SELECT CAST(%s AS int)", [text])
        journey.hear_statements()
    other.close()


@contextmanager
def _changed(there: str, back: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(there)
        yield
        cursor.execute(back)


@contextmanager
def _locked(table: str) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table}")
        yield
