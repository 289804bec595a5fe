"""Writes HTML and SVG: everything is escaped, nothing carries a style or a script."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

EMPTY = ("circle", "line", "path", "rect")  # SVG elements that hold nothing

Value = str | int | float


def tag(name: str, *inside: Value | None, **attributes: Value) -> SafeString:
    """Return one element; `class_` is written as `class`, `stroke_width` as `stroke-width`."""
    if {"style"} & attributes.keys() or any(key.startswith("on") for key in attributes):
        raise ValueError("The policy allows no inline style and no inline script.")
    written = joined(
        format_html(' {}="{}"', key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items()
    )
    start = format_html("<{}{}", name, written)
    return start + SafeString("/>") if name in EMPTY else start + SafeString(">") + joined(inside) + close(name)


def close(name: str) -> SafeString:
    return format_html("</{}>", name)


def joined(parts: Iterable[Value | None]) -> SafeString:
    """Put the parts together; those that are no SafeString are escaped, None is left out."""
    return format_html_join("", "{}", ((part,) for part in parts if part is not None))


def drawing(width: int, height: int, *inside: Value, class_: str) -> SafeString:
    """A picture in lines, also without a style sheet. What it shows stands beside it in words: it is not read out."""
    size: dict[str, Value] = {"viewBox": f"0 0 {width} {height}", "width": width, "height": height}
    return tag(
        "svg",
        *inside,
        **size,
        class_=class_,
        fill="none",
        stroke="currentColor",
        stroke_linecap="round",
        aria_hidden="true",
    )


def lettering(words: str, x: Value, y: Value, anchor: str, class_: str) -> SafeString:
    return tag("text", words, x=x, y=y, text_anchor=anchor, fill="currentColor", stroke="none", class_=class_)


def number(value: float) -> str:
    """As both languages write it in the United States, with a real minus."""
    return f"{value:,.10g}".replace("-", "−")


def percent(share: float) -> str:
    """A place between 0 and 1, as SVG takes it."""
    return f"{100 * share:.4g}%"
