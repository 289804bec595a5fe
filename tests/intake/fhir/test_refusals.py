"""What holds for every refusal, and what is not refused."""

import pytest

from intake import fhir
from tests.intake.fhir.build import (
    alert,
    band,
    choice,
    extension,
    faults,
    form,
    group,
    option,
    question,
    score,
    scored,
    told,
    total,
    trigger,
    when,
    without,
)


def nested(depth: int, leaf: dict) -> dict:
    for level in range(depth):
        leaf = group(f"g{level}", leaf)
    return leaf


def test_a_missing_linkid_is_named_by_its_place():
    found = faults(form(question(), group("g", without(question("b"), "linkId"))))

    assert [str(fault) for fault in found] == ["g: item[0].linkId: is required"]


def test_a_message_names_linkid_element_and_reason_on_one_line():
    found = faults(form(question("a", "moo\nd")))

    assert [str(fault) for fault in found] == [
        "a: type: must be one line of at most 1000 characters without space around it"
    ]


def test_every_fault_of_a_file_is_listed():
    found = faults(form(question("a", required=1, readOnly=1), question("b", "mood"), status="new"))

    assert {(fault.link_id, fault.element) for fault in found} == {
        ("a", "required"),
        ("a", "readOnly"),
        ("b", "type"),
        ("", "status"),
    }


@pytest.mark.parametrize("items", [500, 501])
def test_a_form_has_at_most_500_items(items):
    found = faults(form(*(question(f"q{at}") for at in range(items))))

    assert bool(found) is (items == 501)


def test_items_are_counted_over_all_groups():
    many = [group(f"g{number}", *(question(f"{number}-{at}") for at in range(299))) for number in range(2)]

    assert [fault.rule for fault in faults(form(*many))] == ["the form has more than 500 items"]


@pytest.mark.parametrize("depth", [8, 9])
def test_items_are_nested_at_most_eight_deep(depth):
    found = faults(form(nested(depth - 1, question())))

    assert [(fault.link_id, fault.element) for fault in found] == ([("g0", "item")] if depth == 9 else [])


def test_a_hundred_faults_are_listed_and_then_that_there_are_more():
    lines = told(form(*(question(f"q{at}", required=1) for at in range(101)))).splitlines()

    assert lines[:100] == [f"q{at}: required: must be true or false" for at in range(100)]
    assert lines[100:] == ["-: file: has more faults, which are not listed"]


def test_the_error_itself_names_the_first_three_faults():
    with pytest.raises(fhir.DefinitionError) as refused:
        fhir.parse(form(*(question(f"q{at}", required=1) for at in range(4))))

    assert str(refused.value) == "; ".join(f"q{at}: required: must be true or false" for at in range(3))


def test_what_the_file_says_is_cut_and_cannot_turn_a_line_around():
    resource = form(question("a\u202e" + "é" * 79) | {"x" * 80: 1, "y" * 81: 1, "z\u202e": 1})

    name = "a\N{REPLACEMENT CHARACTER}" + "é" * 77 + "…"
    rule = "is not an element that is supported here"
    assert told(resource).splitlines() == [
        f"{name}: {'x' * 80}: {rule}",
        f"{name}: {'y' * 79}…: {rule}",
        f"{name}: z\N{REPLACEMENT CHARACTER}: {rule}",
    ]


def test_a_fault_does_not_hide_what_comes_after_it():
    resource = form(question("a", required=1), nested(9, question("b")), "c", question("d", "mood"))

    assert told(resource).splitlines() == [
        "a: required: must be true or false",
        "g1: item: is nested deeper than 8 levels",
        "-: item[2]: must be an object",
        "d: type: must be one of: group, display, choice, string, text, boolean, integer, decimal, date",
    ]


def test_what_is_as_long_as_the_limits_allow_is_accepted():
    many = [scored(f"s{at}", 0, 1) for at in range(98)]
    ranges = [band(at, at, f"b{at}") for at in range(49)]
    long = form(
        scored("s" * 255, *range(50), text="t" * 10_000, prefix="p" * 500, code=[{"code": "c"}] * 250),
        choice("o", *(option(f"c{at}") for at in range(249)), {"valueString": "d" * 500}),
        question("v", "choice", answerValueSet="#v", code=[{"system": "s" * 1_000, "code": "c"}]),
        question("w", "text", maxLength=1, enableWhen=[when("o", "exists")] * 20, enableBehavior="all"),
        total("t" * 255, code=[{"code": "c" * 100}]),
        *many,
        *(total(f"t{at}") for at in range(98)),
        url="https://clinic.example/" + "u" * 477,
        version="1" * 100,
        name="n" * 200,
        title="t" * 500,
        extension=[
            score("t" * 255, "s" * 255, bands=(*ranges, band(49, 49, "c" * 100))),
            *(score(f"t{at}", f"s{at}") for at in range(98)),
            *(alert("a" * 100, *[trigger("o", "exists")] * 20) for _ in range(100)),
        ],
        contained=[
            {
                "resourceType": "ValueSet",
                "id": "v",
                "compose": {"include": [{"concept": [{"code": f"c{at}"} for at in range(250)]}]},
            }
        ],
    )

    assert told(long) == ""


def test_what_the_subset_lists_is_accepted():
    resource = form(
        group(
            "g",
            question(
                "note",
                "display",
                extension=[
                    extension("questionnaire-displayCategory", valueCodeableConcept={"coding": [{"code": "help"}]})
                ],
            ),
            choice("one", option("x", 1), option("y", 2, exclusive=True), repeats=True, prefix="1."),
            question("two", "choice", answerValueSet="#vs"),
            choice("three", {"valueInteger": 1}, {"valueString": "x"}),
            question(
                "when",
                "date",
                extension=[extension("entryFormat", valueString="YYYY"), extension("minValue", valueDate="1900")],
            ),
            question("age", "integer", extension=[extension(key, valueInteger=2) for key in ("minValue", "maxValue")]),
            question("zip", "string", maxLength=5, extension=[extension("minLength", valueInteger=5)]),
            question("remark", "text", extension=[extension("minLength", valueInteger=0)]),
            question("way", extension=[extension("questionnaire-choiceOrientation", valueCode="vertical")]),
            question("weight", "decimal", item=[question("unit", "string", maxLength=10)]),
            required=True,
        ),
        description="d",
        copyright="c",
        publisher="p",
        date="2026-11-24",
        subjectType=["Patient"],
        code=[{"system": "http://loinc.org", "code": "44249-1"}],
        contained=[
            {
                "resourceType": "ValueSet",
                "id": "vs",
                "status": "active",
                "compose": {"include": [{"concept": [{"code": "one"}]}]},
            }
        ],
    )

    assert faults(resource) == ()
    assert fhir.check_structure(fhir.read_json(resource)) == ()


def test_a_presentation_extension_is_kept_and_told_wherever_it_stands():
    looks = {"extension": [extension("rendering-style", valueString="color: red")]}
    named = band(0, 1, "all")
    named["extension"][3] |= {"_valueString": looks}
    concept = {"code": "x", "display": "X", "_display": looks} | looks
    value_set = {"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"concept": [concept]}]}}
    resource = form(
        choice(
            "a",
            {"valueCoding": {"code": "x", "display": "X", "_display": looks} | looks} | looks,
            {"valueString": "y", "_valueString": looks},
            prefix="1.",
            _prefix=looks,
            _text=looks,
        )
        | looks,
        question("v", "choice", answerValueSet="#v"),
        scored("s", 0, 1),
        total(),
        description="About",
        copyright="Licence",
        _title=looks,
        _description=looks,
        _copyright=looks,
        contained=[value_set],
        extension=[*looks["extension"], score("total", "s", bands=(named,))],
    )

    places = [warning.removesuffix(": rendering-style has no effect here") for warning in fhir.parse(resource).warnings]

    assert places == [
        "-: extension[0]",
        "-: contained[0].compose.include[0].concept[0].extension[0]",
        "-: contained[0].compose.include[0].concept[0]._display.extension[0]",
        "a: extension[0]",
        "a: _text.extension[0]",
        "a: _prefix.extension[0]",
        "a: answerOption[0].extension[0]",
        "a: answerOption[0].valueCoding.extension[0]",
        "a: answerOption[0].valueCoding._display.extension[0]",
        "a: answerOption[1]._valueString.extension[0]",
        "total: intake-score[0].extension[4].extension[3]._valueString.extension[0]",
        "-: _title.extension[0]",
        "-: _description.extension[0]",
        "-: _copyright.extension[0]",
    ]
