from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0005_sign_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinicprofile",
            name="confirmed_on",
            field=models.DateField(
                blank=True,
                help_text="Name, physician, address, telephone and hours, compared with the clinic's own papers and "
                "the state's licence record. Until then the site does not describe the clinic to search engines.",
                null=True,
                verbose_name="the clinic confirmed all this on",
            ),
        ),
        migrations.AddField(
            model_name="clinicprofile",
            name="hours_es",
            field=models.TextField(blank=True, verbose_name="opening hours in Spanish"),
        ),
        migrations.AddField(
            model_name="clinicprofile",
            name="reading_times_es",
            field=models.CharField(
                blank=True,
                help_text="Completes “El personal lee los formularios …”.",
                max_length=200,
                verbose_name="when staff read forms, in Spanish",
            ),
        ),
        migrations.AddField(
            model_name="clinicprofile",
            name="reply_within_es",
            field=models.CharField(
                blank=True,
                help_text="Completes “Respondemos …”.",
                max_length=200,
                verbose_name="how soon staff reply, in Spanish",
            ),
        ),
        migrations.AddField(
            model_name="clinicprofile",
            name="review_grace_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="A page whose next clinical review is longer past than this says so to its readers.",
                verbose_name="days until readers are told of an overdue review",
            ),
        ),
    ]
