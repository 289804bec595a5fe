from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings

from intake import fhir
from tests.intake.fhir import strategies
from tests.intake.fhir.build import (
    NOW,
    SYSTEM,
    alert,
    choice,
    coding,
    group,
    option,
    parse,
    question,
    score,
    scored,
    total,
    translated,
    trigger,
    when,
)

RECORD = "5f0a2b52-9a5c-4c5e-8a43-0d8f5b1d7c11"

REST = parse(
    group(
        "g", scored("nap", 0, 2, item=[question("why", "text", enableWhen=[when("nap", answerCoding={"code": "c1"})])])
    ),
    question("weight", "decimal"),
    question("note", "display"),
    total("total"),
    extension=[score("total", "nap"), alert("tired", trigger("nap", valueCoding={"code": "c1"}))],
)


def build(compiled: fhir.Questionnaire, answers: dict, **more) -> dict:
    return fhir.build(compiled, answers, **({"authored": NOW, "language": "en"} | more))


def test_a_response_follows_the_forms_order_and_nesting():
    answers = {"weight": (Decimal("70.50"),), "why": ("dogs",), "nap": (coding("c1"),)}

    built = build(REST, answers, identifier=RECORD, subject="Patient/1", source="Patient/1", author="Practitioner/2")

    assert built == {
        "resourceType": "QuestionnaireResponse",
        "language": "en",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{RECORD}"},
        "questionnaire": "https://clinic.example/fhir/Questionnaire/test|1.0.0",
        "status": "completed",
        "subject": {"reference": "Patient/1"},
        "authored": "2026-11-24T09:30:00+00:00",
        "author": {"reference": "Practitioner/2"},
        "source": {"reference": "Patient/1"},
        "item": [
            {
                "linkId": "g",
                "text": "Group g",
                "item": [
                    {
                        "linkId": "nap",
                        "text": "Question nap",
                        "answer": [
                            {
                                "valueCoding": {"system": SYSTEM, "code": "c1", "display": "C1"},
                                "item": [
                                    {"linkId": "why", "text": "Question why", "answer": [{"valueString": "dogs"}]}
                                ],
                            }
                        ],
                    }
                ],
            },
            {"linkId": "weight", "text": "Question weight", "answer": [{"valueDecimal": Decimal("70.50")}]},
            {"linkId": "total", "text": "Question total", "answer": [{"valueInteger": 2}]},
        ],
    }
    assert '"valueDecimal":70.50}' in fhir.dumps(built)
    assert fhir.check_structure(built) == ()


def test_stale_answers_and_sent_totals_never_get_in():
    built = build(REST, {"nap": (coding("c0"),), "why": ("dogs",), "total": (99,), "unknown": (1,)})

    assert fhir.answers_of(REST, built) == {"nap": (coding("c0"),), "total": (0,)}


def test_what_is_not_known_has_no_place_in_a_response():
    assert build(REST, {}) == {
        "resourceType": "QuestionnaireResponse",
        "language": "en",
        "questionnaire": REST.canonical,
        "status": "completed",
        "authored": "2026-11-24T09:30:00+00:00",
    }


def test_an_answer_is_written_as_the_type_of_its_question_says():
    kinds = ("boolean", "integer", "decimal", "date", "string", "text")
    options = choice("choice", {"valueString": "one"}, {"valueInteger": 2}, option("three"), repeats=True)
    compiled = parse(*(question(kind, kind) for kind in kinds), options)
    answers = {
        "boolean": (False,),
        "integer": (0,),
        "decimal": (7,),
        "date": (fhir.PartialDate(987, 6, 5),),
        "string": ("",),
        "text": ("one\ntwo",),
        "choice": ("one", 2, coding("three")),
    }

    built = build(compiled, answers)

    assert [item["answer"] for item in built["item"]] == [
        [{"valueBoolean": False}],
        [{"valueInteger": 0}],
        [{"valueDecimal": 7}],
        [{"valueDate": "0987-06-05"}],
        [{"valueString": ""}],
        [{"valueString": "one\ntwo"}],
        [{"valueString": "one"}, {"valueInteger": 2}, {"valueCoding": coding("three").resource()}],
    ]


def test_an_answer_below_an_unanswered_question_is_not_lost():
    compiled = parse(question("a", item=[question("b")]))

    built = build(compiled, {"b": (True,)})

    assert fhir.answers_of(compiled, built) == fhir.recorded(built) == {"b": (True,)}
    assert fhir.check(compiled, built) == ()
    assert fhir.check_structure(built) == ()


def test_the_text_is_that_of_the_language_shown_and_the_coding_keeps_its_own():
    blue = option("blue")
    blue["valueCoding"] |= {"_display": translated(es="Azul")}
    compiled = parse(choice("a", blue, _text=translated(es="¿Color?")), _title=translated(es="Prueba"))

    built = build(compiled, {"a": (coding("blue"),)}, language="es-MX")

    assert built["language"] == "es"
    assert built["item"] == [
        {
            "linkId": "a",
            "text": "¿Color?",
            "answer": [{"valueCoding": {"system": SYSTEM, "code": "blue", "display": "Blue"}}],
        }
    ]


def test_several_answers_are_one_item():
    compiled = parse(choice("a", option("x"), option("y"), repeats=True, item=[question("b")]))
    answers = {"a": (coding("x"), coding("y")), "b": (True,)}

    built = build(compiled, answers)

    assert [len(item["answer"]) for item in built["item"]] == [2]
    assert fhir.answers_of(compiled, built) == fhir.recorded(built) == answers


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"authored": datetime(2026, 11, 24)}, "^authored needs a time zone$"),
        ({"status": "done"}, "^status must be one of: in-progress, completed, amended, entered-in-error, stopped$"),
        ({"identifier": "7"}, "hexadecimal UUID"),
    ],
)
def test_what_would_make_an_unsound_response_is_refused(wrong, reason):
    with pytest.raises(ValueError, match=reason):
        build(REST, {}, **wrong)


@settings(max_examples=150, deadline=None)
@given(strategies.answered_forms())
def test_build_check_and_answers_of_agree(answered):
    compiled, values = answered

    sent = fhir.read_json(fhir.dumps(build(compiled, values)))

    assert fhir.check(compiled, sent) == ()
    assert fhir.answers_of(compiled, sent) == fhir.recorded(sent) == fhir.evaluate(compiled, values).answers
