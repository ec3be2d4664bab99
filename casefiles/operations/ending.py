"""The end of months of reads, on the order of two persons: which are due, which have to stay and why, and how they go.

A read says who looked at whose case. That is evidence, and personal, so nobody ends it alone: the order is of the kind
that erases a casefile, signed by two of the same persons. It ends all months up to its own, oldest first, each in a
transaction of its own with an entry of the log; where it was interrupted, the same order goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db import transaction

from agencies import personal_numbers
from audit import holds, months
from audit.holds import Hold
from audit.tlog.notes import VerifierKey
from casefiles.models import Casefile
from casefiles.operations import holding
from casefiles.operations.erasers import ErasureRefused, MonthsOrder, check_signatures, make_months_order


@dataclass(frozen=True, slots=True)
class Keeps:
    """What keeps a month: the numbers of the holds, and the reason in words; both empty where it may go."""

    holds: tuple[int, ...] = ()
    why: str = ""


def kept_by(part: months.Part, standing: Sequence[Hold]) -> Keeps:
    """What keeps that part: holds, or a casefile that is itself marked as held and that was read in it."""
    if found := holding.on_part(part, standing):
        return Keeps(tuple(hold.number for hold in found), holding.told(found))
    marked = list(Casefile.objects.filter(legal_hold=True).values_list("pk", flat=True))
    if marked and months.shows_one_of(part, marked):
        return Keeps(why="it shows a casefile that is marked as held")
    return Keeps()


def month_of(part: months.Part) -> str:
    """The last month of a part that has one, as `2026-11`."""
    return "" if part.until is None else f"{part.until - timedelta(days=1):%Y-%m}"


def due(*, cutoff: datetime | None, through: date | None = None) -> list[months.Part]:
    """The parts that are sealed and whose time is over, oldest first; with `through`, up to that first day after."""
    if cutoff is None:
        return []
    return [part for part in months.may_end(before=cutoff) if through is None or _day(part) <= through]


def order(
    *, through: date | None, cutoff: datetime | None, reason: str, basis: str, origin: str, now: datetime
) -> MonthsOrder:
    """An unsigned order to end what is due, up to the first month that is held; `through` ends it earlier.

    Raises `ErasureRefused`, for the same reasons for which `perform_order` would.
    """
    _names_nobody(basis)
    standing = holds.standing()
    going: list[months.Part] = []
    for part in due(cutoff=cutoff, through=through):
        if why := kept_by(part, standing).why:
            if not going:
                raise _held(part, why)
            break
        going.append(part)
    if not going:
        raise _nothing_due(cutoff)
    until = _day(going[-1])
    head = months.head_before(until)
    if head is None:
        raise _nothing_due(cutoff)
    reads = sum(months.reads_in(part) for part in going)
    return make_months_order(
        ident=uuid4(), origin=origin, until=until, reads=reads, head=head, reason=reason, basis=basis, now=now
    )


def perform_order(
    order: MonthsOrder,
    *,
    erasers: Mapping[str, VerifierKey],
    cutoff: datetime | None,
    origin: str,
    now: datetime,
    was_performed: bool = False,
) -> Iterator[str]:
    """End the months of the order; yields each month once it has ended. Needs the owner's role.

    Raises `ErasureRefused` unless two of the `erasers` signed it for this log, it is in time, the months are due, what
    it says of them is so, and none is held. Where a later month is held, those before it have ended. Raises
    OperationalError where the table is in use; the same order goes on later.
    """
    check_signatures(order, erasers, origin=origin, now=now, was_performed=was_performed)
    _names_nobody(order.basis)
    until = date.fromisoformat(order.until)
    going = [part for part in months.parts() if part.until is not None and _day(part) <= until]
    if not going:
        raise ErasureRefused("already-erased", f"The reads before {order.until} have ended already.")
    if not was_performed and due(cutoff=cutoff, through=until) != going:
        raise _nothing_due(cutoff)
    if months.head_before(until) != order.head or _day(going[-1]) != until:
        raise ErasureRefused(
            "changed", "The order names another head of the seals than this register has. Make a new one."
        )
    if not months.has_begun(order.id) and sum(months.reads_in(part) for part in going) != order.reads:
        raise ErasureRefused("changed", f"There are not {order.reads} reads before {order.until}. Make a new order.")
    for part in going:
        with transaction.atomic():
            if why := kept_by(part, holds.wait_for_holds()).why:
                raise _held(part, why)
            months.end(part, order=order.plain(), now=now)
        yield month_of(part)


def _names_nobody(basis: str) -> None:
    if personal_numbers.is_in(basis):
        raise ErasureRefused(
            "basis-names-person", "The legal basis holds what reads as a NIP or NIK; it stays for ever."
        )


def _day(part: months.Part) -> date:
    return date.max if part.until is None else part.until.date()


def _held(part: months.Part, why: str) -> ErasureRefused:
    return ErasureRefused("legal-hold", f"The reads of {month_of(part)} stay, and all after them: {why}.")


def _nothing_due(cutoff: datetime | None) -> ErasureRefused:
    if cutoff is None:
        return ErasureRefused("no-period", "LINTAS_READS_KEPT_MONTHS is not set: reads are kept for ever.")
    return ErasureRefused("not-due", f"Not all these reads are sealed and from before {cutoff:%Y-%m-%d}.")
