"""Make static/img/og.png, which shared links show, from static/img/og.svg beside it: python -m docs.screenshots.og"""

from pathlib import Path

from tests.chromium import chromium

IMAGES = Path(__file__).resolve().parents[2] / "static" / "img"
SIZE = {"width": 1200, "height": 630}


def main() -> None:
    with chromium() as browser:
        page = browser.new_page(viewport=SIZE)
        page.goto((IMAGES / "og.svg").as_uri())
        page.screenshot(path=IMAGES / "og.png")


if __name__ == "__main__":
    main()
