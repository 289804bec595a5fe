"""When each declined or closed submission was last declined or closed, from the record; else when it was received."""

from django.db import migrations

ENDED = """
UPDATE intake_submission SET ended_at = coalesce(
    (
        SELECT max(at) FROM clinic_auditevent
        WHERE kind = 'submission' AND record = intake_submission.id::text AND action = 'status'
            AND (detail LIKE '% -> declined' OR detail LIKE '% -> closed')
    ),
    created_at
)
WHERE status IN ('declined', 'closed')
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0012_erasure")]

    operations = [migrations.RunSQL(ENDED, migrations.RunSQL.noop)]
