"""How ketamine may work: four scenes with the same cells, drawn alike, and what each shows in words."""

from collections.abc import Iterable

from django.utils.safestring import SafeString

from content.figures.frame import Cite, cited, figure, note
from content.figures.markup import drawing, lettering, tag
from content.figures.words import read

WIDE, TALL = 280, 178
GLUTAMATE = 4  # the radius of one dot of it

Stroke = tuple[str, int]  # a path and how thick its line is: round limbs and bodies are thick lines


def draw(language: str, cite: Cite) -> SafeString:
    words = read("mechanism", language)
    scenes = [scene(words["parts"]) for scene in (_brake, _burst, _ampa, _connections)]
    steps = [
        tag(
            "li",
            drawing(WIDE, TALL, *scene, class_="scene"),
            tag("p", tag("strong", step["title"]), " ", step["text"], cited(step["sources"], cite)),
            class_="step",
        )
        for scene, step in zip(scenes, words["steps"], strict=True)
    ]
    label = tag("p", tag("strong", words["label"]), class_="figure__label")
    foot = note(words["note"], cited(words["note_sources"], cite))
    return figure("mechanism", words, tag("div", label, tag("ol", *steps, class_="steps"), class_="idea"), note=foot)


def _brake(parts: dict[str, str]) -> list[SafeString]:
    """Ketamine sits in the receptors of a brake cell, whose line to the signal cell falls silent."""
    signal = [
        ("M236 108h.1", 62),
        ("M236 104C236 60 232 40 236 -6", 14),
        ("M236 108h60", 9),
    ]
    brake = [
        ("M60 100h.1", 58),
        ("M60 100C40 74 36 50 14 34", 10),
        ("M60 100C34 112 22 114 -6 112", 10),
        ("M60 100C64 130 56 150 60 178", 10),
    ]
    return [
        _cell(signal, "signal"),
        tag("path", d="M94 104H186", class_="scene__silent"),
        tag("path", d="M194 88v32", class_="scene__silent"),
        _cell(brake, "brake"),
        _receptor(62, 70, blocked=True),
        _receptor(86, 84, turn=55, blocked=True),
        tag("path", d="M66 54 82 36M100 78 112 70", class_="scene__lead"),
        _text(parts["ketamine"], 78, 28, "start"),
        _text(parts["nmda"], 112, 66, "start"),
        _text(parts["brake"], 74, 164, "start"),
        _text(parts["signal"], 272, 164, "end"),
    ]


def _burst(parts: dict[str, str]) -> list[SafeString]:
    """The signal cell lets much glutamate out into the gap before the next cell."""
    vesicles = [(104, 60), (128, 48), (156, 50), (178, 62), (140, 69)]
    free = [(92, 100), (108, 98), (120, 110), (134, 98), (148, 110), (161, 98), (174, 108), (188, 98), (202, 107)]
    landed = [(78, 118), (102, 116), (128, 122), (158, 122), (182, 120), (78, 105), (214, 119)]
    return [
        _cell([("M140 -20V48", 18), ("M110 56h60", 60)], "signal"),
        _cell([("M-30 158h340", 48)], "next"),
        *(tag("circle", cx=x, cy=y, r=11, class_="scene__vesicle") for x, y in vesicles),
        _glutamate([(x + dx, y + dy) for x, y in vesicles[:4] for dx, dy in ((-3, 2), (4, -2))]),
        _glutamate(free + landed),
        _text(parts["signal"], 10, 17, "start"),
        tag("path", d="M209 102 226 92", class_="scene__lead"),
        _text(parts["next"], WIDE // 2, 163, "middle"),
        _text(parts["glutamate"], 272, 86, "end"),
    ]


def _ampa(parts: dict[str, str]) -> list[SafeString]:
    """Seen closer: glutamate opens the AMPA receptors in the skin of the next cell."""
    at = (56, 140, 224)
    free = [(30, 56), (84, 44), (98, 70), (112, 52), (170, 46), (182, 72), (196, 50), (250, 58)]
    return [
        _cell([("M70 -6h140", 60)], "signal"),
        _cell([("M-60 152h400", 100)], "next"),
        *(_receptor(x, 104, scale=2) for x in at),
        *(tag("path", d=f"M{x - 7} 130l7 8 7-8", class_="scene__flow") for x in at),
        _glutamate([*free, *((x, 84) for x in at), *((x, 106) for x in at)]),
        _text(parts["ampa"], WIDE // 2, 162, "middle"),
    ]


def _connections(parts: dict[str, str]) -> list[SafeString]:
    """On a limb of the next cell, two connections have joined the one that was there."""
    old, new = (60,), (150, 222)
    return [
        *(_cell([(f"M{x} -20V40", 9), (f"M{x - 6} 40h12", 34)], "signal") for x in old + new),
        *(_cell([(f"M{x} 128V94", 13), (f"M{x} 86h.1", 32)], "new") for x in new),
        _cell(
            [("M-30 130h340", 30), *((d, w) for x in old for d, w in ((f"M{x} 130V94", 9), (f"M{x} 88h.1", 26)))],
            "next",
        ),
        *(tag("path", d=f"M{x} 79v14m-7-7h14", class_="scene__plus") for x in new),
        _glutamate([(x + dx, 64) for x in old + new for dx in (-7, 7)]),
        _text(parts["before"], old[0], 168, "middle"),
        tag("path", d=f"M{new[0] - 14} 151v4H{new[1] + 14}v-4", class_="scene__lead"),
        _text(parts["new"], sum(new) // 2, 169, "middle"),
    ]


def _cell(strokes: Iterable[Stroke], kind: str) -> SafeString:
    """One cell of thick round lines: its edge under its body, so that the lines melt into one."""
    strokes = list(strokes)
    edge = [tag("path", d=d, stroke_width=width + 4, class_="scene__edge") for d, width in strokes]
    body = [tag("path", d=d, stroke_width=width, stroke="white", class_="scene__body") for d, width in strokes]
    return tag("g", *edge, *body, class_=f"scene__cell scene__cell--{kind}")


def _receptor(x: int, y: int, *, scale: int = 1, turn: int = 0, blocked: bool = False) -> SafeString:
    """A gate of two halves; a blocked one has a piece of ketamine in it."""
    halves = tag("path", d="M-7-9V9M7-9V9", class_="scene__gate")
    stopper = tag("path", d="M0-17 9-6 0 5-9-6z", class_="scene__ketamine") if blocked else None
    return tag("g", halves, stopper, transform=f"translate({x} {y}) rotate({turn}) scale({scale})")


def _glutamate(places: Iterable[tuple[int, int]]) -> SafeString:
    dot = f"a{GLUTAMATE} {GLUTAMATE} 0 1 0 {2 * GLUTAMATE} 0a{GLUTAMATE} {GLUTAMATE} 0 1 0-{2 * GLUTAMATE} 0"
    return tag("path", d="".join(f"M{x - GLUTAMATE} {y}{dot}" for x, y in places), class_="scene__glutamate")


def _text(words: str, x: int, y: int, anchor: str) -> SafeString:
    return lettering(words, x, y, anchor, "scene__text")
