"""The e-mails that follow a submission. None of them holds patient data beyond the address it goes to."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from clinic import outbox
from clinic.models import ClinicProfile, User
from clinic.retention import draft_days
from clinic.told import told_only
from intake.models.written import Written

if TYPE_CHECKING:
    from intake.models import Draft, Submission

ALERTED = Written(lambda _: ClinicProfile.objects.filter(pk=1).only("alert_emails"))


def received(submission: "Submission", *, with_receipt: bool) -> None:
    """Queue the visitor's receipt and, for an alert, the messages to staff; part of the caller's transaction."""
    if with_receipt and not submission.is_suspect:
        receipt(submission)
    if submission.risk:
        alert_staff(submission)


def receipt(submission: "Submission") -> None:
    """Queue it where there is an address; part of the caller's transaction.

    The page after the form shows the reference as well.
    """
    if submission.email:
        with translation.override(submission.language):
            outbox.send(
                f"{submission.kind}_receipt",
                to=submission.email,
                context={"reference": submission.reference},
                about=submission.pk,
            )


def alert_staff(submission: "Submission") -> None:
    (profile,) = ALERTED.rows()
    _tell(submission, profile.alert_recipients)


def escalate(submission: "Submission") -> None:
    """Tell everybody again of an alert that nobody has acknowledged."""
    _tell(submission, ClinicProfile.load().escalation_recipients)


def _tell(submission: "Submission", recipients: list[str]) -> None:
    url = settings.SITE_URL + submission.get_absolute_url()
    for recipient in recipients:
        outbox.send("safety_alert", to=recipient, context={"url": url}, urgent=True, about=submission.pk)


def reply_values(submission: "Submission", by: User, language: str) -> dict[str, str]:
    """What the placeholders of a ready-made reply stand for, in the reply's language."""
    profile = ClinicProfile.load()
    with translation.override(language):
        return {
            "reference": submission.reference,
            "staff": by.get_full_name() or gettext("Our staff"),
            "phone": profile.phone,
            "reading_times": told_only(profile, "reading_times"),
            "reply_within": told_only(profile, "reply_within"),
            "site": settings.SITE_URL,
        }


def reply(submission: "Submission", subject: str, body: str) -> None:
    context = {"subject": subject, "body": body}
    outbox.send("reply", to=submission.email, context=context, about=submission.pk)


def resume_link(draft: "Draft", email: str, url: str) -> None:
    """Queue the link, in the language of the page on which it was asked for."""
    outbox.send("resume_link", to=email, context={"url": url, "days": draft_days()}, about=draft.pk)
