"""The pile of what may be spam: its list shows why and what was written, so that many can be closed at once."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from intake.admin.filters import StatusFilter
from intake.admin.inbox import SubmissionList, reads_answers
from intake.admin.page import staff
from intake.admin.readable import readable
from intake.models import Conflict, Erased, InvalidTransition, Submission
from intake.spam import Sign


class SubmissionPile(SubmissionList):
    """Whoever may not read the messages closes them one by one, each with its page in view."""

    actions = ["close_as_spam"]
    columns_of_pile = ["reference", "person", "why", "says", "assignee", "age"]

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.columns_of_pile if self.shows_pile(request) else super().get_list_display(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if self.shows_pile(request) else {}

    def shows_pile(self, request: HttpRequest) -> bool:
        is_asked_for = request.GET.get(StatusFilter.parameter_name) == "suspect"
        return is_asked_for and reads_answers(request) and self.has_close_permission(request)

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("intake.change_submission")

    def response_action(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponse | None:
        try:
            return super().response_action(request, *given, **named)
        except ValidationError:
            raise BadRequest("What was chosen is no id.") from None

    @admin.display(description="Why")
    def why(self, submission: Submission) -> str:
        return " ".join(Sign(code).label for code in submission.suspect_signs)

    @admin.display(description="What it says")
    def says(self, submission: Submission) -> str:
        """All of it: a call for help may stand at the end."""
        return readable(submission, "message")

    @admin.action(description="Close as spam", permissions=["close"])
    def close_as_spam(self, request: HttpRequest, rows: QuerySet[Submission]) -> None:
        """Close those that were chosen and shown; the others of the pile nobody has read."""
        chosen = set(request.POST.getlist(helpers.ACTION_CHECKBOX_NAME))
        found = rows.filter(pk__in=chosen).prefetch_related(None)
        closed = sum(_is_closed(submission, request) for submission in found)
        if closed:
            messages.success(request, f"Closed as spam: {closed}.")
        if left := len(chosen) - closed:
            messages.warning(
                request,
                f"Left as they are: {left}. Others work on them, have them open, or were faster. Open them one by one.",
            )


def _is_closed(submission: Submission, request: HttpRequest) -> bool:
    try:
        submission.close_as_spam(by=staff(request))
    except (Conflict, Erased, InvalidTransition):
        return False
    return True
