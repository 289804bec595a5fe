"""How one person's PHQ-9 totals change over time, in the published terms of the instrument. No Django.

Response and remission: Psychiatric Services, doi:10.1176/appi.ps.201900295. The smallest change that matters for one
person: Löwe and others, Med Care 2004;42(12). They describe a total, not how somebody is: a clinician reads them.
GAD-7 has no such rule here, because no source that we could read gives one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

CHANGE = 5  # points
RESPONSE_DROP = Decimal("0.5")  # of the baseline
RESPONSE_BASELINE = 10
REMISSION_BELOW = 5


@dataclass(frozen=True, slots=True)
class Point:
    """The total of one day; None when a question was left out."""

    on: date
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Step:
    """What one total is beside those before it. Without a total, or as the first one, it is nothing."""

    point: Point
    change: Decimal | None = None  # in points, against the total before it
    is_marked: bool = False  # the change is large enough to matter
    is_response: bool = False
    is_remission: bool = False


def course(points: Sequence[Point]) -> list[Step]:
    """Read the points in their order, a step each. A gap is left out of every comparison, and never read as 0.

    Response: at least half below the baseline, which is the first total, when that was 10 or more.
    Remission: below 5, after any total of 5 or more; a person who was never at 5 has nothing to come back from.
    Raises ValueError when a point is older than the one before it.
    """
    if any(later.on < earlier.on for earlier, later in pairwise(points)):
        raise ValueError("the points are not in the order of their dates")
    totals: list[Decimal] = []
    steps = []
    for point in points:
        steps.append(_step(point, totals))
        if point.total is not None:
            totals.append(point.total)
    return steps


def _step(point: Point, before: Sequence[Decimal]) -> Step:
    total = point.total
    if total is None or not before:
        return Step(point)
    baseline, change = before[0], total - before[-1]
    return Step(
        point,
        change=change,
        is_marked=abs(change) >= CHANGE,
        is_response=baseline >= RESPONSE_BASELINE and baseline - total >= baseline * RESPONSE_DROP,
        is_remission=total < REMISSION_BELOW <= max(before),
    )
