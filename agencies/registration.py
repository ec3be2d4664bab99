"""Taking agencies into the register, each with the group that will hold its rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from agencies.entries import EMPTY, AgencyEntry, FormerName, Heir, both, facts_of, faults_of
from agencies.models import Agency
from audit.ledger import Author
from audit.together import Told, append_together

REGISTERED = "agency.registered"


class RegistrationRefused(ValueError):
    """It cannot be registered like this. `reasons` holds every sentence about what to mend, not only the first."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class RegisteredAgency:
    """An agency as it stands after the act."""

    agency_id: int
    code: str
    group_pk: int


def register_agency(entry: AgencyEntry, *, now: datetime, author: Author | None = None) -> RegisteredAgency:
    """Registers an agency and writes `agency.registered` into its own stream.

    Raises `RegistrationRefused`. A code is never used again, not even by a successor of the same name.
    """
    return register_agencies((entry,), now=now, author=author)[0]


def register_agencies(
    entries: Sequence[AgencyEntry], *, now: datetime, author: Author | None = None
) -> list[RegisteredAgency]:
    """Registers agencies as `register_agency` does, all of them or none. A parent may be among them."""
    reasons = [fault for entry in entries for fault in faults_of(entry)]
    own = {entry.code for entry in entries}
    with transaction.atomic():
        named = own | {entry.parent for entry in entries if entry.parent is not None}
        known = {row.code: row for row in Agency.objects.filter(code__in=named)}
        for entry in entries:
            if entry.parent is not None and entry.parent not in own | known.keys():
                reasons.append(
                    both(
                        f"Tidak ada instansi {entry.parent!r} untuk menjadi induk: daftarkan dahulu.",
                        f"There is no agency {entry.parent!r} to be the parent: register it first.",
                    )
                )
            if entry.code in known:
                reasons.append(
                    both(
                        f"Kode {entry.code!r} sudah dipakai; kode tidak pernah dipakai ulang.",
                        f"The code {entry.code!r} belongs to an agency already; a code is never reused.",
                    )
                )
        if reasons:
            raise RegistrationRefused(*reasons)
        agencies, told = store(entries, known=known, now=now)
        append_together(told, author=author, now=now)
    return [RegisteredAgency(agency_id=row.pk, code=row.code, group_pk=row.group_id) for row in agencies]


def store(
    entries: Sequence[AgencyEntry], *, known: Mapping[str, Agency], now: datetime
) -> tuple[list[Agency], list[Told]]:
    """Store agencies that were checked, parents before children; what the log is to be told of each.

    `known` are the agencies of the register that may be parents, by code. Must run inside the transaction that appends
    what is to be told. The number of statements follows the depth of the tree, not the number of agencies.
    """
    parents, stored = dict(known), []
    for rank in _ranks(entries):
        groups = Group.objects.bulk_create([Group(name=f"agency:{entry.code}") for entry in rank])
        rows = [
            Agency(
                code=entry.code,
                name=entry.name,
                roles=list(entry.roles),
                level=entry.level,
                region=entry.region,
                parent=parents[entry.parent] if entry.parent is not None else None,
                time_zone=entry.time_zone,
                valid_from=entry.valid_from,
                valid_until=entry.valid_until,
                **_optional(facts_of(entry)),
                group=group,
            )
            for entry, group in zip(rank, groups, strict=True)
        ]
        bulk_create_with_history(rows, Agency, batch_size=500, default_date=now)
        parents |= {row.code: row for row in rows}
        stored += rows
    told = [Told(row.stream, REGISTERED, state(row), {**state(row), "clients": []}, is_new=True) for row in stored]
    return stored, told


def state(agency: Agency) -> dict[str, Any]:
    """The public facts of an agency, as its entries commit to them."""
    return facts_of(entry_of(agency))


def entry_of(agency: Agency) -> AgencyEntry:
    """An agency of the register as it would be written down."""
    return AgencyEntry(
        code=agency.code,
        name=agency.name,
        roles=tuple(agency.roles),
        level=agency.level,
        region=agency.region,
        parent=agency.parent.code if agency.parent is not None else None,
        time_zone=agency.time_zone,
        valid_from=agency.valid_from,
        valid_until=agency.valid_until,
        former_names=[FormerName(old["name"], date.fromisoformat(old["until"])) for old in agency.former_names],
        heirs=[Heir(heir["agency"], heir["kind"], date.fromisoformat(heir["on"])) for heir in agency.heirs],
        legal_basis=agency.legal_basis,
        source=agency.source,
        certainty=agency.certainty,
    )


def _optional(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts.get(name, value) for name, value in EMPTY.items()}


def _ranks(entries: Sequence[AgencyEntry]) -> Iterator[list[AgencyEntry]]:
    """The entries in groups, so that no parent stands in the group of its child or a later one."""
    waiting = {entry.code: entry for entry in entries}
    while waiting:
        rank = [entry for entry in waiting.values() if entry.parent not in waiting]
        if not rank:
            raise ValueError("The parents of these agencies form a circle.")
        yield rank
        for entry in rank:
            del waiting[entry.code]
