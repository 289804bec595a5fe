import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import content.models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("live_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-live_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("reviewed_on", models.DateField()),
                ("next_review_on", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start_digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("key", models.SlugField(max_length=60)),
                ("language", models.CharField(choices=content.models.languages, default="en", max_length=10)),
                ("name", models.CharField(max_length=100)),
                (
                    "forms",
                    models.TextField(
                        help_text="Every form that pages mark, one a line, in small letters: aneurysm, aneurysms.",
                        verbose_name="forms in a text",
                    ),
                ),
                (
                    "definition",
                    models.TextField(
                        help_text="One or two plain sentences, without marks or sources.",
                        validators=[django.core.validators.MaxLengthValidator(600)],
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["language", "name"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="page",
            name="page_status_is_known",
        ),
        migrations.AlterField(
            model_name="page",
            name="body",
            field=models.TextField(
                help_text="Markdown. Headings begin with ##. A claim ends with its source: [@FAVA; @PHILLIPS]. "
                "[[word]] links to the glossary.",
                validators=[django.core.validators.MaxLengthValidator(60000)],
            ),
        ),
        migrations.AlterField(
            model_name="page",
            name="status",
            field=models.CharField(
                choices=[("draft", "Draft"), ("review", "In clinical review"), ("published", "Published")],
                default="draft",
                editable=False,
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="edition",
            name="page",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="editions", to="content.page"
            ),
        ),
        migrations.AddField(
            model_name="edition",
            name="published_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="page",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="content.page"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="reviewed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="edition",
            name="review",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="content.review",
            ),
        ),
        migrations.AddField(
            model_name="page",
            name="review",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="content.review",
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "review", "published"])), name="page_status_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.UniqueConstraint(
                models.F("key"), models.F("language"), name="term_once_in_each_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__gt", ""), ("next_review_on__gt", models.F("reviewed_on"))),
                name="review_is_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(
                models.F("page"),
                models.OrderBy(models.F("live_at"), descending=True),
                condition=models.Q(("withdrawn_at", None)),
                name="edition_of_page",
            ),
        ),
    ]
