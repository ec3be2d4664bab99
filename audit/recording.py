"""A row that is no casefile, and what becomes of it: a stream of the log of its own, named by the row's id.

An entry's `record` is the digest of the row's columns. `after` commits to the same under a salt that lies in the row.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings

from audit import evidence, ledger
from audit.ledger import Author, Sealed
from audit.requests import RequestFacts


class Row(Protocol):
    """A stored row of a model with a UUID as its key and a column `salt`."""

    pk: Any
    salt: Any

    def save(self, *, update_fields: Iterable[str]) -> None:
        """Store the named columns."""


def by_operator(command: str) -> Author:
    """What a command or a process of the operator did or found."""
    return Author(party="operator", agency=settings.LINTAS_OPERATOR, client=command)


def record(
    kind: str,
    row: Row,
    columns: Iterable[str],
    *,
    author: Author,
    now: datetime,
    request: RequestFacts | None = None,
    is_first: bool = False,
) -> Sealed:
    """Append the entry inside the transaction that stored the row; keep its salt, and what proves the request."""
    values = {name: plain(getattr(row, name)) for name in columns}
    state = ledger.commit(values)
    row.salt = state.salt
    row.save(update_fields=("salt",))
    sealed = ledger.append_committed(
        stream=row.pk,
        kind=kind,
        state=state,
        record=ledger.digest_of(values),
        now=now,
        author=author,
        request=request,
        is_first=is_first,
    )
    if request is not None:
        evidence.keep(request.signed, request_id=request.id, now=now)
    return sealed


def plain(value: Any) -> Any:
    """A column as the digest reads it: instants as entries spell them, days by ISO 8601, ids as text."""
    if isinstance(value, datetime):
        return ledger.instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
