from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0015_list_and_figures")]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="phq9_band",
            field=models.CharField(
                editable=False,
                help_text="Its score's, so that the list finds it.",
                max_length=100,
                null=True,
                verbose_name="PHQ-9 band",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("phq9_band__isnull", False)),
                fields=["phq9_band", "-open_risk", "created_at"],
                name="submission_by_phq9_band",
            ),
        ),
    ]
