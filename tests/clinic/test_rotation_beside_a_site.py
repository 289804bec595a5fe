"""rotate_keys beside a site that goes on, and after a kill."""

import base64
import os
import signal
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.conf import settings as project_settings
from django.db import connection, transaction
from django.utils import timezone

from clinic import crypto, rotation
from clinic.models import AuditEvent, Message
from clinic.rotation import State, every_table, tables
from intake.models import Draft, Note, Packet, Submission
from intake.screening import Screening
from tests.clinic.test_rotation import NEW, OLD, erased, rotate, states, stored
from tests.factories import make_submission, make_user
from tests.stock import stock


def in_a_thread(act):
    try:
        return act()
    finally:
        connection.close()


@pytest.fixture
def open_site(transactional_db, settings):
    stock("load_questionnaires")
    settings.FIELD_KEYS = (OLD,)


def test_a_row_that_the_site_holds_is_passed_over_and_found_again(open_site, settings):
    submission = make_submission(name="Before")
    settings.FIELD_KEYS = (NEW, OLD)
    held, go_on = Event(), Event()

    def write():
        with transaction.atomic():
            row = Submission.objects.select_for_update().get(pk=submission.pk)
            held.set()
            go_on.wait(10)
            row.name = "After"
            row.save(update_fields=["name"])

    with ThreadPoolExecutor(1) as site:
        writing = site.submit(in_a_thread, write)
        held.wait(10)
        rotation.rotate(every_table(), lambda number: None)
        left = states("intake_submission.name")
        go_on.set()
        writing.result()

    assert left == {State.OLD: 1}
    assert rotate()[0] == 0
    settings.FIELD_KEYS = (NEW,)
    found = Submission.objects.get()
    assert (found.name, found.email) == ("After", "marta@example.org")


def test_an_erasure_that_is_under_way_is_passed_over_and_nothing_comes_back(open_site, settings):
    submission = make_submission(message="Private words")
    submission.add_note("Private remark", by=make_user())
    settings.FIELD_KEYS = (NEW, OLD)
    held, go_on = Event(), Event()

    def erase():
        with transaction.atomic():
            erased(submission)
            held.set()
            go_on.wait(10)

    with ThreadPoolExecutor(1) as site:
        erasing = site.submit(in_a_thread, erase)
        held.wait(10)
        rotation.rotate(every_table(), lambda number: None)
        left = states("intake_submission.message"), states("intake_note.text")
        go_on.set()
        erasing.result()

    assert left == ({State.OLD: 1}, {State.OLD: 1})
    assert rotate()[0] == 0
    assert (stored(submission), Note.objects.count()) == ((), 0)


def test_nothing_is_lost_while_the_site_receives_changes_and_saves(open_site, settings, monkeypatch):
    monkeypatch.setattr(tables, "BATCH", 7)
    monkeypatch.setattr(rotation, "PAUSE", 0.01)
    user, packet = make_user(), Packet.objects.current()
    changed = [make_submission(name="0") for _ in range(3)]
    drafts = [Draft.objects.start(packet, "en") for _ in range(2)]
    fields = Screening(drafts[0]).all_steps[1]
    stop = Event()

    def receive() -> list[tuple[uuid.UUID, str]]:
        made = []
        while not stop.is_set():
            name = f"Person {len(made)}"
            submission = make_submission(name=name, email=f"p{len(made)}@example.org")
            submission.add_note(f"note on {name}", by=user)
            made.append((submission.pk, name))
        return made

    def change() -> int:
        number = 0
        while not stop.is_set():
            number += 1
            for submission in changed:
                with transaction.atomic():
                    row = Submission.objects.select_for_update().get(pk=submission.pk)
                    assert row.name == str(number - 1)
                    row.name = str(number)
                    row.save(update_fields=["name"])
        return number

    def save() -> int:
        number = 0
        while not stop.is_set():
            number += 1
            for draft in drafts:
                Draft.objects.get(pk=draft.pk).keep(number, fields.questionnaire.pk, ["a", "b"], {"a": [str(number)]})
        return number

    with ThreadPoolExecutor(3) as site:
        received, renamed, saved = (site.submit(in_a_thread, act) for act in (receive, change, save))
        keys, rotated = (OLD,), 0
        until = time.monotonic() + 6
        while time.monotonic() < until:
            keys = (os.urandom(32), *keys)
            settings.FIELD_KEYS = keys
            rotated += rotation.rotate_all(every_table(), lambda number: None)[0]
        stop.set()
        made, number, kept = received.result(), renamed.result(), saved.result()

    assert rotate()[0] == 0
    settings.FIELD_KEYS = keys[:1]
    assert len(keys) > 3
    assert rotated > 20
    assert min(len(made), number, kept) > 5
    assert {pk: Submission.objects.get(pk=pk).name for pk, _name in made} == dict(made)
    assert [Submission.objects.reached_at(f"p{n}@example.org").count() for n in range(len(made))] == [1] * len(made)
    assert sorted(note.text for note in Note.objects.all()) == sorted(f"note on {name}" for _pk, name in made)
    assert [Submission.objects.get(pk=submission.pk).name for submission in changed] == [str(number)] * 3
    assert [Draft.objects.get(pk=draft.pk).answers for draft in drafts] == [
        {str(fields.questionnaire.pk): {"a": [str(kept)]}}
    ] * 2


def test_a_run_that_was_killed_goes_on_where_it_ended(open_site, settings):
    count = 6_000
    Message.objects.bulk_create(
        Message(template="t", recipient=f"{n}@example.org", subject="s", body=f"body {n}", sent_at=timezone.now())
        for n in range(count)
    )
    command = [sys.executable, "manage.py", "rotate_keys"]
    server, _, _name = os.environ["DATABASE_URL"].rpartition("/")
    keys = ",".join(base64.b64encode(key).decode() for key in (NEW, OLD))
    own = os.environ | {"DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}", "FIELD_KEYS": keys}
    settings.FIELD_KEYS = (NEW, OLD)

    run = subprocess.Popen(command, cwd=project_settings.BASE_DIR, env=own, stdout=subprocess.PIPE)
    while run.poll() is None and not _renewed():
        time.sleep(0.005)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    then = _renewed()
    again = subprocess.run(command, cwd=project_settings.BASE_DIR, env=own, capture_output=True, text=True, check=False)

    assert 0 < then < count
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, f"All {3 * count:,} values are by the newest key.")
    settings.FIELD_KEYS = (NEW,)
    assert {int(one.body.split()[1]) for one in Message.objects.all()} == set(range(count))
    detail = AuditEvent.objects.get(kind="keys").detail
    assert detail == f"{count - then} rows encrypted with the newest key"


def _renewed() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM clinic_message WHERE substr(body, 1, 5) = %s", [crypto.newest_header()])
        return cursor.fetchone()[0]
