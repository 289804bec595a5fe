"""Every public page in every state, as a desk, a phone, forced colours and a page enlarged to 400 % show it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from playwright.sync_api import Browser

from tests.browser.conftest import AXE, CLEAR, DESK, LOOKING, PHONE, VERY_CLEAR, Visit
from tests.browser.served import record
from tests.states import every_state

pytestmark = pytest.mark.django_db(transaction=True)

ENLARGED = {"width": 320, "height": 256}  # 1280 × 1024 at 400 %
LOOKS: dict[str, dict[str, Any]] = {
    "light on a desk": {"viewport": DESK, "color_scheme": "light"},
    "dark on a phone": {"viewport": PHONE, "color_scheme": "dark"},
    "enlarged in forced colours": {"viewport": ENLARGED, "forced_colors": "active"},
}


class Replay(Visit):
    """Shows recorded answers, so that a state costs one page and not the way to it. The rest comes from the site."""

    def __init__(self, browser: Browser, site: str, states: dict[str, HttpResponse], **look: Any) -> None:
        super().__init__(browser.new_context(**{"reduced_motion": "reduce", **look}), site)
        self.paths = {name: record(answer) for name, answer in states.items()}

    def measure(self, look: Callable[["Replay"], list[str]], *, with_axe: bool = True) -> dict[str, list[str]]:
        """The faults by state; those without are left out."""
        if with_axe:
            self.page.add_init_script(AXE)
        faults = {}
        for name, path in self.paths.items():
            self.open(path)
            faults[name] = look(self)
        self.page.context.close()
        assert self.troubles == []
        return {name: found for name, found in faults.items() if found}


OPEN_MENUS = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
ASK_ALL = "document.querySelectorAll('[data-item]').forEach((one) => { one.hidden = false; })"


def as_it_is(replay: Replay, *contrast: str) -> list[str]:
    faults = replay.axe(contrast) + replay.look("wide", "moving")
    replay.page.evaluate(OPEN_MENUS)
    return faults + replay.look("targets")


def with_wide_text(replay: Replay) -> list[str]:
    """With every question that an answer could bring, then with the menu open."""
    replay.page.evaluate(ASK_ALL)
    replay.page.evaluate(f"{LOOKING}.space()")
    faults = replay.look("wide", "cramped")
    replay.page.evaluate(OPEN_MENUS)
    return faults + replay.look("wide", "cramped")


def with_wide_text_and_axe(replay: Replay) -> list[str]:
    faults = with_wide_text(replay)
    # The colours are the reader's own, and axe-core would judge those of the page.
    return faults + replay.axe(())


@pytest.mark.parametrize(("look", "contrast"), [("light on a desk", [CLEAR]), ("dark on a phone", [CLEAR, VERY_CLEAR])])
def test_axe_finds_nothing_and_every_control_is_large_enough(browser, site, look, contrast):
    replay = Replay(browser, site, every_state("en"), **LOOKS[look])

    assert replay.measure(lambda shown: as_it_is(shown, *contrast)) == {}


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_enlarged_to_400_percent_with_wide_text_and_forced_colours_all_is_there(browser, site, language):
    """axe-core reads the English above, and here every other language with all the questions that there can be."""
    replay = Replay(browser, site, every_state(language), **LOOKS["enlarged in forced colours"])
    look = with_wide_text if language == settings.LANGUAGE_CODE else with_wide_text_and_axe

    assert replay.measure(look, with_axe=look is with_wide_text_and_axe) == {}
