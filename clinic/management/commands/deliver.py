import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection

from clinic import outbox, periodic

log = logging.getLogger(__name__)

PAUSE = 2  # seconds between two looks at the outbox


class Command(BaseCommand):
    help = "Send the e-mails that are due and run the periodic jobs, until SIGTERM or SIGINT."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="send what is due now, say how many, and end",
        )

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            self.stdout.write(f"{outbox.deliver_due()} sent")
        else:
            self._work(_stop_on_signal())

    def _work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            close_old_connections()
            try:
                outbox.deliver_due(stop=stop)
                periodic.run_due()
            except Exception as error:  # most likely the database is away
                log.error("A round of the worker failed; the next one follows.", exc_info=error)
                connection.close()
            stop.wait(PAUSE)


def _stop_on_signal() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set: the message at hand is finished first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
