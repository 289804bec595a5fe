import re
import uuid
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.db.models.functions import Now
from django.template import TemplateDoesNotExist
from django.utils import timezone

from clinic import outbox
from clinic.models import AuditEvent, ClinicProfile, Message

VISITOR = "marta@example.org"
EMAILS = Path(settings.BASE_DIR) / "templates/emails"
HEADERS = {"subject", "from", "to", "date", "message-id", "auto-submitted", "mime-version", "content-type"}
HEADERS |= {"content-transfer-encoding", "x-peer", "x-mailfrom", "x-rcptto"}


def queue(**changes) -> Message:
    """Queue a receipt, and return its row."""
    outbox.send(**({"template": "contact_receipt", "to": VISITOR, "context": {"reference": "K7QF2-M9D3X"}} | changes))
    return Message.objects.latest("created_at", "pk")


def nobody_listens(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


def let_time_pass(message: Message, **ages: timedelta) -> None:
    """Make the row as old as if the time had passed since its last attempt (due) or since it was queued (queued)."""
    Message.objects.filter(pk=message.pk).update(
        due_at=Now() - ages.get("due", timedelta(0)), created_at=Now() - ages.get("queued", timedelta(0))
    )


def test_a_queued_message_is_sent_once(db):
    queue()

    assert (outbox.deliver_due(), outbox.deliver_due()) == (1, 0)
    [letter] = mail.outbox
    assert letter.to == [VISITOR]
    assert letter.subject == "We received your message (K7QF2-M9D3X)"
    assert "Your reference: K7QF2-M9D3X\n" in letter.body


def test_nothing_is_queued_when_the_caller_rolls_back(db):
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)

    assert Message.objects.count() == 0


def test_the_row_shows_neither_who_gets_the_message_nor_what_it_says(db):
    message = queue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM clinic_message m")
        row = cursor.fetchone()[0]

    assert "contact_receipt" in row
    hidden = (VISITOR, "K7QF2-M9D3X", "reference")
    assert [text for text in hidden if text in row or text.encode().hex() in row] == []
    assert VISITOR not in str(message)


def test_a_sent_message_leaves_only_the_record_that_it_was_sent(db):
    message = queue()
    outbox.deliver_due()
    message.refresh_from_db()

    assert (message.recipient, message.subject, message.body) == ("", "", "")
    assert (message.attempts, message.failed_at, message.error) == (1, None, "")
    assert timezone.now() - message.sent_at < timedelta(minutes=1)


def test_urgent_messages_go_first_then_the_oldest(db):
    for name, urgent in [("first", False), ("second", False), ("urgent", True)]:
        queue(to=f"{name}@example.org", urgent=urgent)
    outbox.deliver_due()

    assert [letter.to for letter in mail.outbox] == [
        ["urgent@example.org"],
        ["first@example.org"],
        ["second@example.org"],
    ]


def test_the_same_dedupe_key_is_queued_once(db):
    for _ in range(3):
        queue(dedupe_key="alert:1")
    queue(dedupe_key="alert:2")
    queue()
    queue()

    assert Message.objects.count() == 4


def test_a_message_tells_which_row_it_is_about(db):
    about = uuid.uuid4()

    assert queue(about=about).about == about


def test_a_template_that_does_not_exist_is_an_error_of_the_caller(db):
    with pytest.raises(TemplateDoesNotExist):
        queue(template="no_such_letter")


def test_a_failed_message_waits_longer_each_time(db, settings):
    nobody_listens(settings)
    message = queue()
    waits = []
    for _ in range(9):
        let_time_pass(message)
        assert outbox.deliver_due() == 0
        message.refresh_from_db()
        waits.append((message.due_at - timezone.now()).total_seconds())

    expected = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert [round(wait / right) for wait, right in zip(waits, expected, strict=True)] == [1] * 9
    assert (message.attempts, message.error, message.failed_at) == (9, "ConnectionRefusedError", None)


def test_an_urgent_message_never_waits_longer_than_six_minutes(db, settings):
    nobody_listens(settings)
    message = queue(urgent=True)
    for _ in range(9):
        let_time_pass(message)
        outbox.deliver_due()
    message.refresh_from_db()

    assert message.due_at - timezone.now() < timedelta(minutes=6)


def test_a_message_that_failed_is_sent_when_the_server_is_back(db, mail_server):
    mail_server.refusal = "451 Greylisted, try again later"
    message = queue()
    assert outbox.deliver_due() == 0
    mail_server.refusal = ""
    let_time_pass(message)

    assert outbox.deliver_due() == 1
    assert [letter.rcpt_tos for letter in mail_server.letters] == [[VISITOR]]
    message.refresh_from_db()
    assert (message.attempts, message.error) == (2, "")


def test_a_message_is_given_up_after_two_days(db, mail_server):
    mail_server.refusal = "451 Try again later"
    message = queue()
    for queued, is_given_up in [(timedelta(hours=47), False), (timedelta(hours=49), True)]:
        let_time_pass(message, queued=queued)
        outbox.deliver_due()
        message.refresh_from_db()
        assert (message.failed_at is not None, message.error) == (is_given_up, "SMTPRecipientsRefused")

    let_time_pass(message)
    mail_server.refusal = ""
    assert outbox.deliver_due() == 0


def test_a_recipient_whom_the_server_refuses_for_good_is_given_up_at_once(db, mail_server):
    mail_server.refusal = "550 No such user"
    message = queue()
    outbox.deliver_due()
    message.refresh_from_db()

    assert (message.attempts, message.error, message.failed_at is not None) == (1, "SMTPRecipientsRefused", True)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.org, c@d.org",
        "a@b.org\nBcc: c@d.org",
        "a@b.org\r\n\r\nSpam",
        "Marta <a@b.org>",
        "a@b.org\0",
    ],
)
def test_an_address_that_is_not_one_address_is_given_up_and_stops_nothing(db, mail_server, address):
    message = queue(to=address)
    queue(to="next@example.org")

    assert outbox.deliver_due() == 1
    assert [letter.rcpt_tos for letter in mail_server.letters] == [["next@example.org"]]
    message.refresh_from_db()
    assert (message.attempts, message.error, message.failed_at is not None) == (1, "ValidationError", True)


def hostile(template: str) -> dict[str, str]:
    """A header in every value that the template asks for."""
    text = "".join(path.read_text() for path in EMAILS.glob(f"{template}.*"))
    names = re.findall(r"(?:\{\{ ?|blocktranslate .*|=)(\w+)", text)
    return {name: f"{name}\r\nBcc: other@example.org\x0b\u2028X-Injected: 1\n\nSpam" for name in names}


def test_no_value_adds_a_header_to_any_kind_of_e_mail(db, mail_server):
    templates = [path.name.removesuffix(".subject.txt") for path in EMAILS.glob("*.subject.txt")]
    for template in templates:
        outbox.send(template, to=VISITOR, context=hostile(template))

    assert outbox.deliver_due() == len(templates) > 5
    letters = [message_from_bytes(letter.content, policy=policy.default) for letter in mail_server.letters]
    for letter in letters:
        assert {name.lower() for name in letter} <= HEADERS
        assert (letter["To"], letter["From"]) == (VISITOR, settings.DEFAULT_FROM_EMAIL)
    assert len([letter for letter in letters if "Bcc: other@example.org" in letter["Subject"]]) == 3


def test_text_is_not_escaped_as_html(db):
    subject, body = outbox.render("contact_receipt", {"reference": "A&B <c> 'd'"})

    assert "A&B <c> 'd'" in subject
    assert "A&B <c> 'd'" in body


def test_every_attempt_has_the_same_message_id(db, mail_server):
    message = queue()
    for _ in range(2):
        Message.objects.filter(pk=message.pk).update(sent_at=None, due_at=Now())
        Message.objects.filter(pk=message.pk).update(recipient="")
        fresh = Message.objects.get(pk=message.pk)
        fresh.recipient, fresh.subject, fresh.body = VISITOR, "S", "B"
        fresh.save()
        outbox.deliver_due()

    ids = [line for letter in mail_server.letters for line in letter.content.splitlines() if b"Message-ID" in line]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_message_that_a_worker_died_with_is_taken_over_when_its_lease_ends(db):
    message = queue()
    assert outbox._take() == message

    assert outbox.deliver_due() == 0
    let_time_pass(message, due=timedelta(seconds=-1))
    assert outbox.deliver_due() == 0
    let_time_pass(message)
    assert outbox.deliver_due() == 1
    message.refresh_from_db()
    assert message.attempts == 2


def test_a_worker_that_comes_late_does_not_undo_what_another_did(db):
    late = queue() and outbox._take()
    let_time_pass(late)
    outbox.deliver_due()
    outbox._note_failure(late, OSError())
    late.refresh_from_db()

    assert late.sent_at is not None
    assert (late.failed_at, late.error) == (None, "")


def test_a_worker_that_comes_late_and_has_sent_it_as_well_puts_it_on_record_no_second_time(db):
    late = queue() and outbox._take()
    let_time_pass(late)
    outbox.deliver_due()
    outbox._deliver(late)

    assert len(mail.outbox) == 2
    assert [event.detail for event in AuditEvent.objects.filter(action="email")] == ["sent"]


def test_no_two_workers_take_the_same_message(transactional_db):
    from concurrent.futures import ThreadPoolExecutor

    for n in range(30):
        queue(to=f"{n}@example.org")

    def work(_):
        try:
            return outbox.deliver_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        sent = list(workers.map(work, range(4)))

    assert sum(sent) == 30
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(f"{n}@example.org" for n in range(30))


def test_a_message_whose_key_is_lost_does_not_stop_the_others(db, settings):
    lost = queue()
    settings.FIELD_KEYS = (b"x" * 32,)
    queue(to="next@example.org")

    assert outbox.deliver_due() == 1
    lost.refresh_from_db(fields=["error", "failed_at"])
    assert (lost.error, lost.failed_at) == ("UnknownKey", None)


def test_no_log_line_holds_the_address_or_the_text(db, mail_server, caplog):
    caplog.set_level("DEBUG")
    queue()
    outbox.deliver_due()
    mail_server.refusal = f"550 {VISITOR} K7QF2-M9D3X does not exist"
    queue()
    outbox.deliver_due()

    from clinic.logs import JsonFormatter

    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert any("SMTPRecipientsRefused" in line for line in lines)
    assert [line for line in lines if VISITOR in line or "K7QF2" in line] == []


def test_expired_messages_are_those_that_were_done_with_90_days_ago(db):
    done, failed, waiting, recent = (queue() for _ in range(4))
    Message.objects.filter(pk__in=[done.pk, recent.pk]).update(sent_at=Now())
    Message.objects.filter(pk=failed.pk).update(failed_at=Now())
    Message.objects.exclude(pk=recent.pk).update(due_at=Now() - timedelta(days=91))

    assert set(Message.objects.expired()) == {done, failed}
    assert list(Message.objects.waiting()) == [waiting]


TO_VISITORS = {
    "contact_receipt": {"reference": "K7QF2-M9D3X"},
    "screening_receipt": {"reference": "K7QF2-M9D3X"},
    "resume_link": {"url": "https://www.example.org/screening/resume/TOKEN/", "days": 7},
}
TELLING = ["ketamine", "clinic", "park slope", "salvage", "depress", "anxi", "mental", "health", "symptom", "screening"]


@pytest.mark.parametrize("template", TO_VISITORS)
def test_a_message_to_a_visitor_names_neither_the_clinic_nor_what_it_treats(db, template):
    assert "ketamine" in ClinicProfile.load().name.lower()
    outbox.send(template, to=VISITOR, context=TO_VISITORS[template])
    outbox.deliver_due()

    [letter] = mail.outbox
    text = f"{letter.from_email} {letter.subject} {letter.body}".lower()
    text = text.replace("https://www.example.org/screening/resume/token/", "")
    assert [word for word in TELLING if word in text] == []


def test_the_resume_link_stands_alone_on_its_line_and_says_how_long_it_works(db):
    _, body = outbox.render("resume_link", TO_VISITORS["resume_link"])

    assert "https://www.example.org/screening/resume/TOKEN/" in body.splitlines()
    assert "The link works once and for 7 days." in body


def test_the_safety_alert_holds_the_link_and_nothing_of_the_patient(db):
    subject, body = outbox.render("safety_alert", {"url": "https://www.example.org/admin/x/"})

    assert subject == "A form needs review"
    assert body.splitlines() == [
        "A form with an answer that needs prompt review has come in.",
        "",
        "Sign in to read it:",
        "https://www.example.org/admin/x/",
    ]


def test_mail_comes_from_an_address_of_the_site_without_a_name(db, settings):
    queue()
    outbox.deliver_due()

    assert mail.outbox[0].from_email == settings.DEFAULT_FROM_EMAIL == "no-reply@localhost"
