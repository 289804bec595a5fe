import django.db.models.functions.datetime
from django.db import migrations, models

LIVING = """
CREATE FUNCTION intake_living_draft(found_by text) RETURNS SETOF intake_draft LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
        SELECT draft.* FROM intake_draft AS draft
        WHERE draft.token_hash = found_by AND draft.updated_at > statement_timestamp()
            - make_interval(days => (SELECT draft_days FROM clinic_clinicprofile LIMIT 1));
END $$;
"""


class Migration(migrations.Migration):
    """Drafts are found by a function, whose plan is kept by the connection, and saved without writing their indexes."""

    dependencies = [("intake", "0019_fewer_indexes"), ("clinic", "0011_take")]

    operations = [
        migrations.RunSQL(LIVING, "DROP FUNCTION intake_living_draft(text)"),
        migrations.AlterField(
            model_name="draft", name="created_at", field=models.DateTimeField(auto_now_add=True, db_index=True)
        ),
        migrations.AlterField(model_name="draft", name="updated_at", field=models.DateTimeField(auto_now=True)),
        migrations.RunSQL(
            "ALTER TABLE intake_draft SET (fillfactor = 50)", "ALTER TABLE intake_draft RESET (fillfactor)"
        ),
        migrations.AlterField(
            model_name="safetyalert",
            name="told_at",
            field=models.DateTimeField("staff last told", db_default=django.db.models.functions.datetime.Now()),
        ),
    ]
