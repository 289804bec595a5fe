"""Each of many machines dies in turn, by losing its power or its cable, while visitors go on sending."""

import ssl
import time
from collections.abc import Callable
from http.client import HTTPSConnection
from itertools import count
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from tests.leaks.wire import WireClient
from tests.resilience import ledger
from tests.resilience.machines.hosts import Host
from tests.resilience.machines.set_up import ADDRESSES, SITE, Machines
from tests.resilience.report import Result
from tests.resilience.stack import wait_until
from tests.resilience.visitors import Crowd

TAKEOVER, STANDSTILL = 30.0, 10.0  # seconds without an acknowledgement, when the primary is gone and when others are
CALM = 5  # seconds before and after each mishap
TRUSTING = ssl._create_unverified_context()
_networks = count(1)


class Fate(NamedTuple):
    name: str
    begin: Callable[[Host], None]
    end: Callable[[Host], None]


KILLED, CUT_OFF = Fate("killed", Host.kill, Host.boot), Fate("cut off", Host.cut, Host.mend)


class Distant(WireClient):
    """A browser in a network of its own, which comes through the proxy."""

    def __init__(self, port: int) -> None:
        super().__init__(port, lambda answer: None, headers={"host": SITE, "origin": settings.SITE_URL})
        number = next(_networks)
        self.source = f"172.{16 + number // 250}.{number % 250}.1", 0

    def line(self) -> HTTPSConnection:
        where = ADDRESSES["proxy"], self.port
        return HTTPSConnection(*where, timeout=20, context=TRUSTING, source_address=self.source)


def run(machines: Machines) -> Result:
    trial = _Trial(machines, Crowd(443, contacts=8, screenings=2, browser=Distant))
    trial.crowd.start()
    time.sleep(CALM)
    trial.web()
    trial.switchover()
    for how in (CUT_OFF, KILLED):
        trial.primary(how)
        trial.standby(how)
    trial.crowd.end()
    return trial.result()


class _Trial:
    def __init__(self, machines: Machines, crowd: Crowd) -> None:
        self.machines, self.crowd = machines, crowd
        self.rows: list[tuple[str, object]] = []
        self.faults: list[str] = []

    def web(self) -> None:
        host = self.machines.hosts["web2"]
        self._watch("a web machine without power", STANDSTILL, host.lose_power, lambda: True)
        host.boot()

    def switchover(self) -> None:
        new = self.machines.standby
        self._watch("primary changed on purpose", STANDSTILL, self.machines.switch_over, lambda: self._leads(new))

    def primary(self, fate: Fate) -> None:
        self._wait_for_two()
        host, new = self.machines.hosts[self.machines.leader], self.machines.standby
        what = f"primary {fate.name}"
        self._watch(what, TAKEOVER, lambda: fate.begin(host), lambda: self._leads(new))
        fate.end(host)
        took = self._wait_for_two()
        self.rows.append((f"{what}, then back: seconds until every commit is on both again", f"{took:.0f}"))

    def standby(self, fate: Fate) -> None:
        self._wait_for_two()
        host = self.machines.hosts[self.machines.standby]
        what = f"standby {fate.name}"
        self._watch(what, STANDSTILL, lambda: fate.begin(host), lambda: not self.machines.standby)
        fate.end(host)

    def _wait_for_two(self) -> float:
        """Without a copy of every commit nobody could take over. How many seconds it took."""
        return wait_until(lambda: self.machines.standby)

    def _leads(self, name: str) -> bool:
        return self.machines.leader == name

    def _watch(self, what: str, longest: float, happen: Callable[[], None], over: Callable[[], bool]) -> None:
        """Visitors send while it happens, until it is over, and for a while after."""
        begin = time.monotonic()
        happen()
        wait_until(over)
        settled = time.monotonic()
        wait_until(lambda: max(self.crowd.times, default=0.0) > settled)
        time.sleep(CALM)
        gap = self.crowd.longest_gap(begin)
        self.rows.append((f"{what}: longest time without an acknowledgement, in seconds", f"{gap:.1f}"))
        self.faults += [f"{what}: nothing was acknowledged for {gap:.1f} s."] if gap > longest else []

    def result(self) -> Result:
        connection.close()  # our own
        leases = ledger.end_leases()
        ledger.wait_for_mail()
        found, alerts, twice = ledger.alert_faults(self.machines.mail)
        faults = self.crowd.faults + self.faults + ledger.faults(self.crowd.acknowledged) + found
        rows = [
            ("visits acknowledged in the whole time, and stored exactly once", len(self.crowd.acknowledged)),
            ("answers that visitors did not get, and asked for again", self.crowd.failures),
            ("alerts, each e-mailed and its sending recorded once", alerts),
            ("letters of an alert that came a second time", twice),
            ("messages taken over from killed workers", leases),
            *self.rows,
            ("old primaries that pg_rewind made a copy of the new one", self.machines.rewound),
        ]
        return Result(rows, faults)
