import django.db.models.deletion
from django.db import migrations, models

import content.models.start_text


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0004_drop_old_review"),
    ]

    operations = [
        migrations.CreateModel(
            name="Redirect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField()),
                ("language", models.CharField(choices=content.models.start_text.languages, max_length=10)),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="old_addresses", to="content.page"
                    ),
                ),
            ],
            options={
                "ordering": ["language", "slug"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("slug"), models.F("language"), name="redirect_once_in_each_language"
                    )
                ],
            },
        ),
    ]
