"""The list of submissions: the riskiest first, and only those that still need somebody unless asked for more."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clinic.site import AuditedAdmin
from intake.admin.filters import (
    AlertFilter,
    AssigneeFilter,
    DueFilter,
    EndingFilter,
    LanguageFilter,
    Phq9Filter,
    StatusFilter,
    TagFilter,
)
from intake.admin.readable import UNREADABLE, language_name, readable
from intake.models import GAD7_TOTAL, PHQ9_TOTAL, Response, Score, Submission

SHAPES = {  # beside the word, so that a risk is told by colour, shape and word
    Submission.Risk.URGENT: ("urgent", "▲"),
    Submission.Risk.ROUTINE: ("routine", "◆"),
    Submission.Risk.NONE_RAISED: ("none", "○"),
}


def risk_mark(submission: Submission) -> SafeString:
    """The risk that is still open; one whose alerts are all resolved is told quietly."""
    if submission.risk and not submission.open_risk:
        return format_html('<span class="risk risk-none">{}, resolved</span>', submission.get_risk_display())
    name, shape = SHAPES[Submission.Risk(submission.open_risk)]
    return format_html(
        '<span class="risk risk-{}"><span aria-hidden="true">{}</span> {}</span>',
        name,
        shape,
        submission.get_open_risk_display(),
    )


def marks(submission: Submission) -> SafeString:
    """What staff should know at a glance: also that the visitor used another language than theirs."""
    words = [("sample", "Sample")] * submission.is_sample + [("suspect", "May be spam")] * submission.is_suspect
    if submission.language != settings.LANGUAGE_CODE:
        words.append(("language", language_name(submission.language)))
    words += [("hold", "Legal hold")] * bool(submission.held_at)
    words += [("erasure", "Erasure asked for")] * submission.awaits_erasure
    return format_html_join(" ", '<span class="mark mark-{}">{}</span>', words)


def age_of(received: datetime, now: datetime) -> str:
    """Return the time since, in its largest whole unit: 5 min, 3 h, 2 d."""
    age = max(now - received, timedelta(0))
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)} min"
    if age < timedelta(days=2):
        return f"{age // timedelta(hours=1)} h"
    return f"{age.days} d"


def age_mark(submission: Submission) -> SafeString:
    received = timezone.localtime(submission.created_at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        received.isoformat(timespec="seconds"),
        date_format(received, "DATETIME_FORMAT"),
        age_of(submission.created_at, timezone.now()),
    )


def plain(total: Decimal) -> str:
    """Return 13.0000 as 13."""
    return number_format(total.normalize(), use_l10n=True)


def score_of(submission: Submission, code: str) -> Score | None:
    """The score with this code, or None when it was not asked for; takes what was prefetched."""
    scores = (score for response in submission.responses.all() for score in response.scores.all())
    return next((score for score in scores if score.code == code), None)


class SubmissionList(AuditedAdmin[Submission]):
    """What staff see first. Needs the permission `view_submission`; scores need `read_answers` as well."""

    list_display = ["risk_mark", "reference", "person", "what", "phq9", "gad7", "status", "assignee", "age"]
    list_display_links = ["reference"]
    list_filter = [
        StatusFilter,
        AlertFilter,
        AssigneeFilter,
        DueFilter,
        TagFilter,
        EndingFilter,
        "risk",
        Phq9Filter,
        "kind",
        LanguageFilter,
        "is_suspect",
        "is_sample",
    ]
    list_select_related = ["assignee"]
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-open_risk", "created_at"]
    sortable_by = ["risk_mark", "age"]
    actions: list[str] | None = None

    NEED_ANSWERS = {"phq9", "gad7", Phq9Filter}
    LOOKUPS = {  # all that a list's address may ask; an encrypted or indexed field is not among it
        StatusFilter.parameter_name,
        Phq9Filter.parameter_name,
        LanguageFilter.parameter_name,
        AlertFilter.parameter_name,
        AssigneeFilter.parameter_name,
        DueFilter.parameter_name,
        TagFilter.parameter_name,
        EndingFilter.parameter_name,
        "risk__exact",
        "kind__exact",
        "is_suspect__exact",
        "is_sample__exact",
        "id__in",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        scored = Response.objects.only("submission_id").prefetch_related("scores")
        return super().get_queryset(request).prefetch_related(Prefetch("responses", queryset=scored))

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._allowed(request, self.list_display)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self._allowed(request, self.list_filter)

    def _allowed(self, request: HttpRequest, names: list[Any]) -> list[Any]:
        """Leave out what tells of the answers, for those who may not read them."""
        if reads_answers(request):
            return names
        return [name for name in names if name not in self.NEED_ANSWERS]

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup in self.LOOKUPS

    @admin.display(description="Risk", ordering="open_risk")
    def risk_mark(self, submission: Submission) -> SafeString:
        return risk_mark(submission)

    @admin.display(description="Name", empty_value="–")
    def person(self, submission: Submission) -> str | SafeString:
        name = readable(submission, "name")
        return format_html('<span class="unreadable">{}</span>', name) if name in UNREADABLE else name

    @admin.display(description="Kind")
    def what(self, submission: Submission) -> SafeString:
        return format_html("{} {}", submission.get_kind_display(), marks(submission))

    @admin.display(description="PHQ-9")
    def phq9(self, submission: Submission) -> str | SafeString:
        return self._total(submission, PHQ9_TOTAL)

    @admin.display(description="GAD-7")
    def gad7(self, submission: Submission) -> str | SafeString:
        return self._total(submission, GAD7_TOTAL)

    @admin.display(description="Age", ordering="created_at")
    def age(self, submission: Submission) -> SafeString:
        return age_mark(submission)

    def _total(self, submission: Submission, code: str) -> str | SafeString:
        score = score_of(submission, code)
        if score is None:
            return "–"
        if score.total is None:
            return format_html('<span class="quiet">{}</span>', "not complete")
        return format_html("<b>{}</b> {}", plain(score.total), score.band_display)


def reads_answers(request: HttpRequest) -> bool:
    return request.user.has_perm("intake.read_answers")
