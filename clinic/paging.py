"""Pages of a list, however long the list is."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet


class NearPaginator(Paginator[Any]):
    """Counts no further than AHEAD pages from the one that is looked at, so that a page costs the same in any list.

    Every page can be reached: from each one the next AHEAD are known.
    """

    AHEAD = 10

    def __init__(self, *args: Any, page: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = (max(1, page) + self.AHEAD) * self.per_page

    @cached_property
    def count(self) -> int:
        """The number of rows, or `most` when there are more."""
        return min(self._found, self.most)

    @property
    def goes_on(self) -> bool:
        """Whether there are more rows than `count` says."""
        return self._found > self.most

    @cached_property
    def _found(self) -> int:
        """In the order of the list: then the database goes the same short way as for the page itself."""
        rows: Any = self.object_list
        found: int = rows[: self.most + 1].count() if isinstance(rows, QuerySet) else len(rows)
        return found
