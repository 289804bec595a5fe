"""What differs between two texts of a page: by line, and inside a changed line by word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

SAME, OLD, NEW = "same", "old", "new"

AROUND = 1  # unchanged lines shown on each side of a change
ALIKE = 0.4  # lines that share less are told as one gone and one new
MOST_WORDS = 3_000  # a longer line is compared as a whole


@dataclass(frozen=True, slots=True)
class Piece:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line with what is the same, gone and new in it; or a run of `skipped` lines that are the same."""

    pieces: tuple[Piece, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs."""

    label: str
    lines: tuple[Line, ...]


def compare(old: object, new: object, names: Iterable[str], labels: dict[str, str]) -> list[Difference]:
    """The fields of two texts that differ, in the order of `names`."""
    pairs = ((name, _text(getattr(old, name)), _text(getattr(new, name))) for name in names)
    return [Difference(labels[name], lines(before, after)) for name, before, after in pairs if before != after]


def lines(old: str, new: str) -> tuple[Line, ...]:
    before, after = _paragraphs(old), _paragraphs(new)
    found: list[Line] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Line((Piece(SAME, text),)) for text in before[i:j]]
        else:
            found += _changed(before[i:j], after[k:m])
    return tuple(_shortened(found))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _changed(before: list[str], after: list[str]) -> list[Line]:
    found: list[Line] = []
    for old, new in zip_longest(before, after, fillvalue=""):
        found += _line(old, new)
    return found


def _line(old: str, new: str) -> list[Line]:
    """One line with its changed words marked, or two where the new one is another sentence altogether."""
    whole = [Line((Piece(kind, text),)) for kind, text in ((OLD, old), (NEW, new)) if text]
    before, after = (re.findall(r"\s*\S+", text) for text in (old, new))
    if len(whole) < 2 or len(before) + len(after) > MOST_WORDS:
        return whole
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE:
        return whole
    pieces: list[Piece] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(SAME, "".join(before[i:j])))
        else:
            pieces += [*_marked(OLD, before[i:j]), *_marked(NEW, after[k:m])]
    return [Line(tuple(pieces))]


def _marked(kind: str, words: list[str]) -> Iterator[Piece]:
    """The words as one piece, after the space in front of them."""
    text = "".join(words)
    if space := text[: len(text) - len(text.lstrip())]:
        yield Piece(SAME, space)
    if text.strip():
        yield Piece(kind, text.lstrip())


def _shortened(found: list[Line]) -> Iterator[Line]:
    """Leave out lines that are the same, but for those next to a change."""
    changed = [at for at, line in enumerate(found) if line.pieces[0].kind != SAME or len(line.pieces) > 1]
    near = {at + step for at in changed for step in range(-AROUND, AROUND + 1)}
    skipped = 0
    for at, line in enumerate(found):
        if at not in near:
            skipped += 1
            continue
        if skipped:
            yield Line(skipped=skipped)
        skipped = 0
        yield line
    if skipped:
        yield Line(skipped=skipped)
