# ruff: noqa: E501 - one row a rule
"""Conditions, and what goes in a circle: the smallest form that breaks each rule, and the lines that say where and how."""

from tests.intake.fhir.build import (
    choice,
    form,
    group,
    option,
    question,
    refusals,
    score,
    scored,
    told,
    total,
    when,
    without,
)

ONE = option("one")
SUM = {"extension": [score("total", "s")]}

CONDITION = [
    ("several conditions need enableBehavior", form(question(), question("b", enableWhen=[when("a"), when("a")])), "b: enableBehavior: is required with several conditions"),
    ("enableBehavior is all or any", form(question(), question("b", enableBehavior="none", enableWhen=[when("a")])), "b: enableBehavior: must be one of: all, any"),
    ("the question exists", form(question("b", enableWhen=[when("x")])), "b: enableWhen[0].question: names an item that does not exist"),
    ("not the item itself", form(question("b", enableWhen=[when("b")])), "b: enableWhen[0].question: names the item itself"),
    ("not below the item", form(group("b", question(), enableWhen=[when("a")])), "b: enableWhen[0].question: names an item below the item itself"),
    ("not a group", form(group("g", question()), question("b", enableWhen=[when("g", "exists")])), "b: enableWhen[0].question: names a group, which has no answer"),
    ("not a display", form(question("a", "display"), question("b", enableWhen=[when("a", "exists")])), "b: enableWhen[0].question: names a display, which has no answer"),
    ("the answer can match", form(question(), question("b", enableWhen=[when("a", answerInteger=1)])), "b: enableWhen[0].answer[x]: cannot be the answer of a question of type boolean"),
    ("a boolean is no number", form(question("a", "integer"), question("b", enableWhen=[when("a", answerBoolean=True)])), "b: enableWhen[0].answer[x]: cannot be the answer of a question of type integer"),
    ("codings for coded options", form(choice("a", ONE), question("b", enableWhen=[when("a", answerString="one")])), "b: enableWhen[0].answer[x]: cannot be the answer of a question of type choice"),
    ("no order of texts", form(question("a", "text"), question("b", enableWhen=[when("a", ">", answerString="x")])), "b: enableWhen[0].operator: has no meaning for texts, codings and booleans"),
    ("no order of codings", form(choice("a", ONE), question("b", enableWhen=[when("a", "<=", answerCoding={"code": "one"})])), "b: enableWhen[0].operator: has no meaning for texts, codings and booleans"),
    ("no order of booleans", form(question(), question("b", enableWhen=[when("a", "<")])), "b: enableWhen[0].operator: has no meaning for texts, codings and booleans"),
    ("exists takes a boolean", form(question("a", "text"), question("b", enableWhen=[when("a", "exists", answerString="x")])), "b: enableWhen[0].answer[x]: exists takes a boolean"),
    ("the operator exists", form(question(), question("b", enableWhen=[when("a", "~")])), "b: enableWhen[0].operator: must be one of: exists, =, !=, >, <, >=, <="),
    ("one answer", form(question(), question("b", enableWhen=[when("a", answerBoolean=True, answerString="x")])), "b: enableWhen[0].answer[x]: must have exactly one answer"),
    ("answers that come later", form(question(), question("b", enableWhen=[when("a", answerTime="10:00")])), "b: enableWhen[0].answerTime: is not supported yet"),
    ("a boolean answer is a boolean", form(question(), question("b", enableWhen=[when("a", answerBoolean="true")])), "b: enableWhen[0].answerBoolean: must be true or false"),
    ("a date is in the calendar", form(question("a", "date"), question("b", enableWhen=[when("a", answerDate="2026-02-30")])), "b: enableWhen[0].answerDate: must be a date: YYYY, YYYY-MM or YYYY-MM-DD"),
    ("20 conditions", form(question(), question("b", enableBehavior="all", enableWhen=[when("a")] * 21)), "b: enableWhen: has more than 20 entries"),
    ("no circle", form(question("a", enableWhen=[when("b")]), question("b", enableWhen=[when("a")])), "a: enableWhen: depends on itself, through: a, b"),
    ("no circle through a parent", form(group("g", question(), enableWhen=[when("b")]), question("b", enableWhen=[when("a")])), "g: enableWhen: depends on itself, through: g, a, b"),
    ("no circle through a total", form(scored("s", 0, 1, enableWhen=[when("total", answerInteger=1)]), total(), **SUM), "s: enableWhen: depends on itself, through: s, total"),
    ("modifierExtension on a condition", form(question(), question("b", enableWhen=[when("a") | {"modifierExtension": []}])), "b: enableWhen[0].modifierExtension: is refused anywhere"),
    ("a question of an unknown type is told alone", form(question("a", "url"), question("b", enableWhen=[when("a")])), "a: type: url is not supported yet"),
    ("a condition is an object", form(question(), question("b", enableWhen=["a"])), "b: enableWhen[0]: must be an object"),
    ("conditions are a list", form(question(), question("b", enableWhen=when("a"))), "b: enableWhen: must be a list that is not empty"),
    ("a question is required", form(question(), question("b", enableWhen=[without(when("a"), "question")])), "b: enableWhen[0].question: is required"),
    ("an operator is required", form(question(), question("b", enableWhen=[without(when("a"), "operator")])), "b: enableWhen[0].operator: is required"),
    ("an answer is required", form(question(), question("b", enableWhen=[without(when("a"), "answerBoolean")])), "b: enableWhen[0].answer[x]: must have exactly one answer"),
    ("a question is named by a text", form(question(), question("b", enableWhen=[when("a") | {"question": 7}])), "b: enableWhen[0].question: must be a text that is not empty"),
    ("the second condition is told by its number", form(question(), question("b", enableBehavior="all", enableWhen=[when("a"), when("x")])), "b: enableWhen[1].question: names an item that does not exist"),
    ("an answer is of a known type", form(question(), question("b", enableWhen=[when("a", answerUri="x")])), "b: enableWhen[0].answerUri: is not an element that is supported here"),
    ("an answer is of a type of FHIR", form(question(), question("b", enableWhen=[when("a", answerMood="x")])), "b: enableWhen[0].answerMood: is not an element that is supported here"),
    ("an integer of 32 bits", form(question("a", "integer"), question("b", enableWhen=[when("a", answerInteger=2**31)])), "b: enableWhen[0].answerInteger: must be a whole number of 32 bits"),
    ("a decimal is a number", form(question("a", "decimal"), question("b", enableWhen=[when("a", answerDecimal="1")])), "b: enableWhen[0].answerDecimal: must be a number"),
    ("a text is a text", form(question("a", "text"), question("b", enableWhen=[when("a", answerString="")])), "b: enableWhen[0].answerString: must be a text that is not empty"),
    ("a coding is an object", form(choice("a", ONE), question("b", enableWhen=[when("a", answerCoding="one")])), "b: enableWhen[0].answerCoding: must be a Coding"),
    ("a coding has a code", form(choice("a", ONE), question("b", enableWhen=[when("a", answerCoding={"system": "x"})])), "b: enableWhen[0].answerCoding: must have a code"),
    ("the system of a coding is one line", form(choice("a", ONE), question("b", enableWhen=[when("a", answerCoding={"code": "one", "system": 7})])), "b: enableWhen[0].answerCoding: its system must be a text that is not empty"),
    ("the display of a coding is a text", form(choice("a", ONE), question("b", enableWhen=[when("a", answerCoding={"code": "one", "display": ""})])), "b: enableWhen[0].answerCoding: its display must be a text that is not empty"),
    ("a date is a text", form(question("a", "date"), question("b", enableWhen=[when("a", answerDate=2026)])), "b: enableWhen[0].answerDate: must be a date: YYYY, YYYY-MM or YYYY-MM-DD"),
    ("no number for a date", form(question("a", "date"), question("b", enableWhen=[when("a", answerInteger=2026)])), "b: enableWhen[0].answer[x]: cannot be the answer of a question of type date"),
    ("no number for a boolean's exists", form(question(), question("b", enableWhen=[when("a", "exists", answerInteger=1)])), "b: enableWhen[0].answer[x]: exists takes a boolean"),
    ("not far below the item", form(group("b", group("c", question()), enableWhen=[when("a")])), "b: enableWhen[0].question: names an item below the item itself"),
    ("no circle of many", form(*(question(f"q{at}", enableWhen=[when(f"q{(at + 1) % 9}")]) for at in range(9))), "q0: enableWhen: depends on itself, through: q0, q8, q7, q6, q5, q4, q3, q2, …"),
    ("no circle of eight", form(*(question(f"q{at}", enableWhen=[when(f"q{(at + 1) % 8}")]) for at in range(8))), "q0: enableWhen: depends on itself, through: q0, q7, q6, q5, q4, q3, q2, q1"),
    ("no circle through two totals", form(total(), total("other"), extension=[score("total", "other"), score("other", "total")]), "total: intake-score: depends on itself, through: total, other"),
]  # fmt: skip


@refusals(CONDITION)
def test_a_condition_that_breaks_a_rule_is_refused_in_words(resource, lines):
    assert told(resource) == lines
