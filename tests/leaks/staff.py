"""What staff and their worker do, with a mark wherever they write."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinic.models import ClinicProfile, Invitation, Message
from intake.models import CannedReply, SavedView, Submission, Tag
from tests.factories import make_user
from tests.leaks.journey import Journey

DESK = "/admin/intake/submission/"
PATIENCE = 20  # seconds


def prepare(journey: Journey) -> None:
    ClinicProfile.objects.update(alert_emails="alerts@example.org")
    Tag.objects.create(name="interpreter")
    text = f"{journey.marks['reply']} {journey.marks['planted']}"
    CannedReply.objects.create(title="A marked reply", subject="Hello", body=text)
    journey.secrets["password"] = "eleven quiet otters at dawn"
    staff = make_user(email="staff@example.org", password=journey.secrets["password"], is_superuser=True)
    SavedView.objects.create(owner=staff, name=journey.marks["planted"])


def open_invitation(journey: Journey) -> None:
    link = Invitation.objects.issue(make_user(email="new@example.org"), by=None)
    journey.secrets["invitation token"] = link.rstrip("/").rsplit("/", 1)[1]
    address = reverse("invitation", args=[journey.secrets["invitation token"]])
    assert journey.client().get(address).status_code == 200


def sign_in(journey: Journey) -> Client:
    client = journey.client()
    client.post("/admin/login/", {"login": journey.email("sign-in"), "password": journey.marks["wrong password"]})
    given = {"login": "staff@example.org", "password": journey.secrets["password"]}
    assert client.post("/admin/login/", given).status_code == 302
    return client


def review(journey: Journey, client: Client) -> None:
    client.get(DESK, {"show": "all"})
    for text in (journey.email("contact e-mail"), journey.marks["screening phone"], journey.email("desk search")):
        client.post(DESK, {"text": text})
    for submission in Submission.objects.all():
        _work(journey, client, submission)
    for how in ("csv", "transaction"):
        client.post(f"{DESK}export/?show=all", {"reason": "legal-request", "format": how})


def _work(journey: Journey, client: Client, submission: Submission) -> None:
    def post(step: str, status: int = 302, **data: Any) -> HttpResponse:
        response = client.post(f"{DESK}{submission.pk}/{step}/", data)
        assert response.status_code == status, step
        return response

    post("status", move="start-review")
    post("assign", assignee=submission.pk, status=422)
    post("due", on="2027-01-02")
    post("tags", tags=str(Tag.objects.get().pk))
    post("contact", key=uuid4(), channel="call", outcome="reached")
    post("note", key=uuid4(), text=journey.marks[f"{submission.kind} note"])
    reply = {"key": uuid4(), "reply": CannedReply.objects.get(title="A marked reply").pk}
    post("reply", **reply, status=200)
    post("reply", **reply, send="1")
    for alert in submission.alerts.all():
        post(f"alert/{alert.pk}/acknowledge")
        post(f"alert/{alert.pk}/resolve", text=journey.marks["outcome without a choice"], status=422)
        post(f"alert/{alert.pk}/resolve", text=journey.marks[f"outcome {alert.code}"], outcome="emergency-care")
    for how in ("print", "export", "everything"):
        post(how, reason="person", format="collection", notes="on", status=200)
    client.get(submission.get_absolute_url())


def deliver(journey: Journey) -> None:
    """The server has refused each recipient by name; now it takes everything."""
    _wait(lambda: not Message.objects.waiting().filter(attempts=0).exists())
    journey.site.mail.refusal = ""
    Message.objects.waiting().update(due_at=Now())
    _wait(lambda: not Message.objects.waiting().exists())


def _wait(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
