"""A register as plain dictionaries: what it should say next, drawn by hand and asking nothing of the product.

`drawing` is the flow as far as the simulation walks it, `judging` says what an act will be told, `Model.apply` what
becomes of the file: its state, its version, its parties, and who sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tests.factories import AUDITOR, BKN, KASN, PADANG, PEMKOT
from tests.simulation.drawing import ABOVE, AWAY, LINES, OFFICES, OUTCOMES, OVERSEERS, Case, Line, local_day, turn_in
from tests.simulation.judging import Judging

BECOMES: Final[dict[str, Case]] = {
    "accept": {"accepted": True},
    "report-sanction": {"imposed": True, "delivered": False, "executed": False, "settled": frozenset()},
    "record-delivery": {"delivered": True},
    "record-execution": {"executed": True},
    "block-data": {"blocked": True},
    "unblock-data": {"blocked": False},
    "reopen": {"outcome": None, "closed_from": None, "contest": None},
}
"""What an act leaves in the file, whatever it was."""


@dataclass
class Model(Judging):
    """The register as it should be; `acting` is the agency whose act is being applied ("": the operator)."""

    acting: str = ""

    # -- a casefile begins ---------------------------------------------------------------------------------------------

    def submitted(self, ident: str, *, nip: str, known: bool, finding: str, register: str, at: datetime) -> None:
        """A casefile as it was just forwarded; `known` says whether the officer was identified by the submitter."""
        self.acting = PADANG
        examiner = KASN if self.handed_over_on is not None and local_day(at) >= self.handed_over_on else BKN
        self.cases[ident] = {
            "id": ident, "nip": nip, "finding": finding, "state": "submitted", "back": None, "version": 1, "last": at,
            "examiner": examiner, "submitter": PADANG, "employer": PEMKOT if known else None, "claimed": None,
            "addressee": None, "identified": known, "accepted": False, "imposed": False, "delivered": False,
            "contests": 0, "counts": {}, "sees": {*OFFICES, examiner}, "former": {}, "outcome": None,
            "closed_from": None, "merged": None, "erased": False, "told": [], "register": register, "blocked": False,
            "executed": False, "contest": None, "settled": frozenset(), "bound": False, "opened": {},
        }  # fmt: skip
        self._tell(self.cases[ident])

    # -- what becomes of the file --------------------------------------------------------------------------------------

    def apply(self, case: Case, name: str, agency: str, *, now: datetime, **more: Any) -> None:
        """The file after an act that was accepted."""
        self.acting = agency
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
        case |= BECOMES.get(name, {})
        gains, ends = self._others(case, name, came_from, {**more, "into": into})
        if case["state"] == "closed" and came_from != "closed":
            case |= {"outcome": OUTCOMES[name], "closed_from": came_from, "closed_back": before["back"]}
        # An agency asked in vain may be the employer still, by what the submitter claimed; its sight ends all the same.
        left = ("employer", "addressee") if name == "transfer" else ("employer",)
        self._see(case, gains, ends, left=left, forgets=name == "disown")

    def _others(self, case: Case, name: str, came_from: str, more: dict[str, Any]) -> tuple[set[str], set[Any]]:
        """What becomes of others: who gains sight, and whose ends."""
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
            case "recommend":
                case["addressee"] = case["employer"]
                gains = {case["addressee"], BKN}
            case "contest":
                case |= {"contests": case["contests"] + 1, "contest": more["kind"]}
            case "settle" | "annul":
                self._ruled(case, name)
            case "reassign":
                case["submitter"] = more["office"]
                gains = {more["office"], *ABOVE[more["office"]]}
            case "correct" if more["fact"] == "#/finding/register_number":
                self._renumbered(case, more["value"])
            case "transfer":
                gains, ends = self._moved(case, more["employer"])
            case "merge" | "unmerge":
                self._joined(case, name, more["into"], came_from, case["last"])
        return gains, ends

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

    @staticmethod
    def _ruled(case: Case, name: str) -> None:
        """A court binds whatever it rules; an annulment stands as long as the file stays closed."""
        if name == "settle":
            case["settled"] = case["settled"] | {case["contest"]}
        case |= {"bound": case["bound"] or case["contest"] == "lawsuit", "contest": None}

    def siblings(self, case: Case) -> list[Case]:
        """The other casefiles of its finding that a correction of the finding is recorded in."""
        return [
            one for one in self.cases.values()
            if one["finding"] == case["finding"] and one is not case and not one["erased"]
        ]  # fmt: skip

    def _renumbered(self, case: Case, register: str) -> None:
        for other in self.siblings(case):
            other |= {"version": other["version"] + 1, "last": max(case["last"], other["last"])}
            self._tell(other)
        for one in self.cases.values():
            if one["finding"] == case["finding"]:
                one["register"] = register

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
        """Who has the newest version in its feed, and who wrote it."""
        case["told"].append(frozenset({*case["sees"], AUDITOR}))
        case["wrote"] = self.acting

    def read(self, case: Case, agency: str) -> bool:
        """Whether this reading of the newest version is the first by whose turn it is; all who see the case hear it."""
        turn, mark = turn_in(case), (agency, case["version"])
        if turn is None or turn[1] != agency or case["wrote"] == agency or mark in case["opened"]:
            return False
        case["opened"][mark] = frozenset({*case["sees"], AUDITOR})
        return True

    # -- what nobody asked for -----------------------------------------------------------------------------------------

    def happened(self, case: Case, step: str, to_state: str, sees: set[str]) -> str | None:
        """A step that the clock, a recount or a hand-over made; what is wrong with it, if anything.

        `sees` are those to whom it gave sight: of a level of the ladder, whoever oversees; that much is believed.
        """
        was, self.acting = case["state"], ""
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
