import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0009_export_permission"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="score",
            name="received_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="The submission's, so that counting needs no join.",
                verbose_name="received",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="submission",
            name="first_contact_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="first try to reach the person"
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="first_seen_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="first look by staff"),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(fields=["code", "received_at"], include=("band",), name="score_received"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("status__in", ["new", "in-review", "contacted"])),
                fields=["status", "created_at"],
                include=("assignee", "next_contact_on"),
                name="submission_open",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                fields=["created_at"],
                include=("kind", "risk", "is_suspect", "first_seen_at", "first_contact_at"),
                name="submission_received",
            ),
        ),
    ]
