"""A line chart of one instrument's totals over time, as numbers for its template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format

from intake.admin.inbox import plain
from intake.admin.svg import Scale, lines, with_room
from intake.course import Step

LEFT, RIGHT, TOP, BOTTOM = 50, 366, 28, 188  # of the field that the totals lie in
LABEL_ROOM = 34
PHQ9_LEVELS = (0, 5, 10, 15, 20, 27)  # where the bands begin, and the highest total
GAD7_LEVELS = (0, 5, 10, 15, 21)


@dataclass(frozen=True, slots=True)
class Reading:
    on: date
    total: Decimal | None  # None: not complete
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    y: int
    label: str  # empty where there is no room for one
    reached: str  # what this total is the first to reach

    @property
    def label_y(self) -> int:
        return self.y - 11

    @property
    def reached_y(self) -> int:
        return self.y + 18


@dataclass(frozen=True, slots=True)
class Chart:
    code: str
    name: str
    lines: list[str]
    dots: list[Dot]
    gaps: list[int]  # where a form is not complete
    levels: list[tuple[int, int]]  # a number and its height
    days: list[tuple[int, str, str]]  # where the day stands, how it is aligned, and the day
    told: str

    @property
    def highest(self) -> int:
        return self.levels[-1][0]


def phq9_chart(readings: Sequence[Reading]) -> Chart:
    return _chart("phq9", "PHQ-9", PHQ9_LEVELS, readings)


def gad7_chart(readings: Sequence[Reading]) -> Chart:
    return _chart("gad7", "GAD-7", GAD7_LEVELS, readings)


def _chart(code: str, name: str, levels: Sequence[int], readings: Sequence[Reading]) -> Chart:
    """`readings` are the oldest first, and at least one."""
    days = [reading.on.toordinal() for reading in readings]
    across, up = Scale(days[0], days[-1], LEFT, RIGHT), Scale(levels[0], levels[-1], BOTTOM, TOP)
    xs = [across(day) for day in days]
    places = [
        None if reading.total is None else (x, up(float(reading.total)))
        for x, reading in zip(xs, readings, strict=True)
    ]
    return Chart(
        code=code,
        name=name,
        lines=lines(places),
        dots=_dots(places, readings),
        gaps=[x for x, place in zip(xs, places, strict=True) if place is None],
        levels=[(level, up(level)) for level in levels],
        days=_days(xs, readings),
        told="; ".join(f"{_day(reading)}: {_told(reading)}" for reading in readings),
    )


def _dots(places: Sequence[tuple[int, int] | None], readings: Sequence[Reading]) -> list[Dot]:
    known = [(place, reading) for place, reading in zip(places, readings, strict=True) if place]
    roomy = with_room([x for (x, _y), _reading in known], LABEL_ROOM)
    reached = _reached([reading.step for _place, reading in known])
    return [
        Dot(x, y, _told(reading) + _arrow(reading.step) if index in roomy else "", reached[index])
        for index, ((x, y), reading) in enumerate(known)
    ]


def _reached(steps: Sequence[Step | None]) -> list[str]:
    """What each total is the first to reach, since the one before did not."""
    words, before = [], (False, False)
    for step in steps:
        now = (step.is_response, step.is_remission) if step else (False, False)
        new = zip(("response", "remission"), now, before, strict=True)
        words.append(", ".join(word for word, is_so, was_so in new if is_so and not was_so))
        before = now
    return words


def _arrow(step: Step | None) -> str:
    if step is None or not step.is_marked:
        return ""
    return " ▲" if step.change and step.change > 0 else " ▼"


def _told(reading: Reading) -> str:
    return "not complete" if reading.total is None else plain(reading.total)


def _days(xs: Sequence[int], readings: Sequence[Reading]) -> list[tuple[int, str, str]]:
    first, last = _day(readings[0]), _day(readings[-1])
    return [(xs[0], "start", first), (xs[-1], "end", last)] if first != last else [(xs[-1], "middle", last)]


def _day(reading: Reading) -> str:
    return date_format(reading.on, "DATE_FORMAT")
