"""Walking a table by its primary key, a batch of rows at a time, and writing what changed.

Nothing is kept open between two batches. A row that somebody else holds is skipped: a later round finds it again.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from clinic import crypto
from clinic.rotation.columns import Column, LongTokenColumn, Row, State, columns_of

BATCH = 200  # rows that are held at most, for some hundredths of a second

States = Counter[tuple[str, State]]  # how many values of a column, as "table.column", are in a state


class Table:
    def __init__(self, model: type[models.Model], columns: list[Column]) -> None:
        self.columns, self.name = columns, model._meta.db_table
        quote = connection.ops.quote_name
        key = model._meta.pk
        self._table, self._pk, self._pk_type = quote(self.name), quote(str(key.column)), key.rel_db_type(connection)
        self._quoted = [quote(column.name) for column in columns]

    def count(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {self._table}")  # nosec B608 # names of the models, quoted
            found: int = cursor.fetchone()[0]
            return found

    def batches(self) -> Iterator[list[Row]]:
        """What there is, in the order of the primary key. Of a long value that is done, only its beginning."""
        looks = [column.look(name) for column, name in zip(self.columns, self._quoted, strict=True)]
        values = [crypto.newest_header()] * 2 * sum(isinstance(one, LongTokenColumn) for one in self.columns)
        last: list[Any] = []
        while rows := self._select(
            looks, f"{f'WHERE {self._pk} > %s' * len(last)} ORDER BY {self._pk} LIMIT {BATCH}", [*values, *last]
        ):
            yield rows
            last = [rows[-1]["pk"]]

    def states(self, row: Row) -> States:
        return Counter((f"{self.name}.{column.name}", state) for column in self.columns for state in column.states(row))

    def is_left(self, row: Row) -> bool:
        return any(state is State.OLD for column in self.columns for state in column.states(row))

    def unreadable(self, count: int) -> States:
        """How many values of a column cannot be opened, and why: in the newest rows, and in as many at random."""
        orders = ("age(xmin)", "random()")
        found = [row for order in orders for row in self._select(self._quoted, f"ORDER BY {order} LIMIT {count}", [])]
        return Counter(
            (f"{self.name}.{column.name}", state)
            for row in {row["pk"]: row for row in found}.values()
            for column in self.columns
            for state in column.unreadable(row)
        )

    @transaction.atomic
    def renew(self, keys: list[Any]) -> int:
        """Encrypt these rows anew, except those that somebody else holds; return how many. Saves."""
        held = f"WHERE {self._pk} = ANY(%s) ORDER BY {self._pk} FOR NO KEY UPDATE SKIP LOCKED"
        rows = self._select(self._quoted, held, [keys])
        if rows:
            self._update([row["pk"] for row in rows], [[one.renewed(row) for row in rows] for one in self.columns])
        return len(rows)

    def _select(self, columns: list[str], rest: str, values: list[Any]) -> list[Row]:
        with connection.cursor() as cursor:
            chosen = ", ".join([self._pk, *columns])
            cursor.execute(" ".join(["SELECT", chosen, "FROM", self._table, rest]), values)
            names = ["pk", *(column.name for column in self.columns)]
            return [dict(zip(names, map(_plain, found), strict=True)) for found in cursor.fetchall()]

    def _update(self, keys: list[Any], values: list[list[Any]]) -> None:
        changed = ", ".join(f"{name} = new.{name}" for name in self._quoted)
        types = [f"%s::{self._pk_type}[]", *(f"%s::{column.type}[]" for column in self.columns)]
        statement = [
            f"UPDATE {self._table} AS old",
            f"SET {changed}",
            f"FROM unnest({', '.join(types)}) AS new (key, {', '.join(self._quoted)})",
            f"WHERE old.{self._pk} = new.key",
        ]
        with connection.cursor() as cursor:
            cursor.execute(" ".join(statement), [keys, *values])


def every_table() -> list[Table]:
    """Every table in which something was made by a key of FIELD_KEYS, as the models say."""
    models_ = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    found = [(model, columns_of(model)) for model in models_]
    return [Table(model, columns) for model, columns in found if columns]


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
