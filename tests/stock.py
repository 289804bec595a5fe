"""What comes with the portal: loaded once a process by its own commands, then copied into each test's database."""

from io import StringIO

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

Rows = dict[str, str]  # by table, as COPY writes them

_kept: dict[str, Rows] = {}


def stock(*commands: str) -> None:
    """Fill the database as `load_pages` and `load_questionnaires` do."""
    for command in commands:
        if command in _kept:
            copy(_kept[command])
        else:
            before = _filled()
            call_command(command, verbosity=0, stdout=StringIO())
            _kept[command] = {table: rows(table) for table in sorted(_filled() - before)}


def _filled() -> set[str]:
    models = [model for app in ("content", "intake") for model in apps.get_app_config(app).get_models()]
    return {model._meta.db_table for model in models if model._base_manager.exists()}


def rows(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f'COPY "{table}" TO STDOUT', found := StringIO())
    return found.getvalue()


def copy(kept: Rows) -> None:
    """Foreign keys are checked at the end of the transaction, so the order is free."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, text in kept.items():
            cursor.cursor.copy_expert(f'COPY "{table}" FROM STDIN', StringIO(text))
