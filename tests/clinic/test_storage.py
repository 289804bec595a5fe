"""What collectstatic makes of the style sheets for a site in production."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

from clinic.storage import joined
from tests.production import collect


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    collect(folder := tmp_path_factory.mktemp("static"))
    return folder


def sheet_of(folder: Path, name: str) -> Path:
    return next(path for path in (folder / "css").glob(f"{name}.*.css"))


def test_every_style_sheet_of_the_site_is_one_file_in_its_layer(collected):
    main, parts = sheet_of(collected, "main").read_text(), Path(settings.STATICFILES_DIRS[0]) / "css"

    assert "@import" not in main
    assert main.count("{") == main.count("}")
    for path in re.findall(r'url\("([^"]+)"\)', (parts / "main.css").read_text()):
        rules = [line for line in (parts / path).read_text().splitlines() if "{" in line and "url(" not in line]
        assert rules, path
        assert [rule for rule in rules if rule not in main] == []
    assert "@import" not in sheet_of(collected, "admin").read_text()


def test_a_picture_that_a_joined_sheet_names_is_there(collected):
    pictures = re.findall(r'url\("([^"#]+\.svg)"\)', sheet_of(collected, "main").read_text())

    assert pictures
    assert all((collected / "css" / picture).resolve().is_file() for picture in pictures)


def test_the_style_of_the_public_site_is_small(collected):
    assert len(gzip.compress(sheet_of(collected, "main").read_bytes(), 9)) < 12_000


def test_layer_and_medium_of_an_import_are_kept(tmp_path):
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text("a { b: c; }\n")
    (tmp_path / "css" / "main.css").write_text('@import url("a.css") layer(base) print;\n')

    assert joined(tmp_path / "css" / "main.css") == "@layer base {\n@media print {\na { b: c; }\n}\n}\n\n"
