from django.db import migrations


class Migration(migrations.Migration):
    """A draft's answers stay in its row as they are: what is encrypted does not become smaller by compressing."""

    dependencies = [("intake", "0020_drafts")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE intake_draft ALTER answers SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160)",
            "ALTER TABLE intake_draft ALTER answers SET STORAGE EXTENDED, RESET (toast_tuple_target)",
        ),
    ]
