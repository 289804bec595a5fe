"""Rows for tests, made on the way that real ones take."""

import uuid
from typing import Any

from django.contrib.auth.models import Permission

from clinic.models import User
from intake.identity import code_of
from intake.models import ConsentText, Draft, Packet, Submission
from intake.screening import Screening, Step
from tests.visitor import GAD7, MARTA, PHQ9, posted

CAN_WORK = ("intake.view_submission", "intake.change_submission", "intake.read_answers", "intake.add_note")


def make_user(*permissions: str, email: str = "staff@example.org", **fields: Any) -> User:
    """A member of staff who may do what the permissions say, such as "intake.view_submission"."""
    user = User.objects.create_user(email, **{"is_staff": True, **fields})
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def make_submission(**details: Any) -> Submission:
    """A contact request. `status`, `created_at` and `is_sample` are set afterwards: no visitor sets them."""
    later = {field: details.pop(field) for field in ("status", "created_at", "is_sample") if field in details}
    submission = Submission.objects.receive(
        origin=uuid.uuid4(),
        kind=Submission.Kind.CONTACT,
        language="en",
        consent=ConsentText.current("contact", "en"),
        details={"name": "Marta Quill", "email": "marta@example.org", "contact_method": "email", **details},
        with_receipt=True,
    )
    return _changed(submission, later)


def make_screening(
    phq9: list[int | None] | None = None,
    gad7: list[int | None] | None = None,
    answers: dict[str, Any] | None = None,
    person: dict[str, Any] | None = None,
    language: str = "en",
    **later: Any,
) -> Submission:
    """A screening with these points (None: not answered), other `answers` by linkId and `person` by identity code.

    Needs the fixture `packet`.
    """
    packet = Packet.objects.current()
    assert packet is not None
    draft = Draft.objects.start(packet, language)
    points = dict(zip(PHQ9 + GAD7, [*(phq9 or [0] * 9), *(gad7 or [0] * 7)], strict=True))
    given = {link_id: value for link_id, value in points.items() if value is not None} | (answers or {})
    for step in Screening(draft).all_steps:
        draft.keep(step.number, step.questionnaire.pk, step.field_names, _typed(step, given, MARTA | (person or {})))
    submission = Screening(draft).send(ConsentText.current("screening", language), with_receipt=True)
    return _changed(submission, later)


def _typed(step: Step, answers: dict[str, Any], person: dict[str, Any]) -> dict[str, list[str]]:
    typed: dict[str, list[str]] = {}
    for item in step.items:
        value = answers.get(item.link_id, person.get(code_of(item).replace("-", "_")))
        if value is not None:
            sent = posted(item, value)
            typed |= {name: text if isinstance(text, list) else [text] for name, text in sent.items()}
    return typed


def _changed(submission: Submission, fields: dict[str, Any]) -> Submission:
    Submission.objects.filter(pk=submission.pk).update(**fields)
    submission.refresh_from_db()
    return submission
