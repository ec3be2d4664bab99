"""The one who calls: resolved once per request, handed down as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.ledger import Author, instant


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whose client it is that acts for another agency, and by which delegation. `until` is when that runs out."""

    code: str
    name: str
    delegation: UUID
    purposes: frozenset[str]
    until: datetime


@dataclass(frozen=True, slots=True)
class Drafted:
    """Who drafted what another performs: their id, when, and the second factor that they had given, and when."""

    person: UUID
    at: datetime
    factor: str
    proved_at: datetime


@dataclass(frozen=True, slots=True)
class Proved:
    """A person who acts at the desk: their id, and by which second factor they proved who they are, and when.

    `drafted` is the colleague who drafted the act, where the agency wants two for it.
    """

    person: UUID
    factor: str
    at: datetime
    drafted: Drafted | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A client acting for its agency. `ancestors` are the agency's parents, nearest first (primary keys).

    A vendor's client acts for the agency that delegated to it (`vendor`): agency, ancestors and time zone are then that
    agency's, roles and scopes those of the delegation.
    A person has no key (`proved`); whoever only reads has no proof either.
    """

    client_pk: int
    client_id: str
    agency_id: int
    agency_code: str
    agency_name: str
    roles: frozenset[str]
    scopes: frozenset[str]
    user_pk: int | None
    group_pk: int
    time_zone: str
    ancestors: tuple[int, ...]
    token_pk: int
    key_thumbprint: str | None
    default_purpose: str = "case_handling"
    signatures_required_from: datetime | None = None
    sender_constrained: bool = False
    vendor: Vendor | None = None
    proved: Proved | None = None

    def must_sign(self, *, now: datetime) -> bool:
        """Whether what the client writes now must carry a signature."""
        return self.signatures_required_from is not None and self.signatures_required_from <= now

    def as_recorder(self) -> Author:
        """Who records something that is no step of a casefile: a document, a key, a webhook, a reading.

        A command of the operator's has no key, and says that it is the operator's.
        """
        is_command = self.key_thumbprint is None and self.proved is None and "operator" in self.roles
        return self.as_party("operator" if is_command else "recorder")

    def as_party(self, party: str) -> Author:
        """Who acts as that party, as entries name them."""
        drafted = self.proved.drafted if self.proved else None
        return Author(
            party=party,
            agency=self.agency_code,
            client=self.client_id,
            key=self.key_thumbprint,
            vendor=self.vendor.code if self.vendor else None,
            delegation=str(self.vendor.delegation) if self.vendor else None,
            person=str(self.proved.person) if self.proved else None,
            factor=self.proved.factor if self.proved else None,
            proved_at=instant(self.proved.at) if self.proved else None,
            drafted_by=str(drafted.person) if drafted else None,
            drafted_at=instant(drafted.at) if drafted else None,
            drafter_factor=drafted.factor if drafted else None,
            drafter_proved_at=instant(drafted.proved_at) if drafted else None,
        )

    @property
    def keyed_as(self) -> str:
        """Under what its idempotency keys are kept: the client, and the agency where it acts for another than its own.

        A vendor that sends the same key for two employers means two requests.
        """
        return self.client_id if self.vendor is None else f"{self.client_id}\n{self.agency_code}"

    @property
    def is_auditor(self) -> bool:
        """Auditors read every file (less protected identities) and change nothing."""
        return "auditor" in self.roles
