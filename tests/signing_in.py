"""Django's one connection under another role of the database than the web's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.db import connections
from django.test import override_settings

from tests import sessions

if TYPE_CHECKING:
    from tests.conftest import Copies


@contextmanager
def as_role(copies: Copies, role: str) -> Iterator[None]:
    """Django's connection signs in as that role while the block lasts."""
    here = connections.settings["default"]
    before = {name: here[name] for name in ("USER", "PASSWORD")}
    url = urlsplit(getattr(copies.roles, role))
    sessions.leave()
    here |= {"USER": unquote(url.username or ""), "PASSWORD": unquote(url.password or "")}
    sessions.come()
    try:
        yield
    finally:
        sessions.leave()
        here |= before
        sessions.come()


@contextmanager
def with_a_desk(copies: Copies) -> Iterator[None]:
    """The console's second connection, to the database that Django's first one uses now."""
    url = urlsplit(copies.roles.desk)
    own = {"USER": unquote(url.username or ""), "PASSWORD": unquote(url.password or "")}
    connections.settings["desk"] = {**connections.settings["default"], **own}
    try:
        with override_settings(LINTAS_DESK_IS_OPEN=True):
            yield
    finally:
        connections.close_all()
        del connections.settings["desk"]
        # Django would go on with the one that it has, on this database.
        with suppress(AttributeError):
            del connections["desk"]
