"""Reading encrypted values one at a time, so that one that cannot be opened spoils nothing but its own place."""

from datetime import date

from django.utils import timezone

from clinic.crypto import UnreadableValue
from intake.models import Note, Submission
from intake.screening import age

UNREADABLE = "cannot be decrypted"


def readable(row: Submission | Note, field: str) -> str:
    """The text of an encrypted field, or UNREADABLE when its key is lost or the value was damaged."""
    try:
        return str(getattr(row, field) or "")
    except UnreadableValue:
        return UNREADABLE


def years(birth_date: str) -> int | None:
    """The age of somebody born on `birth_date` (YYYY-MM-DD), or None for text that is not a whole date."""
    try:
        return age(date.fromisoformat(birth_date), timezone.localdate())
    except ValueError:
        return None
