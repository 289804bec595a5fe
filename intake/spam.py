"""Whether a contact request looks automatic: a few rules, each of which staff can be told in a sentence.

A rule only moves a request to the pile that staff look through; nothing is refused or dropped.
"""

import re
import unicodedata

from django.db import models

FASTEST = 3  # seconds in which a person could fill the form in
MOST_LINKS = 1  # in a message: people show a page, programs show several
LONG_TEXT = 60  # letters and digits from which on two people hardly write the same

# What begins a link; one in BBCode or HTML is two, because people do not write them. A domain without "www." counts
# only where it ends as the usual ones do: people leave out the space after a full stop.
LINK = re.compile(
    r"\[url|<a\s|https?://|(?<!://)www\.|"
    r"(?<![\w@.-])(?<!://)(?:[\w-]{1,63}\.){1,8}(?:com|net|org|info|biz|ru|cn|xyz|icu)\b(?![\w@-])",
    re.IGNORECASE,
)


class Sign(models.TextChoices):
    """Why a request may be spam, in words for staff."""

    TRAP = "trap", "A field was filled in that people do not see."
    FORM = "form", "It did not come from a form that the site has given out."
    FAST = "fast", f"The form was filled in within {FASTEST} seconds."
    LINKS = "links", "The message has several links, or one as programs write them."
    NAME = "name", "There is a link in the name, the best time or the language."
    REPEATED = "repeated", "The same text came more than once within a day."


def signs(*, trapped: bool, age: float | None, message: str, short: list[str], repeated: bool) -> list[Sign]:
    """The rules that apply. `age` is that of the form in seconds, None for one that is not ours; an old one is fine,
    and below 0 the clock was set back meanwhile.

    `short` are the answers in which a link has no business.
    """
    found = {
        Sign.TRAP: trapped,
        Sign.FORM: age is None,
        Sign.FAST: age is not None and 0 <= age < FASTEST,
        Sign.LINKS: links(message) > MOST_LINKS,
        Sign.NAME: any(map(links, short)),
        Sign.REPEATED: repeated,
    }
    return [sign for sign, applies in found.items() if applies]


def links(text: str) -> int:
    """How many links the text has; an e-mail address is none."""
    return len(LINK.findall(_plain(text)))


def gist(text: str) -> str:
    """Return the letters and digits, by which a text is told from another; nothing for one that many may write."""
    found = "".join(letter for letter in _plain(text) if letter.isalnum())
    return found if len(found) >= LONG_TEXT else ""


def _plain(text: str) -> str:
    """Without what does not show, and with one spelling for what looks alike: full width, ligatures, case."""
    if text.isascii():
        return text.casefold()
    shown = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", shown).casefold()
