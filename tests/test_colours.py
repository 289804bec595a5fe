"""Every colour of text has a contrast of 7:1 on each ground that it stands on, in light and in dark (WCAG 1.4.6)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (Path(settings.STATICFILES_DIRS[0]) / "css/tokens.css").read_text()
LIGHT, DARK = TOKENS.split("@media (prefers-color-scheme: dark)")

GROUNDS = ("paper", "raised", "sunk", "accent-tint", "help-tint", "error-tint")
TEXTS = ("ink", "ink-soft", "accent", "accent-strong", "error")
# Text that stands on one ground alone.
PAIRS = [(text, ground) for text in TEXTS for ground in GROUNDS if (text, ground) not in {("error", "help-tint")}]
PAIRS += [("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-ground", "ground")]
EDGES = [("line-strong", "paper"), ("line-strong", "raised"), ("help-edge", "help-tint"), ("error", "error-tint")]


def colours(scheme: str) -> dict[str, str]:
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", LIGHT))
    return found if scheme == "light" else found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", DARK))


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_has_the_greatest_contrast():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_seven_to_one_and_edges_of_controls_three_to_one(scheme):
    found = colours(scheme)
    weak = {(text, ground): round(contrast(found[text], found[ground]), 2) for text, ground in PAIRS}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 7} == {}
    assert [pair for pair in EDGES if contrast(found[pair[0]], found[pair[1]]) < 3] == []
