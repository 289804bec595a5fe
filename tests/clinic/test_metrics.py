"""What a Prometheus on this machine is told, and nobody else."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from clinic import outbox
from clinic.models import Heartbeat, Message
from intake.models import SafetyAlert
from tests.factories import make_screening
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]


def figures(text: str) -> dict[str, float]:
    """Every sample by its name, with its labels but those of the histogram's buckets."""
    return {
        " ".join([sample.name, *(sample.labels[name] for name in sorted(sample.labels, reverse=True))]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


def test_the_installation_is_told_in_numbers(packet, client):
    now = timezone.now()
    make_screening(phq9=[0] * 8 + [1])
    SafetyAlert.objects.update(raised_at=now - timedelta(minutes=40))
    Message.objects.all().delete()
    for number in range(3):
        outbox.send("alert_self_test", to=f"{number}@example.org")
    given_up, oldest, _ = Message.objects.all()
    Message.objects.filter(pk=given_up.pk).update(failed_at=now - timedelta(days=1))
    Message.objects.filter(pk=oldest.pk).update(created_at=now - timedelta(seconds=100))
    Heartbeat.objects.create(name="worker", at=now)

    told = figures(client.get("/metrics").text)

    assert told["clinic_oldest_message_seconds"] == pytest.approx(100, abs=5)
    assert told["clinic_oldest_open_alert_seconds"] == pytest.approx(2400, abs=5)
    assert told["clinic_worker_seen_timestamp_seconds"] == pytest.approx(now.timestamp(), abs=0.001)
    names = ("database_up", "messages_waiting", "messages_given_up", "alerts_open", "alerts_unresolved")
    assert [told[f"clinic_{name}"] for name in names] == [1, 2, 1, 1, 1]
    assert told["clinic_last_backup_timestamp_seconds"] == 0


def test_where_nothing_waits_every_age_is_nothing(db, client):
    told = figures(client.get("/metrics").text)

    ages = [name for name in told if name.startswith("clinic_oldest_")]
    assert {name: told[name] for name in ages} == dict.fromkeys(ages, 0)
    assert len(ages) == 2


def test_answers_are_counted_by_the_name_of_their_view_and_nothing_of_what_was_asked_for_is_told(packet, client):
    before = figures(client.get("/metrics").text)
    visitor = Visitor(client)
    visitor.start()
    asked = ("/search/?q=planted-word", "/planted-address/", "/screening/resume/planted-token/", "/types/?planted")

    shown = [client.get(path, headers={"user-agent": "planted-agent"}).text for path in asked]
    visitor.about(name="Planted Name")
    text = client.get("/metrics").text

    assert "planted-word" in shown[0]
    assert "planted-address" in shown[1]  # in the address of the same page in Spanish
    assert "planted" not in text.lower()
    after = figures(text)
    counted = {name: after[name] - before.get(name, 0) for name in after if "seconds_count" in name}
    assert {name.removeprefix("clinic_answer_seconds_count "): count for name, count in counted.items() if count} == {
        "intake:screening 3xx": 1,
        "content:search 2xx": 1,
        "content:page 4xx": 2,
        "intake:resume 4xx": 1,
        "intake:step 3xx": 1,
    }


def answer(**request: str) -> list[object]:
    """All that the address says to somebody, but the request's id."""
    response = Client().get(**request)
    text = response.text.replace(response["X-Request-ID"], "…").replace(request["path"], "…")
    told = {name: value.replace(request["path"], "…") for name, value in response.items()}
    return [response.status_code, told | {"X-Request-ID": "", "Content-Length": ""}, text]


@pytest.mark.parametrize(
    "origin",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": "::ffff:203.0.113.9"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_to_others_and_to_what_came_through_a_proxy_the_address_is_one_that_nothing_has(db, settings, origin):
    settings.TRUSTED_PROXIES = ("127.0.0.0/8",)
    assert "clinic_database_up" in Client().get("/metrics", REMOTE_ADDR="::1").text

    for path in ("/metrics", "/metrics/"):
        assert answer(path=path, **origin) == answer(path=path.replace("metrics", "nothing"), **origin)


def test_the_address_takes_no_form(db, client):
    assert client.post("/metrics").status_code == client.post("/nothing").status_code


def test_a_database_that_is_away_is_told_and_the_times_are_still_there(django_db_blocker, client):
    with django_db_blocker.unblock():
        connection.close()
        working = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = "no_such_database"
        try:
            client.get("/healthz")
            response = client.get("/metrics")
        finally:
            connection.close()
            connection.settings_dict["NAME"] = working

    told = figures(response.text)
    assert told["clinic_database_up"] == 0
    assert "clinic_messages_waiting" not in told
    assert told["clinic_answer_seconds_count healthz 2xx"] >= 1


def test_several_processes_of_a_production_site_add_up(tmp_path):
    script = (
        "import os, django; django.setup()\n"
        "import clinic.doctor; assert not os.listdir(os.environ['PROMETHEUS_MULTIPROC_DIR'])  # of servers alone\n"
        "from django.test import Client\n"
        "child = os.fork()\n"
        "for _ in range(1 if child else 2): Client(headers={'host': 'www.example.org'}).get('/healthz')\n"
        "if not child: os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print(Client(headers={'host': '127.0.0.1:8000'}).get('/metrics').text)\n"
    )
    production = {"LOCAL": "", "ALLOWED_HOSTS": "www.example.org", "SITE_URL": "https://www.example.org"}
    production["FIELD_KEYS"] = "yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc="
    env = os.environ | production | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[-500:]
    assert figures(done.stdout)["clinic_answer_seconds_count healthz 2xx"] == 3


def test_the_docs_name_every_number(db, client):
    told = set(re.findall(r"`(clinic_\w+)`", (ROOT / "docs" / "operations.md").read_text()))

    families = [one.name for one in text_string_to_metric_families(client.get("/metrics").text)]
    names = {name for name in families if not name.endswith("_created")}
    assert told == {f"{name}_total" if name == "clinic_kept_pages" else name for name in names}
