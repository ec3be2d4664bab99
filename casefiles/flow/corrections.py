"""Which recorded facts may be corrected, by whom, and where the file holds them.

A fact is corrected by its author: whoever had to state it when it was recorded. The value is held to the rules of the
field that it was first given in (`valuing`). State, parties, sanctions and what was confirmed are no facts of this
kind: they are changed by acts, which the refusal names (`CHANGED_BY`). `#/violations/*/…` means the violation whose
number is given beside it, `#/documents/*` the document of the file that is named under `replaces`. A fact of the
finding (`#/finding/…`) is corrected in all casefiles of it.

Two dates that were both recorded wrongly are corrected one after the other, by whoever recorded each and in any order.
In between they may run backwards, and the file warns of it; the warning goes with the correction of the other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from casefiles.file import Changes
from casefiles.flow.binding import binding
from casefiles.flow.finding import Clarification, Contest, FindingGiven, Violation
from casefiles.flow.follow_up import Acknowledgement
from casefiles.flow.given import NumberedLetter
from casefiles.flow.grammar import CaseView, Facts, Party
from casefiles.flow.identity import Identity
from casefiles.flow.intake import Acceptance, Verification
from casefiles.flow.sanction import Decision, Delivery
from casefiles.shapes import Member, members

FactName: TypeAlias = Literal[
    "#/subject/name",
    "#/subject/nip",
    "#/subject/position",
    "#/subject/position_kind",
    "#/subject/position_roles",
    "#/subject/grade",
    "#/subject/work_unit",
    "#/subject/workplace",
    "#/subject/employment_kind",
    "#/subject/identity_source",
    "#/finding/register_number",
    "#/finding/known_on",
    "#/finding/registered_on",
    "#/finding/clarified_on",
    "#/finding/forwarded_on",
    "#/violations/*/act_date",
    "#/violations/*/act_until",
    "#/violations/*/region",
    "#/violations/*/place",
    "#/violations/*/channel",
    "#/violations/*/interaction",
    "#/violations/*/description",
    "#/violations/*/contest/office",
    "#/violations/*/contest/region",
    "#/examiner_reference",
    "#/unit",
    "#/verification/held_on",
    "#/recommendation/letter/number",
    "#/recommendation/letter/date",
    "#/received_on",
    "#/sanction/decision/number",
    "#/sanction/decision/date",
    "#/sanction/decision/legal_basis",
    "#/sanction/effective_stated",
    "#/sanction/decision/imposed_by",
    "#/sanction/delivered_on",
    "#/documents/*",
    "#/employer",
    "#/addressee",
    "#/submitter",
    "#/recommendation/violations",
    "#/recommendation/sanction",
    "#/sanction/sanction",
]
Author: TypeAlias = Literal["identity", "office", "matter", "examiner", "addressee", "decree", "receipt", "owner"]

# What is wrong here is put right by another act: it moves a turn, sight or a remedy.
CHANGED_BY: Mapping[str, tuple[str, ...]] = {
    "#/employer": ("identify", "transfer"),
    "#/addressee": ("transfer", "dispute"),
    "#/submitter": ("reassign",),
    "#/recommendation/violations": ("dispute", "uphold"),
    "#/recommendation/sanction": ("dispute", "uphold"),
    "#/sanction/sanction": ("require-correction",),
}
REGISTER_NUMBER = "#/finding/register_number"
KNOWN, REGISTERED = "#/finding/known_on", "#/finding/registered_on"
# The row of a finding holds these two, and no day of registration before the day it became known.
IN_THE_ROW = frozenset({KNOWN, REGISTERED})
# Days that a body may leave out, and a file that has them keeps.
NEVER_EMPTY = frozenset({"#/finding/clarified_on", "#/finding/forwarded_on"})
DOCUMENT = "#/documents/*"

# The warnings that follow from where an act happened and where its contest is held.
OF_PLACES = ("region-not-listed", "region-looks-like-register-place")

# Facts that an act records first: until then there is nothing to correct.
RECORDED_BY: Mapping[str, str] = {
    "#/finding/clarified_on": "submit",
    "#/verification": "accept",
    "#/recommendation": "recommend",
    "#/received_on": "acknowledge",
    "#/sanction": "report-sanction",
    "#/sanction/delivered_on": "record-delivery",
}

AUTHORS: Mapping[Author, tuple[str, str]] = {
    "identity": (
        "pengirim selama terlapor belum diidentifikasi, lalu instansi pegawai atau pemeriksa",
        "the submitter while the officer is not identified; then their employer or the examiner",
    ),
    "office": ("pengirim", "the submitter"),
    "matter": (
        "pengirim sampai perkara diterima, lalu pemeriksa",
        "the submitter until the case is accepted; then the examiner",
    ),
    "examiner": ("pemeriksa", "the examiner"),
    "addressee": ("instansi yang menindaklanjuti", "the addressee"),
    "decree": (
        "instansi yang menindaklanjuti; pemeriksa bila keputusan itu terikat putusan banding atau pengadilan",
        "the addressee; the examiner where a ruling binds that decree",
    ),
    "receipt": (
        "instansi yang menindaklanjuti; pemeriksa bila disampaikan dengan bukti (serve)",
        "the addressee; the examiner where it was served with proof",
    ),
    "owner": ("pemilik dokumen yang digantikan", "the owner of the document that is replaced"),
}


@dataclass(frozen=True, slots=True)
class Correctable:
    """One fact that may be corrected: whose it is, and the field whose rules its value keeps."""

    author: Author
    shape: type[Any]
    field: str

    @property
    def member(self) -> Member:
        """The field in which the fact was first given."""
        return next(member for member in members(self.shape) if member.name == self.field)


def _table() -> dict[str, Correctable]:
    owners: Mapping[str, tuple[Author, type[Any]]] = {
        "#/subject": ("identity", Identity),
        "#/finding": ("office", FindingGiven),
        "#/violations/*": ("matter", Violation),
        "#/violations/*/contest": ("matter", Contest),
        "#": ("examiner", Acceptance),
        "#/verification": ("examiner", Verification),
        "#/received_on": ("receipt", Acknowledgement),
        "#/recommendation/letter": ("examiner", NumberedLetter),
        "#/sanction/decision": ("decree", Decision),
        "#/sanction": ("addressee", Delivery),
    }
    table = {
        # Named otherwise than where it was given.
        "#/finding/clarified_on": Correctable("office", Clarification, "held_on"),
        "#/sanction/effective_stated": Correctable("decree", Decision, "effective_on"),
        DOCUMENT: Correctable("owner", NumberedLetter, "document"),
    }
    for name in get_args(FactName):
        if name not in table and name not in CHANGED_BY:
            parent, _, field = name.rpartition("/")
            author, shape = owners.get(name) or owners[parent]
            table[name] = Correctable(author, shape, field)
    return {name: table[name] for name in get_args(FactName) if name in table}


CORRECTABLE: Mapping[str, Correctable] = _table()


def of_the_finding(fact: str) -> bool:
    """Whether it is a fact of the finding, which all casefiles of it tell alike."""
    return fact.startswith("#/finding/")


def of_violation(fact: str) -> bool:
    """Whether it is a fact of one violation, whose number has to be given."""
    return fact.startswith("#/violations/*")


def authors(case: CaseView, fact: str) -> frozenset[Party]:
    """The parties that may correct that fact now; any party, where it may own the document that is replaced."""
    author = CORRECTABLE[fact].author
    if author == "owner":
        return frozenset(Party)
    if author == "office":
        return frozenset({Party.SUBMITTER})
    if author == "identity":
        known = case.facts["subject"].get("identified")
        return frozenset({Party.EMPLOYER, Party.EXAMINER} if known else {Party.SUBMITTER})
    if author == "matter":
        return frozenset({Party.EXAMINER if case.done("accept") else Party.SUBMITTER})
    if author == "decree":
        # Whoever a ruling binds does not write anew what it binds.
        return frozenset({Party.EXAMINER if binding(case.facts) is not None else Party.ADDRESSEE})
    if author == "receipt":
        return frozenset({Party.EXAMINER if case.facts.get("served") else Party.ADDRESSEE})
    return frozenset({Party(author)})


# --- where a fact lies ----------------------------------------------------------------------------------------------


def read(facts: Facts, fact: str, violation: int | None) -> Any:
    """The value of that fact now; None where it, or what holds it, is not there."""
    found: Any = _violation(facts, violation) if of_violation(fact) else facts
    for step in _steps(fact):
        found = found.get(step) if found else None
    return found


def is_there(case: CaseView, fact: str, violation: int | None) -> bool:
    """Whether there is something to correct: whatever holds the fact, and the fact where only an act may give it."""
    holder = fact.rpartition("/")[0]
    if holder == "#" and fact not in RECORDED_BY:
        return bool(case.done("accept"))
    if fact.endswith("/contest/office"):
        return True
    return read(case.facts, fact if fact in RECORDED_BY else holder, violation) is not None


def first_recorded_by(fact: str) -> tuple[str, ...]:
    """The act that gives that fact first, to name it where it is missing."""
    acts = (act for prefix, act in sorted(RECORDED_BY.items(), reverse=True) if fact.startswith(prefix))
    return (next(acts, "accept"),)


def written(facts: Facts, fact: str, violation: int | None, value: Any) -> Changes:
    """The part of the file that holds the fact, by its name, with the new value in its place."""
    steps = _steps(fact)
    if of_violation(fact):
        return {
            "violations": [
                _with(one, steps, value) if one["number"] == violation else one for one in facts["violations"]
            ]
        }
    part: Any = {steps[0]: _with(facts, steps, value)[steps[0]]}
    changes: Changes = part
    return changes


def _with(holder: Any, steps: list[str], value: Any) -> Any:
    step, *rest = steps
    held = holder or dict.fromkeys(member.name for member in members(Contest))  # only a contest may be missing
    return {**held, step: _with(held.get(step), rest, value) if rest else value}


def _steps(fact: str) -> list[str]:
    path = fact.removeprefix("#/").removeprefix("violations/*").removeprefix("/")
    return path.split("/") if path else []


def _violation(facts: Facts, number: int | None) -> Any:
    return next((one for one in facts["violations"] if one["number"] == number), None)
