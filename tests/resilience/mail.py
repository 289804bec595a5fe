"""The mail server is down, then slow, refuses some recipients for good and others at first; two workers deliver."""

import threading
import time
from collections import Counter
from email import message_from_bytes

from django.db.models import Q
from django.db.models.functions import Now

from clinic.models import Message
from clinic.outbox import LEASE
from tests.factories import make_user
from tests.resilience import ledger
from tests.resilience.report import Result
from tests.resilience.stack import ON_CALL, Stack, wait_until
from tests.resilience.visitors import Persistent, ask_for_contact, be_screened, calm, contact_fields, rehearsed
from tests.signing import PASSWORD, give_password, set_up_app, sign_in

EMAIL = "manager@example.org"
LATER, NEVER = "451 4.7.1 Please try again later", "550 5.1.1 There is no such mailbox"
GREYLISTED, REFUSED, WELCOME, SCREENED = 3, 3, 3, 3
SELF_TEST = "alert_self_test"  # as urgent, and sent once a day from nine in the morning on
WAITS = ((24, 36), (48, 72))  # seconds after the first failure and the second: 30 and 60, give or take a fifth


def run(stack: Stack) -> Result:
    stack.mail.stop()
    stack.start()
    second = stack.process("second-worker.log", ["manage.py", "deliver"])
    second.start()
    try:
        return _result(stack, _visits(stack))
    finally:
        second.stop()


def _visits(stack: Stack) -> dict[str, str]:
    posts, acknowledged, threads = rehearsed(stack.port), dict[str, str](), []

    def come(name: str) -> None:
        visitor = Persistent(stack.port)
        screened = name.startswith("Screened")
        acknowledged[name] = be_screened(visitor, name, posts) if screened else ask_for_contact(visitor, name)

    kinds = {"Welcome": WELCOME, "Greylisted": GREYLISTED, "Refused": REFUSED, "Screened": SCREENED}
    for name in (f"{kind} {number}" for kind, count in kinds.items() for number in range(count)):
        answers = [LATER] if name.startswith("Greylisted") else [NEVER] if name.startswith("Refused") else []
        stack.mail.moods[contact_fields(name)["email"]] = answers
        threads.append(threading.Thread(target=come, args=[name]))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return acknowledged


def _result(stack: Stack, acknowledged: dict[str, str]) -> Result:
    faults = [fault for attempt, wait in enumerate(WAITS, start=1) for fault in _wrong_waits(attempt, *wait)]
    urgent = Message.objects.in_trouble().filter(is_urgent=True)
    alerts, tests = urgent.exclude(template=SELF_TEST).count(), urgent.filter(template=SELF_TEST).count()
    faults += [] if alerts == SCREENED else [f"{alerts} alerts are shown as in trouble."]
    stack.mail.pause = 1.0
    stack.mail.start()
    _come_due()
    wait_until(lambda: not Message.objects.waiting().filter(Q(attempts__lt=3) | Q(due_at__lte=Now())).exists())
    wait_until(lambda: Message.objects.waiting().count() == GREYLISTED)
    most = SCREENED + tests + 1  # two workers, so one beside the last
    first = [letter.rcpt_tos[0] for letter in stack.mail.letters[:most]]
    faults += [] if first.count(ON_CALL) == most - 1 else ["Something went before the alerts."]
    _come_due()
    ledger.wait_for_mail()
    given_up = Message.objects.exclude(failed_at=None).count()
    told = f"{REFUSED} e-mails given up" in _desk(stack)
    faults += [] if given_up == REFUSED and told else [f"{given_up} are given up; the desk tells of them: {told}."]
    twice = _twice(stack)
    faults += (
        ledger.faults(acknowledged) + ledger.alert_faults(stack.mail)[0] + (["A letter came twice."] if twice else [])
    )
    rows = [
        (
            "letters while the server was down: all tried twice, after 24 to 36 and 48 to 72 seconds",
            len(acknowledged) + SCREENED,
        ),
        ("alerts among them, shown to staff as in trouble, and sent before all others", SCREENED),
        ("refused at first, and taken later", GREYLISTED),
        ("refused for good, given up at once and shown on the desk", given_up),
        ("letters that the slow server took, each once, from two workers", len(stack.mail.letters)),
    ]
    return Result(rows, faults)


def _wrong_waits(attempt: int, shortest: int, longest: int) -> list[str]:
    """Wait until every message has failed so often, and look at what it waits for now; then as if that had passed."""
    expected, found = Message.objects.waiting().count(), dict[object, float]()

    def all_failed() -> bool:
        for message in Message.objects.waiting().filter(attempts=attempt, due_at__lt=Now() + LEASE / 2):
            found.setdefault(message.pk, message.due_at.timestamp() - time.time())  # later are those just being tried
        return len(found) == expected

    wait_until(all_failed)
    _come_due()
    return [
        f"After attempt {attempt} it waits {wait:.0f} s."
        for wait in found.values()
        if not shortest - 3 < wait < longest
    ]


def _come_due() -> None:
    """As if the time had passed."""
    Message.objects.waiting().update(due_at=Now())


def _desk(stack: Stack) -> str:
    """The start page, as a manager sees it who signed in with both factors."""
    make_user(email=EMAIL, password=PASSWORD, is_superuser=True)
    first = calm(stack.port)
    give_password(first, EMAIL)
    return sign_in(calm(stack.port), set_up_app(first), EMAIL).get("/admin/").text


def _twice(stack: Stack) -> int:
    ids = Counter(message_from_bytes(letter.content)["Message-ID"] for letter in stack.mail.letters)
    return sum(number - 1 for number in ids.values())
