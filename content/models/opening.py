from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.models import User

if TYPE_CHECKING:
    from content.models.page import Page


class OpeningQuerySet(models.QuerySet["Opening"]):
    def note(self, page: "Page", *, by: User) -> None:
        """Remember that `by` has the page open now. Saves."""
        opening = Opening(page=page, user=by, at=timezone.now())
        self.bulk_create([opening], update_conflicts=True, unique_fields=["page", "user"], update_fields=["at"])

    def by_others(self, *, than: User) -> Self:
        """Who else had a page open in the last minutes, the latest first."""
        since = timezone.now() - Opening.LATELY
        return self.filter(at__gte=since).exclude(user=than).select_related("user").order_by("-at")


class Opening(models.Model):
    """When a member of staff last had a page open to edit it: one row each, so that they can be told of each other."""

    LATELY: ClassVar = timedelta(minutes=5)

    page = models.ForeignKey("content.Page", on_delete=models.CASCADE, related_name="openings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    objects = OpeningQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("page", "user", name="opening_once_for_each_person")]

    def __str__(self) -> str:
        return f"{self.page}, {self.user}"
