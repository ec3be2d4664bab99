"""A casefile as it was brought from the database: what its own rows say, and what lies around it, as the guards see it.

Asks no database; `loading` and `loading_many` do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from audit.ledger import Head
from casefiles.file import CaseFile
from casefiles.flow import AgencyView, DocumentView, MandateView, Party, ReferralView, State


@dataclass(frozen=True, slots=True)
class Loaded:
    """A locked casefile as it stands."""

    id: UUID
    number: str
    finding: UUID
    version: int
    state: State
    came_from: State | None
    mandate_pk: int | None
    submitter: int
    examiner: int
    employer: int | None
    addressee: int | None
    election: str
    forms: tuple[str, ...]
    violation_class: str
    overdue_level: int
    data_block: str
    legal_hold: bool
    created_at: datetime
    recorded_at: datetime
    facts: CaseFile
    head: Head
    last_occurred_at: datetime
    referral: ReferralView | None
    past_referrals: tuple[Mapping[str, Any], ...]
    mandate: MandateView | None
    named_mandate: MandateView | None
    named_mandate_pk: int | None
    every_mandate: tuple[MandateView, ...]
    superiors: frozenset[int]
    agencies: Mapping[int, AgencyView]
    documents: Mapping[str, DocumentView]
    sighted: frozenset[int]
    auditors: frozenset[int]
    calendar_version: str | None
    # Reporter and witnesses, as the finding holds them: shown to submitter and examiner only (`sight.project`).
    identities: Mapping[str, Any] | None
    # The preventions of the officer with NIP `prevented`, for the examiner and auditors; None for everybody else.
    preventions: tuple[Mapping[str, Any], ...] | None
    prevented: str

    def agency(self, code: str) -> AgencyView | None:
        """The agency of that code among those that were brought along."""
        return next((agency for agency in self.agencies.values() if agency.code == code), None)

    def with_role(self, role: str) -> tuple[AgencyView, ...]:
        """The agencies of that role among those that were brought along."""
        return tuple(agency for agency in self.agencies.values() if role in agency.roles and agency.in_force)


@dataclass(frozen=True, slots=True)
class Around:
    """What is not the casefile's own, as it bears on it."""

    agencies: Mapping[int, AgencyView]
    mandate: MandateView | None
    named_mandate: MandateView | None
    named_mandate_pk: int | None
    every_mandate: tuple[MandateView, ...]
    superiors: frozenset[int]
    documents: Mapping[str, DocumentView]
    auditors: frozenset[int]
    calendar_version: str | None


def loaded_of(said: Mapping[str, Any], head: Head, *, around: Around) -> Loaded:
    """A casefile from what its own rows say (`OWN` and `PAST`, as JSON) and what lies around it."""
    return Loaded(
        id=UUID(said["id"]),
        number=said["number"],
        finding=UUID(said["finding"]),
        version=said["version"],
        state=State(said["state"]),
        came_from=State(said["came_from"]) if said["came_from"] else None,
        mandate_pk=said["mandate_pk"],
        submitter=said["submitter"],
        examiner=said["examiner"],
        employer=said["employer"],
        addressee=said["addressee"],
        election=said["election"],
        forms=tuple(said["forms"]),
        violation_class=said["violation_class"],
        overdue_level=said["overdue_level"],
        data_block=said["data_block"],
        legal_hold=said["legal_hold"],
        created_at=datetime.fromisoformat(said["created_at"]),
        recorded_at=datetime.fromisoformat(said["updated_at"]),
        facts=said["facts"],
        head=head,
        last_occurred_at=datetime.fromisoformat(said["occurred_at"]),
        referral=_referral(said["referral"], around.agencies) if said["referral"] else None,
        past_referrals=tuple(said["past"]),
        mandate=around.mandate,
        named_mandate=around.named_mandate,
        named_mandate_pk=around.named_mandate_pk,
        every_mandate=around.every_mandate,
        superiors=around.superiors,
        agencies=around.agencies,
        documents=around.documents,
        sighted=frozenset(said["sighted"]),
        auditors=around.auditors,
        calendar_version=around.calendar_version,
        # Asked for where the casefile is shown or acted on by itself.
        preventions=None if said.get("preventions") is None else tuple(said["preventions"]),
        prevented=said.get("nip", ""),
        identities=said.get("identities"),
    )


def above(pk: int, agencies: Mapping[int, AgencyView]) -> frozenset[int]:
    """The agencies above that one, up to the highest that is known."""
    found: set[int] = set()
    one = agencies.get(pk)
    while one is not None and one.parent is not None and one.parent not in found:
        found.add(one.parent)
        one = agencies.get(one.parent)
    return frozenset(found)


def agency_view(item: Mapping[str, Any]) -> AgencyView:
    """An agency as the guards see it, from a JSON row."""
    return AgencyView(
        pk=item["pk"],
        code=item["code"],
        name=item["name"],
        roles=frozenset(item["roles"]),
        level=item["level"],
        region=item["region"],
        time_zone=item["time_zone"],
        in_force=item["in_force"],
        parent=item["parent"],
    )


def mandate_view(item: Mapping[str, Any]) -> MandateView:
    """A mandate as the guards see it, from a JSON row."""
    return MandateView(
        code=item["code"],
        agency=item["agency"],
        valid_from=date.fromisoformat(item["valid_from"]),
        valid_until=date.fromisoformat(item["valid_until"]) if item["valid_until"] else None,
        caretaker=item["caretaker"],
        verification_required=item["verification_required"],
        legal_basis=item["legal_basis"],
        agency_name=item["agency_name"],
    )


def _referral(item: Mapping[str, Any], agencies: Mapping[int, AgencyView]) -> ReferralView:
    holder = agencies.get(item["to_agency_id"])
    return ReferralView(
        id=item["id"],
        purpose=item["purpose"],
        party=Party(item["party"]),
        to=holder.code if holder else "",
        opened_at=datetime.fromisoformat(item["opened_at"]),
        clock_from=date.fromisoformat(item["clock_from"]),
        due_on=date.fromisoformat(item["due_on"]),
        due_at=datetime.fromisoformat(item["due_at"]),
        rule=item["rule"],
        time_zone=item["time_zone"],
        original_due_on=date.fromisoformat(item["original_due_on"]),
        missed_due_on=date.fromisoformat(item["missed_due_on"]) if item["missed_due_on"] else None,
    )


def document_view(item: Mapping[str, Any]) -> DocumentView:
    """A descriptor as the guards see it, from a JSON row."""
    return DocumentView(
        id=item["id"],
        type=item["type"],
        number=item["number"],
        date=date.fromisoformat(item["date"]) if item["date"] else None,
        sha256=item["sha256"],
        size=item["size"],
        owner=item["owner"],
    )
