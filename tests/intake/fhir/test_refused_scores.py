# ruff: noqa: E501 - one row a rule
"""Scores and alerts: the smallest form that breaks each rule, and the lines that say where and how."""

from tests.intake.fhir.build import (
    OWN,
    Json,
    alert,
    band,
    choice,
    edited,
    form,
    group,
    option,
    question,
    refusals,
    score,
    scored,
    told,
    total,
    trigger,
)

ONE = option("one")
SUM = {"extension": [score("total", "s")]}


def bands(*found: Json) -> Json:
    return form(scored("s", 0, 1, 2), total(), extension=[score("total", "s", bands=found)])


SCORE = [
    ("the target exists", form(scored("s", 0), extension=[score("total", "s")]), "total: intake-score[0].target: names an item that does not exist"),
    ("the target is readOnly", form(scored("s", 0), question("total", "integer"), **SUM), "total: intake-score[0].target: must be a readOnly item of type integer or decimal"),
    ("the target is a number", form(scored("s", 0), total(kind="text"), **SUM), "total: intake-score[0].target: must be a readOnly item of type integer or decimal"),
    ("one score a target", form(scored("s", 0), total(), extension=[score("total", "s")] * 2), "total: intake-score[1].target: already holds another total"),
    ("the source exists", form(total(), **SUM), "total: intake-score[0].source[0]: names an item that does not exist"),
    ("the source counts", form(question("s"), total(), **SUM), "total: intake-score[0].source[0]: must be of type choice, integer or decimal"),
    ("every option has a value", form(choice("s", option("x", 0), option("y")), total(), **SUM), "total: intake-score[0].source[0]: every option of s must carry an ordinalValue or itemWeight"),
    ("no source twice", form(scored("s", 0), total(), extension=[score("total", "s", "s")]), "total: intake-score[0].source[1]: is named twice"),
    ("a source", form(total(), extension=[score("total")]), "total: intake-score[0].source: is required"),
    ("a total in a circle", form(total(), extension=[score("total", "total")]), "total: intake-score: depends on itself, through: total"),
    ("an integer holds no half", form(scored("s", 0, 0.5), total(), **SUM), "total: intake-score[0].target: must be a decimal: a total can have a fraction"),
    ("bands without a gap", bands(band(0, 0, "low"), band(2, 2, "high")), "total: intake-score[0].band: no band holds the totals between 0 and 2"),
    ("bands from the lowest total", bands(band(1, 2, "high")), "total: intake-score[0].band: no band holds the total 0"),
    ("bands up to the highest total", bands(band(0, 1, "low")), "total: intake-score[0].band: no band holds the total 2"),
    ("bands without overlap", bands(band(0, 1, "low"), band(1, 2, "high")), "total: intake-score[0].band: low and high overlap"),
    ("the same fault is told once", bands(band(0, 1, "low"), band(1, 2, "low"), band(2, 2, "low")), "total: intake-score[0].band: low and low overlap"),
    ("a band ends after it begins", bands(band(2, 0, "low")), "total: intake-score[0].band: low ends below where it begins\ntotal: intake-score[0].band: no band holds the total 0\ntotal: intake-score[0].band: no band holds the total 2"),
    ("bands need a range", form(question("s", "integer"), total(), extension=[score("total", "s", bands=(band(0, 9, "any"),))]), "total: intake-score[0].band: bands need a minValue and a maxValue on every integer or decimal source"),
    ("a band has a code", bands({"url": "band", "extension": [{"url": "low", "valueInteger": 0}]}), "total: intake-score[0].extension[4].high: is required, once\ntotal: intake-score[0].extension[4].code: is required, once\ntotal: intake-score[0].extension[4].display: is required, once"),
    ("one method", form(total(), extension=[score("total", "s") | {"extension": [{"url": "method", "valueCode": "mean"}]}]), "-: intake-score[0].target: is required, once\n-: intake-score[0].extension[0].valueCode: must be one of: sum\n-: intake-score[0].missing: is required, once\n-: intake-score[0].source: is required"),
    ("a setting that is not listed", form(extension=[{"url": OWN + "intake-score", "extension": [{"url": "weight"}]}]), "-: intake-score[0].extension[0]: must have one of these names: target, source, method, missing, band\n-: intake-score[0].target: is required, once\n-: intake-score[0].method: is required, once\n-: intake-score[0].missing: is required, once\n-: intake-score[0].source: is required"),
    ("a target is required", form(scored("s", 0), extension=[edited(score("total", "s"), without="target")]), "-: intake-score[0].target: is required, once"),
    ("one target", form(scored("s", 0), total(), extension=[edited(score("total", "s"), {"url": "target", "valueString": "s"})]), "total: intake-score[0].target: is required, once"),
    ("the target is a text", form(scored("s", 0), total(), extension=[edited(score("total", "s"), {"url": "target", "valueString": 7}, without="target")]), "-: intake-score[0].extension[3].valueString: must be a text that is not empty\n-: intake-score[0].target: names an item that does not exist"),
    ("the target is one line", form(scored("s", 0), extension=[score("to\ntal", "s")]), "to�tal: intake-score[0].extension[0].valueString: must be one line of at most 1000 characters without space around it\n-: intake-score[0].target: names an item that does not exist"),
    ("the target has 255 characters", form(scored("s", 0), extension=[score("t" * 256, "s")]), "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt…: intake-score[0].extension[0].valueString: is longer than 255 characters\nttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt…: intake-score[0].target: names an item that does not exist"),
    ("the source has 255 characters", form(total(), extension=[score("total", "s" * 256)]), "total: intake-score[0].extension[1].valueString: is longer than 255 characters\ntotal: intake-score[0].source[0]: names an item that does not exist"),
    ("a method is required", form(scored("s", 0), total(), extension=[edited(score("total", "s"), without="method")]), "total: intake-score[0].method: is required, once"),
    ("missing is required", form(scored("s", 0), total(), extension=[edited(score("total", "s"), without="missing")]), "total: intake-score[0].missing: is required, once"),
    ("missing has one value", form(scored("s", 0), total(), extension=[edited(score("total", "s"), {"url": "missing", "valueCode": "any"}, without="missing")]), "total: intake-score[0].extension[3].valueCode: must be one of: all-required"),
    ("a score is its parts", form(extension=[{"url": OWN + "intake-score", "valueString": "x"}]), "-: intake-score[0].valueString: does not belong here\n-: intake-score[0].target: is required, once\n-: intake-score[0].method: is required, once\n-: intake-score[0].missing: is required, once\n-: intake-score[0].source: is required"),
    ("parts are objects", form(scored("s", 0), total(), extension=[edited(score("total", "s"), "x")]), "total: intake-score[0].extension[4]: must be an object"),
    ("parts are a list", form(extension=[{"url": OWN + "intake-score", "extension": "x"}]), "-: intake-score[0].extension: must be a list that is not empty\n-: intake-score[0].target: is required, once\n-: intake-score[0].method: is required, once\n-: intake-score[0].missing: is required, once\n-: intake-score[0].source: is required"),
    ("the code of a total has 100 characters", form(scored("s", 0), total(code=[{"code": "x" * 101}]), **SUM), "total: intake-score[0].target: its code is longer than 100 characters"),
    ("100 scores", form(extension=[score("total", "s")] * 101), "-: intake-score: is declared more than 100 times"),
    ("50 bands", bands(*[band(0, 2, "all")] * 51), "total: intake-score[0].band: has more than 50 entries"),
    ("a band is its parts", bands({"url": "band", "valueString": "x"}), "total: intake-score[0].extension[4].valueString: does not belong here\ntotal: intake-score[0].extension[4].low: is required, once\ntotal: intake-score[0].extension[4].high: is required, once\ntotal: intake-score[0].extension[4].code: is required, once\ntotal: intake-score[0].extension[4].display: is required, once"),
    *((f"a band needs its {name}", bands(edited(band(0, 2, "all"), without=name)), f"total: intake-score[0].extension[4].{name}: is required, once") for name in ("low", "high", "code", "display")),
    ("a band has one low", bands(edited(band(0, 2, "all"), {"url": "low", "valueInteger": 0})), "total: intake-score[0].extension[4].low: is required, once"),
    ("a band begins with a number", bands(edited(band(0, 2, "all"), {"url": "low", "valueCode": "0"}, without="low")), "total: intake-score[0].extension[4].extension[3]: low must have exactly one of: valueDecimal, valueInteger\ntotal: intake-score[0].extension[4].low: is required, once"),
    ("a bound is a number", bands(band("0", 2, "all")), "total: intake-score[0].extension[4].extension[0].valueDecimal: must be a number"),
    ("the code of a band has 100 characters", bands(band(0, 2, "x" * 101)), "total: intake-score[0].extension[4].extension[2].valueCode: is longer than 100 characters"),
    ("the name of a band has 200 characters", bands(edited(band(0, 2, "all"), {"url": "display", "valueString": "x" * 201}, without="display")), "total: intake-score[0].extension[4].extension[3].valueString: is longer than 200 characters"),
    ("the name of a band is a text", bands(edited(band(0, 2, "all"), {"url": "display", "valueString": ""}, without="display")), "total: intake-score[0].extension[4].extension[3].valueString: must be a text that is not empty"),
    ("a band has no other part", bands(edited(band(0, 2, "all"), {"url": "colour", "valueString": "x"})), "total: intake-score[0].extension[4].extension[4]: must have one of these names: low, high, code, display"),
    ("bands of fractions", form(scored("s", 0, 0.5, 1), total(kind="decimal"), extension=[score("total", "s", bands=(band(0, 0.25, "low"), band(0.75, 1, "high")))]), "total: intake-score[0].band: no band holds the totals between 0.25 and 0.75"),
    ("the second score is told by its number", form(scored("s", 0), total(), extension=[score("total", "s"), score("other", "s")]), "other: intake-score[1].target: names an item that does not exist"),
]  # fmt: skip

ALERT = [
    ("the question exists", form(extension=[alert("x", trigger("b"))]), "b: intake-alert[0].when[0].question: names an item that does not exist"),
    ("the answer can match", form(extension=[alert("x", trigger("a", valueInteger=1))]), "a: intake-alert[0].when[0].answer: cannot be the answer of a question of type boolean"),
    ("the option exists", form(choice("a", ONE), extension=[alert("x", trigger("a", valueCoding={"code": "two"}))]), "a: intake-alert[0].when[0].answer: no option of the question equals it"),
    ("no order of codings", form(choice("a", ONE), extension=[alert("x", trigger("a", ">", valueCoding={"code": "one"}))]), "a: intake-alert[0].when[0].operator: has no meaning for texts, codings and booleans"),
    ("two severities", form(extension=[alert("x", trigger("a"), severity="mild")]), "-: intake-alert[0].extension[1].valueCode: must be one of: urgent, routine"),
    ("a trigger", form(extension=[alert("x")]), "-: intake-alert[0].when: is required"),
    ("a trigger is complete", form(extension=[alert("x", {"url": "when", "extension": []})]), "-: intake-alert[0].extension[2].extension: must be a list that is not empty\n-: intake-alert[0].extension[2].question: is required, once\n-: intake-alert[0].extension[2].operator: is required, once\n-: intake-alert[0].extension[2].answer: is required, once"),
    ("a code is required", form(extension=[edited(alert("x", trigger("a")), without="code")]), "-: intake-alert[0].code: is required, once"),
    ("a severity is required", form(extension=[edited(alert("x", trigger("a")), without="severity")]), "-: intake-alert[0].severity: is required, once"),
    ("the code has 100 characters", form(extension=[alert("x" * 101, trigger("a"))]), "-: intake-alert[0].extension[0].valueCode: is longer than 100 characters"),
    ("the code is one line", form(extension=[alert("a\nb", trigger("a"))]), "-: intake-alert[0].extension[0].valueCode: must be one line of at most 1000 characters without space around it"),
    ("20 triggers", form(extension=[alert("x", *[trigger("a")] * 21)]), "-: intake-alert[0].when: has more than 20 entries"),
    ("100 alerts", form(extension=[alert("x", trigger("a"))] * 101), "-: intake-alert: is declared more than 100 times"),
    ("no other part", form(extension=[edited(alert("x", trigger("a")), {"url": "note", "valueString": "y"})]), "-: intake-alert[0].extension[3]: must have one of these names: code, severity, when"),
    *((f"a trigger needs its {name}", form(extension=[alert("x", edited(trigger("a"), without=name))]), f"-: intake-alert[0].extension[2].{name}: is required, once") for name in ("question", "operator", "answer")),
    ("a trigger names a question", form(extension=[alert("x", edited(trigger("a"), {"url": "question", "valueString": ""}, without="question"))]), "-: intake-alert[0].extension[2].extension[2].valueString: must be a text that is not empty"),
    ("a question has 255 characters", form(extension=[alert("x", trigger("a" * 256))]), "-: intake-alert[0].extension[2].extension[0].valueString: is longer than 255 characters\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…: intake-alert[0].when[0].question: names an item that does not exist"),
    ("the operator exists", form(extension=[alert("x", trigger("a", "~"))]), "-: intake-alert[0].extension[2].extension[1].valueCode: must be one of: exists, =, !=, >, <, >=, <="),
    ("an answer is of a known type", form(extension=[alert("x", trigger("a", valueUri="y"))]), "-: intake-alert[0].extension[2].extension[2]: answer must have exactly one of: valueBoolean, valueCoding, valueInteger, valueDecimal, valueString, valueDate\n-: intake-alert[0].extension[2].answer: is required, once"),
    ("an answer is of its type", form(extension=[alert("x", trigger("a", valueBoolean=1))]), "-: intake-alert[0].extension[2].extension[2].valueBoolean: must be true or false"),
    ("not a group", form(group("g", question()), extension=[alert("x", trigger("g", "exists"))]), "g: intake-alert[0].when[0].question: names a group, which has no answer"),
    ("exists takes a boolean", form(question("a", "integer"), extension=[alert("x", trigger("a", "exists", valueInteger=1))]), "a: intake-alert[0].when[0].answer: exists takes a boolean"),
    ("the second trigger of the second alert is told by its numbers", form(extension=[alert("x", trigger("a")), alert("y", trigger("a"), trigger("z"))]), "z: intake-alert[1].when[1].question: names an item that does not exist"),
]  # fmt: skip


@refusals(SCORE)
def test_a_score_that_breaks_a_rule_is_refused_in_words(resource, lines):
    assert told(resource) == lines


@refusals(ALERT)
def test_an_alert_that_breaks_a_rule_is_refused_in_words(resource, lines):
    assert told(resource) == lines
