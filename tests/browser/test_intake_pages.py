"""axe-core over every page and error state of the screening and the contact form, on a phone and on a desk."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from clinic.models import Message
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_patient import about_me, begin, click, field_names, go_on, rate
from tests.visitor import ITEM_9

pytestmark = pytest.mark.django_db(transaction=True)


class Inspection:
    """Runs axe-core and looks for sideways scrolling, page by page; `faults` is empty when all is well."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.faults, self.seen = visit, {}, []

    def look(self, name: str) -> None:
        page = self.visit.page
        found = self.visit.axe()
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append("scrolls sideways")
        self.seen.append(name)
        if found:
            self.faults[name] = found


@pytest.mark.parametrize(
    ("size", "scheme"),
    [({"width": 320, "height": 640}, "light"), (PHONE, "dark"), (DESK, "light")],
    ids=["320-light", "phone-dark", "desk-light"],
)
def test_axe_finds_nothing_from_the_start_to_the_reference(browser: Browser, site: str, size, scheme):
    context = browser.new_context(viewport=size, color_scheme=scheme)
    visit = Visit(context, site)
    inspection = Inspection(visit)

    visit.open("/screening/")
    inspection.look("start")
    page = begin(visit)
    inspection.look("first step")
    go_on(page)
    inspection.look("first step with errors")
    about_me(page)
    click(page, "Save and come back later")
    inspection.look("save")
    click(page, "E-mail me the link")
    inspection.look("save with an error")
    page.get_by_label("Your e-mail address").fill("home@example.org")
    click(page, "E-mail me the link")
    inspection.look("saved")
    body = Message.objects.get(template="resume_link").body
    link = urlsplit(next(word for word in body.split() if "/screening/resume/" in word)).path
    visit.open(link)
    inspection.look("resume")
    click(page, "Continue")
    rate(page, field_names([ITEM_9]), [2])
    go_on(page)
    inspection.look("a step with the help panel")
    while "/check/" not in page.url:
        go_on(page)
        inspection.look(urlsplit(page.url).path)
    click(page, "Send my answers")
    inspection.look("check with an error")
    page.get_by_label("I have read this and I agree").check()
    click(page, "Send my answers")
    page.wait_for_url("**/screening/done/")
    inspection.look("done")
    page.reload()
    inspection.look("nothing here")
    visit.open(link)
    inspection.look("link used")

    context.close()
    assert inspection.faults == {}
    assert visit.troubles == []
    assert len(inspection.seen) >= 18


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_on_contact_refusals_and_missing_pages(browser: Browser, site: str, size):
    context = browser.new_context(viewport=size)
    visit = Visit(context, site)
    inspection = Inspection(visit)

    page = visit.open("/contact/")
    inspection.look("contact")
    click(page, "Send")
    inspection.look("contact with errors")
    page.get_by_label("Your name").fill("Jo Fenn")
    page.get_by_label("Phone call").check()
    page.get_by_label("Phone number").fill("(718) 555-0100")
    page.get_by_label("I have read this and I agree").check()
    click(page, "Send")
    page.wait_for_url("**/contact/sent/")
    inspection.look("contact sent")
    page = begin(visit)
    about_me(page, year="2020")
    go_on(page)
    inspection.look("under age")
    visit.open("/no-such-page/")
    inspection.look("not found")
    visit.open("/contact/")
    context.clear_cookies()
    click(page, "Send")
    inspection.look("refused without cookies")

    context.close()
    assert inspection.faults == {}
    assert visit.troubles == []
    assert len(inspection.seen) == 6
