from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, models

M = TypeVar("M", bound=models.Model)

MARK = UUID("00000000-0000-4000-8000-00000000cafe")  # stands in a statement for the value that is asked for
MARKS = (MARK, str(MARK))  # by a column's kind


class Written(Generic[M]):
    """A query for the rows of one value, written as SQL once a process.

    Every page of a screening asks the same few of them, and Django takes ten times as long to write one as PostgreSQL
    takes to answer it. `query` gives the queryset for a value, which is compared with a column as it is: a UUID or a
    text, or nothing. Rows of other models, as select_related gives, are not read.
    """

    _columns: "_Columns[M] | None" = None  # seen when it is first asked

    def __init__(self, query: Callable[[Any], "models.QuerySet[M]"]) -> None:
        self._query = query

    @cached_property
    def _statement(self) -> tuple[type[M], str, tuple[Any, ...]]:
        rows = self._query(MARK)
        sql, params = rows.query.sql_with_params()
        return rows.model, sql, tuple(params)

    def rows(self, value: UUID | str = MARK) -> list[M]:
        model, sql, params = self._statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [value if param in MARKS else param for param in params])
            if self._columns is None:
                self._columns = _Columns(model, [column.name for column in cursor.description])
            return [self._columns.row(values) for values in cursor.fetchall()]

    def first(self, value: UUID | str) -> M | None:
        return next(iter(self.rows(value)), None)


class _Columns(Generic[M]):
    """What a statement gives, and how Django reads it; of the others psycopg makes what a model takes."""

    def __init__(self, model: type[M], columns: Sequence[str]) -> None:
        fields: dict[str | None, Any] = {field.column: field for field in model._meta.concrete_fields}
        self._model = model
        self._names = [fields[column].attname for column in columns]
        readers = ((at, getattr(fields[column], "from_db_value", None)) for at, column in enumerate(columns))
        self._readers = [(at, reader) for at, reader in readers if reader]

    def row(self, values: Sequence[Any]) -> M:
        found = list(values)
        for at, reader in self._readers:
            found[at] = reader(found[at], None, connection)
        return self._model.from_db(DEFAULT_DB_ALIAS, self._names, found)


class OfFunction(Written[M]):
    """The rows that a function of the database gives for a value: each connection keeps its plan."""

    def __init__(self, model: type[M], function: str) -> None:
        self._model, self._function = model, function

    @cached_property
    def _statement(self) -> tuple[type[M], str, tuple[Any, ...]]:
        columns = ", ".join(str(field.column) for field in self._model._meta.concrete_fields)
        return self._model, f"SELECT {columns} FROM {self._function}(%s)", (MARK,)  # nosec B608 # our own names
