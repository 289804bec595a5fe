"""Words that stand nowhere else, one for each field, and the search for them in whatever may have become of them."""

import base64
import json
import string
from collections.abc import Iterator, Mapping
from functools import cache
from urllib.parse import quote

STEM = "Quillmark"
BIRTH_DATE = (1947, 8, 23)
SPELT = ("1947-08-23", "08/23/1947", "8/23/1947", "23/8/1947", "august 23, 1947", "aug. 23, 1947", "23 august 1947")
NOT_ALPHANUMERIC = bytes(set(range(128)) - set(f"{string.ascii_letters}{string.digits}".encode()))


class Marks(dict[str, str]):
    """The mark of each field by the field's name, made when it is first asked for."""

    def __missing__(self, name: str) -> str:
        return self.setdefault(name, f"{STEM}{len(self):02}ink")


def found(haystack: str | bytes, marks: Mapping[str, str]) -> set[str]:
    """The names of the marks that are in it: plain, in another case, broken up, or encoded."""
    hay = haystack.encode() if isinstance(haystack, str) else haystack
    squeezed = hay.translate(None, NOT_ALPHANUMERIC)
    folded = squeezed.lower()
    stem_is_there = _is_in(STEM, squeezed, folded)
    born = {"birth date"} if any(date.encode() in hay.lower() for date in SPELT) else set()
    return born | {
        name
        for name, text in marks.items()
        if (stem_is_there or not text.startswith(STEM)) and _is_in(text, squeezed, folded)
    }


def _is_in(text: str, squeezed: bytes, folded: bytes) -> bool:
    folded_forms, exact_forms = _forms(text)
    return any(form in folded for form in folded_forms) or any(form in squeezed for form in exact_forms)


@cache
def _forms(text: str) -> tuple[set[bytes], set[bytes]]:
    """What a text may look like once everything but letters and digits is gone: in any case, and exactly."""
    spellings = {text, text.lower(), text.upper()}
    return (
        {_squeezed(form).lower() for spelling in spellings for form in _written(spelling)},
        {form for spelling in spellings for form in _in_base64(spelling.encode())},
    )


def _written(text: str) -> Iterator[bytes]:
    """As it is, as bytes in hexadecimal (also behind \\x and %), and as numbers of characters in JSON and HTML."""
    yield from (text.encode(), quote(text).encode(), json.dumps(text).encode(), text.encode().hex().encode())
    for pattern in ("\\u%04x", "&#%d;", "&#x%x;"):
        yield "".join(pattern % ord(letter) for letter in text).encode()


def _in_base64(text: bytes) -> Iterator[bytes]:
    """The characters that depend on nothing but the text, wherever in a group of three bytes it begins."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + text)
        whole = encoded[(0, 2, 3)[before] : 4 * ((before + len(text)) // 3)]
        yield _squeezed(whole)


def _squeezed(text: bytes) -> bytes:
    return text.translate(None, NOT_ALPHANUMERIC)
