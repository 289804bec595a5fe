"""How a page stands: what readers see of it, what they will, and what waits for whom."""

from dataclasses import dataclass
from typing import Self

from content.admin.forms import differences
from content.comparison import Difference
from content.models import Edition, Page


@dataclass(frozen=True, slots=True)
class Standing:
    live: Edition | None
    coming: list[Edition]
    changes: list[Difference]  # what the working text would change for readers

    @classmethod
    def of(cls, page: Page) -> Self:
        shown = Edition.objects.select_related("page", "published_by", "review__reviewed_by").filter(page=page)
        live = shown.live().first()
        return cls(live, list(shown.scheduled()), differences(live, page) if live else [])
