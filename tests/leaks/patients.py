"""What patients do, with mistakes first and then with a mark in every field."""

from typing import Any

from django.urls import reverse

from clinic.models import Message
from intake import cookie
from intake.screening import Step
from tests.answers import enabling, questions_for_words
from tests.leaks.journey import Journey
from tests.leaks.marks import BIRTH_DATE
from tests.visitor import PHQ9, Visitor, by_identity, hidden


def ask_to_be_contacted(journey: Journey) -> None:
    client, address = journey.client(), reverse("intake:contact")
    token = hidden(client.get(address), "token")
    wrong = {
        "email": f"{journey.marks['wrong e-mail']} at home",
        "phone": journey.marks["wrong phone"],
        "contact_method": journey.marks["wrong choice"],
        journey.marks["unknown field"]: "x",
    }
    assert client.post(address, contact_fields(journey) | wrong).status_code == 422
    sent = client.post(address, contact_fields(journey) | {"token": token})
    assert sent.status_code == 302
    client.get(sent["Location"])


def contact_fields(journey: Journey) -> dict[str, str]:
    words = ("name", "best_time", "preferred_language", "message")
    return {name: journey.marks[f"contact {name}"] for name in words} | {
        "email": journey.email("contact e-mail"),
        "phone": journey.marks["contact phone"],
        "contact_method": "email",
        "agreed": "on",
    }


def fill_in_and_send(journey: Journey) -> None:
    """Begun in one browser, saved, gone on with in another by the link in the e-mail, and sent."""
    first, other = Visitor(journey.client()), Visitor(journey.client())
    first.start()
    _answer(journey, first, first.walk.all_steps[:3])
    journey.secrets["draft cookie"] = first.client.cookies[cookie.NAME].value
    save = reverse("intake:save")
    first.client.post(save, {"email": f"{journey.marks['wrong resume e-mail']} at home"})
    first.client.post(save, {"email": journey.email("resume e-mail")})
    link = _link(journey)
    other.client.get(link)
    assert other.client.post(link).status_code == 302
    _answer(journey, other, other.walk.all_steps[3:])
    assert other.send().status_code == 302
    other.client.get(reverse("intake:done"))


def fill_in_and_leave(journey: Journey) -> None:
    visitor = Visitor(journey.client())
    visitor.start()
    _answer(journey, visitor, visitor.walk.all_steps[:1])


def search(journey: Journey) -> None:
    journey.client().get(reverse("content:search"), {"q": journey.marks["public search"]})


def person(journey: Journey) -> dict[str, Any]:
    return {
        "name": journey.marks["screening name"],
        "best_time": journey.marks["screening best time"],
        "birth_date": BIRTH_DATE,
        "contact_method": "email",
        "email": journey.email("screening e-mail"),
        "phone": journey.marks["screening phone"],
    }


def _link(journey: Journey) -> str:
    body = Message.objects.get(template="resume_link").body
    path = "/" + next(word for word in body.split() if "/resume/" in word).split("/", 3)[3]
    journey.secrets["resume token"] = path.rstrip("/").rsplit("/", 1)[1]
    return path


def _answer(journey: Journey, visitor: Visitor, steps: list[Step]) -> None:
    words = {link_id: journey.marks[link_id] for link_id in questions_for_words()}
    given = dict(zip(PHQ9, [0] * 8 + [3], strict=True)) | enabling() | words
    for step in steps:
        visitor.answer(step, {}, **_mistakes(journey, step))
        asked = {item.link_id for item in step.items}
        answers = {link_id: value for link_id, value in given.items() if link_id in asked}
        saved = visitor.answer(step, answers | by_identity(step, **person(journey)))
        assert saved.status_code in (200, 302), step.number  # 200: the answers brought up further questions
        visitor.get(step)


def _mistakes(journey: Journey, step: Step) -> dict[str, str]:
    typed = [item for item in step.items if item.type not in ("string", "text", "group", "display", "date")]
    return {item.name: journey.marks["wrong answer"] for item in typed} | {"return": journey.marks["return"]}
