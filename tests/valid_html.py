"""The HTML of every state of every page, and our drawings, read by the Nu Html Checker. Its CSS is older than ours.

`make lint` runs this, `make test` does not.
"""

import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.states import every_state

CHECKER = "vnu-jar@26.9.27"
FOLDER = Path(sys.prefix) / "vnu"
ROOT = Path(__file__).parents[1]


def runs(*command: str) -> bool:
    """macOS has a `java` that only says where to get one."""
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture(scope="session")
def checker() -> Path:
    if not runs("java", "-version"):
        pytest.skip("the HTML is not checked: there is no Java here")
    jar = FOLDER / CHECKER / "node_modules/vnu-jar/build/dist/vnu.jar"
    if not jar.exists():
        if not runs("npm", "--version"):
            pytest.skip(f"the HTML is not checked: there is no npm here to install {CHECKER}")
        quiet = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--fetch-retries=1")
        if not runs("npm", "install", *quiet, "--prefix", str(FOLDER / CHECKER), CHECKER):
            pytest.skip(f"the HTML is not checked: npm does not get {CHECKER} from its registry")
    return jar


def test_the_html_is_valid(checker, packet, tmp_path):
    call_command("load_pages", verbosity=0, stdout=StringIO())
    for language, _ in settings.LANGUAGES:
        for name, response in every_state(language).items():
            (tmp_path / f"{name.replace(' ', '-')} {language}.html").write_bytes(response.content)
    for drawing in (ROOT / "static").rglob("*.svg"):
        shutil.copy(drawing, tmp_path)

    command = ["java", "-jar", str(checker), "--also-check-svg", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True)

    assert (said.returncode, said.stderr.replace(f"file:{tmp_path}/", "")) == (0, "")
