"""Every public page in every state, as a desk, a phone, forced colours and a page enlarged to 400 % show it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.conf import settings
from django.http import HttpResponse
from playwright.sync_api import Browser, Route

from clinic.storage import joined
from tests.browser.conftest import AXE, DESK, LOOKING, PHONE, Visit, script
from tests.states import every_state

pytestmark = pytest.mark.django_db(transaction=True)

ENLARGED = {"width": 320, "height": 256}  # 1280 × 1024 at 400 %
SHEET = joined(Path(settings.STATICFILES_DIRS[0]) / "css/main.css")
LOOKS: dict[str, dict[str, Any]] = {
    "light on a desk": {"viewport": DESK, "color_scheme": "light"},
    "dark on a phone": {"viewport": PHONE, "color_scheme": "dark"},
    "enlarged in forced colours": {"viewport": ENLARGED, "forced_colors": "active"},
}
CONTRAST = script("contrast.js")
CLEAR, VERY_CLEAR = "color-contrast", "color-contrast-enhanced"
ALL_BUT_CONTRAST = {"rules": {CLEAR: {"enabled": False}}}
LINKS = {"runOnly": ["link-in-text-block"]}  # beside the contrast, nothing else depends on the scheme


class Replay(Visit):
    """Shows recorded answers, so that a state costs one page and not the way to it. The rest comes from the site."""

    def __init__(self, browser: Browser, site: str, states: dict[str, HttpResponse], **look: Any) -> None:
        super().__init__(browser.new_context(**{"reduced_motion": "reduce", **look}), site)
        self.states, self.judged = states, []
        self.page.add_init_script(AXE)
        self.page.route(f"{site}/states/*", self._answer)
        # The sheet as it is in production: one request, and no cache helps a page whose requests are answered here.
        self.page.route(f"{site}/static/css/main.css", lambda route: route.fulfill(content_type="text/css", body=SHEET))

    def _answer(self, route: Route) -> None:
        answer = self.states[unquote(route.request.url.rsplit("/", 1)[1])]
        route.fulfill(status=answer.status_code, headers=dict(answer.items()), body=answer.content)

    def contrast(self, *rules: str) -> list[str]:
        """What these rules object to in the letters that look like none of the states before."""
        found = self.page.evaluate(CONTRAST, {"judged": self.judged, "rules": rules})
        self.judged = found["judged"]
        return found["faults"]

    def measure(self, look: Callable[["Replay"], list[str]]) -> dict[str, list[str]]:
        """The faults by state; those without are left out."""
        faults = {}
        for name in self.states:
            self.open(f"/states/{quote(name, safe='')}")
            faults[name] = look(self)
        self.page.context.close()
        assert self.troubles == []
        return {name: found for name, found in faults.items() if found}


OPEN_MENUS = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
ASK_ALL = "document.querySelectorAll('[data-item]').forEach((one) => { one.hidden = false; })"


def as_it_is(replay: Replay, rules: dict[str, Any], *contrast: str) -> list[str]:
    faults = replay.axe(**rules) + replay.contrast(*contrast) + replay.look("wide", "moving")
    replay.page.evaluate(OPEN_MENUS)
    return faults + replay.look("targets")


def with_wide_text(replay: Replay) -> list[str]:
    """With every question that an answer could bring, then with the menu open."""
    replay.page.evaluate(ASK_ALL)
    replay.page.evaluate(f"{LOOKING}.space()")
    # The colours are the reader's own, and axe-core would judge those of the page.
    faults = replay.axe(**ALL_BUT_CONTRAST) + replay.look("wide", "cramped")
    replay.page.evaluate(OPEN_MENUS)
    return faults + replay.look("wide", "cramped")


@pytest.mark.parametrize(
    ("look", "rules", "contrast"),
    [("light on a desk", ALL_BUT_CONTRAST, [CLEAR]), ("dark on a phone", LINKS, [CLEAR, VERY_CLEAR])],
)
def test_axe_finds_nothing_and_every_control_is_large_enough(browser, site, look, rules, contrast):
    replay = Replay(browser, site, every_state("en"), **LOOKS[look])

    assert replay.measure(lambda shown: as_it_is(shown, rules, *contrast)) == {}


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_enlarged_to_400_percent_with_wide_text_and_forced_colours_all_is_there(browser, site, language):
    replay = Replay(browser, site, every_state(language), **LOOKS["enlarged in forced colours"])

    assert replay.measure(with_wide_text) == {}
