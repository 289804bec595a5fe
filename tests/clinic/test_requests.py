"""What no page of the site makes a browser send: refused with a page, never an error, never taken for an empty form."""

from io import StringIO
from itertools import cycle

import pytest
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from clinic.methods import offered_by
from intake.models import Submission
from tests.addresses import Rows, every_address
from tests.signing import LOGIN, give_password, make_person

FORM = "application/x-www-form-urlencoded"
FIELDS = {"name": "Marta", "contact_method": "email", "email": "jo@example.org", "agreed": "on"}
BODY = "&".join(f"{name}={value}" for name, value in FIELDS.items()).encode()
MULTIPART = encode_multipart(BOUNDARY, FIELDS)
READ_ONLY = {
    "healthz", "readyz", "robots", "contact_sent", "done", "home", "page", "sitemap", "feed", "search", "handout",
}  # fmt: skip
UNKNOWN = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW")

ELSEWHERE = [
    "//evil.example/", "///evil.example", "/\\evil.example/", "\\\\evil.example", "https://evil.example",
    "https:evil.example", "https:///evil.example", "http:\\\\evil.example", "javascript:alert(1)",
    "https://testserver@evil.example/",
    "\t//evil.example", "/\t/evil.example", "\x01//evil.example", "http://testserver:80@evil.example",
]  # fmt: skip

# A look is on record, and so is who has a page open: docs/decisions.md.
NOTED = ("clinic_auditevent", "content_opening", "django_session")
FIRST_LOOK = {"intake_submission": ("first_seen_at",), "clinic_user": ("last_login",)}


def send(client: Client, body: bytes, content_type: str, **headers: str):
    return client.generic("POST", "/contact/", body, content_type, **headers)


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8", MULTIPART_CONTENT])
def test_what_forms_send_is_taken(db, client, content_type):
    response = send(client, MULTIPART if content_type == MULTIPART_CONTENT else BODY, content_type)

    assert (response.status_code, Submission.objects.get().name) == (302, "Marta")


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "application/xml", "absurd", "", f"{FORM}x", f"{FORM}; charset=utf-16",
     f"{FORM}; charset=utf-7", f"{FORM}; charset=nobody-knows", f"{MULTIPART_CONTENT}; charset=utf-16"],
)  # fmt: skip
def test_what_no_form_sends_is_refused_as_such(db, client, content_type):
    response = send(client, MULTIPART if "multipart" in content_type else BODY, content_type)

    assert (response.status_code, "We could not read that request" in response.text) == (415, True)
    assert not Submission.objects.exists()


def test_a_packed_body_is_refused_instead_of_being_read_as_an_empty_form(db, client):
    assert send(client, BODY, FORM, HTTP_CONTENT_ENCODING="gzip").status_code == 415


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=other", "; boundary=é", f"; boundary={'b' * 300}"])
def test_parts_that_cannot_be_told_apart_are_refused(db, client, boundary):
    assert send(client, MULTIPART, f"multipart/form-data{boundary}").status_code == 400


@pytest.mark.parametrize("kept", [20, len(MULTIPART) // 2, len(MULTIPART) - 5])
def test_parts_that_are_cut_off_are_refused(db, client, kept):
    assert send(client, MULTIPART[:kept], MULTIPART_CONTENT).status_code == 400


@pytest.mark.parametrize("body", ["&".join(f"a{number}=1" for number in range(2001)), "&" * 3000])
def test_too_many_fields_are_too_much(db, client, body):
    assert send(client, body.encode(), FORM).status_code == 413


def test_files_are_too_much_when_there_are_many_and_never_reach_a_disk(db, client, settings):
    """With Django's own handlers the one file would be written to a folder that is not there."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1
    settings.FILE_UPLOAD_TEMP_DIR = "/no/such/folder"
    part = f'--x\r\nContent-Disposition: form-data; name="name"; filename="a.txt"\r\n\r\n{"a" * 100}\r\n'

    one, many = (send(client, f"{part * count}--x--".encode(), "multipart/form-data; boundary=x") for count in (1, 101))
    assert (one.status_code, many.status_code) == (422, 413)
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    with pytest.raises(FileNotFoundError):
        send(client, f"{part}--x--".encode(), "multipart/form-data; boundary=x")


def test_every_address_refuses_what_it_does_not_offer_and_reading_changes_nothing(db):
    rows, client = Rows(), Client(enforce_csrf_checks=True)
    client.force_login(make_person(is_superuser=True))
    found, before = every_address(), _rows()
    assert len(found) > 90

    for address, method, reading in zip(found, cycle(UNKNOWN), cycle(["GET", "HEAD"]), strict=False):
        path, reads = rows.of(address), address.name in READ_ONLY
        refused = client.generic(method, path)
        assert (refused.status_code, "POST" in refused["Allow"]) == (405, not reads), (method, path)
        assert not reads or client.post(path).status_code == 405, path
        assert client.generic(reading, path).status_code in {200, 302, 403, 404, 405, 410}, (reading, path)

    assert [table for table, rows in _rows().items() if rows != before[table]] == []
    Submission.objects.update(language="es")
    assert [table for table, rows in _rows().items() if rows != before[table]] == ["intake_submission"]


def _rows() -> dict[str, str]:
    """What the database holds, by table, but for what notes that somebody has looked."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names()) - set(NOTED)):
            columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            kept = ", ".join(f'"{name}"' for name in columns if name not in FIRST_LOOK.get(table, ()))
            cursor.cursor.copy_expert(f'COPY (SELECT {kept} FROM "{table}") TO STDOUT', text := StringIO())
            found[table] = text.getvalue()
    return found


def test_a_view_that_is_not_marked_takes_forms():
    assert offered_by(lambda request: None) == ("GET", "HEAD", "POST")


@pytest.mark.parametrize("path", ["/%2Fevil.example", "/%2Fevil.example/..%2F", "/%2Fevil.example/contact"])
def test_an_address_that_lacks_its_slash_leads_nowhere_else(db, client, path):
    response = client.get(path)

    assert (response.status_code, response.get("Location")) == (404, None)


def test_only_an_address_of_the_site_is_followed_after_signing_in_or_out(db):
    make_person(is_superuser=True)
    home, own = "/admin/", "/admin/clinic/user/"

    for target in [own, *ELSEWHERE]:
        followed = give_password(client := Client(), query_params={"next": target})["Location"]
        assert followed == (own if target == own else home), target
        out = client.post("/admin/logout/", {"next": target})["Location"]
        assert out == (own if target == own else LOGIN), target
