"""The name by which a visitor and staff speak of a submission."""

import secrets

# No vowels, so that no word appears; no letter that is read or heard as a digit.
REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def new_reference() -> str:
    """Return ten random characters in two groups, about 47 bits: K7QF2-M9D3X. Never digits alone, as in a number."""
    while True:
        if reference := reference_in("".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(10))):
            return reference


def reference_in(text: str) -> str:
    """Return `k7qf2 m9d3x` as K7QF2-M9D3X, and nothing for what cannot be one: a phone number, an e-mail address."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    fits = len(letters) == 10 and set(letters) <= set(REFERENCE_ALPHABET) and not letters.isdigit()
    return f"{letters[:5]}-{letters[5:]}" if fits else ""
