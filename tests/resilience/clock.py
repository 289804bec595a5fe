"""The clock of the site's machine is put an hour on, then an hour back, then right, under processes that run.

libfaketime sets the time of web and worker; the database keeps its own, as on another machine. What only measures how
long something takes (CLOCK_MONOTONIC) goes on, as it does when a machine's clock is set.
"""

import time
from pathlib import Path

from clinic.models import Message
from intake.models import Submission
from tests.resilience import ledger
from tests.resilience.report import Result
from tests.resilience.stack import Stack
from tests.resilience.visitors import Crowd

LIBRARY = "/usr/$LIB/faketime/libfaketime.so.1"  # where Debian's package has it; the linker fills in $LIB
HOW = {"FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}
STEPS = ("+0", "+1h", "-1h", "+0")
SECONDS = 10  # in each


def run(stack: Stack) -> Result:
    if not any(Path("/usr").glob("lib*/*/faketime/libfaketime.so.1")):  # the linker would go on without it
        return Result([], ["libfaketime is not there. On Debian and Ubuntu: apt-get install faketime"])
    file = stack.folder / "clock"
    file.write_text(STEPS[0])
    stack.start(LD_PRELOAD=LIBRARY, FAKETIME_TIMESTAMP_FILE=str(file), **HOW)
    crowd = Crowd(stack.port)
    crowd.start()
    for step in STEPS:
        file.write_text(step)
        time.sleep(SECONDS)
    crowd.end()
    ledger.wait_for_mail()
    found, alerts, _ = ledger.alert_faults(stack.mail)
    suspect = Submission.objects.filter(is_suspect=True).count()
    faults = crowd.faults + ledger.faults(crowd.acknowledged) + found + _not_stepped()
    faults += [f"{suspect} visitors were taken for programs."] if suspect else []
    rows = [
        ("visits acknowledged over three steps of the clock, and stored exactly once", len(crowd.acknowledged)),
        ("alerts, each e-mailed and its sending recorded once", alerts),
        ("requests taken for spam because of the clock", suspect),
        ("letters given up", Message.objects.exclude(failed_at=None).count()),
    ]
    return Result(rows, faults)


def _not_stepped() -> list[str]:
    """The clock of the site, as its rows show it, was an hour on and an hour back."""
    times = sorted(Submission.objects.values_list("created_at", flat=True))
    hours = (times[-1] - times[0]).total_seconds() / 3600
    return [] if hours > 1.9 else ["The clock was not stepped."]
