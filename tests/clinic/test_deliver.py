import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_string

import pytest
from django.conf import settings as project_settings
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now

from clinic import outbox, periodic
from clinic.models import Message

PATIENCE = 20  # seconds


def database_url() -> str:
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"


class Workers:
    """Real worker processes on the tests' own database; they write their mail into a folder."""

    def __init__(self, folder) -> None:
        self.folder, self.running = folder, []

    def start(self) -> subprocess.Popen:
        environment = os.environ | {"DATABASE_URL": database_url(), "EMAIL_URL": f"filemail://{self.folder}/mail"}
        with open(self.folder / f"worker-{len(self.running)}.log", "w") as log:
            worker = subprocess.Popen(
                [sys.executable, "manage.py", "deliver"], cwd=project_settings.BASE_DIR, env=environment, stderr=log
            )
        self.running.append(worker)
        return worker

    def log(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def letters(self) -> list[str | None]:
        files = (self.folder / "mail").glob("*.log")
        texts = [text for file in files for text in file.read_text().split("-" * 79 + "\n") if text.strip()]
        return [message_from_string(text)["To"] for text in texts]


@pytest.fixture
def workers(transactional_db, tmp_path) -> Iterator[Workers]:
    workers = Workers(tmp_path)
    yield workers
    for worker in workers.running:
        worker.kill()
        worker.wait()


def send(to: str) -> None:
    outbox.send("contact_receipt", to=to, context={"reference": "K7QF2-M9D3X"})


def wait_for(happens) -> None:
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def wait_until_sent(count: int) -> None:
    wait_for(lambda: Message.objects.exclude(sent_at=None).count() == count)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_sends_what_comes_in_and_ends_cleanly_when_asked(workers, stop):
    send("first@example.org")
    worker = workers.start()
    wait_until_sent(1)
    send("second@example.org")
    wait_until_sent(2)
    worker.send_signal(stop)

    assert worker.wait(PATIENCE) == 0
    assert sorted(workers.letters()) == ["first@example.org", "second@example.org"]
    assert "Traceback" not in workers.log()


@contextmanager
def database_away() -> Iterator[None]:
    """Throw everybody out of the tests' database, and let nobody in."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_the_worker_waits_for_a_database_that_is_away(workers):
    worker = workers.start()
    send("before@example.org")
    wait_until_sent(1)
    with database_away():
        wait_for(lambda: "django.db.utils.OperationalError" in workers.log())
    send("after@example.org")
    wait_until_sent(2)

    assert worker.poll() is None
    assert sorted(workers.letters()) == ["after@example.org", "before@example.org"]
    assert "Traceback" not in workers.log()


def test_a_killed_worker_loses_nothing(workers):
    for n in range(20):
        send(f"{n}@example.org")
    first = workers.start()
    wait_for(lambda: Message.objects.exclude(sent_at=None).exists())
    first.kill()
    first.wait()
    Message.objects.waiting().update(due_at=Now())  # as if the lease had ended
    workers.start()
    wait_until_sent(20)

    letters = workers.letters()
    assert set(letters) == {f"{n}@example.org" for n in range(20)}
    assert len(letters) <= 21  # the one at hand may have gone twice


def test_once_sends_what_is_due_and_says_how_many(db, capsys):
    send("a@example.org")
    send("b@example.org")
    call_command("deliver", "--once")

    assert capsys.readouterr().out == "2 sent\n"


@pytest.fixture
def jobs(monkeypatch) -> list[periodic.Job]:
    monkeypatch.setattr(periodic, "jobs", [])
    return periodic.jobs


def test_a_periodic_job_runs_at_once_and_then_when_its_time_has_come(jobs):
    runs = []
    periodic.job(every=timedelta(minutes=10))(lambda: runs.append(1))
    periodic.run_due()
    periodic.run_due()
    assert len(runs) == 1
    jobs[0].next_at -= 600
    periodic.run_due()

    assert len(runs) == 2


def test_a_periodic_job_that_fails_does_not_stop_the_next(jobs, caplog):
    runs = []
    periodic.job(every=timedelta(minutes=10))(lambda: 1 / 0)
    periodic.job(every=timedelta(minutes=10))(lambda: runs.append(1))
    periodic.run_due()

    assert runs == [1]
    assert [record.msg for record in caplog.records] == ["A periodic job failed."]


def test_the_worker_purges_every_ten_minutes(db):
    send("a@example.org")
    Message.objects.update(sent_at=Now(), due_at=Now() - timedelta(days=91))
    [entry] = [job for job in periodic.jobs if job.run is periodic.purge_expired]
    entry.next_at = 0.0
    periodic.run_due()

    assert entry.every == timedelta(minutes=10)
    assert Message.objects.count() == 0


def test_purge_says_what_it_deletes_and_a_dry_run_deletes_nothing(db, capsys):
    for name in ("a", "b"):
        send(f"{name}@example.org")
    Message.objects.filter(pk=Message.objects.first().pk).update(sent_at=Now(), due_at=Now() - timedelta(days=91))

    call_command("purge", "--dry-run")
    assert "old e-mails: 1 rows to delete\n" in capsys.readouterr().out
    assert Message.objects.count() == 2
    call_command("purge")
    assert "old e-mails: 1 rows deleted\n" in capsys.readouterr().out
    assert Message.objects.count() == 1
