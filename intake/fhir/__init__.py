"""Questionnaires as data, after docs/questionnaires.md: parse, evaluate, read answers, score, write FHIR. No Django."""

from intake.fhir.answer_errors import MESSAGES, AnswerError, missing
from intake.fhir.answers import Reading, field_names, read
from intake.fhir.conditions import holds
from intake.fhir.definition import parse
from intake.fhir.evaluation import AnswersOrEvaluation, Evaluation, enabled, evaluate, raised, totals
from intake.fhir.faults import DefinitionError, Fault
from intake.fhir.json_text import digest, dumps, loads, read_file, read_json
from intake.fhir.model import BASE, Alert, Band, Condition, Item, Option, Page, Questionnaire, Score, Text, Trigger
from intake.fhir.response import build
from intake.fhir.responses import answers_of, assess, check, report
from intake.fhir.scoring import band
from intake.fhir.stored import recorded
from intake.fhir.structure import check_structure
from intake.fhir.values import Coding, PartialDate, Value

__all__ = [
    "BASE",
    "MESSAGES",
    "Alert",
    "AnswerError",
    "AnswersOrEvaluation",
    "Band",
    "Coding",
    "Condition",
    "DefinitionError",
    "Evaluation",
    "Fault",
    "Item",
    "Option",
    "Page",
    "PartialDate",
    "Questionnaire",
    "Reading",
    "Score",
    "Text",
    "Trigger",
    "Value",
    "answers_of",
    "assess",
    "band",
    "build",
    "check",
    "check_structure",
    "digest",
    "dumps",
    "enabled",
    "evaluate",
    "field_names",
    "holds",
    "loads",
    "missing",
    "parse",
    "raised",
    "read",
    "read_file",
    "read_json",
    "recorded",
    "report",
    "totals",
]
