from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0003_fill_editions"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="page",
            name="page_review_is_whole",
        ),
        migrations.RemoveField(
            model_name="page",
            name="next_review_on",
        ),
        migrations.RemoveField(
            model_name="page",
            name="reviewed_by",
        ),
        migrations.RemoveField(
            model_name="page",
            name="reviewed_digest",
        ),
        migrations.RemoveField(
            model_name="page",
            name="reviewed_on",
        ),
    ]
