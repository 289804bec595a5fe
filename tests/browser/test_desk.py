"""The review desk by keyboard and on a tablet, and its pages under axe-core in both colour schemes."""

import pytest
from playwright.sync_api import expect

from clinic.models import ClinicProfile
from intake.models import CannedReply, SavedView, Tag
from tests.browser.conftest import PASSWORD, Visit, sign_in
from tests.factories import make_screening, make_submission, make_user

pytestmark = pytest.mark.django_db(transaction=True)

NAME = """() => {
    const here = document.activeElement;
    return (here.innerText || here.value || here.getAttribute("aria-label") || "").trim();
}"""
SHOWS_FOCUS = """() => {
    const here = document.activeElement;
    const look = () => {
        const style = getComputedStyle(here);
        return [style.outline, style.boxShadow, style.borderColor, style.textDecorationLine].join();
    };
    const focused = look();
    here.blur();
    const blurred = look();
    here.focus();
    return focused !== blurred;
}"""


def tab_to(page, text, most=80):
    """Press Tab until the element with this text has the focus, which must be visible."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(NAME).startswith(text):
            assert page.evaluate(SHOWS_FOCUS), f"the focus on “{text}” is not visible"
            return
    raise AssertionError(f"“{text}” is not reached within {most} stops")


def follow(page):
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_alert_is_dealt_with_from_the_list_to_the_outcome_without_a_mouse(staff_visit, staff):
    risky = make_screening(phq9=[0] * 8 + [1])
    page = sign_in(staff_visit)
    expect(page.get_by_role("link", name=risky.reference)).to_be_visible()

    tab_to(page, risky.reference)
    follow(page)
    tab_to(page, "Acknowledge")
    follow(page)
    tab_to(page, "Choose")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Called. Safe for the night.")
    tab_to(page, "Resolve the alert")
    follow(page)
    expect(page.get_by_text("The alert is resolved.")).to_be_visible()
    tab_to(page, "Log a contact attempt")
    page.keyboard.press("Enter")
    tab_to(page, "Reached")
    follow(page)
    expect(page.get_by_text("The contact attempt was recorded.")).to_be_visible()

    assert risky.alerts.get().outcome == "reached-safe"
    assert risky.attempts.get().outcome == "reached"


def test_a_reply_is_looked_at_then_sent_and_a_filter_is_kept(staff_visit, staff):
    ClinicProfile.objects.update(phone="718-555-0199")
    reply = CannedReply.objects.create(title="Call us", subject="About {reference}", body="Call {phone}.")
    submission = make_submission(email="marta@example.org")
    page = sign_in(staff_visit)

    staff_visit.open(submission.get_absolute_url())
    page.get_by_text("Send a reply").click()
    page.get_by_label("Reply").select_option(str(reply.pk))
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("Call 718-555-0199.")).to_be_visible()
    assert staff_visit.axe() == []
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("The reply goes out by e-mail.")).to_be_visible()

    staff_visit.open("/admin/intake/submission/?kind__exact=contact")
    page.get_by_text("Keep this filter as a view").click()
    page.get_by_label("Name of this view").fill("Only contacts")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("link", name="Only contacts")).to_have_attribute("aria-current", "page")
    assert SavedView.objects.get().query == "kind__exact=contact"


def test_a_manager_reads_who_looked_at_a_submission_and_sees_nothing_of_it(staff_visit, staff):
    risky = make_screening(phq9=[0] * 8 + [1], person={"name": "Marta Quill"})
    risky.look(by=staff)
    manager = make_user("clinic.view_auditevent", email="manager@example.org")
    manager.set_password(PASSWORD)
    manager.save()

    page = sign_in(staff_visit, "manager@example.org", path="/admin/clinic/auditevent/")
    page.get_by_role("link", name="Looked at", exact=True).click()
    page.get_by_role("link", name=str(staff), exact=True).click()

    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(risky.reference)
    assert "Marta" not in page.content()
    rows.first.get_by_role("link").click()
    page.wait_for_url("**/change/**")
    page.wait_for_load_state()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    assert staff_visit.axe() == []
    assert staff_visit.page.goto(staff_visit.site + risky.get_absolute_url()).status == 403


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_either_colour_scheme(staff_visit, staff, scheme):
    risky = make_screening(phq9=[0] * 8 + [1])
    Tag.objects.create(name="interpreter")
    SavedView.objects.create(owner=staff, name="Mine", query="who=me")
    staff_visit.page.emulate_media(color_scheme=scheme)
    page = sign_in(staff_visit)
    found = {}

    for path in (
        "/admin/",
        "/admin/intake/submission/",
        "/admin/clinic/auditevent/",
        f"/admin/clinic/auditevent/{risky.events.first().pk}/change/",
        "/admin/clinic/message/",
        "/admin/intake/cannedreply/",
        "/admin/intake/cannedreply/add/",
        "/admin/intake/tag/",
        "/admin/intake/tag/add/",
    ):
        staff_visit.open(path)
        found[path] = staff_visit.axe()
    staff_visit.open(risky.get_absolute_url())
    page.eval_on_selector_all(".desk details", "all => all.forEach(one => { one.open = true; })")
    found["one submission, everything open"] = staff_visit.axe()

    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("width", [390, 820])
def test_the_desk_fits_a_tablet_and_a_phone(staff_visit: Visit, staff, width):
    risky = make_screening(phq9=[0] * 8 + [1])
    staff_visit.page.set_viewport_size({"width": width, "height": 1100})
    page = sign_in(staff_visit)
    small = {}

    for path in ("/admin/intake/submission/", risky.get_absolute_url()):
        staff_visit.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        small[path] = page.eval_on_selector_all(
            ".desk .button, .desk-views summary, .desk-details > summary",
            "all => all.filter(one => one.offsetParent && one.getBoundingClientRect().height < 43.5)"
            ".map(one => one.innerText)",
        )

    assert {path: names for path, names in small.items() if names} == {}
