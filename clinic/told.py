"""What staff say of the clinic, in the reader's language: beside a field `hours` stands `hours_es`."""

from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.utils.translation import get_language


class Told(NamedTuple):
    text: str
    language: str


def told(row: models.Model | None, field: str) -> Told:
    """The field in the reader's language, else in English: a number to call must not be lost."""
    language = get_language() or settings.LANGUAGE_CODE
    if own := told_only(row, field):
        return Told(own, language)
    return Told(getattr(row, field, ""), settings.LANGUAGE_CODE)


def told_only(row: models.Model | None, field: str) -> str:
    """The field in the reader's language or nothing: for a part of a sentence, which must not mix two."""
    language = get_language() or settings.LANGUAGE_CODE
    return str(getattr(row, field if language == settings.LANGUAGE_CODE else f"{field}_{language}", ""))
