"""The switch of the language, and what becomes of what was typed and not sent yet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from intake.models import Draft, Submission
from tests.content.markup import Markup
from tests.visitor import ITEM_9, MARTA, by_identity, hidden, posted

pytestmark = pytest.mark.django_db


def switches(response) -> list[tuple[str | None, str | None, str | None]]:
    """Where each button that switches the language leads, which form it takes along, and in which language it is."""
    buttons = Markup(response.text).all("button")
    return [(one["formaction"], one["form"], one["lang"]) for one in buttons if one["name"] == "language"]


def test_the_switch_stays_on_the_step_and_what_was_saved_is_there(visitor):
    visitor.start()
    visitor.about()

    response = visitor.client.get("/es/screening/1/")

    fields = [field["value"] for field in Markup(response.text).all("input")]
    assert MARTA["name"] in fields
    assert visitor.draft.language == "es"
    visitor.client.get("/screening/1/")
    assert visitor.draft.language == "en"


def test_the_switch_takes_along_what_was_typed_into_a_step_and_not_sent_yet(visitor):
    visitor.start()
    page = visitor.client.get("/screening/1/?return=check")
    assert switches(page) == [("/es/screening/1/?return=check", "step-form", "es")] * 2  # header and footer
    step = visitor.step("about-you")
    [(link_id, name)] = by_identity(step, name="Marta Quill").items()

    typed = posted(step.form.by_id[link_id], name) | {"return": "check", "language": "es"}
    response = visitor.client.post("/es/screening/1/?return=check", typed, follow=True)

    assert response.redirect_chain == [("/es/screening/1/?return=check", 302)]
    assert "Marta Quill" in [field["value"] for field in Markup(response.text).all("input")]
    assert "error-summary" not in response.text
    assert visitor.draft.language == "es"


def test_the_switch_brings_help_when_what_it_takes_along_is_risky(visitor):
    visitor.start()
    visitor.about()
    step = visitor.step("phq-9")

    typed = posted(step.form.by_id[ITEM_9], 2) | {"language": "es"}
    response = visitor.client.post(f"/es/screening/{step.number}/", typed, follow=True)

    assert "Hay ayuda ahora mismo" in response.text


def test_the_switch_takes_along_what_was_typed_into_a_contact_request(client):
    page = client.get("/contact/")
    assert switches(page) == [("/es/contact/", "contact-form", "es")] * 2
    token = hidden(page, "token")
    typed = {"name": "Marta Quill", "contact_method": "phone", "phone": "12", "message": "<b>Hi", "agreed": "on"}

    response = client.post("/es/contact/", typed | {"token": token, "language": "es"})

    form = response.context["form"]
    assert (response.status_code, response["Content-Language"], form.is_bound) == (200, "es", False)
    assert {name: form[name].value() for name in typed | {"token": ""}} == typed | {"token": token, "agreed": None}
    assert "&lt;b&gt;Hi" in response.text
    assert Submission.objects.count() == 0
    sent = client.post("/es/contact/", typed | {"token": token, "phone": "+1 212 555 0143"})
    assert sent["Location"] == "/es/contact/sent/"
    assert Submission.objects.get().language == "es"


def test_changing_the_language_does_not_lengthen_the_time_until_a_draft_is_deleted(visitor):
    visitor.start()
    before = timezone.now() - timedelta(days=2)
    Draft.objects.update(updated_at=before)

    visitor.client.get("/es/screening/1/")

    assert (visitor.draft.language, visitor.draft.updated_at) == ("es", before)
