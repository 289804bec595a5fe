"""A real SMTP server on loopback."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller

from tests.processes import free_port


@dataclass
class MailServer:
    """`refusal` is what it answers to every recipient while it is set; {address} in it becomes the recipient's.

    `moods` are its answers to one recipient, one after the other, before it takes a letter for them.
    """

    port: int = 0
    letters: list[Any] = field(default_factory=list)
    refusal: str = ""
    moods: dict[str, list[str]] = field(default_factory=dict)
    pause: float = 0.0  # seconds before it takes a letter
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.refusal:
            return self.refusal.format(address=address)
        if self.moods.get(address):
            return self.moods[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        await asyncio.sleep(self.pause)
        self.letters.append(envelope)
        return "250 OK"

    def start(self) -> None:
        self._controller = Controller(self, hostname=self.host, port=self.port, ssl_context=self.tls)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer(free_port())
    server.start()
    yield server
    server.stop()
