"""Which answers say who the person is: items that carry a code of the project's own code system."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clinic.crypto import normal_phone
from intake import fhir

SYSTEM = f"{settings.FHIR_BASE_URL}/CodeSystem/intake-identity"

FIELDS = {  # code -> field of Submission
    "name": "name",
    "email": "email",
    "phone": "phone",
    "birth-date": "birth_date",
    "contact-method": "contact_method",
    "best-time": "best_time",
    "preferred-language": "preferred_language",
}


def identity(form: fhir.Questionnaire, answers: Mapping[str, Sequence[fhir.Value]]) -> dict[str, str]:
    """Return Submission's personal fields by name, as text, for those that were answered."""
    found = {}
    for link_id, values in answers.items():
        field = FIELDS.get(code_of(form.by_id[link_id]))
        if field and values:
            found[field] = _text(values[0])
    return found


def code_of(item: fhir.Item) -> str:
    """The item's identity code, or nothing."""
    return next((coding.code for coding in item.code if coding.system == SYSTEM), "")


def misfits(form: fhir.Questionnaire, answers: Mapping[str, Sequence[fhir.Value]]) -> list[fhir.AnswerError]:
    """E-mail addresses and phone numbers that nobody could be reached at."""
    checks = {"email": _is_email, "phone": is_phone}
    found = []
    for link_id, values in answers.items():
        rule = code_of(form.by_id[link_id])
        if rule in checks and values and not checks[rule](str(values[0])):
            found.append(fhir.AnswerError(link_id, rule, ""))
    return found


def is_phone(text: str) -> bool:
    """Whether the text can be a telephone number; one without a country code is read as one of the United States."""
    return normal_phone(text).startswith("+")


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _text(value: fhir.Value) -> str:
    """A coding counts by its code: what is stored must not depend on the language shown."""
    return value.code if isinstance(value, fhir.Coding) else str(value)
