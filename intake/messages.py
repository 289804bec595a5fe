"""The engine's error codes in the visitor's words: what is wrong and what to do."""

from django.utils.functional import Promise

from intake import fhir

MESSAGES: dict[str, str | Promise] = {}


def message(item: fhir.Item, error: fhir.AnswerError) -> str:
    return str(MESSAGES.get(error.rule, error.message)) % error.params
