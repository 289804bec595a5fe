"""The files with which the site is set up on a server agree with each other."""

import json
import re

import yaml

from benchmarks import production
from benchmarks.production import ROOT
from clinic import local

DEPLOY = ROOT / "deploy"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_a_container_serves_as_a_server_does():
    command = json.loads(re.search(r"^CMD (.+)$", read("Dockerfile"), re.MULTILINE)[1])

    assert command == ["granian", *production.options(8000)]


def test_a_trial_on_this_computer_serves_as_a_server_does():
    assert local.web(8000) == ["granian", *production.options(8000, "--host", "127.0.0.1")]


def test_the_proxy_asks_the_web_processes_that_a_release_restarts():
    upstream = set(re.findall(r"^    server 127\.0\.0\.1:(\d+)", read("deploy/nginx.conf"), re.MULTILINE))

    assert set(re.search(r"for port in (.+); do", read("deploy/switch"))[1].split()) == upstream
    assert set(re.findall(r"clinic-web@(\d+)", read("docs/deploy.md"))) == upstream


def test_every_unit_says_as_whom_it_runs_and_never_as_root():
    units = {
        path.name: re.findall(r"^User=(.+)$", path.read_text(), re.MULTILINE) for path in DEPLOY.rglob("*.service")
    }

    assert units == {
        "clinic-web@.service": ["clinic_app"],
        "clinic-worker.service": ["clinic_app"],
        "clinic-backup.service": ["clinic_owner"],
    }
    assert "\nUser=" not in read("deploy/systemd/clinic-.service.d/common.conf")  # it would win over theirs


def test_the_files_for_many_machines_speak_of_the_same_ones():
    patroni = yaml.safe_load(read("deploy/failover/patroni.yml"))
    etcd = re.search(r"^ETCD_INITIAL_CLUSTER=(.+)$", read("deploy/failover/etcd"), re.MULTILINE)[1]
    haproxy = dict(re.findall(r"^    server (\w+) ([\d.]+):5432$", read("deploy/failover/haproxy.cfg"), re.MULTILINE))
    machines = dict(re.findall(r"(\w+)=https://([\d.]+):2380", etcd))
    documented = read("docs/deploy.md")

    assert patroni["etcd"]["hosts"] == [f"{address}:2379" for address in machines.values()]
    assert haproxy == {name: address for name, address in machines.items() if name != "proxy"}
    assert all(f" {name} {address}" in documented for name, address in machines.items())


def test_a_primary_steps_down_before_another_takes_over():
    lease = yaml.safe_load(read("deploy/failover/patroni.yml"))["bootstrap"]["dcs"]

    assert lease["loop_wait"] + 2 * lease["retry_timeout"] <= lease["ttl"]
