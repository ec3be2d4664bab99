"""Succession: the cases of one mandate pass to the holder of another, all of them or none.

A protocol signed for both authorities names a disposition for every case: by its number, or by the state it is in.
Whatever it forgets is an orphan, and with an orphan nothing is handed over. The cases that go in are the cases that
come out, counted under their locks in the same transaction; the mandates' stream of the log keeps the protocol, the
counts and a digest of the list.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from agencies import mandates, system
from agencies.models import Mandate
from audit import ledger
from audit.requests import RequestFacts
from casefiles import flow
from casefiles.catalogue.law import local_day
from casefiles.errors import InvalidGiven
from casefiles.flow import CaseView, Party, Refused, State
from casefiles.flow.upkeep import FITS, HandOver, Protocol
from casefiles.identifiers import code_point, number_key, number_order, unwritable
from casefiles.models import Casefile, Payload
from casefiles.queries import CasefileQuerySet, by_number
from casefiles.transitions import perform

DISPOSITIONS = tuple(FITS)
BATCH = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The protocol that both authorities signed: its mandates, and the disposition of each case."""

    from_mandate: str
    to_mandate: str
    number: str
    date: date
    signed_by: tuple[str, ...]
    sha256: str | None = None
    by_state: Mapping[str, str] = field(default_factory=dict)
    by_number: Mapping[str, str] = field(default_factory=dict)
    expected: int | None = None
    occurred_at: datetime | None = None
    closed_too: bool = False


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came of it. `digest` is over the list of numbers, versions and dispositions, in the order of the numbers."""

    total: int
    by_disposition: Mapping[str, int]
    digest: str
    sealed: ledger.Sealed | None


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What still stands under a mandate that is not in force any more: nobody may act on it as its examiner.

    `orphans` are the open cases (number and state) in the order of their numbers, `closed` counts the closed ones,
    which nobody may reopen.
    """

    mandate: str
    agency: str
    ended_on: date
    orphans: tuple[tuple[str, str], ...]
    closed: int


def left_behind(*, now: datetime) -> tuple[LeftBehind, ...]:
    """All cases that ended mandates left behind, by mandate, the oldest first. Reads only."""
    ended = Mandate.objects.filter(valid_until__isnull=False).select_related("agency").order_by("valid_from")
    found = []
    for mandate in ended:
        if mandate.valid_until is None or local_day(now, mandate.agency.time_zone) < mandate.valid_until:
            continue
        cases = Casefile.objects.filter(mandate=mandate)
        orphans = cases.exclude(state=State.CLOSED).order_by(*by_number()).values_list("number", "state")
        closed = cases.filter(state=State.CLOSED).count()
        if orphans or closed:
            found.append(LeftBehind(mandate.code, mandate.agency.code, mandate.valid_until, tuple(orphans), closed))
    return tuple(found)


class HandOverRefused(Exception):
    """Nothing was handed over; `reasons` say all that stands against it."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class _Item:
    """One case on the list, as it stood when the list was made."""

    casefile: UUID
    number: str
    version: int
    disposition: str


def hand_over(
    *, protocol: Signed, now: datetime, only_check: bool = False, progress: Callable[[int], None] = lambda done: None
) -> HandedOver:
    """Hand every case of one mandate over, in one transaction. Raises `HandOverRefused` with every reason at once.

    `progress` is called after each batch with how many cases were handed over so far; none is until all are.
    """
    flow.digest()  # takes a second, once in a process: before anything is locked
    with transaction.atomic():
        old, new = _mandates(protocol, now=now)
        listed = _listed(protocol, old)
        counts = Counter(item.disposition for item in listed)
        digest = _digest((item.number, item.version, item.disposition) for item in listed)
        if only_check:
            return HandedOver(len(listed), dict(counts), digest, None)
        _perform(listed, protocol=protocol, now=now, progress=progress)
        left = _cases(old, closed_too=protocol.closed_too).count()
        if left:
            raise HandOverRefused([f"{left} case(s) would stay under {old.code}. Nothing was handed over."])
        sealed = ledger.append_open(
            stream=mandates.STREAM,
            kind="mandate.handed_over",
            given={
                "from": old.code,
                "to": new.code,
                "protocol": {"number": protocol.number, "date": protocol.date.isoformat(), "sha256": protocol.sha256},
                "signed_by": list(protocol.signed_by),
            },
            state={"cases": len(listed), "dispositions": dict(sorted(counts.items())), "sha256": digest},
            now=now,
        )
    return HandedOver(len(listed), dict(counts), digest, sealed)


def _mandates(protocol: Signed, *, now: datetime) -> tuple[Mandate, Mandate]:
    found = {
        mandate.code: mandate
        for mandate in Mandate.objects.select_related("agency").filter(
            code__in=[protocol.from_mandate, protocol.to_mandate]
        )
    }
    reasons = [
        f"There is no mandate {code!r}. See GET /api/v1/mandates."
        for code in (protocol.from_mandate, protocol.to_mandate)
        if code not in found
    ]
    if reasons:
        raise HandOverRefused(reasons)
    old, new = found[protocol.from_mandate], found[protocol.to_mandate]
    if old == new:
        reasons.append("The cases would pass to the mandate they stand under already.")
    if protocol.date > local_day(now, old.agency.time_zone):
        reasons.append(f"The protocol's date {protocol.date.isoformat()} lies in the future.")
    if unsigned := sorted({old.agency.code, new.agency.code} - set(protocol.signed_by)):
        reasons.append(f"Both authorities sign: {', '.join(unsigned)} did not.")
    if (unseen := unwritable(protocol.number)) is not None:
        reasons.append(f"The protocol's number holds {code_point(unseen)}, which nobody can see. Type it anew.")
    numbers = Counter(map(number_key, protocol.by_number))
    reasons += [f"{number} is named more than once." for number, times in numbers.items() if times > 1]
    unknown = {*protocol.by_state.values(), *protocol.by_number.values()} - set(DISPOSITIONS)
    if unknown:
        reasons.append(f"Unknown disposition {', '.join(sorted(unknown))}; there are {', '.join(DISPOSITIONS)}.")
    if protocol.occurred_at is not None and protocol.occurred_at > now:
        reasons.append(f"occurred_at ({protocol.occurred_at.isoformat()}) lies ahead; leave it out, or come back then.")
    if strange := sorted(set(protocol.by_state) - set(State)):
        reasons.append(f"Unknown state {', '.join(strange)}; there are {', '.join(State)}.")
    if reasons:
        raise HandOverRefused(reasons)
    return old, new


def _cases(mandate: Mandate, *, closed_too: bool) -> CasefileQuerySet:
    rows = Casefile.objects.filter(mandate=mandate)
    return rows if closed_too else rows.exclude(state=State.CLOSED)


def _listed(protocol: Signed, old: Mandate) -> list[_Item]:
    """Every case with its disposition. Raises `HandOverRefused` naming orphans on either side."""
    rows = list(
        _cases(old, closed_too=protocol.closed_too)
        .select_for_update()
        .order_by("pk")
        .values_list("pk", "number", "version", "state")
    )
    erased = set(
        Payload.objects.filter(casefile__in=[row[0] for row in rows], seq__gte=1, erased_at__isnull=False).values_list(
            "casefile", flat=True
        )
    )
    reasons = []
    items = []
    named = {number_key(number): disposition for number, disposition in protocol.by_number.items()}
    for pk, number, version, state in rows:
        disposition = named.get(number) or protocol.by_state.get(state)
        if pk in erased:
            reasons.append(f"{number}: its content was erased; only what is closed may stay behind.")
        elif disposition is None:
            reasons.append(f"{number} ({state}): the protocol says nothing of it.")
        elif State(state) not in FITS[disposition]:
            reasons.append(f"{number} ({state}): {disposition} fits only {', '.join(FITS[disposition])}.")
        else:
            items.append(_Item(pk, number, version, disposition))
    missing = sorted(set(named) - {row[1] for row in rows}, key=number_order)
    reasons += [f"{number}: the protocol names it, but no such case stands under {old.code}." for number in missing]
    if protocol.expected is not None and protocol.expected != len(rows):
        reasons.append(f"The protocol counts {protocol.expected} cases; the register holds {len(rows)}.")
    if reasons:
        raise HandOverRefused([*reasons, "Nothing was handed over."])
    return sorted(items, key=lambda item: number_order(item.number))


def _perform(listed: Sequence[_Item], *, protocol: Signed, now: datetime, progress: Callable[[int], None]) -> None:
    actor = system.operator("hand_over")
    request = RequestFacts(id=uuid4())
    dispositions = {str(item.casefile): item.disposition for item in listed}
    cited = Protocol(number=protocol.number, date=protocol.date, sha256=protocol.sha256)

    def given(case: CaseView) -> HandOver:
        return HandOver(mandate=protocol.to_mandate, disposition=dispositions[case.id], protocol=cited)

    done = 0
    for batch in _batches(sorted(item.casefile for item in listed)):
        _, refused = perform.perform_all(
            actor=actor,
            casefiles=batch,
            name="hand-over",
            given=given,
            occurred_at=protocol.occurred_at,
            now=now,
            request=request,
            as_party=Party.OPERATOR,
            mandate=protocol.to_mandate,
        )
        if refused:
            numbers = {item.casefile: item.number for item in listed}
            raise HandOverRefused([f"{numbers[casefile]}: {_spoken(why)}" for casefile, why in refused.items()])
        done += len(batch)
        progress(done)


def _spoken(why: Exception) -> str:
    if isinstance(why, Refused):
        return "; ".join(reason.en for reason in why.reasons)
    return "; ".join(fault.en for fault in why.faults) if isinstance(why, InvalidGiven) else repr(why)


def _batches(casefiles: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for begin in range(0, len(casefiles), BATCH):
        yield casefiles[begin : begin + BATCH]


def _digest(rows: Iterable[tuple[str, int, str]]) -> str:
    return hashlib.sha256(ledger.canonical([list(row) for row in rows])).hexdigest()
