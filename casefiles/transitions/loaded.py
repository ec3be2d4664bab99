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
from casefiles.flow.offices import above
from casefiles.transitions import columns
from casefiles.transitions.columns import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What bears on a casefile and is not in its own row: agencies, mandates, documents, the calendar.

    `superiors` are the offices above the submitting one, `auditors` the agencies of that role, by primary key.
    """

    agencies: Mapping[int, AgencyView]
    mandate: MandateView | None
    named_mandate: MandateView | None
    named_mandate_pk: int | None
    every_mandate: tuple[MandateView, ...]
    superiors: frozenset[int]
    documents: Mapping[str, DocumentView]
    auditors: frozenset[int]
    calendar_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A locked casefile as it stands. One that no step was written of yet has version 0 and no `head`."""

    columns: Columns
    facts: CaseFile
    head: Head | None
    last_occurred_at: datetime
    context: Context
    sighted: frozenset[int] = frozenset()
    referral: ReferralView | None = None
    past_referrals: tuple[Mapping[str, Any], ...] = ()
    # Reporter and witnesses, as the finding holds them: shown to submitter and examiner only (`sight.project`).
    identities: Mapping[str, Any] | None = None
    # The preventions of the officer with NIP `prevented`, for the examiner and auditors; None for everybody else.
    preventions: tuple[Mapping[str, Any], ...] | None = None
    prevented: str = ""
    # The agency of the last step, and which party has opened which version (`first_readings`), oldest first.
    written_by: int | None = None
    opened: tuple[Mapping[str, Any], ...] = ()

    @property
    def id(self) -> UUID:
        """The casefile's id."""
        return self.columns.id

    @property
    def version(self) -> int:
        """The number of its last step."""
        return self.columns.version

    @property
    def state(self) -> State | None:
        """Where it stands; nowhere before its first step."""
        return State(self.columns.state) if self.columns.state else None

    @property
    def came_from(self) -> State | None:
        """The state it goes back to."""
        return State(self.columns.came_from) if self.columns.came_from else None

    def agency(self, code: str) -> AgencyView | None:
        """The agency of that code among those that were brought along."""
        return next((agency for agency in self.context.agencies.values() if agency.code == code), None)

    def with_role(self, role: str) -> tuple[AgencyView, ...]:
        """The agencies of that role among those that were brought along."""
        return tuple(agency for agency in self.context.agencies.values() if role in agency.roles and agency.in_force)


def loaded_of(row: Mapping[str, Any], head: Head, *, context: Context) -> Loaded:
    """A casefile from what its own rows say (`OWN` and `PAST`, as JSON) and what bears on it."""
    return Loaded(
        columns=columns.read(row),
        facts=row["facts"],
        head=head,
        last_occurred_at=datetime.fromisoformat(row["occurred_at"]),
        context=context,
        sighted=frozenset(row["sighted"]),
        referral=_referral(row["referral"], context.agencies) if row["referral"] else None,
        past_referrals=tuple(row["past"]),
        # Asked for where the casefile is shown or acted on by itself.
        preventions=None if row.get("preventions") is None else tuple(row["preventions"]),
        prevented=row.get("nip", ""),
        identities=row.get("identities"),
        written_by=row["written_by"],
        opened=tuple(row["opened"]),
    )


def superiors(pk: int, agencies: Mapping[int, AgencyView]) -> frozenset[int]:
    """The agencies above that one among those that were brought along."""
    return frozenset(agency.pk for agency in above(agencies.get(pk), agencies.values()))


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
        ended_on=item["valid_until"],
        heirs=tuple(heir["agency"] for heir in item["heirs"]),
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
        opened_in=item["opened_seq"],
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
