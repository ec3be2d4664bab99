"""The one erasable place: what was given and what the file said, version by version, and the answers we keep."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from casefiles.models import HukdisHandover, Payload

OWNERS: Final = frozenset({"casefile", "finding", "document", "prevention", "zero_report", "snapshot", "hukdis"})


def keep_answer(*, owner_kind: str, owner_id: UUID, body: bytes, now: datetime) -> tuple[str, dict[str, Any]]:
    """A table `answer` for a statement, with its parameters: keeps the bytes of an accepted answer for replays.

    Its `id` is the number under which `read_answer` finds them; `owner_kind` is one of `OWNERS`.
    """
    if owner_kind not in OWNERS:
        raise ValueError(f"{owner_kind!r} owns no answers.")
    return _KEEP.format(owner=owner_kind), {"answer_owner": owner_id, "answer_body": body, "answer_at": now}


_KEEP = """
answer AS (
    INSERT INTO casefiles_payload ({owner}_id, seq, answer, nip, name_key, created_at)
    VALUES (%(answer_owner)s, 0, %(answer_body)s, '', '', %(answer_at)s) RETURNING id
)
"""


def shown_by(owner_kind: str, owner_id: UUID) -> UUID:
    """What a kept answer shows, as the record of reads names it: its owner, or the casefile that was handed over."""
    if owner_kind == "hukdis":
        casefile: UUID = HukdisHandover.objects.values_list("casefile", flat=True).get(pk=owner_id)
        return casefile
    return owner_id


def read_answer(number: int) -> bytes | None:
    """The kept bytes; None once they were erased."""
    found = Payload.objects.filter(pk=number).values_list("answer", flat=True).first()
    return None if found is None else bytes(found)
