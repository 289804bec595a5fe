"""That the tests of pages would see a fault: on a page that comes slowly, and on one that resembles another."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from django.http import HttpResponse

from tests.browser.conftest import CLEAR, VERY_CLEAR, Visit
from tests.browser.test_every_state import Replay

ANSWER = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n"
PAGE = '<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>{}</main>'
LINK, FAINT = '<a href="/slow">On</a>', '<p style="color: #bbb">Faint</p>'


@pytest.fixture
def slow_site() -> Iterator[str]:
    """Answers at once, but the page called /slow follows only after a while."""

    def serve() -> None:
        while True:
            taken = listener.accept()[0]
            asked = taken.recv(4096)
            if not asked.startswith(b"GET"):
                return taken.close()
            taken.sendall(ANSWER)
            if b"/slow" in asked:
                time.sleep(1)
            taken.sendall(PAGE.format(FAINT if b"/slow" in asked else LINK).encode())
            taken.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        with socket.create_connection(listener.getsockname()) as last:
            last.sendall(b"END")
        thread.join()


def test_after_a_click_axe_waits_until_the_new_page_is_there_whole(browser, slow_site):
    context = browser.new_context()
    visit = Visit(context, slow_site)
    visit.open("/")
    assert visit.axe() == []

    visit.page.get_by_role("link").click()

    assert visit.axe() == [f"{CLEAR}: {FAINT}"]
    context.close()


def test_letters_are_judged_once_a_kind_and_not_before_they_are_shown(browser, live_server):
    dark, grey = '<p style="color: #222">Dark</p>', '<p style="color: #666">Grey</p>'
    bodies = {
        "dark on white": dark,
        "hidden": FAINT.replace("<p", "<p hidden"),
        "shown": FAINT,
        "again": FAINT,
        "larger": f"<h2>{FAINT}</h2>",
        "dark on black": f'<div style="background: #000">{dark}{FAINT}</div>',
        "neither clear nor faint": grey,
    }
    states = {name: HttpResponse(PAGE.format(body)) for name, body in bodies.items()}

    found = Replay(browser, live_server.url, states).measure(lambda shown: shown.axe((CLEAR, VERY_CLEAR)))

    assert found == {
        "shown": [f"{CLEAR}: {FAINT}"],
        "larger": [f"{CLEAR}: {FAINT}"],
        "dark on black": [f"{CLEAR}: {dark}"],
        "neither clear nor faint": [f"{VERY_CLEAR}: {grey}"],
    }
