"""What is no HTTP, or is it only to some: sent as bytes, past every client library."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.hostile.values import MARK
from tests.scan.client import Line

CUT_OFF = 15  # seconds in which who says nothing more is sent away
CONNECTIONS = 70  # more than an address may have

BROKEN = {
    "no HTTP": b"x-probe\r\n\r\n",
    "no version": b"GET / x-probe\r\n\r\n",
    "version of the future": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: x-probe.example\r\n\r\n",
    "another site's address": b"GET http://x-probe.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "a tunnel": b"CONNECT x-probe.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "above the root": b"GET /../../x-probe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in the address": b"GET /\0x-probe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Probe: a\0b\r\n\r\n",
    "long address": b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "large header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Probe: " + b"x" * 9000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: localhost\r\n" + (b"X-Probe: " + b"x" * 5000 + b"\r\n") * 9 + b"\r\n",
    "2 MB announced": b"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\nx-probe",
    "two lengths": b"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "negative length": b"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "length and chunks": b"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x-probe HTTP/1.1\r\n\r\n",
    "strange encoding": b"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x-probe\r\n\r\n",
    "broken chunks": b"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nx-probe\r\n",
    "2 MB in chunks": b"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 32
    + b"0\r\n\r\n",
}
SLOW = {
    "half a request line": b"GET /x-pro",
    "half a header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Probe: ",
    "half a body": b"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nname=x-probe",
}
HELD = b"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nname=x-probe"


def faults(line: Line) -> Iterator[str]:
    """What each of them must be answered with is a 4xx with some words, or the end of the line."""
    for name, data in BROKEN.items():
        answer = line.say(data)
        if not 400 <= answer.status < 500 or len(answer.body.split()) < 3 or MARK.encode() in answer.body.lower():
            yield f"{name}: answered with {answer.status}"
    with ThreadPoolExecutor(len(SLOW)) as pool:
        for name, seconds in zip(SLOW, pool.map(lambda data: _waited(line, data), SLOW.values()), strict=True):
            if seconds > CUT_OFF:
                yield f"{name}: waited for {seconds:.0f} s"
    if not any(_refuses_a_crowd(line) for _ in range(3)):  # a slow computer loses the first before the last come
        yield f"{CONNECTIONS} requests at once from one address: none was refused"


def _waited(line: Line, data: bytes) -> float:
    with line.connected(0) as slow:
        began = time.monotonic()
        slow.sendall(data)
        line.heard(slow)
        return time.monotonic() - began


def _refuses_a_crowd(line: Line) -> bool:
    """Requests that are held open: the last ones are told that there are too many."""
    crowd = []
    try:
        for _ in range(CONNECTIONS):
            crowd.append(line.connected(0))
            crowd[-1].sendall(HELD)
        return line.heard(crowd[-1])[0] == 429
    finally:
        for one in crowd:
            one.close()
