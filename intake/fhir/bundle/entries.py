"""The entries of a Bundle, in their order."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from intake.fhir.bundle.parts import Agreement, Answered, ContactRequest, Intake, Person
from intake.fhir.model import Item, Questionnaire
from intake.fhir.response import Resource, identifier_of
from intake.fhir.stored import StoredResponse
from intake.fhir.texts import LANGUAGE

_OURS = quote("urn:ietf:rfc:3986|urn:uuid:", safe="")  # how the search for an identifier of ours begins
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_MEDIA = {"phone": "PHONE", "email": "EMAILWRIT"}
_EXPORTED = ("completed", "amended")


def head(intake: Intake, kind: str) -> Resource:
    if kind not in ("transaction", "collection"):
        raise ValueError("a bundle is a transaction or a collection")
    return {"resourceType": "Bundle", "type": kind, "timestamp": _instant(intake.received_at)}


@dataclass(frozen=True)
class Entries:
    intake: Intake
    kind: str
    base: str

    def all(self) -> Iterator[Resource]:
        entries = [*self._people(), *self._answers(), *self._wishes()]
        yield from entries
        provenance = self._provenance([str(one["fullUrl"]) for one in entries])
        yield self.entry(_derived(self.intake.id, "provenance"), provenance)

    def entry(self, record: uuid.UUID, resource: Resource) -> Resource:
        return _entry(record, resource, self.kind)

    @cached_property
    def patient(self) -> Resource:
        """A reference to the Patient entry, or only to our identifier when the export does not name the person."""
        if self.intake.identity:
            return {"reference": self.intake.patient_id.urn}
        return {"type": "Patient", "identifier": identifier_of(self.intake.patient_id)}

    def _people(self) -> Iterator[Resource]:
        if self.intake.identity:
            yield self.entry(self.intake.patient_id, _patient(self.intake.identity, self.intake.patient_id))

    @cached_property
    def exported(self) -> list[Answered]:
        return [one for one in self.intake.answered if _is_finished(one.response)]

    def _answers(self) -> Iterator[Resource]:
        forms = {one.questionnaire.canonical: one.questionnaire for one in self.exported}
        yield from map(self.form, forms.values())
        for one in self.exported:
            yield self.answer(one)
            yield from self._observations(one)

    def form(self, form: Questionnaire) -> Resource:
        return form_entry(form, self.kind)

    def answer(self, one: Answered) -> Resource:
        return self.entry(one.id, self._response(one))

    def _response(self, one: Answered) -> Resource:
        response = dict(one.response) | {
            "identifier": identifier_of(one.id),
            "subject": self.patient,
            "source": one.response.get("source", self.patient),
        }
        if self.intake.voided:
            response["status"] = "entered-in-error"
        if not self.intake.identity:
            system = f"{self.base}/CodeSystem/intake-identity"
            named = {
                item.link_id for item in one.questionnaire.order if any(code.system == system for code in item.code)
            }
            response = _without(response, named)
        return response

    def _observations(self, one: Answered) -> Iterator[Resource]:
        form = one.questionnaire
        for target, total in _totals(form, one.response):
            record = _derived(one.id, target)
            yield self.entry(
                record,
                {
                    "resourceType": "Observation",
                    "identifier": [identifier_of(record)],
                    "status": "entered-in-error" if self.intake.voided else "final",
                    "category": [_concept(_TERMS + "observation-category", "survey")],
                    "code": _code(form, form.by_id[target]),
                    "subject": self.patient,
                    "effectiveDateTime": one.response["authored"],
                    "valueQuantity": {
                        "value": total,
                        "unit": "{score}",
                        "system": "http://unitsofmeasure.org",
                        "code": "{score}",
                    },
                    "derivedFrom": [{"reference": one.id.urn}],
                },
            )

    def _wishes(self) -> Iterator[Resource]:
        if self.intake.agreement:
            yield self.entry(self.intake.agreement.id, self._consent(self.intake.agreement))
        if self.intake.contact:
            yield self.entry(self.intake.contact.id, self._contact(self.intake.contact))

    def _consent(self, agreement: Agreement) -> Resource:
        return {
            "resourceType": "Consent",
            "identifier": [identifier_of(agreement.id)],
            "status": "entered-in-error" if self.intake.voided else "active",
            "scope": _concept(_TERMS + "consentscope", "patient-privacy"),
            "category": [_concept("http://loinc.org", "59284-0")],
            "patient": self.patient,
            "dateTime": _instant(agreement.at),
            "policy": [{"uri": f"{agreement.policy}|{agreement.version}"}],
            "provision": {"type": "permit" if agreement.permitted else "deny"},
        }

    def _contact(self, contact: ContactRequest) -> Resource:
        request: Resource = {
            "resourceType": "CommunicationRequest",
            "identifier": [identifier_of(contact.id)],
            "status": "entered-in-error" if self.intake.voided else "active",
            "subject": self.patient,
            "about": [{"reference": one.id.urn} for one in self.exported],
            "medium": [_concept(_TERMS + "v3-ParticipationMode", _MEDIA[contact.medium])] if contact.medium else [],
            "authoredOn": _instant(self.intake.received_at),
            "note": [{"text": note} for note in contact.notes if note],
        }
        if contact.period:
            start, end = contact.period
            request["occurrencePeriod"] = {"start": _instant(start), "end": _instant(end)}
        return {key: part for key, part in request.items() if part}

    def _provenance(self, targets: Sequence[str]) -> Resource:
        us_core = "http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type"
        return {
            "resourceType": "Provenance",
            "target": [{"reference": target} for target in targets],
            "recorded": _instant(self.intake.received_at),
            "agent": [
                {"type": _concept(_TERMS + "provenance-participant-type", "author"), "who": self.patient},
                {"type": _concept(us_core, "transmitter"), "who": {"display": self.intake.transmitter}},
            ],
        }


def _patient(person: Person, record: uuid.UUID) -> Resource:
    telecom = [{"system": system, "value": value} for system, value in _reach(person) if value]
    tag = LANGUAGE.fullmatch(person.language)
    language = _concept("urn:ietf:bcp:47", person.language) if tag else {"text": person.language}
    patient: Resource = {
        "resourceType": "Patient",
        "identifier": [identifier_of(record)],
        "name": [{"text": person.name}] if person.name else [],
        "telecom": telecom,
        "gender": person.gender,
        "birthDate": person.birth_date,
        "communication": [{"language": language, "preferred": True}] if person.language else [],
    }
    return {key: part for key, part in patient.items() if part}


def _reach(person: Person) -> tuple[tuple[str, str], ...]:
    return (("phone", person.phone), ("email", person.email))


def _code(form: Questionnaire, target: Item) -> Resource:
    text = target.text(form.language)
    parts: Resource = {"coding": [code.resource() for code in target.code], "text": text or target.link_id}
    return {key: part for key, part in parts.items() if part}


def _totals(form: Questionnaire, holder: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """The totals in a response, an item or an answer, by linkId; one that is not complete is not in it."""
    if not form.scores:
        return
    for item in holder.get("item", ()):
        answers = item.get("answer", ())
        for answer in answers if item["linkId"] in form.score_of else ():
            total = answer.get("valueInteger", answer.get("valueDecimal"))
            if total is not None:
                yield item["linkId"], total
        for below in (*answers, item):
            if "item" in below:  # as hardly any has
                yield from _totals(form, below)


def _is_finished(response: Mapping[str, object]) -> bool:
    return isinstance(response, StoredResponse) or response.get("status") in _EXPORTED


def _without(holder: Mapping[str, Any], named: set[str]) -> Resource:
    """A response, an item or an answer less the items in `named`, and less what is empty then."""
    kept = dict(holder)
    for key in ("item", "answer"):
        below = (_without(one, named) for one in holder.get(key, ()) if one.get("linkId") not in named)
        kept[key] = [one for one in below if one.keys() - {"linkId", "text"}]
    return {key: part for key, part in kept.items() if part != []}


def form_entry(form: Questionnaire, kind: str) -> Resource:
    condition = f"url={_quoted(form.url)}&version={_quoted(form.version)}"
    return _entry(uuid.uuid5(uuid.NAMESPACE_URL, form.canonical), dict(form.resource), kind, condition)


def _entry(record: uuid.UUID, resource: Resource, kind: str, condition: str = "") -> Resource:
    entry: Resource = {"fullUrl": record.urn, "resource": resource}
    if kind != "transaction":
        return entry
    request = {"method": "POST", "url": resource["resourceType"]}
    if "identifier" in resource:
        condition = f"identifier={_OURS}{record}"
    if condition:
        request["ifNoneExist"] = condition
    return entry | {"request": request}


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _derived(record: uuid.UUID, name: str) -> uuid.UUID:
    return uuid.uuid5(record, name)


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _instant(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a time needs a time zone")
    return moment.isoformat(timespec="seconds")
