import django.core.validators
from django.db import migrations, models

# A row trigger decides by the row's own time, whatever the profile says; the role of the application may not even try.
LET_OLD_ONES_GO = """
CREATE OR REPLACE FUNCTION clinic_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '6 years' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""

KEEP_ALL = """
CREATE OR REPLACE FUNCTION clinic_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0006_site_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinicprofile",
            name="audit_years",
            field=models.PositiveSmallIntegerField(
                default=6,
                help_text="6 to 30; the database refuses less. Only “manage.py purge --audit” deletes them, run by the "
                "owner of the database.",
                validators=[django.core.validators.MinValueValidator(6), django.core.validators.MaxValueValidator(30)],
                verbose_name="years until an event of the audit record is deleted",
            ),
        ),
        migrations.AddField(
            model_name="clinicprofile",
            name="draft_days",
            field=models.PositiveSmallIntegerField(
                default=7,
                help_text="1 to 30, counted from when it was last saved. The forms and the e-mail with the link say "
                "this number; the privacy page is a text of its own: change it there too.",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)],
                verbose_name="days until an unsent screening is deleted",
            ),
        ),
        migrations.AddField(
            model_name="clinicprofile",
            name="submission_months",
            field=models.PositiveSmallIntegerField(
                default=24,
                help_text="3 to 240, counted from when it was last declined or closed. One on legal hold stays.",
                validators=[django.core.validators.MinValueValidator(3), django.core.validators.MaxValueValidator(240)],
                verbose_name="months until a declined or closed submission is erased",
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("viewed", "Looked at"),
                    ("status", "Status changed"),
                    ("assigned", "Assigned"),
                    ("due", "Next contact planned"),
                    ("contact", "Contact tried"),
                    ("reply", "Reply chosen"),
                    ("email", "E-mail"),
                    ("note", "Note added"),
                    ("tag", "Tag set or taken away"),
                    ("link", "Same person confirmed or refused"),
                    ("alert", "Safety alert"),
                    ("hold", "Legal hold"),
                    ("erasure", "Erasure"),
                    ("listed", "List looked at"),
                    ("searched", "Searched"),
                    ("printed", "Printed"),
                    ("exported", "Exported"),
                    ("signed-in", "Signed in"),
                    ("sign-in-failed", "Sign-in failed"),
                    ("signed-out", "Signed out"),
                    ("password", "Password changed"),
                    ("factor", "Second factor changed"),
                    ("invited", "Invited"),
                    ("role", "Role changed"),
                    ("account", "Account changed"),
                    ("added", "Added"),
                    ("changed", "Changed"),
                    ("deleted", "Deleted"),
                    ("cut", "Oldest events deleted"),
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicprofile",
            constraint=models.CheckConstraint(
                condition=models.Q(("audit_years__gte", 6), ("draft_days__gte", 1), ("submission_months__gte", 3)),
                name="clinic_profile_keeps_long_enough",
            ),
        ),
        migrations.RunSQL(LET_OLD_ONES_GO, KEEP_ALL),
    ]
