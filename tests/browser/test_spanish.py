"""A Spanish visitor on a phone without JavaScript, from the first page to the e-mail; and the switch of language."""

import re

import pytest
from playwright.sync_api import expect

from clinic.models import Message
from intake.models import Draft, SafetyAlert, Submission
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_patient import click, field_names, rate
from tests.visitor import GAD7, ITEM_9, PHQ9

pytestmark = pytest.mark.django_db(transaction=True)

without_script = pytest.mark.parametrize("visit", [False], indirect=True, ids=["no-script"])


def about_me(page) -> None:
    page.get_by_label("Su nombre completo").fill("Marta Quill")
    page.get_by_label("Día", exact=True).fill("29")
    page.get_by_label("Mes", exact=True).fill("2")
    page.get_by_label("Año", exact=True).fill("1980")
    page.get_by_label("Correo electrónico", exact=True).check()
    click(page, "Continuar")
    page.get_by_label("Dirección de correo electrónico").fill("marta@example.org")
    click(page, "Continuar")


@without_script
def test_a_contact_request_with_a_mistake_first(visit):
    page = visit.open("/contact/")
    page.get_by_role("banner").get_by_role("button", name="Español").click()
    page.get_by_label("Su nombre").fill("Marta Quill")
    page.get_by_label("Correo electrónico").first.check()
    click(page, "Enviar")
    expect(page.locator(".error-summary")).to_contain_text("Escriba un correo electrónico")
    assert page.title().startswith("Error: ")
    page.locator("#id_email").fill("marta@example.org")
    page.get_by_label("Leí este texto y estoy de acuerdo").check()

    click(page, "Enviar")

    submission = Submission.objects.get()
    expect(page.get_by_text(submission.reference)).to_be_visible()
    assert submission.language == "es"
    assert Message.objects.get(template="contact_receipt").subject == f"Recibimos su mensaje ({submission.reference})"


@without_script
def test_the_whole_screening_with_mistakes_and_a_risky_answer(visit):
    page = visit.open("/es/screening/")
    click(page, "Empezar el cuestionario")
    page.get_by_label("Mes", exact=True).fill("13")
    click(page, "Continuar")
    expect(page.locator(".error-summary")).to_contain_text("Escriba día, mes y año.")
    expect(page.get_by_label("Mes", exact=True)).to_have_value("13")
    about_me(page)
    rate(page, field_names(PHQ9), [1] * 9)
    click(page, "Continuar")
    panel = page.locator(".help-panel")
    expect(panel.get_by_role("heading")).to_have_text("Hay ayuda ahora mismo")
    expect(panel).to_contain_text("oprima el 2")
    rate(page, field_names(GAD7), [2] * 7)
    while "/check/" not in page.url:
        click(page, "Continuar")
    page.get_by_label("Leí este texto y estoy de acuerdo").check()

    click(page, "Enviar mis respuestas")

    expect(page.get_by_role("heading", level=1)).to_have_text("Sus respuestas se enviaron")
    expect(page.locator(".help-panel")).to_be_visible()
    assert (Submission.objects.get().language, SafetyAlert.objects.count()) == ("es", 1)


def test_the_switch_keeps_the_step_with_what_was_saved_and_what_was_just_chosen(visit):
    page = visit.open("/es/screening/")
    click(page, "Empezar el cuestionario")
    about_me(page)
    rate(page, field_names([ITEM_9]), [0])
    click(page, "Continuar")
    page.go_back()

    rate(page, field_names(PHQ9[:1]), [3])
    page.get_by_role("banner").get_by_role("button", name="English").click()

    expect(page).to_have_url(re.compile(r"[0-9]/screening/2/$"))
    expect(page.locator(f"input[name={field_names([ITEM_9])[0]}]").first).to_be_checked()
    expect(page.locator(f"input[name={field_names(PHQ9[:1])[0]}]").last).to_be_checked()
    assert Draft.objects.get().language == "en"


@without_script
def test_the_switch_takes_along_what_was_typed_and_enter_does_not_press_it(visit):
    page = visit.open("/contact/")
    page.get_by_label("Your name").fill("Marta Quill")
    page.get_by_label("Message").fill("Please call.")

    page.get_by_role("banner").get_by_role("button", name="Español").click()

    expect(page).to_have_url(re.compile(r"[0-9]/es/contact/$"))
    expect(page.get_by_label("Mensaje")).to_have_value("Please call.")
    expect(page.locator(".error-summary")).to_have_count(0)
    page.get_by_label("Su nombre").press("Enter")
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label("Su nombre")).to_have_value("Marta Quill")
    page.get_by_role("contentinfo").get_by_role("button", name="English").click()
    expect(page.get_by_label("Your name")).to_have_value("Marta Quill")


PAGES = ["/es/contact/", "/es/screening/", "/es/get-help-now/", "/es/types/", "/es/no-such-page/", "/types/"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_in_spanish_is_out_of_reach(visit, scheme):
    visit.page.emulate_media(color_scheme=scheme)
    for path in PAGES:
        visit.open(path)
        assert visit.axe() == [], path
    click(visit.open("/es/screening/"), "Empezar el cuestionario")
    click(visit.page, "Continuar")
    assert visit.axe() == []


@pytest.mark.parametrize("width", [320, 360, DESK["width"]])
def test_the_header_holds_its_four_parts_beside_each_other(visit, width):
    visit.page.set_viewport_size({"width": width, "height": PHONE["height"]})
    for path in ("/types/", "/es/contact/"):
        page = visit.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        links = page.get_by_role("banner").locator(".brand, .header__help, .header__language, .menu__button")
        boxes = [box for box in (link.bounding_box() for link in links.all()) if box]
        assert all(box["height"] >= 44 and box["x"] + box["width"] <= width for box in boxes), path
        assert not [one for one in boxes for two in boxes if one is not two and _overlap(one, two)], path


def _overlap(one, two) -> bool:
    return all(
        one[at] < two[at] + two[size] and two[at] < one[at] + one[size]
        for at, size in (["x", "width"], ["y", "height"])
    )
