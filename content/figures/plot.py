"""Dots and intervals on a line. Places are percentages: the plot fills its room, the letters keep their size."""

from dataclasses import dataclass
from math import ceil, sqrt

from django.utils.safestring import SafeString

from content.figures.markup import Value, lettering, number, percent, tag

LABELS, LINE, TICKS, NUMBERS = "26%", "50%", "60%", "96%"  # how far down a plot each of them lies


@dataclass(frozen=True, slots=True)
class Scale:
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"A scale from {self.low} to {self.high} has no length.")

    def share(self, value: float) -> float:
        """Where the value lies, from 0 at the low end to 1 at the high one. Off the scale it raises ValueError."""
        if not self.low <= value <= self.high:
            raise ValueError(f"{value} lies outside the scale from {self.low} to {self.high}.")
        return (value - self.low) / (self.high - self.low)

    def place(self, value: float) -> str:
        return percent(self.share(value))

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


SHARES = Scale(0, 100)


def around_zero(*values: float, step: int = 5) -> Scale:
    """A scale with zero in the middle, ending on a whole step, with room for a label at each value."""
    end = max(step, step * ceil(1.25 * max(abs(value) for value in values) / step))
    return Scale(-end, end)


def wilson(found: int, people: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95% score interval, out of 100, of what was found in so many people of a group (Wilson 1927)."""
    p, square = found / people, z * z / people
    middle = (p + square / 2) / (1 + square)
    reach = z * sqrt(p * (1 - p) / people + square / (4 * people)) / (1 + square)
    return 100 * max(0.0, middle - reach), 100 * min(1.0, middle + reach)


def plot(scale: Scale, *marks: Value, label: str) -> SafeString:
    """A line with its scale and the marks upon it; `label` says the same in words."""
    size: dict[str, Value] = {"width": "100%", "height": 80}
    return tag("svg", *_axis(scale), *marks, **size, class_="plot", stroke="currentColor", role="img", aria_label=label)


def dot(scale: Scale, value: float, *, hollow: bool = False) -> SafeString:
    look = {"class_": "plot__dot plot__dot--hollow", "fill": "white"} if hollow else {"class_": "plot__dot"}
    return tag("circle", cx=scale.place(value), cy=LINE, r=7, **look)


def link(scale: Scale, one: float, other: float) -> SafeString:
    return tag("line", x1=scale.place(one), x2=scale.place(other), y1=LINE, y2=LINE, class_="plot__link")


def interval(scale: Scale, low: float, high: float) -> SafeString:
    """A line with an upright at either end."""
    ends = [
        tag("line", x1=scale.place(end), x2=scale.place(end), y1="41%", y2="59%", class_="plot__end")
        for end in (low, high)
    ]
    return tag("g", link(scale, low, high), *ends, class_="plot__interval")


def text(scale: Scale, value: float, words: str, anchor: str) -> SafeString:
    return lettering(words, scale.place(value), LABELS, anchor, "plot__label")


def _axis(scale: Scale) -> list[SafeString]:
    line = tag("line", x1="0", x2="100%", y1=LINE, y2=LINE, class_="plot__axis")
    places = ((scale.low, "start"), (scale.middle, "middle"), (scale.high, "end"))
    ticks = [
        tag("line", x1=scale.place(at), x2=scale.place(at), y1="40%", y2="60%", class_="plot__axis") for at, _ in places
    ]
    numbers = [lettering(number(at), scale.place(at), NUMBERS, anchor, "plot__number") for at, anchor in places]
    return [line, *ticks, *numbers]
