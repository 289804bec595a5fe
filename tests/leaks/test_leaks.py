"""Where patient data may not be, after a journey with a mark in every field: nowhere is one found.

In each place one mark was let out on purpose, and is found there.
"""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.leaks import mishaps, patients, staff
from tests.leaks.journey import OWN_PAGES, Journey
from tests.leaks.marks import Marks, found
from tests.leaks.site import site

UNENCRYPTED = {"public search", "sign-in", "path"}  # words that are in no form of a patient
MAY_HOLD = {
    "dump while e-mails wait": {"reply"},  # a text of the clinic's own, which names nobody
    "dump at the end": {"reply"},
    "log of the web process": set(),
    "log of the worker and of commands": set(),
    "log of PostgreSQL": set(),
    "every statement": UNENCRYPTED,
    "statements that run": UNENCRYPTED,
    "addresses": {"public search", "query", "path"},  # a page names its own in the other language
    "error pages": {"query", "path"},
    "headers": set(),
    "cookies": set(),
    "sessions": set(),
    "cache": set(),
    "e-mails": {"reply"},
    "processes": set(),
    "names of rows": {"reply"},
}
TOKENS_OPEN = {"addresses", "cookies", "headers", "e-mails"}  # where a visitor gets them
MISHAPS = (
    "django.db.utils.IntegrityError",
    "django.db.utils.OperationalError",
    "django.db.utils.ProgrammingError",
    "smtplib.SMTPRecipientsRefused",
    "An answer broke off while it was sent.",
    "A thread ended with an exception.",
    "A warning was given.",
    "The process ended with an exception.",
)
KEYS = {"time", "level", "logger", "message", "request_id", "method", "status", "exception", "cause", "trace", "record"}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def journey(django_db_setup, django_db_blocker, tmp_path_factory) -> Journey:
    marks = Marks({"contact phone": "+44 20 7946 0958", "screening phone": "+44 20 7946 0321"})
    with django_db_blocker.unblock(), site(tmp_path_factory.mktemp("site"), marks["planted"]) as running:
        call_command("load_questionnaires", verbosity=0, stdout=StringIO())  # not from stock: this is another database
        journey = Journey(running, marks)
        _go(journey)
    journey.hear_logs()
    return journey


def _go(journey: Journey) -> None:
    journey.site.mail.refusal = "451 4.7.1 <{address}> is greylisted"
    staff.prepare(journey)
    patients.ask_to_be_contacted(journey)
    patients.fill_in_and_send(journey)
    patients.fill_in_and_leave(journey)
    patients.search(journey)
    clinician = staff.sign_in(journey)
    staff.open_invitation(journey)
    staff.review(journey, clinician)
    mishaps.refused_requests(journey)
    mishaps.exceptions(journey)
    mishaps.failing_statements(journey, clinician)
    mishaps.let_out(journey)
    journey.hear_database("dump while e-mails wait")
    staff.deliver(journey)
    journey.hear_database("dump at the end")
    for hear in (journey.hear_processes, journey.hear_rows, journey.hear_letters, journey.hear_cache):
        hear()


@pytest.mark.parametrize("place", MAY_HOLD)
def test_only_the_mark_that_was_let_out_is_found(journey, place):
    if place == "processes" and not Path("/proc/self").exists():
        pytest.skip("this system does not tell of its processes in files")
    assert found(journey.heard_in(place), journey.marks) - MAY_HOLD[place] == {"planted"}


@pytest.mark.parametrize("place", sorted(MAY_HOLD.keys() - TOKENS_OPEN))
def test_no_token_of_a_link_or_cookie_and_no_password_is_found(journey, place):
    assert found(journey.heard_in(place), journey.secrets) == set()


def test_every_answer_of_the_forms_and_of_the_desk_is_kept_by_no_cache(journey):
    kept = {answer.path for answer in journey.answers if "no-store" not in answer.header("cache-control")}

    assert kept == set()
    assert {answer.header("referrer-policy") for answer in journey.answers} == {"same-origin"}
    assert len({answer.path for answer in journey.answers}) > 40


def test_the_journey_passed_everything_that_may_leak(journey):
    assert len(journey.marks) >= 60
    assert set(journey.secrets) == {"draft cookie", "resume token", "password", "invitation token"}
    assert set(journey.heard) == set(MAY_HOLD)
    assert set(journey.failed.values()) <= set(OWN_PAGES)
    assert {400, 403, 404, 413, 500, 503} <= set(journey.failed.values())
    logged = journey.heard_in("log of the web process") + journey.heard_in("log of the worker and of commands")
    assert [words for words in MISHAPS if words not in logged.decode()] == []


def test_every_line_that_the_processes_wrote_is_one_of_the_log(journey):
    for place in ("log of the web process", "log of the worker and of commands"):
        lines = journey.heard_in(place).decode().splitlines()
        planted = [line for line in lines if not line.startswith("{")]
        assert {line.strip() for line in planted} == {journey.marks["planted"]}
        keys = {key for line in lines if line.startswith("{") for key in json.loads(line)}
        assert keys <= KEYS
