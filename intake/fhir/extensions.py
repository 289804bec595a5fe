"""The extensions a form may carry, where, and how the others are told apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from intake.fhir.faults import Place

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"

HIDDEN = CORE + "questionnaire-hidden"
EXCLUSIVE = CORE + "questionnaire-optionExclusive"
MIN_VALUE = CORE + "minValue"
MAX_VALUE = CORE + "maxValue"
MIN_LENGTH = CORE + "minLength"
ORDINAL = CORE + "ordinalValue"
WEIGHT = CORE + "itemWeight"
TRANSLATION = CORE + "translation"
CONTROL = CORE + "questionnaire-itemControl"
ORIENTATION = CORE + "questionnaire-choiceOrientation"
CATEGORY = CORE + "questionnaire-displayCategory"
PREFIX = CORE + "questionnaire-optionPrefix"
ENTRY_FORMAT = CORE + "entryFormat"

Spot = Literal["item", "option", "text"]


@dataclass(frozen=True, slots=True)
class Rule:
    spot: Spot
    values: tuple[str, ...]  # the value[x] keys it may have; none: it is complex


RULES: Mapping[str, Rule] = {
    HIDDEN: Rule("item", ("valueBoolean",)),
    MIN_VALUE: Rule("item", ("valueInteger", "valueDecimal", "valueDate")),
    MAX_VALUE: Rule("item", ("valueInteger", "valueDecimal", "valueDate")),
    MIN_LENGTH: Rule("item", ("valueInteger",)),
    CONTROL: Rule("item", ("valueCodeableConcept",)),
    ORIENTATION: Rule("item", ("valueCode",)),
    CATEGORY: Rule("item", ("valueCodeableConcept",)),
    ENTRY_FORMAT: Rule("item", ("valueString",)),
    EXCLUSIVE: Rule("option", ("valueBoolean",)),
    ORDINAL: Rule("option", ("valueDecimal",)),
    WEIGHT: Rule("option", ("valueDecimal",)),
    PREFIX: Rule("option", ("valueString",)),
    TRANSLATION: Rule("text", ()),  # in the _element beside a text, and read with it
}

PRESENTATION = frozenset(  # kept, without effect
    (
        CORE + "designNote",
        CORE + "questionnaire-sliderStepValue",
        CORE + "questionnaire-supportLink",
        CORE + "questionnaire-usageMode",
        CORE + "rendering-markdown",
        CORE + "rendering-style",
        CORE + "rendering-styleSensitive",
        CORE + "rendering-xhtml",
        SDC + "sdc-questionnaire-choiceColumn",
        SDC + "sdc-questionnaire-collapsible",
        SDC + "sdc-questionnaire-columnCount",
        SDC + "sdc-questionnaire-itemAnswerMedia",
        SDC + "sdc-questionnaire-itemMedia",
        SDC + "sdc-questionnaire-openLabel",
        SDC + "sdc-questionnaire-optionalDisplay",
        SDC + "sdc-questionnaire-shortText",
        SDC + "sdc-questionnaire-width",
    )
)

LATER = frozenset(
    (
        CORE + "maxDecimalPlaces",
        CORE + "questionnaire-maxOccurs",
        CORE + "questionnaire-minOccurs",
        CORE + "questionnaire-unit",
        CORE + "questionnaire-unitOption",
        CORE + "regex",
    )
)

_REFUSED = {  # part of the name, lower case -> what it is
    "expression": "an expression",
    "variable": "an expression",
    "enablewhenexpression": "an expression",
    "constraint": "an expression",
    "cqf-library": "an expression",
    "answeroptionstoggle": "a computed option list",
    "unitvalueset": "an external option list",
    "referenceprofile": "an external option list",
    "terminologyserver": "an external option list",
    "lookupquestionnaire": "an external option list",
    "subquestionnaire": "a sub-questionnaire",
    "assembl": "a sub-questionnaire",
    "adaptive": "an adaptive form",
    "launchcontext": "a pre-population query",
    "populat": "a pre-population query",
    "sourcequeries": "a pre-population query",
    "sourcestructuremap": "a pre-population query",
    "targetstructuremap": "an extraction query",
    "extract": "an extraction query",
    "observationlinkperiod": "a pre-population query",
}


def refusal(url: str) -> str | None:
    """Why an extension that no rule knows is refused; None when it only concerns looks."""
    if url in PRESENTATION:
        return None
    name = url.rpartition("/")[2]
    if url in LATER:
        return f"{name} is not supported yet"
    kind = next((kind for part, kind in _REFUSED.items() if part in name.lower()), None)
    return f"{name} is {kind}, which is refused" if kind else f"{name} is not an extension that is supported"


def entries(holder: Mapping[str, object], place: Place) -> Iterator[tuple[str, dict[str, object], Place]]:
    """The well-formed extensions of an object, as url, extension and place."""
    found = holder.get("extension", [])
    if not isinstance(found, list) or (not found and "extension" in holder):
        place.fault("must be a list that is not empty", "extension")
        return
    for at, one in enumerate(found):
        here = place.at(f"extension[{at}]")
        if not isinstance(one, dict):
            here.fault("must be an object")
        elif not isinstance(url := one.get("url"), str) or not url:
            here.fault("must be a text", "url")
        else:
            yield url, one, here
