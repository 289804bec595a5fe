import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.staticfiles import handlers
from playwright.sync_api import Browser, BrowserContext, Page

from clinic.models import User
from intake import spam
from tests.browser.served import Served
from tests.chromium import chromium
from tests.factories import make_user
from tests.stock import stock

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread that also uses the database

FLAGS = [
    "--in-process-gpu",  # there is none: what paints instead needs no process of its own, and a page costs a sixth less
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def script(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


AXE = AXE_SCRIPT + script("quick_colours.js")
JUDGE = script("judge.js")
CLEAR, VERY_CLEAR = "color-contrast", "color-contrast-enhanced"
LINKS = "link-in-text-block"  # beside the contrast, nothing else depends on the scheme
IN_THE_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
LOOKING = script("looking.js")
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium(*FLAGS) as browser:
        yield browser


@pytest.fixture(scope="session", autouse=True)
def _served():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handlers, "StaticFilesHandler", Served)
        yield


@pytest.fixture(autouse=True)
def _quick_people(monkeypatch):
    """A browser that a test drives fills a form in faster than a person could."""
    monkeypatch.setattr(spam, "FASTEST", 0)


@pytest.fixture
def site(live_server, transactional_db) -> str:
    """The portal as `make run` serves it, with its pages and questionnaires."""
    stock("load_pages", "load_questionnaires")
    return live_server.url


class Visit:
    """A browser window that fails the test on a script error, a policy violation or a foreign request."""

    def __init__(self, context: BrowserContext, site: str, *, script: bool = True) -> None:
        self.site, self.page, self.script = site, context.new_page(), script
        self.troubles: list[str] = []
        self.judged: list[str] = []  # kinds of letters
        self.page.on("pageerror", lambda error: self.troubles.append(f"script error: {error.message}"))
        self.page.on("console", lambda said: said.type == "error" and self._heard(said.text))
        self.page.on("request", lambda request: self._asked(request.url))

    def _heard(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.troubles.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.site, "data:")):
            self.troubles.append(f"request to {url.split('/')[2]}")

    def open(self, path: str) -> Page:
        self.page.goto(self.site + path)
        return self.page

    def axe(self, contrast: tuple[str, ...] = (CLEAR,)) -> list[str]:
        """What axe-core objects to on the page as it is, once it is there whole, a line a rule.

        In the dark by the rules of colours alone, because each such page is seen in the light as well. The contrast
        of letters goes by the rules in `contrast`, each kind of them judged once.
        """
        self.page.wait_for_load_state()  # a click waits only until the answer begins
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        rules = {"rules": {rule: {"enabled": rule in contrast} for rule in (CLEAR, VERY_CLEAR)}}
        if self.page.evaluate(IN_THE_DARK):
            rules = {"runOnly": [LINKS, *contrast]}
        found = self.page.evaluate(JUDGE, {"judged": self.judged, "contrast": contrast, "rules": rules})
        self.judged = found["judged"]
        return found["faults"]

    def look(self, *what: str) -> list[str]:
        """The faults that these functions of looking.js find."""
        self.page.wait_for_load_state()
        return [fault for name in what for fault in self.page.evaluate(f"{LOOKING}.{name}()")]


@pytest.fixture(params=[True], ids=["script"])
def visit(request, browser: Browser, site: str) -> Iterator[Visit]:
    """A visitor on a phone; parametrize it indirectly with False for one without JavaScript."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param)
    yield from _watched(Visit(context, site, script=request.param), context)


@pytest.fixture
def staff_visit(browser: Browser, site: str) -> Iterator[Visit]:
    context = browser.new_context(viewport=DESK)
    yield from _watched(Visit(context, site), context)


def _watched(visit: Visit, context: BrowserContext) -> Iterator[Visit]:
    context.set_default_timeout(10_000)
    yield visit
    context.close()
    assert visit.troubles == []


PASSWORD = "a long password of the tests"


@pytest.fixture
def staff(site) -> User:
    user = make_user(is_superuser=True)
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(visit: Visit, email: str = "staff@example.org", path: str = "/admin/intake/submission/") -> Page:
    page = visit.open(path)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#logout-form").wait_for()
    page.wait_for_load_state()
    return page
