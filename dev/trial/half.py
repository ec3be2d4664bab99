"""Send half a request and wait: how long the server holds the connection, and what it says."""

from __future__ import annotations

import socket
import ssl
import sys
import time

LONGEST_S = 60


def main(host: str, ca: str) -> None:
    """Print the status that came back (0 for none) and the seconds until the end of the connection."""
    context = ssl.create_default_context(cafile=ca)
    began = time.monotonic()
    with (
        socket.create_connection((host, 443), timeout=LONGEST_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        head = f"POST /oauth/token HTTP/1.1\r\nHost: {host}\r\nContent-Length: 500\r\n\r\n"
        wrapped.sendall(head.encode() + b"{")
        answer = b""
        while part := wrapped.recv(4096):
            answer += part
    status = answer.split(b" ", 2)[1].decode() if answer.startswith(b"HTTP/") else "0"
    print(status, f"{time.monotonic() - began:.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
