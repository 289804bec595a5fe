"""Search, handout and the pages with a template of their own, as a phone, a desk and a printer show them."""

import re
from io import BytesIO
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from clinic.models import ClinicProfile
from content.models import Page
from tests.browser.conftest import DESK, PHONE, Visit
from tests.content.factories import make_page, make_term

# axe-core would judge colours that are not painted yet.
LAY_OUT_ALL = (
    "document.querySelectorAll('.handout__part').forEach((part) => { part.style.contentVisibility = 'visible'; })"
)

pytestmark = pytest.mark.django_db(transaction=True)

NARROW = {"width": 320, "height": 640}
QUERIES = ["", "infusion", "ketamin infuson", "placebo", "zzzqqq", "kill myself", "a" * 201]


@pytest.fixture
def paths(site) -> list[str]:
    """The new pages, on a site with a glossary long enough for its letters."""
    for number in range(21):
        make_term(f"{chr(97 + number)}-word")
    for slug in ("about", "glossary"):
        if not Page.objects.filter(slug=slug).exists():
            make_page(slug, title=slug, body="## One\n\nAn [[a-word]].\n\n## Two\n\nText.")
    ClinicProfile.objects.update(address="1 Main Street\nBrooklyn", email="a-long-address@clinic.example.org")
    return ["/about/", "/glossary/", "/handout/", "/nothing/", *(f"/search/?q={quote(query)}" for query in QUERIES)]


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
def test_axe_finds_nothing_and_nothing_sticks_out(browser: Browser, site: str, paths: list[str], size, scheme):
    context = browser.new_context(viewport=size, color_scheme=scheme)
    visit = Visit(context, site)

    found = {}
    for path in paths:
        visit.open(path)
        visit.page.evaluate(LAY_OUT_ALL)
        found[path] = visit.axe() + visit.look("wide")

    context.close()
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert visit.troubles == []


def test_nothing_sticks_out_of_a_narrow_window(browser: Browser, site: str, paths: list[str]):
    context = browser.new_context(viewport=NARROW)
    page = context.new_page()

    widths = {}
    for path in paths:
        page.goto(site + path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")

    context.close()
    assert {path: width for path, width in widths.items() if width > NARROW["width"]} == {}


@pytest.mark.parametrize("visit", [False], ids=["no script"], indirect=True)
def test_a_visitor_without_script_searches_from_the_menu_to_the_section(visit: Visit):
    page = visit.open("/types/")
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Search").click()
    page.get_by_role("searchbox", name="Search this site").fill("bladdr")
    page.keyboard.press("Enter")

    page.get_by_role("status").get_by_text("Showing results for “bladder”").wait_for()
    page.locator(".results__link").first.click()
    page.wait_for_url(re.compile(r"/[a-z-]+/(#section-.+)?$"))
    assert page.context.cookies() == []


def test_a_policy_that_forbids_scripts_lets_the_linked_data_through(visit: Visit):
    page = visit.open("/types/")

    assert "MedicalWebPage" in page.locator("script[type='application/ld+json']").text_content()
    assert visit.troubles == []


def test_the_handout_on_paper_begins_with_help_and_contents_and_ends_with_the_glossary(visit: Visit, paths: list[str]):
    page = visit.open("/handout/")

    sheets = [sheet.extract_text() for sheet in PdfReader(BytesIO(page.pdf(format="Letter"))).pages]

    for text in ("Everything on paper", "911", "988", "Brooklyn", "Contents", "Glossary"):
        assert text in sheets[0]
    assert "What is this site for?" in sheets[1]
    assert "What u-word means." in sheets[-1]
    titles = {page.title for page in Page.objects.all()}
    assert [sheet for sheet in sheets if sheet.strip().splitlines()[-1] in titles] == []
