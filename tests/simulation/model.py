"""A register as plain dictionaries: what it should say next, drawn by hand and asking nothing of the product.

`DRAWN` is the flow as far as the simulation walks it. `answer_to` says what an act will be told; `apply` what becomes
of the file: its state, its version, its parties, and who sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tests.factories import AUDITOR, BKN, KASN, PADANG, PEMKOT, PEMPROV, PROVINCE

RI = "bawaslu-ri"
Case = dict[str, Any]

# transition | from | to | by
DRAWN: Final = """
request-identity   | submitted                              | identity_requested | examiner
identify           | identity_requested submitted           | submitted          | employer examiner
disown             | identity_requested                     | submitted          | employer
recall             | identity_requested returned            | back               | examiner
return             | submitted under_examination            | returned           | examiner
complete           | returned                               | back               | submitter
withdraw           | submitted identity_requested returned  | closed             | submitter
reject             | submitted                              | closed             | examiner
accept             | submitted                              | under_examination  | examiner
clear              | under_examination                      | closed             | examiner
redirect           | submitted under_examination            | closed             | examiner
recommend          | under_examination                      | recommended        | examiner
serve              | recommended                            | awaiting_sanction  | examiner
acknowledge        | recommended                            | awaiting_sanction  | addressee
dispute            | recommended awaiting_sanction          | disputed           | addressee
uphold             | disputed                               | back               | examiner
retract            | disputed                               | closed             | examiner
report-sanction    | awaiting_sanction                      | sanction_reported  | addressee
record-delivery    | sanction_reported                      | same               | addressee
require-correction | sanction_reported                      | awaiting_sanction  | examiner
close              | sanction_reported                      | closed             | examiner
contest            | sanction_reported                      | contested          | addressee
settle             | contested                              | sanction_reported  | addressee
terminate          | any open                               | closed             | examiner
transfer           | any open                               | same               | employer examiner
note               | any open                               | same               | submitter examiner
merge              | merging                                | closed             | examiner
unmerge            | closed                                 | where it stood     | examiner
reopen             | closed                                 | by its past        | examiner
"""

OPEN: Final = (
    "submitted", "identity_requested", "returned", "under_examination", "recommended", "awaiting_sanction", "disputed",
    "sanction_reported", "contested",
)  # fmt: skip
MERGING: Final = OPEN[:7]
# How far along a case is; what is away stands where it came from.
ALONG: Final = ("submitted", "under_examination", "recommended", "awaiting_sanction", "sanction_reported", "contested")
AWAY: Final = ("identity_requested", "returned", "disputed")
TURNS: Final = {
    "submitted": "examiner", "identity_requested": "employer", "returned": "submitter",
    "under_examination": "examiner", "recommended": "addressee", "awaiting_sanction": "addressee",
    "disputed": "examiner", "sanction_reported": "examiner", "contested": "addressee",
}  # fmt: skip
OUTCOMES: Final = {
    "withdraw": "withdrawn", "reject": "rejected", "clear": "not_proven", "retract": "not_proven",
    "close": "sanctioned", "merge": "merged", "redirect": "redirected",
    "terminate": "terminated",
}  # fmt: skip

OFFICES: Final = frozenset({PADANG, PROVINCE, RI})
OVERSEERS: Final = frozenset({"kemenpanrb", "kemendagri", BKN, PEMPROV})
"""To whom a level of the ladder may show a file."""
ROUND: Final = (PADANG, BKN, PEMKOT, PEMPROV, KASN, PROVINCE, AUDITOR)
"""Everybody who may try something."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the drawing."""

    name: str
    start: tuple[str, ...]
    leads: str
    by: tuple[str, ...]


def _lines() -> dict[str, Line]:
    several = {"any open": OPEN, "merging": MERGING}
    lines = {}
    for line in DRAWN.strip().splitlines():
        name, start, leads, by = (cell.strip() for cell in line.split("|"))
        lines[name] = Line(name, several.get(start) or tuple(start.split()), leads, tuple(by.split()))
    return lines


LINES: Final = _lines()


@dataclass
class Model:
    """The register as it should be: casefiles by id, and what holds for all of them."""

    cases: dict[str, Case] = field(default_factory=dict)
    paused: bool = False
    """Nothing is accepted: no quorum of witnesses for too long."""
    handed_over_on: Any = None
    """The first day on which the old examiner's mandate holds no more."""

    # -- a casefile begins ---------------------------------------------------------------------------------------------

    def submitted(self, ident: str, *, nip: str, known: bool, finding: str, at: datetime) -> None:
        """A casefile as it was just forwarded; `known` says whether the officer was identified by the submitter."""
        examiner = KASN if self.handed_over_on is not None and local_day(at) >= self.handed_over_on else BKN
        self.cases[ident] = {
            "id": ident, "nip": nip, "finding": finding, "state": "submitted", "back": None, "version": 1, "last": at,
            "examiner": examiner, "submitter": PADANG, "employer": PEMKOT if known else None, "claimed": None,
            "addressee": None, "identified": known, "accepted": False, "imposed": False, "delivered": False,
            "contests": 0, "counts": {}, "sees": {*OFFICES, examiner}, "former": {}, "outcome": None,
            "closed_from": None, "merged": None, "erased": False, "told": [],
        }  # fmt: skip
        self._tell(self.cases[ident])

    # -- what an act will be told --------------------------------------------------------------------------------------

    def parties_of(self, case: Case, agency: str) -> set[str]:
        """What that agency is in the case."""
        return {party for party in ("submitter", "examiner", "employer", "addressee") if case[party] == agency}

    def answer_to(self, case: Case, name: str, agency: str, version: int, **more: Any) -> set[str]:
        """The answers that may come: `200`, or a status with its code; both where a guard is not drawn."""
        line = LINES[name]
        if agency == AUDITOR:
            return {"403 insufficient-scope"}
        if self.paused:
            return {"503 writes-paused"}
        if not self.reads(case, agency):
            return {"404 not-found"}
        if case["erased"]:
            return {"410 erased"}
        party = self.parties_of(case, agency) & set(line.by)
        if agency not in case["sees"] or not party:
            return {"403 wrong-party"}
        if name == "merge" and not self._other_is_told(more["into"], agency):
            return {"422 invalid-body"}
        if version != case["version"]:
            return {"412 stale-version"}
        if case["state"] not in line.start:
            return {"409 wrong-state"}
        judged = self._judge(case, name, agency, party, **more)
        if judged is None:
            return {"200", "409 transition-refused"}
        return {"200"} if judged else {"409 transition-refused"}

    def reads(self, case: Case, agency: str) -> bool:
        """Whether the casefile is there for that agency, as a party or as a former one."""
        return agency in case["sees"] or agency in case["former"] or agency == AUDITOR

    def _other_is_told(self, into: Case, agency: str) -> bool:
        return agency in into["sees"] and not into["erased"]

    def _judge(self, case: Case, name: str, agency: str, party: set[str], **more: Any) -> bool | None:
        """Whether the guards accept it; None where the model does not know."""
        if "examiner" in party and case["examiner"] == BKN and self._lapsed(case, more["now"]):
            return False if party == {"examiner"} else None
        counts = case["counts"]
        match name:
            case "identify":
                # Whoever has the turn says who it is.
                return ("employer" in party) == (case["state"] == "identity_requested") if len(party) == 1 else None
            case "return":
                return bool(counts.get("return", 0) < 3)
            case "withdraw":
                return not case["accepted"]
            case "accept" | "recommend" | "transfer":
                if not case["identified"]:
                    return False
                if name == "transfer":
                    return bool(case["employer"] != more["employer"])
                return case["employer"] is not None
            case "record-delivery":
                return not case["delivered"]
            case "require-correction":
                return None if case["contests"] else bool(counts.get("require-correction", 0) < 1)
            case "close":
                return None if case["contests"] else bool(case["delivered"])
            case "contest":
                return None if case["contests"] or counts.get("reopen") else bool(case["delivered"])
            case "merge":
                return self._may_merge(case, more["into"])
            case "unmerge":
                return self._may_part(case, more["now"])
            case "reopen":
                return None if case["contests"] else bool(case["outcome"] != "merged")
            case _:
                return None if case["contests"] and name != "note" else True

    def _lapsed(self, case: Case, now: datetime) -> bool:
        return self.handed_over_on is not None and local_day(max(now, case["last"])) >= self.handed_over_on

    def _may_merge(self, case: Case, into: Case) -> bool | None:
        if case["imposed"] or case["contests"]:
            return False
        if into["examiner"] != case["examiner"] or into["nip"] != case["nip"]:
            return False
        if into["state"] in {"closed", "contested"}:
            return False
        if not (case["identified"] and into["identified"]):
            return None
        return along(into) >= along(case)

    def _may_part(self, case: Case, now: datetime) -> bool | None:
        if case["outcome"] != "merged":
            return False
        into = self.cases[case["merged"]["into"]]
        if into["erased"] or into["outcome"] == "merged":
            return False
        days = (local_day(max(now, case["last"], into["last"])) - case["merged"]["on"]).days
        return bool(days <= 30)

    # -- what becomes of the file --------------------------------------------------------------------------------------

    def apply(self, case: Case, name: str, agency: str, *, now: datetime, **more: Any) -> None:
        """The file after an act that was accepted."""
        came_from, before = case["state"], dict(case)
        into: Case | None = more.get("into")
        if name == "unmerge":
            into = self.cases[case["merged"]["into"]]
        case["last"] = max(now, case["last"], into["last"] if into else now)
        case["state"] = self._leads(case, LINES[name])
        if case["state"] in AWAY and came_from not in AWAY:
            # Whoever reopens a file that was away finds it as it was closed.
            case["back"] = case["closed_back"] if came_from == "closed" else came_from
        case["counts"] = {**case["counts"], name: case["counts"].get(name, 0) + 1}
        case["version"] += 1
        gains, ends = set[str](), set[str]()
        match name:
            case "request-identity":
                gains, ends = {PEMKOT}, {case["employer"]} - {PEMKOT}
                case |= {"claimed": case["employer"], "employer": PEMKOT}
            case "identify":
                ends = {case["employer"]} - {more["employer"]}
                case |= {"employer": more["employer"], "identified": True, "claimed": None}
            case "disown":
                ends = {case["employer"]}
                case |= {"employer": None, "claimed": None}
            case "recall" if came_from == "identity_requested":
                answered = case["counts"].get("identify") and case["claimed"] == case["employer"]
                ends = set() if answered else {case["employer"]}
                case |= {"employer": case["claimed"], "claimed": None}
            case "accept":
                case["accepted"] = True
            case "recommend":
                case["addressee"] = case["employer"]
                gains = {case["addressee"], BKN}
            case "report-sanction":
                case |= {"imposed": True, "delivered": False}
            case "record-delivery":
                case["delivered"] = True
            case "contest":
                case["contests"] += 1
            case "transfer":
                gains, ends = self._moved(case, more["employer"])
            case "merge" | "unmerge" if into is not None:
                self._joined(case, name, into, came_from, case["last"])
            case "reopen":
                case |= {"outcome": None, "closed_from": None}
        if case["state"] == "closed" and name != "note":
            case |= {"outcome": OUTCOMES[name], "closed_from": came_from, "closed_back": before["back"]}
        # An agency asked in vain may be the employer still, by what the submitter claimed; its sight ends all the same.
        left = ("employer", "addressee") if name == "transfer" else ("employer",)
        self._see(case, gains, ends, left=left, forgets=name == "disown")

    def _leads(self, case: Case, line: Line) -> str:
        match line.leads:
            case "same":
                return str(case["state"])
            case "back":
                return str(case["back"])
            case "where it stood":
                return str(case["merged"]["from"])
            case "by its past":
                stood = case["closed_back"] if case["closed_from"] == "returned" else case["closed_from"]
                return "submitted" if stood in {"submitted", "identity_requested"} else "under_examination"
            case leads:
                return leads

    def _moved(self, case: Case, employer: str) -> tuple[set[str], set[str]]:
        old = case["employer"]
        gains = {employer} if old in case["sees"] else set()
        ends = {old}
        if case["addressee"] is not None and case["addressee"] == old:
            if case["addressee"] in case["sees"]:
                gains.add(employer)
            case["addressee"] = employer
        case["employer"] = employer
        if case["state"] == "identity_requested":
            # A recall leaves the new one.
            case["claimed"] = employer
        return gains, ends

    def _joined(self, case: Case, name: str, into: Case, came_from: str, moment: datetime) -> None:
        into["version"] += 1
        into["last"] = moment
        if name == "merge":
            case["merged"] = {"into": into["id"], "from": came_from, "on": local_day(moment)}
        else:
            case |= {"merged": None, "outcome": None, "closed_from": None}
        self._tell(into)

    def _see(
        self, case: Case, gains: set[str], ends: set[Any], *, left: tuple[str, ...] = (), forgets: bool = False
    ) -> None:
        """Sight moves: whoever is a party in a role that is not given up keeps it, and so do the offices."""
        kept = OFFICES | {
            case[party] for party in ("submitter", "examiner", "employer", "addressee") if party not in left
        }
        lost = (ends & case["sees"]) - kept
        case["sees"] |= gains - {None}
        self._tell(case)
        case["sees"] -= lost
        for agency in lost:
            if forgets:
                case["former"].pop(agency, None)
            else:
                case["former"][agency] = case["version"] - 1
        for agency in case["sees"]:
            case["former"].pop(agency, None)

    def _tell(self, case: Case) -> None:
        """Who has the newest version in its feed."""
        case["told"].append(frozenset({*case["sees"], AUDITOR}))

    # -- what nobody asked for -----------------------------------------------------------------------------------------

    def happened(self, case: Case, step: str, to_state: str, sees: set[str]) -> str | None:
        """A step that the clock, a recount or a hand-over made; what is wrong with it, if anything.

        `sees` are those to whom it gave sight: of a level of the ladder, whoever oversees; that much is believed.
        """
        was = case["state"]
        case["version"] += 1
        if step == "recall":
            if was != "returned" or to_state != case["back"]:
                return f"the clock recalled a file that was {was}"
            case["state"] = to_state
        elif to_state != was:
            return f"{step} led from {was} to {to_state}"
        if step == "hand-over":
            case["examiner"] = KASN
        gains = {KASN} if step == "hand-over" else sees & OVERSEERS if step == "escalate" else set()
        self._see(case, gains, set())
        return None


def along(case: Case) -> int:
    """How far along it is, as a number to compare."""
    return ALONG.index(case["back"] if case["state"] in AWAY else case["state"])


def turn_in(case: Case) -> list[str] | None:
    """Whose turn it is: the party and its agency; nobody's once it is closed."""
    if case["state"] == "closed":
        return None
    party = TURNS[case["state"]]
    if case["state"] == "sanction_reported" and not case["delivered"]:
        party = "addressee"
    return [party, case[party]]


def brief(case: Case) -> Case:
    """The case as a failure tells it."""
    return {name: value for name, value in case.items() if name != "told"}


def local_day(moment: datetime) -> Any:
    """The day in Jakarta."""
    return (moment + timedelta(hours=7)).date()
