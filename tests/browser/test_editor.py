"""The editor of a page in a real browser: the live preview, what may not run in it, two people, and the keyboard."""

import re

import pytest
from playwright.sync_api import Browser, expect

from content.models import Edition, Page
from tests.browser.conftest import DESK, PASSWORD, Visit, sign_in
from tests.browser.test_desk import follow, tab_to
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/content/page/"
HOSTILE = """
<script>parent.ran = (parent.ran || 0) + 1</script>
<img src="x" onerror="parent.ran = (parent.ran || 0) + 1">
<svg onload="parent.ran = (parent.ran || 0) + 1"></svg>
<iframe srcdoc="<script>top.ran = (top.ran || 0) + 1</script>"></iframe>
[here](javascript:parent.ran=1) ![x](x "onerror=1")
"""


def types() -> Page:
    return Page.objects.get(slug="types", language="en")


def editor(visit: Visit, slug: str = "types") -> str:
    return f"{LIST}{Page.objects.get(slug=slug, language='en').pk}/change/"


def preview(page):
    return page.frame_locator("iframe")


def test_the_preview_follows_what_is_typed_and_tells_what_is_wrong(staff_visit, staff):
    page = sign_in(staff_visit, path=editor(staff_visit))
    body = page.get_by_label("Body")
    expect(preview(page).get_by_role("heading", level=1)).to_have_text("Types of ketamine")

    body.fill("## New heading\n\nA claim [@FAVA].")
    expect(preview(page).get_by_role("heading", name="New heading")).to_be_visible()
    expect(preview(page).locator(".sources")).to_contain_text("Fava")

    body.fill("A claim [@NOBODY].")
    expect(page.get_by_text("No source has the key NOBODY.")).to_be_visible()
    body.fill("A claim.")
    expect(page.get_by_text("No source has the key NOBODY.")).to_be_hidden()
    page.get_by_label("Title:").fill("Kinds")
    expect(preview(page).get_by_role("heading", level=1)).to_have_text("Kinds")

    assert types().title == "Types of ketamine"
    page.once("dialog", lambda dialog: dialog.accept())


def test_the_preview_is_as_wide_as_a_phone_or_a_desk_and_looks_like_the_site(staff_visit, staff):
    page = sign_in(staff_visit, path=editor(staff_visit))
    heading = preview(page).get_by_role("heading", level=1)
    expect(heading).to_be_visible()

    def width() -> int:
        return heading.evaluate("() => innerWidth")

    assert width() == 375
    expect(heading).to_have_css("font-family", re.compile("serif"))
    page.get_by_role("button", name="Desk").click()
    assert width() == 1280


def test_a_link_in_the_preview_stays_in_it(staff_visit, staff):
    page = sign_in(staff_visit, path=editor(staff_visit))
    shown = preview(page)

    shown.locator(".cite a").first.click()
    expect(shown.locator("#source-1")).to_be_in_viewport()

    shown.get_by_role("link", name="Accessibility").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Types of ketamine")


def test_the_frame_runs_nothing_even_where_the_markup_is_let_through(staff_visit, staff):
    page = sign_in(staff_visit, path=LIST)
    html = f"<!DOCTYPE html><title>x</title><h1>Let through</h1>{HOSTILE}"
    page.route("**/preview/", lambda route: route.fulfill(json={"html": html, "faults": [], "others": []}))

    staff_visit.open(editor(staff_visit))
    expect(preview(page).get_by_role("heading", name="Let through")).to_be_visible()
    page.wait_for_timeout(300)

    assert page.evaluate("window.ran || 0") == 0
    staff_visit.troubles.clear()  # the policy has told of what it refused


def test_without_script_the_preview_opens_in_a_new_tab_and_what_can_be_inserted_is_text(browser: Browser, site, staff):
    context = browser.new_context(viewport=DESK, java_script_enabled=False)
    visit = Visit(context, site, script=False)
    page = sign_in(visit, path=editor(visit))

    page.get_by_text("Insert a source").click()
    expect(page.locator("code", has_text="[@FAVA]")).to_be_visible()
    expect(page.get_by_role("button", name="Insert")).to_have_count(0)
    page.get_by_label("Body").fill("## Typed\n\nA claim [@NOBODY].")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Preview in a new tab").click()

    expect(opened.value.get_by_role("heading", name="Typed")).to_be_visible()
    expect(opened.value.get_by_text("No source has the key NOBODY.")).to_be_visible()
    context.close()
    assert "Typed" not in types().body


def test_a_text_goes_to_its_readers_without_a_mouse(staff_visit, staff):
    page = sign_in(staff_visit, path=editor(staff_visit))

    tab_to(page, "## What is")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\nCompared with ")
    tab_to(page, "Insert a word")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("[[placebo]]")
    tab_to(page, "Insert")
    page.keyboard.press("Enter")
    page.keyboard.type(".")
    assert page.get_by_label("Body").input_value().endswith("Compared with [[placebo]].")
    tab_to(page, "Save and continue")
    follow(page)
    tab_to(page, "Send to clinical review")
    follow(page)
    expect(page.get_by_text("Sent to clinical review.")).to_be_visible()
    tab_to(page, "Publish …")
    follow(page)
    page.get_by_label("Why publish it all the same?").focus()
    page.keyboard.type("To try it.")
    tab_to(page, "Publish now")
    follow(page)

    assert Edition.objects.live().get(page=types()).body.endswith("Compared with [[placebo]].")


def test_two_people_are_told_of_each_other_and_the_second_keeps_what_was_typed(staff_visit, staff, browser: Browser):
    other = make_user(email="jo@example.org", first_name="Jo", last_name="Park", is_superuser=True)
    other.set_password(PASSWORD)
    other.save()
    context = browser.new_context(viewport=DESK)
    second = Visit(context, staff_visit.site)
    mine = sign_in(staff_visit, path=editor(staff_visit))
    theirs = sign_in(second, "jo@example.org", path=editor(second))

    expect(theirs.get_by_text("staff@example.org had this page open at")).to_be_visible()
    mine.get_by_label("Title:").fill("Kinds of ketamine")
    expect(mine.get_by_text("Jo Park opened this page meanwhile.")).to_be_visible()
    mine.get_by_role("button", name="Save and continue editing").click()
    theirs.get_by_label("Title:").fill("Sorts of ketamine")
    theirs.get_by_role("button", name="Save and continue editing").click()

    expect(theirs.get_by_text("Nothing was saved: staff@example.org saved this page on")).to_be_visible()
    expect(theirs.locator(".conflict ins").first).to_contain_text("Kinds")
    assert theirs.get_by_label("Title:").input_value() == "Sorts of ketamine"
    assert second.axe() == []
    theirs.get_by_role("button", name="Save and continue editing").click()
    expect(theirs.get_by_role("heading", name="Sorts of ketamine").first).to_be_visible()
    context.close()
    assert second.troubles == []
    assert [version.title for version in types().history.order_by("history_id")][1:] == [
        "Kinds of ketamine",
        "Sorts of ketamine",
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (820, "dark")])
def test_the_pages_of_the_editor_pass_axe_in_both_colour_schemes_and_fit_a_tablet(staff_visit, staff, scheme, width):
    text = types()
    text.propose({name: getattr(text, name) for name in Page.START_FIELDS} | {"title": "Kinds"})
    text.body += "\n\nA new end."
    text.save_edit()
    text.submit_for_review()
    at = f"{LIST}{text.pk}/"
    page = sign_in(staff_visit)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 1000})

    for path in (LIST, "add/", f"{at}change/", f"{at}history/", f"{at}compare/", f"{at}publish/", f"{at}new-text/"):
        staff_visit.open(path if path.startswith("/") else LIST + path)
        page.evaluate("for (const one of document.querySelectorAll('#content details')) one.open = true")
        assert staff_visit.axe() == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
