"""A patient who fills the screening in through the real views, without a browser."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from intake import cookie, fhir
from intake.identity import code_of
from intake.models import Draft
from intake.screening import Screening, Step

MARTA = {
    "name": "Marta Quill",
    "birth_date": (1980, 2, 29),
    "contact_method": "email",
    "email": "marta@example.org",
}

ITEM_9 = "/44260-8"
PHQ9 = ["/44250-9", "/44255-8", "/44259-0", "/44254-1", "/44251-7", "/44258-2", "/44252-5", "/44253-3", ITEM_9]
GAD7 = ["/69725-0", "/68509-9", "/69733-4", "/69734-2", "/69735-9", "/69689-8", "/69736-7"]


class Visitor:
    def __init__(self, client: Client) -> None:
        self.client = client

    def start(self) -> HttpResponse:
        return self.client.post(reverse("intake:screening"))

    @property
    def draft(self) -> Draft:
        draft = Draft.objects.with_token(self.client.cookies[cookie.NAME].value)
        assert draft
        return draft

    @property
    def walk(self) -> Screening:
        return Screening(self.draft)

    def step(self, name: str) -> Step:
        """The first step of the questionnaire whose url ends in `name`."""
        return next(step for step in self.walk.all_steps if step.form.url.endswith(f"/{name}"))

    def answer(self, step: Step, answers: dict[str, Any] | None = None, **extra: str) -> HttpResponse:
        """Post a step as its page would: `answers` by linkId, an option by its code or its points."""
        data: dict[str, Any] = {"seen": " ".join(item.name for item in step.items)}
        for link_id, value in (answers or {}).items():
            data |= posted(step.form.by_id[link_id], value)
        return self.client.post(reverse("intake:step", args=[step.number]), data | extra)

    def about(self, **changes: Any) -> HttpResponse:
        """Answer the first page as Marta Quill, an adult, with `changes` by identity code."""
        step = self.step("about-you")
        return self.answer(step, by_identity(step, **(MARTA | changes)))

    def finish(self, phq9: list[int | None] | None = None, gad7: list[int | None] | None = None) -> None:
        """Answer every page: the instruments with these points, the rest with what is required and no more."""
        self.start()
        self.about()
        for step in self.walk.all_steps[1:]:
            points = {"phq-9": (PHQ9, phq9 or [0] * 9), "gad-7": (GAD7, gad7 or [0] * 7)}
            link_ids, values = points.get(step.form.url.rsplit("/", 1)[1], ([], []))
            chosen = {link_id: value for link_id, value in zip(link_ids, values, strict=True) if value is not None}
            response = self.answer(step, chosen)
            assert response.status_code == 302, step.number

    def send(self, **changes: str) -> HttpResponse:
        token = hidden(self.client.get(reverse("intake:check")), "token")
        return self.client.post(reverse("intake:check"), {"agreed": "on", "token": token} | changes)

    def get(self, step: Step) -> HttpResponse:
        return self.client.get(reverse("intake:step", args=[step.number]))


def hidden(page: HttpResponse, name: str) -> str:
    """The value of a hidden field of the page's form."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return found[1]


def posted(item: fhir.Item, value: Any) -> dict[str, Any]:
    """The fields that a browser sends for this answer."""
    if item.type == "date":
        return {
            f"{item.name}-{part}": str(number) for part, number in zip(("year", "month", "day"), value, strict=True)
        }
    if item.type == "boolean":
        return {item.name: str(value).lower()}
    if item.options:
        values = value if isinstance(value, list) else [value]
        return {item.name: [str(_position(item, one)) for one in values]}
    return {item.name: str(value)}


def _position(item: fhir.Item, value: str | int) -> int:
    for at, option in enumerate(item.options):
        code = option.value.code if isinstance(option.value, fhir.Coding) else option.value
        if value in (code, option.ordinal):
            return at
    raise KeyError(f"{item.link_id} has no option {value!r}")


def by_identity(step: Step, **values: Any) -> dict[str, Any]:
    """Answers by linkId, out of answers by identity code: name, birth_date, email, phone, contact_method."""
    found = {}
    for item in step.items:
        value = values.get(code_of(item).replace("-", "_"))
        if value is not None:
            found[item.link_id] = value
    return found
