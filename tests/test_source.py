"""What the project does without: dangerous things that no line of it may use, but where a reason is given."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON, TEMPLATES, SCRIPTS = ("clinic", "content", "intake"), ("templates",), ("static/js",)

# What: where it is looked for, what it looks like, an example that must be found, and the files that may have it.
RULES: dict[str, tuple[tuple[str, ...], str, str, set[str]]] = {
    "text that is run as code": (PYTHON, r"(?<![\w.])(eval|exec|compile)\(|__import__\(", "eval(text)", set()),
    "a shell": (PYTHON, r"shell=True|os\.(system|popen)", "os.system(f'rm {name}')", set()),
    "objects out of untrusted bytes": (
        PYTHON,
        r"\b(pickle|marshal|shelve)\b|yaml\.(unsafe_)?load\(",
        "import pickle",
        set(),
    ),
    "an XML parser": (PYTHON, r"\b(lxml|minidom|xml\.(etree|sax|dom))\b", "from xml.etree import ElementTree", set()),
    "a request to another host": (
        PYTHON,
        r"urllib\.request|urlopen|http\.client|\b(requests|httpx|aiohttp|urllib3)\.|import (requests|httpx)\b",
        "import httpx",
        {
            "clinic/local.py",  # asks its own server on loopback whether it answers
            "clinic/doctor/site.py",  # asks SITE_URL what a visitor would get
        },
    ),
    "SQL past the ORM": (PYTHON, r"RawSQL|\.extra\(|objects\.raw\(", "Page.objects.raw(text)", set()),
    "SQL that is put together": (
        PYTHON,
        r"execute\(\s*f[\"']|execute\([^)]*(%|\+) ",
        "cursor.execute(f'SELECT {name}')",
        {"clinic/rotation/tables.py"},  # the names of our own tables and columns, quoted
    ),
    "a broken hash": (PYTHON, r"\b(md5|sha1)\b", "hashlib.md5(text)", set()),
    "numbers that can be guessed": (
        PYTHON,
        r"^(from|import) random\b",
        "import random",
        {"clinic/outbox.py", "intake/samples.py", "intake/bulk.py"},  # how long to wait; invented submissions
    ),
    "a form without its token": (PYTHON, r"csrf_exempt", "@csrf_exempt", set()),
    "a door for other origins": (PYTHON, r"Access-Control-", 'response["Access-Control-Allow-Origin"]', set()),
    "an uploaded file": (PYTHON, r"\b(FileField|ImageField|request\.FILES)\b", "forms.FileField()", set()),
    "a template out of text": (PYTHON, r"(?<![\w.])Template\(|from_string\(", "Template(text)", set()),
    "markup that is not escaped": (TEMPLATES, r"\|\s*safe\b|autoescape off", "{{ text|safe }}", set()),
    "a script or style in a page": (
        TEMPLATES,
        r"<script(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)|\son\w+=\"|\sstyle=\"",
        '<p onclick="x()">',
        set(),
    ),
    "markup out of text": (
        SCRIPTS,
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
        "box.innerHTML = text",
        set(),
    ),
    "what a page keeps in the browser": (
        SCRIPTS,
        r"localStorage|sessionStorage|indexedDB|document\.cookie",
        "localStorage.note = text",
        set(),
    ),
    "messages between windows": (
        SCRIPTS,
        r"(window|parent|opener|frame)\w*\.postMessage|onmessage",
        "window.postMessage(x)",
        set(),
    ),
}


@cache
def lines(folders: tuple[str, ...]) -> list[tuple[str, str]]:
    """Every line of the code but comments and migrations, each with its file."""
    files = [
        file for folder in folders for file in sorted((ROOT / folder).rglob("*.*")) if "migrations" not in file.parts
    ]
    texts = {file: file.read_text(encoding="utf-8") for file in files if file.suffix in {".py", ".html", ".txt", ".js"}}
    return [
        (str(file.relative_to(ROOT)), line)
        for file, text in texts.items()
        for line in text.splitlines()
        if not line.lstrip().startswith(("#", "//"))
    ]


@pytest.mark.parametrize("what", RULES)
def test_the_code_does_without(what):
    folders, pattern, example, reasoned = RULES[what]
    wanted = re.compile(pattern)
    assert wanted.search(example)

    found = {file for file, line in lines(folders) if wanted.search(line)}

    assert len(lines(folders)) > 100
    assert found == reasoned
