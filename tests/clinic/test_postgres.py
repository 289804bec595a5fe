import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection

from clinic.checks import database_logs_no_statements
from clinic.postgres import Server, Unavailable, installed
from tests.environment import FAST, settings
from tests.processes import kill

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "state")
    yield server
    server.stop()


def answers(server: Server) -> bool:
    connection = psycopg2.connect(host=str(server.socket), user="clinic", dbname="postgres")
    connection.close()
    return True


def test_it_starts_once_and_answers_on_its_socket_alone(server):
    assert (server.start(*FAST), server.start(*FAST)) == (True, False)
    assert answers(server)


def test_two_starts_at_once_make_one_server(server):
    with ThreadPoolExecutor(2) as pool:
        started = list(pool.map(lambda _: Server(server.state).start(*FAST), range(2)))

    assert sorted(started) == [False, True]
    assert answers(server)


def test_it_starts_again_after_a_kill(server):
    server.start(*FAST)
    kill(server)

    assert server.start(*FAST)
    assert answers(server)


def test_a_pid_file_that_names_another_program_does_not_stop_it(server):
    server.start(*FAST)
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n")

    assert server.start(*FAST)


def test_a_long_path_is_no_obstacle(tmp_path):
    server = Server(tmp_path / ("long" * 20) / ("path" * 20))
    try:
        assert server.start(*FAST)
        assert len(str(server.socket)) < 90
        assert answers(server)
    finally:
        server.stop()


def test_data_of_a_version_that_is_not_installed_are_named(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(Unavailable, match="need PostgreSQL 9: install it, or delete that folder"):
        Server(tmp_path)


def test_with_nothing_installed_one_sentence_says_what_to_install(tmp_path):
    hide = "mount -t tmpfs none /usr/lib/postgresql 2>/dev/null || [ ! -d /usr/lib/postgresql ] || exit 77"
    start = f"from clinic.postgres import *\ntry: Server(Path('{tmp_path}'))\nexcept Unavailable as fault: print(fault)"
    # Without site-packages (-S) there is no wheel, and without PATH no pg_config.
    script = f'{hide}; PATH=/nowhere exec {os.path.realpath(sys.executable)} -S -c "{start}"'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("this machine cannot hide its own PostgreSQL")

    assert done.stdout.startswith("No PostgreSQL was found. Install PostgreSQL 15 or newer")
    assert done.stdout.count("\n") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become another user")
def test_root_without_user_namespaces_runs_it_as_another_user(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")  # so there is no unshare
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = Server(Path(folder) / "state")
        try:
            assert server.start(*FAST)
            assert Path(f"/proc/{server.pid}").stat().st_uid != 0
            assert answers(server)
        finally:
            server.stop()


@pytest.mark.parametrize("major", sorted({major for major, _ in installed()[1:]} - {installed()[0][0]}))
def test_every_migration_runs_on_each_other_postgresql_at_hand(tmp_path, major):
    """On the first one they have made the database of the tests."""
    server = Server(tmp_path / "state", major)
    server.start(*FAST)
    env = os.environ | settings(server.url()) | {"DJANGO_SETTINGS_MODULE": "clinic.settings"}
    try:
        done = subprocess.run(
            [sys.executable, "manage.py", "migrate"], cwd=ROOT, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-500:]
    finally:
        server.stop()


def test_no_migration_is_missing(db):
    call_command("makemigrations", dry_run=True, stdout=(said := StringIO()))

    assert said.getvalue() == "No changes detected\n"


def test_a_database_that_would_write_statements_into_its_log_is_named_with_what_to_do(db):
    assert database_logs_no_statements(databases=["default"]) == []
    assert database_logs_no_statements(databases=None) == []

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL log_min_messages = error")
        cursor.execute("SET LOCAL log_min_duration_statement = 100")
    warnings = database_logs_no_statements(databases=["default"])

    assert [(warning.id, warning.hint.partition("ALTER")[2]) for warning in warnings] == [
        ("clinic.W002", " ROLE … SET log_min_duration_statement = -1"),
        ("clinic.W002", " ROLE … SET log_min_messages = log"),
    ]
