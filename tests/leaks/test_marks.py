"""The search for a mark, before it is believed when it finds none."""

import base64
import json
import quopri
from html import escape
from urllib.parse import quote

from tests.leaks.marks import Marks, found

MARK = Marks()["any"]
BYTES = MARK.encode()
DISGUISES = {
    "plain": MARK,
    "upper case": MARK.upper(),
    "lower case": MARK.lower(),
    "spaced": " ".join(MARK),
    "broken": f"{MARK[:5]}-\n{MARK[5:]}",
    "URL": quote(f"Zoë {MARK}"),
    "URL, every letter": "".join(f"%{byte:02X}" for byte in BYTES),
    "hexadecimal": BYTES.hex(),
    "hexadecimal, upper case": BYTES.hex().upper(),
    "bytes": "".join(f"\\x{byte:02x}" for byte in BYTES),
    "JSON": json.dumps(f"Zoë {MARK}"),
    "JSON, every letter": "".join(f"\\u{byte:04x}" for byte in BYTES),
    "HTML": escape(f"<{MARK}>"),
    "HTML, every letter": "".join(f"&#{byte};" for byte in BYTES),
    "HTML, every letter in hexadecimal": "".join(f"&#x{byte:x};" for byte in BYTES),
    "quoted-printable": quopri.encodestring(f"{'ë' * 22}{MARK}".encode()),
    "UTF-16": MARK.encode("utf-16"),
    "UTF-16, big end first": MARK.encode("utf-16-be"),
    "base64": base64.b64encode(BYTES),
    "base64, second byte": base64.b64encode(b"a" + BYTES.lower() + b" and more"),
    "base64, third byte": base64.b64encode(b"ab" + BYTES.upper() + b" and more"),
    "base64, in an address": base64.urlsafe_b64encode(f"\xff{MARK}".encode()),
    "base64, in lines": base64.encodebytes(b"x" * 50 + BYTES),
}


def test_a_mark_is_found_in_every_disguise():
    marks = {"any": MARK, "other": MARK.replace("00", "99")}

    seen = {name: found(text, marks) for name, text in DISGUISES.items()}

    assert seen == {name: {"any"} for name in DISGUISES}
    assert found("Quill mark, Marta Quill", marks) == set()


def test_a_phone_number_and_a_birth_date_are_found_however_they_are_written():
    phone = {"phone": "+44 20 7946 0958"}

    assert found("(44) 20-79460958", phone) == {"phone"}
    assert found("+44 20 7946 0957, 1947-08-24", phone) == set()
    for date in ("1947-08-23", "8/23/1947", "August 23, 1947"):
        assert found(f"born {date}.", phone) == {"birth date"}
