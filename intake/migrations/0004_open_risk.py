"""Submissions that came in before alerts could be resolved: their alerts are all unresolved, so they are open again."""

from django.db import migrations
from django.db.models import F


def open_all(apps, schema_editor):
    alerted = apps.get_model("intake", "Submission").objects.filter(risk__gt=0)
    alerted.exclude(status__in=["new", "in-review", "contacted"]).update(status="in-review")
    alerted.update(open_risk=F("risk"))


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_alert_steps")]

    operations = [migrations.RunPython(open_all, migrations.RunPython.noop)]
