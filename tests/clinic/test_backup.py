"""A backup is whole or is not there, tells nothing to who finds it, and can be restored."""

import base64
import os
import re
import resource
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from clinic import backup, seals
from clinic.models import Heartbeat
from intake.models import Submission
from tests.clinic.test_doors import kept
from tests.dump import dump
from tests.factories import make_screening
from tests.signing import made_person_with_app, sign_in
from tests.stock import stock

ROOT = Path(__file__).resolve().parents[2]
ROLE = "clinic_app_of_the_backup_test"
KEY = pyrage.x25519.Identity.generate()
TO = str(KEY.to_public())


@pytest.fixture
def identity(tmp_path) -> Path:
    """What age-keygen writes."""
    file = tmp_path / "identity.txt"
    file.write_text(f"# created: 2026-11-26T05:40:00Z\n# public key: {TO}\n{KEY}\n")
    return file


@pytest.fixture
def stored(transactional_db) -> str:
    """A screening and somebody who may read it; returns the secret of their app."""
    stock("load_pages", "load_questionnaires")
    make_screening(phq9=[0] * 8 + [1])
    _, secret = made_person_with_app(is_superuser=True)
    seals.seal()
    call_command("grant_application_role", ROLE, stdout=StringIO())
    return secret


def as_the_site(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as the role that the site runs as."""
    address = os.environ["DATABASE_URL"].replace("clinic@", f"{ROLE}@").rpartition("/")[0]
    env = os.environ | {"DATABASE_URL": f"{address}/{connection.settings_dict['NAME']}"}
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def check(*arguments: object, said: StringIO | None = None) -> None:
    call_command("check_backup", *map(str, arguments), stdout=said or StringIO())


def test_a_backup_holds_everything_and_staff_can_go_on_with_what_was_restored(stored, tmp_path, identity, monkeypatch):
    file, before = tmp_path / "today.age", kept()
    rows = Submission.objects.count()

    done = as_the_site("backup", str(file), "--to", TO)

    assert (done.returncode, done.stderr) == (0, "")
    assert (file.stat().st_mode & 0o777, [path.name for path in tmp_path.glob("today*")]) == (0o600, ["today.age"])
    assert Heartbeat.seconds_since("backup") < 60
    assert "ada@example.org" in dump()
    assert b"ada@example.org" not in file.read_bytes()
    with backup.restored(file, backup.identities(identity)) as server:
        connection.close()
        for name, value in {"HOST": str(server.socket), "NAME": "postgres"}.items():
            monkeypatch.setitem(connection.settings_dict, name, value)
        try:
            assert kept() == before
            desk = sign_in(Client(), stored)
            page = desk.get(f"/admin/intake/submission/{Submission.objects.get().pk}/change/")
            assert "Marta Quill" in page.text
        finally:
            connection.close()
            monkeypatch.undo()
        assert [holds for holds, _ in backup.proofs(server)] == [True, True]

    monkeypatch.setenv("FIELD_KEYS", base64.b64encode(bytes(range(200, 232))).decode())
    with pytest.raises(CommandError, match="This backup cannot be relied on"):
        check(file, "--identity", identity, said=(said := StringIO()))
    assert f"\n  intake_submission: {rows}\n" in said.getvalue()
    assert "intake_submission.name has 1 values that are unreadable: the key is not in FIELD_KEYS" in said.getvalue()
    assert "The newest seal was not made with a key of FIELD_KEYS." in said.getvalue()


@pytest.fixture(scope="module")
def encrypted() -> bytes:
    return pyrage.encrypt(os.urandom(200_000), [KEY.to_public()])  # four chunks, each with its own proof


DAMAGES = {
    "a bit of the head": lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:],
    "a bit in the middle": lambda data: data[:90_000] + bytes([data[90_000] ^ 1]) + data[90_001:],
    "the last bit": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "the last byte is missing": lambda data: data[:-1],
    "the second half is missing": lambda data: data[: len(data) // 2],
    "a whole chunk is missing at the end": lambda data: data[: len(data) - 200_000 % 65_536 - 16],
    "something was appended": lambda data: data + b"\0",
    "it is another file": lambda data: b"no backup",
    "it is for somebody else": lambda data: pyrage.encrypt(b"x", [pyrage.x25519.Identity.generate().to_public()]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_before_anything_is_restored(tmp_path, identity, encrypted, damage):
    file = tmp_path / "file.age"
    file.write_bytes(encrypted)
    backup.prove_whole(file, backup.identities(identity))

    file.write_bytes(DAMAGES[damage](encrypted))

    with pytest.raises(CommandError, match="was damaged or cut off, or is not for this key: do not restore it"):
        check(file, "--identity", identity)


def test_a_file_that_is_whole_and_no_backup_is_refused(tmp_path, identity, encrypted):
    file = tmp_path / "file.age"
    file.write_bytes(encrypted)

    with pytest.raises(CommandError, match=r"pg_restore failed: pg_restore: error: .+ valid .*archive"):
        check(file, "--identity", identity)


def test_a_file_that_is_missing_and_a_key_that_is_none_are_named(tmp_path, identity):
    with pytest.raises(CommandError, match=r"missing\.age could not be read: \[Errno 2\] No such file or directory"):
        check(tmp_path / "missing.age", "--identity", identity)
    identity.write_text("no key")
    with pytest.raises(CommandError, match=r"identity\.txt is no identity file of age"):
        check(tmp_path / "missing.age", "--identity", identity)


def test_a_backup_that_fails_leaves_no_file_and_is_not_told_as_made(db, tmp_path, monkeypatch):
    file = tmp_path / "today.age"
    monkeypatch.setitem(connection.settings_dict, "USER", "nobody_of_this_name")

    with pytest.raises(CommandError, match="pg_dump failed: pg_dump: error: connection to server"):
        call_command("backup", str(file), "--to", TO)

    assert list(tmp_path.iterdir()) == []
    assert Heartbeat.seconds_since("backup") is None


def test_a_disk_that_is_full_leaves_no_file_either(db, tmp_path):
    most, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(CommandError, match=r"today\.age could not be written: .*File too large"):
            call_command("backup", str(tmp_path / "today.age"), "--to", TO)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))

    assert list(tmp_path.iterdir()) == []
    assert Heartbeat.seconds_since("backup") is None


def test_a_backup_overwrites_nothing_and_is_for_a_public_key(db, tmp_path):
    (tmp_path / "there.age").write_text("kept")
    refusals = {
        ("there.age", TO): "is there already. Give each backup a name of its own.",
        ("no/folder.age", TO): "could not be written: [Errno 2] No such file or directory",
        ("new.age", str(KEY)): "This is no public key of age: one begins with age1.",
    }

    for (name, to), said in refusals.items():
        with pytest.raises(CommandError, match=re.escape(said)) as error:
            call_command("backup", str(tmp_path / name), "--to", to)
        assert str(KEY) not in str(error.value)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["kept"]
