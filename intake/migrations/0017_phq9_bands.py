"""The PHQ-9 band of each submission, from its score."""

from django.db import migrations

BANDS = """
UPDATE intake_submission SET phq9_band = intake_score.band
FROM intake_response JOIN intake_score ON intake_score.response_id = intake_response.id
WHERE intake_response.submission_id = intake_submission.id AND intake_score.code = '44261-6'
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0016_phq9_band")]

    operations = [migrations.RunSQL(BANDS, migrations.RunSQL.noop)]
