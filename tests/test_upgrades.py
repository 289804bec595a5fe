"""The version that runs goes on while the next one migrates the database; tests/upgrades.py says what breaks it."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Q
from django.db.models.functions import Now

from tests.upgrades import NO_STOP, documented_stops, doubts, later

pytestmark = pytest.mark.django_db

FIELDS = [
    ("id", models.BigAutoField(primary_key=True)),
    ("name", models.CharField(max_length=20)),
    ("note", models.TextField(null=True)),
]
CHECK = models.CheckConstraint(condition=~Q(name=""), name="named")

GOES_ON = {
    "a column that may be empty": migrations.AddField("visit", "on", models.DateField(null=True)),
    "a column that the database fills": migrations.AddField("visit", "at", models.DateTimeField(db_default=Now())),
    "a column that may be empty now": migrations.AlterField(
        "visit", "name", models.CharField(max_length=20, null=True)
    ),
    "an index": migrations.AddIndex("visit", models.Index(fields=["name"], name="visit_name")),
    "a table with everything": migrations.CreateModel(
        "Room",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("number", models.IntegerField(unique=True)),
            ("visit", models.OneToOneField("clinic.Visit", models.CASCADE)),
        ],
        options={"constraints": [models.UniqueConstraint("number", "visit", name="once")]},
    ),
    "a text of the admin": migrations.AlterField("visit", "note", models.TextField("What was said", null=True)),
}
STOPS = {
    "a column that only the new version fills": migrations.AddField("visit", "on", models.IntegerField(default=0)),
    "a column less": migrations.RemoveField("visit", "note"),
    "a column of another name": migrations.RenameField("visit", "note", "remark"),
    "a column of another type": migrations.AlterField("visit", "note", models.IntegerField(null=True)),
    "a column that may not be empty": migrations.AlterField("visit", "note", models.TextField()),
    "a new rule": migrations.AddConstraint("visit", CHECK),
    "a column without doubles": migrations.AlterField("visit", "name", models.CharField(max_length=20, unique=True)),
    "an index without doubles": migrations.AddConstraint(
        "visit", models.UniqueConstraint(fields=["name"], condition=Q(note=None), name="single")
    ),
    "a table less": migrations.DeleteModel("Visit"),
    "a table of another name": migrations.AlterModelTable("visit", "stay"),
    "a trigger": migrations.RunSQL("CREATE TRIGGER refuse BEFORE INSERT ON clinic_visit EXECUTE FUNCTION refuse()"),
    "Python that changes rows": migrations.RunPython(migrations.RunPython.noop),
}


def doubted(operation: migrations.operations.base.Operation) -> bool:
    state = ProjectState()
    state.add_model(ModelState("clinic", "Visit", FIELDS))
    migration = migrations.Migration("0001_trial", "clinic")
    migration.operations = [operation]
    return bool(doubts(migration, state))


def test_what_would_break_the_running_version_is_found():
    assert [what for what, operation in STOPS.items() if not doubted(operation)] == []
    assert [what for what, operation in GOES_ON.items() if doubted(operation)] == []


def test_a_migration_after_the_last_release_leaves_the_running_version_alone_or_its_stop_is_documented():
    loader = MigrationLoader(connection)
    doubtful = {
        f"{migration.app_label}.{migration.name}"
        for migration in later(loader)
        if doubts(migration, loader.project_state((migration.app_label, migration.name), at_end=False))
    }

    assert doubtful == NO_STOP.keys() | documented_stops()
    assert all(NO_STOP.values())
