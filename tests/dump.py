"""The database as somebody who steals a backup would read it."""

import re
import subprocess

from django.db import connection

from clinic.postgres import installed


def dump():
    """Every table's rows as a backup would hold them, with what bytea columns hold in clear as well."""
    known = connection.settings_dict
    command = [installed()[0][1] / "pg_dump", "--data-only", "--inserts", "-h", known["HOST"], "-U", known["USER"]]
    done = subprocess.run([*command, known["NAME"]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    hidden = " ".join(
        bytes.fromhex(found).decode("utf-8", "ignore") for found in re.findall(r"\\x([0-9a-f]+)'", done.stdout)
    )
    return done.stdout + hidden
