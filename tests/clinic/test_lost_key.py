"""Every page, command and job over rows whose key is not in FIELD_KEYS any more."""

import csv
import io
import json
import uuid
from datetime import timedelta
from io import StringIO
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic import outbox, periodic
from clinic.models import AuditEvent, ClinicProfile, Message
from clinic.roles import CLINICIAN, FRONT_DESK, MANAGER, ROLES
from intake.models import (
    CannedReply,
    ContactAttempt,
    Draft,
    Note,
    PersonLink,
    Response,
    ResumeLink,
    SentReply,
    Submission,
    Tag,
)
from tests.addresses import Rows
from tests.clinic.test_roles import EVERY_STAFF_PAGE, staff_addresses, user_of  # noqa: F401
from tests.factories import make_screening, make_submission, make_user
from tests.visitor import Visitor

LOST, KEPT = (b"l" * 32,), (b"k" * 32,)
LIST = reverse("admin:intake_submission_changelist")
SAYS = "cannot be decrypted: the key that it needs is missing"


@pytest.fixture
def lost(packet, settings):
    """A screening and a contact request of one person, with all that staff wrote, and the key is gone."""
    settings.FIELD_KEYS = LOST
    author = make_user(email="author@example.org", first_name="Nora")
    ClinicProfile.objects.update(phone="718-555-0199", alert_emails="on-call@example.org")
    screening = make_screening(phq9=[3] * 9, person={"name": "Marta Quill"})
    contact = make_submission(phone="718 555 0142", birth_date="1980-02-29", best_time="now", message="Hello")
    for submission in (screening, contact):
        submission.add_note("A note", by=author)
        SentReply.objects.create(submission=submission, title="Call", by=author, subject="Subject", body="Body")
    PersonLink.objects.decide(screening, contact, is_same=True, by=author)
    settings.FIELD_KEYS = KEPT
    return screening, contact


@pytest.fixture
def clinician(client, user_of):  # noqa: F811
    user = user_of(CLINICIAN)
    client.force_login(user)
    return user


def post(client, submission, step, *more, **data):
    data |= {"seen": submission.last_change}
    address = reverse(f"admin:intake_submission_{step}", args=[submission.pk, *more])
    return client.post(address, data, follow=True)


def words(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_page_of_the_staff_site_opens(client, user_of, lost, settings, role):  # noqa: F811
    settings.FIELD_KEYS = LOST
    rows = Rows()
    found = [rows.of(address) for address in staff_addresses() if address.name not in EVERY_STAFF_PAGE]
    settings.FIELD_KEYS = KEPT
    client.force_login(user_of(role))

    for path in found:
        assert client.get(path).status_code in {200, 302, 403, 404, 405}, path
    assert client.get(reverse("admin:index")).status_code == 200


def test_the_list_names_each_value_that_cannot_be_read(client, clinician, lost):
    known = make_submission(name="Ada Byron", email="ada@example.org")

    response = client.get(LIST)

    assert response.status_code == 200
    assert words(response).count(SAYS) == 2
    assert "Ada Byron" in words(response)
    assert known.reference in words(response)


@pytest.mark.parametrize("text", ["marta@example.org", "718 555 0142", "{reference}"])
def test_the_search_finds_by_reference_and_nothing_by_a_lost_index(client, clinician, lost, text):
    found = client.post(LIST, {"text": text.format(reference=lost[0].reference)})

    if text == "{reference}":
        assert found.headers["Location"] == lost[0].get_absolute_url()
    else:
        assert "No submission has this reference, e-mail address or phone number." in words(found)


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("role", [CLINICIAN, FRONT_DESK])
def test_the_page_of_a_submission_tells_each_value_in_its_place(client, user_of, lost, role, kind):  # noqa: F811
    client.force_login(user_of(role))

    page = words(client.get(lost[kind].get_absolute_url()))

    assert lost[kind].reference in page
    assert page.count(SAYS) >= (8 if role == CLINICIAN else 5)
    assert ("The answers " + SAYS in page) == (role == CLINICIAN and kind == 0)
    assert "Marta" not in page


def test_damaged_values_are_told_apart(client, clinician, packet):
    one, other = make_submission(name="One"), make_submission(name="Other")
    Submission.objects.filter(pk=one.pk).update(name="")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE intake_submission SET name = (SELECT name FROM intake_submission WHERE id = %s) WHERE id = %s",
            [other.pk, one.pk],
        )

    page = words(client.get(one.get_absolute_url()))
    assert "cannot be decrypted: it was damaged, or copied here from another place" in page


def test_a_lost_submission_can_be_worked_to_its_end(client, clinician, lost):
    screening, contact = lost
    alert = screening.alerts.first()
    tag = Tag.objects.create(name="interpreter")
    steps = [
        ("assign", [], {"assignee": clinician.pk}),
        ("due", [], {"on": "2030-01-01"}),
        ("tag", [], {"tags": [tag.pk]}),
        ("note", [], {"text": "What a person told again", "key": uuid.uuid4()}),
        ("contact", [], {"channel": "call", "outcome": "reached", "key": uuid.uuid4()}),
        ("acknowledge", [alert.pk], {}),
        ("resolve", [alert.pk], {"outcome": "reached-safe", "text": "Called."}),
        ("link", [contact.pk], {"is_same": "no"}),
    ]

    for step, more, data in steps:
        response = post(client, screening, step, *more, **data)
        assert response.status_code == 200, step
    post(client, contact, "move", move="close")

    contact.refresh_from_db(fields=["status"])
    assert contact.status == "closed"
    assert clinician.pk in screening.notes.values_list("author", flat=True)
    assert ContactAttempt.objects.count() == 1
    screening.refresh_from_db(fields=["assignee", "open_risk"])
    assert (screening.assignee, screening.open_risk) == (clinician, 0)
    page = words(client.get(screening.get_absolute_url()))
    assert "What a person told again" in page
    assert SAYS in page


def test_a_reply_is_refused_in_words_and_none_is_sent(client, clinician, lost):
    reply = CannedReply.objects.create(title="T", subject="About {reference}", body="Call {phone}.")
    before = SentReply.objects.count()

    response = post(client, lost[1], "reply", reply=reply.pk, key=uuid.uuid4(), send="1")

    assert response.status_code == 422
    assert "is not in FIELD_KEYS" in words(response)
    assert SentReply.objects.count() == before


def test_paper_and_exports_say_what_is_missing(client, clinician, lost):
    for submission in lost:
        paper = post(client, submission, "print", reason="treatment", notes="on")
        assert (paper.status_code, SAYS in words(paper)) == (200, True)
        bundle = post(client, submission, "export", reason="treatment", format="collection")
        assert f"Nothing was exported: a part of it {SAYS}." in words(bundle)
    address = reverse("admin:intake_submission_export_list")

    table = client.post(address, {"reason": "treatment", "format": "csv"}).getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert [(row["Name"], row["E-mail"], row["Date of birth"]) for row in rows] == [(SAYS, SAYS, SAYS)] * 2
    zipped = client.post(address, {"reason": "treatment", "format": "transaction"})
    assert (zipped.status_code, len(zipped.getvalue()) > 0) == (200, True)
    assert AuditEvent.objects.filter(detail="left out of the zip: cannot be decrypted").count() == 2


def test_the_file_for_a_person_tells_what_is_missing_in_its_place_and_leaves_out_the_bundles(client, clinician, lost):
    response = client.post(reverse("admin:intake_submission_everything", args=[lost[0].pk]))

    archive = ZipFile(io.BytesIO(response.getvalue()))
    assert set(archive.namelist()) == {"print.html", "data.json", "NOT-EXPORTED.txt"}
    screening, contact = json.loads(archive.read("data.json"))["submissions"]
    for told in (screening, contact):
        assert (told["contact"]["name"], told["contact"]["email"]) == (SAYS, SAYS)
        assert [note["text"] for note in told["notes"]] == [SAYS]
        assert [(reply["subject"], reply["body"]) for reply in told["replies"]] == [(SAYS, SAYS)]
    assert contact["contact"]["message"] == SAYS
    assert {form["answers"] for form in screening["forms"]} == {SAYS}
    document = archive.read("print.html").decode()
    assert ("The answers " + SAYS in document, document.count(SAYS) > 15) == (True, True)
    missing = archive.read("NOT-EXPORTED.txt").decode()
    assert [line.partition(":")[0] for line in missing.splitlines()] == [submission.reference for submission in lost]
    assert AuditEvent.objects.filter(detail="Bundle left out of the zip: cannot be decrypted").count() == 2


def test_a_lost_submission_can_be_held_and_erased_by_two_people(client, clinician, lost, user_of):  # noqa: F811
    lost[0].alerts.get().resolve(by=clinician, outcome="reached-safe", text="Called.")
    for submission in lost:
        address = reverse("admin:intake_submission_erasure", args=[submission.pk])
        client.force_login(clinician)
        for data in (
            {"step": "hold", "reason": "hold-complaint"},
            {"step": "lift"},
            {"step": "ask", "reason": "erasure-by-person"},
        ):
            assert client.post(address, data, follow=True).status_code == 200, data
        client.force_login(user_of(MANAGER, f"{submission.kind}@example.org"))
        assert "It is erased." in words(client.post(address, {"step": "confirm"}, follow=True))

    client.force_login(clinician)
    for submission in lost:
        page = words(client.get(submission.get_absolute_url()))
        assert ("What is left of it" in page, SAYS in page) == (True, False)
    left = [(row.status, row.name, row.message, row.email_index) for row in Submission.objects.all()]
    assert left == [("erased", "", "", None)] * 2
    assert not any(model.objects.exists() for model in (Note, Response, SentReply))


def test_retention_erases_a_lost_submission(lost):
    ended = timezone.now() - timedelta(days=25 * 31)
    Submission.objects.filter(pk=lost[1].pk).update(status="closed", ended_at=ended)

    call_command("purge", stdout=StringIO())

    assert dict(Submission.objects.values_list("pk", "status")) == {lost[0].pk: "new", lost[1].pk: "erased"}


def test_the_command_line_export_is_refused_in_words(lost):
    with pytest.raises(CommandError, match=r"^Nothing was exported\. The key .* is not in FIELD_KEYS\.$"):
        call_command("export_bundle", lost[0].reference)


# Jobs


def test_the_jobs_and_commands_of_the_worker_go_on(lost):
    lost[0].alerts.update(told_at=timezone.now() - timedelta(days=1))
    Draft.objects.update(updated_at=timezone.now() - timedelta(days=400))

    for entry in periodic.jobs:
        entry.run()
    for command in ("purge", "verify_audit"):
        call_command(command, stdout=StringIO())

    assert AuditEvent.objects.filter(detail="staff told again").count() == 1
    assert not Draft.objects.filter(submission=None).exists()


def test_messages_that_cannot_be_decrypted_wait_apart_and_are_given_up_at_last(client, lost, user_of):  # noqa: F811
    waiting = Message.objects.waiting().count()
    make_submission(email="ada@example.org")

    assert (waiting > 2, outbox.deliver_due()) == (True, 1)
    assert Message.objects.waiting().filter(error="UnknownKey").count() == waiting
    client.force_login(user_of("Manager"))
    page = words(client.get(reverse("admin:clinic_message_changelist")))
    assert page.count("The key that this value was encrypted with is not in FIELD_KEYS.") == waiting
    assert Message.objects.in_trouble().exists()

    Message.objects.waiting().update(created_at=Now() - outbox.GIVE_UP_AFTER - timedelta(hours=1), due_at=Now())
    assert outbox.deliver_due() == 0
    assert Message.objects.filter(failed_at__isnull=False).count() == waiting


def test_a_message_whose_key_comes_back_is_sent(lost, settings):
    waiting = Message.objects.waiting().count()
    outbox.deliver_due()
    Message.objects.update(due_at=Now())

    settings.FIELD_KEYS = KEPT + LOST

    assert outbox.deliver_due() == waiting


def test_a_damaged_message_is_given_up_at_once(db):
    one = Message.objects.create(template="t", recipient="a@example.org", subject="s", body="b")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clinic_message SET body = recipient")

    assert outbox.deliver_due() == 0
    one.refresh_from_db(fields=["error", "failed_at"])
    assert (one.error, one.failed_at is not None) == ("Tampered", True)


# Visitors


@pytest.fixture
def begun(visitor, settings) -> Visitor:
    settings.FIELD_KEYS = LOST
    visitor.start()
    visitor.about()
    settings.FIELD_KEYS = KEPT
    return visitor


@pytest.mark.parametrize("address", ["2/", "check/", "save/"])
def test_a_visitor_is_told_that_the_draft_is_lost_and_starts_again(begun, address):
    for request in (begun.client.get, begun.client.post):
        response = request(f"/screening/{address}")
        assert (response.status_code, "Your answers cannot be opened" in words(response)) == (410, True)
        assert ('tel:988"' in words(response), 'href=""' in words(response)) == (True, False)
    assert begun.client.get("/screening/").status_code == 200

    assert begun.start().headers["Location"] == "/screening/1/"
    assert begun.client.get("/screening/1/").status_code == 200


def test_the_draft_that_is_lost_is_told_in_the_language_of_the_page(begun):
    page = words(begun.client.get("/es/screening/2/"))

    assert "<h1>No se pueden abrir sus respuestas</h1>" in page
    assert 'action="/es/screening/"' in page


def test_a_link_to_a_lost_draft_says_so_and_is_not_used_up(begun, settings):
    address = f"/screening/resume/{ResumeLink.make(begun.draft)}/"

    response = Client().post(address)

    assert (response.status_code, "Your answers cannot be opened" in words(response)) == (410, True)
    settings.FIELD_KEYS = KEPT + LOST
    assert Client().post(address).headers["Location"] == "/screening/2/"


def test_who_has_sent_gets_the_reference_without_the_copy(visitor, settings):
    settings.FIELD_KEYS = LOST
    visitor.finish()
    visitor.send()
    settings.FIELD_KEYS = KEPT

    page = words(visitor.client.get("/screening/done/"))

    assert Submission.objects.get().reference in page
    assert "Your copy" not in page
