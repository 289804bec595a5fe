"""The start page of the review desk in a real browser, in light and dark, with a mouse left alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visit, sign_in
from tests.factories import make_screening, make_submission

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("staff")]

RISKY = [0] * 8 + [1]


def start_page(visit: Visit) -> Page:
    sign_in(visit)
    return visit.open("/admin/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_start_page_with_its_tables_open(staff_visit, scheme):
    make_screening(phq9=RISKY)
    make_screening(phq9=[0] * 8 + [None])
    make_submission()
    staff_visit.page.emulate_media(color_scheme=scheme)

    page = start_page(staff_visit)
    for summary in page.locator("summary").all():
        summary.click()

    expect(page.get_by_role("img", name="Submissions a week")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(7)
    assert staff_visit.axe() == []


def test_the_keyboard_reaches_the_alerts_before_anything_else_of_the_page(staff_visit):
    submission = make_screening(phq9=RISKY)
    page = start_page(staff_visit)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to the content
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="1 safety alert not resolved")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=submission.reference)).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=submission.reference)).to_be_visible()


def test_the_keyboard_opens_the_table_behind_a_drawing(staff_visit):
    make_submission()
    page = start_page(staff_visit)

    page.locator("summary", has_text="Submissions a week").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("row", name="(not over) 0 1 1")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, {"width": 820, "height": 1100}, DESK], ids=["phone", "tablet", "desk"])
def test_nothing_is_wider_than_the_window(staff_visit, size):
    make_screening(phq9=RISKY)
    staff_visit.page.set_viewport_size(size)

    page = start_page(staff_visit)
    for summary in page.locator("summary").all():
        summary.click()

    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
