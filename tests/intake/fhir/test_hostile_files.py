"""Whatever a file holds: a short list of faults, soon, and nothing else."""

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import fhir
from tests.intake.fhir.build import Json, choice, extension, faults, form, group, option, question, when
from tests.intake.fhir.strategies import changed

SOON = 2.0  # seconds; the machine may be busy, and an attack takes minutes


def deep(levels: int) -> str:
    return '{"item":[' * levels + "]}" * levels


def circle() -> Json:
    resource = form()
    resource["item"].append(resource)
    return resource


def deep_mapping(levels: int) -> Json:
    leaf: Json = {}
    for _ in range(levels):
        leaf = {"item": [leaf]}
    return form() | leaf


def chain(length: int) -> Json:
    """Every question depends on the one after it: the deepest dependency that fits."""
    items = [question(f"q{at}", enableWhen=[when(f"q{at + 1}")]) for at in range(length - 1)]
    return form(*items, question(f"q{length - 1}"))


def filled(text: str) -> str:
    """The text of a form around a value."""
    return json.dumps(form(question("a", text="HERE"))).replace('"HERE"', text)


TEXTS = {
    "empty": "",
    "not JSON": "<xml/>",
    "half a file": json.dumps(form())[:-20],
    "a list": "[]",
    "a number": "7",
    "null": "null",
    "10,000 levels": deep(10_000),
    "20,000 open brackets": "[" * 20_000,
    "a million options": '{"item":[' + '{"answerOption":1},' * 1_000_000 + "{}]}",
    "100,000 objects": '{"resourceType":"Questionnaire","item":[' + "{}," * 100_000 + "{}]}",
    "100 MB": '{"title":"' + "x" * 100_000_000 + '"}',
    "NaN": filled("NaN"),
    "infinity": filled("-Infinity"),
    "a number of 100,000 digits": filled("9" * 100_000),
    "a fraction of 100,000 digits": filled("0." + "9" * 100_000),
    "1e400": filled("1e400"),
    "1e999999999999": filled("1e999999999999"),
    "a key twice": filled('"x","text":"y"'),
    "a lone surrogate": filled('"\\ud800"'),
    "a null character": filled('"\\u0000"'),
    "a raw control character": filled('"\x01"'),
    "a terminal escape": filled('"\\u001b[2J"'),
    "a control character of the second kind": filled('"\\u0085"'),
    "bytes of another encoding": b"\xff\xfe{\x00}\x00",
    "bytes that are no text": bytes(range(256)),
    "a surrogate in a key": '{"\\udfff":1}',
    "a surrogate as text": '{"x":"\udc80"}',
    "the same key 50,000 times": "{" + '"a":1,' * 50_000 + '"a":1}',
}  # fmt: skip

OBJECTS = {
    "a circle": circle(),
    "10,000 levels": deep_mapping(10_000),
    "infinity": form(question(text=float("inf"))),
    "not a number": form(question(text=float("nan"))),
    "bytes": form(question(text=b"x")),
    "an object": form(question(text=object())),
    "a key that is no text": form() | {7: 1},
    "an integer of 100,000 digits": form(question(maxLength=10**100_000)),
    "a million options": form(choice("a", *[option("x")] * 1_000_000)),
    "100 MB": form(title="x" * 100_000_000),
    "60,000 items in a level": form(*[{}] * 60_000),
    "60,000 codes": form(code=[{}] * 60_000),
    "60,000 extensions": form(extension=[{}] * 60_000),
    "a chain of options": form(*(choice(f"q{at}", *(option(f"{n}") for n in range(250))) for at in range(14))),
    "2,000 kinds of fault": form(*({f"x{at}": 1} for at in range(400))),
    "long names": form(question("a", "x" * 900), {"y" * 90_000: 1}),
}


@pytest.mark.parametrize("raw", TEXTS.values(), ids=TEXTS)
def test_a_hostile_text_is_refused_soon_with_few_lines(raw):
    began = time.monotonic()

    found = faults(raw)

    assert time.monotonic() - began < SOON
    assert 1 <= len(found) <= 101
    assert all(len(str(fault).splitlines()) == 1 and len(str(fault)) < 500 for fault in found)
    assert all(str(fault).isprintable() for fault in found)


@pytest.mark.parametrize("resource", OBJECTS.values(), ids=OBJECTS)
def test_a_hostile_object_ends_soon_with_few_lines(resource):
    began = time.monotonic()

    found = faults(resource)

    assert time.monotonic() - began < SOON
    assert len(found) <= 101
    assert all(str(fault).isprintable() and len(str(fault)) < 500 for fault in found)


def test_the_longest_chain_of_conditions_is_evaluated_without_recursion():
    compiled = fhir.parse(chain(500))

    enabled = fhir.enabled(compiled, {f"q{at}": (True,) for at in range(500)})

    assert len(enabled) == 500


def test_a_full_form_is_parsed_soon():
    many = [
        choice(f"q{at}", option("x", 1), option("y", 2), enableWhen=[when("q0", "exists")] if at else [])
        for at in range(500)
    ]
    del many[0]["enableWhen"]
    began = time.monotonic()

    assert faults(form(*many)) == ()
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("size", [512_000, 512_001])
def test_a_file_has_at_most_512_kb(size):
    raw = json.dumps(form(publisher="x")).encode()
    padded = raw + b" " * (size - len(raw))

    assert [fault.rule for fault in faults(padded)] == ([] if size == 512_000 else ["is longer than 512 kB"])


def test_a_text_is_measured_in_bytes():
    assert [fault.rule for fault in faults(json.dumps(form(title="é" * 260_000), ensure_ascii=False))] == [
        "is longer than 512 kB"
    ]


def test_a_fault_in_the_text_itself_names_the_item():
    raw = json.dumps(form(group("g", question("b")))).replace('"Question b"', "1e400")

    assert [str(fault) for fault in faults(raw)] == ["b: text: is not a number of at most 15 digits"]


def test_a_key_given_twice_names_the_item():
    raw = json.dumps(form(question("b"))).replace('"type": "boolean"', '"type": "boolean", "type": "text"')

    assert [str(fault) for fault in faults(raw)] == ["b: type: the key appears twice"]


def test_line_breaks_and_tabs_in_texts_are_kept():
    assert fhir.parse(form(question(text="one\n\ttwo"))).by_id["a"].text("en") == "one\n\ttwo"


def test_numbers_keep_their_digits_in_and_out():
    raw = json.dumps(form(choice("a", option("x", 1)))).replace('"valueDecimal": 1}', '"valueDecimal": 5.60}')

    assert '"valueDecimal":5.60}' in fhir.dumps(fhir.parse(raw).resource)


def test_the_digest_depends_on_the_content_and_not_on_its_layout():
    resource = form()
    turned = json.dumps(dict(reversed(resource.items())), indent=3)

    assert fhir.digest(fhir.read_json(turned)) == fhir.digest(resource)
    assert fhir.digest(resource | {"version": "1.0.1"}) != fhir.digest(resource)


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda path: path, "cannot be read: No such file or directory"),
        (lambda path: path.mkdir() or path, "is not an ordinary file"),
        (lambda path: os.mkfifo(path) or path, "is not an ordinary file"),
        (lambda path: Path("/dev/zero"), "is not an ordinary file"),
        (lambda path: Path("a\0b"), "cannot be read: its name is not a path"),
        (lambda path: Path("x" * 5000), "cannot be read: File name too long"),
    ],
    ids=["missing", "folder", "pipe", "endless", "no path", "long name"],
)
def test_a_file_that_is_no_file_is_refused(tmp_path, make, rule):
    with pytest.raises(fhir.DefinitionError) as refused:
        fhir.read_file(make(tmp_path / "file"))

    assert [str(fault) for fault in refused.value.faults] == [f"-: file: {rule}"]


def test_of_a_file_that_is_too_long_no_more_is_read_than_shows_it(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b" " * 600_000)

    raw = fhir.read_file(path)

    assert len(raw) == 512_001
    assert [str(fault) for fault in faults(raw)] == ["-: file: is longer than 512 kB"]


RICH = form(
    group(
        "g",
        choice("a", option("x", 1, exclusive=True), option("y", 2), prefix="1", _text={"extension": []}),
        question("b", "date", enableWhen=[when("a", answerCoding={"code": "x"})], enableBehavior="all"),
        question("c", "integer", extension=[extension("minValue", valueInteger=1)], maxLength=3),
    ),
    contained=[{"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"concept": [{"code": "x"}]}]}}],
)


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_any_value_at_any_place_parses_or_is_refused(data):
    found = faults(changed(data, RICH))

    assert all(len(str(fault).splitlines()) == 1 for fault in found)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_and_any_text_are_refused(raw):
    assert faults(raw)
