from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from clinic import seals
from clinic.doctor import look
from clinic.models import AuditEvent, Seal
from clinic.rotation import every_table

TRIED = range(15, 19)  # versions of PostgreSQL
SAMPLE = 50  # rows of each table, the newest and as many at random
SEALED_WITHIN = timedelta(minutes=10)  # the worker does it every minute


@look("version")
def version() -> Iterator[str]:
    connection.ensure_connection()
    major = connection.pg_version // 10_000  # type: ignore[attr-defined]
    if major not in TRIED:
        yield f"PostgreSQL {major} is none of those that the portal is tried with, {TRIED[0]} to {TRIED[-1]}."


@look("migrations")
def migrations() -> Iterator[str]:
    try:
        call_command("migrate", check_unapplied=True, verbosity=0, stdout=StringIO())
    except SystemExit:
        yield "The database lacks migrations of this release. As the owner of the tables, run: manage.py migrate."


@look("roles", in_trial=False)
def roles() -> Iterator[str]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    if _on(["clinic_auditevent", "clinic_seal"], "UPDATE"):
        yield (
            "The role of DATABASE_URL can change what is on record: it owns the tables, or is a superuser. Let the "
            "site run as a role that grant_application_role has made."
        )
    if missing := set(tables) - set(_on(tables, "SELECT")):
        yield (
            f"The role of DATABASE_URL cannot read {', '.join(sorted(missing))}. As the owner of the tables, run: "
            "manage.py grant_application_role ROLE."
        )


def _on(tables: list[str], privilege: str) -> list[str]:
    """Those of the tables on which the role has the privilege."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM unnest(%s) name WHERE has_table_privilege(name, %s)", [tables, privilege])
        return [name for (name,) in cursor.fetchall()]


@look("keys")
def keys() -> Iterator[str]:
    for table in every_table():
        for (column, state), count in table.unreadable(SAMPLE).items():
            yield f"Of the newest rows and some at random, {column} has {count} values that are {state.value}."


@look("audit record")
def audit_record() -> Iterator[str]:
    if not seals.newest_holds():
        yield "The newest seal does not fit its events or the keys of FIELD_KEYS. Run: manage.py verify_audit."
    newest = Seal.newest()
    waiting = AuditEvent.objects.filter(pk__gt=newest.last if newest else 0)
    if waiting.filter(at__lt=timezone.now() - SEALED_WITHIN).exists():
        minutes = round(SEALED_WITHIN / timedelta(minutes=1))
        yield f"Events are older than {minutes} minutes and not sealed yet. Does the worker run?"
