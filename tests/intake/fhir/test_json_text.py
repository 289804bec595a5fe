"""JSON in and out: what is read is plain, and what is written is the same on every day."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import fhir
from tests.intake.fhir.build import form, question, refusals, told

DIGITS = "is not a number of at most 15 digits"
HALF = "has half a character (a lone surrogate)"


def lists(levels: int) -> str:
    """An object around lists in lists."""
    return '{"a":' + "[" * levels + "]" * levels + "}"


REFUSED = [
    ("empty", "", "-: file: is not JSON: Expecting value at line 1, column 1"),
    ("no colon", '{"a":1,\n "b" 2}', "-: file: is not JSON: Expecting ':' delimiter at line 2, column 6"),
    ("a list", "[]", "-: file: is not a JSON object"),
    ("null", b"null", "-: file: is not a JSON object"),
    ("another encoding", b'{"a":"\xff"}', "-: file: is not UTF-8 text"),
    ("half a character as text", '{"a":"\ud800"}', "-: file: is not UTF-8 text"),
    ("65 levels", lists(65), "-: a" + "[0]" * 26 + "…: is nested deeper than 64 levels"),
    ("20,000 levels", lists(20_000), "-: file: is nested deeper than 64 levels"),
    ("NaN", '{"a":NaN}', "-: a: NaN is not a JSON number"),
    ("infinity", '{"a":[0,-Infinity]}', "-: a[1]: -Infinity is not a JSON number"),
    ("a key twice", '{"a":{"b":1,"b":2}}', "-: a.b: the key appears twice"),
    ("1e400", '{"a":1e400}', f"-: a: {DIGITS}"),
    ("an endless exponent", '{"a":1e999999999999999999999}', f"-: a: {DIGITS}"),
    ("5,000 digits", '{"a":' + "9" * 5_000 + "}", f"-: a: {DIGITS}"),
    ("a null character", '{"a":"\\u0000"}', "-: a: has a control character"),
    ("half a character", '{"a":"\\ud800"}', f"-: a: {HALF}"),
    ("half a character in a key", '{"\\udfff":1}', f"-: file: {HALF}"),
    ("at the closest item", '{"item":[{"linkId":"q","text":"\\u001b"}]}', "q: text: has a control character"),
    ("a key that is no text", {7: 1, "a": "\x00"}, "-: file: a key is not a string\n-: a: has a control character"),
    ("an object of Python", {"a": object()}, "-: a: is not JSON"),
    ("bytes", {"a": [b"x"]}, "-: a[0]: is not JSON"),
    ("an infinite float", {"a": float("inf")}, f"-: a: {DIGITS}"),
    ("a Decimal that is no number", {"a": Decimal("NaN")}, f"-: a: {DIGITS}"),
]


@refusals(REFUSED)
def test_what_is_not_plain_json_is_refused_in_words(resource, lines):
    assert told(resource) == lines


def test_what_is_plain_json_is_read_as_it_is():
    raw = '{"a":[true,false,null,0,-5,1.50,"é\\t\\r\\n\\u00a0\\ud83d\\ude00"],"b":{"c":[]}}'

    found = fhir.read_json(raw)

    assert found == {"a": [True, False, None, 0, -5, Decimal("1.50"), "é\t\r\n\xa0\N{GRINNING FACE}"], "b": {"c": []}}
    assert [type(one) for one in found["a"][3:6]] == [int, int, Decimal]
    assert str(found["a"][5]) == "1.50"
    assert fhir.read_json(raw.encode()) == fhir.read_json(bytearray(raw.encode())) == found
    assert fhir.read_json({"a": (1, 2.5)}) == {"a": [1, Decimal("2.5")]}
    assert fhir.read_json(lists(64))["a"]


@pytest.mark.parametrize("char", ["\x00", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\x7f", "\x80", "\x9f"])
def test_every_control_character_but_tab_and_line_breaks_is_refused(char):
    assert told(form(question(text=char + "x"))) == "a: text: has a control character"


def test_half_of_a_pair_is_refused_and_its_neighbours_are_not():
    for half in ("\ud800", "\udbff", "\udc00", "\udfff"):
        assert told(form(question(text=half))) == f"a: text: {HALF}"
    assert told(form(question(text="\ud7ff\ue000"))) == ""


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("999999999999999", True),
        ("-999999999999999", True),
        ("1000000000000000", False),
        ("-1000000000000000", False),
        ("1e14", True),
        ("1e15", False),
        ("0.00000000000001", True),
        ("0.000000000000001", False),
        ("1e-14", True),
        ("1e-15", False),
        ("12345.6789012345", True),
        ("12345.67890123456", False),
    ],
)
def test_a_number_has_at_most_15_digits_when_it_is_written_out(number, fits):
    assert told('{"resourceType":"x","a":' + number + "}") == (
        "-: resourceType: must be Questionnaire" if fits else f"-: a: {DIGITS}"
    )


def test_an_object_counts_its_values_and_the_characters_of_its_texts():
    assert fhir.read_json({"a": "x" * 511_997})
    assert told({"a": "x" * 511_998}) == "-: file: is longer than 512 kB"


def test_json_is_written_without_spaces_and_with_every_digit():
    value = {"b": [Decimal("5.60"), Decimal("1e3"), 7, True, None], "a": {"é": "“x”\n", "d": (1,)}}

    assert fhir.dumps(value) == '{"b":[5.60,1000,7,true,null],"a":{"é":"“x”\\n","d":[1]}}'
    assert fhir.dumps(value, sort_keys=True) == '{"a":{"d":[1],"é":"“x”\\n"},"b":[5.60,1000,7,true,null]}'


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(-(10**9), 10**9, places=2)
    | st.just(Decimal(7)),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100)
@given(st.dictionaries(st.text(), plain, max_size=3))
def test_what_is_written_is_read_back_to_the_last_digit(value):
    found = fhir.loads(fhir.dumps(value))

    assert found == value
    assert fhir.dumps(found) == fhir.dumps(value)


def test_what_is_no_json_is_not_written():
    with pytest.raises(TypeError, match="set is not JSON"):
        fhir.dumps({"a": {1}})


def test_what_json_cannot_hold_is_not_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        fhir.dumps({"a": float("nan")})


def test_the_digest_of_a_form_never_changes_from_release_to_release():
    assert fhir.digest({"b": "é", "a": [Decimal("1.0"), {"d": 1, "c": 2}]}) == (
        "19f6cb7437b8ee09b991559032a6adbdc9941915b98af5eef9cd34d6e711ebc6"
    )
