"""Backups: what pg_dump writes, encrypted by age on its way to the disk, for keys whose secret halves are elsewhere."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg2
import pyrage
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient
from psycopg2 import sql

from clinic import postgres
from clinic.models import Heartbeat

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=8GB")  # lost with the machine
PROOFS = (["doctor", "--only", "migrations", "keys"], ["verify_audit"])  # of manage.py


class Failed(Exception):
    """The message is a sentence for who runs the command, and holds nothing of what is stored."""


def write(file: Path, recipients: Sequence[str]) -> None:
    """Make a backup that only the owners of these public keys can open, whole or not at all. Saves that it was made."""
    keys = [_recipient(text) for text in recipients]
    if file.exists():
        raise Failed(f"{file} is there already. Give each backup a name of its own.")
    try:
        with _whole(file) as out, _dumped() as dump:
            pyrage.encrypt_io(dump, out, keys)
    except (OSError, pyrage.EncryptError) as error:
        raise Failed(f"{file} could not be written: {error}.") from None
    Heartbeat.beat("backup")


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise Failed("This is no public key of age: one begins with age1.") from None


@contextmanager
def _whole(file: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when it is complete and on the disk; only its owner can read it."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}.", suffix=".part", delete=False) as part:
        try:
            yield part
            part.flush()
            os.fsync(part.fileno())
            os.rename(part.name, file)
        except BaseException:
            os.unlink(part.name)
            raise


@contextmanager
def _dumped() -> Iterator[IO[bytes]]:
    """What pg_dump writes. Raises Failed at the end when it could not write everything."""
    major: int = connection.pg_version // 10_000  # type: ignore[attr-defined]
    (_, *arguments), environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [str(_program("pg_dump", major)), "--format=custom", "--no-password", *arguments]
    with tempfile.TemporaryFile() as said:
        dump = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=os.environ | (environment or {}))
        try:
            assert dump.stdout
            yield dump.stdout
            dump.wait()
        finally:
            dump.kill()
            dump.communicate()
        if dump.returncode:
            raise Failed(f"pg_dump failed: {_first_line(said)}")


def _program(name: str, major: int) -> Path:
    """That of the server's own version if it is here, else of a later one."""
    found = [(version, folder) for version, folder in postgres.installed(name) if version >= major]
    if not found:
        raise Failed(
            f"There is no {name} {major} or later. Debian and Ubuntu: apt-get install postgresql-client-{major}."
        )
    return min(found)[1] / name


def _first_line(file: IO[bytes]) -> str:
    file.seek(0)
    return file.readline().decode("utf-8", "replace").strip()


def identities(file: Path) -> list[Any]:
    """The secret keys of a file that age-keygen has written."""
    try:
        lines = file.read_text().splitlines()
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        raise Failed(f"{file} is no identity file of age.") from None


def prove_whole(file: Path, keys: Sequence[Any]) -> None:
    """Decrypt every byte. Raises Failed when one was changed or is missing, or when no key opens it."""
    with open(os.devnull, "wb") as nowhere:
        _decrypt(file, nowhere, keys)


def _decrypt(file: Path, out: IO[bytes], keys: Sequence[Any]) -> None:
    try:
        with file.open("rb") as encrypted:
            pyrage.decrypt_io(encrypted, out, keys)
    except (pyrage.DecryptError, OSError) as error:
        if getattr(error, "errno", None):  # else it is the library that speaks
            raise Failed(f"{file} could not be read: {error}.") from None
        raise Failed(f"{file} was damaged or cut off, or is not for this key: do not restore it.") from None


@contextmanager
def restored(file: Path, keys: Sequence[Any]) -> Iterator[postgres.Server]:
    """A PostgreSQL of its own that holds what the file does, and goes away afterwards."""
    with tempfile.TemporaryDirectory(prefix="clinic-backup-") as folder:
        server = postgres.Server(Path(folder), max(postgres.installed())[0])
        server.start(*FAST)
        try:
            restore(file, keys, server)
            yield server
        finally:
            server.stop()


def restore(file: Path, keys: Sequence[Any], server: postgres.Server) -> None:
    """Fill an empty server. Raises Failed."""
    command = [str(server.programs / "pg_restore"), "--exit-on-error", "--no-owner", "--no-privileges"]
    command += ["--host", str(server.socket), "--username", postgres.OWNER, "--dbname", "postgres"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said)
        assert process.stdin
        failure = None
        try:
            _decrypt(file, process.stdin, keys)
        except Failed as error:  # perhaps because pg_restore has ended
            failure = error
        process.communicate()
        if process.returncode:
            raise Failed(f"pg_restore failed: {_first_line(said)}")
        if failure:
            raise failure


def counts(server: postgres.Server) -> dict[str, int]:
    """How many rows each table has."""
    line = psycopg2.connect(host=str(server.socket), user=postgres.OWNER, dbname="postgres")
    with closing(line), line.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [table for (table,) in cursor.fetchall()]
        return {table: _count(cursor, table) for table in tables}


def _count(cursor: Any, table: str) -> int:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
    found: int = cursor.fetchone()[0]
    return found


def proofs(server: postgres.Server) -> Iterator[tuple[bool, str]]:
    """Whether each of PROOFS holds, and what it said: by a process that knows no database but this one."""
    environment = os.environ | {"DATABASE_URL": server.url()}
    for proof in PROOFS:
        command = [sys.executable, "manage.py", *proof]
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)
        yield done.returncode == 0, done.stdout.strip()
