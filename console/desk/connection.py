"""The desk's own connection: what people do to a case is stored as a role that may store it, and nothing else is.

The domain asks Django's one connection. While the block lasts that is the desk's, in this thread alone; pages, sessions
and the record of reads never see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

ALIAS: Final = "desk"


def is_open() -> bool:
    """Whether this console has a connection to act over."""
    return bool(getattr(settings, "LINTAS_DESK_IS_OPEN", False))


@contextmanager
def as_desk() -> Iterator[None]:
    """Whatever asks the database meanwhile asks as the desk."""
    reading = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[ALIAS]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = reading


@contextmanager
def storing() -> Iterator[None]:
    """One transaction of the desk's role; an exception takes it back."""
    with as_desk(), transaction.atomic():
        yield
