"""What a Bundle is made of, as plain data."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from intake.fhir.model import Questionnaire


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    birth_date: str = ""  # YYYY-MM-DD
    gender: str = "unknown"
    phone: str = ""
    email: str = ""
    language: str = ""  # a tag, or in words


@dataclass(frozen=True, slots=True)
class Answered:
    id: uuid.UUID
    questionnaire: Questionnaire
    response: Mapping[str, object]  # the QuestionnaireResponse; one that is StoredResponse is hardly read


@dataclass(frozen=True, slots=True)
class Agreement:
    id: uuid.UUID
    at: datetime
    policy: str  # address of the text
    version: str
    permitted: bool = True


@dataclass(frozen=True, slots=True)
class ContactRequest:
    id: uuid.UUID
    medium: str  # phone, email, or empty when the person did not say
    period: tuple[datetime, datetime] | None = None  # when the person would like it
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    id: uuid.UUID
    received_at: datetime
    transmitter: str  # the clinic's name
    patient_id: uuid.UUID
    identity: Person | None = None  # None: the export does not say who it was
    answered: Sequence[Answered] = ()
    agreement: Agreement | None = None
    contact: ContactRequest | None = None
    voided: bool = False
