"""Each page's text becomes its first version, so that there is something to compare the next one with."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VERSION_FIELDS = ("id", "title", "menu_title", "summary", "body", "order", "sources_checked", "slug", "language")


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    Version = apps.get_model("content", "HistoricalPage")
    Version.objects.bulk_create(
        Version(
            **{name: getattr(page, name) for name in VERSION_FIELDS},
            history_date=page.updated_at,
            history_type="+",
            history_change_reason="as it was when versions began to be kept",
        )
        for page in apps.get_model("content", "Page").objects.order_by("pk")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0006_editing"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
