"""A mail server on loopback that keeps what it takes."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from pytest_django import Settings

from config.mail import mail_server

CONTACT = "integrasi@bkn.example"


@dataclass
class Mailbox:
    """A mail server's handler: what came, and what it answers to a recipient."""

    says: str = "250 OK"
    got: list[Any] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@contextmanager
def taking_mail(settings: Settings) -> Iterator[Mailbox]:
    """The operator has named this mail server, until the block ends."""
    handler = Mailbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        through(settings, controller.port)
        yield handler
    finally:
        controller.stop()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def through(settings: Settings, port: int) -> None:
    """Mail goes to that port of loopback."""
    settings.LINTAS_SMTP_URL = f"smtp://127.0.0.1:{port}"
    for name, value in mail_server(settings.LINTAS_SMTP_URL).items():
        setattr(settings, name, value)
