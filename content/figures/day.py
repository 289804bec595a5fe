"""The day of an infusion as a line of time: three places, a picture for each step, the infusion drawn thick."""

from typing import Any

from django.utils.safestring import SafeString

from content.figures.frame import Cite, cited, figure, note
from content.figures.markup import drawing, joined, tag
from content.figures.words import read

# Drawn with one line of a pen on a ground of 32 by 32.
PICTURES = {
    "car": "M4 21v-5l4-1 3-6h10l4 6 3 1v5zM11 15h13M16 9v6M11 21a2.5 2.5 0 1 1-5 0M26 21a2.5 2.5 0 1 1-5 0",
    "medicines": "M6.5 18.5 18.5 6.5a5 5 0 0 1 7 7l-12 12a5 5 0 0 1-7-7zM12.5 12.5l7 7",
    "checks": "M3 16h7l3-7 5 14 3-7h8",
    "drip": "M11 4h10v10a5 5 0 0 1-10 0zM11 10h10M16 19v4M16 23a4 4 0 0 0 8 0v-2M16 4V2",
    "rest": "M5 8v17M5 20h22v5M27 20v-3a4 4 0 0 0-4-4H12v7M9.5 16a1.5 1.5 0 1 0-3 0 1.5 1.5 0 1 0 3 0",
    "house": "M4 15.5 16 5l12 10.5M7 13.5V27h18V13.5M13 27v-7h6v7",
    "moon": "M26 19A11 11 0 1 1 13 6a9 9 0 0 0 13 13z",
}


def draw(language: str, cite: Cite) -> SafeString:
    words = read("day", language)
    phases = joined(_phase(phase, cite) for phase in words["phases"])
    line = tag("ol", phases, class_="day")
    return figure("day", words, line, note=note(words["note"], cited(words["note_sources"], cite)))


def _phase(phase: dict[str, Any], cite: Cite) -> SafeString:
    steps = joined(_step(step, cite) for step in phase["steps"])
    title = tag("strong", phase["title"], class_="day__place")
    return tag("li", title, tag("ol", steps), class_=f"day__phase day__phase--{phase['name']}")


def _step(step: dict[str, Any], cite: Cite) -> SafeString:
    """One step; if its minutes are known, the line is drawn thick for as long as it lasts."""
    picture = drawing(32, 32, tag("path", d=PICTURES[step["picture"]]), class_="day__picture")
    words = tag(
        "p",
        tag("strong", step["title"], class_="day__title"),
        " ",
        step["text"].format(minutes=step.get("minutes")),
        cited(step["sources"], cite) if step["sources"] else None,
    )
    return tag("li", picture, words, class_="day__step day__step--timed" if "minutes" in step else "day__step")
