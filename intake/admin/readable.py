"""Reading encrypted values one at a time, so that one that cannot be opened spoils nothing but its own place."""

from datetime import date
from uuid import UUID

from django.utils.translation import get_language_info

from clinic.crypto import UnknownKey, UnreadableValue
from clinic.fields import Ciphertext, EncryptedField
from intake.models import Note, SentReply, Submission

LOST = "cannot be decrypted: the key that it needs is missing"
DAMAGED = "cannot be decrypted: it was damaged, or copied here from another place"
UNREADABLE = (LOST, DAMAGED)


def readable(row: Submission | Note | SentReply, field: str) -> str:
    """The text of an encrypted field, or one of UNREADABLE."""
    try:
        return str(getattr(row, field) or "")
    except UnreadableValue as error:
        return fault(error)


def opened(column: EncryptedField, value: Ciphertext, pk: UUID) -> str:
    """The same of a value that a query gave without its row, whose key is `pk`."""
    try:
        return str(column.opened(value, pk) or "")
    except UnreadableValue as error:
        return fault(error)


def fault(error: UnreadableValue) -> str:
    """Why a value cannot be read, in words that follow its name."""
    return LOST if isinstance(error, UnknownKey) else DAMAGED


def day(text: str) -> date | None:
    """The day that YYYY-MM-DD names, or None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def language_name(text: str) -> str:
    """The English name of a language's code; what a person wrote in their own words stays as it is."""
    if text == "mul":  # the code for several languages: the form's "another language"
        return "another language"
    try:
        return str(get_language_info(text)["name"]) if text else ""
    except KeyError:
        return text
