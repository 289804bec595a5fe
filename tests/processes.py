"""For tests that start the site as processes of its own."""

import os
import signal
import socket
import ssl
import time
import urllib.request
from pathlib import Path

from clinic.postgres import Server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(url: str | urllib.request.Request) -> None:
    """Until it answers 200; over https whoever has signed its certificate. Raises TimeoutError."""
    for _ in range(1500):
        try:
            urllib.request.urlopen(url, timeout=1, context=ssl._create_unverified_context()).close()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(url)


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    children = told(pid, f"task/{pid}/children").split()
    return [pid, *(found for child in children for found in family(int(child)))]


def told(pid: int, name: str) -> str:
    """What the kernel says of a process; nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text("utf-8", "replace")
    except OSError:
        return ""


def kill(server: Server) -> None:
    """As a crash does; until the processes that it had started have ended too, no other can start."""
    pids = family(server.pid)
    os.kill(server.pid, signal.SIGKILL)
    for _ in range(1000):
        if not any(told(pid, "cmdline") for pid in pids):
            return
        time.sleep(0.02)
    raise TimeoutError
