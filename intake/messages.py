"""The rules that an answer can break, in the visitor's words and language: what is wrong and what to do."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from intake import fhir

MESSAGES = {
    "required": _("Enter an answer."),
    "option": _("Choose one of the answers of the list."),
    "one-answer": _("Give one answer only."),
    "exclusive": _("You chose “none” together with something else. Choose one or the other."),
    "boolean": _("Choose Yes or No."),
    "whole-number": _("Enter a whole number, such as 5."),
    "number": _("Enter a number, such as 5.5."),
    "digits": _("Enter a number of at most %(limit)s digits."),
    "too-low": _("Enter %(limit)s or more."),
    "too-high": _("Enter %(limit)s or less."),
    "too-early": _("Enter a date that is not before %(limit)s."),
    "too-late": _("Enter a date that is not after %(limit)s."),
    "date": _("Enter a date that is in the calendar, the year with four digits."),
    "date-incomplete": _("Enter month, day and year."),
    "month-incomplete": _("Enter at least month and year."),
    "max-length": _("Write at most %(limit)s characters."),
    "min-length": _("Write at least %(limit)s characters."),
    "line-break": _("Write this on one line."),
    "characters": _("Take out the characters that cannot be shown."),
    "email": _("Enter an e-mail address in the form name@example.org."),
    "phone": _("Enter a phone number with its area code, such as 718 555 0100."),
}

CHOOSE = _("Choose an answer.")
ENTER_DATE = _("Enter the date: month, day and year.")


def message(item: fhir.Item, error: fhir.AnswerError) -> str:
    if error.rule == "required" and item.type in ("choice", "boolean"):
        return str(CHOOSE)
    if error.rule == "required" and item.type == "date":
        return str(ENTER_DATE)
    bound = {"too-early": item.min_value, "too-late": item.max_value}.get(error.rule)
    params = {"limit": date_in_words(bound)} if isinstance(bound, fhir.PartialDate) else error.params
    return str(MESSAGES[error.rule]) % params


def date_in_words(value: fhir.PartialDate) -> str:
    """As much of the date as there is, in the active language."""
    if value.month is None:
        return str(value.year)
    if value.day is None:
        return date_format(date(value.year, value.month, 1), "YEAR_MONTH_FORMAT")
    return date_format(date(value.year, value.month, value.day), "DATE_FORMAT")
