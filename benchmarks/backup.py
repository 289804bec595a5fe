"""Backup and restore of very many submissions, on a PostgreSQL of its own: python -m benchmarks.backup [SUBMISSIONS]"""

import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from tests import environment

CHUNK = 2_000  # rows that are encrypted at a time
EVENTS = 4  # on record for each submission

RESPONSES = """
INSERT INTO intake_response (id, submission_id, questionnaire_id, position, document)
SELECT gen_random_uuid(), one.submission_id, item.questionnaire_id, item.position, ''
FROM intake_response one, intake_packetitem item
WHERE one.questionnaire_id <> item.questionnaire_id AND one.document = ''
"""
RECORD = """
INSERT INTO clinic_auditevent (at, action, kind, record, reference, detail, reason)
SELECT created_at, 'viewed', 'submission', id::text, reference, '', ''
FROM intake_submission, generate_series(1, %s)
"""
PERSON = {
    "name": "Ada Park",
    "email": "ada@example.org",
    "phone": "+17185550100",
    "message": "I would like to know. " * 9,
}


def main(count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()
    import pyrage
    from django.core.management import call_command

    from clinic.models import Heartbeat

    call_command("migrate", verbosity=0)
    fill(count)
    key = pyrage.x25519.Identity.generate()
    with tempfile.TemporaryDirectory() as folder:
        file, identity = Path(folder) / "backup.age", Path(folder) / "identity.txt"
        identity.write_text(f"{key}\n")
        quiet = StringIO()
        took = timed(lambda: call_command("backup", str(file), to=[str(key.to_public())], stdout=quiet))
        assert Heartbeat.seconds_since("backup") is not None
        print(f"backup of {count:,} submissions: {took:.0f} s, {file.stat().st_size / 1e6:,.0f} MB")
        proved = timed(lambda: call_command("check_backup", str(file), identity=identity, stdout=quiet))
        print(f"check_backup, which restores it: {proved:.0f} s")
        print(f"restore onto a disk that is waited for: {timed(lambda: restored(file, key, Path(folder))):.0f} s")
        print(quiet.getvalue())


def restored(file: Path, key: Any, folder: Path) -> None:
    """Restore into a PostgreSQL with the settings of a real one."""
    from clinic import backup
    from clinic.postgres import Server

    server = Server(folder / "postgres")
    server.start()
    try:
        backup.restore(file, [key], server)
    finally:
        server.stop()


def timed(act: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def fill(count: int) -> None:
    """Store `count` submissions as large as real ones: a person, six encrypted documents, events on record. Saves."""
    from django.core.management import call_command
    from django.db import connection

    from clinic import seals
    from intake.models import Response
    from tests import bulk
    from tests.factories import make_screening, make_user

    call_command("load_questionnaires", stdout=StringIO())
    make_screening(phq9=[1] * 9, gad7=[1] * 7)
    documents = {one.questionnaire_id: one.document for one in Response.objects.all()}
    bulk.fill(count, make_user())
    with connection.cursor() as cursor:
        cursor.execute(RESPONSES)
        cursor.execute(RECORD, [EVENTS])
    encrypt("intake_response", ["document"], "questionnaire_id", lambda key: [documents[key]])
    encrypt("intake_submission", list(PERSON), "kind", lambda kind: list(PERSON.values()))
    seals.seal()


def encrypt(table: str, columns: list[str], told_by: str, texts: Callable[[Any], list[str]]) -> None:
    """Fill the columns of each row whose first one is empty, with what the value of another column says. Saves."""
    from django.db import connection

    changed = ", ".join(f"{column} = filled.{column}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {told_by} FROM {table} WHERE {columns[0]} = ''")
        rows = cursor.fetchall()
        cursor.execute(f"CREATE TEMP TABLE filled (id uuid, {', '.join(f'{column} bytea' for column in columns)})")
        for start in range(0, len(rows), CHUNK):
            lines = "".join(lines_of(table, columns, rows[start : start + CHUNK], texts))
            cursor.execute("TRUNCATE filled")
            cursor.cursor.copy_expert("COPY filled FROM STDIN", StringIO(lines))
            cursor.execute(f"UPDATE {table} SET {changed} FROM filled WHERE {table}.id = filled.id")
        cursor.execute("DROP TABLE filled")


def lines_of(
    table: str, columns: list[str], rows: list[tuple[uuid.UUID, Any]], texts: Callable[[Any], list[str]]
) -> Iterator[str]:
    from clinic import crypto

    for pk, told in rows:
        values = zip(columns, texts(told), strict=True)
        tokens = [crypto.encrypt(text, f"{table}.{column}:{pk}").hex() for column, text in values]
        yield "\t".join([str(pk), *(rf"\\x{token}" for token in tokens)]) + "\n"


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if sys.argv[1:] else 100_000)
    finally:
        environment.own.pytest_unconfigure()
