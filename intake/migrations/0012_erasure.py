import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0011_first_times"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="submission",
            options={
                "permissions": [
                    ("read_answers", "Can read what patients answered and wrote"),
                    ("export_submission", "Can print and export what they may see of submissions"),
                    ("erase_submission", "Can erase submissions with a second person, and put them on legal hold"),
                ]
            },
        ),
        migrations.RemoveConstraint(
            model_name="submission",
            name="submission_status",
        ),
        migrations.AddField(
            model_name="submission",
            name="ended_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="last declined or closed"),
        ),
        migrations.AddField(
            model_name="submission",
            name="erased_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="erased"),
        ),
        migrations.AddField(
            model_name="submission",
            name="erased_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who erased it",
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="erasure_asked_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="erasure asked for"),
        ),
        migrations.AddField(
            model_name="submission",
            name="erasure_asked_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who asked for the erasure",
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="erasure_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("erasure-by-person", "The person asked for it"),
                    ("erasure-by-representative", "Somebody who may act for the person asked for it"),
                    ("erasure-sent-by-mistake", "It was sent by mistake"),
                    ("erasure-not-theirs", "It was sent in another person's name"),
                ],
                editable=False,
                max_length=40,
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="held_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="on legal hold since"),
        ),
        migrations.AddField(
            model_name="submission",
            name="held_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="put on hold by",
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="hold_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("hold-proceeding", "Legal proceedings"),
                    ("hold-authority", "Request of an authority or a licensing board"),
                    ("hold-complaint", "A complaint is looked into"),
                    ("hold-records", "A request for the records is open"),
                ],
                editable=False,
                max_length=40,
            ),
        ),
        migrations.AlterField(
            model_name="submission",
            name="status",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("in-review", "In review"),
                    ("contacted", "Contacted"),
                    ("scheduled", "Scheduled"),
                    ("declined", "Declined"),
                    ("closed", "Closed"),
                    ("erased", "Erased"),
                ],
                default="new",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("status__in", ["declined", "closed"])), fields=["ended_at"], name="submission_ended"
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("erased_at", None), ("erasure_asked_at__isnull", False)),
                fields=["erasure_asked_at"],
                name="submission_awaiting_erasure",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("held_at__isnull", False)), fields=["held_at"], name="submission_held"
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("erased_at__isnull", False)), fields=["erased_at"], name="submission_erased"
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["new", "in-review", "contacted", "scheduled", "declined", "closed", "erased"])
                ),
                name="submission_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_at", None), ("held_by", None), ("hold_reason", "")),
                    models.Q(
                        ("held_at__isnull", False),
                        ("held_by__isnull", False),
                        models.Q(("hold_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="submission_held_by_somebody_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("erasure_asked_at", None), ("erasure_asked_by", None), ("erasure_reason", "")),
                    models.Q(
                        ("erasure_asked_at__isnull", False),
                        ("erasure_asked_by__isnull", False),
                        models.Q(("erasure_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="submission_erasure_asked_by_somebody_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("erased_by", None), ("erasure_asked_by", None)),
                    models.Q(("erased_at", None), ("erased_by", None)),
                    models.Q(
                        ("erased_at__isnull", False),
                        ("erasure_asked_by__isnull", False),
                        models.Q(("erased_by", models.F("erasure_asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="submission_erased_by_a_second_person_or_by_retention",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("status", "erased"), _negated=True), ("erased_at", None)),
                    models.Q(
                        ("assignee", None),
                        ("email_index", None),
                        ("erased_at__isnull", False),
                        ("held_at", None),
                        ("phone_index", None),
                        ("risk", 0),
                        ("status", "erased"),
                    ),
                    _connector="OR",
                ),
                name="submission_erased_is_empty",
            ),
        ),
    ]
