"""The figures on pages, on the narrowest phone and beyond."""

import pytest
from playwright.sync_api import Browser, Page

from content import figures
from tests.browser.conftest import Visit
from tests.content.factories import make_page

pytestmark = pytest.mark.django_db(transaction=True)

NARROW = {"width": 320, "height": 740}  # also what 400 % of zoom leaves of a desk's 1280


@pytest.fixture
def figures_site(site: str) -> str:
    """A page that shows all figures at once."""
    body = "\n\n".join(f"[figure: {name}]" for name in figures.NAMES)
    make_page("figures", title="Figures", summary="All.", body=body)
    return site


def smallest_letters(page: Page) -> float:
    """The size, in CSS pixels on the screen, of the smallest letters in the drawings."""
    return page.evaluate(
        """Math.min(...[...document.querySelectorAll('.figure svg text')].map(text =>
            parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
    )


def letters_out_of_place(page: Page) -> list[str]:
    """Letters of the drawings that leave their drawing or lie over other letters."""
    return page.evaluate(
        """[...document.querySelectorAll('.figure svg')].flatMap(svg => {
            const frame = svg.getBoundingClientRect()
            const texts = [...svg.querySelectorAll('text')].map(it => [it.textContent, it.getBoundingClientRect()])
            return texts.filter(([words, box], at) =>
                box.left < frame.left - 1 || box.right > frame.right + 1 ||
                texts.slice(at + 1).some(([, other]) => box.left < other.right && other.left < box.right &&
                    box.top < other.bottom - 4 && other.top < box.bottom - 4)
            ).map(([words]) => words)
        })"""
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_fit_every_screen_and_their_letters_can_be_read(browser: Browser, figures_site: str, scheme):
    context = browser.new_context(viewport=NARROW, color_scheme=scheme)
    visit = Visit(context, figures_site)
    page = visit.open("/figures/")
    page.locator(".figure__details summary").click()
    assert page.locator(".figure").count() == len(figures.NAMES)

    for width in (320, 360, 560, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert smallest_letters(page) >= (14 if width <= 360 else 12)
        assert letters_out_of_place(page) == []
        assert width not in (320, 1280) or visit.axe() == []

    context.close()
    assert visit.troubles == []


def test_in_forced_colors_nothing_is_drawn_in_the_color_of_its_ground(browser: Browser, figures_site: str):
    context = browser.new_context(viewport=NARROW, forced_colors="active")
    page = Visit(context, figures_site).open("/figures/")

    unseen = page.evaluate(
        """[...document.querySelectorAll('.figure svg :is(path, circle, line, text)')].filter(mark => {
            const style = getComputedStyle(mark), ground = getComputedStyle(document.documentElement).backgroundColor
            const paints = [style.fill, style.stroke].filter(paint => paint !== 'none')
            return !mark.closest('.scene__cell, .day__step--timed') && paints.every(paint => paint === ground)
        }).map(mark => mark.outerHTML)"""
    )
    context.close()
    assert unseen == []


def test_paper_shows_the_table_behind_the_plot_without_a_click(browser: Browser, figures_site: str):
    context = browser.new_context(viewport={"width": 768, "height": 1000})
    page = Visit(context, figures_site).open("/figures/")
    table = page.locator(".figure__details table")
    assert not table.is_visible()

    page.emulate_media(media="print")

    assert table.is_visible()
    context.close()


def test_the_table_opens_with_the_keyboard_and_a_source_leads_back_into_it(browser: Browser, figures_site: str):
    context = browser.new_context(viewport=NARROW)
    page = Visit(context, figures_site).open("/figures/")

    page.locator(".figure__details summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".figure__details table").is_visible()
    page.keyboard.press("Enter")
    assert not page.locator(".figure__details table").is_visible()

    place = page.locator(".figure__details td a, .figure__details th a").first.get_attribute("id")
    page.locator(f'.sources__back a[href="#{place}"]').click()
    assert page.locator(".figure__details table").is_visible()
    context.close()
