from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import fhir
from intake.fhir.answers import is_blank
from tests.intake.fhir.build import NOW, choice, extension, group, option, parse, question, total
from tests.intake.fhir.build import coding as coded

HIDDEN = extension("questionnaire-hidden", valueBoolean=True)
DATE = fhir.PartialDate.parse


def read(item: dict, *posted: str, language: str = "en") -> object:
    """What one posted field becomes: its values, the rule it breaks, or nothing."""
    reading = fhir.read(parse(item), {"q1": list(posted)}, language=language)
    return [error.rule for error in reading.errors] or reading.answers.get("a", ())


def read_date(year: str = "", month: str = "", day: str = "", *marks: dict) -> object:
    posted = {"q1-year": [year], "q1-month": [month], "q1-day": [day]}
    reading = fhir.read(parse(question("a", "date", extension=list(marks)) if marks else question("a", "date")), posted)
    return [error.rule for error in reading.errors] or reading.answers.get("a", ())


def entry(format_: str) -> dict:
    return extension("entryFormat", valueString=format_)


BOUNDS = [extension("minValue", valueInteger=2), extension("maxValue", valueInteger=4)]


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("boolean", "true", (True,)),
        ("boolean", "false", (False,)),
        ("boolean", "", ()),
        ("boolean", "True", ["boolean"]),
        ("integer", " 42 ", (42,)),
        ("integer", "+5", (5,)),
        ("integer", "-0", (0,)),
        ("integer", "2147483647", (2147483647,)),
        ("integer", "2147483648", ["digits"]),
        ("integer", "9" * 100_000, ["digits"]),
        ("integer", "1.0", ["whole-number"]),
        ("integer", "1,000", ["whole-number"]),
        ("integer", "1e3", ["whole-number"]),
        ("integer", "٣", ["whole-number"]),
        ("decimal", "5.60", (Decimal("5.60"),)),
        ("decimal", "-.5", (Decimal("-0.5"),)),
        ("decimal", "5.", ["number"]),
        ("decimal", "5,6", ["number"]),
        ("decimal", "1e3", ["number"]),
        ("decimal", "NaN", ["number"]),
        ("decimal", "0x10", ["number"]),
        ("decimal", "1_000", ["number"]),
        ("decimal", "1." + "0" * 15, ["digits"]),
        ("decimal", "9" * 100_000, ["digits"]),
        ("string", "  two words ", ("two words",)),
        ("string", "   ", ()),
        ("string", "\u200b\u00a0\t", ()),
        ("string", "one\ntwo", ["line-break"]),
        ("string", "one\u2028two", ["line-break"]),
        ("string", "a\x00b", ["characters"]),
        ("string", "a\ud800b", ["characters"]),
        ("string", "x" * 4001, ["max-length"]),
        ("text", "one\r\ntwo\rthree", ("one\ntwo\nthree",)),
        ("text", "\r\n \r\n", ()),
        ("text", "x" * 4000, ("x" * 4000,)),
        ("text", "x" * 4001, ["max-length"]),
    ],
)
def test_what_is_typed_becomes_a_value_or_an_error(kind, typed, expected):
    assert read(question("a", kind), typed) == expected


def test_a_decimal_keeps_its_digits():
    assert str(read(question("a", "decimal"), "005.60")[0]) == "5.60"


@pytest.mark.parametrize(
    ("language", "expected"), [("es", (Decimal("5.6"),)), ("es-MX", (Decimal("5.6"),)), ("en", ["number"])]
)
def test_a_decimal_comma_is_understood_where_the_language_has_it(language, expected):
    assert read(question("a", "decimal"), "5,6", language=language) == expected


def test_no_grouping_is_understood_in_any_language():
    assert read(question("a", "decimal"), "1.234,5", language="es") == ["number"]


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        (["1"], (coded("two"),)),
        ([], ()),
        ([""], ()),
        (["3"], ["option"]),
        (["-1"], ["option"]),
        (["one"], ["option"]),
        (["²"], ["option"]),
        (["0", "1"], ["one-answer"]),
    ],
)
def test_an_option_is_chosen_by_its_position(posted, expected):
    assert read(choice("a", option("one"), option("two"), option("three")), *posted) == expected


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        (["1", "0", "1"], (coded("one"), coded("two"))),
        (["2"], (coded("none"),)),
        (["0", "2"], ["exclusive"]),
    ],
)
def test_several_options_come_in_the_forms_order_and_an_exclusive_one_alone(posted, expected):
    several = choice("a", option("one"), option("two"), option("none", exclusive=True), repeats=True)

    assert read(several, *posted) == expected


@pytest.mark.parametrize(("typed", "expected"), [("1", ["too-low"]), ("2", (2,)), ("4", (4,)), ("5", ["too-high"])])
def test_a_number_stays_in_its_bounds(typed, expected):
    assert read(question("a", "integer", extension=BOUNDS), typed) == expected


def said(item: dict, *posted: str) -> list[str]:
    return [str(error) for error in fhir.read(parse(item), {"q1": list(posted)}).errors]


@pytest.mark.parametrize("kind", ["string", "text", "integer", "decimal"])
def test_what_is_typed_is_as_long_as_the_form_wants_it(kind):
    short = question("a", kind, maxLength=3, extension=[extension("minLength", valueInteger=2)])

    assert said(short, "5") == ["Write at least 2 characters."]
    assert said(short, "12") == said(short, "123") == []
    assert said(short, "1234") == ["Write at most 3 characters."]


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("integer", "2147483647", []),
        ("integer", "-2147483648", []),
        ("integer", "2147483648", ["Enter a number of at most 9 digits."]),
        ("integer", "000000000000005", []),
        ("integer", "0000000000000005", ["Enter a number of at most 9 digits."]),
        ("decimal", "123456789012345", []),
        ("decimal", "1234567890123456", ["Enter a number of at most 15 digits."]),
        ("decimal", "0" * 29 + "5", []),
        ("decimal", "0" * 30 + "5", ["Enter a number of at most 15 digits."]),
    ],
)
def test_a_number_has_no_more_digits_than_a_reader_keeps(kind, typed, expected):
    assert said(question("a", kind), typed) == expected


def test_two_answers_to_a_question_for_one_are_refused():
    assert read(question("a", "text"), "one", "two") == ["one-answer"]
    reading = fhir.read(parse(question("a", "date")), {"q1-year": ["2024", "2025"], "q1-month": ["1"], "q1-day": ["1"]})
    assert [error.rule for error in reading.errors] == ["one-answer"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("2024", "2", "29"), (DATE("2024-02-29"),)),
        (("2025", "02", "29"), ["date"]),
        (("25", "2", "1"), ["date"]),
        (("0000", "1", "1"), ["date"]),
        (("2025", "13", "1"), ["date"]),
        (("2025", "feb", "1"), ["date"]),
        (("", "", ""), ()),
        ((" ", "", ""), ()),
        (("2025", "", ""), ["date-incomplete"]),
        (("2025", "2", ""), ["date-incomplete"]),
        (("", "2", "1"), ["date-incomplete"]),
        (("2025", "", "", entry("YYYY")), (DATE("2025"),)),
        (("2025", "2", "", entry("YYYY")), (DATE("2025-02"),)),
        (("", "2", "", entry("YYYY")), ["date"]),
        (("2025", "", "3", entry("YYYY")), ["date"]),
        (("2025", "", "", entry("YYYY-MM")), ["month-incomplete"]),
        (("2025", "2", "", entry("YYYY-MM")), (DATE("2025-02"),)),
        (("2025", "2", "", entry("MM/DD/YYYY")), ["date-incomplete"]),
        (("2019", "", "", entry("YYYY"), extension("minValue", valueDate="2020-05-01")), ["too-early"]),
        (("2020", "", "", entry("YYYY"), extension("minValue", valueDate="2020-05-01")), (DATE("2020"),)),
        (("2021", "1", "1", extension("maxValue", valueDate="2020")), ["too-late"]),
    ],
)
def test_a_date_has_three_fields_and_is_partial_only_where_the_form_says_so(parts, expected):
    assert read_date(*parts) == expected


def test_a_date_of_which_fields_are_missing_is_incomplete():
    reading = fhir.read(parse(question("a", "date")), {"q1-year": ["2024"]})

    assert [str(error) for error in reading.errors] == ["Enter day, month and year."]


@pytest.mark.parametrize(
    ("kind", "bound", "typed", "expected"),
    [
        ("integer", {"valueInteger": 2}, ("1", "3"), ["Enter 2 or more.", "Enter 2 or less."]),
        (
            "decimal",
            {"valueDecimal": Decimal("1e-7")},
            ("0", "1"),
            ["Enter 0.0000001 or more.", "Enter 0.0000001 or less."],
        ),
        ("decimal", {"valueDecimal": Decimal("2.50")}, ("2", "3"), ["Enter 2.50 or more.", "Enter 2.50 or less."]),
    ],
)
def test_a_bound_is_shown_as_the_form_has_it(kind, bound, typed, expected):
    low = question("a", kind, extension=[extension("minValue", **bound)])
    high = question("a", kind, extension=[extension("maxValue", **bound)])

    assert [*said(low, typed[0]), *said(high, typed[1])] == expected


def test_fields_of_hidden_read_only_and_unknown_items_are_dropped():
    everything = parse(
        question("a", extension=[HIDDEN]),
        group("g", question("b"), extension=[HIDDEN]),
        total("c"),
        question("d", "display"),
        question("e"),
    )
    posted = {f"q{at}": ["true"] for at in range(12)} | {"e": ["true"], "q4": ["7"]}

    assert fhir.read(everything, posted) == fhir.Reading({"e": (True,)}, ())


def test_only_the_fields_of_the_given_items_are_read():
    two = parse(question("a"), question("b"))

    assert fhir.read(two, {"q1": ["true"], "q2": ["true"]}, items=[two.by_id["b"]]).answers == {"b": (True,)}


def test_field_names_are_positions_and_a_date_has_three():
    several = parse(question("x"), group("g", question("y", "date")), question("z", "display"), total())

    assert [fhir.field_names(item) for item in several.order] == [
        ("q1",), (), ("q3-year", "q3-month", "q3-day"), (), ()
    ]  # fmt: skip


def test_an_error_says_what_to_do_with_its_numbers_filled_in():
    reading = fhir.read(parse(question("a", "text", maxLength=3)), {"q1": ["abcd"]})

    assert [str(error) for error in reading.errors] == ["Write at most 3 characters."]


EVERY_TYPE = parse(
    *(question(kind, kind) for kind in ("boolean", "integer", "decimal", "date", "string", "text")),
    choice("choice", option("one"), option("two")),
    choice("choices", option("one"), option("two"), repeats=True),
)
FIELDS = [name for item in EVERY_TYPE.order for name in fhir.field_names(item)]
ANY_TEXT = st.text(st.characters(codec=None), max_size=8) | st.sampled_from(
    ["1", "-2", "0.5", "true", "2024", "\ud800"]
)


def test_what_is_not_posted_is_not_answered():
    assert fhir.read(EVERY_TYPE, {}) == fhir.Reading({}, ())


@given(st.text() | st.text(st.sampled_from(" \t\n\u00a0\u200b\u2028\u3000ab")))
def test_a_text_is_blank_when_nothing_of_it_would_be_seen(text):
    assert is_blank(text) == (not any(char.isprintable() and not char.isspace() for char in text))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), st.lists(ANY_TEXT, max_size=3)), st.sampled_from(["en", "es"]))
def test_any_post_gives_answers_that_a_response_may_hold_or_errors(posted, language):
    reading = fhir.read(EVERY_TYPE, posted, language=language)

    response = fhir.build(EVERY_TYPE, reading.answers, authored=NOW, language="en")
    assert fhir.check(EVERY_TYPE, response) == ()
    assert fhir.answers_of(EVERY_TYPE, response) == fhir.recorded(response) == reading.answers
    assert not reading.answers.keys() & {error.link_id for error in reading.errors}


@settings(max_examples=100, deadline=None)
@given(st.integers(-(2**31), 2**31 - 1), st.decimals(-(10**6), 10**6, places=3), st.dates(), st.booleans())
def test_what_is_written_out_is_read_back(number, fraction, day, answer):
    posted = {
        "q1": [str(answer).lower()],
        "q2": [str(number)],
        "q3": [format(fraction, "f")],
        "q4-year": [f"{day.year:04}"],
        "q4-month": [str(day.month)],
        "q4-day": [str(day.day)],
    }

    assert fhir.read(EVERY_TYPE, posted).answers == {
        "boolean": (answer,),
        "integer": (number,),
        "decimal": (fraction,),
        "date": (DATE(day.isoformat()),),
    }
