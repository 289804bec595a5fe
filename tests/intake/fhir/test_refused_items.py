# ruff: noqa: E501 - one row a rule
"""Items and their extensions: the smallest form that breaks each rule, and the lines that say where and how."""

from tests.intake.fhir.build import (
    Json,
    choice,
    extension,
    form,
    group,
    option,
    question,
    refusals,
    told,
    translated,
    without,
)

ONE = option("one")
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"

LATER = ("open-choice", "dateTime", "time", "url", "quantity", "attachment", "reference", "question")
ASKED = (("code", [{"code": "x"}]), ("required", False), ("repeats", False), ("readOnly", False))
LATER_EXTENSIONS = (
    "regex",
    "maxDecimalPlaces",
    "questionnaire-minOccurs",
    "questionnaire-maxOccurs",
    "questionnaire-unit",
    "questionnaire-unitOption",
)
REFUSED = [
    ("sdc-questionnaire-calculatedExpression", "an expression"),
    ("sdc-questionnaire-initialExpression", "an expression"),
    ("sdc-questionnaire-enableWhenExpression", "an expression"),
    ("sdc-questionnaire-answerExpression", "an expression"),
    ("sdc-questionnaire-candidateExpression", "an expression"),
    ("sdc-questionnaire-subQuestionnaire", "a sub-questionnaire"),
    ("sdc-questionnaire-itemPopulationContext", "a pre-population query"),
    ("sdc-questionnaire-itemExtractionContext", "an extraction query"),
    ("sdc-questionnaire-observationLinkPeriod", "a pre-population query"),
    ("sdc-questionnaire-lookupQuestionnaire", "an external option list"),
    ("sdc-questionnaire-preferredTerminologyServer", "an external option list"),
]


def one(**more) -> Json:
    return form(question("a", **more))


def extended(kind: str, *found: Json) -> Json:
    return form(question("a", kind, extension=list(found)))


ITEM = [
    ("linkId is a string", one(linkId=7), "-: item[0].linkId: must be a text that is not empty"),
    ("linkId is one line", one(linkId="a\nb"), "-: item[0].linkId: must be one line of at most 1000 characters without space around it"),
    ("linkId has 255 characters", one(linkId="a" * 256), "-: item[0].linkId: is longer than 255 characters"),
    ("linkId is unique", form(question(), question()), "a: linkId: is the linkId of an earlier item"),
    ("type is required", form(without(question(), "type")), "a: type: is required"),
    ("type exists", one(type="mood"), "a: type: must be one of: group, display, choice, string, text, boolean, integer, decimal, date"),
    *((f"{kind} comes later", one(type=kind), f"a: type: {kind} is not supported yet") for kind in LATER),
    ("a group has items", form({"linkId": "a", "type": "group"}), "a: item: a group must have items"),
    ("display has no items", one(type="display", item=[question("b")]), "a: item: a display item must not have it"),
    *((f"display has no {key}", one(type="display", **{key: value}), f"a: {key}: a display item must not have it") for key, value in ASKED),
    ("an element that is not listed", one(definition="x"), "a: definition: is not an element that is supported here"),
    ("initial comes later", one(initial=[{"valueBoolean": True}]), "a: initial: is not supported yet"),
    ("modifierExtension on an item", one(modifierExtension=[{"url": "x"}]), "a: modifierExtension: is refused anywhere"),
    ("required is a boolean", one(required="true"), "a: required: must be true or false"),
    ("readOnly is a boolean", one(readOnly=1), "a: readOnly: must be true or false"),
    ("only a choice repeats", one(repeats=True), "a: repeats: is supported on choice only"),
    ("a group does not repeat yet", form(group("a", question("b"), repeats=True)), "a: repeats: is supported on choice only"),
    ("maxLength is a number", one(type="text", maxLength="5"), "a: maxLength: must be a whole number of 32 bits"),
    ("maxLength is not a boolean", one(type="text", maxLength=True), "a: maxLength: must be a whole number of 32 bits"),
    ("maxLength is at least 1", one(type="text", maxLength=0), "a: maxLength: must be at least 1"),
    ("maxLength is for typed answers", one(maxLength=5), "a: maxLength: is for text and numbers only"),
    ("text has 10,000 characters", one(text="x" * 10_001), "a: text: is longer than 10000 characters"),
    ("text is a text", one(text=5), "a: text: must be a text that is not empty"),
    ("code has a code", one(code=[{"system": "x"}]), "a: code[0].code: is required"),
    ("code is a list", one(code={"code": "x"}), "a: code: must be a list that is not empty"),
    ("a translation stands beside a text", form(without(question(_text=translated(es="x")), "text")), "a: _text: stands beside no text"),
    ("linkId is required", form(without(question(), "linkId")), "-: item[0].linkId: is required"),
    ("an item without linkId is told by its place", form(without(question(required=1), "linkId")), "-: item[0].linkId: is required\n-: item[0].required: must be true or false"),
    ("each linkId is required", form(without(question(), "linkId"), without(question(), "linkId")), "-: item[0].linkId: is required\n-: item[1].linkId: is required"),
    ("linkId is unique in the whole form", form(question(), group("g", question())), "a: linkId: is the linkId of an earlier item"),
    ("a very long linkId is cut", form(question("a" * 300), question("a" * 300)), "-: item[0].linkId: is longer than 255 characters\n-: item[1].linkId: is longer than 255 characters\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…: linkId: is the linkId of an earlier item"),
    ("type is a code", one(type=7), "a: type: must be a text that is not empty"),
    ("an unknown type is the only fault of its item", one(type="mood", extension=[extension("minValue", valueInteger=1)], maxLength=3), "a: type: must be one of: group, display, choice, string, text, boolean, integer, decimal, date"),
    ("items are a list", form(group("a") | {"item": {}}), "a: item: must be a list that is not empty"),
    ("prefix has 500 characters", one(prefix="1" * 501), "a: prefix: is longer than 500 characters"),
    ("repeats is a boolean", one(repeats="false"), "a: repeats: must be true or false"),
    ("250 codes", one(code=[{"code": "x"}] * 251), "a: code: has more than 250 entries"),
    ("code is a code", one(code=[{"code": " x"}]), "a: code[0].code: must be one line of at most 1000 characters without space around it"),
    ("the system of a code has 1,000 characters", one(code=[{"code": "x", "system": "s" * 1_001}]), "a: code[0].system: must be one line of at most 1000 characters without space around it"),
    *((f"a code has no U+{ord(char):04X}", one(code=[{"code": f"a{char}b"}]), "a: code[0].code: must be one line of at most 1000 characters without space around it") for char in "\n\u2028\u2029\u00a0"),
    ("the system of a code is one line", one(code=[{"code": "x", "system": ""}]), "a: code[0].system: must be a text that is not empty"),
    ("the display of a code is a text", one(code=[{"code": "x", "display": 7}]), "a: code[0].display: must be a text that is not empty"),
    ("a code has no other element", one(code=[{"code": "x", "definition": "y"}]), "a: code[0].definition: is not an element that is supported here"),
]  # fmt: skip

EXTENSION = [
    ("hidden is a boolean", extended("boolean", extension("questionnaire-hidden", valueString="true")), "a: extension[0]: must have exactly one of: valueBoolean"),
    ("hidden once", extended("boolean", *[extension("questionnaire-hidden", valueBoolean=True)] * 2), "a: extension[1]: is given twice"),
    ("hidden belongs to an item", form(choice("a", ONE | {"extension": [extension("questionnaire-hidden", valueBoolean=True)]})), "a: answerOption[0].extension[0]: questionnaire-hidden does not belong here"),
    ("exclusive belongs to an option", extended("boolean", extension("questionnaire-optionExclusive", valueBoolean=True)), "a: extension[0]: questionnaire-optionExclusive does not belong here"),
    ("minValue is of the type", extended("date", extension("minValue", valueInteger=1)), "a: extension: minValue does not fit an item of type date"),
    ("minValue has a type that has an order", extended("text", extension("minValue", valueInteger=1)), "a: extension: minValue does not fit an item of type text"),
    ("minValue below maxValue", extended("integer", extension("minValue", valueInteger=2), extension("maxValue", valueInteger=1)), "a: extension: minValue is above maxValue"),
    ("minLength is not negative", extended("text", extension("minLength", valueInteger=-1)), "a: extension: minLength must not be negative"),
    ("minLength can be reached", extended("text", extension("minLength", valueInteger=4001)), "a: extension: minLength is above 4000, the longest answer"),
    ("minLength is for typed answers", extended("date", extension("minLength", valueInteger=1)), "a: extension: minLength is for text and numbers only"),
    ("orientation is one of two", extended("boolean", extension("questionnaire-choiceOrientation", valueCode="diagonal")), "a: extension: choiceOrientation must be of its value set"),
    *((f"{name} comes later", extended("text", extension(name, valueString="x")), f"a: extension[0]: {name} is not supported yet") for name in LATER_EXTENSIONS),
    *((f"{name} is refused", extended("text", {"url": SDC + name}), f"a: extension[0]: {name} is {what}, which is refused") for name, what in REFUSED),
    ("an extension has an address", extended("text", {"valueString": "x"}), "a: extension[0].url: must be a text"),
    ("an extension is an object", extended("text", "x"), "a: extension[0]: must be an object"),
    ("extensions are a list", one(extension={"url": "x"}), "a: extension: must be a list that is not empty"),
    ("hidden has nothing beside its value", extended("boolean", extension("questionnaire-hidden", valueBoolean=True, id="x")), "a: extension[0]: must have exactly one of: valueBoolean"),
    ("minValue has a value", extended("integer", extension("minValue")), "a: extension[0]: must have exactly one of: valueInteger, valueDecimal, valueDate"),
    ("hidden has a value", extended("boolean", extension("questionnaire-hidden")), "a: extension[0]: must have exactly one of: valueBoolean"),
    ("hidden is not a number", extended("boolean", extension("questionnaire-hidden", valueBoolean=1)), "a: extension[0].valueBoolean: must be true or false"),
    ("minValue is a number", extended("decimal", extension("minValue", valueDecimal="1")), "a: extension[0].valueDecimal: must be a number"),
    ("maxValue is of the type", extended("integer", extension("maxValue", valueDate="2026")), "a: extension: maxValue does not fit an item of type integer"),
    ("maxValue is in the calendar", extended("date", extension("maxValue", valueDate="2026-13")), "a: extension[0].valueDate: must be a date: YYYY, YYYY-MM or YYYY-MM-DD"),
    ("minLength is below maxLength", form(question("a", "text", maxLength=5, extension=[extension("minLength", valueInteger=6)])), "a: extension: minLength is above 5, the longest answer"),
    ("a control has a coding", extended("boolean", extension("questionnaire-itemControl", valueCodeableConcept={"coding": []})), "a: extension[0].valueCodeableConcept: must have a coding"),
    ("a control is a concept", extended("boolean", extension("questionnaire-itemControl", valueCodeableConcept="drop-down")), "a: extension[0].valueCodeableConcept: must have a coding"),
    ("the coding of a control is an object", extended("boolean", extension("questionnaire-itemControl", valueCodeableConcept={"coding": ["drop-down"]})), "a: extension[0].valueCodeableConcept: must be a Coding"),
    ("the coding of a control has a code", extended("boolean", extension("questionnaire-itemControl", valueCodeableConcept={"coding": [{"display": "x"}]})), "a: extension[0].valueCodeableConcept: must have a code"),
    ("the code of a control is one line", extended("boolean", extension("questionnaire-itemControl", valueCodeableConcept={"coding": [{"code": "a\nb"}]})), "a: extension[0].valueCodeableConcept: its code must be one line of at most 1000 characters without space around it"),
    ("a refused extension does not hide the next", extended("boolean", extension("regex", valueString="x"), extension("minLength", valueString="x")), "a: extension[0]: regex is not supported yet\na: extension[1]: must have exactly one of: valueInteger"),
    ("the address of an extension is a text", extended("text", {"url": 7}), "a: extension[0].url: must be a text"),
    ("the address of an extension is not empty", extended("text", {"url": ""}), "a: extension[0].url: must be a text"),
    ("extensions are not an empty list", one(extension=[]), "a: extension: must be a list that is not empty"),
    ("an extension that nobody knows", extended("text", {"url": "https://x.example/mood"}), "a: extension[0]: mood is not an extension that is supported"),
]  # fmt: skip


@refusals(ITEM)
def test_an_item_that_breaks_a_rule_is_refused_in_words(resource, lines):
    assert told(resource) == lines


@refusals(EXTENSION)
def test_an_extension_that_breaks_a_rule_is_refused_in_words(resource, lines):
    assert told(resource) == lines
