from django.db import migrations


class Migration(migrations.Migration):
    """Counting a try waits for no disk and no other machine: see clinic/limits.py."""

    dependencies = [
        ("clinic", "0012_fewer_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE clinic_tally SET UNLOGGED",
            "ALTER TABLE clinic_tally SET LOGGED",
        ),
    ]
