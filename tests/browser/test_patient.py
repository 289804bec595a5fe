"""The patient's way through the site, in a real browser on a phone, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from intake.models import Draft, Response, SafetyAlert, Submission
from tests.browser.conftest import Visit
from tests.visitor import GAD7, ITEM_9, PHQ9

pytestmark = pytest.mark.django_db(transaction=True)

with_and_without_script = pytest.mark.parametrize("visit", [True, False], indirect=True, ids=["script", "no-script"])


def go_on(page: Page) -> None:
    click(page, "Continue")


def click(page: Page, button: str) -> None:
    """Press the last button of that name, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).last.click()


def begin(visit: Visit) -> Page:
    page = visit.open("/screening/")
    click(page, "Start the screening")
    return page


def about_me(page: Page, year: str = "1980") -> None:
    page.get_by_label("Your name").or_(page.get_by_label("name", exact=False)).first.fill("Marta Quill")
    page.get_by_label("Month").fill("2")
    page.get_by_label("Day").fill("29")
    page.get_by_label("Year").fill(year)
    choose(page, "reach you", "E-mail")
    if not page.get_by_label("E-mail address").first.is_visible():
        go_on(page)  # without script the chosen way's field comes with the next page
    page.get_by_label("E-mail address").first.fill("marta@example.org")


def choose(page: Page, question: str, answer: str) -> None:
    group = page.get_by_role("group", name=re.compile(re.escape(question), re.I)).last
    group.get_by_label(answer, exact=True).check()


def rate(page: Page, names: list[str], points: list[int]) -> None:
    """Choose the answer with these points for each scored question of the page, by its field's name."""
    for name, value in zip(names, points, strict=True):
        page.locator(f"input[name={name}][value='{value}']").check()


def field_names(link_ids: list[str]) -> list[str]:
    from intake.screening import Screening

    steps = Screening(Draft.objects.latest("created_at")).all_steps
    names = {item.link_id: item.name for step in steps for item in step.items}
    return [names[link_id] for link_id in link_ids]


def screen(visit: Visit, phq9: list[int], gad7: list[int]) -> Page:
    """Fill in the whole screening up to the check page; instruments with these points, the rest as little as may be."""
    page = begin(visit)
    about_me(page)
    go_on(page)
    rate(page, field_names(PHQ9), phq9)
    go_on(page)
    rate(page, field_names(GAD7), gad7)
    go_on(page)
    while "/check/" not in page.url:
        go_on(page)
    return page


@with_and_without_script
def test_from_a_page_to_a_sent_screening(visit):
    visit.open("/why-ketamine/").get_by_role("link", name=re.compile("screening", re.I)).first.click()

    page = screen(visit, [1] * 9, [2] * 7)
    page.get_by_label("I have read this and I agree").check()
    page.get_by_role("button", name="Send my answers").click()

    submission = Submission.objects.get()
    expect(page.get_by_text(submission.reference)).to_be_visible()
    expect(page.get_by_role("heading", name="Your answers were sent")).to_be_visible()
    page.go_back()
    assert "Marta" not in page.content()
    page.reload()
    assert "Marta" not in page.content()


def test_the_stored_response_is_the_same_with_script_and_without(browser, site):
    stored = []
    for script in (True, False):
        context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=script)
        visit = Visit(context, site)
        page = screen(visit, [1, 2, 3, 0, 1, 2, 3, 0, 1], [0, 1, 2, 3, 0, 1, 2])
        page.get_by_label("I have read this and I agree").check()
        page.get_by_role("button", name="Send my answers").click()
        page.wait_for_url("**/screening/done/")
        submission = Submission.objects.latest("created_at")
        stored.append([(r.questionnaire.url, r.resource.get("item")) for r in submission.responses.all()])
        context.close()

    assert stored[0] == stored[1]


@with_and_without_script
def test_item_9_brings_help_with_the_next_page_and_an_open_alert(visit):
    page = begin(visit)
    about_me(page)
    go_on(page)
    expect(page.locator(".help-panel")).to_have_count(0)

    rate(page, field_names([ITEM_9]), [1])
    go_on(page)

    panel = page.locator(".help-panel")
    expect(panel).to_be_visible()
    expect(panel).to_have_attribute("role", "alert")
    expect(panel.get_by_role("link", name=re.compile("988")).first).to_be_visible()
    assert panel.bounding_box()["y"] < page.get_by_role("heading", level=1).bounding_box()["y"]


@with_and_without_script
def test_mistakes_are_listed_with_links_and_nothing_typed_is_lost(visit):
    page = begin(visit)
    page.get_by_label("Month").fill("13")
    page.get_by_label("Year").fill("1980")
    go_on(page)

    summary = page.locator(".error-summary")
    expect(summary).to_be_visible()
    assert page.title().startswith("Error: ")
    expect(page.get_by_label("Month")).to_have_value("13")
    summary.get_by_role("link").first.click()
    target = page.url.split("#")[1]
    expect(page.locator(f"[id='{target}']")).to_be_visible()
    assert visit.axe() == [] if visit.script else True


@with_and_without_script
def test_back_and_change_lose_nothing(visit):
    page = screen(visit, [1] * 9, [0] * 7)
    page.go_back()
    page.goto(visit.site + "/screening/check/")

    page.get_by_role("link", name=re.compile("Change.*Little interest", re.S)).click()
    rate(page, field_names(PHQ9[:1]), [3])
    page.get_by_role("button", name="Save and return to your answers").click()

    expect(page.locator("dd:not(.summary-list__change)", has_text="Nearly every day")).to_have_count(1)
    expect(page.locator("dd:not(.summary-list__change)", has_text="Several days")).to_have_count(8)


@with_and_without_script
def test_a_double_click_on_send_makes_one_submission(visit):
    page = screen(visit, [0] * 8 + [2], [0] * 7)
    page.get_by_label("I have read this and I agree").check()

    page.get_by_role("button", name="Send my answers").dblclick(no_wait_after=True)

    page.wait_for_url("**/screening/done/")
    assert (Submission.objects.count(), SafetyAlert.objects.count()) == (1, 1)
    assert Response.objects.count() == 6


@with_and_without_script
def test_a_contact_request_with_a_mistake_first(visit):
    page = visit.open("/contact/")
    page.get_by_label("Your name").fill("Jo Fenn")
    page.get_by_label("Phone call").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("Phone number").fill("(718) 555-0100")
    page.get_by_label("I have read this and I agree").check()

    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text(Submission.objects.get().reference)).to_be_visible()
    assert Submission.objects.get().name == "Jo Fenn"


def test_a_minor_is_turned_away_and_nothing_is_kept(visit):
    page = begin(visit)
    about_me(page, year="2020")
    go_on(page)

    expect(page.get_by_role("heading", name="This screening is for adults")).to_be_visible()
    assert Draft.objects.count() == 0
