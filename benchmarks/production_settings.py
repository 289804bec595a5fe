"""The project's settings, with the static files in the folder that production.py collects them into."""

import os
from pathlib import Path

from clinic.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["BENCHMARK_STATIC"])
