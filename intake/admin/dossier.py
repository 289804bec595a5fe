"""Everything that the portal holds about a submission, for the person it is about: as data, and as a document.

A value that cannot be decrypted is told as such in its own place.
"""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib.staticfiles import finders
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from clinic.crypto import UnreadableValue
from clinic.models import AuditEvent
from intake import fhir
from intake.admin.history import HistoryLine, history
from intake.admin.page import clinical, person
from intake.admin.readable import UNREADABLE, fault, readable
from intake.models import Response, Submission
from intake.summary import rows

CONTACT = ("name", "birth_date", "email", "phone", "contact_method", "best_time", "preferred_language", "message")


def style() -> SafeString:
    """The style sheet of the print view, to stand in the document itself."""
    path = finders.find("css/desk/paper.css")
    assert isinstance(path, str)
    with open(path, encoding="utf-8") as file:
        return mark_safe(file.read())  # nosec B308 # a file of this project


def document(submission: Submission) -> dict[str, Any]:
    """What the template paper.html shows of it, with what staff did."""
    found = clinical(submission)
    return {
        "submission": submission,
        "person": person(submission),
        "unreadable": UNREADABLE,
        **found,
        "alerts": [(line, None) for line in found["chart"].alerts],
        "attempts": list(submission.attempts.select_related("by")),
        "replies": [(reply, readable(reply, "body")) for reply in submission.replies.select_related("by")],
        "history": timeline(submission),
    }


def timeline(submission: Submission) -> list[HistoryLine]:
    """What happened to it, without the references of others: one that was told apart may be of the person's family."""
    lines = [line for line in history(submission) if line.kind != AuditEvent.Action.LINK]
    viewed = AuditEvent.Action.VIEWED
    return [replace(line, what=str(viewed.label)) if line.kind == viewed else line for line in lines]


def dumps(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def data(submission: Submission) -> dict[str, Any]:
    responses = submission.responses.select_related("questionnaire").prefetch_related("scores")
    return {
        "reference": submission.reference,
        "kind": submission.get_kind_display(),
        "status": submission.get_status_display(),
        "received": submission.created_at,
        "language": submission.language,
        "is_invented_sample": submission.is_sample,
        "contact": {field: readable(submission, field) for field in CONTACT},
        "consent": {
            "agreed": submission.consented_at,
            "version": submission.consent.version,
            "language": submission.consent.language,
            "text": submission.consent.text,
        },
        "forms": [_form(response, submission.language) for response in responses],
        "tags": [tag.name for tag in submission.tags.all()],
        "assigned_to": submission.assignee and str(submission.assignee),
        "next_contact_due": submission.next_contact_on,
        "legal_hold": {"since": submission.held_at, "why": submission.get_hold_reason_display()},
        "safety_alerts": _alerts(submission),
        "contact_attempts": [
            {"at": one.at, "by": str(one.by), "how": one.get_channel_display(), "outcome": one.get_outcome_display()}
            for one in submission.attempts.select_related("by")
        ],
        "replies": [
            {"at": one.at, "by": str(one.by), "subject": readable(one, "subject"), "body": readable(one, "body")}
            for one in submission.replies.select_related("by")
        ],
        "notes": [
            {"at": one.created_at, "by": str(one.author), "text": readable(one, "text")}
            for one in submission.notes.select_related("author")
        ],
        "timeline": [
            {"at": line.at, "what": line.what, "by": line.who, "times_in_a_row": line.times}
            for line in timeline(submission)
        ],
    }


def _alerts(submission: Submission) -> list[dict[str, Any]]:
    return [
        {
            "what": one.label,
            "severity": one.get_severity_display(),
            "status": one.get_status_display(),
            "raised": one.raised_at,
            "acknowledged": one.acknowledged_at,
            "acknowledged_by": one.acknowledged_by and str(one.acknowledged_by),
            "resolved": one.resolved_at,
            "resolved_by": one.resolved_by and str(one.resolved_by),
            "outcome": one.get_outcome_display(),
        }
        for one in submission.alerts.select_related("acknowledged_by", "resolved_by")
    ]


def _form(response: Response, language: str) -> dict[str, Any]:
    form = response.questionnaire.compiled
    shown = form.shown(language)
    return {
        "title": form.title(shown),
        "language": shown,
        "url": form.url,
        "version": form.version,
        "totals": [
            {"code": score.code, "total": _number(score.total), "band": score.band_display}
            for score in response.scores.all()
        ],
        "answers": _answers(response, shown),
    }


def _number(total: Decimal | None) -> float | None:
    """A JSON number, whole where it can be; None when an answer it needs is missing."""
    if total is None:
        return None
    return int(total) if total == int(total) else float(total)


def _answers(response: Response, language: str) -> list[dict[str, Any]] | str:
    form = response.questionnaire.compiled
    try:
        answers = response.answers
    except UnreadableValue as error:
        return fault(error)
    with translation.override(language):
        found = list(rows(form.items, answers, fhir.enabled(form, answers), language))
    return [
        {"linkId": row.item.link_id, "part": row.heading, "question": row.question, "answers": row.values}
        for row in found
    ]
