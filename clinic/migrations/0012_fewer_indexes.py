import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Those of every app: a database made from now on has none of them (clinic/database/schema.py).
DROP = """
DO $$
DECLARE
    found regclass;
BEGIN
    FOR found IN
        SELECT indexrelid FROM pg_index
        JOIN pg_class ON pg_class.oid = indexrelid AND relnamespace = current_schema::regnamespace
        JOIN pg_opclass ON pg_opclass.oid = indclass[0]
        WHERE relname LIKE '%\\_like' AND opcname IN ('varchar_pattern_ops', 'text_pattern_ops')
    LOOP
        EXECUTE 'DROP INDEX ' || found;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """Without indexes that nothing needs: for how a text begins, and for a person, with whom another index begins."""

    dependencies = [
        ("clinic", "0011_take"),
    ]

    operations = [
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="auditevent",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who",
            ),
        ),
    ]
