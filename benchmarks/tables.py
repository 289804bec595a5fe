"""A table of measured numbers, kept in a page of the docs."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

Rows = Sequence[Sequence[object]]


def table(columns: Sequence[str], rows: Rows) -> str:
    """The first column holds words, the others numbers; above it stands today's date."""
    head = [f"{datetime.now(UTC):%Y-%m-%d}", *columns]
    return "\n".join([_line(head), "|---|" + "--:|" * len(columns), *map(_line, rows)])


def keep(file: Path, name: str, text: str) -> None:
    """Put the text between the marks with this name. Saves."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    page, count = re.subn(rf"(?s){begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", file.read_text())
    if not count:
        raise ValueError(f"{file.name} has no place for {name}")
    file.write_text(page)


def _line(cells: Sequence[object]) -> str:
    return "".join(f"| {cell} " if cell != "" else "| " for cell in cells) + "|"
