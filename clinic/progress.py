"""How far a long command has come: a bar on a terminal, a line now and then elsewhere."""

import time
from typing import TextIO

WIDTH = 30  # characters
EVERY = 10.0  # seconds between two lines where there is no terminal


class Progress:
    """With `rate` it tells as well how many were done in a second so far."""

    def __init__(self, total: int, out: TextIO, what: str, *, rate: bool = False) -> None:
        self.total, self.out, self.what, self.rate = total, out, what, rate
        self.done, self.began_at = 0, time.monotonic()
        self.told_at = self.began_at

    def __call__(self, number: int) -> None:
        """Count `number` more, and say so."""
        self.done += number
        self.total = max(self.total, self.done)
        if self.out.isatty():
            filled = WIDTH * self.done // self.total
            self.out.write(f"\r[{'#' * filled}{' ' * (WIDTH - filled)}] {self._words}\x1b[K")
            self.out.flush()
        elif time.monotonic() - self.told_at >= EVERY:
            self.told_at = time.monotonic()
            self.out.write(f"{self._words}\n")

    def end(self) -> None:
        if self.out.isatty() and self.done:
            self.out.write("\n")

    @property
    def _words(self) -> str:
        seconds = max(time.monotonic() - self.began_at, 0.001)
        return f"{self.done:,} of {self.total:,} {self.what}" + f", {self.done / seconds:,.0f} a second" * self.rate
