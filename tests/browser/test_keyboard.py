"""The main journeys with a keyboard alone: each stop on the way is in sight, uncovered and marked."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from content.models import Edition
from intake.models import Submission
from tests.browser.conftest import LOOKING, PHONE, Visit

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 150  # stops on one page


class Keyboard:
    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        self.faults: list[str] = []
        self._seen: set[str] = set()

    def tab_to(self, name: str, key: str = "Tab") -> None:
        """Press Tab until what is called so has the focus."""
        for _ in range(MOST):
            if self.press(key)["name"].startswith(name):
                return
        raise AssertionError(f"“{name}” is not reached on {self.page.url}")

    def press(self, key: str) -> dict[str, Any]:
        """Press a key that moves the focus, and look where it is now."""
        self.page.keyboard.press(key)
        found = self.page.evaluate(f"{LOOKING}.focus()")
        self.faults += [f"{self.page.url}, {found['name'][:40]}: {fault}" for fault in found["faults"]]
        if found["kind"] not in self._seen and not found["faults"]:
            self._seen.add(found["kind"])
            if not self._changes_what_is_seen(found["box"]):
                self.faults.append(f"{self.page.url}, {found['kind']}: looks the same without the focus")
        return found

    def _changes_what_is_seen(self, box: dict[str, float]) -> bool:
        focused = self.page.screenshot(clip=box)
        self.page.evaluate("() => { window.before = document.activeElement; window.before.blur(); }")
        blurred = self.page.screenshot(clip=box)
        self.page.evaluate("() => window.before.focus()")
        return focused != blurred

    def follow(self, name: str) -> None:
        """Go to a link or button, press Enter, and wait for the page that it leads to."""
        self.tab_to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, name: str, text: str) -> None:
        self.tab_to(name)
        self.page.keyboard.type(text)

    def tick(self, name: str) -> None:
        self.tab_to(name)
        self.page.keyboard.press("Space")

    def choose(self, first: str, wanted: str) -> None:
        """Reach a group by its first answer, and go down to the wanted one."""
        self.tab_to(first)
        self.page.keyboard.press("Space")
        while self.press("ArrowDown")["name"] != wanted:
            assert self.page.evaluate("document.activeElement.checked")


@pytest.fixture
def keyboard(browser: Browser, site: str) -> Iterator[Keyboard]:
    """Without smooth scrolling, so that a stop is where it will stay."""
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    keyboard = Keyboard(Visit(context, site))
    yield keyboard
    context.close()
    assert keyboard.visit.troubles == []
    assert keyboard.faults == []


def test_from_the_first_page_by_the_menu_to_a_message_with_a_mistake(keyboard):
    page, wanted = keyboard.page, Edition.objects.live().filter(page__language="en").in_menu()[4]
    keyboard.visit.open("/")
    keyboard.tab_to("Skip to the content")
    keyboard.tab_to("Menu")
    page.keyboard.press("Enter")
    keyboard.follow(wanted.menu_title)
    expect(page.get_by_role("heading", level=1)).to_have_text(wanted.title)

    keyboard.follow("Ask the clinic to contact you")
    keyboard.write("Your name", "Jo Fenn")
    keyboard.tick("Phone call")
    keyboard.follow("Send")
    expect(page.locator(".error-summary")).to_be_focused()
    keyboard.tab_to("Phone number")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Phone number")).to_be_focused()
    page.keyboard.type("(718) 555-0100")
    keyboard.tick("I have read this and I agree")
    keyboard.tab_to("Send")
    keyboard.tab_to("I have read this and I agree", "Shift+Tab")
    keyboard.follow("Send")

    expect(page.get_by_text(Submission.objects.get().reference)).to_be_visible()


def test_from_the_start_of_the_screening_to_the_reference(keyboard):
    page = keyboard.page
    keyboard.visit.open("/screening/")
    keyboard.follow("Start the screening")
    keyboard.write("Your full name", "Marta Quill")
    for part, digits in (("Month", "2"), ("Day", "29"), ("Year", "1980")):
        keyboard.write(part, digits)
    keyboard.choose("Phone call", "E-mail")
    keyboard.write("E-mail address", "marta@example.org")
    keyboard.follow("Continue")
    keyboard.choose("Not at all", "Several days")

    while "/check/" not in page.url:
        keyboard.follow("Continue")
    keyboard.tick("I have read this and I agree")
    keyboard.follow("Send my answers")

    expect(page.get_by_role("heading", name="Your answers were sent")).to_be_visible()
    assert Submission.objects.get().name == "Marta Quill"
