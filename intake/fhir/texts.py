"""Texts with their translations, and the extensions of an element, read from a definition."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.fhir import extensions, limits, typed
from intake.fhir.extensions import RULES, TRANSLATION, Spot
from intake.fhir.faults import Fault, Faults
from intake.fhir.model import Text
from intake.fhir.node import Node
from intake.fhir.values import Value

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(slots=True)
class Desk:
    """What parsing one file collects on the way."""

    base: str
    faults: Faults = field(default_factory=Faults)
    warnings: list[str] = field(default_factory=list)

    def note(self, link_id: str, element: str, what: str) -> None:
        """Keep a warning, which is written like a fault."""
        if len(self.warnings) < limits.FAULTS:
            self.warnings.append(str(Fault(link_id, element, what)))

    def own(self, name: str) -> str:
        """The address of one of the project's own extensions."""
        return f"{self.base}/StructureDefinition/{name}"


def settings(
    desk: Desk, node: Node, spot: Spot | None = None, *, elsewhere: frozenset[str] = frozenset()
) -> dict[str, Value]:
    """The values of the known extensions by address; `elsewhere` are read by others, with their repetitions.

    Without a spot nothing else is in its place: at the form, and beside a text.
    """
    found: dict[str, Value] = {}
    for url, raw, place in extensions.entries(node.data, node.place):
        rule = RULES.get(url)
        if url in elsewhere:
            continue
        if rule is None:
            if (refusal := extensions.refusal(url)) is not None:
                place.fault(refusal)
            else:
                desk.note(place.link_id, place.element, f"{url.rpartition('/')[2]} has no effect here")
        elif spot != rule.spot:
            place.fault(f"{url.rpartition('/')[2]} does not belong here")
        elif url in found:
            place.fault("is given twice")
        elif (value := simple(Node(raw, place), rule.values)) is not None:
            found[url] = value
    return found


def simple(node: Node, values: tuple[str, ...]) -> Value | None:
    """The value of an extension that has one of `values` and nothing else."""
    keys = [key for key in node.data if key != "url"]
    if len(keys) != 1 or keys[0] not in values:
        node.place.fault(f"must have exactly one of: {', '.join(values)}")
        return None
    if keys[0] == "valueCodeableConcept":
        return node.read(keys[0], _first_code, None)
    return node.read(keys[0], typed.READERS[keys[0].removeprefix("value")], None)


def _first_code(raw: object) -> str:
    """The code of a CodeableConcept, which for a hint is that of its first coding."""
    codings = raw.get("coding") if isinstance(raw, Mapping) else None
    if not isinstance(codings, list) or not codings:
        raise ValueError("must have a coding")
    return typed.coding(codings[0]).code


def text(desk: Desk, node: Node, key: str, limit: int = limits.ITEM_TEXT, *, required: bool = False) -> Text:
    """The text under `key` with the translations beside it."""
    own = node.string(key, limit, required=required)
    beside = node.child(f"_{key}")
    if beside is None:
        return Text(own)
    if not own:
        beside.place.fault("stands beside no text")
    return Text(own, _translations(desk, beside, limit))


def _translations(desk: Desk, node: Node, limit: int) -> dict[str, str]:
    node.only("text")
    settings(desk, node, elsewhere=frozenset({TRANSLATION}))
    found: dict[str, str] = {}
    for url, raw, place in extensions.entries(node.data, node.place):
        if url != TRANSLATION:
            continue
        parts = nested(Node(raw, place), {"lang": ("valueCode",), "content": ("valueString", "valueMarkdown")})
        if len(parts["lang"]) != 1 or len(parts["content"]) != 1:
            place.fault("needs one lang and one content")
            continue
        language = parts["lang"][0].token(_value_key(parts["lang"][0]))
        content = parts["content"][0].string(_value_key(parts["content"][0]), limit)
        if language and not LANGUAGE.fullmatch(language):
            place.fault("its lang is not a language tag such as es or es-MX")
        if language in found:
            place.fault("is given twice for one language")
        found[language] = content
    return found


def nested(node: Node, expected: Mapping[str, tuple[str, ...]]) -> dict[str, list[Node]]:
    """The parts of a complex extension by name, each with exactly one of the values that it may have.

    A part with no values in `expected` is complex itself; a part of an unknown name is a fault.
    """
    found: dict[str, list[Node]] = {name: [] for name in expected}
    for key in node.data:
        if key not in ("url", "extension"):
            node.place.fault("does not belong here", key)
    for name, raw, place in extensions.entries(node.data, node.place):
        if name not in expected:
            place.fault(f"must have one of these names: {', '.join(expected)}")
            continue
        values = expected[name]
        given = [key for key in raw if key != "url"]
        if values and (not given or given[0] not in values or {*given} - {given[0], f"_{given[0]}"}):
            place.fault(f"{name} must have exactly one of: {', '.join(values)}")
            continue
        found[name].append(Node(raw, place))
    return found


def _value_key(node: Node) -> str:
    return next(key for key in node.data if key.startswith("value"))
