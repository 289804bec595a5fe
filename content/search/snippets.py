"""A short piece of a text around the words that were looked for, which stand in <mark>."""

import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

LENGTH = 230  # characters
BEFORE = 60  # ... of them in front of the first mark

MARKED = re.compile(r"<([^<>]*)>")


def snippet(text: str, marked: str) -> SafeString:
    """`marked` is the folded text with < and > around the words: without them it is as long as `text`."""
    spans = _spans(marked)
    start, end = _window(text, spans)
    parts, at = [], start
    for first, last in spans:
        if start <= first and last <= end:
            parts.append((text[at:first], text[first:last]))
            at = last
    inside = format_html_join("", "{}<mark>{}</mark>", parts)
    return format_html("{}{}{}{}", "… " if start else "", inside, text[at:end], " …" if end < len(text) else "")


def _spans(marked: str) -> list[tuple[int, int]]:
    """Where the marked words stand once the marks are gone: each mark before a place moves it by two."""
    return [
        (match.start() - 2 * number, match.end() - 2 * number - 2)
        for number, match in enumerate(MARKED.finditer(marked))
    ]


def _window(text: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """The first piece of the text that has the most marks in it, cut between words."""
    starts = [max(0, first - BEFORE) for first, _ in spans] or [0]
    best = max(starts, key=lambda start: sum(start <= first and last <= start + LENGTH for first, last in spans))
    if len(text) - best < LENGTH:
        best = max(0, len(text) - LENGTH)
    start = text.find(" ", best) + 1 if best else 0
    end = best + LENGTH
    return start, len(text) if end >= len(text) else text.rfind(" ", start, end)
