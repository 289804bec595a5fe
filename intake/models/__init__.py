from intake.models.draft import Draft, ResumeLink
from intake.models.questionnaire import Packet, PacketItem, Questionnaire
from intake.models.record import AuditEvent, Note
from intake.models.submission import (
    GAD7_TOTAL,
    PHQ9_TOTAL,
    ConsentText,
    InvalidTransition,
    Response,
    SafetyAlert,
    Score,
    Submission,
)

__all__ = [
    "GAD7_TOTAL",
    "PHQ9_TOTAL",
    "AuditEvent",
    "ConsentText",
    "Draft",
    "InvalidTransition",
    "Note",
    "Packet",
    "PacketItem",
    "Questionnaire",
    "Response",
    "ResumeLink",
    "SafetyAlert",
    "Score",
    "Submission",
]
