# ruff: noqa: E501 - one row a rule
"""Options and value sets: the smallest form that breaks each rule, and the lines that say where and how."""

from tests.intake.fhir.build import Json, choice, extension, form, option, question, refusals, told, when, without

ONE = option("one")


def one(**more) -> Json:
    return form(question("a", **more))


def value_set(**more) -> Json:
    compose = {"include": [{"system": "s", "concept": [{"code": "one"}, {"code": "two"}]}]}
    return {"resourceType": "ValueSet", "id": "vs", "status": "active", "compose": compose} | more


def with_set(**more) -> Json:
    return form(question("a", "choice", answerValueSet="#vs"), contained=[value_set(**more)])


OPTION = [
    ("a choice has options", one(type="choice"), "a: answerOption: a choice needs options"),
    ("not both kinds of options", form(choice("a", ONE, answerValueSet="#vs"), contained=[value_set()]), "a: answerValueSet: cannot stand beside answerOption"),
    ("only a choice has options", one(answerOption=[ONE]), "a: answerOption: only a choice has options"),
    ("only a choice has a value set", form(question("a", answerValueSet="#vs"), contained=[value_set()]), "a: answerValueSet: only a choice has options"),
    ("no option twice", form(choice("a", ONE, option("two"), ONE)), "a: answerOption[2]: is the same option as an earlier one"),
    ("no option twice, without system", form(choice("a", ONE, {"valueCoding": {"code": "one"}})), "a: answerOption[1]: is the same option as an earlier one"),
    ("no text twice", form(choice("a", {"valueString": "x"}, {"valueString": "x"})), "a: answerOption[1]: is the same option as an earlier one"),
    ("a coding has a code", form(choice("a", {"valueCoding": {"display": "x"}})), "a: answerOption[0].valueCoding.code: is required"),
    ("one value an option", form(choice("a", {"valueString": "x", "valueInteger": 1})), "a: answerOption[0]: must have exactly one of: valueCoding, valueString, valueInteger"),
    ("an option has a value", form(choice("a", {})), "a: answerOption[0]: must have exactly one of: valueCoding, valueString, valueInteger"),
    ("dates as options come later", form(choice("a", {"valueDate": "2026"})), "a: answerOption[0].valueDate: is not supported yet\na: answerOption[0]: must have exactly one of: valueCoding, valueString, valueInteger"),
    ("initialSelected comes later", form(choice("a", ONE | {"initialSelected": True})), "a: answerOption[0].initialSelected: is not supported yet"),
    ("an option is an object", form(choice("a", "one")), "a: answerOption[0]: must be an object"),
    ("an option has 500 characters", form(choice("a", {"valueString": "x" * 501})), "a: answerOption[0].valueString: is longer than 500 characters"),
    ("250 options", form(choice("a", *(option(f"c{at}") for at in range(251)))), "a: answerOption: has more than 250 entries"),
    ("each faulty integer is told", form(choice("a", {"valueInteger": "1"}, {"valueInteger": "1"})), "a: answerOption[0].valueInteger: must be a whole number of 32 bits\na: answerOption[1].valueInteger: must be a whole number of 32 bits"),
    ("each faulty text is told", form(choice("a", {"valueString": 1}, {"valueString": 1})), "a: answerOption[0].valueString: must be a text that is not empty\na: answerOption[1].valueString: must be a text that is not empty"),
    ("integer is a number", form(choice("a", {"valueInteger": "1"})), "a: answerOption[0].valueInteger: must be a whole number of 32 bits"),
    ("ordinalValue is a number", form(choice("a", option("x", "1"))), "a: answerOption[0].extension[0].valueDecimal: must be a number"),
    ("two values of an option agree", form(choice("a", option("x", extension=[extension("ordinalValue", valueDecimal=1), extension("itemWeight", valueDecimal=2)]))), "a: answerOption[0].valueCoding.extension: ordinalValue and itemWeight differ"),
    ("a value set is contained", form(question("a", "choice", answerValueSet="https://x.example")), "a: answerValueSet: must name a ValueSet that the form contains, as #id"),
    ("a contained value set exists", form(question("a", "choice", answerValueSet="#vs")), "a: answerValueSet: names a ValueSet that the form does not contain"),
    ("a value set that does not exist has no options", form(question("a", "choice", answerValueSet="#vs"), question("b", enableWhen=[when("a", answerCoding={"code": "x"})])), "a: answerValueSet: names a ValueSet that the form does not contain\nb: enableWhen[0].answer[x]: cannot be the answer of a question of type choice"),
    ("no filter", with_set(compose={"include": [{"filter": [], "concept": [{"code": "x"}]}]}), "-: contained[0].compose.include[0].filter: is not an element that is supported here"),
    ("no exclude", with_set(compose={"include": [{"concept": [{"code": "x"}]}], "exclude": []}), "-: contained[0].compose.exclude: is not an element that is supported here"),
    ("no nesting", with_set(compose={"include": [{"valueSet": ["x"], "concept": [{"code": "x"}]}]}), "-: contained[0].compose.include[0].valueSet: is not an element that is supported here"),
    ("concepts are listed", with_set(compose={"include": [{"system": "x"}]}), "-: contained[0].compose.include[0].concept: must be a list that is not empty"),
    ("no concept twice", with_set(compose={"include": [{"concept": [{"code": "x"}, {"code": "x"}]}]}), "-: contained[0].compose.include[0].concept[1]: is the same option as an earlier one"),
    ("expansion comes later", with_set(expansion={"contains": []}), "-: contained[0].expansion: is not supported yet"),
    ("compose is required", form(contained=[without(value_set(), "compose")]), "-: contained[0].compose: is required"),
    ("one id a value set", form(contained=[value_set(), value_set()]), "-: contained[1].id: is the id of an earlier ValueSet"),
    ("a faulty option does not move the others", form(choice("a", {"valueCoding": {"display": "x"}}, ONE, ONE)), "a: answerOption[0].valueCoding.code: is required\na: answerOption[2]: is the same option as an earlier one"),
    ("options are a list", one(type="choice", answerOption={}), "a: answerOption: must be a list that is not empty"),
    ("options are not an empty list", one(type="choice", answerOption=[]), "a: answerOption: must be a list that is not empty"),
    ("an option has no other element", form(choice("a", ONE | {"id": "x"})), "a: answerOption[0].id: is not an element that is supported here"),
    ("a coding is an object", form(choice("a", {"valueCoding": "one"})), "a: answerOption[0].valueCoding: must be an object"),
    ("a coding has no other element", form(choice("a", {"valueCoding": {"code": "x", "definition": "y"}})), "a: answerOption[0].valueCoding.definition: is not an element that is supported here"),
    ("the code of an option is a text", form(choice("a", {"valueCoding": {"code": 7}})), "a: answerOption[0].valueCoding.code: must be a text that is not empty"),
    ("the system of an option is one line", form(choice("a", {"valueCoding": {"code": "x", "system": "a\nb"}})), "a: answerOption[0].valueCoding.system: must be one line of at most 1000 characters without space around it"),
    ("the display of an option has 500 characters", form(choice("a", {"valueCoding": {"code": "x", "display": "x" * 501}})), "a: answerOption[0].valueCoding.display: is longer than 500 characters"),
    ("the text of an option is a text", form(choice("a", {"valueString": 7})), "a: answerOption[0].valueString: must be a text that is not empty"),
    ("an integer of 32 bits", form(choice("a", {"valueInteger": 2**31})), "a: answerOption[0].valueInteger: must be a whole number of 32 bits"),
    ("ordinalValue is not a boolean", form(choice("a", option("x", True))), "a: answerOption[0].extension[0].valueDecimal: must be a number"),
    ("exclusive is a boolean", form(choice("a", ONE | {"extension": [extension("questionnaire-optionExclusive", valueBoolean="true")]})), "a: answerOption[0].extension[0].valueBoolean: must be true or false"),
    ("the two places of a value agree", form(choice("a", {"valueCoding": {"code": "x", "extension": [extension("ordinalValue", valueDecimal=1)]}, "extension": [extension("ordinalValue", valueDecimal=2)]})), "a: answerOption[0].valueCoding.extension: contradicts the extension of the option"),
    ("a reference is a text", form(question("a", "choice", answerValueSet=["#vs"])), "a: answerValueSet: must be a text that is not empty"),
    ("a value set has an id", form(contained=[without(value_set(), "id")]), "-: contained[0].id: is required"),
    ("compose is an object", with_set(compose=[]), "-: contained[0].compose: must be an object"),
    ("include is required", with_set(compose={"exclude": []}), "-: contained[0].compose.exclude: is not an element that is supported here\n-: contained[0].compose.include: must be a list that is not empty"),
    ("include is not empty", with_set(compose={"include": []}), "-: contained[0].compose.include: must be a list that is not empty"),
    ("a concept has a code", with_set(compose={"include": [{"concept": [{"display": "x"}]}]}), "-: contained[0].compose.include[0].concept[0].code: is required"),
    ("a concept has no other element", with_set(compose={"include": [{"concept": [{"code": "x", "designation": []}]}]}), "-: contained[0].compose.include[0].concept[0].designation: is not an element that is supported here"),
    ("an include has no other element", with_set(compose={"include": [{"concept": [{"code": "x"}], "version": "1", "id": "y"}]}), "-: contained[0].compose.include[0].id: is not an element that is supported here"),
    ("the system of a value set is one line", with_set(compose={"include": [{"system": "", "concept": [{"code": "x"}]}]}), "-: contained[0].compose.include[0].system: must be a text that is not empty"),
    ("a value set has no other element", with_set(immutable=True), "-: contained[0].immutable: is not an element that is supported here"),
    ("250 concepts", with_set(compose={"include": [{"concept": [{"code": f"{n}-{at}"} for at in range(126)]} for n in range(2)]}), "-: contained[0].compose.include: lists more than 250 concepts"),
    ("250 concepts an include", with_set(compose={"include": [{"concept": [{"code": f"{at}"} for at in range(251)]}]}), "-: contained[0].compose.include[0].concept: has more than 250 entries"),
    ("bounds belong to items", with_set(compose={"include": [{"concept": [{"code": "x", "extension": [extension("minValue", valueInteger=1)]}]}]}), "-: contained[0].compose.include[0].concept[0].extension[0]: minValue does not belong here"),
    ("no concept twice in two includes", with_set(compose={"include": [{"concept": [{"code": "x"}]}, {"concept": [{"code": "y"}, {"code": "x"}]}]}), "-: contained[0].compose.include[1].concept[1]: is the same option as an earlier one"),
    ("another resource does not hide the next", form(contained=[{"resourceType": "Library"}, without(value_set(), "compose")]), "-: contained[0].resourceType: only a ValueSet can be contained\n-: contained[1].compose: is required"),
]  # fmt: skip


@refusals(OPTION)
def test_an_option_that_breaks_a_rule_is_refused_in_words(resource, lines):
    assert told(resource) == lines
