"""A worker is stopped in the middle of a letter (SIGSTOP), another takes over when the lease ends, then it wakes up.

The lease of five minutes is made to end in the database, as if ten minutes had passed.
"""

import signal
import threading

from clinic.models import AuditEvent, Message
from tests.resilience import ledger
from tests.resilience.report import Result
from tests.resilience.stack import Stack, wait_until
from tests.resilience.visitors import Persistent, be_screened, rehearsed

SCREENINGS = 5


def run(stack: Stack) -> Result:
    stack.mail.pause = 1.0
    stack.start()
    acknowledged = _screened(stack)
    wait_until(lambda: Message.objects.waiting().filter(attempts=1))
    stack.worker.signal(signal.SIGSTOP)
    second = stack.process("second-worker.log", ["manage.py", "deliver"])
    second.start()
    try:
        wait_until(lambda: Message.objects.waiting().count() == 1)
        held = Message.objects.waiting().filter(attempts=1).count()
        taken_over = ledger.end_leases()
        ledger.wait_for_mail()
        before = AuditEvent.objects.filter(action=AuditEvent.Action.EMAIL).count()
        stack.worker.signal(signal.SIGCONT)
        acknowledged |= _screened(stack, 1)  # both workers are at work now
        ledger.wait_for_mail()
    finally:
        second.stop()
    after = AuditEvent.objects.filter(action=AuditEvent.Action.EMAIL).count()
    found, alerts, twice = ledger.alert_faults(stack.mail)
    faults = found + ledger.faults(acknowledged)
    if (held, taken_over, after - before) != (1, 1, 2):
        faults.append(
            f"{held} was held, {taken_over} were taken over, {after - before} recorded afterwards instead of 2."
        )
    rows = [
        ("letters that the paused worker held until its lease ended, and another then sent", taken_over),
        ("alerts, each e-mailed and its sending recorded once, also when the paused worker woke up", alerts),
        ("letters that came twice, because the paused worker never heard that the server had taken one", twice),
    ]
    return Result(rows, faults)


def _screened(stack: Stack, count: int = SCREENINGS) -> dict[str, str]:
    posts, acknowledged = rehearsed(stack.port), dict[str, str]()

    def come(name: str) -> None:
        acknowledged[name] = be_screened(Persistent(stack.port), name, posts)

    threads = [threading.Thread(target=come, args=[f"Visitor {number} of {count}"]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return acknowledged
