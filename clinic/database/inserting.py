"""New rows as `save` would store them, for what visitors wait for: the statement is made once a model.

It sends no signals and reads nothing back. An expression as a value is refused by psycopg2.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.expressions import DatabaseDefault


def insert(row: models.Model, *, unless: str = "") -> bool:
    """Store a new row; False, and nothing stored, when another has the same value in the unique column `unless`."""
    return _store([row], unless) == 1


def insert_all(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model by one statement. Those whose key the database makes do not learn it.

    Raises ValueError when the database is to fill in a column of some rows and not of others.
    """
    if rows:
        _store(rows, "")


def _store(rows: Sequence[models.Model], unless: str) -> int:
    """How many were stored."""
    line = connections[DEFAULT_DB_ALIAS]  # each look through Django's proxy for it costs as much as a value
    found = [_values(row, line) for row in rows]
    (columns,) = {tuple(values) for values in found}
    statement = _statement(rows[0]._meta.db_table, columns, len(rows), unless)
    stored = execute(statement, [value for values in found for value in values.values()])
    for row in rows:
        row._state.adding, row._state.db = not stored, line.alias
    return stored


def _values(row: models.Model, line: Any) -> dict[Any, Any]:
    """By column, without those that the database fills in itself."""
    values = {}
    for field in row._meta.concrete_fields:
        value = field.pre_save(row, add=True)
        if not (isinstance(value, DatabaseDefault) or (field.primary_key and value is None)):
            values[field.column] = value if value is None else field.get_db_prep_save(value, line)
    return values


def execute(statement: str, values: list[Any]) -> int:
    """Run a statement that writes, and return the number of rows. When it fails nothing of its transaction is kept."""
    line = connections[DEFAULT_DB_ALIAS]
    with transaction.mark_for_rollback_on_error(line.alias), line.cursor() as cursor:
        cursor.execute(statement, values)
        written: int = cursor.rowcount
    return written


@cache
def _statement(table: str, columns: tuple[str, ...], rows: int, unless: str) -> str:
    name = connection.ops.quote_name
    conflict = f" ON CONFLICT ({name(unless)}) DO NOTHING" if unless else ""
    marks = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * rows)
    return f"INSERT INTO {name(table)} ({', '.join(map(name, columns))}) VALUES {marks}{conflict}"  # nosec B608 # our own names
