"""A response that somebody else wrote: what is wrong with it, and what it amounts to."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import fhir
from tests.intake.fhir import strategies
from tests.intake.fhir.build import coding, extension, parse, question, score, scored, total
from tests.intake.fhir.test_response import REST, build


def response(*items: dict, **more) -> dict:
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": REST.canonical,
        "status": "in-progress",
        "item": list(items),
    } | more


def rules(sent: dict, compiled: fhir.Questionnaire = REST) -> list[tuple[str, str]]:
    return [(error.link_id, error.rule) for error in fhir.check(compiled, sent)]


def nap(code: str = "c1", *below: dict) -> dict:
    answer = {"valueCoding": {"code": code}} | ({"item": list(below)} if below else {})
    return {"linkId": "g", "item": [{"linkId": "nap", "answer": [answer]}]}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (response(nap("c1", {"linkId": "why", "answer": [{"valueString": "dogs"}]})), []),
        (response(nap(), resourceType="Patient"), [("", "resource-type")]),
        (response(nap(), questionnaire="https://clinic.example/fhir/Questionnaire/test|2"), [("", "questionnaire")]),
        (response(nap(), status="done"), [("", "status")]),
        (response(item="x"), [("", "structure")]),
        (response("x", nap()), [("", "structure")]),
        (response({"linkId": "g", "item": ["x"]}), [("g", "structure")]),
        (response({"linkId": "weight", "answer": ["x"]}), [("weight", "structure")]),
        (response({"linkId": "weight", "answer": [{"valueDecimal": 7}], "definition": "x"}), [("weight", "structure")]),
        (response({"linkId": "weight", "answer": [{"valueDecimal": 7}], "text": 7}), [("weight", "structure")]),
        (response(nap("c1", "why")), [("nap", "structure")]),
        (response({"linkId": 7}), [("", "structure")]),
        (response({"linkId": "zzz"}), [("zzz", "unknown-item")]),
        (response({"linkId": "nap", "answer": [{"valueCoding": {"code": "c1"}}]}), [("nap", "unknown-item")]),
        (response({"linkId": "weight", "answer": [{"valueDecimal": 1}]}, nap()), [("g", "order")]),
        (response(nap(), nap()), [("g", "twice")]),
        (response({"linkId": "note", "text": "x"}), [("note", "structure")]),
        (response({"linkId": "weight"}), [("weight", "structure")]),
        (response({"linkId": "weight", "answer": []}), [("weight", "structure")]),
        (response({"linkId": "weight", "answer": [{}]}), [("weight", "structure")]),
        (
            response({"linkId": "weight", "answer": [{"valueDecimal": 7, "valueString": "7"}]}),
            [("weight", "structure")],
        ),
        (response({"linkId": "weight", "answer": [{"valueString": "7"}]}), [("weight", "type")]),
        (response({"linkId": "weight", "answer": [{"valueDecimal": "7"}]}), [("weight", "type")]),
        (response({"linkId": "weight", "answer": [{"valueDecimal": True}]}), [("weight", "type")]),
        (response({"linkId": "weight", "answer": [{"valueDecimal": 1}] * 2}), [("weight", "one-answer")]),
        (response(nap("c7")), [("nap", "option")]),
        (response(nap("c0", {"linkId": "why", "answer": [{"valueString": "x"}]})), [("why", "not-enabled")]),
        (response(nap(), {"linkId": "total", "answer": [{"valueInteger": 2}]}), []),
        (response(nap(), {"linkId": "total", "answer": [{"valueInteger": 7}]}), [("total", "total")]),
        (response(nap(), {"linkId": "total", "answer": [{"valueInteger": 2}] * 2}), [("total", "total")]),
        (response({"linkId": "total", "answer": [{"valueInteger": 0}]}), [("total", "total")]),
        (response(nap("c1", {"linkId": "why", "answer": [{"valueString": "x" * 4001}]})), [("why", "max-length")]),
    ],
)
def test_check_names_item_and_rule(sent, expected):
    assert rules(sent) == expected


@pytest.mark.parametrize(
    ("entry", "sent", "expected"),
    [
        ("YYYY", "2026", []),
        ("YYYY-MM", "2026", ["Enter at least month and year."]),
        ("YYYY-MM", "2026-11", []),
        ("YYYY-MM-DD", "2026-11", ["Enter day, month and year."]),
        ("YYYY-MM-DD", "2026-11-24", []),
    ],
)
def test_a_date_that_was_sent_is_as_whole_as_the_form_wants_it(entry, sent, expected):
    compiled = parse(question("a", "date", extension=[extension("entryFormat", valueString=entry)]))
    found = fhir.check(compiled, response({"linkId": "a", "answer": [{"valueDate": sent}]}))

    assert [str(error) for error in found] == expected


def test_a_number_that_was_sent_has_no_more_digits_than_a_reader_keeps():
    found = fhir.check(REST, response({"linkId": "weight", "answer": [{"valueDecimal": Decimal("1e15")}]}))

    assert [(error.link_id, error.rule, str(error)) for error in found] == [
        ("weight", "digits", "Enter a number of at most 15 digits.")
    ]


def test_errors_come_in_the_forms_order_after_those_of_the_form():
    late = {"linkId": "weight", "answer": [{"valueString": "7"}]}
    sent = response(late, {"linkId": "zzz"}, {"linkId": "g", "item": []}, status="done")

    assert rules(sent) == [
        ("", "status"), ("zzz", "unknown-item"), ("g", "order"), ("g", "structure"), ("weight", "type")
    ]  # fmt: skip


def test_a_decimal_total_is_compared_by_value():
    compiled = parse(scored("s", 0, 1), total(kind="decimal"), extension=[score("total", "s")])
    sent = build(compiled, {"s": (coding("c1"),)})
    sent["item"][1]["answer"] = [{"valueDecimal": Decimal("1.00")}]

    assert rules(sent, compiled) == []


@pytest.mark.parametrize(("status", "expected"), [("completed", [("a", "required")]), ("in-progress", [])])
def test_only_a_finished_response_must_be_complete(status, expected):
    compiled = parse(question("a", required=True))
    sent = {"resourceType": "QuestionnaireResponse", "questionnaire": compiled.canonical, "status": status}

    assert rules(sent, compiled) == expected


def test_a_report_says_what_a_response_amounts_to():
    sent = response(nap("c1"), {"linkId": "weight", "answer": [{"valueString": "x"}]})

    assert fhir.report(REST, sent) == {
        "enabled": ["g", "nap", "why", "weight", "note", "total"],
        "errors": [
            {
                "linkId": "weight",
                "rule": "type",
                "message": "The answer is not of the type that the item asks for.",
            }
        ],
        "scores": {"total": Decimal(2)},
        "alerts": ["tired"],
    }


def test_a_score_that_comes_with_an_answer_is_not_believed():
    worth = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 90}
    sent = response(nap("c0"))
    sent["item"][0]["item"][0]["answer"][0]["valueCoding"]["extension"] = [worth]

    assert fhir.report(REST, sent)["scores"] == {"total": Decimal(0)}


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_response_with_anything_anywhere_gives_a_report_or_is_refused(data):
    full = nap("c1", {"linkId": "why", "answer": [{"valueString": "dogs"}]})
    sent = strategies.changed(data, response(full, {"linkId": "total", "answer": [{"valueInteger": 2}]}))

    try:
        plain = fhir.read_json(sent)
    except fhir.DefinitionError:
        return
    assert set(fhir.report(REST, plain)) == {"enabled", "errors", "scores", "alerts"}


def test_500_wrong_items_give_100_errors():
    assert len(fhir.check(REST, response(*({"linkId": f"x{at}"} for at in range(500))))) == 100
