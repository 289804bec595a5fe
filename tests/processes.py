"""For tests that start the site as processes of its own."""

import socket
import ssl
import time
import urllib.request


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(url: str | urllib.request.Request) -> None:
    """Until it answers 200; over https whoever has signed its certificate. Raises TimeoutError."""
    for _ in range(1500):
        try:
            urllib.request.urlopen(url, timeout=1, context=ssl._create_unverified_context()).close()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(url)
