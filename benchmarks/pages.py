"""Every public page measured, into docs/pages.md: python -m benchmarks.pages

RUNS=1 and ONLY=/types/ make a quick look, which is printed and not kept. Needs npm, Chromium, and what the tests need.
"""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Response

from benchmarks import production
from tests.chromium import CHROMIUM, chromium

LIGHTHOUSE = "lighthouse@12.8.2"  # the newest that runs on Node.js 20
TOOLS = Path(sys.prefix) / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
OTHERS = ("content:handout", "intake:contact", "intake:screening")
TRIES = 4  # at one run
RUNS = int(os.environ.get("RUNS", 3))
ONLY = os.environ.get("ONLY", "").split()
PORT = int(os.environ.get("PORT", 8443))
OUT = production.ROOT / "docs/pages.md"


@dataclass
class Weight:
    """What a first visit fetches, and leaves behind."""

    html: int  # bytes, gzipped
    assets: int  # bytes of style sheets and scripts, gzipped
    requests: int
    foreign: int
    cookies: int


@dataclass
class Judgement:
    """The worst of several runs."""

    scores: dict[str, int]
    lcp: float  # seconds
    cls: float
    total: int  # bytes
    failed: tuple[str, ...]


@dataclass
class Text:
    words: int
    reading: str
    statements: int
    sources: int


def main() -> None:
    lighthouse = installed()
    with tempfile.TemporaryDirectory(prefix="clinic-pages-") as folder, production.site(Path(folder), PORT) as address:
        paths = [path for path in addresses() if not ONLY or path in ONLY]
        with chromium() as browser:
            weights = {path: weigh(browser, address, path) for path in paths}
            version = browser.version
        judgements = {}
        for path in paths:
            judgements[path] = judge(lighthouse, address + path)
            print(path, judgements[path], file=sys.stderr, flush=True)
        texts = dict(read())
    table = "\n".join(report(paths, weights, judgements, texts, version))
    if ONLY or RUNS < 3:
        print(table)
    else:
        OUT.write_text(table, encoding="utf-8")


def addresses() -> list[str]:
    """The published pages, then the two forms, in every language."""
    from django.conf import settings
    from django.urls import reverse
    from django.utils import translation

    from content.models import Edition

    found = []
    for language, _ in settings.LANGUAGES:
        editions = Edition.objects.live().filter(page__language=language).order_by("order", "page__slug")
        found += [edition.get_absolute_url() for edition in editions]
        with translation.override(language):
            found += [reverse(name) for name in OTHERS]
    return found


def weigh(browser: Browser, address: str, path: str) -> Weight:
    """Open the page as a new visitor, to its end."""
    context = browser.new_context(ignore_https_errors=True)
    page, answers = context.new_page(), list[Response]()
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address + path, wait_until="networkidle")
    kinds = {"html": ("document",), "assets": ("stylesheet", "script")}
    bodies = {
        name: sum(len(gzip.compress(it.body())) for it in answers if it.request.resource_type in of)
        for name, of in kinds.items()
    }
    foreign = sum(not it.url.startswith((address, "data:")) for it in answers)
    weight = Weight(**bodies, requests=len(answers), foreign=foreign, cookies=len(context.cookies()))
    context.close()
    return weight


def installed() -> Path:
    """Lighthouse, from npm into the virtual environment."""
    program = TOOLS / LIGHTHOUSE / "node_modules/.bin/lighthouse"
    if not program.exists():
        quiet = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")
        subprocess.run(["npm", "install", *quiet, "--prefix", str(TOOLS / LIGHTHOUSE), LIGHTHOUSE], check=True)
    return program


def judge(lighthouse: Path, url: str) -> Judgement:
    runs = [_run(lighthouse, url) for _ in range(RUNS)]
    audits = [run["audits"] for run in runs]
    return Judgement(
        scores={name: min(round(run["categories"][name]["score"] * 100) for run in runs) for name in CATEGORIES},
        lcp=max(found["largest-contentful-paint"]["numericValue"] for found in audits) / 1000,
        cls=max(found["cumulative-layout-shift"]["numericValue"] for found in audits),
        total=max(found["total-byte-weight"]["numericValue"] for found in audits),
        failed=tuple(sorted({name for run in runs for name in _failed(run)})),
    )


def _run(lighthouse: Path, url: str) -> dict[str, Any]:
    """One run with the preset of a phone, in a Chromium of its own. One that breaks off measures nothing: again."""
    flags = "--headless=new --no-sandbox --disable-gpu --ignore-certificate-errors"
    command = [str(lighthouse), url, "--quiet", "--output=json", f"--chrome-flags={flags}"]
    command.append(f"--only-categories={','.join(CATEGORIES)}")
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        for _ in range(TRIES):
            env = os.environ | {"CHROME_PATH": str(CHROMIUM)}
            if subprocess.run([*command, f"--output-path={file.name}"], env=env).returncode == 0:
                found: dict[str, Any] = json.loads(Path(file.name).read_bytes())
                if all(found["categories"][name]["score"] is not None for name in CATEGORIES):
                    return found
    raise RuntimeError(f"Lighthouse broke off {TRIES} times on {url}.")


def _failed(run: dict[str, Any]) -> Iterator[str]:
    """The audits that cost points."""
    for name in CATEGORIES:
        for audit in run["categories"][name]["auditRefs"]:
            score = run["audits"][audit["id"]]["score"]
            if audit["weight"] and score is not None and score < 0.9:
                yield audit["id"]


def read() -> Iterator[tuple[str, Text]]:
    """How the texts of the pages read, by path."""
    from content import markdown
    from content.models import Edition

    for edition in Edition.objects.live().with_sources():
        summary, body = markdown.inline_tokens_of(edition.summary), markdown.tokens_of(edition.body)
        cited = sum(token.meta["first"] for token in markdown.walk([*summary, *body]) if token.type == "citation")
        html = f"{edition.rendered.summary}\n{edition.rendered.body}"
        plain = _plain(html)
        yield (
            edition.get_absolute_url(),
            Text(len(plain.split()), reading(plain, edition.language), cited, len(edition.rendered.sources)),
        )


def _plain(html: str) -> str:
    """The words that are read, a line for each block; no numbers of sources."""
    html = re.sub(r"<sup.*?</sup>", "", html, flags=re.DOTALL)
    html = re.sub(r"</(?:p|li|h\d|t[dh])>", "\n", html)
    return re.sub(r"<[^>]*>", "", html)


def reading(text: str, language: str) -> str:
    """The measure of the tests of the texts: a school grade in English, an ease in Spanish."""
    try:
        from tests.content.reading import score
    except ImportError:
        return "–"
    return f"{score(text, language):.1f}"


def report(
    paths: list[str],
    weights: dict[str, Weight],
    judgements: dict[str, Judgement],
    texts: dict[str, Text],
    version: str,
) -> Iterator[str]:
    said = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True)
    yield "# The public pages, measured\n"
    yield (
        f"Made by `make pages` on {datetime.now(UTC).date()} at commit {said.stdout.strip()}, with {LIGHTHOUSE} "
        f"(its preset for a phone, the worst of {RUNS} runs) and Chromium {version}. The site runs as in production, "
        "with https, on the same computer.\n"
    )
    yield "## What Lighthouse says\n"
    yield "| page | performance | accessibility | best practices | SEO | LCP | CLS | bytes in all | what costs points |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|---|"
    for path in paths:
        found = judgements[path]
        scores = " | ".join(str(found.scores[name]) for name in CATEGORIES)
        failed = ", ".join(found.failed)
        yield f"| {path} | {scores} | {found.lcp:.1f} s | {found.cls:.3f} | {found.total:,.0f} | {failed} |"
    yield "\n## What a first visit fetches\n"
    yield "Bytes are gzipped.\n"
    yield "| page | HTML | CSS and JavaScript | requests | to third parties | cookies |"
    yield "|---|--:|--:|--:|--:|--:|"
    for path in paths:
        it = weights[path]
        yield f"| {path} | {it.html:,} | {it.assets:,} | {it.requests} | {it.foreign} | {it.cookies} |"
    yield "\n## How the texts read\n"
    yield (
        "Reading: the school grade of Flesch and Kincaid in English; in Spanish the ease of Szigriszt and Pazos, where "
        "higher is easier. A statement is a place in the text that cites one source or several.\n"
    )
    yield "| page | words | reading | statements with a source | sources |"
    yield "|---|--:|--:|--:|--:|"
    for path in paths:
        if text := texts.get(path):
            yield f"| {path} | {text.words:,} | {text.reading} | {text.statements} | {text.sources} |"
    yield ""


if __name__ == "__main__":
    main()
