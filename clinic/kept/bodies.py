"""A page in each encoding, each with its own ETag."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import brotli

Headers = list[tuple[str, str]]

ENCODINGS: dict[str, Callable[[bytes], bytes]] = {  # the best one first
    "br": partial(brotli.compress, quality=9),
    "gzip": partial(gzip.compress, compresslevel=9, mtime=0),
    "": bytes,
}


@dataclass(frozen=True, slots=True)
class Body:
    encoding: str
    content: bytes
    etag: str

    def is_known(self, if_none_match: str) -> bool:
        return self.etag in if_none_match or if_none_match == "*"

    @property
    def headers(self) -> Headers:
        """What is said of it beside the page's own headers."""
        encoded = [("Content-Encoding", self.encoding)] if self.encoding else []
        return [*encoded, ("ETag", self.etag), ("Content-Length", str(len(self.content)))]


def body(content: bytes, encoding: str) -> Body:
    digest = hashlib.sha256(content).hexdigest()[:20]
    return Body(encoding, ENCODINGS[encoding](content), f'"{digest}-{encoding}"')


@lru_cache(maxsize=256)
def best(accepted: str) -> str:
    """The best encoding that an Accept-Encoding header allows."""
    offers = [part.partition(";q=") for part in accepted.lower().replace(" ", "").split(",")]
    allowed = {name for name, _, weight in offers if not weight or weight.strip("0.")}
    return next(name for name in ENCODINGS if name in allowed or not name)
