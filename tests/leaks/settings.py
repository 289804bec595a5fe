"""The project's own settings with every logger at its most talkative, and a cache that can be looked into."""

import os
from copy import deepcopy
from pathlib import Path

from clinic.settings import *  # noqa: F403
from clinic.settings import LOGGING as QUIET

LOGGING = deepcopy(QUIET)
LOGGING["root"]["level"] = "DEBUG"
for logger in LOGGING["loggers"].values():
    logger["level"] = "DEBUG"

CACHE_FOLDER = Path(os.environ["CACHE_FOLDER"])


def key_told(key: str, prefix: str, version: int) -> str:
    """Write the key down as well: the names of the cache's files are digests."""
    CACHE_FOLDER.mkdir(exist_ok=True)
    with open(CACHE_FOLDER / "keys", "a") as keys:
        print(key, file=keys)
    return f"{prefix}:{version}:{key}"


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": CACHE_FOLDER,
        "KEY_FUNCTION": key_told,
    }
}
ROOT_URLCONF = "tests.leaks.urls"
