"""The database of one size, in a process of its own because Django has one database.

`fill COUNT` fills it as `make run` would, `tell` says what to ask it for, `work` times what the worker does; in JSON.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from io import StringIO
from typing import Any

import django

TOLD = 200  # submissions, to look for and to look at
TIMES = 7


def fill(count: int) -> dict[str, Any]:
    from django.core.management import call_command
    from django.db import connection

    from clinic.models import ClinicProfile, User

    call_command("migrate", verbosity=0)
    for command in ("load_pages", "load_questionnaires"):
        call_command(command, stdout=StringIO())
    ClinicProfile.objects.update(alert_emails="on.call@example.org")
    for number in range(3):
        User.objects.create_user(f"staff{number}@example.org", is_staff=True, is_superuser=True)
    begin = time.monotonic()
    call_command("make_submissions", count, stdout=StringIO())
    seconds = time.monotonic() - begin
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum does, if not at once
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pg_database_size(current_database())")
        return {"seconds": seconds, "bytes": cursor.fetchone()[0], "postgresql": cursor.connection.server_version}


def tell() -> dict[str, Any]:
    """The session of a member of staff, and some submissions from all of the time."""
    from django.core.management import call_command

    from intake.models import Submission

    call_command("migrate", verbosity=0)  # where an older version has filled it
    rows = Submission.objects.exclude(email_index=None).exclude(phone_index=None)
    ids = list(rows.order_by("created_at").values_list("pk", flat=True))
    chosen = ids[:: max(1, len(ids) // TOLD)][:TOLD]
    fields = ("reference", "email", "phone")
    found = [{name: getattr(row, name) for name in fields} | {"pk": str(row.pk)} for row in rows.filter(pk__in=chosen)]
    return {"session": _session(), "stored": Submission.objects.count(), "found": found}


def _session() -> str:
    """As after both factors."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from clinic.models import User
    from clinic.signin import session

    user, now = User.objects.order_by("pk")[0], int(time.time())
    store = SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[session.STARTED] = store[session.SEEN] = now
    store[session.ADDRESS], store[session.COMPLETE] = "", True
    store.create()
    assert store.session_key
    return store.session_key


def work() -> dict[str, float]:
    """Milliseconds of what the worker and its watchers ask again and again; the median of TIMES."""
    from django.core.management import call_command

    from clinic import doctor, outbox, seals
    from clinic.metrics import Installation
    from intake.alerts import remind

    looks = ("keys", "audit record", "messages")
    acts: dict[str, Callable[[], Any]] = {
        "worker: the next e-mail": outbox.deliver_due,
        "worker: reminders of alerts": remind,
        "worker: seal the record": seals.seal,
        "`purge --dry-run`": lambda: call_command("purge", dry_run=True, stdout=StringIO()),
        "`/metrics`, of the database": lambda: list(Installation().collect()),
        "`doctor`: keys, record, messages": lambda: list(doctor.faults(looks)),
    }
    return {name: _milliseconds(act) for name, act in acts.items()}


def _milliseconds(act: Callable[[], Any]) -> float:
    act()
    spans = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        act()
        spans.append((time.perf_counter() - begin) * 1000)
    return statistics.median(spans)


if __name__ == "__main__":
    django.setup()
    acts = {"fill": lambda: fill(int(sys.argv[2])), "tell": tell, "work": work}
    json.dump(acts[sys.argv[1]](), sys.stdout)
