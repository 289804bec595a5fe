"""How long things are kept: the clinic's profile says it, the database's clock decides."""

from typing import Any

from django.db.models import DurationField, Func, Subquery
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from clinic.kept import pages
from clinic.models import ClinicProfile


class Interval(Func):
    """So many `unit` (days, months, years) by the calendar."""

    function = "make_interval"
    template = "%(function)s(%(unit)s => %(expressions)s)"

    def __init__(self, number: Any, *, unit: str) -> None:
        super().__init__(number, unit=unit, output_field=DurationField())


def kept_since(field: str) -> CombinedExpression:
    """The time up to which what the profile's `field`, such as draft_days, speaks of is kept no longer."""
    kept = Subquery(ClinicProfile.objects.values(field)[:1])
    return Now() - Interval(kept, unit=field.rpartition("_")[2])


def draft_days() -> int:
    """How long an unsent screening, and a link to it, is kept."""
    return pages.remember("draft days", lambda: ClinicProfile.objects.values_list("draft_days", flat=True).get(pk=1))
