"""A visitor who came by /es/: every page and every state of every form, the e-mails, and what staff see of it."""

import copy
import json
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core import signing
from django.utils import timezone, translation

from clinic.database.inserting import insert
from clinic.models import ClinicProfile, Message
from intake import fhir, notices
from intake.forms import ContactForm
from intake.models import CannedReply, Questionnaire, Response, ResumeLink, Submission
from intake.widgets import DateParts
from tests.catalogue import english_in
from tests.content.factories import make_page
from tests.content.markup import Markup
from tests.factories import make_screening, make_submission, make_user
from tests.visitor import ITEM_9, MARTA, PHQ9, by_identity, hidden

FORMS = Path(fhir.__file__).parents[1] / "questionnaires"

pytestmark = pytest.mark.django_db


@pytest.fixture
def spanish(visitor):
    """A visitor all of whose addresses are Spanish."""
    with translation.override("es"):
        yield visitor


def check_spanish(response, status: int = 200, heading: str = "") -> None:
    """Nothing on the page is English; with `heading`, it is the page that is meant."""
    assert response.status_code == status
    assert not heading or heading_of(response) == heading
    assert Markup(response.text).all("html")[0]["lang"] == "es"
    assert english_in(response.text) == []


def contact(client, **fields):
    with translation.override("es"):
        token = signing.dumps(["9a4d3b1e-1d5a-4f5e-9a51-0a5f0e6c2d11", time.time() - 60], salt=ContactForm.SALT)
    given = {"name": "Marta Quill", "contact_method": "email", "email": "marta@example.org", "agreed": "on"}
    return client.post("/es/contact/", {**given, "token": token, **fields})


def heading_of(response) -> str:
    return Markup(response.text).all("h1")[0].text


def test_the_search_for_english_finds_it():
    assert english_in('<html lang="es"><p>Send my answers</p></html>') == ["Send my answers"]
    assert english_in('<p aria-label="Help now">x</p>') == ["Help now"]
    assert english_in("<p>You can also call us: 718 555 0100.</p>") == ["You can also call us: 718 555 0100."]
    assert english_in('<p lang="en">Send my answers</p>') == []


def test_the_contact_form_with_and_without_mistakes(client):
    ClinicProfile.objects.update(phone="718 555 0100")

    check_spanish(client.get("/es/contact/"))
    check_spanish(client.post("/es/contact/", {}), 422)
    check_spanish(contact(client, contact_method="phone", phone=""), 422)
    check_spanish(contact(client, phone="12", email="nobody", name="x" * 201, message="x" * 2001), 422)
    check_spanish(contact(client, contact_method="pigeon"), 422)
    sent = contact(client)
    assert sent["Location"] == "/es/contact/sent/"
    check_spanish(client.get(sent["Location"]))


def test_the_start_of_the_screening_in_each_state(spanish):
    client = spanish.client

    check_spanish(client.get("/es/screening/"), heading="Cuestionario de síntomas")
    check_spanish(client.get("/es/screening/2/"), 404, "Aquí no hay ningún cuestionario abierto")
    spanish.start()
    begun = client.get("/es/screening/")
    check_spanish(begun, heading="Cuestionario de síntomas")
    assert "Continuar el cuestionario que empezó" in begun.text


def test_every_step_of_the_screening_empty_and_with_mistakes(spanish):
    spanish.start()
    spanish.about()

    assert len(spanish.walk.all_steps) > 4
    for step in spanish.walk.all_steps:
        check_spanish(spanish.get(step))
        wrong = dict.fromkeys(step.field_names, "x" * 5000) | {"seen": " ".join(item.name for item in step.items)}
        response = spanish.client.post(f"/es/screening/{step.number}/", wrong)
        check_spanish(response, 422)
        assert "Hay un problema" in response.text


def test_the_questions_that_an_answer_brings_up_are_announced(spanish):
    spanish.start()
    step = spanish.step("about-you")
    data = by_identity(step, **MARTA)

    response = spanish.answer(step, data, seen="")

    check_spanish(response)
    assert "Su respuesta abrió más preguntas." in response.text


def test_a_risky_answer_the_check_and_the_last_page(spanish):
    spanish.start()
    spanish.about()
    step = spanish.step("phq-9")
    spanish.answer(step, {ITEM_9: 1})
    risky = spanish.client.get("/es/screening/3/")
    check_spanish(risky)
    assert "Hay ayuda ahora mismo" in risky.text

    for later in spanish.walk.all_steps[1:]:
        spanish.answer(later, dict(zip(PHQ9, [1] * 9, strict=True)) if later.number == step.number else {})
    check_spanish(spanish.client.get("/es/screening/check/"))
    check_spanish(spanish.client.post("/es/screening/check/", {}), 422)
    sent = spanish.send()
    assert sent["Location"] == "/es/screening/done/"
    done = spanish.client.get(sent["Location"])
    check_spanish(done)
    assert "29 de febrero de 1980" in done.text
    assert "síntomas leves" in done.text
    check_spanish(spanish.client.get("/es/screening/done/"), 404)


def test_an_unfinished_check_page_and_one_that_was_sent(spanish):
    spanish.finish()
    spanish.answer(spanish.step("about-you"), {}, **{"return": "check"})
    check_spanish(spanish.client.get("/es/screening/check/"), heading="Revise sus respuestas")
    spanish.about()
    token = hidden(spanish.client.get("/es/screening/check/"), "token")
    spanish.send()
    spanish.client.cookies.clear()

    again = spanish.client.post("/es/screening/check/", {"token": token, "agreed": "on"})
    check_spanish(again, heading="Sus respuestas ya se enviaron")
    assert Submission.objects.get().reference in again.text


def test_saving_for_later_and_coming_back(spanish):
    spanish.start()
    spanish.about()

    check_spanish(spanish.client.get("/es/screening/save/"))
    check_spanish(spanish.client.post("/es/screening/save/", {"email": "no"}), 422)
    check_spanish(spanish.client.post("/es/screening/save/", {"email": "marta@example.org"}))
    link = Message.objects.get(template="resume_link")
    assert link.subject == "Continúe su formulario"
    assert f"{settings.SITE_URL}/es/screening/resume/" in link.body
    for _ in range(ResumeLink.LIMIT_PER_DRAFT):
        token = ResumeLink.make(spanish.draft)
    check_spanish(spanish.client.get("/es/screening/save/"))
    check_spanish(spanish.client.get(f"/es/screening/resume/{token}/"))
    assert spanish.client.post(f"/es/screening/resume/{token}/")["Location"] == "/es/screening/2/"
    check_spanish(spanish.client.get(f"/es/screening/resume/{token}/"), 410)


def test_a_minor_is_turned_away(spanish):
    spanish.start()

    response = spanish.about(birth_date=(timezone.localdate().year - 10, 1, 1))

    check_spanish(response)
    assert heading_of(response) == "Este cuestionario es para personas adultas"


def test_a_screening_that_is_not_open(client, db):
    closed = client.get("/es/screening/")

    check_spanish(closed)
    assert "El cuestionario no está abierto en este momento." in closed.text


def test_content_pages_and_those_that_are_missing(client):
    make_page(
        "types", language="es", title="Tipos de ketamina", summary="Hay dos.", body="## Uno\n\nA.\n\n## Dos\n\nB."
    )
    make_page("mechanism")

    here = client.get("/es/types/")
    check_spanish(here, heading="Tipos de ketamina")
    assert "Hay dos." in here.text
    check_spanish(client.get("/es/mechanism/"), 404, "Esta página no está en español")
    check_spanish(client.get("/es/nothing/"), 404, "Aquí no hay ninguna página")


def test_an_empty_date_is_asked_for_day_first_in_spanish_and_month_first_in_english():
    assert DateParts("es").widgets_names == ["-day", "-month", "-year"]
    assert DateParts("en").widgets_names == ["-month", "-day", "-year"]


def test_answers_are_stored_with_the_same_codes_in_both_languages(packet):
    stored = []
    for language in ("en", "es"):
        submission = make_screening(phq9=[1] * 9, answers={"/68518-0": "LA18927-6"}, language=language)
        stored.append([_without_words(response.resource.get("item", [])) for response in submission.responses.all()])

    assert stored[0] == stored[1]


def _without_words(items):
    found = copy.deepcopy(items)
    for item in found:
        item.pop("text", None)
        item["item"] = _without_words(item.get("item", []))
    return found


def test_a_response_says_in_which_language_it_was_given(packet):
    submission = make_screening(language="es")

    assert {response.resource["language"] for response in Response.objects.filter(submission=submission)} == {"es"}


def test_the_last_page_offers_no_switch_because_it_is_shown_once(spanish):
    spanish.finish()
    spanish.send()

    response = spanish.client.get("/es/screening/done/")

    assert [link for link in Markup(response.text).all("a") if link["hreflang"]] == []


def test_what_is_sent_is_of_the_language_of_the_page_it_was_sent_from(visitor):
    visitor.finish()

    with translation.override("es"):
        visitor.send()

    submission = Submission.objects.get()
    assert (submission.language, submission.consent.language) == ("es", "es")


@pytest.mark.parametrize("kind", ["contact", "screening"])
def test_the_receipt_is_in_the_language_that_was_used_and_the_alert_is_english(packet, kind):
    ClinicProfile.objects.update(alert_emails="oncall@example.org")
    with translation.override("en"):
        if kind == "screening":
            make_screening(phq9=[0] * 8 + [1], language="es")
        else:
            _receive_contact()

    receipt = Message.objects.get(template=f"{kind}_receipt")
    assert receipt.subject.startswith("Recibimos su ")
    assert receipt.body.startswith("Hola:")
    assert receipt.body.endswith(f"{settings.SITE_URL}/es/\n")
    for alert in Message.objects.filter(template="safety_alert"):
        assert alert.subject == "A form needs review"


def _receive_contact() -> None:
    submission = make_submission()
    submission.language = "es"
    Message.objects.all().delete()
    insert(*notices.received(submission, with_receipt=True))


def test_a_spanish_reply_says_the_clinics_times_in_spanish(db):
    ClinicProfile.objects.update(
        reading_times="on weekdays", reading_times_es="de lunes a viernes", reply_within="soon"
    )
    user = make_user()
    reply = CannedReply(title="T", language="es", subject="S", body="{reading_times} {staff}")
    submission = make_submission()

    assert submission.reply_text(reply, by=user) == ("S", "de lunes a viernes Nuestro personal")
    reply.body = "{reply_within}"
    with pytest.raises(ValueError, match="how soon staff reply"):
        submission.reply_text(reply, by=user)


@pytest.fixture
def half_translated(packet):
    """GAD-7 in a version in which one answer has lost its Spanish."""
    form = json.loads((FORMS / "gad-7.json").read_text())
    form["version"] = "9.9.9"
    del form["item"][0]["item"][0]["answerOption"][0]["valueCoding"]["_display"]
    Questionnaire.objects.store(json.dumps(form).encode()).activate()


def test_a_form_that_is_not_wholly_translated_stays_english_and_says_so(half_translated, spanish):
    spanish.start()
    spanish.about()
    step = spanish.step("gad-7")

    response = spanish.get(step)

    check_spanish(response)
    markup = Markup(response.text)
    assert (markup.all("h1")[0].text, markup.all("h1")[0]["lang"]) == (step.form.title("en"), "en")
    assert [box["lang"] for box in markup.all("div") if box["class"] == "questions"] == ["en"]
    assert "Tenemos estas preguntas solo en inglés." in response.text
    wrong = spanish.answer(step, {}, **{step.field_names[0]: "77"})
    summary = next(box for box in Markup(wrong.text).all("div") if box["class"] == "error-summary")
    assert summary["lang"] == "en"
    assert "Choose one of the answers of the list." in summary.text
    check_spanish(wrong, 422)


def test_the_copy_of_a_form_that_is_not_wholly_translated_is_marked_as_english(half_translated, spanish):
    spanish.finish()

    response = spanish.client.get("/es/screening/check/")

    check_spanish(response)
    assert "Tenemos estas preguntas solo en inglés." in response.text


def test_staff_filter_by_language_and_see_it_in_the_list(client, packet):
    make_submission()
    with translation.override("es"):
        contact(client)
    client.force_login(make_user(is_superuser=True))

    every = client.get("/admin/intake/submission/").text
    spanish_only = client.get("/admin/intake/submission/?language=es").text

    assert [cell.text for cell in Markup(every).all("span") if cell["class"] == "mark mark-language"] == ["Spanish"]
    assert "?language=es" in every
    assert len([row for row in Markup(spanish_only).all("td") if row["class"] == "field-person"]) == 1


def test_the_questionnaires_that_come_with_the_portal_are_wholly_spanish():
    for path in FORMS.glob("*.json"):
        assert "es" in fhir.parse(path.read_bytes()).languages, path.name
