"""What a visitor answers who leaves no question out."""

from intake import fhir
from intake.identity import code_of
from intake.models import Packet


def questions_for_words() -> list[str]:
    """The linkIds of the questions that take words, of all the forms."""
    return [
        item.link_id
        for item in _items()
        if item.type in ("string", "text") and not item.options and not code_of(item) and not item.hidden
    ]


def enabling() -> dict[str, object]:
    """Answers that let the questions appear which follow from others."""
    conditions = [one for item in _items() for one in item.enable_when if one.operator in ("=", ">")]
    return {one.question: one.answer + 1 if one.operator == ">" else _sent(one.answer) for one in conditions}


def _items() -> list[fhir.Item]:
    return [item for form in Packet.objects.current().forms() for item in form.compiled.order]


def _sent(value: object) -> object:
    return getattr(value, "code", value)
