"""The record of who did what is the whole project's: its rows move to clinic_auditevent, oldest first."""

from django.db import migrations

MOVE = """
INSERT INTO clinic_auditevent (at, actor_id, action, kind, record, reference, detail, reason)
SELECT at, actor_id, action, 'submission', coalesce(submission_id::text, ''), reference, detail, ''
FROM intake_auditevent ORDER BY id
"""

MOVE_BACK = """
INSERT INTO intake_auditevent (at, actor_id, action, submission_id, reference, detail)
SELECT at, actor_id, action, nullif(record, '')::uuid, left(reference, 20), detail
FROM clinic_auditevent WHERE kind = 'submission' ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_open_risk"), ("clinic", "0004_audit")]

    operations = [
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.DeleteModel(name="AuditEvent"),
    ]
