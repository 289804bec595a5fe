"""A safety alert from the e-mail to the outcome."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from clinic import outbox
from clinic.models import ClinicProfile, Heartbeat, Message
from intake import alerts
from intake.models import AlreadyDone, SafetyAlert, UnresolvedAlert
from tests.factories import CAN_WORK, make_screening, make_submission, make_user

pytestmark = pytest.mark.usefixtures("packet")

RISKY = [0] * 8 + [1]


@pytest.fixture
def clinician(client):
    user = make_user(
        *CAN_WORK,
        "intake.change_safetyalert",
        "intake.resolve_safetyalert",
        first_name="Nora",
        last_name="Field",
    )
    client.force_login(user)
    return user


@pytest.fixture
def on_call(db):
    ClinicProfile.objects.update(
        alert_emails="first@example.org", escalation_emails="second@example.org", escalate_after_minutes=30
    )


def alert_of(submission, **fields):
    alert = submission.alerts.get()
    SafetyAlert.objects.filter(pk=alert.pk).update(**fields)
    alert.refresh_from_db()
    return alert


def post(client, alert, step, **data):
    return client.post(
        reverse(f"admin:intake_submission_{step}", args=[alert.submission_id, alert.pk]), data, follow=True
    )


def told():
    return [message.recipient for message in Message.objects.filter(template="safety_alert").order_by("created_at")]


def test_an_alert_is_acknowledged_then_resolved_with_who_when_and_outcome(client, clinician):
    submission = make_screening(phq9=RISKY)
    alert = alert_of(submission)

    post(client, alert, "acknowledge")
    post(client, alert, "resolve", outcome="reached-safe", text="Called. Has a plan for the night.")

    alert.refresh_from_db()
    submission.refresh_from_db()
    assert (alert.status, alert.outcome) == ("resolved", "reached-safe")
    assert (alert.acknowledged_by, alert.resolved_by) == (clinician, clinician)
    assert alert.raised_at <= alert.acknowledged_at <= alert.resolved_at
    assert alert.note.text == "Called. Has a plan for the night."
    assert (submission.risk, submission.open_risk) == (2, 0)
    steps = submission.events.filter(action="alert").values_list("detail", flat=True)
    assert list(steps) == ["acknowledged", "resolved"]


def test_a_resolved_alert_stays_on_the_page(client, clinician):
    alert = alert_of(make_screening(phq9=RISKY))
    alert.resolve(by=clinician, outcome="emergency-care", text="Taken to the emergency room by the family.")

    page = client.get(alert.submission.get_absolute_url()).content.decode()

    assert "Urgent: Suicidal thoughts" in page
    assert "Referred to emergency care" in page
    assert "Resolve the alert" not in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"outcome": "", "text": "Called."}, "Choose how it ended."),
        ({"outcome": "reached-safe", "text": " "}, "Say in a few words what was done"),
        ({"outcome": "unheard-of", "text": "Called."}, "Select a valid choice"),
    ],
)
def test_an_alert_is_not_resolved_without_outcome_and_words_and_nothing_typed_is_lost(client, clinician, sent, said):
    alert = alert_of(make_screening(phq9=RISKY))

    response = post(client, alert, "resolve", **sent)

    alert.refresh_from_db()
    assert (response.status_code, alert.status) == (422, "open")
    assert said in response.content.decode()
    assert sent["text"] in response.content.decode()


def test_only_those_who_may_resolve_can(client):
    submission = make_screening(phq9=RISKY)
    client.force_login(make_user("intake.view_submission", "intake.read_answers", "intake.change_submission"))
    alert = alert_of(submission)

    assert post(client, alert, "acknowledge").status_code == 403
    assert post(client, alert, "resolve", outcome="reached-safe", text="Called.").status_code == 403
    assert "Acknowledge" not in client.get(submission.get_absolute_url()).content.decode()


def test_an_alert_of_another_submission_is_not_found_under_this_one(client, clinician):
    alert, other = alert_of(make_screening(phq9=RISKY)), make_screening(phq9=RISKY)

    response = client.post(reverse("admin:intake_submission_acknowledge", args=[other.pk, alert.pk]))

    alert.refresh_from_db()
    assert (response.status_code, alert.status) == (404, "open")


def test_the_slower_of_two_is_refused(clinician):
    alert = alert_of(make_screening(phq9=RISKY))
    stale = SafetyAlert.objects.get(pk=alert.pk)
    alert.acknowledge(by=clinician)

    with pytest.raises(AlreadyDone):
        stale.acknowledge(by=make_user(email="other@example.org"))

    alert.refresh_from_db()
    assert alert.acknowledged_by == clinician


@pytest.mark.parametrize("step", ["close", "decline", "schedule"])
def test_a_submission_stays_open_until_its_alerts_are_resolved(clinician, step):
    submission = make_screening(phq9=RISKY)
    submission.start_review(by=clinician)

    with pytest.raises(UnresolvedAlert):
        getattr(submission, step)(by=clinician)
    alert_of(submission).resolve(by=clinician, outcome="reached-safe", text="Called.")
    submission.refresh_from_db()
    getattr(submission, step)(by=clinician)

    assert submission.status not in submission.OPEN


def test_the_database_refuses_an_alert_that_nobody_resolved_and_a_closed_submission_with_one(clinician):
    submission = make_screening(phq9=RISKY)

    for rows, fields in (
        (SafetyAlert.objects.filter(submission=submission), {"status": "resolved"}),
        (SafetyAlert.objects.filter(submission=submission), {"status": "acknowledged"}),
        (type(submission).objects.filter(pk=submission.pk), {"status": "closed"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**fields)


def test_an_unacknowledged_alert_is_told_again_to_everybody_each_time_the_minutes_are_over(on_call):
    submission = make_screening(phq9=RISKY)
    assert told() == ["first@example.org"]

    alert_of(submission, told_at=timezone.now() - timedelta(minutes=29))
    alerts.remind()
    assert len(told()) == 1

    alert_of(submission, told_at=timezone.now() - timedelta(minutes=31))
    alerts.remind()
    alerts.remind()
    assert told()[1:] == ["first@example.org", "second@example.org"]

    alert_of(submission, told_at=timezone.now() - timedelta(minutes=31))
    alerts.remind()
    assert len(told()) == 5


def test_a_clock_that_was_set_wrong_neither_hastens_nor_delays_the_reminders(on_call, monkeypatch):
    submission, now = make_screening(phq9=RISKY), timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(hours=1))
    alerts.remind()
    assert told() == ["first@example.org"]

    alert_of(submission, told_at=now() - timedelta(minutes=31))
    alerts.remind()
    assert len(told()) == 3
    assert not submission.alerts.filter(told_at__gt=now()).exists()


def test_reminders_end_when_somebody_acknowledges(on_call, clinician):
    alert = alert_of(make_screening(phq9=RISKY), told_at=timezone.now() - timedelta(hours=2))
    alert.acknowledge(by=clinician)

    alerts.remind()

    assert told() == ["first@example.org"]


def test_a_routine_alert_is_told_again_as_well(on_call):
    alert_of(make_screening(phq9=[0] * 8 + [None]), told_at=timezone.now() - timedelta(hours=2))

    alerts.remind()

    assert told() == ["first@example.org", "first@example.org", "second@example.org"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once(packet, on_call):
    from concurrent.futures import ThreadPoolExecutor

    alert_of(make_screening(phq9=RISKY), told_at=timezone.now() - timedelta(hours=1))

    def work(_):
        alerts.remind()
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert sorted(told()) == ["first@example.org", "first@example.org", "second@example.org"]


def test_the_daily_test_is_sent_once_a_day_in_the_morning(on_call, monkeypatch):
    for hour in (8, 9, 15):
        monkeypatch.setattr(timezone, "localtime", lambda hour=hour: timezone.datetime(2026, 11, 24, hour))
        alerts.self_test()

    found = Message.objects.filter(template="alert_self_test")
    assert sorted(message.recipient for message in found) == ["first@example.org", "second@example.org"]


def test_a_strip_on_every_page_of_the_desk_tells_of_an_open_alert(client, clinician, on_call):
    Heartbeat.beat("worker")
    pages = ["admin:index", "admin:intake_submission_changelist", "mfa_index"]
    assert all("desk-strip" not in client.get(reverse(page)).content.decode() for page in pages)

    alert = alert_of(make_screening(phq9=RISKY), raised_at=timezone.now() - timedelta(hours=3))
    for page in pages:
        assert "seen by nobody; the oldest waits for 3 h" in client.get(reverse(page)).content.decode()

    alert.acknowledge(by=clinician)
    assert "somebody has acknowledged each" in client.get(reverse(pages[0])).content.decode()


def test_the_strip_tells_of_alerts_only_those_who_may_see_submissions(client):
    make_screening(phq9=RISKY)
    client.force_login(make_user("clinic.view_clinicprofile"))

    assert "desk-strip" not in client.get(reverse("admin:index")).content.decode()


def test_a_manager_is_told_why_nobody_would_hear_of_an_alert_and_not_of_the_alerts(client):
    make_screening(phq9=RISKY)
    client.force_login(make_user("clinic.change_clinicprofile"))

    page = client.get(reverse("admin:index")).content.decode()

    assert "No one is told of safety alerts by e-mail" in page
    assert "not resolved" not in page


def test_the_desk_says_when_alerts_cannot_be_mailed_and_when_no_worker_runs(client, clinician):
    Heartbeat.objects.create(name="worker", at=timezone.now() - timedelta(minutes=4))
    Message.objects.create(template="safety_alert", is_urgent=True, failed_at=timezone.now())

    page = client.get(reverse("admin:index")).content.decode()

    assert "E-mails about safety alerts could not be sent." in page
    assert "The worker does not run" in page


def test_the_desk_says_at_the_first_failure_that_an_alert_could_not_be_mailed(client, clinician, on_call, settings):
    Heartbeat.beat("worker")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    make_screening(phq9=RISKY)
    warning = "E-mails about safety alerts could not be sent."
    assert warning not in client.get(reverse("admin:index")).content.decode()

    outbox.deliver_due()

    assert warning in client.get(reverse("admin:index")).content.decode()


def test_those_with_an_unresolved_alert_are_on_top_and_sink_when_it_is_resolved(client, clinician):
    risky, contact = make_screening(phq9=RISKY), make_submission()
    address = reverse("admin:intake_submission_changelist")
    listed = lambda: [row.reference for row in client.get(address).context["cl"].result_list]  # noqa: E731
    type(contact).objects.filter(pk=contact.pk).update(created_at=timezone.now() - timedelta(days=1))
    assert listed() == [risky.reference, contact.reference]

    alert_of(risky).resolve(by=clinician, outcome="reached-safe", text="Called.")

    assert listed() == [contact.reference, risky.reference]
    assert "Urgent, resolved" in client.get(address).content.decode()
    found = client.get(address, {"show": "all", "alert": "unresolved"}).context["cl"].result_list
    assert list(found) == []
