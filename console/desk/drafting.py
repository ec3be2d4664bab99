"""Drafts: what one officer prepared and another of the agency performs, where the agency wants two for each act.

A draft waits for a week. Meanwhile it may be sent back with a remark, or withdrawn by who drafted it; it is performed
by `console.desk.acting`, in the transaction of the act. What was typed is kept encrypted, and gone when it is settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from agencies.actor import Actor, Drafted
from casefiles.models import Casefile
from console.desk import kept
from console.desk.acting import person_of
from console.desk.kept import NO_CASEFILE, Ticket
from console.models import Draft
from people import four_eyes
from people.models import Person

LIVES: Final = timedelta(days=7)
"""For so long a draft waits for somebody to perform it."""
REMARK_AT_MOST: Final = 1000
"""Characters of what somebody writes who sends a draft back."""
OPEN: Final = ("waits", "returned")
_REMARK: Final = "remark"


@dataclass(frozen=True, slots=True)
class Listed:
    """A draft as the inbox lists it. `number` is the casefile's, "" of a finding and of what is seen no more."""

    id: UUID
    transition: str
    number: str
    drafter: str
    is_mine: bool
    is_returned: bool
    drafted_at: datetime
    expires_at: datetime


def told_to(actor: Actor) -> dict[str, Any]:
    """What the summary of an act says of drafts: whether the agency wants two officers, and how long a draft waits."""
    return {"two": four_eyes.wanted_by(actor.agency_id), "days": LIVES.days}


def draft(ticket: Ticket, typed: Mapping[str, Sequence[str]], *, actor: Actor, now: datetime) -> UUID:
    """Keep what was typed as a draft of that officer's, once for each form; its id."""
    person, proved = person_of(actor), actor.proved
    if proved is None:
        raise TypeError("nobody drafts without a proof of who they are")
    Draft.objects.get_or_create(
        id=ticket.as_draft,
        defaults={
            "agency_id": actor.agency_id,
            "drafter_id": person,
            "casefile": ticket.casefile,
            "transition": ticket.transition,
            "version": ticket.version,
            "drafted_at": now,
            "factor": proved.factor,
            "proved_at": proved.at,
            "expires_at": now + LIVES,
            "kept": kept.encrypted(typed),
        },
    )
    return ticket.as_draft


def of_agency(ident: UUID, *, agency: int) -> Draft | None:
    """A draft of that agency's, with its people; None of any other."""
    rows = Draft.objects.select_related("drafter", "returned_by", "performer")
    return rows.filter(pk=ident, agency=agency).first()


def listed(actor: Actor, person: Person, *, now: datetime) -> Sequence[Listed]:
    """What waits for the agency's officers, soonest to expire first; what was sent back, for its drafter alone."""
    rows = Draft.objects.select_related("drafter").filter(agency=actor.agency_id, expires_at__gt=now)
    rows = rows.filter(Q(state="waits") | Q(state="returned", drafter=person)).order_by("expires_at", "pk")
    found = list(rows.defer("kept", "remark"))
    ids = {one.casefile for one in found} - {NO_CASEFILE}
    numbers = dict(Casefile.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", "number")) if ids else {}
    return [
        Listed(
            id=one.pk,
            transition=one.transition,
            number=numbers.get(one.casefile, ""),
            drafter=one.drafter.name,
            is_mine=one.drafter_id == person.pk,
            is_returned=one.state == "returned",
            drafted_at=one.drafted_at,
            expires_at=one.expires_at,
        )
        for one in found
    ]


def is_by_an_officer(row: Draft) -> bool:
    """Whether the drafter still acts for the agency: who has ended since lends nobody a second pair of eyes."""
    one = row.drafter
    return one.ended_at is None and one.role == "officer" and one.agency_id == row.agency_id


def performing(row: Draft, actor: Actor) -> Actor:
    """The officer who performs it, with the one who drafted it."""
    drafted = Drafted(person=row.drafter_id, at=row.drafted_at, factor=row.factor, proved_at=row.proved_at)
    if actor.proved is None:
        raise TypeError("nobody performs a draft without a proof of who they are")
    return replace(actor, proved=replace(actor.proved, drafted=drafted))


def typed_in(row: Draft) -> dict[str, list[str]]:
    """What the drafter typed, by name; empty where it is gone."""
    return kept.decrypted(row.kept) or {}


def remark_of(row: Draft) -> str:
    """Why it was sent back, "" where nobody did."""
    return "\n".join((kept.decrypted(row.remark) or {}).get(_REMARK, ()))


def send_back(row: Draft, by: Person, *, remark: str, now: datetime) -> bool:
    """Give it back to its drafter with a remark; False where it waits no more."""
    rows = Draft.objects.filter(pk=row.pk, state="waits", expires_at__gt=now)
    return bool(
        rows.update(state="returned", returned_by=by, settled_at=now, remark=kept.encrypted({_REMARK: [remark]}))
    )


def withdraw(row: Draft, by: Person, *, now: datetime) -> bool:
    """Take one's own draft back, which nobody performs any more; False where it was settled meanwhile."""
    rows = Draft.objects.filter(pk=row.pk, drafter=by, state__in=OPEN)
    return bool(rows.update(state="withdrawn", settled_at=now, kept=None, remark=None))


def forget_old(*, now: datetime) -> int:
    """Delete what was typed into drafts that have expired; how many those were."""
    return Draft.objects.filter(kept__isnull=False, expires_at__lte=now).update(kept=None, remark=None)
