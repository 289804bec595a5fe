"""What a migration does to the version of the site that still runs while it is applied, and for a while after."""

import re
from pathlib import Path

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

# The last release's newest migration of each app: docs/deploy.md, "Making a release".
RELEASED = {
    "account": "0009_emailaddress_unique_primary_email",
    "auth": "0012_alter_user_first_name_max_length",
    "clinic": "0008_audit_refusals",
    "content": "0007_first_versions",
    "contenttypes": "0002_remove_content_type_name",
    "intake": "0014_spam_signs",
    "mfa": "0003_authenticator_type_uniq",
    "sessions": "0001_initial",
}

# Migrations after it of which DOUBTS says too much: why the version before goes on all the same.
NO_STOP = {
    "clinic.0011_take": "The version before counts by a statement of its own, in the same table.",
    "clinic.0012_fewer_indexes": "The version before never searches with what is dropped.",
    "clinic.0013_tallies_unlogged": "The version before counts in the same table.",
    "intake.0017_phq9_bands": "It fills a column that the version before does not know.",
    "intake.0018_without_score_by_band": "The version before finds a band without that index too, if later.",
    "intake.0019_fewer_indexes": "Another index begins with each of these columns; no consent text is searched for.",
    "intake.0020_drafts": "The version before has statements of its own, for the same columns.",
    "intake.0021_draft_answers": "It says where the column is kept, and rewrites no row.",
}

TO_NEW_TABLES = re.compile(r'(?:ALTER TABLE|CREATE UNIQUE INDEX "\w+" ON) ("\w+")')
HARMLESS = re.compile(
    r"""
    CREATE\ TABLE\  | CREATE\ INDEX\  | COMMENT\ ON\  | SET\ CONSTRAINTS\
    | ALTER\ TABLE\ \S+\ ADD\ COLUMN\ (?!.*\bNOT\ NULL)
    | ALTER\ TABLE\ \S+\ ADD\ COLUMN\ .*\bDEFAULT\ .*\bNOT\ NULL
    | ALTER\ TABLE\ \S+\ ALTER\ COLUMN\ \S+\ (DROP\ NOT\ NULL|SET\ DEFAULT)
    """,
    re.VERBOSE | re.DOTALL,
)
BY_PYTHON = "-- THIS OPERATION CANNOT BE WRITTEN AS SQL"


def later(loader: MigrationLoader) -> list[Migration]:
    """The migrations that came after the last release."""
    before = {node for app, name in RELEASED.items() for node in loader.graph.forwards_plan((app, name))}
    return [loader.graph.nodes[node] for node in sorted(set(loader.graph.nodes) - before)]


def doubts(migration: Migration, state: ProjectState) -> list[str]:
    """The statements that are not known to leave the version before alone. What is not on the list is in doubt."""
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        migration.apply(state, editor, collect_sql=True)
    sql = [text for text in editor.collected_sql if text == BY_PYTHON or not text.startswith("--")]
    new = set(re.findall(r'^CREATE TABLE ("\w+")', "\n".join(sql), re.MULTILINE))
    return [text for text in sql if not HARMLESS.match(text) and not _changes(text, new)]


def _changes(statement: str, tables: set[str]) -> bool:
    found = TO_NEW_TABLES.match(statement)
    return found is not None and found[1] in tables


def documented_stops() -> set[str]:
    text = (Path(__file__).parent.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    section = text.partition("### Updates that need a stop")[2].partition("\n## ")[0]
    return set(re.findall(r"^- `(\w+\.\w+)`: .+\.$", section, re.MULTILINE))
