"""A database server that is killed between two steps of a screening."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from clinic.postgres import Server
from tests.browser.conftest import PHONE
from tests.dump import copy_into
from tests.environment import FAST, settings
from tests.processes import free_port, kill, wait_for
from tests.stock import stock

ROOT = Path(__file__).parents[2]


@pytest.fixture
def running(tmp_path, transactional_db):
    """A portal of its own, as processes: its address and its database server."""
    server, port = Server(tmp_path / "postgres"), free_port()
    server.start(*FAST)
    stock("load_pages", "load_questionnaires")
    copy_into(server)
    env = os.environ | settings(server.url()) | {"SITE_URL": f"http://127.0.0.1:{port}"}
    env["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    serve = [
        "granian",
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--log-level",
        "critical",
        "clinic.wsgi:application",
    ]
    web = subprocess.Popen([sys.executable, "-m", *serve], cwd=ROOT, env=env)
    wait_for(f"http://127.0.0.1:{port}/healthz")
    yield f"http://127.0.0.1:{port}", server
    web.terminate()
    web.wait(20)
    server.stop()


def test_nothing_that_was_answered_is_lost_when_a_killed_database_is_back(browser: Browser, running):
    address, server = running
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(f"{address}/screening/")
    page.get_by_role("button", name="Start the screening").click()
    page.get_by_label("Your full name").fill("Marta Quill")
    page.get_by_role("button", name="Save and come back later").click()
    page.goto(f"{address}/screening/2/")
    page.get_by_role("group", name="better off dead").get_by_label("Several days").check()

    kill(server)
    page.get_by_role("button", name="Continue").last.click()

    expect(page.get_by_role("heading", name="If you need someone now")).to_be_in_viewport()
    assert page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus") == 503
    server.start(*FAST)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", name="Help is there now")).to_be_in_viewport()
    page.goto(f"{address}/screening/2/")
    expect(page.get_by_role("group", name="better off dead").get_by_label("Several days")).to_be_checked()
    page.goto(f"{address}/screening/1/")
    expect(page.get_by_label("Your full name")).to_have_value("Marta Quill")
