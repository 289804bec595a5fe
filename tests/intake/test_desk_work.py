"""Who works on a submission, tries to reach the person, and two people at once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEvent
from intake.models import ContactAttempt, Note, Submission
from tests.factories import CAN_WORK, make_submission, make_user


@pytest.fixture
def nora(client, db):
    user = make_user(*CAN_WORK, email="nora@example.org", first_name="Nora", last_name="Field")
    client.force_login(user)
    return user


@pytest.fixture
def ben(db):
    return make_user(*CAN_WORK, email="ben@example.org", first_name="Ben", last_name="Ito")


def post(client, submission, step, **data):
    return client.post(reverse(f"admin:intake_submission_{step}", args=[submission.pk]), data, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_a_submission_is_assigned_and_given_back(client, nora, ben):
    submission = make_submission()

    assert said(post(client, submission, "assign", assignee=ben.pk)) == ["Assigned to Ben Ito."]
    assert said(post(client, submission, "assign", assignee="")) == ["Assigned to nobody."]

    events = submission.events.filter(action="assigned").values_list("detail", flat=True)
    assert list(events) == ["to Ben Ito", "to nobody"]


def test_only_staff_who_may_work_on_submissions_are_assigned(client, nora):
    submission, stranger = make_submission(), make_user(email="manager@example.org")

    response = post(client, submission, "assign", assignee=stranger.pk)

    submission.refresh_from_db()
    assert (response.status_code, submission.assignee) == (422, None)


def test_the_list_can_be_narrowed_to_mine_to_nobodys_and_to_what_is_due(client, nora, ben):
    today = timezone.localdate()
    mine, bens, nobodys = make_submission(), make_submission(), make_submission()
    mine.assign(nora, by=nora)
    bens.assign(ben, by=nora)
    for submission, due in ((mine, today), (bens, today + timedelta(days=1))):
        submission.log_contact(uuid4(), channel="call", outcome="no-answer", next_on=due, by=nora)

    def listed(**filters):
        page = client.get(reverse("admin:intake_submission_changelist"), filters)
        return [row.reference for row in page.context["cl"].result_list]

    assert listed(who="me") == [mine.reference]
    assert listed(who="nobody") == [nobodys.reference]
    assert listed(due="now") == [mine.reference]


def test_a_contact_attempt_is_kept_once_with_what_came_of_it_and_when_to_try_again(client, nora):
    submission, key = make_submission(), uuid4()
    sent = {"key": key, "channel": "call", "outcome": "no-answer", "next_on": "2026-12-01"}

    post(client, submission, "contact", **sent)
    response = post(client, submission, "contact", **sent)

    submission.refresh_from_db()
    attempt = ContactAttempt.objects.get(submission=submission)
    assert (attempt.by, attempt.channel, attempt.outcome) == (nora, "call", "no-answer")
    assert submission.next_contact_on.isoformat() == "2026-12-01"
    assert "Phone call: No answer" in response.content.decode()


def test_a_note_sent_twice_is_kept_once(client, nora):
    submission, sent = make_submission(), {"key": uuid4(), "text": "Called."}

    for _ in range(2):
        post(client, submission, "note", **sent)

    assert Note.objects.filter(submission=submission).count() == 1


def test_a_change_is_refused_when_somebody_else_was_faster_and_says_what_changed(client, nora, ben):
    submission = make_submission()
    seen = submission.last_change
    submission.start_review(by=ben)
    submission.assign(ben, by=ben)

    response = post(client, submission, "assign", assignee=nora.pk, seen=seen)

    submission.refresh_from_db()
    assert submission.assignee == ben
    assert said(response) == [
        "Nothing was changed, because others were faster. "
        "Ben Ito: Status changed: New → In review; Ben Ito: Assigned: to Ben Ito."
    ]


def test_what_the_page_showed_already_is_no_conflict(client, nora, ben):
    submission = make_submission()
    submission.start_review(by=ben)
    seen = client.get(submission.get_absolute_url()).context["seen"]

    post(client, submission, "move", move="contacted", seen=seen)

    submission.refresh_from_db()
    assert submission.status == "contacted"


def test_the_page_tells_who_else_opened_it_in_the_last_minutes(client, nora, ben, monkeypatch):
    submission = make_submission()
    submission.record(AuditEvent.Action.VIEWED, by=ben)

    assert (
        "<strong>Ben Ito</strong> opened this submission" in client.get(submission.get_absolute_url()).content.decode()
    )

    monkeypatch.setattr(Submission, "SEEN_LATELY", timedelta(0))
    assert "Ben Ito" not in client.get(submission.get_absolute_url()).content.decode().split("<h2")[0]


def test_nobody_elses_look_is_not_told_when_there_was_none(client, nora):
    submission = make_submission()

    for _ in range(2):
        page = client.get(submission.get_absolute_url()).content.decode()

    assert "opened this submission" not in page
