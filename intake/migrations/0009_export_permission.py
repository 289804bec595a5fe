from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("intake", "0008_same_person")]

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
