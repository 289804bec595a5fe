from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import models

M = TypeVar("M", bound=models.Model)

MARK = UUID("00000000-0000-4000-8000-00000000cafe")  # stands in a statement for the value that is asked for


class Written(Generic[M]):
    """A query for the rows of one value, written as SQL once a process.

    Every page of a screening asks the same few of them, and Django takes ten times as long to write one as PostgreSQL
    takes to answer it. `query` gives the queryset for a value.
    """

    def __init__(self, query: Callable[[Any], "models.QuerySet[M]"]) -> None:
        self._query = query

    @cached_property
    def _statement(self) -> tuple[type[M], str, tuple[Any, ...]]:
        rows = self._query(MARK)
        sql, params = rows.query.sql_with_params()
        return rows.model, sql, tuple(params)

    def rows(self, value: object) -> list[M]:
        model, sql, params = self._statement
        values = [value if str(param) == str(MARK) else param for param in params]
        return list(model._base_manager.raw(sql, values))

    def first(self, value: object) -> M | None:
        return next(iter(self.rows(value)), None)
