# ruff: noqa: E501 - one row a rule
"""The form itself and its texts: the smallest form that breaks each rule, and the lines that say where and how."""

from tests.intake.fhir.build import CORE, Json, alert, extension, form, refusals, told, translated, trigger, without

LANG, CONTENT = {"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": "Prueba"}


def translation(*parts: Json) -> Json:
    return {"extension": [extension("translation", extension=list(parts))]}


FORM = [
    ("url is required", without(form(), "url"), "-: url: is required"),
    ("version is required", without(form(), "version"), "-: version: is required"),
    ("a version has no |", form(version="1|2"), "-: version: must not contain |, which parts url and version"),
    ("name is required", without(form(), "name"), "-: name: is required"),
    ("title is required", without(form(), "title"), "-: title: is required"),
    ("language is required", without(form(), "language"), "-: language: is required"),
    ("language is a tag", form(language="english, mostly"), "-: language: is not a language tag such as en or es-MX"),
    ("status is required", without(form(), "status"), "-: status: is required"),
    ("status is one of three", form(status="unknown"), "-: status: must be one of: draft, active, retired"),
    ("a form has items", without(form(), "item"), "-: item: a form must have items"),
    ("items are not an empty list", form(item=[]), "-: item: must be a list that is not empty"),
    ("another resource", form(resourceType="Patient"), "-: resourceType: must be Questionnaire"),
    ("an element that is not listed", form(derivedFrom=["https://clinic.example/x"]), "-: derivedFrom: is not an element that is supported here"),
    ("modifierExtension on the form", form(modifierExtension=[{"url": "x"}]), "-: modifierExtension: is refused anywhere"),
    ("only value sets are contained", form(contained=[{"resourceType": "Library", "id": "x"}]), "-: contained[0].resourceType: only a ValueSet can be contained"),
    ("an extension that is not listed", form(extension=[{"url": "https://x.example/y"}]), "-: extension[0]: y is not an extension that is supported"),
    ("a library", form(extension=[{"url": CORE + "cqf-library", "valueCanonical": "x"}]), "-: extension[0]: cqf-library is an expression, which is refused"),
    ("own extensions of another base", form(extension=[{"url": "https://x.example/intake-score"}]), "-: extension[0]: intake-score is not an extension that is supported\n-: extension[0].url: the project's own extensions begin with https://clinic.example/fhir/StructureDefinition/"),
    ("title is a text", form(title=["Test"]), "-: title: must be a text that is not empty"),
    ("title is not empty", form(title=" "), "-: title: must be a text that is not empty"),
    ("null is not a value", form(publisher=None), "-: publisher: must be a text that is not empty"),
    ("subjectType is a list of codes", form(subjectType="Patient"), "-: subjectType: must be a list that is not empty"),
    ("a translation into the own language", form(_title=translated(en="Test")), "-: language: a text has a translation into the form's own language"),
    ("a translation needs a content", form(_title={"extension": [extension("translation")]}), "-: _title.extension[0]: needs one lang and one content"),
    ("each translation needs both", form(_title={"extension": [extension("translation")] * 2}), "-: _title.extension[0]: needs one lang and one content\n-: _title.extension[1]: needs one lang and one content"),
    ("one translation a language", form(_title={"extension": translated(es="x")["extension"] * 2}), "-: _title.extension[1]: is given twice for one language"),
    ("url has no |", form(url="https://clinic.example/a|b"), "-: url: must not contain |, which parts url and version"),
    ("url has 500 characters", form(url="https://clinic.example/" + "x" * 478), "-: url: is longer than 500 characters"),
    ("url is one line", form(url="https://clinic.example/a b\nc"), "-: url: must be one line of at most 1000 characters without space around it"),
    ("version has 100 characters", form(version="1" * 101), "-: version: is longer than 100 characters"),
    ("name has 200 characters", form(name="x" * 201), "-: name: is longer than 200 characters"),
    ("name is one line", form(name=" Test"), "-: name: must be one line of at most 1000 characters without space around it"),
    ("title has 500 characters", form(title="x" * 501), "-: title: is longer than 500 characters"),
    ("description has 10,000 characters", form(description="x" * 10_001), "-: description: is longer than 10000 characters"),
    ("copyright is a text", form(copyright=7), "-: copyright: must be a text that is not empty"),
    ("language is a text", form(language=7), "-: language: must be a text that is not empty"),
    ("date is a text", form(date=2026), "-: date: must be a text that is not empty"),
    ("date is one line", form(date="x" * 1_001), "-: date: must be one line of at most 1000 characters without space around it"),
    ("subjectType is not empty", form(subjectType=[]), "-: subjectType: must be a list that is not empty"),
    ("subjectType holds codes", form(subjectType=["Patient", "a  b"]), "-: subjectType: must be one line of at most 1000 characters without space around it"),
    ("initial is no element of a form", form(initial=[]), "-: initial: is not supported yet"),
    ("an item is an object", form("a"), "-: item[0]: must be an object"),
    ("contained is a list", form(contained={}), "-: contained: must be a list that is not empty"),
    ("hidden belongs to an item", form(extension=[extension("questionnaire-hidden", valueBoolean=True)]), "-: extension[0]: questionnaire-hidden does not belong here"),
    ("own extensions do not hide the next", form(extension=[alert("x", trigger("a")), extension("questionnaire-hidden", valueBoolean=True)]), "-: extension[1]: questionnaire-hidden does not belong here"),
    ("a translation stands beside a text", form(extension=translated(es="x")["extension"]), "-: extension[0]: translation does not belong here"),
    ("own alerts of another base", form(extension=[alert("x", trigger("a")) | {"url": "https://x.example/intake-alert"}]), "-: extension[0]: intake-alert is not an extension that is supported\n-: extension[0].url: the project's own extensions begin with https://clinic.example/fhir/StructureDefinition/"),
    ("what stands beside a text is an object", form(_title="Prueba"), "-: _title: must be an object"),
    ("what stands beside a text has extensions", form(_title={"id": "x"}), "-: _title.id: is not an element that is supported here"),
    ("a translation needs a language", form(_title=translation({"url": "content", "valueString": "Prueba"})), "-: _title.extension[0]: needs one lang and one content"),
    ("a translation has one content", form(_title=translation(LANG, CONTENT, CONTENT)), "-: _title.extension[0]: needs one lang and one content"),
    ("a translation has no other part", form(_title=translation(LANG, CONTENT, {"url": "note", "valueString": "x"})), "-: _title.extension[0].extension[2]: must have one of these names: lang, content"),
    ("each unknown part is told", form(_title=translation({"url": "x"}, {"url": "y"}, LANG, CONTENT)), "-: _title.extension[0].extension[0]: must have one of these names: lang, content\n-: _title.extension[0].extension[1]: must have one of these names: lang, content"),
    ("each part without a value is told", form(_title=translation({"url": "lang"}, {"url": "content"})), "-: _title.extension[0].extension[0]: lang must have exactly one of: valueCode\n-: _title.extension[0].extension[1]: content must have exactly one of: valueString, valueMarkdown\n-: _title.extension[0]: needs one lang and one content"),
    ("a part of a translation has one value", form(_title=translation(LANG | {"valueString": "es"}, CONTENT)), "-: _title.extension[0].extension[0]: lang must have exactly one of: valueCode\n-: _title.extension[0]: needs one lang and one content"),
    ("a part of a translation has a value", form(_title=translation({"url": "lang"}, CONTENT)), "-: _title.extension[0].extension[0]: lang must have exactly one of: valueCode\n-: _title.extension[0]: needs one lang and one content"),
    ("a part of a translation has its own value", form(_title=translation({"url": "lang", "valueString": "es"}, CONTENT)), "-: _title.extension[0].extension[0]: lang must have exactly one of: valueCode\n-: _title.extension[0]: needs one lang and one content"),
    ("a translation has nothing beside its parts", form(_title={"extension": [translation(LANG, CONTENT)["extension"][0] | {"valueString": "x"}]}), "-: _title.extension[0].valueString: does not belong here"),
    ("the language of a translation is a tag", form(_title=translation({"url": "lang", "valueCode": "Spanish"}, CONTENT)), "-: _title.extension[0]: its lang is not a language tag such as es or es-MX"),
    ("the language of a translation is a text", form(_title=translation({"url": "lang", "valueCode": 7}, CONTENT)), "-: _title.extension[0].extension[0].valueCode: must be a text that is not empty"),
    ("a translation is as short as the text", form(_title=translated(es="x" * 501)), "-: _title.extension[0].extension[1].valueString: is longer than 500 characters"),
    ("a translation is a text", form(_title=translation(LANG, {"url": "content", "valueString": 7})), "-: _title.extension[0].extension[1].valueString: must be a text that is not empty"),
    ("looks of a text belong elsewhere", form(_title={"extension": [extension("entryFormat", valueString="x")]}), "-: _title.extension[0]: entryFormat does not belong here"),
]  # fmt: skip


@refusals(FORM)
def test_a_form_that_breaks_a_rule_is_refused_in_words(resource, lines):
    assert told(resource) == lines
