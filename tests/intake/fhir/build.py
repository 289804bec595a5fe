"""Small forms for tests, as JSON, and short ways to run them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from intake import fhir

CORE = "http://hl7.org/fhir/StructureDefinition/"
OWN = f"{fhir.BASE}/StructureDefinition/"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SYSTEM = "https://clinic.example/fhir/CodeSystem/test"

Json = dict[str, Any]


def question(link_id: str = "a", kind: str = "boolean", **more: Any) -> Json:
    return {"linkId": link_id, "type": kind, "text": f"Question {link_id}"} | more


def group(link_id: str, *items: Json, **more: Any) -> Json:
    return {"linkId": link_id, "type": "group", "text": f"Group {link_id}", "item": list(items)} | more


def form(*items: Json, **more: Any) -> Json:
    return {
        "resourceType": "Questionnaire",
        "url": "https://clinic.example/fhir/Questionnaire/test",
        "version": "1.0.0",
        "name": "Test",
        "title": "Test",
        "status": "active",
        "language": "en",
        "item": list(items) or [question()],
    } | more


def option(code: str, worth: Any = None, *, exclusive: bool = False, **more: Any) -> Json:
    marks = [extension("ordinalValue", valueDecimal=worth)] if worth is not None else []
    marks += [extension("questionnaire-optionExclusive", valueBoolean=True)] if exclusive else []
    coding = {"valueCoding": {"system": SYSTEM, "code": code, "display": code.title()}}
    return coding | ({"extension": marks} if marks else {}) | more


def choice(link_id: str, *options: Json, **more: Any) -> Json:
    return question(link_id, "choice", answerOption=list(options)) | more


def scored(link_id: str, *worths: Any, **more: Any) -> Json:
    """A choice whose options c0, c1, … are worth what is given."""
    return choice(link_id, *(option(f"c{at}", worth) for at, worth in enumerate(worths)), **more)


def when(link_id: str, operator: str = "=", **answer: Any) -> Json:
    return {"question": link_id, "operator": operator} | (answer or {"answerBoolean": True})


def extension(name: str, **value: Any) -> Json:
    return {"url": CORE + name} | value


def total(link_id: str = "total", kind: str = "integer", **more: Any) -> Json:
    return question(link_id, kind, readOnly=True) | more


def band(low: Any, high: Any, code: str) -> Json:
    return {
        "url": "band",
        "extension": [
            {"url": "low", "valueDecimal": low},
            {"url": "high", "valueDecimal": high},
            {"url": "code", "valueCode": code},
            {"url": "display", "valueString": code.title()},
        ],
    }


def score(target: str, *sources: str, bands: tuple[Json, ...] = ()) -> Json:
    return {
        "url": OWN + "intake-score",
        "extension": [
            {"url": "target", "valueString": target},
            *({"url": "source", "valueString": source} for source in sources),
            {"url": "method", "valueCode": "sum"},
            {"url": "missing", "valueCode": "all-required"},
            *bands,
        ],
    }


def trigger(link_id: str, operator: str = "=", **answer: Any) -> Json:
    return {
        "url": "when",
        "extension": [
            {"url": "question", "valueString": link_id},
            {"url": "operator", "valueCode": operator},
            {"url": "answer"} | (answer or {"valueBoolean": True}),
        ],
    }


def alert(code: str, *triggers: Json, severity: str = "urgent") -> Json:
    return {
        "url": OWN + "intake-alert",
        "extension": [{"url": "code", "valueCode": code}, {"url": "severity", "valueCode": severity}, *triggers],
    }


def without(resource: Json, key: str) -> Json:
    return {name: value for name, value in resource.items() if name != key}


def edited(declared: Json, *more: Json, without: str = "") -> Json:
    """A complex extension less the parts of one name, with more parts at the end."""
    return declared | {"extension": [*(part for part in declared["extension"] if part["url"] != without), *more]}


def translated(**contents: str) -> Json:
    """What stands in the `_element` beside a text."""
    return {
        "extension": [
            extension(
                "translation",
                extension=[{"url": "lang", "valueCode": lang}, {"url": "content", "valueString": content}],
            )
            for lang, content in contents.items()
        ]
    }


def parse(*items: Json, **more: Any) -> fhir.Questionnaire:
    return fhir.parse(form(*items, **more))


def faults(raw: Any) -> tuple[fhir.Fault, ...]:
    """What a file is refused for; none if it is not."""
    try:
        fhir.parse(raw)
    except fhir.DefinitionError as error:
        return error.faults
    return ()


def told(raw: Any) -> str:
    """The lines that a file is refused with, as check_questionnaire prints them."""
    return "\n".join(map(str, faults(raw)))


def refusals(rows: list[tuple[str, Json, str]]) -> pytest.MarkDecorator:
    """A test for each row: what is refused, a file that breaks the rule, and the lines that say so."""
    return pytest.mark.parametrize(("resource", "lines"), [row[1:] for row in rows], ids=[row[0] for row in rows])


def coding(code: str) -> fhir.Coding:
    return fhir.Coding(code, SYSTEM, code.title())
