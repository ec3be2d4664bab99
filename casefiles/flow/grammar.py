"""The grammar in which the flow is written: what a row can say, and the questions one may ask of it.

Pure: no model, no database, no clock. A row (`Transition`) names who may take the case from where to where, what they
must give, what must hold, what becomes of the file and whose turn it is next. `judging.decide` turns a view of the
casefile and what was given into an `Outcome`, or into every reason why not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Protocol, TypeAlias

from casefiles.errors import Fault
from casefiles.file import Attached, CaseFile, Classified, Contest, Stage, Violation, ViolationStated, Warned
from casefiles.file import Changes as FileChanges

Facts: TypeAlias = CaseFile
Changes: TypeAlias = FileChanges


class State(StrEnum):
    """Where a casefile stands. A stored fact: add one slowly."""

    SUBMITTED = "submitted"
    IDENTITY_REQUESTED = "identity_requested"
    RETURNED = "returned"
    UNDER_EXAMINATION = "under_examination"
    RECOMMENDED = "recommended"
    AWAITING_SANCTION = "awaiting_sanction"
    DISPUTED = "disputed"
    SANCTION_REPORTED = "sanction_reported"
    CONTESTED = "contested"
    CLOSED = "closed"


OutcomeName: TypeAlias = Literal[
    "sanctioned", "not_proven", "terminated", "redirected", "rejected", "withdrawn", "merged", "annulled"
]

OPEN = tuple(state for state in State if state is not State.CLOSED)


class Party(StrEnum):
    """What an agency is to one casefile; one agency may be several.

    A superior office is an ancestor of the submitting office: it reads, and may move the custody inside Bawaslu.
    """

    SUBMITTER = "submitter"
    EXAMINER = "examiner"
    SUPERIOR_OFFICE = "superior_office"
    EMPLOYER = "employer"
    ADDRESSEE = "addressee"
    APPEAL_BOARD = "appeal_board"
    CIVIL_SERVICE_AGENCY = "civil_service_agency"
    OVERSIGHT = "oversight"
    CLOCK = "clock"
    OPERATOR = "operator"


class Clock(StrEnum):
    """How the next deadline is counted."""

    FRESH = "fresh"
    RUNS_ON = "runs_on"
    RESUMES = "resumes"


class Target(StrEnum):
    """A target that is no fixed state."""

    SAME = "same"
    CAME_FROM = "came_from"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a transition may not happen, in both languages, and what would mend it."""

    code: str
    id: str
    en: str
    pointer: str = ""
    resolve_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn a state is, and for what; the referral that a transition into it opens."""

    party: Party
    purpose: str


@dataclass(frozen=True, slots=True)
class Referral:
    """What a row opens. Without `to` and `purpose` they follow from the state reached (`turn_in`).

    `runs_from` gives the local day the clock starts after; by default the day the step occurred. `again` says of a
    fresh clock that the same is asked of the same agency once more: a due day that it missed stays missed. The time in
    between counts where its clock would have run on, and does not where it would have resumed.
    """

    to: Party | None = None
    purpose: str | None = None
    clock: Clock | Callable[[Any], Clock] = Clock.FRESH
    rule: Callable[[Any], str] | None = None
    runs_from: Callable[[CaseView, Any], date] | None = None
    again: Clock | None = None


@dataclass(frozen=True, slots=True)
class NewDue:
    """The open referral stays; its due day moves.

    `paused_days` are what the examiner granted, counted apart; `rule` says how the new day came about; `clock_from` is
    the day the clock starts after, where that day itself was corrected.
    """

    due_on: date
    paused_days: int = 0
    rule: Mapping[str, Any] | None = None
    clock_from: date | None = None


@dataclass(frozen=True, slots=True)
class AgencyView:
    """An agency as the guards see it: since when (ISO 8601) it is gone, and the codes of who took over from it."""

    pk: int
    code: str
    name: str
    roles: frozenset[str]
    level: str
    region: str
    time_zone: str
    in_force: bool = True
    parent: int | None = None
    ended_on: str | None = None
    heirs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MandateView:
    """A mandate to examine, and its holder."""

    code: str
    agency: str
    valid_from: date
    valid_until: date | None
    caretaker: bool
    verification_required: bool
    legal_basis: str = ""
    agency_name: str = ""

    def in_force(self, *, on: date) -> bool:
        """Whether that day lies in the half-open period [valid_from, valid_until)."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True, slots=True)
class ReferralView:
    """The open referral: `original_due_on` is the due day as it was first counted, `missed_due_on` the first one that
    had passed when the day was moved, `opened_in` the version that opened it.
    """

    id: str
    purpose: str
    party: Party
    to: str
    opened_at: datetime
    clock_from: date
    due_on: date
    due_at: datetime
    rule: Mapping[str, Any]
    time_zone: str = "Asia/Jakarta"
    original_due_on: date | None = None
    missed_due_on: date | None = None
    opened_in: int = 1

    @property
    def late_from(self) -> date:
        """The due day that a delay is counted from: the first that had passed when it was moved, else the present."""
        return self.missed_due_on or self.due_on


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A descriptor named in what was given."""

    id: str
    type: str
    number: str
    date: date | None
    sha256: str
    size: int
    owner: str

    @property
    def listed(self) -> Attached:
        """The document as the file lists it."""
        return {
            "id": self.id,
            "type": self.type,
            "number": self.number or None,
            "date": self.date.isoformat() if self.date else None,
            "sha256": self.sha256,
            "size": self.size,
            "owner": self.owner,
        }


@dataclass(frozen=True, slots=True)
class DuplicateView:
    """A casefile that may be the same matter, and why (`casefiles.transitions.duplicates`)."""

    id: str
    number: str
    state: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LadderLevel:
    """One level of the escalation ladder, reckoned for one due day.

    It is reached at the instant `reached_at`, which begins the holder's local day `reached_on`. `act` is the measure
    that goes with it, taken by `by_role`; `sees` are the roles that see the file from then on; after `last` nothing
    more can be done.
    """

    level: int
    code: str
    act: str | None
    by_role: str
    sees: tuple[str, ...]
    last: bool
    reached_on: date
    reached_at: datetime


class Law(Protocol):
    """The catalogue and calendar as the guards need them (`casefiles.catalogue.law`)."""

    def classify(self, violation: ViolationStated, finding: Mapping[str, Any]) -> Classified:
        """Class, annex item, basis and reasoning of one violation of that finding."""
        ...

    def unknown_region(self, code: str) -> Fault | None:
        """That nobody has this code of a region, with the nearest ones."""
        ...

    def place_warnings(self, violations: Sequence[ViolationStated], finding: Mapping[str, Any]) -> list[Warned]:
        """What is doubtful about the places of these violations: not looked up, or copied from the register number."""
        ...

    def stage_at_act(self, violation: ViolationStated, finding: Mapping[str, Any]) -> Stage | None:
        """The stage of its contest on the first day of one violation, as the file keeps it."""
        ...

    def stage_warnings(self, violations: Sequence[Violation], finding: Mapping[str, Any]) -> list[Warned]:
        """Acts that lie before the first stage of their contest."""
        ...

    def late_warnings(self, finding: Mapping[str, Any]) -> list[Warned]:
        """That the finding was set or sent late."""
        ...

    def contest_fault(self, contest: Contest, election: str) -> Fault | None:
        """Why nobody holds that contest in that election, if so."""
        ...

    def compare(self, recommended: str, imposed: str) -> str:
        """`equal`, `lighter`, `heavier` or `different_kind`."""
        ...

    def meets(self, level: str, recommended: str) -> bool:
        """Whether a recommendation (a level or a sanction) is what a row of the annex names (a level or a sanction)."""
        ...

    def heaviness(self, level: str) -> tuple[int, int]:
        """How heavy a level or sanction is, as numbers to compare."""
        ...

    def fits_employment(self, sanction: str, employment_kind: str, on: date) -> bool:
        """Whether that sanction exists for that kind of employment on that day."""
        ...

    def sanction(self, code: str) -> Mapping[str, Any]:
        """Family, level, rank and effect of a sanction code; empty where the code is a level."""
        ...

    def remedy(self, sanction: str, *, decided_on: date, imposed_by: str | None) -> str:
        """`objection`, `appeal` or `none`, by the law of the day of the decision and by who made it (None: unsaid)."""
        ...

    def has_code(self, list_name: str, code: str) -> bool:
        """Whether that list of the catalogue holds that code."""
        ...

    def contest_ends(
        self, sanction: str, received_on: date, decided_on: date, imposed_by: str | None = None
    ) -> date | None:
        """Last day on which the sanction's remedy may be filed; none where it has none."""
        ...

    def effective_on(self, sanction: str, received: date | None, stated: date | None, done: date | None) -> date | None:
        """Day the sanction takes effect, by its rule; none while the fact it depends on is missing."""
        ...

    def routing(self, position_roles: Iterable[str], level: str, *, on: date) -> str:
        """Whom a recommendation obliges, by the officer's roles and the employer's level (`/catalogue/routing`)."""
        ...

    def counted(self, rule: str, *, start: date, time_zone: str, mandate: str | None) -> tuple[date, Mapping[str, Any]]:
        """The due day of that rule for a clock that starts after `start`, and how it came about."""
        ...

    def extended(self, rule: Mapping[str, Any], *, until: date, days: int, reason: str, seq: int) -> Mapping[str, Any]:
        """How a due day came about once the examiner, with the step `seq`, has granted time until that day."""
        ...

    def ladder(
        self, referral: ReferralView, *, regional: bool, mandate: str | None, on: date
    ) -> tuple[LadderLevel, ...]:
        """The levels that follow for whoever holds that referral, lowest first, as in force on that day.

        `regional` says that the holder is a regional government: others skip the levels meant for those.
        """
        ...

    def working_days_after(self, day: date, number: int) -> date:
        """The working day that lies so many of them after that day."""
        ...

    def recounted(self, referral: ReferralView, *, clock_from: date | None = None) -> tuple[date, Mapping[str, Any]]:
        """The due day of an open referral under today's calendar, and how it came about.

        `clock_from` is the day its clock starts after, where the calendar moves that day too.
        """
        ...


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything a guard may look at. Read-only; built by `casefiles.transitions`.

    `sees` are the codes of the agencies with live sight, `named_mandate` the mandate a hand-over names, `other` the
    second casefile of a step that concerns two. `in_office` is the mandate in force on the day of `now`, and
    `created_at` the instant at which the casefile itself was recorded; `opened` when an agency first read a version.
    """

    version: int
    state: State | None
    came_from: State | None
    facts: Facts
    acting: AgencyView
    parties: Mapping[Party, AgencyView]
    now: datetime
    occurred_at: datetime
    today: date
    law: Law
    mandate: MandateView | None = None
    referral: ReferralView | None = None
    documents: Mapping[str, DocumentView] = field(default_factory=dict)
    agencies: Mapping[str, AgencyView] = field(default_factory=dict)
    acts_as: frozenset[Party] = frozenset()
    last_occurred_at: datetime | None = None
    sees: frozenset[str] = frozenset()
    named_mandate: MandateView | None = None
    in_office: MandateView | None = None
    created_at: datetime | None = None
    opened: Mapping[tuple[str, int], str] = field(default_factory=dict)
    # Brought along where the casefile is shown to its examiner: those that might take it in (`merge`).
    others: tuple[CaseView, ...] | None = None
    id: str = ""
    number: str = ""
    other: CaseView | None = None
    duplicates: tuple[DuplicateView, ...] = ()  # brought along for `accept`, which has to judge them
    # Brought along for `correct`: whether another finding of the office of origin bears the number that is given.
    register_taken: bool = False

    def done(self, transition: str) -> int:
        """How often that transition has been performed on this casefile."""
        return int(self.facts.get("steps", {}).get(transition, 0))


class Requirement(Protocol):
    """A guard: returns the reason it refuses, or nothing. `needs_given` guards are asked only when a body is there."""

    def __call__(self, case: CaseView, given: Any) -> Refusal | Iterable[Refusal] | None:
        """Judge."""
        ...


@dataclass(frozen=True, slots=True)
class Pair:
    """The second casefile of a step: which it is, the row performed on it, and what that row is given.

    Guards that weigh what is given find it as `case.other`. It is None where the second casefile follows from the file
    (not from the body, which is refused then) and is gone: erased, or out of the actor's sight.
    """

    which: Callable[[Any, Facts], str | None]
    row: str
    tells: Callable[[CaseView, Any], Any]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the flow.

    Where the target is chosen, `target_states` are those it may be, and `paths` which of them from where, unless all
    may be reached from all. Who gains sight (`grants`) or loses it (`ends`) is a party, or an agency found among those
    that came along; `voids` says that the agency whose place another takes was addressed wrongly, so that the delay of
    whatever was asked of it counts for nobody.
    """

    name: str
    source: tuple[State, ...]
    target: State | Target | Callable[[CaseView, Any], State]
    by: tuple[Party, ...]
    article: str
    title_id: str
    title_en: str
    announces: str
    takes: type | None = None
    requires: tuple[Requirement, ...] = ()
    weighs: tuple[Requirement, ...] = ()
    records: Callable[[CaseView, Any], Changes] | None = None
    opens: Referral | Callable[[CaseView, Any], Referral | None] | None = None
    moves: Callable[[CaseView, Any], NewDue | None] | None = None
    outcome: str = ""
    grants: tuple[Party, ...] | Callable[[CaseView, Any], tuple[Party | AgencyView, ...]] = ()
    ends: tuple[Party, ...] | Callable[[CaseView, Any], tuple[Party | AgencyView, ...]] = ()
    voids: Callable[[CaseView, Any], bool] | None = None
    pairs: Pair | None = None
    forgets: bool = False
    judges_duplicates: bool = False
    routed: bool = True
    creates: bool = False
    target_states: tuple[State, ...] = ()
    paths: tuple[tuple[State, State], ...] = ()

    def may_start_in(self, state: State | None) -> bool:
        """Whether the row leaves from that state."""
        return (state is None and self.creates) or state in self.source
