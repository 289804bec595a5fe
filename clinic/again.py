"""What somebody sent while the database was away, as fields of a form that sends it again."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse

View = TypeVar("View", bound=Callable[..., HttpResponse])


def sent_again(view: View) -> View:
    """Mark a view whose form may be given back as it was sent: it asks for no password, and stores nothing twice."""
    view.may_be_sent_again = True  # type: ignore[attr-defined]
    return view


def fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Name and value of all that was typed, chosen and pressed; nothing where it must not be given back.

    What did not come from a page of ours has not passed the check of its token, and is not given back either.
    """
    match = request.resolver_match
    ours = getattr(request, "csrf_processing_done", False)
    if request.method != "POST" or not ours or not match or not getattr(match.func, "may_be_sent_again", False):
        return []
    fields = request.POST.lists()
    return [(name, value) for name, values in fields if name != "csrfmiddlewaretoken" for value in values]
