"""Text without capitals, accents and punctuation, letter for letter: a place in it is that place in the original."""

import re
import unicodedata

WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")
BETWEEN_DIGITS = re.compile(r"(?<=\d)\.(?=\d)")


def fold(text: str) -> str:
    """The text in small base letters, with a space for whatever is neither letter nor digit; as long as `text`."""
    points = {match.start() for match in BETWEEN_DIGITS.finditer(text)}
    return "".join("." if at in points else _base(letter) for at, letter in enumerate(text))


def words(text: str) -> list[str]:
    return WORD.findall(fold(unicodedata.normalize("NFC", text)))


def _base(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 and base.isalnum() else " "
