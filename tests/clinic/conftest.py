import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller


@dataclass
class MailServer:
    """A real SMTP server on loopback. `refusal` is what it answers to every recipient while it is set."""

    letters: list[Any] = field(default_factory=list)
    refusal: str = ""
    pause: float = 0.0  # seconds before it takes a letter

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        await asyncio.sleep(self.pause)
        self.letters.append(envelope)
        return "250 OK"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=_free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    yield server
    controller.stop()
