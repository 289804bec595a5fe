from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("intake", "0017_phq9_bands")]

    operations = [migrations.RemoveIndex(model_name="score", name="score_by_band")]
