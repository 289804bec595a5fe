"""After an erasure nothing of the person is in the database: not in a dump of it, and not behind the encryption."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.fields.related import ForeignObjectRel
from django.test import Client

from clinic import outbox
from clinic.fields import EncryptedField
from clinic.models import AuditEvent, Message
from clinic.roles import make_groups
from intake.models import CannedReply, Draft, PersonLink, ResumeLink, SavedView, Submission, Tag
from tests.answers import enabling, questions_for_words
from tests.dump import dump
from tests.factories import make_screening, make_submission, make_user

LIST = "/admin/intake/submission/"
MARK = "Zq7Marker"
EMAIL, PHONE = f"{MARK.lower()}@example.org", "718 555 0177"
ALERTED = [0] * 8 + [3]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("packet")]


def decrypted():
    """Every encrypted value of every row of every table, opened."""
    found = []
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedField)]
        for row in model._base_manager.all() if names else ():
            found += [f"{model.__name__}.{name}: {getattr(row, name)}" for name in names]
    return "\n".join(found)


def indexes():
    """What the blind indexes of the person would find."""
    return Submission.objects.reached_at(EMAIL).count() + Submission.objects.reached_at(PHONE).count()


def marks(text):
    """The numbers of the marks in a text; e-mail address and phone number count as one each."""
    found = set(re.findall(rf"{MARK}-(\w+)", text))
    return found | {name for name, value in (("email", EMAIL), ("phone", "5550177")) if value in text.replace(" ", "")}


def every_text_answer():
    """A mark of its own for each question that takes words."""
    return {name: f"{MARK}-{re.sub(r'[^a-z0-9]', '_', name)}" for name in questions_for_words()}


def person():
    return {
        "name": f"{MARK}-name",
        "email": EMAIL,
        "phone": PHONE,
        "best_time": f"{MARK}-besttime",
        "birth_date": (1980, 2, 29),
    }


def receive():
    """A screening and a contact request with a mark in every field."""
    screening = make_screening(phq9=ALERTED, answers=every_text_answer() | enabling(), person=person())
    details = {name: value for name, value in person().items() if name != "birth_date"}
    details |= {"name": f"{MARK}-contactname", "best_time": f"{MARK}-contacttime"}
    contact = make_submission(**details, preferred_language=f"{MARK}-language", message=f"{MARK}-message")
    return screening, contact


def work(submission, by, client):
    """All that staff do, with a mark wherever they write."""
    address = submission.get_absolute_url().replace("change/", "")
    kind = submission.kind
    client.get(submission.get_absolute_url())
    submission.assign(by, by=by)
    submission.start_review(by=by)
    submission.plan_contact(date(2026, 1, 2), by=by)
    submission.log_contact(uuid4(), channel="call", outcome="reached", next_on=None, by=by)
    submission.add_note(f"{MARK}-{kind}note", by=by)
    submission.tag([Tag.objects.get()], by=by)
    reply = CannedReply.objects.create(title=f"Reply {kind}", language="en", subject="Hello", body="{reference}")
    submission.reply(reply, uuid4(), by=by)
    for alert in submission.alerts.all():
        alert.acknowledge(by=by)
        alert.resolve(by=by, outcome="emergency-care", text=f"{MARK}-{kind}alert")
    for how in ("print", "export", "everything"):
        response = client.post(f"{address}{how}/", {"reason": "person", "format": "collection", "notes": "on"})
        assert response.status_code == 200, how
        assert b"".join(response.streaming_content) if response.streaming else response.content
    client.post(f"{LIST}export/?show=all", {"reason": "legal-request", "format": "csv"})
    client.post(LIST, {"text": EMAIL})


def staff():
    make_groups()
    one = make_user(email="one@example.org", is_superuser=True)
    return one, make_user(email="two@example.org", is_superuser=True)


def resume_mail(submission):
    """The link that the visitor asked for while filling in, which was never delivered."""
    draft = Draft.objects.get(submission=submission)
    ResumeLink.objects.create(draft=draft, token_hash=f"{MARK}-token")
    outbox.send("resume_link", to=EMAIL, context={"url": "https://x.example/", "days": 7}, about=draft.pk)


def test_after_the_erasure_neither_the_dump_nor_what_is_encrypted_holds_a_mark_of_the_person():
    one, two = staff()
    Tag.objects.create(name="interpreter")
    client = Client()
    client.force_login(one)
    screening, contact = receive()
    resume_mail(screening)
    for submission in (screening, contact):
        work(submission, one, client)
    PersonLink.objects.decide(screening, contact, is_same=True, by=one)
    for submission in (screening, contact):
        client.get(submission.get_absolute_url())

    expected = {mark.split("-")[1] for mark in every_text_answer().values()} | {
        "name", "email", "phone", "besttime", "contactname", "contacttime", "language", "message",
        "screeningnote", "contactnote", "screeningalert",
    }  # fmt: skip
    before = marks(decrypted())
    assert before == expected
    assert len(before) >= 40
    assert indexes() == 3  # the screening asks for one way only
    assert marks(dump()) == {"token"}  # all else is encrypted; this one was put in clear on purpose
    planted = SavedView.objects.create(owner=one, name=f"{MARK}-planted")
    assert marks(dump()) == {"token", "planted"}
    planted.delete()

    for submission in (screening, contact):
        submission.ask_erasure("erasure-by-person", by=one)
        submission.confirm_erasure(by=two)

    assert marks(decrypted()) == set()
    assert marks(dump()) == set()
    assert indexes() == 0
    assert "suicidal" not in "\n".join(rows_about(screening, contact))
    assert Submission.objects.filter(status="erased").count() == 2


def rows_about(*submissions):
    """The lines of the dump that name the submissions, by id or reference."""
    keys = [str(submission.pk) for submission in submissions] + [submission.reference for submission in submissions]
    return [line for line in dump().splitlines() if any(key in line for key in keys)]


def test_only_the_stone_and_the_record_still_name_it():
    one, two = staff()
    Tag.objects.create(name="interpreter")
    client = Client()
    client.force_login(one)
    screening, contact = receive()
    resume_mail(screening)
    for submission in (screening, contact):
        work(submission, one, client)
    PersonLink.objects.decide(screening, contact, is_same=True, by=one)
    pointing = {
        relation.related_model.__name__
        for relation in Submission._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel)
    }
    assert all(rows_of(screening)[name] for name in pointing), "make one of each, or this test shows nothing"

    screening.ask_erasure("erasure-by-person", by=one)
    screening.confirm_erasure(by=two)

    assert rows_of(screening) == dict.fromkeys(pointing, 0)
    assert not Message.objects.filter(about=screening.pk).exists()
    tables = {re.match(r"INSERT INTO public\.(\w+)", line)[1] for line in rows_about(screening)}
    assert tables == {"intake_submission", "clinic_auditevent"}
    kept = Submission.objects.get(pk=contact.pk)
    assert (kept.name, kept.notes.count(), kept.replies.count()) == (f"{MARK}-contactname", 1, 1)


def rows_of(submission):
    """How many rows of each table point at it."""
    counts = {}
    for relation in Submission._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            rows = relation.related_model._base_manager.filter(**{relation.field.name: submission.pk})
            name = relation.related_model.__name__
            counts[name] = counts.get(name, 0) + rows.count()
    return counts


def test_every_column_of_a_submission_is_emptied_unless_it_is_named_as_kept():
    one, two = staff()
    submission, _ = receive()
    submission.alerts.get().resolve(by=one, outcome="reached-safe", text="x")
    submission.refresh_from_db()
    submission.close(by=one)
    submission.ask_erasure("erasure-by-person", by=one)
    submission.confirm_erasure(by=two)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM intake_submission WHERE id = %s", [submission.pk])
        row = dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))

    fields = {field.column: field.name for field in Submission._meta.concrete_fields}
    full = {fields[name] for name, value in row.items() if (bytes(value) if isinstance(value, memoryview) else value)}
    assert full <= Submission.KEPT
    assert {"reference", "kind", "created_at", "erased_at", "erased_by", "erasure_asked_by"} <= full


def test_what_is_on_record_holds_codes_ids_and_names_of_staff_and_nothing_of_the_person():
    one, _ = staff()
    Tag.objects.create(name="interpreter")
    client = Client()
    client.force_login(one)
    screening, contact = receive()
    for submission in (screening, contact):
        work(submission, one, client)
    PersonLink.objects.decide(screening, contact, is_same=True, by=one)

    told = "\n".join(
        "|".join(map(str, row))
        for row in AuditEvent.objects.values_list("kind", "record", "reference", "detail", "reason")
    )

    assert screening.reference in told
    assert marks(told) == set()
    for clue in ("suicid", "emergency", "1980", "severe"):
        assert clue not in told.lower()
