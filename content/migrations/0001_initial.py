import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import content.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Page",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start_digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("slug", models.SlugField(help_text="The page's address: “types” for /types/.")),
                ("language", models.CharField(choices=content.models.languages, default="en", max_length=10)),
                ("title", models.CharField(max_length=200)),
                ("menu_title", models.CharField(blank=True, max_length=60, verbose_name="title in the menu")),
                ("summary", models.TextField(help_text="The answer in three sentences. Markdown, with citations.")),
                (
                    "body",
                    models.TextField(
                        help_text="Markdown. Headings begin with ##. A claim ends with its source: [@FAVA; @PHILLIPS].",
                        validators=[django.core.validators.MaxLengthValidator(60000)],
                    ),
                ),
                (
                    "order",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty: not in the menu.", null=True, verbose_name="place in the menu"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")], default="draft", max_length=10
                    ),
                ),
                ("sources_checked", models.DateField(blank=True, null=True, verbose_name="sources last checked on")),
                ("reviewed_on", models.DateField(blank=True, editable=False, null=True)),
                ("next_review_on", models.DateField(blank=True, editable=False, null=True)),
                ("reviewed_digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["language", "order", "slug"],
                "permissions": [("review_page", "Can sign the clinical review of a page")],
            },
        ),
        migrations.CreateModel(
            name="Citation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="content.page")),
            ],
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start_digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "key",
                    models.CharField(
                        help_text="Cited as [@KEY].",
                        max_length=40,
                        unique=True,
                        validators=[django.core.validators.RegexValidator("\\A[A-Za-z0-9][A-Za-z0-9-]*\\Z")],
                    ),
                ),
                ("authors", models.CharField(blank=True, max_length=300)),
                ("title", models.CharField(max_length=500)),
                ("container", models.CharField(blank=True, max_length=300, verbose_name="journal or body")),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "url",
                    models.CharField(
                        blank=True,
                        max_length=500,
                        validators=[django.core.validators.URLValidator(schemes=["https", "http"])],
                        verbose_name="address",
                    ),
                ),
                (
                    "doi",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A10\\.\\d{4,9}/\\S+\\Z",
                                "Enter the DOI alone, such as 10.1176/appi.ajp.2018.18070834.",
                            )
                        ],
                        verbose_name="DOI",
                    ),
                ),
                ("note", models.TextField(blank=True, help_text="Printed after the source.")),
                (
                    "mark",
                    models.CharField(
                        choices=[("V", "Read in the publication itself"), ("V2", "Read in a secondary page")],
                        max_length=2,
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["key"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("mark__in", ["V", "V2"])), name="source_mark_is_known")
                ],
            },
        ),
        migrations.AddField(
            model_name="page",
            name="sources",
            field=models.ManyToManyField(related_name="pages", through="content.Citation", to="content.source"),
        ),
        migrations.AddField(
            model_name="citation",
            name="source",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="content.source"),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.UniqueConstraint(
                models.F("slug"), models.F("language"), name="page_once_in_each_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "published"])), name="page_status_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("next_review_on", None), ("reviewed_by", None), ("reviewed_digest", ""), ("reviewed_on", None)
                    ),
                    models.Q(
                        ("next_review_on__isnull", False),
                        ("reviewed_by__isnull", False),
                        ("reviewed_on__isnull", False),
                        ("next_review_on__gt", models.F("reviewed_on")),
                        ("reviewed_digest__gt", ""),
                    ),
                    _connector="OR",
                ),
                name="page_review_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.UniqueConstraint(models.F("page"), models.F("source"), name="citation_once"),
        ),
    ]
