from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models

M = TypeVar("M", bound=models.Model)

MARK = UUID("00000000-0000-4000-8000-00000000cafe")  # stands in a statement for the value that is asked for


class Written(Generic[M]):
    """A query for the rows of one value, written as SQL once a process.

    Every page of a screening asks the same few of them, and Django takes ten times as long to write one as PostgreSQL
    takes to answer it. `query` gives the queryset for a value, which is compared with a column as it is: a UUID or a
    text. Rows of other models, as select_related gives, are not read.
    """

    def __init__(self, query: Callable[[Any], "models.QuerySet[M]"]) -> None:
        self._query = query

    @cached_property
    def _statement(self) -> tuple[type[M], str, tuple[Any, ...]]:
        rows = self._query(MARK)
        sql, params = rows.query.sql_with_params()
        return rows.model, sql, tuple(params)

    def rows(self, value: UUID | str) -> list[M]:
        model, sql, params = self._statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [value if str(param) == str(MARK) else param for param in params])
            fields = [self._fields[column.name] for column in cursor.description]
            names = [field.attname for field in fields]
            return [model.from_db(connection.alias, names, _read(fields, row)) for row in cursor.fetchall()]

    def first(self, value: UUID | str) -> M | None:
        return next(iter(self.rows(value)), None)

    @cached_property
    def _fields(self) -> dict[str | None, Any]:
        model, _, _ = self._statement
        return {field.column: field for field in model._meta.concrete_fields}


def _read(fields: Sequence[Any], row: Sequence[Any]) -> list[Any]:
    """The values of a row as Django reads them; psycopg makes of the others what a model takes."""
    return [
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip(fields, row, strict=True)
    ]


class OfFunction(Written[M]):
    """The rows that a function of the database gives for a value: each connection keeps its plan."""

    def __init__(self, model: type[M], function: str) -> None:
        self._model, self._function = model, function

    @cached_property
    def _statement(self) -> tuple[type[M], str, tuple[Any, ...]]:
        columns = ", ".join(connection.ops.quote_name(field.column) for field in self._model._meta.concrete_fields)
        return self._model, f"SELECT {columns} FROM {self._function}(%s)", (MARK,)  # nosec B608 # our own names
