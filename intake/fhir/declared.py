"""The scores and alerts that a form declares with the project's own extensions."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from intake.fhir import extensions, limits
from intake.fhir.faults import Place
from intake.fhir.items import OPERATORS, answer_of
from intake.fhir.model import Alert, Band, Score, Trigger
from intake.fhir.node import Node
from intake.fhir.texts import Desk, nested, text

SCORE, ALERT = "intake-score", "intake-alert"

_NUMBER = ("valueDecimal", "valueInteger")
_ANSWERS = ("valueBoolean", "valueCoding", "valueInteger", "valueDecimal", "valueString", "valueDate")


def scores(desk: Desk, form: Node) -> tuple[Score, ...]:
    return tuple(score for node in _declarations(desk, form, SCORE) if (score := _score(desk, node)) is not None)


def alerts(desk: Desk, form: Node) -> tuple[Alert, ...]:
    return tuple(alert for node in _declarations(desk, form, ALERT) if (alert := _alert(node)) is not None)


def _declarations(desk: Desk, form: Node, name: str) -> Iterator[Node]:
    found = [raw for url, raw, _ in extensions.entries(form.data, form.place) if url == desk.own(name)]
    if len(found) > limits.DECLARATIONS:
        form.place.fault(f"is declared more than {limits.DECLARATIONS} times", name)
        return
    for at, raw in enumerate(found):
        yield Node(raw, Place(desk.faults, _target(raw), f"{name}[{at}]"))


def _target(raw: Mapping[str, object]) -> str:
    """The linkId that a score's faults are told under, as far as it can be read."""
    parts = raw.get("extension")
    named = (one for one in parts if isinstance(one, dict)) if isinstance(parts, list) else ()
    found = next((one.get("valueString") for one in named if one.get("url") == "target"), None)
    return found if isinstance(found, str) else ""


def _score(desk: Desk, node: Node) -> Score | None:
    parts = nested(
        node,
        {
            "target": ("valueString",),
            "source": ("valueString",),
            "method": ("valueCode",),
            "missing": ("valueCode",),
            "band": (),
        },
    )
    target = _one(node, parts["target"], "target")
    _fixed(node, parts["method"], "method", "sum")
    _fixed(node, parts["missing"], "missing", "all-required")
    sources = tuple(source.token("valueString", limits.LINK_ID) for source in parts["source"])
    if not sources:
        node.place.fault("is required", "source")
    if len(parts["band"]) > limits.BANDS:
        node.place.fault(f"has more than {limits.BANDS} entries", "band")
        return None
    bands = [band for one in parts["band"] if (band := _band(desk, one)) is not None]
    if target is None:
        return None
    link_id = target.token("valueString", limits.LINK_ID)
    return Score(link_id, sources, tuple(sorted(bands, key=lambda band: band.low)))


def _band(desk: Desk, node: Node) -> Band | None:
    parts = nested(node, {"low": _NUMBER, "high": _NUMBER, "code": ("valueCode",), "display": ("valueString",)})
    found = {name: _one(node, parts[name], name) for name in parts}
    low, high, code, display = found["low"], found["high"], found["code"], found["display"]
    if low is None or high is None or code is None or display is None:
        return None
    numbers = answer_of(low, "value"), answer_of(high, "value")
    words = text(desk, display, "valueString", limits.NAME)
    name = code.token("valueCode", limits.CODE)
    bounds = [Decimal(number) for number in numbers if isinstance(number, int | Decimal)]
    return Band(bounds[0], bounds[1], name, words) if len(bounds) == 2 else None


def _alert(node: Node) -> Alert | None:
    parts = nested(node, {"code": ("valueCode",), "severity": ("valueCode",), "when": ()})
    code, severity = _one(node, parts["code"], "code"), _one(node, parts["severity"], "severity")
    if not parts["when"]:
        node.place.fault("is required", "when")
    if len(parts["when"]) > limits.CONDITIONS:
        node.place.fault(f"has more than {limits.CONDITIONS} entries", "when")
        return None
    triggers = [trigger for one in parts["when"] if (trigger := _trigger(one)) is not None]
    if code is None or severity is None:
        return None
    level = severity.choice("valueCode", ("urgent", "routine"))
    return Alert(code.token("valueCode", limits.CODE), level, tuple(triggers))


def _trigger(node: Node) -> Trigger | None:
    parts = nested(node, {"question": ("valueString",), "operator": ("valueCode",), "answer": _ANSWERS})
    question, operator = _one(node, parts["question"], "question"), _one(node, parts["operator"], "operator")
    answer = _one(node, parts["answer"], "answer")
    if question is None or operator is None or answer is None:
        return None
    value = answer_of(answer, "value")
    link_id, sign = question.token("valueString", limits.LINK_ID), operator.choice("valueCode", OPERATORS)
    return Trigger(link_id, sign, value) if link_id and sign and value is not None else None


def _one(node: Node, found: list[Node], name: str) -> Node | None:
    if len(found) == 1:
        return found[0]
    node.place.fault("is required, once", name)
    return None


def _fixed(node: Node, found: list[Node], name: str, only: str) -> None:
    """The one value that the subset has for a setting; a second one would be a new meaning."""
    if (one := _one(node, found, name)) is not None:
        one.choice("valueCode", (only,))
