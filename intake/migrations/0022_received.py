from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    """When a submission was received is known as soon as it is made. Nothing of it is in the database."""

    dependencies = [("intake", "0021_draft_answers")]

    operations = [
        migrations.AlterField(
            "submission",
            "created_at",
            models.DateTimeField("received", default=timezone.now, editable=False),
        ),
    ]
