"""Every public page, as a phone and a desk show it."""

import pytest
from playwright.sync_api import Browser

from content.models import Edition
from tests.browser.conftest import DESK, PHONE, Visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_and_nothing_sticks_out_of_any_page(browser: Browser, site: str, size, scheme):
    context = browser.new_context(viewport=size, color_scheme=scheme)
    visit = Visit(context, site)

    found = {}
    for page in Edition.objects.live():
        visit.open(page.get_absolute_url())
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        found[page.slug] = visit.axe()

    context.close()
    assert {slug: faults for slug, faults in found.items() if faults} == {}
    assert len(found) >= 10
    assert visit.troubles == []
