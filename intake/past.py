"""The start page's figures of the past: they reach over months of submissions, so the worker counts them every minute.

Where it has not, they are counted for the page.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_duration

from clinic.periodic import job
from intake import figures
from intake.figures import Band, Pace, Wait, Week
from intake.models import KeptFigures

EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Past:
    paces: dict[bool, Pace]
    weeks: list[Week]
    bands: list[Band]
    at: datetime | None = None  # when the worker counted them; None for now


def past() -> Past:
    kept = KeptFigures.fresh()
    return _read(kept.told, kept.at) if kept else count()


def count() -> Past:
    return Past(figures.paces(), figures.weeks(), figures.phq9_bands())


@job(every=EVERY)
def keep() -> None:
    """Saves."""
    found = count()
    KeptFigures.keep(
        {
            "alerted": asdict(found.paces[True]),
            "others": asdict(found.paces[False]),
            "weeks": [asdict(week) for week in found.weeks],
            "bands": [asdict(band) for band in found.bands],
        }
    )


def _read(told: dict[str, Any], at: datetime) -> Past:
    return Past(
        paces={True: _pace(told["alerted"]), False: _pace(told["others"])},
        weeks=[Week(**{**week, "monday": date.fromisoformat(week["monday"])}) for week in told["weeks"]],
        bands=[Band(**band) for band in told["bands"]],
        at=at,
    )


def _pace(told: dict[str, Any]) -> Pace:
    return Pace(told["received"], _wait(told["look"]), _wait(told["contact"]))


def _wait(told: dict[str, Any]) -> Wait:
    return Wait(told["happened"], *(parse_duration(told[name] or "") for name in ("median", "most")))
