"""A step that concerns two casefiles: both are locked in the order of their ids, and both are written or neither."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.actor import Actor
from casefiles import deciding, flow
from casefiles.errors import Fault, InvalidGiven, NotVisible, StaleVersion
from casefiles.flow import Pair, Transition
from casefiles.law import open_book
from casefiles.loading import Loaded, load
from casefiles.loading_many import lock_many
from casefiles.models import Casefile
from casefiles.steps import RequestFacts
from casefiles.writing import write


def perform(
    row: Transition,
    pair: Pair,
    *,
    actor: Actor,
    casefile: UUID,
    given: Any,
    occurred_at: datetime | None,
    now: datetime,
    request: RequestFacts,
    expected_version: int | None,
) -> deciding.Performed:
    """Perform the row on the casefile and its counterpart on the other, in the caller's transaction.

    Raises as `transitions.perform` does, and `InvalidGiven` where the other is the same, or not the caller's to see.
    """
    peeked = load(casefile, actor=actor.agency_id, today=now.date())
    other = _other(pair, given, peeked, actor=actor)
    # No step names a partner that is gone: the wait for both comes before anything is judged.
    held = lock_many(one for one in (casefile, other) if one is not None)
    if casefile not in held:
        raise NotVisible
    mine = deciding.bring(casefile, given, actor=actor, occurred_at=occurred_at or now)
    if pair.which(given, mine.facts) != (str(other) if other else None):
        raise StaleVersion(mine.version)  # it moved on between the look and the lock
    law = open_book(calendar_version=mine.calendar_version)
    if other is None:
        deciding.decide(
            row, mine, given, actor=actor, law=law, occurred_at=occurred_at, now=now, request=request,
            expected_version=expected_version,
        )  # fmt: skip
        raise ValueError(f"{row.name} is permitted on one casefile, but concerns two")
    moment = occurred_at or max(now, mine.last_occurred_at)
    told = pair.tells(deciding.view(mine, actor=actor, law=law, now=now, occurred_at=moment), given)
    theirs = deciding.bring(other, told, actor=actor, occurred_at=moment)
    moment = occurred_at or max(moment, theirs.last_occurred_at)
    first = deciding.decide(
        row,
        mine,
        given,
        actor=actor,
        law=law,
        occurred_at=occurred_at,
        now=max(now, moment),
        request=request,
        expected_version=expected_version,
        other=deciding.view(theirs, actor=actor, law=law, now=now, occurred_at=moment),
    )
    second = deciding.decide(
        flow.ROWS[pair.row],
        theirs,
        told,
        actor=actor,
        law=law,
        occurred_at=occurred_at,
        now=max(now, moment),
        request=request,
        as_party=first.outcome.party,
    )
    write((first.step, second.step))
    return deciding.performed(first, law=law, actor=actor)


def _other(pair: Pair, given: Any, mine: Loaded, *, actor: Actor) -> UUID | None:
    named = pair.which(given, mine.facts)
    if named is None:
        return None
    other = UUID(named)
    if other == mine.id:
        raise InvalidGiven(
            (
                Fault(
                    "same-casefile",
                    "#/into",
                    "Perkara tidak dapat digabung dengan dirinya sendiri. Sebut id perkara lain.",
                    "A casefile cannot be merged with itself. Name another casefile's id.",
                ),
            )
        )
    seen = Casefile.objects.seen_by(actor, casefile=other)
    if seen is None or seen.is_former:
        raise _unknown()
    return other


def _unknown() -> InvalidGiven:
    return InvalidGiven(
        (
            Fault(
                "unknown-casefile",
                "#/into",
                "Tidak ada perkara dengan id ini bagi instansi Anda. Cari dengan GET /api/v1/casefiles?number=",
                "There is no casefile of this id for your agency. Search with GET /api/v1/casefiles?number=",
            ),
        )
    )
