"""Take the README's pictures of a running `make run`; sends no screening.

python -m docs.screenshots.take ADDRESS STAFF-PASSWORD [FOLDER]
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.chromium import chromium

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def main(site: str, password: str, folder: str = str(Path(__file__).parent)) -> None:
    with chromium() as browser:
        phone, desk = window(browser, PHONE), window(browser, DESK)
        for page in (phone, desk):
            page.goto(site)
        shoot(phone, folder, "home-phone")
        trials = window(browser, DESK)
        trials.goto(f"{site}/why-ketamine/")
        trials.locator(".figure").screenshot(path=Path(folder) / "trials-desk.png")
        shoot(desk, folder, "home-desk")
        screen(phone, site, folder)
        review(desk, site, password, folder)


def window(browser: Browser, size: dict[str, int]) -> Page:
    return browser.new_context(
        viewport=size, device_scale_factor=1.5 if size is PHONE else 1, reduced_motion="reduce"
    ).new_page()


def shoot(page: Page, folder: str, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=Path(folder) / f"{name}.png")


def screen(page: Page, site: str, folder: str) -> None:
    page.goto(f"{site}/screening/")
    page.get_by_role("button", name="Start the screening").click()
    page.get_by_label("Month").fill("2")
    page.get_by_label("Day").fill("29")
    page.get_by_label("Year").fill("1980")
    page.get_by_role("textbox", name=re.compile("name", re.I)).first.fill("Sample Person")
    page.get_by_role("group", name=re.compile("reach you")).last.get_by_label("E-mail", exact=True).check()
    page.get_by_label("E-mail address").first.fill("sample@example.org")
    page.get_by_role("button", name="Continue").last.click()
    shoot(page, folder, "question-phone")
    page.locator("form fieldset").filter(has_text="better off dead").last.locator("input").nth(1).check()
    page.get_by_role("button", name="Continue").last.click()
    page.locator(".help-panel").wait_for()
    shoot(page, folder, "help-phone")


def review(page: Page, site: str, password: str, folder: str) -> None:
    page.goto(f"{site}/admin/")
    page.get_by_label("E-mail address").fill("staff@localhost.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    shoot(page, folder, "desk-start")
    page.goto(f"{site}/admin/intake/submission/")
    shoot(page, folder, "desk-list")
    page.locator("#result_list tbody tr th a").first.click()
    page.wait_for_load_state()
    shoot(page, folder, "desk-submission")


if __name__ == "__main__":
    main(*sys.argv[1:])
