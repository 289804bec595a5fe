import base64
import hashlib
import hmac
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic import crypto

OLD, NEW = b"o" * 32, b"n" * 32
STORED = "015813e8e12c5160d320cbe5473d2c385f7e2fb93031e860fcf8e58458d11013813c613ee355a98b6cf3b0d2"
CONTEXT = "intake_submission.name:6f9619ff-8b86-d011-b42d-00c04fc964ff"

characters = st.characters(exclude_categories=["Cs"])


@pytest.fixture(autouse=True)
def _one_key(settings):
    settings.FIELD_KEYS = (NEW,)
    crypto._derived.cache_clear()


@pytest.fixture
def token() -> bytes:
    return crypto.encrypt("Marta Quill", CONTEXT)


@given(st.text(characters))
def test_any_text_comes_back_as_it_was(text):
    assert crypto.decrypt(crypto.encrypt(text, CONTEXT), CONTEXT) == text


def test_an_empty_text_comes_back_as_well():
    assert crypto.decrypt(crypto.encrypt("", CONTEXT), CONTEXT) == ""


def test_the_same_text_never_gives_the_same_token():
    assert len({crypto.encrypt("yes", CONTEXT) for _ in range(100)}) == 100


def test_a_token_does_not_hold_the_text_in_any_common_form():
    token = crypto.encrypt("Marta Quill", CONTEXT)

    forms = [b"Marta", base64.b64encode(b"Marta Quill"), b"Marta".hex().encode()]
    assert [form for form in forms if form in token or form in base64.b64encode(token)] == []


@given(st.data())
def test_a_token_with_any_changed_bit_is_refused(data):
    token = bytearray(crypto.encrypt("Marta Quill", CONTEXT))
    bit = data.draw(st.integers(0, len(token) * 8 - 1))
    token[bit // 8] ^= 1 << bit % 8

    with pytest.raises(crypto.UnreadableValue):
        crypto.decrypt(bytes(token), CONTEXT)


@given(st.text(characters), st.data())
def test_a_token_that_was_cut_off_or_grew_is_refused(text, data):
    token = crypto.encrypt(text, CONTEXT)
    kept = data.draw(st.integers(0, len(token) - 1))
    more = data.draw(st.binary(min_size=1, max_size=20))

    for changed in (token[:kept], token + more, more + token):
        with pytest.raises(crypto.UnreadableValue):
            crypto.decrypt(changed, CONTEXT)


@given(st.text(characters), st.text(characters))
def test_two_tokens_cannot_be_spliced(one, other):
    first, second = crypto.encrypt(one, CONTEXT), crypto.encrypt(other, CONTEXT)

    with pytest.raises(crypto.Tampered):
        crypto.decrypt(first[:17] + second[17:], CONTEXT)


@given(st.text(characters))
def test_a_token_is_as_long_as_it_says_and_names_its_key(text):
    token = crypto.encrypt(text, CONTEXT)

    assert len(token) == 1 + 4 + 12 + len(text.encode()) + 16
    assert token[:5] == b"\x01" + crypto.key_id(NEW)
    assert crypto.is_by_newest_key(token)


@given(st.binary(max_size=100))
def test_bytes_that_are_no_token_are_refused(noise):
    with pytest.raises(crypto.UnreadableValue):
        crypto.decrypt(noise, CONTEXT)


@pytest.mark.parametrize("kept", range(40))
def test_a_token_that_was_cut_off_is_refused(token, kept):
    with pytest.raises(crypto.Tampered):
        crypto.decrypt(token[:kept], CONTEXT)


@given(st.text(characters), st.text(characters))
def test_a_token_opens_in_its_own_context_only(context, other):
    token = crypto.encrypt("Marta Quill", context)

    if context == other:
        assert crypto.decrypt(token, other) == "Marta Quill"
    else:
        with pytest.raises(crypto.Tampered):
            crypto.decrypt(token, other)


def test_the_newest_key_encrypts_and_every_key_decrypts(settings):
    settings.FIELD_KEYS = (OLD,)
    old = crypto.encrypt("old", CONTEXT)
    settings.FIELD_KEYS = (NEW, OLD)
    new = crypto.encrypt("new", CONTEXT)

    assert [crypto.decrypt(old, CONTEXT), crypto.decrypt(new, CONTEXT)] == ["old", "new"]
    settings.FIELD_KEYS = (NEW,)
    assert crypto.decrypt(new, CONTEXT) == "new"
    with pytest.raises(crypto.UnknownKey):
        crypto.decrypt(old, CONTEXT)


def test_a_token_by_an_older_key_is_told_apart(settings):
    token = crypto.encrypt("old", CONTEXT)
    settings.FIELD_KEYS = (OLD, NEW)

    assert not crypto.is_by_newest_key(token)
    assert crypto.is_by_newest_key(crypto.encrypt("new", CONTEXT))
    assert not crypto.is_by_newest_key(b"")


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_different_master_keys_have_different_ciphers_and_indexes(one, other):
    derived = [crypto._derived((master,))[0] for master in (one, other)]

    assert (derived[0].index == derived[1].index) == (one == other)


def test_what_is_derived_stays_as_it_is():
    """Values that are stored today must open tomorrow. RFC 5869 without a salt, written out here once more."""
    secret = hmac.digest(bytes(32), NEW, "sha256")
    key_id, index = (
        hmac.digest(secret, b"clinic field " + what + b"\x01", "sha256") for what in (b"key id", b"blind index")
    )

    assert crypto.decrypt(bytes.fromhex(STORED), CONTEXT) == "Marta Quill"
    assert bytes.fromhex(STORED)[1:5] == crypto.key_id(NEW) == key_id[:4]
    assert crypto.blind_index("a@b.c", "t.c") == hmac.digest(index, b"t.c\0a@b.c", "sha256")[:16]
    assert crypto.token_hash("token") == hashlib.sha256(b"token").hexdigest()


def test_another_key_with_a_forged_key_id_is_told_as_tampering(settings):
    mine = crypto.encrypt("mine", CONTEXT)
    settings.FIELD_KEYS = (OLD,)
    forged = crypto.encrypt("theirs", CONTEXT)[:5] + mine[5:]

    with pytest.raises(crypto.Tampered):
        crypto.decrypt(forged, CONTEXT)


def test_keys_for_different_purposes_differ():
    key = crypto._keys()[0]

    assert key.index != NEW
    assert key.id not in (NEW[:4], key.index[:4])


@pytest.mark.parametrize("value", [b"bytes", None, 9, 1.5, ["list"], bytearray(b"x")])
def test_anything_but_text_is_refused(value):
    with pytest.raises(TypeError, match=f"^expected str, not {type(value).__name__}$"):
        crypto.encrypt(value, CONTEXT)


@pytest.mark.parametrize("text", ["\ud800", "Marta \udfff Quill", "\ud83d!"])
def test_a_lone_surrogate_is_refused_without_repeating_the_text(text):
    with pytest.raises(ValueError, match=r"^the text holds a lone surrogate, which is not a character$") as refused:
        crypto.encrypt(text, CONTEXT)

    assert not isinstance(refused.value, UnicodeError)  # which carries the text as an attribute
    assert refused.value.__cause__ is None


def test_no_error_repeats_the_value_or_the_key(settings):
    token = crypto.encrypt("Marta Quill", CONTEXT)
    settings.FIELD_KEYS = (OLD,)

    with pytest.raises(crypto.UnknownKey) as unknown:
        crypto.decrypt(token, CONTEXT)
    with pytest.raises(crypto.Tampered) as tampered:
        crypto.decrypt(b"Marta Quill", CONTEXT)

    assert [str(unknown.value), str(tampered.value)] == [
        "The key that this value was encrypted with is not in FIELD_KEYS.",
        "This value was damaged, or it was copied here from another row or column.",
    ]


def test_a_blind_index_is_the_same_for_the_same_text_and_column_only():
    mine = crypto.blind_index("a@b.c", "intake_submission.email_index")

    assert mine == crypto.blind_index("a@b.c", "intake_submission.email_index")
    assert mine != crypto.blind_index("a@b.d", "intake_submission.email_index")
    assert mine != crypto.blind_index("a@b.c", "intake_submission.phone_index")
    assert len(mine) == 16


def test_context_and_text_of_a_blind_index_cannot_be_shifted_into_each_other():
    assert crypto.blind_index("bc", "a") != crypto.blind_index("c", "ab")


def test_blind_indexes_has_one_for_every_key_newest_first(settings):
    settings.FIELD_KEYS = (OLD,)
    old = crypto.blind_index("a@b.c", "t.c")
    settings.FIELD_KEYS = (NEW,)
    new = crypto.blind_index("a@b.c", "t.c")
    settings.FIELD_KEYS = (NEW, OLD)

    assert crypto.blind_indexes("a@b.c", "t.c") == [new, old]
    assert crypto.blind_index("a@b.c", "t.c") == new


def test_a_token_hash_depends_on_no_key(settings):
    before = crypto.token_hash("token")
    settings.FIELD_KEYS = (os.urandom(32),)

    assert crypto.token_hash("token") == before
    assert len(before) == 64


@pytest.mark.parametrize(
    ("text", "normal"),
    [(" Marta@Example.ORG ", "marta@example.org"), ("\tSTRASSE@x.de\n", "strasse@x.de"), ("", ""), ("  ", "")],
)
def test_e_mail_addresses_are_compared_without_case_and_space(text, normal):
    assert crypto.normal_email(text) == normal


@pytest.mark.parametrize(
    "text", ["718-555-0199", "(718) 555 0199", "+1 718 555 0199", "1.718.555.0199", " 7185550199 "]
)
def test_a_phone_number_is_one_number_however_it_is_written(text):
    assert crypto.normal_phone(text) == "+17185550199"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("+49 30 901820", "+4930901820"),
        ("555-0199", "+15550199"),
        ("12", "12"),
        ("call 7", "7"),
        ("", ""),
        ("none", ""),
    ],
)
def test_other_numbers_are_compared_by_country_or_by_digits(text, normal):
    assert crypto.normal_phone(text) == normal


@given(st.text())
def test_normalising_takes_any_text_and_is_stable(text):
    for normalise in (crypto.normal_email, crypto.normal_phone):
        assert normalise(normalise(text)) == normalise(text)
