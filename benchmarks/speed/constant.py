"""The least that an answer can cost on the site's server: it has these bytes and headers, whatever is asked."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

FOLDER = Path(os.environ["RIVAL_FOLDER"])
PAGE = (FOLDER / "constant.page").read_bytes()
HEADERS = [(name, value) for name, value in json.loads((FOLDER / "constant.json").read_text(encoding="utf-8"))]


def application(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
    start_response("200 OK", HEADERS)
    return [PAGE]
