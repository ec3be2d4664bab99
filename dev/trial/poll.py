"""Ask an address again and again, each time on a new connection; at the end say how long it was without an answer."""

from __future__ import annotations

import http.client
import json
import signal
import ssl
import sys
import time
from types import FrameType

EVERY_S = 0.05


def ask(host: str, path: str, context: ssl.SSLContext) -> bool:
    """Whether it answers with 200."""
    connection = http.client.HTTPSConnection(host, timeout=10, context=context)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(host: str, path: str, ca: str) -> None:
    """Poll until SIGTERM; print `asked`, `refused` and the longest time without an answer in seconds as JSON."""
    over: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        over.append(number)

    signal.signal(signal.SIGTERM, end)
    context = ssl.create_default_context(cafile=ca)
    asked = refused = 0
    longest, last = 0.0, time.monotonic()
    while not over:
        asked += 1
        if ask(host, path, context):
            now = time.monotonic()
            longest, last = max(longest, now - last), now
        else:
            refused += 1
        time.sleep(EVERY_S)
    print(json.dumps({"asked": asked, "refused": refused, "longest_s": round(longest, 2)}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
