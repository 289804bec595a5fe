"""Make static/img/og.png, which shared links show, from static/img/og.svg beside it: og.py, without arguments."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parents[2] / "static" / "img"
SIZE = {"width": 1200, "height": 630}


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_page(viewport=SIZE)
        page.goto((IMAGES / "og.svg").as_uri())
        page.screenshot(path=IMAGES / "og.png")
        browser.close()


if __name__ == "__main__":
    main()
