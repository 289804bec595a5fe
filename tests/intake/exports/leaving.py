"""What leaves the review desk, asked for and opened."""

import csv
import io
import re
from zipfile import ZipFile

from django.test.utils import override_settings

from clinic.models import AuditEvent
from intake.admin.spreadsheet import BOM

LIST = "/admin/intake/submission/"
REASON = {"reason": "treatment"}
LOST_KEY = (b"l" * 32,)


def leave(client, submission, how, data=REASON):
    return client.post(submission.get_absolute_url().replace("/change/", f"/{how}/"), data)


def leave_list(client, kind, query="", **data):
    return client.post(f"{LIST}export/{query}", REASON | {"format": kind} | data)


def table(response):
    text = response.getvalue().decode()
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def files(response):
    archive = ZipFile(io.BytesIO(response.getvalue()))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def on_record(action="exported"):
    return list(AuditEvent.objects.filter(action=action).values_list("actor", "reference", "detail", "reason"))


def lose_key(row, field):
    known = getattr(row, field)
    with override_settings(FIELD_KEYS=LOST_KEY):
        setattr(row, field, f"{known} ")
        row.save(update_fields=[field])
