"""Each start is a process of its own, as in real life: settings are read once."""

import base64
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg2
import pytest
from django.conf import settings as project_settings
from django.core.mail.backends.smtp import EmailBackend
from environ import Env

from clinic import environment
from clinic.checks import psycopg_2_only
from tests.environment import KEYS as TEST_KEYS
from tests.starts import Starts

KEY = base64.b64encode(bytes(range(200, 232))).decode()
OTHER_KEY = base64.b64encode(bytes(range(100, 132))).decode()
SAME_ID = (
    "RVBfotRUawVTz99fYnFF+CxxtboVq7luN4IzXEG8CRw=",
    "I77tn6S5k2YBmkDlW4/MMwaRWrItF5DFpJmKx9SalAI=",
)  # their ids of 4 bytes are one
PRODUCTION = {
    "SECRET_KEY": "qT8vZr2LxN6pWc4YbM9sKd7HfJ3gRa5UeX1oVi0tBnQzSlDk",
    "FIELD_KEYS": KEY,
    "ALLOWED_HOSTS": "www.example.org",
    "SITE_URL": "https://www.example.org",
    "DATABASE_URL": "postgres://clinic:pass-word@db.example.org:5432/clinic",
    "EMAIL_URL": "smtp+tls://clinic:pass-word@mail.example.org:587",
}
PRODUCTION["SECRET_KEY"] += "-_7w"
LOCAL = {
    "LOCAL": "1",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    "SITE_URL": "http://127.0.0.1:8000",
    "EMAIL_URL": "filemail:///tmp/mail",
}


def environment_with(changes: dict[str, str | None]) -> dict[str, str]:
    """A production environment with these changes; None leaves a setting out."""
    kept = {name: os.environ[name] for name in ("PATH", "DJANGO_SETTINGS_MODULE", "PYTHONPATH") if name in os.environ}
    return kept | {name: value for name, value in (PRODUCTION | changes).items() if value is not None}


def start(*command: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run manage.py with a production environment and these changes."""
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *command],
        cwd=project_settings.BASE_DIR,
        env=environment_with(changes),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def starts() -> Iterator[Starts]:
    starts = Starts()
    yield starts
    starts.end()


@pytest.fixture
def refusal(starts: Starts) -> Callable[..., str]:
    """What a start with these changes, which is refused, prints: one line, on standard error."""

    def refused(**changes: str | None) -> str:
        done = starts.run("check", environment=environment_with(changes))
        assert (done.returncode, done.stdout) == (1, "")
        [line] = done.stderr.splitlines()
        return line

    return refused


def value(expression: str, **changes: str | None) -> str:
    code = f"from django.conf import settings; print({expression})"
    done = start("shell", "--no-imports", "-c", code, **changes)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_production_environment_passes_the_deployment_checks():
    done = start("check", "--deploy", "--fail-level", "WARNING")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (2 silenced).\n"


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("name", PRODUCTION)
def test_a_missing_setting_stops_the_start_with_a_sentence_that_says_what_to_set(refusal, name, empty):
    line = refusal(**{name: empty})
    assert line.startswith(f"{name} is not set. Set it to ")
    assert line.endswith(".")


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS"])
def test_the_command_that_a_sentence_offers_makes_a_value_that_is_accepted(refusal, name):
    line = refusal(**{name: None})
    code = line.partition("python3 -c '")[2].rpartition("'")[0]
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    assert start("check", **{name: made}).returncode == 0


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too short. "),
        ("FIELD_KEYS", "bm90IDMyIGJ5dGVz", "FIELD_KEYS: key 1 is not 32 bytes in base64. "),
        ("FIELD_KEYS", f"{KEY},pass-word", "FIELD_KEYS: key 2 is not 32 bytes in base64. "),
        ("FIELD_KEYS", f"{KEY},", "FIELD_KEYS: key 2 is not 32 bytes in base64. "),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS has a wildcard. "),
        ("SITE_URL", "http://www.example.org", "SITE_URL is malformed. "),
        ("SITE_URL", "https://www.example.org/path", "SITE_URL is malformed. "),
        ("SITE_URL", "https://user@www.example.org", "SITE_URL is malformed. "),
        ("SITE_URL", "https://[www.example.org", "SITE_URL is malformed. "),
        ("SITE_URL", "https://other.example.org", "SITE_URL names a host that ALLOWED_HOSTS does not. "),
        ("DATABASE_URL", "sqlite:///db.sqlite3", "DATABASE_URL is not PostgreSQL. "),
        ("DATABASE_URL", "postgres://u:pass-word@h:port/clinic", "DATABASE_URL is not PostgreSQL. "),
        ("DATABASE_URL", "postgres://u:pass-word@h", "DATABASE_URL is not PostgreSQL. "),
        ("DATABASE_URL", "pass-word", "DATABASE_URL is not PostgreSQL. "),
        ("EMAIL_URL", "pass-word", "EMAIL_URL is malformed. "),
        ("EMAIL_URL", "smtp://u:pass-word@h:port", "EMAIL_URL is malformed. "),
        ("EMAIL_URL", "smtp+tls:", "EMAIL_URL names no server. "),
        ("EMAIL_URL", "smtp://u:pass-word@mail.example.org:25", "EMAIL_URL would send in the clear. "),
        ("TRUSTED_PROXIES", "10.0.0.0/99", "TRUSTED_PROXIES is malformed. "),
        ("TRUSTED_PROXIES", "proxy.example.org", "TRUSTED_PROXIES is malformed. "),
        ("DEBUG", "1", "DEBUG shows patient data on error pages. "),
        ("DEBUG", "maybe", "DEBUG is malformed. "),
        ("LOCAL", "maybe", "LOCAL is malformed. "),
    ],
)
def test_a_malformed_setting_stops_the_start_and_is_not_repeated(refusal, name, wrong, sentence):
    line = refusal(**{name: wrong})

    assert line.startswith(sentence)
    assert "pass-word" not in line


@pytest.mark.parametrize("hosts", ["www.example.org", "localhost,www.example.org", "*", "0.0.0.0", ".localhost"])
def test_local_mode_together_with_any_other_host_is_refused(refusal, hosts):
    assert refusal(**(LOCAL | {"ALLOWED_HOSTS": hosts})).startswith("LOCAL is for trials on this computer only: ")


def test_local_mode_starts_on_loopback():
    assert start("check", **LOCAL).returncode == 0


def test_every_unsafe_thing_is_off_and_the_environment_cannot_switch_off_what_protects():
    names = [
        "DEBUG",
        "LOCAL",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "DEVICE_COOKIE_NAME",
        "TRUSTED_PROXIES",
        "DEFAULT_FROM_EMAIL",
    ]
    protects = [name for name in names if name.startswith(("SESSION", "CSRF", "SECURE"))]
    found = value(f"[getattr(settings, name) for name in {names}]", **dict.fromkeys(protects, "0"))

    assert found == (
        "[False, False, True, True, True, '__Host-session', '__Host-csrf', '__Host-device', (), "
        "'no-reply@www.example.org']"
    )


def test_the_folder_of_local_mail_is_absolute():
    assert value("settings.EMAIL_FILE_PATH", **(LOCAL | {"EMAIL_URL": "filemail:///tmp/a%20b"})) == "/tmp/a b"


def test_a_database_on_a_unix_socket_can_be_named():
    url = "postgres://clinic@//tmp/socket-folder/clinic"

    assert value("settings.DATABASES['default']['HOST']", DATABASE_URL=url) == "/tmp/socket-folder"


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("postgres://u:p@db.example.org/clinic", ("verify-full", "system")),
        ("postgres://u:p@10.0.0.5/clinic?sslrootcert=/etc/ca.pem", ("verify-full", "/etc/ca.pem")),
        ("postgres://u:p@db.example.org/clinic?sslmode=require", ("require", None)),
        ("postgres://u:p@127.0.0.1/clinic", (None, None)),
        ("postgres://u:p@[::1]/clinic", (None, None)),
        ("postgres://u@//tmp/socket-folder/clinic", (None, None)),
    ],
)
def test_a_database_on_another_machine_shows_a_certificate_unless_the_address_says_otherwise(url, asked, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url)
    options = environment.database(Env())["OPTIONS"]

    assert (options.get("sslmode"), options.get("sslrootcert")) == asked


def test_the_address_of_a_pooled_database_switches_its_cursors_off(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@127.0.0.1:6432/clinic?disable_server_side_cursors=true")
    found = environment.database(Env())

    assert found["DISABLE_SERVER_SIDE_CURSORS"]
    assert "disable_server_side_cursors" not in found["OPTIONS"]


def test_a_mail_server_that_speaks_tls_shows_a_certificate_in_its_name():
    context = EmailBackend(host="mail.example.org", use_tls=True).ssl_context

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_the_library_of_the_database_knows_the_certificates_of_the_system():
    assert psycopg2.extensions.libpq_version() >= 160_000


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_mail_server_on_this_computer_needs_no_encryption(host, monkeypatch):
    monkeypatch.setenv("EMAIL_URL", f"smtp://{host}:25")

    assert environment.mail(Env(), local=False)["EMAIL_PORT"] == 25


def test_an_unreachable_database_is_given_up_soon():
    assert value("settings.DATABASES['default']['OPTIONS']['connect_timeout']") == "5"


def test_several_keys_are_read_newest_first():
    newest = base64.b64encode(bytes(range(100, 132))).decode()

    assert value("[key[0] for key in settings.FIELD_KEYS]", FIELD_KEYS=f"{newest}, {KEY}") == "[100, 200]"


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (f"{KEY},{KEY}", "FIELD_KEYS: key 2 is there twice. Remove one of them."),
        (f"{OTHER_KEY},{KEY},{OTHER_KEY}", "FIELD_KEYS: key 3 is there twice. Remove one of them."),
        (base64.b64encode(bytes(31)).decode(), "FIELD_KEYS: key 1 is not 32 bytes in base64. "),
        (base64.b64encode(bytes(33)).decode(), "FIELD_KEYS: key 1 is not 32 bytes in base64. "),
        (f"{KEY} {OTHER_KEY}", "FIELD_KEYS: key 1 is not 32 bytes in base64. "),
        (f"{OTHER_KEY},b'{KEY}'", "FIELD_KEYS: key 2 is not 32 bytes in base64. "),
        (KEY.replace("+", "-").replace("/", "_"), "FIELD_KEYS: key 1 is not 32 bytes in base64. "),
        (TEST_KEYS.split(",")[0], "FIELD_KEYS: key 1 is no random key. "),
        (f"{KEY},{TEST_KEYS.split(',')[1]}", "FIELD_KEYS: key 2 is no random key. "),
        (base64.b64encode(bytes(32)).decode(), "FIELD_KEYS: key 1 is no random key. "),
        (base64.b64encode(b"\xff\xfe" * 16).decode(), "FIELD_KEYS: key 1 is no random key. "),
        (",".join(SAME_ID), "FIELD_KEYS: key 2 has the same short name as a key before it, "),
    ],
)
def test_keys_that_cannot_do_are_refused_in_words_that_repeat_none(refusal, keys, sentence):
    line = refusal(FIELD_KEYS=keys)

    assert line.startswith(sentence)
    assert [key for key in keys.replace(" ", ",").split(",") if key in line] == []


def test_a_trial_may_use_keys_that_are_words():
    assert value("len(settings.FIELD_KEYS)", FIELD_KEYS=TEST_KEYS, **LOCAL) == "2"


def test_the_command_makes_a_key_that_is_accepted_and_says_what_to_do_elsewhere():
    made, another = start("new_key"), start("new_key")

    assert (made.returncode, made.stdout.count("\n"), len(base64.b64decode(made.stdout, validate=False))) == (0, 1, 32)
    assert "docs/keys.md" in made.stderr
    assert made.stdout.strip() not in made.stderr
    assert made.stdout != another.stdout
    assert start("check", FIELD_KEYS=f"{made.stdout.strip()},{another.stdout.strip()}").returncode == 0


def test_psycopg_3_is_refused(tmp_path, monkeypatch):
    assert psycopg_2_only() == []
    (tmp_path / "psycopg.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    [error] = psycopg_2_only()
    assert (error.id, error.msg) == (
        "clinic.E001",
        "psycopg 3 is installed, and Django would use it instead of psycopg2.",
    )
