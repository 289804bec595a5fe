"""E-mails that survive a crash: queued in the caller's transaction, sent by the worker until a server took them.

Delivery is at least once. A worker takes a message by moving its next attempt into the future: while that lasts no
other worker sees it, and if the worker dies the message comes due again. After a failure the wait doubles each time.

What a message says in the open is chosen for a telephone that lies on the kitchen table: sender, subject and body of
everything that goes to a visitor name neither the clinic nor what it treats, because the clinic's name tells both.
"""

import logging
import random
import threading
import uuid
from collections.abc import Mapping
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import TypedDict, Unpack

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError, EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now
from django.template import Context
from django.template.loader import get_template

from clinic import audit
from clinic.crypto import Tampered
from clinic.database.inserting import insert
from clinic.models import AuditEvent, Message

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # many times EMAIL_TIMEOUT
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_URGENT_WAIT = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(days=2)  # so long do mail servers themselves try
PERMANENT = (BadHeaderError, ValidationError, Tampered)  # not UnknownKey: a key that was left out may come back


class MessageDetails(TypedDict, total=False):
    context: Mapping[str, object]  # for the template
    urgent: bool
    about: uuid.UUID  # the row that the message speaks of
    dedupe_key: str


def message(template: str, *, to: str, **details: Unpack[MessageDetails]) -> Message:
    """templates/emails/<template> for one address, for `insert` to queue together with the row that it speaks of.

    An address that cannot be written to fails in delivery, where staff see it: it never stops the caller.
    """
    subject, body = render(template, details.get("context", {}))
    return Message(
        template=template,
        about=details.get("about"),
        dedupe_key=details.get("dedupe_key"),
        is_urgent=details.get("urgent", False),
        recipient=to,
        subject=subject,
        body=body,
    )


def send(template: str, *, to: str, **details: Unpack[MessageDetails]) -> None:
    """Queue a message by itself. Saves; part of the caller's transaction.

    A second message with the same `dedupe_key` is not queued.
    """
    insert(message(template, to=to, **details), unless="dedupe_key" if "dedupe_key" in details else "")


def templates() -> list[str]:
    """The names of all, as `send` takes them."""
    folder = settings.BASE_DIR / "templates" / "emails"
    return sorted(file.name.removesuffix(".subject.txt") for file in folder.glob("*.subject.txt"))


def render(template: str, context: Mapping[str, object]) -> tuple[str, str]:
    """Return subject and body as plain text, in the active language."""
    values = {"site": settings.SITE_URL, **context}
    subject = _plain(f"emails/{template}.subject.txt", values)
    return " ".join(subject.split()), _plain(f"emails/{template}.txt", values).strip() + "\n"


def deliver_due(stop: threading.Event | None = None) -> int:
    """Try every message that is due, urgent ones first, until `stop` is set; return how many were sent."""
    sent = 0
    while not (stop and stop.is_set()) and (message := _take()):
        sent += _deliver(message)
    return sent


@transaction.atomic
def _take() -> Message | None:
    """Return the next message, which no other worker sees until the lease ends. Saves."""
    message = Message.objects.due().select_for_update(skip_locked=True).first()
    if message is not None:
        message.attempts += 1
        Message.objects.filter(pk=message.pk).update(attempts=message.attempts, due_at=Now() + LEASE)
    return message


def pretend(about: uuid.UUID) -> None:
    """Leave the messages about an invented row as if a server had taken them at the first attempt. Saves."""
    for message in Message.objects.waiting().filter(about=about).order_by("created_at"):
        Message.objects.filter(pk=message.pk).update(attempts=1)
        _note_success(message)


def _deliver(message: Message) -> bool:
    extra = {"record": str(message.pk)}
    try:
        _email(message).send()
    except Exception as error:
        log.warning("An e-mail could not be sent.", exc_info=error, extra=extra)
        _note_failure(message, error)
        return False
    _note_success(message)
    log.info("An e-mail was sent.", extra=extra)
    return True


@transaction.atomic
def _note_success(message: Message) -> None:
    """Empty it, and put it on record unless another worker, who took it over, has done so. Saves."""
    unsent = Message.objects.filter(pk=message.pk, sent_at=None)
    if unsent.update(sent_at=Now(), failed_at=None, error="", recipient="", subject="", body=""):
        _record(message, "sent")


def _email(message: Message) -> EmailMessage:
    validate_email(message.recipient)
    headers = {
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<{message.pk}@{settings.DEFAULT_FROM_EMAIL.partition('@')[2]}>",  # the same in every attempt
    }
    return EmailMessage(message.subject, message.body, to=[message.recipient], headers=headers)


def _note_failure(message: Message, error: Exception) -> None:
    """Plan the next attempt or give up, unless another worker has taken the message over. Saves."""
    mine = Message.objects.waiting().filter(pk=message.pk, attempts=message.attempts)
    mine.update(error=type(error).__name__, due_at=Now() + _wait(message))
    hopeless = isinstance(error, PERMANENT) or _refused_for_good(error)
    expired = mine.filter(created_at__lt=Now() - GIVE_UP_AFTER)
    if (mine if hopeless else expired).update(failed_at=Now()):
        _record(message, f"given up: {type(error).__name__}")


def _record(message: Message, outcome: str) -> None:
    """Keep what became of it with the row that it is about; the message itself is deleted after a while. Saves."""
    about = message.about or message.pk
    audit.record(
        AuditEvent.Action.EMAIL, by=None, kind="message", record=about, reference=message.template, detail=outcome
    )


def _wait(message: Message) -> timedelta:
    """Return 30 s after the first attempt, then twice as long each time, give or take a fifth."""
    longest = LONGEST_URGENT_WAIT if message.is_urgent else LONGEST_WAIT
    doubled: timedelta = FIRST_WAIT * 2 ** min(message.attempts - 1, 20)
    return min(doubled, longest) * random.uniform(0.8, 1.2)  # nosec B311 # nobody gains by guessing it


def _refused_for_good(error: Exception) -> bool:
    return isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _ in error.recipients.values())


def _plain(name: str, values: Mapping[str, object]) -> str:
    text: str = get_template(name).template.render(Context(dict(values), autoescape=False))  # type: ignore[attr-defined]
    return text
