"""Django's one connection under another role of the database than the web's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.db import connections

if TYPE_CHECKING:
    from tests.conftest import Copies


@contextmanager
def as_role(copies: Copies, role: str) -> Iterator[None]:
    """Django's connection signs in as that role while the block lasts."""
    here = connections.settings["default"]
    before = {name: here[name] for name in ("USER", "PASSWORD")}
    url = urlsplit(getattr(copies.roles, role))
    connections.close_all()
    here |= {"USER": unquote(url.username or ""), "PASSWORD": unquote(url.password or "")}
    try:
        yield
    finally:
        connections.close_all()
        here |= before
