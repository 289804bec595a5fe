"""The start page over few and many submissions, on a PostgreSQL of its own: python -m benchmarks.start_page [COUNT]"""

import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

from tests import environment

TIMES = 15
FEW, OPEN = 10_000, 500


def main(count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from intake import figures
    from tests.factories import make_user

    call_command("migrate", verbosity=0)
    call_command("load_questionnaires", stdout=StringIO())
    user = make_user(is_superuser=True)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    acts: dict[str, Callable[[], Any]] = {
        "inbox": lambda: figures.inbox(user),
        "paces": figures.paces,
        "weeks": figures.weeks,
        "phq9_bands": figures.phq9_bands,
        "the whole page": lambda: client.get("/admin/").content,
    }
    few = measured(acts, FEW, user)
    many = measured(acts, count, user)
    print(f"{'':15} {FEW:>12,} {count:>12,}   ratio")
    for name, act in acts.items():
        ratio, plan = many[name] / few[name], ", ".join(scans(act))
        print(f"{name:15} {few[name]:9.1f} ms {many[name]:9.1f} ms {ratio:7.1f}   {plan}")


def measured(acts: Mapping[str, Callable[[], Any]], count: int, user: Any) -> dict[str, float]:
    """The median of each in milliseconds, over `count` submissions of which the same number is open."""
    from django.db import connection

    from tests import bulk

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(bulk.TABLES)} CASCADE")
        bulk.fill(count, user, opened=OPEN)
        for table in bulk.TABLES:
            cursor.execute(f"VACUUM {table}")  # as autovacuum does: an index alone is read only where all is visible
    return {name: milliseconds(act) for name, act in acts.items()}


def milliseconds(act: Callable[[], Any]) -> float:
    """The median of TIMES."""
    act()
    spans = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        act()
        spans.append((time.perf_counter() - begin) * 1000)
    return statistics.median(spans)


def scans(act: Callable[[], Any]) -> list[str]:
    """How PostgreSQL reads the large tables."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        act()
    found: list[str] = []
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(row[0] for row in cursor)
            found += re.findall(r"(\w[\w ]* Scan (?:using \w+ )?on (?:intake|clinic_message)\w*)", plan)
    return [f"{len(queries)} queries", *found]


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
    finally:
        environment.own.pytest_unconfigure()
