from collections.abc import Sequence
from importlib.util import find_spec

from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from clinic.models import CrisisLine


@register()
def psycopg_2_only(**kwargs: object) -> list[CheckMessage]:
    """Django silently prefers psycopg 3 when both are installed."""
    if find_spec("psycopg") is None:
        return []
    return [
        Error(
            "psycopg 3 is installed, and Django would use it instead of psycopg2.",
            hint="Remove it: pip uninstall psycopg psycopg-binary",
            id="clinic.E001",
        )
    ]


@register(Tags.database)
def crisis_lines_are_verified(databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Runs with `check --database default` and before `migrate`, when the table may not be there yet."""
    if not databases or CrisisLine._meta.db_table not in connection.introspection.table_names():
        return []
    return [
        checks.Warning(
            f"Nobody has checked the crisis line “{line}” since {line.verified_on}.",
            hint="Look its number up on its own page, then correct the line and its date in the clinic profile.",
            id="clinic.W001",
        )
        for line in CrisisLine.objects.stale()
    ]


QUIET = {  # what keeps statements, and the values in them, out of the database's own log
    "log_min_messages": ("log", "fatal", "panic"),
    "log_statement": ("none",),
    "log_min_duration_statement": ("-1",),
}


@register(Tags.database)
def database_logs_no_statements(databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Patient data reach the database encrypted; words that somebody searches for, or signs in with, do not."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(QUIET)])
        loud = sorted(name for name, value in cursor.fetchall() if value not in QUIET[name])
    return [
        checks.Warning(
            f"PostgreSQL may write statements of the site into its log: {name} is not {QUIET[name][0]}.",
            hint=f"As a superuser, for the role of the site: ALTER ROLE … SET {name} = {QUIET[name][0]}",
            id="clinic.W002",
        )
        for name in loud
    ]
