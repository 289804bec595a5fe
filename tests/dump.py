"""The database as somebody who steals a backup would read it, or as another server has it."""

import re
import subprocess

from django.db import connection

from clinic.postgres import OWNER, Server, installed


def dump() -> str:
    """Every table's rows as a backup would hold them, with what bytea columns hold in clear as well."""
    text = _dumped("--data-only", "--inserts").decode()
    hidden = " ".join(bytes.fromhex(found).decode("utf-8", "ignore") for found in re.findall(r"\\x([0-9a-f]+)'", text))
    return text + hidden


def copy_into(server: Server) -> None:
    """Give another, empty server the schema and what is committed, which is less work than its migrations."""
    command = [server.programs / "pg_restore", "--exit-on-error", "-h", server.socket, "-U", OWNER, "-d", "postgres"]
    subprocess.run(command, input=_dumped("--format=custom", "--no-privileges"), check=True)


def _dumped(*how: str) -> bytes:
    known = connection.settings_dict
    command = [installed()[0][1] / "pg_dump", *how, "-h", known["HOST"], "-U", known["USER"], known["NAME"]]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
