"""One file with everything about one person, for that person."""

import io
import json
import re
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from clinic.models import AuditEvent
from clinic.roles import CLINICIAN, FRONT_DESK
from intake import fhir
from intake.admin.readable import LOST
from intake.models import CannedReply, PersonLink
from intake.summary import sections_of
from tests.factories import make_screening, make_submission, make_user

LOST_KEY = (b"l" * 32,)

pytestmark = pytest.mark.usefixtures("packet")


@pytest.fixture
def nora(client):
    user = make_user(email="nora@example.org", first_name="Nora", last_name="Field")
    user.groups.add(Group.objects.get(name=CLINICIAN))
    client.force_login(user)
    return user


def ask(client, submission):
    return client.post(submission.get_absolute_url().replace("/change/", "/everything/"))


def files(response):
    archive = ZipFile(io.BytesIO(response.getvalue()))
    assert archive.testzip() is None
    return {name: archive.read(name).decode() for name in archive.namelist()}


def worked(by, **details):
    """A submission with all that staff do about one."""
    submission = make_submission(message="Please call <b>me</b>", phone="718 555 0142", **details)
    submission.look(by=by)
    submission.start_review(by=by)
    submission.add_note("Sounds **well**", by=by)
    submission.log_contact(uuid4(), channel="call", outcome="no-answer", next_on=None, by=by)
    reply = CannedReply.objects.create(title="We called", subject="We called", body="Your reference is {reference}.")
    submission.reply(reply, uuid4(), by=by)
    return submission


def test_the_file_holds_a_document_the_data_and_a_bundle_of_each(client, nora):
    submission = worked(nora)

    response = ask(client, submission)
    found = files(response)

    assert set(found) == {"print.html", "data.json", f"{submission.reference}.json"}
    assert response.streaming
    assert response.headers["Content-Disposition"] == f'attachment; filename="{submission.reference}-everything.zip"'
    bundle = fhir.read_json(found[f"{submission.reference}.json"])
    assert (bundle["type"], fhir.check_structure(bundle)) == ("collection", ())


def test_the_data_tell_what_was_sent_and_what_staff_did(client, nora):
    submission = worked(nora)

    data = json.loads(files(ask(client, submission))["data.json"])

    [told] = data["submissions"]
    assert data["by"] == "Nora Field"
    assert told["contact"] == {
        "name": "Marta Quill",
        "birth_date": "",
        "email": "marta@example.org",
        "phone": "718 555 0142",
        "contact_method": "email",
        "best_time": "",
        "preferred_language": "",
        "message": "Please call <b>me</b>",
    }
    assert told["consent"]["text"] == submission.consent.text
    assert [note["text"] for note in told["notes"]] == ["Sounds **well**"]
    assert [(one["how"], one["outcome"]) for one in told["contact_attempts"]] == [("Phone call", "No answer")]
    assert told["replies"][0]["body"] == f"Your reference is {submission.reference}."
    assert {"Looked at", "Status changed: New → In review", "Note added", "Received"} <= {
        line["what"] for line in told["timeline"]
    }


def test_a_screening_is_told_with_its_questions_answers_totals_and_alerts(client, nora):
    submission = make_screening(phq9=[0] * 8 + [1], gad7=[None] + [1] * 6)
    submission.alerts.get().resolve(by=nora, outcome="reached-safe", text="Called.")

    [told] = json.loads(files(ask(client, submission))["data.json"])["submissions"]

    phq9 = next(form for form in told["forms"] if form["url"].endswith("/phq-9"))
    assert phq9["totals"] == [{"code": "44261-6", "total": 1, "band": "None to minimal"}]
    assert phq9["answers"][0]["question"] == "Little interest or pleasure in doing things"
    assert phq9["answers"][0]["answers"] == ["Not at all"]
    gad7 = next(form for form in told["forms"] if form["url"].endswith("/gad-7"))
    assert (gad7["totals"][0]["total"], gad7["answers"][0]["answers"]) == (None, [])
    [alert] = told["safety_alerts"]
    assert (alert["what"], alert["outcome"]) == ("Suicidal thoughts", "Reached, and safe for now")


def test_what_was_asked_in_spanish_is_told_in_spanish_down_to_a_yes_and_a_date(client, nora):
    submission = make_screening(language="es")

    [told] = json.loads(files(ask(client, submission))["data.json"])["submissions"]

    found = [[(row["question"], tuple(row["answers"])) for row in form["answers"]] for form in told["forms"]]
    sections = sections_of([(one.questionnaire.compiled, one.evaluation) for one in submission.responses.all()], "es")
    expected = [[(row.question, row.values) for row in section.rows] for section in sections]
    assert found == expected
    values = {value for form in found for _, values in form for value in values}
    assert {"29 de febrero de 1980", "Ningún día"} <= values
    assert {form["language"] for form in told["forms"]} == {"es"}


def test_the_document_stands_alone_without_a_script_and_shows_what_was_written_as_text(client, nora):
    submission = worked(nora, name="<script>alert(1)</script>")

    page = files(ask(client, submission))["print.html"]

    assert re.findall(r"<(?:script|link|img|iframe|object)\b", page) == []
    assert re.findall(r"\b(?:src|style|on\w+)=", page) == []
    assert "@page" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for part in (
        "Please call &lt;b&gt;me&lt;/b&gt;",
        "<strong>well</strong>",
        "No answer",
        "Your reference is",
        "Timeline",
    ):
        assert part in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_confirmed_submissions_of_the_person_come_along_and_others_do_not(client, nora):
    first, second, stranger, refused = (make_screening() for _ in range(4))
    PersonLink.objects.decide(first, second, is_same=True, by=nora)
    PersonLink.objects.decide(first, refused, is_same=False, by=nora)

    found = files(ask(client, second))

    references = [told["reference"] for told in json.loads(found["data.json"])["submissions"]]
    assert references == [first.reference, second.reference]
    assert {f"{reference}.json" for reference in references} < set(found)
    for text in found.values():
        assert stranger.reference not in text
        assert refused.reference not in text
    ids = re.findall(r' id="([^"]+)"', found["print.html"])
    assert len(ids) == len(set(ids))


def test_it_is_on_record_for_each_submission_before_the_first_byte_leaves(client, nora):
    first, second = make_submission(), make_submission()
    PersonLink.objects.decide(first, second, is_same=True, by=nora)

    response = ask(client, first)

    assert response.streaming
    columns = ("actor", "reference", "detail", "reason", "address")
    assert list(AuditEvent.objects.filter(action="exported").values_list(*columns)) == [
        (nora.pk, submission.reference, "everything about the person, zip", "person", "127.0.0.1")
        for submission in (first, second)
    ]


def test_what_cannot_be_decrypted_is_told_in_its_place_and_its_bundle_is_left_out(client, nora):
    submission = make_screening(phq9=[1] * 9)
    response = submission.responses.get(questionnaire__url__endswith="/phq-9")
    document = response.document
    with override_settings(FIELD_KEYS=LOST_KEY):
        response.document = f"{document} "
        response.save(update_fields=["document"])

    found = files(ask(client, submission))

    [told] = json.loads(found["data.json"])["submissions"]
    assert [form["answers"] for form in told["forms"] if form["url"].endswith("/phq-9")] == [LOST]
    assert f"The answers {LOST}." in found["print.html"]
    assert found["NOT-EXPORTED.txt"].startswith(f"{submission.reference}: cannot be decrypted.")
    assert submission.events.filter(detail="Bundle left out of the zip: cannot be decrypted").count() == 1


def test_the_front_desk_gets_no_such_file(client):
    user = make_user(email="front@example.org")
    user.groups.add(Group.objects.get(name=FRONT_DESK))
    client.force_login(user)
    submission = make_submission()

    assert ask(client, submission).status_code == 403
    assert "Everything about this person" not in client.get(submission.get_absolute_url()).content.decode()


def test_the_file_is_made_a_submission_at_a_time(client, nora):
    """Each piece of it is sent before the next submission is read whole."""
    first, *others = [make_screening() for _ in range(6)]
    for other in others:
        PersonLink.objects.decide(first, other, is_same=True, by=nora)

    chunks = list(ask(client, first).streaming_content)

    assert len(chunks) > 6
    assert max(map(len, chunks)) < sum(map(len, chunks)) / 3


def test_its_queries_grow_by_the_same_number_for_each_submission(client, nora):
    def cost(submission):
        with CaptureQueriesContext(connection) as queries:
            files(ask(client, submission))
        return len(queries)

    one, two, three = (make_screening() for _ in range(3))
    cost(one)
    alone = cost(one)
    PersonLink.objects.decide(one, two, is_same=True, by=nora)
    of_two = cost(one)
    PersonLink.objects.decide(one, three, is_same=True, by=nora)

    assert cost(one) - of_two == of_two - alone


def test_the_document_says_what_a_note_says_to_the_letter(client, nora):
    submission = make_submission()
    submission.add_note('He wrote id="me" and aria-labelledby="you".', by=nora)

    document = files(ask(client, submission))["print.html"]

    assert 'He wrote id="me" and aria-labelledby="you".' in document
    assert ' id="part-0-' in document
