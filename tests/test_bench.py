"""What `make bench` counts and what it refuses to write down; the run itself is no test."""

import subprocess
import sys
import threading
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.speed import __main__ as bench
from benchmarks.speed import load
from benchmarks.speed.load import Sample
from benchmarks.speed.machine import IS_LINUX, Meter
from benchmarks.speed.report import Target
from benchmarks.speed.servers import Web
from benchmarks.speed.visitors import HIDDEN, Visitor

QUIET = Sample(done=100, failed=0, wall=1.0, cpu=0.5, median=1.0, p99=2.0, noise=0.01)
STORED = {"contact": (5, 5, 5)}
BURNS_AND_WAITS = """
import sys, time
while time.process_time() < 0.2: pass
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def out(monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "OUT", tmp_path / "benchmarks.md")
    monkeypatch.setattr(bench, "IS_WHOLE", True)
    return bench.OUT


def test_a_quiet_run_is_written_down(out):
    bench.publish("the table", {"page": [QUIET, QUIET]}, STORED)

    assert out.read_text() == "the table\n"


@pytest.mark.parametrize(
    ("found", "kept", "said"),
    [
        ([QUIET, replace(QUIET, noise=0.06)], STORED, "page: others had 6% of the machine, 5% is allowed"),
        ([QUIET, replace(QUIET, failed=1)], STORED, "page: a sample failed"),
        ([QUIET], {"contact": (5, 4, 4)}, "contact: acknowledged is not stored"),
        ([QUIET], {"contact": (5, 5, 6)}, "contact: acknowledged is not stored"),
    ],
    ids=["noisy", "failed", "lost", "twice"],
)
def test_a_run_that_proves_nothing_fails_and_is_not_written_down(out, found, kept, said):
    with pytest.raises(SystemExit) as refusal:
        bench.publish("the table", {"page": found}, kept)

    assert refusal.value.code == f"Not published:\n{said}"
    assert not out.exists()


def test_a_quick_look_is_not_written_down(out, monkeypatch):
    monkeypatch.setattr(bench, "IS_WHOLE", False)

    with pytest.raises(SystemExit, match="this was a quick look"):
        bench.publish("the table", {"page": [QUIET]}, STORED)

    assert not out.exists()


def test_a_noisy_sample_is_taken_again_a_few_times(monkeypatch):
    monkeypatch.setattr(bench, "TRIES", 3)
    noisy = replace(QUIET, noise=0.5)
    samples = iter([noisy, QUIET, noisy, noisy, noisy, QUIET])
    subject = bench.Subject("page", lambda size: next(samples))

    assert [bench.quiet_sample(subject), bench.quiet_sample(subject)] == [QUIET, noisy]


def test_a_target_of_speed_counts_how_many_a_second_and_one_of_work_what_each_costs():
    dear = replace(QUIET, done=10)  # a tenth as many, and ten times the work for each
    found = {"fast": [QUIET], "slow": [dear]}

    speed, work = Target("fast", "slow", 10), Target("slow", "fast", 2, at_most=True)

    assert [speed.by_rate(found), speed.by_cost(found), speed.is_met(found)] == [10, 10, True]
    assert [work.by_cost(found), work.is_met(found)] == [10, False]
    assert not Target("fast", "slow", 10.1).is_met(found)


@pytest.mark.skipif(not IS_LINUX, reason="reads /proc")
def test_the_meter_counts_what_a_process_and_its_children_spend():
    command = [
        sys.executable,
        "-c",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])",
        BURNS_AND_WAITS,
    ]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process,
        Meter([process.pid]) as meter,
    ):
        process.stdout.readline()
        with Meter([process.pid]) as idle:
            pass

    assert 0.15 < meter.cpu < 5
    assert idle.cpu < 0.05


class SomeFail(SimpleHTTPRequestHandler):
    """A form that refuses each third visitor."""

    def do_GET(self):
        self.send_response(500 if self.path.endswith("0") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args): ...


class Asking(Visitor):
    def open(self, line):
        self.get(line, "/form/")

    def send(self, line):
        self.get(line, f"/form/{self.number % 3}")


@pytest.mark.skipif(not IS_LINUX, reason="reads /proc")
def test_a_visit_that_fails_is_counted_and_the_others_go_on():
    with ThreadingHTTPServer(("127.0.0.1", 0), SomeFail) as server:
        threading.Thread(target=server.serve_forever).start()
        sample = load.visits(Web(server.server_port, 0), Asking, 9, roots=[], pause=0)
        server.shutdown()

    assert (sample.done, sample.failed) == (6, 3)
    assert 0 < sample.median <= sample.p99


def test_a_visitor_sends_the_hidden_fields_of_our_forms_along(client, db):
    page = client.get("/contact/").text

    assert set(dict(HIDDEN.findall(page))) == {"csrfmiddlewaretoken", "token"}
