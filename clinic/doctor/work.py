from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPException

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from clinic.doctor import look
from clinic.doctor.reasons import reason
from clinic.models import ClinicProfile, Heartbeat, Message

BACKUP_EVERY = timedelta(hours=26)  # once a day, and two hours for a slow one


@look("worker")
def worker() -> Iterator[str]:
    if Heartbeat.is_late("worker"):
        yield (
            "The worker has not said that it runs for 3 minutes: no e-mail is sent, and no reminder. "
            "Start: manage.py deliver."
        )


@look("messages")
def messages() -> Iterator[str]:
    oldest = Message.objects.waiting().oldest_seconds() or 0
    if oldest > Message.LATE_AFTER.total_seconds():
        yield f"An e-mail has been waiting for {oldest // 60:,} minutes. The desk says why, under “Messages”."
    if given_up := Message.objects.given_up().count():
        yield f"{given_up} e-mails were given up in the last {Message.TROUBLE_DAYS} days. The desk says which."


@look("mail server", in_trial=False)
def mail_server() -> Iterator[str]:
    """Reaches it and signs in, and sends nothing."""
    server = get_connection()
    if not isinstance(server, EmailBackend):
        yield "EMAIL_URL names no mail server, so that e-mails reach nobody."
        return
    try:
        server.open()
    except (OSError, SMTPException) as error:
        yield f"The server of EMAIL_URL takes no e-mail from here: {reason(error)}."
    finally:
        server.close()


@look("recipients")
def recipients() -> Iterator[str]:
    profile = ClinicProfile.load()
    if not profile.alert_recipients:
        yield "No one is told of safety alerts by e-mail: the clinic profile names no address."
    if not profile.escalation_emails.split():
        yield "Nobody else is told of an alert that no one acknowledges: the clinic profile names no second address."


@look("backup", in_trial=False)
def backup() -> Iterator[str]:
    seconds = Heartbeat.seconds_since("backup")
    if seconds is None:
        yield "There has never been a backup. Run: manage.py backup."
    elif seconds > BACKUP_EVERY.total_seconds():
        yield f"The last backup is {seconds // 3600:,} hours old."
