"""The trial on one computer runs with the two database roles of a real installation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clinic.postgres import Server
from tests.dump import copy_into
from tests.environment import FAST

ROOT = Path(__file__).resolve().parents[2]

TRY = """
from django.db import connection, DatabaseError
cursor = connection.cursor()
cursor.execute("SELECT current_user")
print(cursor.fetchone()[0])
for change in ("UPDATE clinic_auditevent SET detail = ''", "TRUNCATE clinic_auditevent", "CREATE TABLE mine (id int)"):
    try:
        cursor.execute(change)
    except DatabaseError as error:
        print(str(error).splitlines()[0])
"""


@pytest.fixture
def manage(tmp_path, db):
    env = os.environ | {"VAR": str(tmp_path / "var")}
    server = Server(tmp_path / "var" / "postgres")
    server.start(*FAST)
    copy_into(server)
    server.stop()  # each command starts it by itself

    def run(*args):
        command = [sys.executable, "-m", "clinic.local", "manage", *args]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-500:]
        return done.stdout

    yield run
    server.stop()


def test_the_application_cannot_change_the_record_or_the_schema(manage):
    manage("migrate", "--verbosity", "0")

    assert manage("shell", "--verbosity", "0", "-c", TRY).splitlines() == [
        "clinic_app",
        "permission denied for table clinic_auditevent",
        "permission denied for table clinic_auditevent",
        "permission denied for schema public",
    ]
