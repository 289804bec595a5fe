"""New rows as `save` would store them, for what visitors wait for: by one statement, which is made once a shape.

It sends no signals and reads nothing back. An expression as a value is refused by psycopg2.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.expressions import DatabaseDefault


class Kind(NamedTuple):
    """Rows of one model with values for the same columns."""

    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def into(self) -> str:
        name = connection.ops.quote_name
        return f"INSERT INTO {name(self.model._meta.db_table)} ({', '.join(map(name, self.columns))})"

    @property
    def marks(self) -> str:
        return f"({', '.join(['%s'] * len(self.columns))})"

    @property
    def typed_marks(self) -> str:
        """They tell PostgreSQL the types of the values, without the lengths, which the columns themselves see to."""
        types = {field.column: str(field.db_type(connection)) for field in self.model._meta.concrete_fields}
        return f"({', '.join('%s::' + re.sub(r'[(].*?[)]', '', types[name]) for name in self.columns)})"


@dataclass(frozen=True, slots=True)
class Row:
    """A new row: its values by column, as psycopg2 takes them. The database fills in what is left out."""

    model: type[models.Model]
    values: Mapping[str, Any]

    @property
    def kind(self) -> Kind:
        return Kind(self.model, tuple(self.values))


class Change(NamedTuple):
    """An UPDATE, whose rows the new ones depend on, with its values."""

    statement: str
    values: Sequence[Any]


def insert(
    first: models.Model | Row, *others: models.Model | Row, unless: str = "", after: Change | None = None
) -> bool:
    """Store new rows of any models by one statement, all or none. Those whose key the database makes do not learn it.

    False, and nothing stored, when another row has the same value as `first` in its unique column `unless`, or when
    `after`, which the same statement makes, found no row to change.
    """
    line = connections[DEFAULT_DB_ALIAS]  # each look through Django's proxy for it costs as much as a value
    given = (first, *others)
    rows = [row if isinstance(row, Row) else Row(type(row), dict(_values(row, line))) for row in given]
    more = tuple((kind, len(list(same))) for kind, same in groupby(row.kind for row in rows[1:]))
    statement = _statement(rows[0].kind, more, unless, after.statement if after else "")
    values = [*(after.values if after else ()), *(value for row in rows for value in row.values.values())]
    with transaction.mark_for_rollback_on_error(line.alias), line.cursor() as cursor:
        cursor.execute(statement, values)
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
def _statement(first: Kind, others: tuple[tuple[Kind, int], ...], unless: str, after: str) -> str:
    """The others are stored if the first one is; each kind comes with how many of its rows follow one another."""
    conflict = f" ON CONFLICT ({connection.ops.quote_name(unless)}) DO NOTHING" if unless else ""
    if not (others or after):
        return f"{first.into} VALUES {first.marks}{conflict}"
    changed = [f"changed AS ({after} RETURNING 1)"] if after else []
    stored = f"stored AS ({first.into} {_given(first, 1, 'changed' if after else '')}{conflict} RETURNING 1)"
    also = [
        f"also{number} AS ({kind.into} {_given(kind, count, 'stored')})" for number, (kind, count) in enumerate(others)
    ]
    return f"WITH {', '.join([*changed, stored, *also])} SELECT FROM stored"  # nosec B608 # our own names


def _given(kind: Kind, count: int, condition: str) -> str:
    """So many rows, if there is one in `condition`."""
    rows = ", ".join([kind.typed_marks, *[kind.marks] * (count - 1)])
    source = f"{condition}, " if condition else ""
    return f"SELECT given.* FROM {source}(VALUES {rows}) AS given"  # nosec B608 # our own names
