"""A machine of its own for the database: a network namespace, in which a forwarder stands for PostgreSQL."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NAME = "clinic-database"
NEAR, FAR = "198.18.83.1/30", "198.18.83.2/30"  # of the networks that are for measurements
PORT = 5432


@dataclass(frozen=True)
class Machine:
    address = FAR.partition("/")[0]

    def vanish(self) -> None:
        """Nothing is answered from now on, not even by the kernel; whoever sends is not told so."""
        _ip("-n", NAME, "address", "delete", FAR, "dev", "far")

    def return_(self) -> None:
        _ip("-n", NAME, "address", "add", FAR, "dev", "far")


@contextmanager
def machine(socket: Path) -> Iterator[Machine]:
    """One that passes on what comes to its PORT to PostgreSQL in the folder `socket`. Needs root and Linux."""
    _ip("netns", "add", NAME)
    try:
        _ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", NAME)
        _ip("address", "add", NEAR, "dev", "near")
        _ip("link", "set", "near", "up")
        _ip("-n", NAME, "address", "add", FAR, "dev", "far")
        _ip("-n", NAME, "link", "set", "far", "up")
        forward = [sys.executable, "-m", "tests.resilience.forwarder", str(socket / f".s.PGSQL.{PORT}")]
        forwarder = subprocess.Popen(["ip", "netns", "exec", NAME, *forward])
        try:
            yield Machine()
        finally:
            forwarder.terminate()
            forwarder.wait(20)
    finally:
        _ip("netns", "delete", NAME)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


async def _forward(path: str) -> None:
    async def pass_on(near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far_in, far_out = await asyncio.open_unix_connection(path)
        await asyncio.gather(_pump(near_in, far_out), _pump(far_in, near_out))

    server = await asyncio.start_server(pass_on, "0.0.0.0", PORT)
    await server.serve_forever()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(65536):
            target.write(piece)
            await target.drain()
    except OSError:
        pass  # one side is gone
    target.close()


if __name__ == "__main__":
    asyncio.run(_forward(sys.argv[1]))
