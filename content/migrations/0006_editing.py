import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import content.models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0005_redirects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="page",
            name="proposal",
            field=models.JSONField(editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="proposal",
            field=models.JSONField(editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True),
        ),
        migrations.AddField(
            model_name="term",
            name="proposal",
            field=models.JSONField(editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True),
        ),
        migrations.CreateModel(
            name="HistoricalPage",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("menu_title", models.CharField(blank=True, max_length=60, verbose_name="title in the menu")),
                ("summary", models.TextField(help_text="The answer in three sentences. Markdown, with citations.")),
                (
                    "body",
                    models.TextField(
                        help_text="Markdown. Headings begin with ##. A claim ends with its source: [@FAVA; @PHILLIPS]. "
                        "[[word]] links to the glossary.",
                        validators=[django.core.validators.MaxLengthValidator(60000)],
                    ),
                ),
                (
                    "order",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty: not in the menu.", null=True, verbose_name="place in the menu"
                    ),
                ),
                ("sources_checked", models.DateField(blank=True, null=True, verbose_name="sources last checked on")),
                ("slug", models.SlugField(help_text="The page's address: “types” for /types/.")),
                ("language", models.CharField(choices=content.models.languages, default="en", max_length=10)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical page",
                "verbose_name_plural": "historical pages",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="openings", to="content.page"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("page"), models.F("user"), name="opening_once_for_each_person")
                ],
            },
        ),
    ]
