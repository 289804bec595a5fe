from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import fhir
from intake.fhir import rules
from tests.intake.fhir import naive, strategies
from tests.intake.fhir.build import CORE, NOW, choice, group, option, parse, question, score, scored, total, when

DATE = fhir.PartialDate.parse


def condition(operator: str, answer: fhir.Value) -> fhir.Condition:
    return fhir.Condition("a", operator, answer)


@pytest.mark.parametrize(
    ("operator", "answer", "given_", "expected"),
    [
        ("exists", True, (False,), True),
        ("exists", True, (), False),
        ("exists", False, (), True),
        ("exists", False, (0,), False),
        ("=", True, (True,), True),
        ("=", True, (), False),
        ("=", False, (0,), False),
        ("=", 1, (True,), False),
        ("!=", True, (), True),
        ("!=", True, (False,), True),
        ("!=", True, (True,), False),
        ("=", "x", ("y", "x"), True),
        ("!=", "x", ("y", "x"), False),
        ("=", "x", ("X",), False),
        ("=", Decimal("5.6"), (Decimal("5.60"),), True),
        ("=", 5, (Decimal("5.0"),), True),
        (">", 5, (5,), False),
        (">", 5, (Decimal("5.01"),), True),
        (">=", 5, (5,), True),
        ("<", 5, (7, 4), True),
        ("<=", 5, (5,), True),
        (">", 5, (), False),
        (">", 0, (True,), False),
        (">", False, (1,), False),
        ("=", True, (1,), False),
        ("=", DATE("2026-02"), (DATE("2026-02"),), True),
        ("<", DATE("2026-02"), (DATE("2026-02"),), False),
        ("<=", DATE("2026-02"), (DATE("2026-02"),), True),
        (">=", DATE("2026-02"), (DATE("2026-02"),), True),
        (">", DATE("2026-02"), (DATE("2026-02"),), False),
        (">", DATE("2026-02"), (2027,), False),
        (">", 2026, (DATE("2027"),), False),
        ("<", "b", ("a",), False),
        ("=", DATE("2026-02"), (DATE("2026-02-01"),), False),
        ("!=", DATE("2026-02"), (DATE("2026-02-01"),), True),
        ("<", DATE("2026-02"), (DATE("2026-01-31"),), True),
        ("<", DATE("2026-02"), (DATE("2026-02-01"),), False),
        ("<=", DATE("2026-02"), (DATE("2026-02-01"),), False),
        (">=", DATE("2026-02"), (DATE("2026-02-01"),), False),
        (">", DATE("2026"), (DATE("2027-01-01"),), True),
        ("=", fhir.Coding("x", "s"), (fhir.Coding("x", "s"),), True),
        ("=", fhir.Coding("x", "s"), (fhir.Coding("x"),), True),
        ("=", fhir.Coding("x"), (fhir.Coding("x", "s"),), True),
        ("=", fhir.Coding("x", "s"), (fhir.Coding("x", "t"),), False),
        ("=", fhir.Coding("x", "s", "one"), (fhir.Coding("x", "s", "two"),), True),
        ("=", fhir.Coding("x"), ("x",), False),
    ],
)
def test_a_condition_compares_as_the_subset_says(operator, answer, given_, expected):
    assert fhir.holds(condition(operator, answer), given_) is expected


def test_an_item_without_conditions_is_enabled():
    assert fhir.enabled(parse(), {}) == {"a"}


@pytest.mark.parametrize(("behavior", "expected"), [("all", {"a", "b"}), ("any", {"a", "b", "c"})])
def test_several_conditions_hold_all_or_any(behavior, expected):
    conditions = [when("a"), when("b")]
    form = parse(question("a"), question("b"), question("c", enableWhen=conditions, enableBehavior=behavior))

    assert fhir.enabled(form, {"a": (True,), "b": (False,)}) == expected


def test_what_is_below_an_item_that_is_not_enabled_is_not_enabled():
    form = parse(question("a"), group("g", question("b", item=[question("c")]), enableWhen=[when("a")]))

    assert fhir.enabled(form, {"a": (False,), "b": (True,), "c": (True,)}) == {"a"}


def test_an_item_that_is_not_enabled_counts_as_unanswered():
    form = parse(
        question("a"),
        question("b", enableWhen=[when("a")]),
        question("c", enableWhen=[when("b")]),
        question("d", enableWhen=[when("b", "!=")]),
        question("e", enableWhen=[when("b", "exists", answerBoolean=False)]),
    )

    assert fhir.enabled(form, {"a": (False,), "b": (True,)}) == {"a", "d", "e"}


def test_a_condition_may_look_at_a_later_question():
    form = parse(question("a", enableWhen=[when("b")]), question("b"))

    assert fhir.enabled(form, {"b": (True,)}) == {"a", "b"}


def test_a_question_below_another_may_depend_on_it():
    form = parse(question("a", item=[question("b", enableWhen=[when("a")])]))

    assert fhir.enabled(form, {"a": (True,)}) == {"a", "b"}
    assert fhir.enabled(form, {}) == {"a"}


def test_a_hidden_item_is_evaluated_like_any_other():
    hidden = [{"url": CORE + "questionnaire-hidden", "valueBoolean": True}]
    form = parse(question("a"), question("b", enableWhen=[when("a")], extension=hidden))

    assert fhir.enabled(form, {"a": (True,)}) == {"a", "b"}


def test_a_condition_on_a_total_is_decided_after_the_total():
    form = parse(
        question("b", enableWhen=[when("total", ">=", answerInteger=2)]),
        scored("s", 0, 2),
        total(),
        extension=[score("total", "s")],
    )

    assert fhir.enabled(form, {"s": (form.by_id["s"].options[1].value,)}) == {"b", "s", "total"}
    assert fhir.enabled(form, {"s": (form.by_id["s"].options[0].value,), "total": (2,)}) == {"s", "total"}


def test_a_condition_on_an_option_that_does_not_exist_is_told():
    conditions = [when("a", sign, answerCoding={"code": code}) for sign in ("=", "!=") for code in ("x", "z")]
    form = parse(choice("a", option("x")), question("b", enableWhen=conditions, enableBehavior="any"))

    assert form.warnings == (
        "b: enableWhen[1]: no option of the question equals this answer",
        "b: enableWhen[3]: no option of the question equals this answer",
    )


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_enabling_agrees_with_a_naive_reading_of_the_rules(data):
    resource = data.draw(strategies.forms())
    form = fhir.parse(resource)
    answers = data.draw(strategies.answers_to(resource))
    values = strategies.as_values(answers, {item.link_id: item.type for item in form.order})

    assert fhir.enabled(form, values) == naive.enabled(resource, answers)


@settings(max_examples=150, deadline=None)
@given(strategies.answered_forms())
def test_answers_of_items_that_are_not_enabled_change_nothing(answered):
    form, values = answered
    state = fhir.evaluate(form, values)
    kept = {link_id: given_ for link_id, given_ in values.items() if link_id in state.enabled}

    assert state.answers == kept
    assert fhir.evaluate(form, kept) == state


@settings(max_examples=50, deadline=None)
@given(strategies.answered_forms())
def test_an_evaluation_may_be_given_in_place_of_the_answers_it_was_made_of(answered):
    form, values = answered
    state = fhir.evaluate(form, values)

    for told in (fhir.enabled, fhir.totals, fhir.raised, fhir.missing):
        assert told(form, state) == told(form, values)
    written = [fhir.build(form, given_, authored=NOW, language="en") for given_ in (state, values)]
    assert written[0] == written[1]


@settings(max_examples=200, deadline=None)
@given(strategies.answered_forms())
def test_what_an_urgent_alert_depends_on_decides_its_question_as_the_whole_form_does(answered):
    form, values = answered
    state = fhir.evaluate(form, values)

    for item in form.order:
        alert = fhir.Alert("any", "urgent", (fhir.Condition(item.link_id, "exists", True),))
        part = fhir.evaluate(form, values, items=rules.watched(form.sequence, form.scores, (alert,)))
        assert part.answers.get(item.link_id) == state.answers.get(item.link_id)
        assert (item.link_id in part.enabled) == (item.link_id in state.enabled)
