"""The e-mails that follow a submission. None of them holds patient data beyond the address it goes to."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from clinic import outbox
from clinic.database.inserting import insert
from clinic.models import ClinicProfile, Message, User
from clinic.retention import draft_days
from clinic.told import told_only
from intake.models.written import Written

if TYPE_CHECKING:
    from intake.models import Draft, Submission

ALERTED = Written(lambda _: ClinicProfile.objects.filter(pk=1).only("alert_emails"))


def received(submission: "Submission", *, with_receipt: bool) -> list[Message]:
    """The visitor's receipt and, for an alert, the messages to staff, to be queued with the submission itself."""
    receipts = receipt(submission) if with_receipt and not submission.is_suspect else []
    return receipts + (alerting(submission) if submission.risk else [])


def receipt(submission: "Submission") -> list[Message]:
    """One where there is an address. The page after the form shows the reference as well."""
    if not submission.email:
        return []
    with translation.override(submission.language):
        return [
            outbox.message(
                f"{submission.kind}_receipt",
                to=submission.email,
                context={"reference": submission.reference},
                about=submission.pk,
            )
        ]


def alerting(submission: "Submission") -> list[Message]:
    (profile,) = ALERTED.rows()
    return _telling(submission, profile.alert_recipients)


def escalate(submission: "Submission") -> None:
    """Tell everybody again of an alert that nobody has acknowledged. Saves."""
    if messages := _telling(submission, ClinicProfile.load().escalation_recipients):
        insert(*messages)


def _telling(submission: "Submission", recipients: list[str]) -> list[Message]:
    context = {"url": settings.SITE_URL + submission.get_absolute_url()}
    return [
        outbox.message("safety_alert", to=recipient, context=context, urgent=True, about=submission.pk)
        for recipient in recipients
    ]


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
    """Saves."""
    context = {"subject": subject, "body": body}
    outbox.send("reply", to=submission.email, context=context, about=submission.pk)


def resume_link(draft: "Draft", email: str, url: str) -> None:
    """Queue the link, in the language of the page on which it was asked for. Saves."""
    outbox.send("resume_link", to=email, context={"url": url, "days": draft_days()}, about=draft.pk)
