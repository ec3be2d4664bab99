"""What a case of a broken guard says, and the pieces that the cases are made of."""

import dataclasses
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from casefiles.flow import DocumentView, DuplicateView, Party, State
from casefiles.flow.follow_up import Revision
from casefiles.flow.given import TransferReason
from tests.casefiles.flow.views import (
    AGENCIES,
    CONTEST,
    DAY,
    MANDATE,
    MERGED,
    OVERDUE,
    SANCTION,
    facts_at,
    law,
    view_at,
)
from tests.factories import given


@dataclass(frozen=True)
class Broken:
    """One thing wrong: what the file or the body is changed to, and the reason that has to come."""

    name: str
    code: str
    pointer: str
    state: State
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)
    view: dict[str, Any] = dataclasses.field(default_factory=dict)
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    party: Party = Party.EXAMINER


def subject(**changed: Any) -> dict[str, Any]:
    return {"subject": {**facts_at(None)["subject"], **changed}}


def sanction_of(**changed: Any) -> dict[str, Any]:
    return {"sanction": {**SANCTION, **changed}}


LAPSED = {"mandate": replace(MANDATE, valid_until=DAY)}
CARETAKER = {"mandate": replace(MANDATE, caretaker=True)}
OWN = {
    "parties": {
        Party.EMPLOYER: AGENCIES["bkn"],
        Party.EXAMINER: AGENCIES["bkn"],
        Party.SUBMITTER: AGENCIES["bawaslu-kota-padang"],
    }
}
LATER = date(2024, 12, 24)
S = State
EXAMINED, DELIVERED_ON = "under_examination", {"delivered_on": "2024-10-29"}
SEKDA = subject(position_roles=["regional_secretary"])
ACTING_HEAD = subject(position_roles=["acting_regional_head"])
REVISED = Revision(violations=(1,), sanction="discipline_light", reasoning="x")
MISADDRESSED = TransferReason(code="misaddressed")
# A neighbour under the same province, and an office below Padang that is none of Bawaslu's.
WITH_A_LEAF = {
    "agencies": {
        **AGENCIES,
        "bawaslu-kab-agam": replace(AGENCIES["bawaslu-kota-padang"], pk=20, code="bawaslu-kab-agam"),
        "panwas": replace(AGENCIES["bawaslu-kota-padang"], pk=21, code="panwas", parent=1, roles=frozenset()),
    }
}
GONE = replace(
    AGENCIES["pemprov-sumatera-barat"], pk=22, code="pemda-lama", in_force=False, ended_on="2024-01-01",
    heirs=("pemprov-sumatera-barat",),
)  # fmt: skip
WITH_ONE_GONE = {"agencies": {**AGENCIES, GONE.code: GONE}}
WORKS_FOR_ONE_GONE = {
    "parties": {
        Party.EMPLOYER: GONE,
        Party.ADDRESSEE: GONE,
        Party.EXAMINER: AGENCIES["bkn"],
        Party.SUBMITTER: AGENCIES["bawaslu-kota-padang"],
    }
}
DECISION = given("report-sanction", day=DAY).decision
ANNULLING = given("annul", day=DAY).decision
HEAVY = "demotion_one_level_12m"
APPEALED = {"contest": {**CONTEST, "kind": "appeal"}}
BINDING = {"kind": "appeal", "ruling": "upheld", "decision": {"number": "PUT.1", "date": "2024-11-01"}}
SETTLED = {**CONTEST, "ruling": "upheld", "decision": {"date": "2024-11-01"}, "settled_on": "2024-11-01"}
LIGHTENED = {"ruling": "lightened", "sanction": "written_reprimand"}

COUNTED = {
    "referral": replace(
        view_at(S.UNDER_EXAMINATION).referral,  # type: ignore[type-var]  # there is one
        rule=law().counted("examine", start=date(2024, 10, 21), time_zone="Asia/Jakarta", mandate=None)[1],
        due_on=date(2024, 11, 8),
    )
}
NEXT = {"named_mandate": replace(MANDATE, code="examining-2027", agency="kemendagri")}
SUSPECTED = DuplicateView(id=str(uuid4()), number="LTS/2026/000124", state="submitted", because=("shared_reference",))

PARTED = {"outcome": "merged", "merged": MERGED}
ACCEPTED = {"steps": {"submit": 1, "accept": 1}}
NO_CONTEST = {**facts_at(None)["violations"][0], "contest": None}


def into(state: State, **changed: Any) -> dict[str, Any]:
    """The other casefile, at that state."""
    return {"other": replace(view_at(state), **changed)}


def fact(name: str, value: str | None) -> dict[str, Any]:
    return {"fact": name, "violation": None, "value": value}


def act_date(value: str) -> dict[str, Any]:
    return {"fact": "#/violations/*/act_date", "value": value}


LATE = {"referral": OVERDUE}
SILENT = replace(OVERDUE, party=Party.SUBMITTER, purpose="complete", to="bawaslu-kota-padang")
# Five working days after Monday the 28th of October have not passed on Monday the 4th.
NEXT_LEVEL = date(2024, 11, 5)


# A document of the file, and one that may take its place.
OLD, NEW = UUID(int=1), UUID(int=2)


def _document(ident: UUID, kind: str = "decision", owner: str = "bkn") -> DocumentView:
    return DocumentView(id=str(ident), type=kind, number="", date=None, sha256="ab" * 32, size=1, owner=owner)


HAS_OLD = {"documents": [_document(OLD).listed]}
HAS_OLD_ONLY = {"documents": {str(OLD): _document(OLD)}}
HAS_NEW = {"documents": {str(NEW): _document(NEW)}}
HAS_OTHER = {"documents": {str(NEW): _document(NEW, "evidence")}}
HAS_THEIRS = {"documents": {str(NEW): _document(NEW, owner="bawaslu-kota-padang")}}


def replacing(old: UUID, new: UUID) -> dict[str, Any]:
    return {**fact("#/documents/*", str(new)), "replaces": old}
