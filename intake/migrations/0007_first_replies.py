from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FOOT = "In an emergency call 911. Nobody reads replies to this e-mail.\n\n{staff}"

REPLIES = {
    "We tried to call": (
        "We tried to reach you ({reference})",
        "Hello,\n\nyou asked us to get in touch. We tried to call you and will try again.\n\n"
        "If another time suits you better, call us on {phone} and mention {reference}.",
    ),
    "Please call us": (
        "Please call us ({reference})",
        "Hello,\n\nthank you for your message. We would like to talk with you by phone.\n\n"
        "Please call us on {phone} and mention {reference}.",
    ),
    "We have read your form": (
        "We have read your form ({reference})",
        "Hello,\n\nwe have read what you sent and will get in touch in the way you chose.\n\n"
        "If you would like to reach us first, call us on {phone} and mention {reference}.",
    ),
}


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for title, (subject, body) in REPLIES.items():
        apps.get_model("intake", "CannedReply").objects.create(
            title=title, language="en", subject=subject, body=f"{body}\n\n{FOOT}"
        )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("intake", "CannedReply").objects.filter(title__in=REPLIES, language="en").delete()


class Migration(migrations.Migration):
    dependencies = [("intake", "0006_desk")]

    operations = [migrations.RunPython(create, remove)]
