from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("intake", "0005_audit_moves")]

    operations = [
        migrations.AlterModelOptions(
            name="submission",
            options={
                "permissions": [
                    ("read_answers", "Can read what patients answered and wrote"),
                    ("export_submission", "Can print and export what they may see of submissions"),
                ]
            },
        ),
    ]
