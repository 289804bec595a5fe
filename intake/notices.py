"""The e-mails that follow a submission. None of them holds patient data beyond the address it goes to."""

from typing import TYPE_CHECKING

from django.conf import settings

from clinic import outbox
from clinic.models import ClinicProfile, User
from clinic.retention import draft_days

if TYPE_CHECKING:
    from intake.models import Draft, Submission


def received(submission: "Submission") -> None:
    """Queue the visitor's receipt and, for an alert, the messages to staff; part of the caller's transaction."""
    if submission.email:
        outbox.send(
            f"{submission.kind}_receipt",
            to=submission.email,
            context={"reference": submission.reference},
            about=submission.pk,
        )
    if submission.risk:
        alert_staff(submission)


def alert_staff(submission: "Submission") -> None:
    _tell(submission, ClinicProfile.load().alert_recipients)


def escalate(submission: "Submission") -> None:
    """Tell everybody again of an alert that nobody has acknowledged."""
    _tell(submission, ClinicProfile.load().escalation_recipients)


def _tell(submission: "Submission", recipients: list[str]) -> None:
    url = settings.SITE_URL + submission.get_absolute_url()
    for recipient in recipients:
        outbox.send("safety_alert", to=recipient, context={"url": url}, urgent=True, about=submission.pk)


def reply_values(submission: "Submission", by: User) -> dict[str, str]:
    """What the placeholders of a ready-made reply stand for."""
    profile = ClinicProfile.load()
    return {
        "reference": submission.reference,
        "staff": by.get_full_name() or "Our staff",
        "phone": profile.phone,
        "reading_times": profile.reading_times,
        "reply_within": profile.reply_within,
        "site": settings.SITE_URL,
    }


def reply(submission: "Submission", subject: str, body: str) -> None:
    context = {"subject": subject, "body": body}
    outbox.send("reply", to=submission.email, context=context, about=submission.pk)


def resume_link(draft: "Draft", email: str, url: str) -> None:
    outbox.send("resume_link", to=email, context={"url": url, "days": draft_days()}, about=draft.pk)
