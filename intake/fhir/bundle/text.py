"""A Bundle as JSON, with as little writing as can be."""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import groupby

from intake.fhir.bundle.entries import Entries, form_entry, head
from intake.fhir.bundle.parts import Answered, Intake
from intake.fhir.json_text import dumps
from intake.fhir.model import BASE, Questionnaire
from intake.fhir.response import Resource, identifier_of
from intake.fhir.stored import StoredResponse


def write(intake: Intake, *, kind: str = "transaction", base: str = BASE) -> bytes:
    """The same as JSON in UTF-8. A form, which makes up most of it, is written once a process."""
    entries = groupby(_WrittenEntries(intake, kind, base).all(), lambda entry: isinstance(entry, _Written))
    texts = [_joined(group) if are_written else dumps([*group])[1:-1].encode() for are_written, group in entries]
    return b'%s,"entry":[%s]}' % (dumps(head(intake, kind))[:-1].encode(), b",".join(texts))


class _Written(dict[str, object]):
    """An entry whose JSON is at hand."""

    def __init__(self, entry: Resource, text: bytes) -> None:
        super().__init__(entry)
        self.text = text


def _joined(entries: Iterable[Resource]) -> bytes:
    return b",".join(entry.text for entry in entries if isinstance(entry, _Written))


class _WrittenEntries(Entries):
    """The same, with the text of a stored response instead of what it says."""

    @cached_property
    def _person(self) -> str:
        return dumps({"subject": self.patient, "source": self.patient})[1:]

    def form(self, form: Questionnaire) -> Resource:
        return _form(form, self.kind)

    def answer(self, one: Answered) -> Resource:
        if not isinstance(one.response, StoredResponse) or not self.intake.identity or self.intake.voided:
            return super().answer(one)
        entry = self.entry(one.id, {"resourceType": "QuestionnaireResponse", "identifier": identifier_of(one.id)})
        request = f',"request":{dumps(entry["request"])}' if "request" in entry else ""
        resource = f"{one.response.text[:-1]},{self._person}"
        return _Written(entry, f'{{"fullUrl":"{one.id.urn}","resource":{resource}{request}}}'.encode())


@lru_cache(maxsize=64)
def _form(form: Questionnaire, kind: str) -> _Written:
    """Never changed: it is the same in every Bundle."""
    entry = form_entry(form, kind)
    return _Written(entry, dumps(entry).encode())
