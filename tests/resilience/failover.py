"""Each of many machines dies in turn, by losing its power and by losing its cable, while visitors go on sending."""

import ssl
import time
from collections.abc import Callable
from http.client import HTTPSConnection
from itertools import count

from django.conf import settings
from django.db import connection

from tests.leaks.wire import WireClient
from tests.resilience import ledger
from tests.resilience.machines.hosts import Host
from tests.resilience.machines.set_up import ADDRESSES, SITE, Machines
from tests.resilience.report import Result
from tests.resilience.stack import wait_until
from tests.resilience.visitors import Crowd, ask_for_contact

TAKEOVER, STANDSTILL = 30.0, 10.0  # seconds without an acknowledgement when a primary, and when anything else is gone
EACH = 8  # seconds for which visitors come before the next machine dies, and after
TRUSTING = ssl._create_unverified_context()
_networks = count(1)


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
    crowd = Crowd(443, contacts=8, screenings=2, browser=Distant)
    crowd.start()
    trial = _Trial(machines, crowd)
    time.sleep(EACH)
    trial.web()
    for how, die in (("killed", Host.kill), ("cut off", Host.cut)):
        trial.standby(how, die)
        trial.primary(how, die)
    trial.switchover()
    crowd.end()
    return trial.result()


class _Trial:
    def __init__(self, machines: Machines, crowd: Crowd) -> None:
        self.machines, self.crowd = machines, crowd
        self.rows: list[tuple[str, object]] = []
        self.faults: list[str] = []

    def web(self) -> None:
        host = self.machines.hosts["web2"]
        self._watch("a web machine loses its power", STANDSTILL, host.lose_power, lambda: True)
        host.boot()

    def standby(self, how: str, die: Callable[[Host], None]) -> None:
        host = self.machines.hosts[self.machines.standby]
        self._watch(f"standby {how}", STANDSTILL, lambda: die(host), lambda: not self.machines.standby)
        self._come_back(host, f"standby {how}")

    def primary(self, how: str, die: Callable[[Host], None]) -> None:
        host, next_one = self.machines.hosts[self.machines.leader], self.machines.standby
        self._watch(f"primary {how}", TAKEOVER, lambda: die(host), lambda: self.machines.leader == next_one)
        self._come_back(host, f"primary {how}")

    def switchover(self) -> None:
        old = self.machines.leader
        self._watch("primary changed on purpose", STANDSTILL, self.machines.switch_over, lambda: self.machines.standby == old)

    def _watch(self, what: str, most: float, happen: Callable[[], None], over: Callable[[], object]) -> None:
        """Visitors come before it happens, until it is over, and for a while after."""
        begin = time.monotonic()
        happen()
        wait_until(over)
        settled = time.monotonic()
        wait_until(lambda: self.crowd.times[-1] > settled)
        time.sleep(EACH)
        gap = self.crowd.longest_gap(begin)
        self.rows.append((f"{what}: longest time without an acknowledgement, in seconds", f"{gap:.1f}"))
        self.faults += [f"{what}: nothing was acknowledged for {gap:.1f} s."] if gap > most else []
        print(self.rows[-1], f"{time.monotonic()-begin:.0f}", self.crowd.failures, flush=True)

    def _come_back(self, host: Host, what: str) -> None:
        host.boot()
        took = wait_until(lambda: self.machines.standby == host.name)
        self.rows.append((f"{what}: seconds from its return until every commit is on it again", f"{took:.0f}"))
        print(self.rows[-1], flush=True)
        time.sleep(2)

    def result(self) -> Result:
        connection.close()
        leases = ledger.end_leases()
        ledger.wait_for_mail()
        found, alerts, twice = ledger.alert_faults(self.machines.mail)
        faults = self.crowd.faults + ledger.faults(self.crowd.acknowledged) + found + self.faults
        rows = [
            ("visits acknowledged, and stored exactly once", len(self.crowd.acknowledged)),
            ("answers that visitors did not get, and asked for again", self.crowd.failures),
            ("alerts, each e-mailed and its sending recorded once", alerts),
            ("letters of an alert that came a second time", twice),
            ("messages taken over from a killed worker", leases),
        ]
        return Result(rows + self.rows, faults)
