"""Two hundred clients that send heads and bodies byte by byte, and read as slowly, behind the documented proxy."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from itertools import cycle

from clinic import kept
from tests.processes import free_port
from tests.resilience import ledger
from tests.resilience.report import Result
from tests.resilience.stack import Stack
from tests.resilience.visitors import contact_fields
from tests.scan.client import Browser, Line
from tests.scan.proxy import Ports, proxy

COUNT, HONEST, SECONDS = 200, 6, 40
LONGEST, SHARE = 2.0, 0.99
CONTACTS_EACH = 8
HEAD = "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\n"


def run(stack: Stack) -> Result:
    stack.start()
    paths = [path for known in kept.addresses for path in known()]
    ends = threading.Event()
    with proxy(stack.folder, Ports(http=free_port(), https=stack.public, site=stack.port)):
        slow = [_Slow(stack.public, number, ends) for number in range(COUNT)]
        honest = [_Honest(stack.public, COUNT + number, paths, ends) for number in range(HONEST)]
        for one in [*slow, *honest]:
            one.start()
        time.sleep(SECONDS)
        ends.set()
        for other in [*honest, *slow]:
            other.join()
    return _result(slow, honest)


def _result(slow: list["_Slow"], honest: list["_Honest"]) -> Result:
    spans = sorted(span for one in honest for span in one.spans)
    failed, taken = sum(one.failed for one in honest), sum(one.taken for one in honest)
    in_time = sum(span <= LONGEST for span in spans) / (len(spans) + failed)
    rows = [
        (f"slow clients for {SECONDS} s; lines that they opened", f"{COUNT}: {sum(one.lines for one in slow)}"),
        ("honest requests meanwhile; not answered as they should", f"{len(spans) + failed}: {failed}"),
        (f"of these within {LONGEST:.0f} s, in percent", f"{100 * in_time:.2f}"),
        ("the median, and the slowest, in seconds", f"{spans[len(spans) // 2]:.3f}, {spans[-1]:.2f}"),
        ("contact requests among them, each stored", taken),
    ]
    faults = [] if in_time >= SHARE else ["Honest requests waited for the slow ones."]
    stored = ledger.stored()
    return Result(rows, faults + ([] if stored == taken else [f"{taken} were taken, {stored} are stored."]))


class _Own(Line):
    """Always from the same network, so that each visitor has one."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(port)
        self.number = number

    def connected(self, number: int = 0) -> ssl.SSLSocket:
        return super().connected(self.number)


class _Slow(threading.Thread):
    """Of three kinds: one never ends the head, one never ends the body, one hardly reads the answer."""

    def __init__(self, port: int, number: int, ends: threading.Event) -> None:
        super().__init__(daemon=True)
        self.line, self.ends, self.lines = _Own(port, number), ends, 0
        self.act = (self._head, self._body, self._reader)[number % 3]

    def run(self) -> None:
        while not self.ends.is_set():
            with suppress(OSError), self.line.connected() as line:
                self.lines += 1
                self.act(line)

    def _head(self, line: ssl.SSLSocket) -> None:
        self._drip(line, HEAD.format(method="GET", path="/", port=self.line.port).encode() + b"X-Slow: ")

    def _body(self, line: ssl.SSLSocket) -> None:
        form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n"
        self._drip(line, (HEAD.format(method="POST", path="/contact/", port=self.line.port) + form).encode() + b"name=")

    def _reader(self, line: ssl.SSLSocket) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        line.sendall((HEAD.format(method="GET", path="/handout/", port=self.line.port) + "\r\n").encode())
        while not self.ends.wait(0.5) and line.recv(1):
            pass

    def _drip(self, line: ssl.SSLSocket, begin: bytes) -> None:
        line.sendall(begin)
        while not self.ends.wait(0.5):
            line.sendall(b"a")


class _Honest(threading.Thread):
    """Reads public pages, and now and then sends a contact request."""

    def __init__(self, port: int, number: int, paths: list[str], ends: threading.Event) -> None:
        super().__init__(daemon=True)
        self.browser, self.number, self.paths, self.ends = Browser(_Own(port, number)), number, paths, ends
        self.spans: list[float] = []
        self.failed = self.taken = 0

    def run(self) -> None:
        for count, path in enumerate(cycle(self.paths)):
            if self.ends.wait(0.2):
                return
            if count % 15 == 0 and self.taken < CONTACTS_EACH:
                name = f"Visitor {self.number} {count}"
                self.taken += self._took(302, lambda name=name: self.browser.post("/contact/", contact_fields(name)))
            else:
                self._took(200, lambda path=path: self.browser.get(path))

    def _took(self, expected: int, ask) -> bool:
        begin = time.monotonic()
        try:
            right = ask().status_code == expected
        except (OSError, KeyError):
            right = False
        if right:
            self.spans.append(time.monotonic() - begin)
        self.failed += not right
        return right
