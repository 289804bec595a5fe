"""When staff first saw each submission and first tried to reach the person, from the record; when a score came in."""

from django.db import migrations

FIRST_TIMES = """
UPDATE intake_submission SET first_seen_at = first.seen_at, first_contact_at = first.contact_at
FROM (
    SELECT record,
        min(at) FILTER (WHERE action = 'viewed') AS seen_at,
        min(at) FILTER (WHERE action <> 'viewed') AS contact_at
    FROM clinic_auditevent
    WHERE kind = 'submission' AND actor_id IS NOT NULL
        AND (action IN ('viewed', 'contact', 'reply') OR (action = 'status' AND detail LIKE '% -> contacted'))
    GROUP BY record
) first
WHERE first.record = intake_submission.id::text
"""

RECEIVED = """
UPDATE intake_score SET received_at = intake_submission.created_at
FROM intake_response JOIN intake_submission ON intake_submission.id = intake_response.submission_id
WHERE intake_response.id = intake_score.response_id
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0010_first_look"), ("clinic", "0004_audit")]

    operations = [
        migrations.RunSQL(FIRST_TIMES, migrations.RunSQL.noop),
        migrations.RunSQL(RECEIVED, migrations.RunSQL.noop),
    ]
