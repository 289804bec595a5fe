"""Racemic ketamine and esketamine side by side: which forms each holds, drawn, and what differs, in a table."""

from typing import Any

from django.utils.safestring import SafeString

from content.figures.frame import Cite, cited, figure, note
from content.figures.markup import drawing, joined, lettering, tag
from content.figures.words import read

KINDS = {"racemic": ("R", "S"), "esketamine": ("S",)}
WIDE, TALL, MIRROR = 140, 116, 70
ASIDE, DOWN = 25, 52  # from the mirror to the molecule's middle atom, and from the top to it
RING = "m0-15 13 7.5v15l-13 7.5-13-7.5v-15z"  # around its middle


def draw(language: str, cite: Cite) -> SafeString:
    words = read("two-kinds", language)
    head = joined(tag("th", forms(kind), words[kind], scope="col") for kind in KINDS)
    rows = [_row(row, cite) for row in words["rows"]]
    table = tag("table", tag("thead", tag("tr", head)), *rows, class_="kinds")
    return figure("two-kinds", words, table, note=note(words["note"], cited(words["note_sources"], cite)))


def forms(kind: str) -> SafeString:
    """The forms that this kind holds: two on either side of a mirror, one alone at the left."""
    held = KINDS[kind]
    if len(held) == 1:
        return drawing(WIDE, TALL, *_form(held[0], MIRROR - ASIDE, 1), class_="forms")
    mirror = tag("line", x1=MIRROR, x2=MIRROR, y1=2, y2=TALL, class_="forms__mirror")
    left, right = _form(held[0], MIRROR - ASIDE, -1), _form(held[1], MIRROR + ASIDE, 1)
    return drawing(WIDE, TALL, mirror, *left, *right, class_="forms")


def _form(letter: str, x: int, way: int) -> tuple[SafeString, SafeString]:
    """A molecule, much simplified, drawn from left to right or, if `way` is -1, from right to left."""
    bonds = tag("path", d="M0 0V-16M0 0-15-1M0 15-8 25M13-38.5 22-43", class_="forms__bond")
    rings = tag("path", d=f"M13 7.5{RING}M0-31{RING}", class_="forms__ring")
    atoms = [
        tag("circle", cx=x, cy=y, r=r, class_="forms__atom") for x, y, r in ((-15, -1, 5), (-8, 25, 5), (22, -43, 6))
    ]
    middle = tag("circle", cx=0, cy=0, r=4, class_="forms__middle")
    place = f"translate({x} {DOWN}) scale({way} 1)"
    molecule = tag("g", bonds, rings, *atoms, middle, transform=place, class_=f"forms__{letter.lower()}")
    return molecule, lettering(letter, x + 4 * way, TALL - 4, "middle", "forms__letter")


def _row(row: dict[str, Any], cite: Cite) -> SafeString:
    """A heading across, and below it a cell for each kind: narrow enough for a phone."""
    heading = tag("tr", tag("th", row["about"], colspan=len(KINDS), scope="rowgroup"))
    cells = [
        tag("td", row[kind]["text"], cited(row[kind]["sources"], cite) if row[kind]["sources"] else None)
        for kind in KINDS
    ]
    return tag("tbody", heading, tag("tr", *cells))
