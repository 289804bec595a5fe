"""Re-encrypting very many values, on a PostgreSQL of its own: python -m benchmarks.rotation [VALUES]"""

import os
import resource
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

from tests import environment

CHUNK = 1_000  # rows that are made at a time
VALUES_PER_SUBMISSION = 8  # six texts and two indexes; a note has one


def main(values: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from clinic import rotation
    from clinic.rotation import State, every_table

    call_command("migrate", verbosity=0)
    old, new = os.urandom(32), os.urandom(32)
    settings.FIELD_KEYS = (old,)
    fill(values // (VALUES_PER_SUBMISSION + 1))
    settings.FIELD_KEYS = (new, old)
    tables, before = every_table(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    begin = time.perf_counter()
    plain = sum(len(rows) for table in tables for rows in table.batches())
    read = time.perf_counter()
    done, states = rotation.rotate_all(tables, lambda number: None)
    end = time.perf_counter()

    found = sum(states.values())
    assert rotation.left(states, State.NEWEST) == found, states
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{found:,} values in {plain:,} rows; {done:,} rows encrypted anew and proved")
    ratio = (end - read) / (read - begin)
    print(f"reading them: {read - begin:.1f} s; rotating and proving: {end - read:.1f} s, {ratio:.1f} times as long")
    print(f"{found / (end - read):,.0f} values a second; memory grew by {grown:.0f} MB")


def fill(count: int) -> None:
    """Store `count` contact requests with a note each, by the key that is the newest now. Saves."""
    from intake.models import Note
    from tests.factories import make_user

    user = make_user()
    for rows in submissions(count):
        type(rows[0]).objects.bulk_create(rows)
        Note.objects.bulk_create(Note(submission=row, author=user, text="Called. " * 20) for row in rows)


def submissions(count: int) -> Iterator[list[Any]]:
    from intake.models import ConsentText, Submission

    consent = ConsentText.current("contact", "en")
    for start in range(0, count, CHUNK):
        yield [
            Submission(
                origin=uuid.uuid4(),
                kind="contact",
                language="en",
                consent=consent,
                name=f"Person {number}",
                email=f"person{number}@example.org",
                phone=f"718 555 {number % 10_000:04}",
                birth_date="1980-02-29",
                best_time="mornings",
                message="I would like to know more first. " * 10,
            )
            for number in range(start, min(count, start + CHUNK))
        ]


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if sys.argv[1:] else 100_000)
    finally:
        environment.own.pytest_unconfigure()
