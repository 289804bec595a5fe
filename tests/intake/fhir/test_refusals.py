# ruff: noqa: E501 - one row a rule
"""One row for each rule of the subset: the smallest form that breaks it, and where the fault is named."""

import pytest

from intake import fhir
from tests.intake.fhir.build import (
    CORE,
    OWN,
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
    total,
    translated,
    trigger,
    when,
    without,
)

ONE = option("one")
TEXTS = choice("b", {"valueString": "x"})
SUM = {"extension": [score("total", "s")]}


def nested(depth: int, leaf: dict) -> dict:
    for level in range(depth):
        leaf = group(f"g{level}", leaf)
    return leaf


def value_set(**more) -> dict:
    compose = {"include": [{"system": "s", "concept": [{"code": "one"}, {"code": "two"}]}]}
    return {"resourceType": "ValueSet", "id": "vs", "status": "active", "compose": compose} | more


def with_set(**more) -> dict:
    return form(question("a", "choice", answerValueSet="#vs"), contained=[value_set(**more)])


def one(**more) -> dict:
    return form(question("a", **more))


def extended(kind: str, *found: dict) -> dict:
    return form(question("a", kind, extension=list(found)))


def bands(*found: dict) -> dict:
    return form(scored("s", 0, 1, 2), total(), extension=[score("total", "s", bands=found)])


FORM = [
    ("url is required", without(form(), "url"), "url"),
    ("version is required", without(form(), "version"), "version"),
    ("a version has no |", form(version="1|2"), "version"),
    ("name is required", without(form(), "name"), "name"),
    ("title is required", without(form(), "title"), "title"),
    ("language is required", without(form(), "language"), "language"),
    ("language is a tag", form(language="english, mostly"), "language"),
    ("status is required", without(form(), "status"), "status"),
    ("status is one of three", form(status="unknown"), "status"),
    ("a form has items", without(form(), "item"), "item"),
    ("items are not an empty list", form(item=[]), "item"),
    ("another resource", form(resourceType="Patient"), "resourceType"),
    ("an element that is not listed", form(derivedFrom=["https://clinic.example/x"]), "derivedFrom"),
    ("modifierExtension on the form", form(modifierExtension=[{"url": "x"}]), "modifierExtension"),
    ("only value sets are contained", form(contained=[{"resourceType": "Library", "id": "x"}]), "contained[0].resourceType"),
    ("an extension that is not listed", form(extension=[{"url": "https://x.example/y"}]), "extension[0]"),
    ("a library", form(extension=[{"url": CORE + "cqf-library", "valueCanonical": "x"}]), "extension[0]"),
    ("own extensions of another base", form(extension=[{"url": "https://x.example/intake-score"}]), "extension[0].url"),
    ("title is a text", form(title=["Test"]), "title"),
    ("title is not empty", form(title=" "), "title"),
    ("null is not a value", form(publisher=None), "publisher"),
    ("subjectType is a list of codes", form(subjectType="Patient"), "subjectType"),
    ("a translation into the own language", form(_title=translated(en="Test")), "language"),
    ("a translation needs a content", form(_title={"extension": [extension("translation")]}), "_title.extension[0]"),
    ("one translation a language", form(_title={"extension": translated(es="x")["extension"] * 2}), "_title.extension[1]"),
]  # fmt: skip

ITEM = [
    ("linkId is a string", one(linkId=7), "item[0].linkId"),
    ("linkId is one line", one(linkId="a\nb"), "item[0].linkId"),
    ("linkId has 255 characters", one(linkId="a" * 256), "item[0].linkId"),
    ("linkId is unique", form(question(), question()), "linkId"),
    ("type is required", form(without(question(), "type")), "type"),
    ("type exists", one(type="mood"), "type"),
    *((f"{kind} comes later", one(type=kind), "type") for kind in ("open-choice", "dateTime", "quantity", "reference")),
    ("a group has items", form({"linkId": "a", "type": "group"}), "item"),
    ("display has no items", one(type="display", item=[question("b")]), "item"),
    *(
        (f"display has no {key}", one(type="display", **{key: value}), key)
        for key, value in (("code", [{"code": "x"}]), ("required", False), ("repeats", False), ("readOnly", False))
    ),
    ("an element that is not listed", one(definition="x"), "definition"),
    ("initial comes later", one(initial=[{"valueBoolean": True}]), "initial"),
    ("modifierExtension on an item", one(modifierExtension=[{"url": "x"}]), "modifierExtension"),
    ("required is a boolean", one(required="true"), "required"),
    ("readOnly is a boolean", one(readOnly=1), "readOnly"),
    ("only a choice repeats", one(repeats=True), "repeats"),
    ("a group does not repeat yet", form(group("a", question("b"), repeats=True)), "repeats"),
    ("maxLength is a number", one(type="text", maxLength="5"), "maxLength"),
    ("maxLength is not a boolean", one(type="text", maxLength=True), "maxLength"),
    ("maxLength is at least 1", one(type="text", maxLength=0), "maxLength"),
    ("maxLength is for typed answers", one(maxLength=5), "maxLength"),
    ("text has 10,000 characters", one(text="x" * 10_001), "text"),
    ("text is a text", one(text=5), "text"),
    ("code has a code", one(code=[{"system": "x"}]), "code[0].code"),
    ("code is a list", one(code={"code": "x"}), "code"),
    ("a translation stands beside a text", form(without(question(_text=translated(es="x")), "text")), "_text"),
]  # fmt: skip

OPTION = [
    ("a choice has options", one(type="choice"), "answerOption"),
    (
        "not both kinds of options",
        form(choice("a", ONE, answerValueSet="#vs"), contained=[value_set()]),
        "answerValueSet",
    ),
    ("only a choice has options", one(answerOption=[ONE]), "answerOption"),
    (
        "only a choice has a value set",
        form(question("a", answerValueSet="#vs"), contained=[value_set()]),
        "answerValueSet",
    ),
    ("no option twice", form(choice("a", ONE, option("two"), ONE)), "answerOption[2]"),
    ("no option twice, without system", form(choice("a", ONE, {"valueCoding": {"code": "one"}})), "answerOption[1]"),
    ("no text twice", form(choice("a", {"valueString": "x"}, {"valueString": "x"})), "answerOption[1]"),
    ("a coding has a code", form(choice("a", {"valueCoding": {"display": "x"}})), "answerOption[0].valueCoding.code"),
    ("one value an option", form(choice("a", {"valueString": "x", "valueInteger": 1})), "answerOption[0]"),
    ("an option has a value", form(choice("a", {})), "answerOption[0]"),
    ("dates as options come later", form(choice("a", {"valueDate": "2026"})), "answerOption[0].valueDate"),
    (
        "initialSelected comes later",
        form(choice("a", ONE | {"initialSelected": True})),
        "answerOption[0].initialSelected",
    ),
    ("an option is an object", form(choice("a", "one")), "answerOption[0]"),
    ("an option has 500 characters", form(choice("a", {"valueString": "x" * 501})), "answerOption[0].valueString"),
    ("250 options", form(choice("a", *(option(f"c{at}") for at in range(251)))), "answerOption"),
    ("integer is a number", form(choice("a", {"valueInteger": "1"})), "answerOption[0].valueInteger"),
    ("ordinalValue is a number", form(choice("a", option("x", "1"))), "answerOption[0].extension[0].valueDecimal"),
    (
        "two values of an option agree",
        form(
            choice(
                "a",
                option(
                    "x", extension=[extension("ordinalValue", valueDecimal=1), extension("itemWeight", valueDecimal=2)]
                ),
            )
        ),
        "answerOption[0].valueCoding.extension",
    ),
    ("a value set is contained", form(question("a", "choice", answerValueSet="https://x.example")), "answerValueSet"),
    ("a contained value set exists", form(question("a", "choice", answerValueSet="#vs")), "answerValueSet"),
    (
        "no filter",
        with_set(compose={"include": [{"filter": [], "concept": [{"code": "x"}]}]}),
        "contained[0].compose.include[0].filter",
    ),
    (
        "no exclude",
        with_set(compose={"include": [{"concept": [{"code": "x"}]}], "exclude": []}),
        "contained[0].compose.exclude",
    ),
    (
        "no nesting",
        with_set(compose={"include": [{"valueSet": ["x"], "concept": [{"code": "x"}]}]}),
        "contained[0].compose.include[0].valueSet",
    ),
    (
        "concepts are listed",
        with_set(compose={"include": [{"system": "x"}]}),
        "contained[0].compose.include[0].concept",
    ),
    (
        "no concept twice",
        with_set(compose={"include": [{"concept": [{"code": "x"}, {"code": "x"}]}]}),
        "contained[0].compose.include[1]",
    ),
    ("expansion comes later", with_set(expansion={"contains": []}), "contained[0].expansion"),
    ("compose is required", form(contained=[without(value_set(), "compose")]), "contained[0].compose"),
    ("one id a value set", form(contained=[value_set(), value_set()]), "contained[1].id"),
]  # fmt: skip

CONDITION = [
    ("several conditions need enableBehavior", form(question(), question("b", enableWhen=[when("a"), when("a")])), "b", "enableBehavior"),
    ("enableBehavior is all or any", form(question(), question("b", enableBehavior="none", enableWhen=[when("a")])), "b", "enableBehavior"),
    ("the question exists", form(question("b", enableWhen=[when("x")])), "b", "enableWhen[0].question"),
    ("not the item itself", form(question("b", enableWhen=[when("b")])), "b", "enableWhen[0].question"),
    ("not below the item", form(group("b", question(), enableWhen=[when("a")])), "b", "enableWhen[0].question"),
    ("not a group", form(group("g", question()), question("b", enableWhen=[when("g", "exists")])), "b", "enableWhen[0].question"),
    ("not a display", form(question("a", "display"), question("b", enableWhen=[when("a", "exists")])), "b", "enableWhen[0].question"),
    ("the answer can match", form(question(), question("b", enableWhen=[when("a", answerInteger=1)])), "b", "enableWhen[0].answer[x]"),
    ("a boolean is no number", form(question("a", "integer"), question("b", enableWhen=[when("a", answerBoolean=True)])), "b", "enableWhen[0].answer[x]"),
    ("codings for coded options", form(choice("a", ONE), question("b", enableWhen=[when("a", answerString="one")])), "b", "enableWhen[0].answer[x]"),
    ("no order of texts", form(question("a", "text"), question("b", enableWhen=[when("a", ">", answerString="x")])), "b", "enableWhen[0].operator"),
    ("no order of codings", form(choice("a", ONE), question("b", enableWhen=[when("a", "<=", answerCoding={"code": "one"})])), "b", "enableWhen[0].operator"),
    ("no order of booleans", form(question(), question("b", enableWhen=[when("a", "<")])), "b", "enableWhen[0].operator"),
    ("exists takes a boolean", form(question("a", "text"), question("b", enableWhen=[when("a", "exists", answerString="x")])), "b", "enableWhen[0].answer[x]"),
    ("the operator exists", form(question(), question("b", enableWhen=[when("a", "~")])), "b", "enableWhen[0].operator"),
    ("one answer", form(question(), question("b", enableWhen=[when("a", answerBoolean=True, answerString="x")])), "b", "enableWhen[0].answer[x]"),
    ("answers that come later", form(question(), question("b", enableWhen=[when("a", answerTime="10:00")])), "b", "enableWhen[0].answerTime"),
    ("a boolean answer is a boolean", form(question(), question("b", enableWhen=[when("a", answerBoolean="true")])), "b", "enableWhen[0].answerBoolean"),
    ("a date is in the calendar", form(question("a", "date"), question("b", enableWhen=[when("a", answerDate="2026-02-30")])), "b", "enableWhen[0].answerDate"),
    ("20 conditions", form(question(), question("b", enableBehavior="all", enableWhen=[when("a")] * 21)), "b", "enableWhen"),
    ("no circle", form(question("a", enableWhen=[when("b")]), question("b", enableWhen=[when("a")])), "a", "enableWhen"),
    ("no circle through a parent", form(group("g", question(), enableWhen=[when("b")]), question("b", enableWhen=[when("a")])), "g", "enableWhen"),
    ("no circle through a total", form(scored("s", 0, 1, enableWhen=[when("total", answerInteger=1)]), total(), **SUM), "s", "enableWhen"),
    ("modifierExtension on a condition", form(question(), question("b", enableWhen=[when("a") | {"modifierExtension": []}])), "b", "enableWhen[0].modifierExtension"),
]  # fmt: skip

EXTENSION = [
    ("hidden is a boolean", extended("boolean", extension("questionnaire-hidden", valueString="true")), "extension[0]"),
    ("hidden once", extended("boolean", *[extension("questionnaire-hidden", valueBoolean=True)] * 2), "extension[1]"),
    ("hidden belongs to an item", form(choice("a", ONE | {"extension": [extension("questionnaire-hidden", valueBoolean=True)]})), "answerOption[0].extension[0]"),
    ("exclusive belongs to an option", extended("boolean", extension("questionnaire-optionExclusive", valueBoolean=True)), "extension[0]"),
    ("minValue is of the type", extended("date", extension("minValue", valueInteger=1)), "extension"),
    ("minValue has a type that has an order", extended("text", extension("minValue", valueInteger=1)), "extension"),
    ("minValue below maxValue", extended("integer", extension("minValue", valueInteger=2), extension("maxValue", valueInteger=1)), "extension"),
    ("minLength is not negative", extended("text", extension("minLength", valueInteger=-1)), "extension"),
    ("minLength can be reached", extended("text", extension("minLength", valueInteger=4001)), "extension"),
    ("minLength is for typed answers", extended("date", extension("minLength", valueInteger=1)), "extension"),
    ("orientation is one of two", extended("boolean", extension("questionnaire-choiceOrientation", valueCode="diagonal")), "extension"),
    *(
        (f"{name} comes later", extended("text", extension(name, valueString="x")), "extension[0]")
        for name in ("regex", "maxDecimalPlaces", "questionnaire-minOccurs", "questionnaire-unit")
    ),
    *(
        (f"{name} is refused", extended("text", {"url": f"http://hl7.org/fhir/uv/sdc/StructureDefinition/{name}"}), "extension[0]")
        for name in (
            "sdc-questionnaire-calculatedExpression",
            "sdc-questionnaire-initialExpression",
            "sdc-questionnaire-enableWhenExpression",
            "sdc-questionnaire-answerExpression",
            "sdc-questionnaire-candidateExpression",
            "sdc-questionnaire-subQuestionnaire",
            "sdc-questionnaire-itemPopulationContext",
            "sdc-questionnaire-itemExtractionContext",
            "sdc-questionnaire-observationLinkPeriod",
            "sdc-questionnaire-lookupQuestionnaire",
            "sdc-questionnaire-preferredTerminologyServer",
        )
    ),
    ("an extension has an address", extended("text", {"valueString": "x"}), "extension[0].url"),
    ("an extension is an object", extended("text", "x"), "extension[0]"),
    ("extensions are a list", one(extension={"url": "x"}), "extension"),
]  # fmt: skip


SCORE = [
    ("the target exists", form(scored("s", 0), extension=[score("total", "s")]), "total", "intake-score[0].target"),
    ("the target is readOnly", form(scored("s", 0), question("total", "integer"), **SUM), "total", "intake-score[0].target"),
    ("the target is a number", form(scored("s", 0), total(kind="text"), **SUM), "total", "intake-score[0].target"),
    ("one score a target", form(scored("s", 0), total(), extension=[score("total", "s")] * 2), "total", "intake-score[1].target"),
    ("the source exists", form(total(), **SUM), "total", "intake-score[0].source[0]"),
    ("the source counts", form(question("s"), total(), **SUM), "total", "intake-score[0].source[0]"),
    ("every option has a value", form(choice("s", option("x", 0), option("y")), total(), **SUM), "total", "intake-score[0].source[0]"),
    ("no source twice", form(scored("s", 0), total(), extension=[score("total", "s", "s")]), "total", "intake-score[0].source[1]"),
    ("a source", form(total(), extension=[score("total")]), "total", "intake-score[0].source"),
    ("a total in a circle", form(total(), extension=[score("total", "total")]), "total", "intake-score"),
    ("an integer holds no half", form(scored("s", 0, 0.5), total(), **SUM), "total", "intake-score[0].target"),
    ("bands without a gap", bands(band(0, 0, "low"), band(2, 2, "high")), "total", "intake-score[0].band"),
    ("bands from the lowest total", bands(band(1, 2, "high")), "total", "intake-score[0].band"),
    ("bands up to the highest total", bands(band(0, 1, "low")), "total", "intake-score[0].band"),
    ("bands without overlap", bands(band(0, 1, "low"), band(1, 2, "high")), "total", "intake-score[0].band"),
    ("a band ends after it begins", bands(band(2, 0, "low")), "total", "intake-score[0].band"),
    ("bands need a range", form(question("s", "integer"), total(), extension=[score("total", "s", bands=(band(0, 9, "any"),))]), "total", "intake-score[0].band"),
    ("a band has a code", bands({"url": "band", "extension": [{"url": "low", "valueInteger": 0}]}), "total", "intake-score[0].extension[4].code"),
    ("one method", form(total(), extension=[score("total", "s") | {"extension": [{"url": "method", "valueCode": "mean"}]}]), "", "intake-score[0].extension[0].valueCode"),
    ("a setting that is not listed", form(extension=[{"url": OWN + "intake-score", "extension": [{"url": "weight"}]}]), "", "intake-score[0].extension[0]"),
]  # fmt: skip

ALERT = [
    ("the question exists", form(extension=[alert("x", trigger("b"))]), "b", "intake-alert[0].when[0].question"),
    ("the answer can match", form(extension=[alert("x", trigger("a", valueInteger=1))]), "a", "intake-alert[0].when[0].answer"),
    ("the option exists", form(choice("a", ONE), extension=[alert("x", trigger("a", valueCoding={"code": "two"}))]), "a", "intake-alert[0].when[0].answer"),
    ("no order of codings", form(choice("a", ONE), extension=[alert("x", trigger("a", ">", valueCoding={"code": "one"}))]), "a", "intake-alert[0].when[0].operator"),
    ("two severities", form(extension=[alert("x", trigger("a"), severity="mild")]), "", "intake-alert[0].extension[1].valueCode"),
    ("a trigger", form(extension=[alert("x")]), "", "intake-alert[0].when"),
    ("a trigger is complete", form(extension=[alert("x", {"url": "when", "extension": []})]), "", "intake-alert[0].extension[2].extension"),
]  # fmt: skip

ROWS = [
    *((f"form: {name}", resource, "", element) for name, resource, element in FORM),
    *((f"item: {name}", resource, "" if "item[" in element else "a", element) for name, resource, element in ITEM),
    *((f"option: {name}", resource, "" if "contained" in element else "a", element) for name, resource, element in OPTION),
    *((f"condition: {name}", *row) for name, *row in CONDITION),
    *((f"score: {name}", *row) for name, *row in SCORE),
    *((f"alert: {name}", *row) for name, *row in ALERT),
    *((f"extension: {name}", resource, "a", element) for name, resource, element in EXTENSION),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "link_id", "element"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_form_that_breaks_a_rule_is_refused_with_linkid_and_element(resource, link_id, element):
    found = faults(resource)

    assert (link_id, element) in {(fault.link_id, fault.element) for fault in found}
    assert {fault.link_id for fault in found} == {link_id}


@pytest.mark.parametrize(("resource", "link_id"), [row[1:3] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_refusal_is_one_line_and_starts_with_the_linkid(resource, link_id):
    for fault in faults(resource):
        assert len(str(fault).splitlines()) == 1
        assert str(fault).startswith(f"{link_id or '-'}: {fault.element}: ")


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


def test_what_the_subset_lists_is_accepted():
    resource = form(
        group(
            "g",
            question("note", "display", extension=[extension("questionnaire-displayCategory", valueCodeableConcept={"coding": [{"code": "help"}]})]),
            choice("one", option("x", 1), option("y", 2, exclusive=True), repeats=True, prefix="1."),
            question("two", "choice", answerValueSet="#vs"),
            choice("three", {"valueInteger": 1}, {"valueString": "x"}),
            question("when", "date", extension=[extension("entryFormat", valueString="YYYY"), extension("minValue", valueDate="1900")]),
            question("weight", "decimal", item=[question("unit", "string", maxLength=10)]),
            required=True,
        ),
        description="d",
        copyright="c",
        publisher="p",
        date="2026-11-24",
        subjectType=["Patient"],
        code=[{"system": "http://loinc.org", "code": "44249-1"}],
        contained=[value_set()],
    )  # fmt: skip

    assert faults(resource) == ()
    assert fhir.check_structure(fhir.read_json(resource)) == ()


def test_a_presentation_extension_is_kept_and_told():
    form_ = fhir.parse(extended("text", extension("rendering-style", valueString="color: red")))

    assert form_.warnings == ("a: extension[0]: rendering-style has no effect here",)
