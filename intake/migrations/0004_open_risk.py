"""Submissions that came in before alerts could be resolved: their alerts are all unresolved."""

from django.db import migrations
from django.db.models import F


def open_all(apps, schema_editor):
    submissions = apps.get_model("intake", "Submission").objects
    submissions.filter(status__in=["new", "in-review", "contacted"]).update(open_risk=F("risk"))


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_alert_steps")]

    operations = [migrations.RunPython(open_all, migrations.RunPython.noop)]
