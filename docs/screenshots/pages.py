"""Take a picture of every public page, on three widths, light and dark, of a running `make run`.

python -m docs.screenshots.pages ADDRESS
"""

import base64
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.chromium import chromium

PAGES = (
    *("", "why-ketamine", "types", "mechanism", "side-effects", "notes", "your-visit", "get-help-now", "about"),
    *("privacy", "accessibility", "glossary", "search/?q=ketamin", "handout", "contact", "screening"),
)
SPANISH = ("", "why-ketamine", "side-effects", "get-help-now", "contact", "screening")
WIDTHS = (360, 768, 1280)
SHEET = """<!DOCTYPE html><style>
body { margin: 0; padding: 24px; background: #8b8f88; display: grid; grid-template-columns: repeat(3, auto); gap: 24px;
  width: max-content; align-items: start; }
img { height: 520px; }
</style>"""


def main(site: str, folder: str = str(Path(__file__).parent / "pages")) -> None:
    Path(folder).mkdir(exist_ok=True)
    with chromium() as browser:
        for language, pages in (("", PAGES), ("es/", SPANISH)):
            for page in pages:
                name = f"{language.strip('/') or 'en'}-{page.split('/')[0] or 'home'}"
                sheet(browser, f"{site}/{language}{page}", Path(folder) / f"{name}.jpg")


def sheet(browser: Browser, address: str, path: Path) -> None:
    """The first screen of a page on each width, light above dark, on one picture."""
    pictures = [shot(browser, address, width, scheme) for scheme in ("light", "dark") for width in WIDTHS]
    page = browser.new_page(viewport={"width": 1800, "height": 1380})
    page.set_content(SHEET + "".join(f'<img src="data:image/png;base64,{picture}">' for picture in pictures))
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.locator("body").screenshot(path=path, type="jpeg", quality=60)
    page.close()


def shot(browser: Browser, address: str, width: int, scheme: str) -> str:
    height = 900 if width > 360 else 780
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(address if address.endswith("/") or "?" in address else f"{address}/")
    page.wait_for_load_state("networkidle")
    picture = base64.b64encode(page.screenshot()).decode()
    page.close()
    return picture


if __name__ == "__main__":
    main(*sys.argv[1:])
