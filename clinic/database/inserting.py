"""New rows as `save` would store them, for what visitors wait for: by one statement, which is made once a shape.

It sends no signals and reads nothing back. An expression as a value is refused by psycopg2.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.expressions import DatabaseDefault


@dataclass(frozen=True, slots=True)
class Row:
    """A new row: its values by column, as psycopg2 takes them. The database fills in what is left out."""

    model: type[models.Model]
    values: Mapping[str, Any]

    @property
    def columns(self) -> "Columns":
        return self.model, tuple(self.values)


Columns = tuple[type[models.Model], tuple[str, ...]]  # of rows of one model


def insert(first: models.Model | Row, *others: models.Model | Row, unless: str = "") -> bool:
    """Store new rows of any models by one statement, all or none. Those whose key the database makes do not learn it.

    False, and nothing stored, when another row has the same value as `first` in its unique column `unless`.
    """
    line = connections[DEFAULT_DB_ALIAS]  # each look through Django's proxy for it costs as much as a value
    given = (first, *others)
    rows = [row if isinstance(row, Row) else Row(type(row), dict(_values(row, line))) for row in given]
    more = tuple((columns, len(list(same))) for columns, same in groupby(row.columns for row in rows[1:]))
    with transaction.mark_for_rollback_on_error(line.alias), line.cursor() as cursor:
        cursor.execute(
            _statement(rows[0].columns, more, unless), [value for row in rows for value in row.values.values()]
        )
        is_stored: bool = cursor.rowcount == 1
    for row in given:
        if isinstance(row, models.Model):
            row._state.adding, row._state.db = not is_stored, line.alias
    return is_stored


def _values(row: models.Model, line: Any) -> Iterator[tuple[Any, Any]]:
    """By column, without those that the database fills in itself."""
    for field in row._meta.concrete_fields:
        value = field.pre_save(row, add=True)
        if not (isinstance(value, DatabaseDefault) or (field.primary_key and value is None)):
            yield field.column, value if value is None else field.get_db_prep_save(value, line)


@cache
def _statement(first: Columns, others: tuple[tuple[Columns, int], ...], unless: str) -> str:
    """The others are stored if the first one is; each comes with how many rows of the kind follow one another."""
    name = connection.ops.quote_name
    conflict = f" ON CONFLICT ({name(unless)}) DO NOTHING" if unless else ""
    stored = f"{_into(first)} VALUES ({_marks(first)}){conflict}"
    if not others:
        return stored
    also = [
        f"also{number} AS ({_into(columns)} SELECT given.* FROM stored, (VALUES {_rows(columns, count)}) AS given)"
        for number, (columns, count) in enumerate(others)
    ]
    return f"WITH stored AS ({stored} RETURNING 1), {', '.join(also)} SELECT FROM stored"  # nosec B608 # our own names


def _into(columns: Columns) -> str:
    model, names = columns
    name = connection.ops.quote_name
    return f"INSERT INTO {name(model._meta.db_table)} ({', '.join(map(name, names))})"


def _rows(columns: Columns, count: int) -> str:
    return ", ".join([f"({_marks(columns, typed=True)})", *[f"({_marks(columns)})"] * (count - 1)])


def _marks(columns: Columns, *, typed: bool = False) -> str:
    """A mark for each value; `typed` tells PostgreSQL its type, without the length, which the column itself sees to."""
    model, names = columns
    if not typed:
        return ", ".join(["%s"] * len(names))
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    return ", ".join("%s::" + re.sub(r"\(.*?\)", "", str(types[name])) for name in names)
