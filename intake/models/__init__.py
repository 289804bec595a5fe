from intake.models.alert import AlreadyDone, SafetyAlert
from intake.models.consent import ConsentText
from intake.models.desk import CannedReply, SavedView, SentReply, Tag
from intake.models.draft import Draft, ResumeLink
from intake.models.erasure import ErasureReason, ErasureRefused, HoldReason
from intake.models.figures import KeptFigures
from intake.models.person import Contradiction, PersonLink
from intake.models.questionnaire import Packet, PacketItem, Questionnaire
from intake.models.record import ContactAttempt, Note
from intake.models.response import GAD7_TOTAL, PHQ9_TOTAL, Response, Score
from intake.models.submission import InvalidTransition, Submission, UnresolvedAlert
from intake.models.work import Conflict, Erased

__all__ = [
    "GAD7_TOTAL",
    "PHQ9_TOTAL",
    "AlreadyDone",
    "CannedReply",
    "Conflict",
    "ConsentText",
    "ContactAttempt",
    "Contradiction",
    "Draft",
    "Erased",
    "ErasureReason",
    "ErasureRefused",
    "HoldReason",
    "InvalidTransition",
    "KeptFigures",
    "Note",
    "Packet",
    "PacketItem",
    "PersonLink",
    "Questionnaire",
    "Response",
    "ResumeLink",
    "SafetyAlert",
    "SavedView",
    "Score",
    "SentReply",
    "Submission",
    "Tag",
    "UnresolvedAlert",
]
