"""Charts of bars: where each bar lies, in whole units of a drawing that is WIDTH wide. The templates draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

WIDTH = 360  # about a phone's, so that letters are not shrunk there


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def end(self) -> int:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Chart:
    height: int
    bars: list[list[Box]]  # the boxes of each bar, one a part
    width: int = WIDTH


def columns(values: Sequence[Sequence[int]], *, top: int = 18, tall: int = 110, below: int = 22) -> Chart:
    """Bars that stand side by side, the parts of each on top of one another, the first at the foot."""
    step, foot = WIDTH // len(values), top + tall
    margin = step // 6
    bars = []
    for position, parts in enumerate(_lengths(values, tall)):
        tops = [foot - reached for reached in accumulate(parts)]
        x, wide = position * step + margin, step - 2 * margin
        bars.append([Box(x, y, wide, length) for y, length in zip(tops, parts, strict=True)])
    return Chart(foot + below, bars)


def rows(values: Sequence[int], *, label: int = 128, number: int = 44, step: int = 28, thick: int = 18) -> Chart:
    """Bars that lie below one another, with room for a label before and a number after each."""
    lengths = _lengths([[value] for value in values], WIDTH - label - number)
    margin = (step - thick) // 2
    bars = [[Box(label, position * step + margin, long, thick)] for position, (long,) in enumerate(lengths)]
    return Chart(step * len(values), bars)


def _lengths(values: Sequence[Sequence[int]], longest: int) -> list[list[int]]:
    """Each part's length where the longest bar measures `longest`; a part that is not zero can be seen."""
    most = max(1, *(sum(parts) for parts in values))
    return [[max(1, round(part * longest / most)) if part else 0 for part in parts] for parts in values]
