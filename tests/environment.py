"""A pytest plugin: the settings of a test run, and a PostgreSQL of its own that ends with it."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

from clinic.postgres import Server

KEYS = "bmV3ZXN0IGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dGU=,b2xkZXN0IGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dGU="
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off", "max_connections=200")


def settings(database_url: str) -> dict[str, str]:
    return {
        "LOCAL": "1",
        "SECRET_KEY": "a key of the tests, which protects nothing and is long enough to be one",
        "FIELD_KEYS": KEYS,
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SITE_URL": "http://127.0.0.1:8000",
        "EMAIL_URL": "memorymail://",
        "DATABASE_URL": database_url,
    }


class OwnServer:
    """Runs in the controlling process; the xdist workers inherit its environment."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clinic-tests-"))
        self.server = Server(self.folder)
        self.server.start(*FAST)
        os.environ.update(settings(self.server.url()))

    def pytest_unconfigure(self) -> None:
        self.server.stop()
        shutil.rmtree(self.folder)


if "WITHOUT_DATABASE" in os.environ:  # `make mutants` runs pytest several times in one process
    os.environ.update(settings("postgres://localhost/none"))
own = None if {"PYTEST_XDIST_WORKER", "WITHOUT_DATABASE"} & os.environ.keys() else OwnServer()


def pytest_configure(config) -> None:
    if own:
        config.pluginmanager.register(own)


def pytest_collection_finish() -> None:
    """What is imported stays: the collector of garbage need not look at millions of objects again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)
