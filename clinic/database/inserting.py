"""One new row as `save` would store it, for what visitors wait for: the statement is made once a model.

It sends no signals and reads nothing back. An expression as a value is refused by psycopg2.
"""

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.expressions import DatabaseDefault


def insert(row: models.Model, *, unless: str = "") -> bool:
    """Store a new row; False, and nothing stored, when another has the same value in the unique column `unless`."""
    line, values = connections[DEFAULT_DB_ALIAS], {}  # each look through Django's proxy for it costs as much as a value
    for field in row._meta.concrete_fields:
        value = field.pre_save(row, add=True)
        if not (isinstance(value, DatabaseDefault) or (field.primary_key and value is None)):  # the database's own
            values[field.column] = value if value is None else field.get_db_prep_save(value, line)
    stored = execute(_statement(row._meta.db_table, tuple(values), unless), list(values.values())) == 1
    row._state.adding, row._state.db = not stored, line.alias
    return stored


def execute(statement: str, values: list[Any]) -> int:
    """Run a statement that writes, and return the number of rows. When it fails nothing of its transaction is kept."""
    line = connections[DEFAULT_DB_ALIAS]
    with transaction.mark_for_rollback_on_error(line.alias), line.cursor() as cursor:
        cursor.execute(statement, values)
        written: int = cursor.rowcount
    return written


@cache
def _statement(table: str, columns: tuple[str, ...], unless: str) -> str:
    name = connection.ops.quote_name
    conflict = f" ON CONFLICT ({name(unless)}) DO NOTHING" if unless else ""
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {name(table)} ({', '.join(map(name, columns))}) VALUES ({marks}){conflict}"  # nosec B608 # our own names
