"""What travels along the write path, as frozen values: the act, what becomes of turn and sight, the step to store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agencies.actor import Actor
from audit.ledger import Sealed
from audit.requests import RequestFacts
from casefiles.file import CaseFile
from casefiles.flow import AgencyView, Party, ReferralView, Transition
from casefiles.transitions.columns import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Somebody performs a row.

    `occurred_at` is when it happened as far as that was said, `now` when it is recorded. A command says as which
    `party` it acts; of a door's act it is known once it is decided. Where the operator writes down what a party did
    long ago, `stands_for` is that party: the rules judge its act, and the entry names the operator, who tells it.
    """

    row: Transition
    actor: Actor
    given: Any
    occurred_at: datetime | None
    now: datetime
    request: RequestFacts
    party: Party | None = None
    stands_for: Party | None = None

    @property
    def moment(self) -> datetime:
        """When it happened: as was said, else as it is recorded."""
        return self.occurred_at or self.now


@dataclass(frozen=True, slots=True)
class Opened:
    """The referral that a step opens."""

    id: UUID
    purpose: str
    party: str
    from_agency: int
    to_agency: int
    clock_from: date
    due_on: date
    due_at: datetime
    time_zone: str
    rule: dict[str, Any]
    continues: UUID | None
    original_due_on: date
    missed_due_on: date | None = None
    # Whose levels of the ladder it stands on: those of the clock that starts after this day. Not stored.
    climbed_by: date | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The referral that a step answers; `voided` where it was addressed wrongly and its delay counts for nobody."""

    id: UUID
    by: int
    days_late: int
    status: str = "answered"


@dataclass(frozen=True, slots=True)
class Moved:
    """The open referral whose due day a step moves."""

    id: UUID
    due_on: date
    due_at: datetime
    paused_days: int
    rule: Mapping[str, Any]
    clock_from: date
    missed_due_on: date | None


@dataclass(frozen=True, slots=True)
class Rings:
    """When the clock has something to do on the open referral (None: never), and by which law that was reckoned."""

    id: UUID
    at: datetime | None
    law: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnChange:
    """What becomes of whose turn it is: a referral opened, kept, moved or answered, and earlier ones voided.

    `rings` where the clock comes at another instant than before.
    """

    opens: Opened | None
    keeps: ReferralView | None
    moves: Moved | None
    answers: Answered | None
    voided: tuple[UUID, ...]
    rings: Rings | None = None

    @property
    def open_referral(self) -> UUID | None:
        """The referral that is open afterwards."""
        if self.opens is not None:
            return self.opens.id
        return UUID(self.keeps.id) if self.keeps is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SightChange:
    """Who sees the casefile from the step on, and who no longer does; `forgets`: not even what was."""

    sees: tuple[AgencyView, ...]
    unsees: tuple[AgencyView, ...]
    forgets: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document joined to the casefile by a step."""

    document: UUID
    salt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Everything one step writes; version 1 creates the casefile."""

    act: Act
    from_state: str
    columns: Columns
    facts: CaseFile
    facts_salt: bytes
    given: dict[str, Any]
    given_salt: bytes
    turn: TurnChange
    sight: SightChange
    attachments: tuple[Attachment, ...]
    sealed: Sealed

    @property
    def casefile(self) -> UUID:
        """The casefile whose step it is."""
        return self.columns.id
