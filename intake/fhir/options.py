"""The options of a choice: written at the item, or in a value set that the form contains."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from intake.fhir import limits, typed
from intake.fhir.extensions import EXCLUSIVE, ORDINAL, PREFIX, WEIGHT
from intake.fhir.faults import Place
from intake.fhir.model import Option, Text
from intake.fhir.node import Node
from intake.fhir.texts import Desk, settings, text
from intake.fhir.values import Coding, Value, equal

ValueSets = Mapping[str, tuple[Option, ...]]

_VALUES = ("valueCoding", "valueString", "valueInteger")


def options(desk: Desk, node: Node, value_sets: ValueSets) -> tuple[Option, ...]:
    """The options of an item, whichever way they are given."""
    if "answerOption" in node.data and "answerValueSet" in node.data:
        node.place.fault("cannot stand beside answerOption", "answerValueSet")
    if "answerValueSet" in node.data:
        return _referred(node, value_sets)
    return _unique((one.place, _option(desk, one)) for one in node.objects("answerOption", limits.OPTIONS))


def _referred(node: Node, value_sets: ValueSets) -> tuple[Option, ...]:
    reference = node.token("answerValueSet")
    if not reference:
        return ()
    if not reference.startswith("#"):
        node.place.fault("must name a ValueSet that the form contains, as #id", "answerValueSet")
    elif reference[1:] not in value_sets:
        node.place.fault("names a ValueSet that the form does not contain", "answerValueSet")
    return value_sets.get(reference[1:], ())


def _option(desk: Desk, node: Node) -> Option | None:
    node.only("option")
    marks = settings(desk, node, "option")
    given = [key for key in _VALUES if key in node.data]
    if len(given) != 1:
        node.place.fault(f"must have exactly one of: {', '.join(_VALUES)}")
        return None
    if given[0] == "valueCoding":
        inner = node.child("valueCoding")
        return None if inner is None else _coded(desk, inner, marks)
    if given[0] == "valueString":
        words = text(desk, node, "valueString", limits.OPTION_TEXT)
        return _marked(words.own, words, marks) if words else None
    number = node.read("valueInteger", typed.integer, None)
    return None if number is None else _marked(number, Text(str(number)), marks)


def _coded(desk: Desk, node: Node, marks: dict[str, Value]) -> Option | None:
    node.only("coding")
    for url, value in settings(desk, node, "option").items():
        if marks.setdefault(url, value) != value:
            node.place.fault("contradicts the extension of the option", "extension")
    return _concept(desk, node, node.token("system") or None, marks)


def _concept(desk: Desk, node: Node, system: str | None, marks: dict[str, Value]) -> Option | None:
    """An option out of an object with code and display: a Coding, or a concept of a value set."""
    code = node.token("code", required=True)
    display = text(desk, node, "display", limits.OPTION_TEXT)
    if not code:
        return None
    if ORDINAL in marks and marks.get(WEIGHT, marks[ORDINAL]) != marks[ORDINAL]:
        node.place.fault("ordinalValue and itemWeight differ", "extension")
    return _marked(Coding(code, system, display.own or None), display or Text(code), marks)


def _marked(value: Coding | str | int, display: Text, marks: dict[str, Value]) -> Option:
    ordinal = marks.get(ORDINAL, marks.get(WEIGHT))
    return Option(
        value,
        display,
        ordinal=ordinal if isinstance(ordinal, Decimal) else None,
        exclusive=marks.get(EXCLUSIVE) is True,
        prefix=str(marks.get(PREFIX, "")),
    )


def _unique(found: Iterable[tuple[Place, Option | None]]) -> tuple[Option, ...]:
    """The options that could be read, each told where it stands when it is one of those before it."""
    kept: list[Option] = []
    for place, option in found:
        if option is None:
            continue
        if any(equal(option.value, other.value) for other in kept):
            place.fault("is the same option as an earlier one")
        kept.append(option)
    return tuple(kept)


def value_sets(desk: Desk, form: Node) -> ValueSets:
    """The options of each ValueSet that the form contains, by id."""
    found: dict[str, tuple[Option, ...]] = {}
    for node in form.objects("contained", limits.ITEMS):
        if node.data.get("resourceType") != "ValueSet":
            node.place.fault("only a ValueSet can be contained", "resourceType")
            continue
        node.only("value set")
        name = node.token("id", required=True)
        if name in found:
            node.place.fault("is the id of an earlier ValueSet", "id")
        found[name] = _composed(desk, node)
    return found


def _composed(desk: Desk, node: Node) -> tuple[Option, ...]:
    compose = node.child("compose")
    if compose is None:
        if "compose" not in node.data:
            node.place.fault("is required", "compose")
        return ()
    compose.only("compose")
    found = [
        concept
        for include in compose.objects("include", limits.OPTIONS, required=True)
        for concept in _included(desk, include)
    ]
    if len(found) > limits.OPTIONS:
        compose.place.fault(f"lists more than {limits.OPTIONS} concepts", "include")
        return ()
    return _unique(found)


def _included(desk: Desk, node: Node) -> Iterator[tuple[Place, Option | None]]:
    node.only("include")
    system = node.token("system") or None
    for concept in node.objects("concept", limits.OPTIONS, required=True):
        concept.only("concept")
        yield concept.place, _concept(desk, concept, system, settings(desk, concept, "option"))
