"""Which methods an address answers to. GateMiddleware refuses the others, before anything asks for a form's token."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponse

View = TypeVar("View", bound=Callable[..., HttpResponse])

READING = ("GET", "HEAD")


def read_only(view: View) -> View:
    """Mark a view that takes no form. It is the outermost decorator: the mark is on what the address leads to."""
    view.offered = READING  # type: ignore[attr-defined]
    return view


def offered_by(view: Callable[..., object]) -> tuple[str, ...]:
    return getattr(view, "offered", (*READING, "POST"))
