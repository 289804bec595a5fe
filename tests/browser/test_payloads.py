"""Nothing that anybody writes runs in a browser: every page that shows a text, with payloads in the place of texts."""

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Dialog, Error, Frame

from tests.browser.conftest import DESK, LOOKING
from tests.browser.test_every_state import Replay
from tests.payloads import EVIL, PAYLOADS
from tests.planted import Planted

pytestmark = pytest.mark.django_db(transaction=True)

# What a form says of itself and no page shows; it leaves in the files that programs read.
NOT_ON_PAGES = {f"form {part}" for part in ("description", "linkId", "entry format", "option prefix", "prefix")}
NOT_ON_PAGES |= {f"{where}, Spanish" for where in NOT_ON_PAGES}


class Trap(Replay):
    """Counts what runs, what the policy had to refuse, what is asked of others and where the window is sent."""

    def __init__(self, browser: Browser, site: str, states: dict[str, HttpResponse]) -> None:
        super().__init__(browser, site, states, viewport=DESK)
        context = self.page.context
        context.set_default_timeout(10_000)
        context.expose_function("ran", lambda *given: self.troubles.append("ran"))
        context.expose_function("settled", lambda: None)
        developer = context.new_cdp_session(self.page)  # a route of Playwright's own would switch the cache off
        developer.send("Network.enable")
        developer.send("Network.setBlockedURLs", {"urls": [f"*//{EVIL}*", "*.css"]})  # nothing here depends on looks
        context.on("page", lambda page: self.troubles.append("another window"))
        self.page.on("dialog", self._asks)
        self.page.on("framenavigated", self._moved)

    def _asks(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":  # the editor asks before it loses what was typed
            self.troubles.append(f"a dialog: {dialog.type}")
        dialog.accept()

    def _moved(self, frame: Frame) -> None:
        if not frame.url.startswith((self.site, "about:srcdoc")) and frame.url != "about:blank":
            self.troubles.append(f"sent to {frame.url}")

    def catch(self, path: str) -> list[str]:
        """What happens on this page."""
        self.troubles.clear()
        try:
            self.page.goto(self.site + path)
            # Once this is settled, all that ran before it is counted.
            self.troubles += self.page.evaluate(f"settled().then(() => {LOOKING}.planted())")
        except Error as error:  # the page was left while it was looked at
            self.troubles.append(error.message.split("\n")[0])
        return list(self.troubles)


def raw(payload: str) -> str:
    """The payload where a careless page would put it: a text, attributes, a script, Markdown."""
    markdown = MarkdownIt("commonmark")
    markdown.validateLink = lambda url: True
    return (
        f'<!DOCTYPE html><script>x = {{"y": "{payload}"}}</script><title>{payload}</title><h1>x</h1><form id=f></form>'
        f"{markdown.render(payload)}<div>{payload}</div>"
        f"<input value=\"{payload}\"><input value='{payload}'><input value={payload}>"
    )


@pytest.fixture
def traps(browser: Browser, site: str) -> Iterator[list[Trap]]:
    made: list[Trap] = []
    yield made
    for trap in made:
        trap.page.context.close()


def test_nothing_that_is_stored_runs_on_any_page(browser, site, traps, tmp_path):
    control = Trap(browser, site, {payload: HttpResponse(raw(payload)) for payload in PAYLOADS})
    traps.append(control)
    assert [payload for payload in PAYLOADS if not control.catch(control.paths[payload])] == []

    planted = Planted()
    pages = planted.pages()
    trap = Trap(browser, site, {name: shown(page) for name, page in pages.items()})
    traps.append(trap)
    trap.page.context.add_cookies(
        [{"name": name, "value": one.value, "url": site} for name, one in planted.client.cookies.items()]
    )
    found = {name: trap.catch(path) for name, path in trap.paths.items()}
    found["preview"] = trap.catch(trap.paths["content_page_change"])
    trap.page.frame_locator("iframe").get_by_text("<script>ran()</script>").first.wait_for()
    found["preview"] += trap.troubles
    (tmp_path / "print.html").write_text(document := planted.document(), encoding="utf-8")
    disk = Trap(browser, tmp_path.as_uri(), {})
    traps.append(disk)
    found["print.html, which has no policy"] = disk.catch("/print.html")

    assert {name: troubles for name, troubles in found.items() if troubles} == {}
    assert not_shown(planted, pages, document) <= NOT_ON_PAGES


def shown(page: HttpResponse) -> HttpResponse:
    """XML without its policy, which refuses the styles that the browser itself puts around it.

    A feed goes as any XML: Chromium would show it as a text, in which nothing can run.
    """
    if "xml" not in page["Content-Type"]:
        return page
    headers = {"Content-Type": "application/xml; charset=utf-8", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(page.content, headers=headers)


def not_shown(planted: Planted, pages: dict[str, HttpResponse], document: str) -> set[str]:
    """Where a payload was put that no page has shown: then this test would say nothing about that text."""
    shown = " ".join([document, *(page.content.decode() for page in pages.values())]).lower()
    return {where for mark, where in planted.planter.marks.items() if mark not in shown}
