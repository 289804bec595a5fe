"""Invented submissions for trials. They take the way of real ones: a draft, its steps, a send."""

import uuid
from datetime import timedelta
from random import Random

from django.utils import timezone

from clinic.models import User
from intake import fhir
from intake.identity import code_of
from intake.models import ConsentText, ContactAttempt, Draft, Packet, SafetyAlert, Score, Submission
from intake.screening import Screening

FIRST = ["Ada", "Ben", "Carla", "Dmitri", "Elena", "Farid", "Grace", "Hugo", "Iris", "Jonas", "Keiko", "Luis"]
LAST = ["Abbott", "Brandt", "Castillo", "Dubois", "Eriksen", "Fontana", "Greer", "Haddad", "Ito", "Jansen"]
TIMES = ["weekday mornings", "after 5 pm", ""]
TEXTS = ["Sertraline, about a year.", "Mostly the mornings are hard.", "I would like to know more first.", ""]
OLDEST = timedelta(days=80)
DONE_WITH = timedelta(days=14)  # older ones wait for nobody


def make(number: int, seed: int = 0) -> Submission:
    """Store one invented submission; every fourth is a contact request. Somebody of the staff has worked it. Saves."""
    dice = Random(f"{seed}-{number}")  # nosec B311 # the same samples each time
    submission = came_in(number, dice)
    received = timezone.now() - timedelta(minutes=5) - OLDEST * dice.random() ** 4
    Submission.objects.filter(pk=submission.pk).update(created_at=received, consented_at=received)
    submission.alerts.update(raised_at=received, told_at=received)
    Score.objects.filter(response__submission=submission).update(received_at=received)
    submission.refresh_from_db()
    staff = User.objects.filter(is_active=True, is_staff=True).order_by("pk").first()
    if staff:
        _work(submission, dice, staff)
    return submission


def came_in(number: int, dice: Random) -> Submission:
    """Store an invented submission on the way of real ones. Saves."""
    submission = _contact(dice) if number % 4 == 0 else _screening(dice)
    Submission.objects.filter(pk=submission.pk).update(is_sample=True)
    return submission


def _work(submission: Submission, dice: Random, by: User) -> None:
    """Let `by` go some of the way with it, and all of it with an old one. Saves."""
    age = timezone.now() - submission.created_at
    for step in STEPS if age > DONE_WITH else STEPS[: dice.randint(0, 3)]:
        step(submission, dice, by)
    _move_back(submission, dice, age)


def _read(submission: Submission, dice: Random, by: User) -> None:
    submission.look(by=by)
    if dice.random() < 0.7:
        submission.assign(by, by=by)
        submission.start_review(by=by)


def _call(submission: Submission, dice: Random, by: User) -> None:
    for alert in submission.alerts.all():
        alert.acknowledge(by=by)
    outcome = dice.choice(ContactAttempt.Outcome.values)
    next_on = timezone.localdate() + timedelta(days=dice.randint(-1, 3))
    submission.log_contact(uuid.uuid4(), channel="call", outcome=outcome, next_on=next_on, by=by)


def _contacted(submission: Submission, dice: Random, by: User) -> None:
    submission.mark_contacted(by=by)


def _finish(submission: Submission, dice: Random, by: User) -> None:
    for alert in submission.alerts.all():
        alert.resolve(by=by, outcome=dice.choice(SafetyAlert.Outcome.values), text="An invented note.")
    submission.refresh_from_db()
    dice.choice([submission.schedule, submission.decline, submission.close])(by=by)


STEPS = (_read, _call, _contacted, _finish)  # what staff do, in this order; after the last one it waits for nobody


def _move_back(submission: Submission, dice: Random, age: timedelta) -> None:
    """Put what staff did first into the time between then and now. Saves."""
    looked = submission.created_at + min(age, timedelta(days=2)) * dice.random() ** 3
    called = looked + min(age, timedelta(days=4)) * dice.random() ** 2
    times = {"first_seen_at": looked, "first_contact_at": min(called, timezone.now())}
    for field, at in times.items():
        Submission.objects.filter(pk=submission.pk, **{f"{field}__isnull": False}).update(**{field: at})


def _contact(dice: Random) -> Submission:
    name, email, phone = _person(dice)
    return Submission.objects.receive(
        origin=uuid.uuid4(),
        kind=Submission.Kind.CONTACT,
        language="en",
        consent=ConsentText.current("contact", "en"),
        with_receipt=True,
        details={
            "name": name,
            "email": email,
            "phone": phone,
            "contact_method": dice.choice(Submission.ContactMethod.values),
            "best_time": dice.choice(TIMES),
            "message": dice.choice(["Could you call me about a first visit?", "Do you take my insurance?", ""]),
        },
    )


def _screening(dice: Random) -> Submission:
    packet = Packet.objects.current()
    if packet is None:
        raise ValueError("there is no current packet with active questionnaires: run load_questionnaires first")
    draft = Draft.objects.start(packet, "en")
    severity, person = dice.random(), _person(dice)
    for step in Screening(draft).all_steps:
        typed: dict[str, list[str]] = {}
        for item in step.items:
            typed |= _typed(item, dice, severity, person)
        draft.keep(step.number, step.questionnaire.pk, step.field_names, typed)
    return Screening(draft).send(ConsentText.current("screening", "en"), with_receipt=True)


def person_of(number: int) -> tuple[str, str, str]:
    """Name, e-mail and phone of one of ten million people; no telephone has the area code 555."""
    first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
    phone = f"(555) {number // 10_000:03}-{number % 10_000:04}"
    return f"{first} {last}", f"{first}.{last}.{number}@example.org".lower(), phone


def _person(dice: Random) -> tuple[str, str, str]:
    first, last = dice.choice(FIRST), dice.choice(LAST)
    return f"{first} {last}", f"{first}.{last}@example.org".lower(), f"(718) 555-01{dice.randint(0, 99):02}"


def _typed(item: fhir.Item, dice: Random, severity: float, person: tuple[str, str, str]) -> dict[str, list[str]]:
    """What someone with this severity (0 to 1) might have put into the item's fields."""
    own = dict(zip(("name", "email", "phone"), person, strict=True)) | {"best-time": dice.choice(TIMES)}
    if item.options:
        return {item.name: [str(_position(item, dice, severity))]}
    match item.type:
        case "boolean":
            return {item.name: [dice.choice(["true", "false"])]}
        case "date":
            year, month, day = dice.randint(1955, 2004), dice.randint(1, 12), dice.randint(1, 28)
            return {
                f"{item.name}-year": [str(year)],
                f"{item.name}-month": [str(month)],
                f"{item.name}-day": [str(day)],
            }
        case "integer" | "decimal":
            return {item.name: [str(dice.choice([0, 0, 0, 1]))]}
        case "string" | "text":
            return {item.name: [own.get(code_of(item), dice.choice(TEXTS))]}
    return {}


def _position(item: fhir.Item, dice: Random, severity: float) -> int:
    scored = any(option.ordinal is not None for option in item.options)
    last = len(item.options) - 1
    return min(last, max(0, round(dice.gauss(severity * last, 0.7)))) if scored else dice.randint(0, last)
