"""The one erasable place: what was given and what the file said, version by version, and the answers we keep."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from casefiles.models import Payload

OWNERS: Final = frozenset({"casefile", "finding", "document", "prevention", "zero_report"})


def keep_answer(*, owner_kind: str, owner_id: UUID, body: bytes, now: datetime) -> int:
    """Keep the bytes of an accepted answer for replays; `owner_kind` is one of `OWNERS`.

    Returns the number under which `read_answer` finds them.
    """
    if owner_kind not in OWNERS:
        raise ValueError(f"{owner_kind!r} owns no answers.")
    owner: dict[str, Any] = {f"{owner_kind}_id": owner_id}
    return Payload.objects.create(answer=body, created_at=now, **owner).pk


def read_answer(number: int) -> bytes | None:
    """The kept bytes; None once they were erased."""
    found = Payload.objects.filter(pk=number).values_list("answer", flat=True).first()
    return None if found is None else bytes(found)
