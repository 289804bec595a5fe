"""One submitted intake as a FHIR Bundle: who, what was asked and answered, totals, consent, and where it came from.

Takes plain data. Every full URL and identifier is derived from a record's id, so that the same intake exported twice
gives the same entries, and a server that has them already creates nothing new.
"""

from intake.fhir.bundle.entries import Entries, head
from intake.fhir.bundle.parts import Agreement, Answered, ContactRequest, Intake, Person
from intake.fhir.bundle.text import write
from intake.fhir.model import BASE
from intake.fhir.response import Resource

__all__ = ["Agreement", "Answered", "ContactRequest", "Intake", "Person", "build", "write"]


def build(intake: Intake, *, kind: str = "transaction", base: str = BASE) -> Resource:
    """The Bundle, of kind `transaction` or `collection`; `write` gives it as JSON.

    Without identity, answers to items with a code of the project's intake-identity system are left out as well.
    Provenance has no identifier in FHIR R4, so a server that gets the transaction twice stores it twice.
    """
    return head(intake, kind) | {"entry": list(Entries(intake, kind, base).all())}
