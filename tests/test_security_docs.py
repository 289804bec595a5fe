"""docs/security.md and docs/asvs.md claim nothing that is not there."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

from clinic.fields import BlindIndexField, EncryptedField

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("security.md", "asvs.md")}
VERDICTS = ("met", "partly", "not met", "does not apply")
SIZES = {"1": 70, "2": 183}  # requirements of each level in ASVS 5.0.0
REQUIREMENT = re.compile(r"\| (\d+)\.(\d+)\.(\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| (.+) \|")
EVIDENCE = re.compile(r"`(?:tests/\S+::\w+|make \w+|manage\.py \w+|[\w./-]+\.(?:md|py|txt|js|conf))`")


def faults(text: str) -> set[str]:
    """What a text names and the project does not have."""
    return {*_missing_tests(text), *_missing_files(text), *_missing_commands(text)}


def _missing_tests(text: str) -> set[str]:
    cited = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text))
    return {f"{file}::{name}" for file, name in cited if f"\ndef {name}(" not in _read(file)}


def _read(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).is_file() else ""


def _missing_files(text: str) -> set[str]:
    cited = re.findall(r"`((?:[a-z_]+/)*[\w-]+\.(?:md|py|txt|js|conf))`", text)
    linked = [f"docs/{name}" for name in re.findall(r"\]\(([\w-]+\.md)\)", text)]
    return {file for file in [*cited, *linked] if not (ROOT / file).is_file()}


def _missing_commands(text: str) -> set[str]:
    targets = set(re.findall(r"^([a-z]+):", _read("Makefile"), re.MULTILINE))
    made = {f"make {name}" for name in re.findall(r"`make (\w+)`", text) if name not in targets}
    return made | {f"manage.py {name}" for name in re.findall(r"`manage\.py (\w+)", text) if name not in get_commands()}


@pytest.mark.parametrize("name", TEXTS)
def test_every_test_file_and_command_that_is_named_exists(name):
    assert len(re.findall(r"`tests/\S+::\w+`", TEXTS[name])) > 80
    assert faults(TEXTS[name]) == set()


def test_what_does_not_exist_is_noticed():
    made_up = "`tests/test_source.py::test_x` `tests/x.py::test_y` `clinic/x.py` [x](x.md) `make x` `manage.py x --now`"

    assert faults(made_up) == {
        *("tests/test_source.py::test_x", "tests/x.py::test_y", "clinic/x.py", "docs/x.md", "make x", "manage.py x")
    }


def requirements() -> list[tuple[str, str, str, str]]:
    """Number, level, verdict and evidence of each row."""
    rows = REQUIREMENT.findall(TEXTS["asvs.md"])
    return [(f"{chapter}.{section}.{number}", *rest) for chapter, section, number, *rest in _without_words(rows)]


def _without_words(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [
        (chapter, section, number, level, verdict, shown) for chapter, section, number, level, _, verdict, shown in rows
    ]


def test_every_requirement_of_both_levels_has_one_verdict_and_says_why():
    rows = requirements()

    assert len({number for number, *_ in rows}) == len(rows)
    assert Counter(level for _, level, *_ in rows) == SIZES
    assert {verdict for _, _, verdict, _ in rows} == set(VERDICTS)
    assert [number for number, _, verdict, shown in rows if verdict == "met" and not EVIDENCE.search(shown)] == []
    assert [number for number, _, verdict, shown in rows if verdict != "met" and not shown.endswith(".")] == []


def test_the_counts_are_those_of_the_table():
    counted = Counter((number.split(".")[0], verdict) for number, _, verdict, _ in requirements())
    by_level = Counter((level, verdict) for _, level, verdict, _ in requirements())
    told = re.findall(
        r"^\| (?:V(\d+) .+|\*\*level (\d)\*\*|\*\*(all)\*\*) ((?:\| \d+ ){4})\|$", TEXTS["security.md"], re.M
    )

    assert len(told) == 17 + 2 + 1
    for chapter, level, every, numbers in told:
        expected = [
            sum(count for (_, said), count in counted.items() if said == verdict)
            if every
            else (by_level[level, verdict] if level else counted[chapter, verdict])
            for verdict in VERDICTS
        ]
        assert list(map(int, re.findall(r"\d+", numbers))) == expected, (chapter, level, every)


def test_every_table_has_a_level_and_the_docs_name_what_is_encrypted():
    rows = re.findall(
        r"^\| ((?:`\w+` ?)+)\| (patient|clinical|secret|staff|public) \| (.*?)\| (.*?)\|$", TEXTS["security.md"], re.M
    )
    told = {
        table: (set(re.findall(r"\w+", encrypted)), set(re.findall(r"\w+", fingerprints)))
        for tables, _, encrypted, fingerprints in rows
        for table in re.findall(r"\w+", tables)
    }
    models = [
        model for model in apps.get_models(include_auto_created=True) if model.__module__.split(".")[0] != "tests"
    ]

    assert told == {
        model._meta.db_table: (_named(model, EncryptedField), _named(model, BlindIndexField)) for model in models
    }
    patient = {table for tables, level, *_ in rows if level == "patient" for table in re.findall(r"\w+", tables)}
    assert patient == {table for table, (encrypted, _) in told.items() if encrypted}


def _named(model, kind) -> set[str]:
    return {field.name for field in model._meta.concrete_fields if isinstance(field, kind)}
