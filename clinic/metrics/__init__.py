"""How the installation is, in numbers that a Prometheus on this machine asks for. They tell of nobody.

An app adds a number with `@gauge("clinic_things", "What it counts")`, in a module that its AppConfig.ready() imports.
"""

from collections.abc import Callable, Iterator

from django.db import DatabaseError, InterfaceError
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from clinic.models import Heartbeat, Message

Value = Callable[[], float]

PATH = "/metrics"

_gauges: dict[str, tuple[str, Value]] = {}  # what each says and where it comes from, by name


def gauge(name: str, says: str) -> Callable[[Value], Value]:
    def add(value: Value) -> Value:
        _gauges[name] = says, value
        return value

    return add


class Installation:
    """What the database knows, read when it is asked for."""

    def collect(self) -> Iterator[Metric]:
        found: list[Metric] = []
        is_up = True
        try:
            found += [GaugeMetricFamily(name, says, value=value()) for name, (says, value) in _gauges.items()]
        except (DatabaseError, InterfaceError):
            is_up = False
        yield GaugeMetricFamily("clinic_database_up", "Whether the database answers", value=is_up)
        yield from found


@gauge("clinic_messages_waiting", "E-mails that are neither sent nor given up")
def messages_waiting() -> float:
    return Message.objects.waiting().count()


@gauge("clinic_oldest_message_seconds", "Age of the oldest of them; 0 when none waits")
def oldest_message_seconds() -> float:
    return Message.objects.waiting().oldest_seconds() or 0


@gauge("clinic_messages_given_up", f"E-mails that were given up in the last {Message.TROUBLE_DAYS} days")
def messages_given_up() -> float:
    return Message.objects.given_up().count()


@gauge("clinic_worker_seen_timestamp_seconds", "When the worker last said that it runs; 0 for never")
def worker_seen() -> float:
    return _last("worker")


@gauge("clinic_last_backup_timestamp_seconds", "When the last backup was whole; 0 for never")
def last_backup() -> float:
    return _last("backup")


def _last(name: str) -> float:
    beat = Heartbeat.objects.filter(name=name).first()
    return beat.at.timestamp() if beat else 0
