"""What `manage.py doctor` finds, each time in an installation that has the fault."""

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.utils import timezone

from benchmarks.production import certified
from clinic import audit, doctor, outbox, seals
from clinic.doctor import database, machine, site, work
from clinic.models import AuditEvent, ClinicProfile, CrisisLine, Heartbeat, Message, Seal
from clinic.rotation import every_table
from tests.clinic.test_audit import execute, make_events, tamper
from tests.factories import make_submission
from tests.mail import MailServer
from tests.processes import free_port
from tests.signing import made_person_with_app

ROLE = "clinic_app_of_the_doctor_test"
OTHER = base64.b64decode("yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc=")


def run(*arguments: str) -> tuple[int, list[str]]:
    """The exit code of the command, and its lines."""
    said, code = StringIO(), 0
    try:
        call_command("doctor", *arguments, stdout=said)
    except SystemExit as end:
        code = int(str(end.code))
    return code, said.getvalue().splitlines()


def test_an_installation_without_a_fault_is_told_what_was_looked_at(db):
    Heartbeat.beat("worker")
    ClinicProfile.objects.update(alert_emails="a@example.org", escalation_emails="b@example.org")
    seals.seal()

    looked_at = ["version", "migrations", "keys", "audit record", "worker", "messages", "recipients"]

    assert run("--only", *looked_at) == (0, [f"Nothing is wrong. This was looked at: {', '.join(looked_at)}."])


def test_every_fault_is_a_line_and_the_exit_code_says_that_there_is_one(db):
    code, said = run("--only", "worker", "recipients")

    assert code == 1
    assert [line.partition(": ")[0] for line in said] == ["worker", "recipients", "recipients"]


def test_a_trial_says_what_it_does_not_look_at(db, settings):
    trial, [*_, said] = doctor.names(), run()[1]

    real = ["roles", "settings", "certificate", "address", "plain http", "proxies", "mail server", "backup"]
    assert said.startswith("This is a trial, so that this is not looked at: ")
    assert set(doctor.looks) - set(trial) == set(real)
    settings.LOCAL = False
    assert doctor.names() == list(doctor.looks)


def test_a_database_that_is_away_is_one_fault_and_the_rest_is_still_looked_at(django_db_blocker):
    with django_db_blocker.unblock():
        connection.close()
        working = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = "no_such_database"
        try:
            code, said = run("--only", "worker", "disk", "keys", "version")
        finally:
            connection.close()
            connection.settings_dict["NAME"] = working

    assert code == 1
    assert said == ["database: It does not answer, so that this could not be looked at: worker, keys, version."]


def test_a_look_that_fails_is_told_by_the_class_of_its_error_alone(db):
    ClinicProfile.objects.all().delete()

    assert run("--only", "recipients") == (1, ["recipients: This could not be looked at (DoesNotExist)."])


def test_a_missing_migration_is_found(db):
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "clinic")
    assert list(database.migrations()) == []

    recorder.record_unapplied("clinic", newest)

    assert list(database.migrations()) == [
        "The database lacks migrations of this release. As the owner of the tables, run: manage.py migrate."
    ]


def test_a_site_that_runs_as_the_owner_or_without_its_privileges_is_found(db):
    [owner] = database.roles()
    call_command("grant_application_role", ROLE, stdout=StringIO())
    execute(f"REVOKE SELECT ON intake_note, intake_tag FROM {ROLE}")
    execute(f"SET LOCAL ROLE {ROLE}")
    [missing] = database.roles()
    execute("RESET ROLE")
    call_command("grant_application_role", ROLE, stdout=StringIO())
    execute(f"SET LOCAL ROLE {ROLE}")

    assert owner.startswith("The role of DATABASE_URL can change what is on record")
    assert missing.startswith("The role of DATABASE_URL cannot read intake_note, intake_tag.")
    assert list(database.roles()) == []


def test_values_that_no_key_opens_are_found_and_not_shown(db, settings):
    submission = make_submission(name="Planted Name", message="Planted text")
    made_person_with_app()
    assert list(database.keys()) == []

    type(submission).objects.filter(pk=submission.pk).update(status="closed")
    execute("UPDATE intake_submission SET message = set_byte(message, 40, get_byte(message, 40) # 1)")
    assert list(database.keys()) == [
        "Of the newest rows and some at random, intake_submission.message has 1 values that are unreadable: damaged, "
        "or copied from another place."
    ]

    settings.FIELD_KEYS = (OTHER,)
    found = list(database.keys())
    assert {fault.split()[8] for fault in found} >= {"intake_submission.name", "mfa_authenticator.data"}
    assert all("the key is not in FIELD_KEYS" in fault and "Planted" not in fault for fault in found)


def test_among_many_rows_the_newest_are_always_looked_at(db):
    rows = [make_submission(name=f"Person {number}") for number in range(5)]
    table = next(table for table in every_table() if table.name == "intake_submission")
    with transaction.atomic():
        execute("UPDATE intake_submission SET name = 'x' WHERE id = %s", rows[2].pk)

    assert [sum(table.unreadable(1).values()) for _ in range(4)] == [1] * 4


def test_a_record_that_was_changed_or_is_not_sealed_is_found(db):
    make_events()
    seals.seal()
    make_events()
    seals.seal()
    assert list(database.audit_record()) == []

    tamper("UPDATE clinic_auditevent SET detail = 'x' WHERE id = %s", Seal.newest().last)
    [changed] = database.audit_record()
    AuditEvent.objects.bulk_create([AuditEvent(action="viewed", at=timezone.now() - timedelta(minutes=11))])

    assert changed.startswith("The newest seal does not fit its events or the keys of FIELD_KEYS.")
    assert list(database.audit_record()) == [
        changed,
        "Events are older than 10 minutes and not sealed yet. Does the worker run?",
    ]


def test_a_worker_that_stands_still_is_found(db):
    Heartbeat.objects.create(name="worker", at=timezone.now() - timedelta(minutes=4))
    [late] = work.worker()

    Heartbeat.beat("worker")

    assert late.startswith("The worker has not said that it runs for 3 minutes")
    assert list(work.worker()) == []


def test_mail_that_waits_or_was_given_up_is_found(db):
    for number in range(3):
        outbox.send("alert_self_test", to=f"{number}@example.org")
    assert list(work.messages()) == []

    first, second, _ = Message.objects.all()
    Message.objects.filter(pk=first.pk).update(created_at=Now() - timedelta(minutes=75))
    Message.objects.filter(pk=second.pk).update(failed_at=Now())

    assert list(work.messages()) == [
        "An e-mail has been waiting for 75 minutes. The desk says why, under “Messages”.",
        "1 e-mails were given up in the last 7 days. The desk says which.",
    ]


def test_a_mail_server_that_takes_nothing_is_found_without_sending(mail_server: MailServer, settings):
    assert (list(work.mail_server()), mail_server.letters) == ([], [])
    settings.EMAIL_USE_TLS = True
    tls = list(work.mail_server())
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = False, "clinic", "planted"
    sign_in = list(work.mail_server())
    settings.EMAIL_PORT = free_port()
    nothing = list(work.mail_server())
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

    told = "The server of EMAIL_URL takes no e-mail from here:"
    assert tls == [f"{told} it offers no TLS, or no sign-in."]
    assert sign_in == tls
    assert nothing == [f"{told} nothing listens there."]
    assert list(work.mail_server()) == ["EMAIL_URL names no mail server, so that e-mails reach nobody."]


def test_a_backup_that_is_missing_or_old_is_found(db):
    [never] = work.backup()
    Heartbeat.objects.create(name="backup", at=timezone.now() - timedelta(hours=27))
    [old] = work.backup()
    Heartbeat.beat("backup")

    assert never == "There has never been a backup. Run: manage.py backup."
    assert old == "The last backup is 27 hours old."
    assert list(work.backup()) == []


def test_what_the_checks_of_django_and_of_the_project_say_is_told(db, settings, monkeypatch):
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)  # the browser tests need it
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    settings.SECRET_KEY = "".join(map(chr, range(33, 120)))
    assert list(machine.deployment()) == []

    settings.SESSION_COOKIE_SECURE = False
    CrisisLine.objects.filter(pk=CrisisLine.objects.first().pk).update(verified_on="2020-01-01")

    [stale, cookie] = machine.deployment()
    assert "since 2020-01-01" in stale
    assert "SESSION_COOKIE_SECURE" in cookie


def test_clocks_that_differ_and_one_that_nobody_sets_are_found(db, tmp_path, monkeypatch):
    now = datetime.now(UTC)
    assert list(machine.apart(now, now + timedelta(seconds=4))) == []
    assert list(machine.apart(now, now - timedelta(minutes=1))) == [
        "The clocks of this machine and of the database are 60 seconds apart."
    ]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(machine.clock()) == []
    systemd = tmp_path / "timedatectl"
    systemd.write_text('#!/bin/sh\n[ "$2" = --property=NTPSynchronized ] && echo no\n')
    systemd.chmod(0o755)
    assert [fault.partition(":")[0] for fault in machine.clock()] == ["Nothing sets this machine's clock"]


def test_a_disk_that_is_nearly_full_is_found(tmp_path):
    assert list(machine.full(tmp_path, 1)) == []
    [fault] = machine.full(tmp_path, 10**18)
    assert fault.startswith(f"The disk of {tmp_path} has ")


class Answers(BaseHTTPRequestHandler):
    """What stands at an address: a status and headers for each path."""

    at: dict[str, tuple[int, dict[str, str]]]

    def do_GET(self) -> None:
        status, headers = self.at.get(self.path, (404, {}))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *said: object) -> None:
        pass


@contextmanager
def standing(at: dict[str, tuple[int, dict[str, str]]], certificate: tuple[Path, Path] | None = None) -> Iterator[int]:
    server = ThreadingHTTPServer(("localhost", 0), type("Answers", (Answers,), {"at": at}))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_what_is_wrong_with_the_address_of_the_site_is_found(tmp_path, settings, monkeypatch):
    certificate, key = certified(tmp_path)
    settings.SECURE_HSTS_SECONDS = 31_536_000
    bound = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
    at = {"/healthz": (200, bound)}

    with standing(at, (certificate, key)) as port:
        settings.SITE_URL = f"https://localhost:{port}"
        [unsigned] = site.certificate()
        assert list(site.address()) == []  # said once
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        [ending] = site.certificate()
        assert list(site.address()) == []
        at["/metrics"] = (200, bound)
        [open_to_all] = site.address()
        at["/healthz"] = (200, {})
        [unbound, _] = site.address()
        at["/healthz"] = (502, {})
        [broken, _] = site.address()
    [nothing] = site.certificate()

    unreached = f"{settings.SITE_URL} cannot be reached with https:"
    assert unsigned == f"{unreached} its certificate cannot be trusted (self-signed certificate)."
    assert ending == f"The certificate of {settings.SITE_URL} ends in 7 days. Is it renewed?"
    assert open_to_all == "Everybody can read /metrics: the proxy passes no X-Forwarded-Proto on."
    assert unbound.startswith("The answers do not bind browsers to https")
    assert broken == f"{settings.SITE_URL}/healthz answers 502: the proxy does not reach the site."
    assert nothing == f"{unreached} nothing listens there."


def test_plain_http_that_does_not_lead_to_the_site_is_found(settings):
    settings.SITE_URL = "https://localhost"
    at = {"/": (301, {"Location": "https://localhost/"})}

    with standing(at) as port:
        assert list(site.plain_http(port)) == []
        at["/"] = (301, {"Location": "https://localhost.example/"})
        [elsewhere] = site.plain_http(port)
        at["/"] = (200, {})
        [open_] = site.plain_http(port)
    [nothing] = site.plain_http(port)

    assert elsewhere == "http://localhost/ does not lead to https://localhost: it answers 301."
    assert open_ == "http://localhost/ does not lead to https://localhost: it answers 200."
    assert nothing == "Whoever types the address without https does not get to the site: nothing listens there."


def test_a_proxy_that_is_not_named_and_one_that_names_no_visitor_are_found(db, settings):
    settings.TRUSTED_PROXIES = ("127.0.0.0/8",)
    for name, days in {"10.0.0.5": 0, "10.0.0.6": 8, "fd12::/56": 0}.items():
        Heartbeat.objects.create(name=f"proxy {name}", at=timezone.now() - timedelta(days=days))
    with audit.during_request("127.0.0.1"):
        audit.record(AuditEvent.Action.SIGN_IN_FAILED, by=None)
        audit.record(AuditEvent.Action.RECEIVED, by=None)
    unnamed, unnamed_too, silent = site.proxies()
    settings.TRUSTED_PROXIES = ("127.0.0.0/8", "10.0.0.5/32", "fd12::5/128")
    with audit.during_request("203.0.113.9"):
        audit.record(AuditEvent.Action.SIGN_IN_FAILED, by=None)

    assert unnamed.startswith("Requests come through 10.0.0.5, which TRUSTED_PROXIES does not name: all its visitors")
    assert unnamed_too.startswith("Requests come through fd12::/56, which")
    assert silent.startswith("The newest request on record counts as one of 127.0.0.1, which TRUSTED_PROXIES names:")
    assert list(site.proxies()) == []


def test_the_docs_name_every_look(db):
    text = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text()
    told = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ") and line.count("|") == 4]

    assert [name for name in doctor.looks if name not in told] == []
