"""What a form still asks for."""

from intake import fhir
from tests.intake.fhir.build import extension, form, group, parse, question, when

HIDDEN = extension("questionnaire-hidden", valueBoolean=True)


def missing(resource: dict, **answers: tuple) -> list[str]:
    return [error.link_id for error in fhir.missing(fhir.parse(resource), answers)]


def test_required_binds_what_is_enabled_and_can_be_filled_in():
    resource = form(
        question("a", required=True),
        question("b", required=True, enableWhen=[when("a")]),
        question("c", required=True, extension=[HIDDEN]),
        question("d", required=True, readOnly=True),
        question("e"),
    )

    assert missing(resource) == ["a"]
    assert missing(resource, a=(True,)) == ["b"]
    assert missing(resource, a=(False,)) == []


def test_only_the_given_items_are_missed():
    two = parse(question("a", required=True), question("b", required=True))

    assert [error.link_id for error in fhir.missing(two, {}, items=[two.by_id["b"]])] == ["b"]
    assert fhir.missing(two, {}, items=[]) == ()


def test_a_required_group_needs_one_answered_item():
    resource = form(question("a"), group("g", question("b"), question("c", enableWhen=[when("a")]), required=True))

    assert missing(resource) == ["g"]
    assert missing(resource, b=(False,)) == []
    assert missing(resource, c=(True,)) == ["g"]


def test_an_empty_optional_group_does_not_lift_its_required_questions():
    assert missing(form(group("g", question("a", required=True)))) == ["a"]


def test_a_required_group_in_which_nothing_can_be_answered_asks_for_nothing():
    resource = form(question("a"), group("g", question("b", enableWhen=[when("a")]), required=True))

    assert missing(resource) == []
