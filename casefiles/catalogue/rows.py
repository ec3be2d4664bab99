"""What a row of each catalogue file holds. The field names here are the keys in the files.

Periods are half-open: `valid_from` is the first day a row holds, `valid_until` the first day it no longer does; null
means always. `certainty` says how well the row is founded: `seen` in a source, `code` (public code or templates of
agencies), `memory`, `proposal`; all but the first two wait for a lawyer, and the mark travels with every result that is
computed from the row.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from casefiles.shapes import Certainty

CERTAINTIES: tuple[Certainty, ...] = ("seen", "code", "memory", "proposal")

Phase = Literal["before", "after"]
ViolationClass = Literal["ethics", "discipline"]
DayBasis = Literal["calendar", "working"]
Family = Literal["moral", "discipline", "dismissal"]
Effect = Literal["working_day_15_after_receipt", "on_execution", "as_decree_states"]
Remedy = Literal["objection", "appeal", "none"]
Imposer = Literal["personnel_authority", "other_official", "president"]
Audience = Literal["P", "R", "E", "B"]
Purpose = Literal[
    "verify", "identify", "complete", "examine", "acknowledge", "follow_up", "answer", "deliver", "review", "settle"
]  # fmt: skip
ClockStart = Literal[
    "submitted", "identity_asked", "returned", "accepted", "letter_sent", "received", "reprimanded", "disputed",
    "decided", "absent_at_delivery", "delivered", "objection_received", "appeal_received", "copy_received",
    "remedy_window_ended", "sanction_reported", "lawsuit_filed",
]  # fmt: skip
ElectionKind = Literal["general", "regional_head", "repeat"]
DecreeStatus = Literal["named", "not_recorded"]
LadderParty = Literal["addressee", "examiner", "employer", "submitter", "appeal_board"]
LadderActor = Literal["civil_service_agency", "home_affairs", "policy_ministry", "governor", "examiner", "none"]
LadderScope = Literal["any", "regional"]
RoutedTo = Literal["employer", "province_above", "home_affairs", "policy_ministry"]
SiasnMember = Literal["jenisHukumanId", "jenisTingkatHukumanId", "alasanHukumanDisiplinId", "nomorPp", "masaBulan"]

ANY_MANDATE = "any"
ANY_ROLE = "any"


def weakest(*marks: Certainty) -> Certainty:
    """The mark of a result that rests on several rows."""
    return max(marks, key=CERTAINTIES.index)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What every row says about itself."""

    certainty: Certainty
    legal_basis: str | None = None
    source: str | None = None
    note_id: str | None = None
    note_en: str | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None

    def in_force(self, *, on: dt.date) -> bool:
        """Whether the row holds on that day."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True, kw_only=True)
class Code(Row):
    """A word of a list, with what people read."""

    code: str
    label_id: str
    label_en: str


@dataclass(frozen=True, kw_only=True)
class SanctionLevel(Code):
    """A level, which a recommendation may name instead of a sanction; within its family a higher `rank` is heavier."""

    family: Family
    rank: int


@dataclass(frozen=True, kw_only=True)
class Sanction(Code):
    """A sanction. `rank` orders it within its family; `agency` is the agency whose own row this is (contract staff).

    `remedy` is what lies against it where nobody said who imposed it; the columns `remedy_if_*` say what lies against
    that official's decision, and null that it is the same.
    """

    family: Family
    level: str | None
    rank: int
    effect: Effect
    remedy: Remedy
    employment_kinds: tuple[str, ...]
    agency: str | None = None
    remedy_if_personnel_authority: Remedy | None = None
    remedy_if_other_official: Remedy | None = None
    remedy_if_president: Remedy | None = None

    def remedy_against(self, imposed_by: str | None) -> Remedy:
        """What lies against the decision of such an official, or of one who is not known (None)."""
        of_imposer: Mapping[str | None, Remedy | None] = {
            "personnel_authority": self.remedy_if_personnel_authority,
            "other_official": self.remedy_if_other_official,
            "president": self.remedy_if_president,
        }
        return of_imposer.get(imposed_by) or self.remedy


@dataclass(frozen=True, kw_only=True)
class DocumentType(Code):
    """A type of document and who sees its content; `audience_if_open` holds for an open moral statement."""

    audience: Audience
    audience_if_open: Audience | None = None


@dataclass(frozen=True, kw_only=True)
class DeadlineRule(Code):
    """So many days of that basis from that fact, whose day is not counted. `purpose`: the turn it times, if any."""

    purpose: Purpose | None
    starts_from: ClockStart
    days: int
    day_basis: DayBasis
    mandate: str = ANY_MANDATE
    condition: str | None = None
    in_use: bool = True


@dataclass(frozen=True, kw_only=True)
class RoutingRow(Row):
    """Whom a recommendation obliges: for an officer of that role (`any`: every officer) whose employer is of one of
    those levels (none named: all). The first row that fits holds.
    """

    role: str
    levels: tuple[str, ...]
    addressee: RoutedTo


@dataclass(frozen=True, kw_only=True)
class LadderStep(Code):
    """What happens to an overdue obligation at one level, so many days after it was due (negative: before).

    `act`: a code of `reasons/measure`, if a measure goes with it; `sees`: the roles that get sight of the file with
    this level; `scope`: whether central agencies skip it; `last`: after this measure nothing more can be done.
    """

    party: LadderParty
    purpose: Purpose
    level: int
    offset_days: int
    day_basis: DayBasis
    act: str | None
    by_role: LadderActor
    sees: tuple[str, ...]
    last: bool
    scope: LadderScope
    mandate: str = ANY_MANDATE


@dataclass(frozen=True, kw_only=True)
class AnnexRow(Row):
    """What the annex says of a form in a phase. `level`: a level, a sanction, or null (by the article breached)."""

    form: str
    phase: Phase
    edition: str
    annex_item: str | None
    violation_class: ViolationClass
    level: str | None


@dataclass(frozen=True, kw_only=True)
class Election(Code):
    """An election with its voting day."""

    kind: ElectionKind
    voting_on: dt.date


@dataclass(frozen=True, kw_only=True)
class StagePeriod(Row):
    """When a stage ran: for some offices (none named: all) in some region (null: everywhere), and by which decree.

    `decree` is null where its number is not recorded; `legal_basis`, the regulation that scheduled the days, is no
    decree and never stands in its place.
    """

    election: str
    stage: str
    offices: tuple[str, ...]
    region: str | None
    decree: str | None
    decree_status: DecreeStatus


@dataclass(frozen=True, kw_only=True)
class SiasnRow(Row):
    """What SIASN calls a word of ours, as a member of its discipline record; what has no row has no such word.

    `code` is a sanction (jenisHukumanId, masaBulan: whole months), a level (jenisTingkatHukumanId), a form
    (alasanHukumanDisiplinId) or a regulation (nomorPp). `election_kind` null: whatever the election.
    """

    member: SiasnMember
    code: str
    siasn: str
    employment_kinds: tuple[str, ...]
    election_kind: str | None = None


@dataclass(frozen=True)
class CodeList:
    """One list as it was signed off. `open` lists are closed by `other`, which asks for text."""

    name: str
    title_id: str
    title_en: str
    version: str
    source: str
    open: bool
    rows: tuple[Code, ...]
    acts: tuple[str, ...] = ()
