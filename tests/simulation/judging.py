"""What an act will be told, as the model sees it: parties, sight, versions, states and guards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from tests.factories import AUDITOR, BKN, HOME_AFFAIRS, MINISTRY, PEMKOT, PEMPROV
from tests.simulation.drawing import ABOVE, BOUND, FACTS, LETTERS, LINES, Case, along, local_day, turn_in

NEEDS: Final[Mapping[str, Callable[[Case], bool]]] = {
    "return": lambda case: case["counts"].get("return", 0) < 3,
    "withdraw": lambda case: not case["accepted"],
    "accept": lambda case: case["identified"] and case["employer"] is not None,
    "recommend": lambda case: case["identified"] and case["employer"] is not None,
    "record-delivery": lambda case: not case["delivered"],
    "record-execution": lambda case: (
        not case["executed"] and (case["state"] != "closed" or case["outcome"] == "sanctioned")
    ),
    "require-correction": lambda case: case["counts"].get("require-correction", 0) < 1 and not case["bound"],
    "close": lambda case: case["delivered"],
    "block-data": lambda case: not case["blocked"],
    "unblock-data": lambda case: case["blocked"],
    "reopen": lambda case: case["outcome"] != "merged" and not case["bound"],
}
"""The guards that ask nothing but the file."""


@dataclass
class Judging:
    """The casefiles by id, what holds for all of them, and the answers that may come."""

    cases: dict[str, Case] = field(default_factory=dict)
    paused: bool = False
    """Nothing is accepted: no quorum of witnesses for too long."""
    handed_over_on: Any = None
    """The first day on which the old examiner's mandate holds no more."""

    # -- what an act will be told --------------------------------------------------------------------------------------

    def parties_of(self, case: Case, agency: str) -> set[str]:
        """What that agency is in the case."""
        found = {party for party in ("submitter", "examiner", "employer", "addressee") if case[party] == agency}
        if agency in ABOVE[case["submitter"]]:
            found.add("superior")
        if agency == BKN:
            found.add("personnel")
        governs = agency == PEMPROV and PEMKOT in {case["employer"], case["addressee"]}
        if governs or agency in {BKN, HOME_AFFAIRS, MINISTRY}:
            found.add("oversight")
        return found

    def holders(self, case: Case, name: str) -> list[str]:
        """The agencies that may do it as far as party and sight go, in the order of the drawing."""
        found = []
        for party in LINES[name].by:
            found += [one for one in sorted(case["sees"]) if party in self.parties_of(case, one) and one not in found]
        return found

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
        if name in NEEDS:
            return bool(NEEDS[name](case))
        if (asked := getattr(self, f"_may_{name.replace('-', '_')}", None)) is not None:
            found: bool | None = asked(case, agency=agency, party=party, **more)
            return found
        return not (case["bound"] and name in BOUND)

    def _may_identify(self, case: Case, *, party: set[str], **_: Any) -> bool | None:
        """Whoever has the turn says who it is."""
        return ("employer" in party) == (case["state"] == "identity_requested") if len(party) == 1 else None

    def _may_transfer(self, case: Case, *, employer: str, **_: Any) -> bool:
        return bool(case["identified"] and case["employer"] != employer)

    def _may_extend(self, case: Case, *, now: datetime, due: date, until: date, **_: Any) -> bool:
        return until > due and until >= local_day(max(now, case["last"]))

    def _may_contest(self, case: Case, *, kind: str, **_: Any) -> bool:
        """An objection first, a lawsuit once it was decided, each once; after a court has ruled, nothing."""
        if not case["delivered"] or kind in case["settled"]:
            return False
        return bool(case["settled"]) if kind == "lawsuit" else not case["bound"]

    def _may_reassign(self, case: Case, *, agency: str, party: set[str], office: str, kind: str, **_: Any) -> bool:
        """Up the line or down it, as it is called; whoever stands above hands it to nobody past itself."""
        present = case["submitter"]
        follows = office in ABOVE[present] if kind == "taken_over" else present in ABOVE[office]
        return follows and ("submitter" in party or agency in (office, *ABOVE[office]))

    def _may_measure(self, case: Case, *, agency: str, code: str, to: str, late: bool, **_: Any) -> bool:
        """Whoever is late gets a letter of those who oversee it; a report goes to a ministry, too."""
        turn = turn_in(case)
        obliged = {case["employer"], case["addressee"], turn[1] if turn else None}
        concerned = to in obliged or (to == PEMPROV and PEMKOT in obliged)
        concerned |= code == "report_to_ministry" and to in {MINISTRY, HOME_AFFAIRS}
        return late and concerned and code in LETTERS[agency]

    def _may_correct(self, case: Case, *, party: set[str], fact: str, value: str, **_: Any) -> bool:
        """By its author, once it is there; a register number belongs to one finding."""
        match FACTS[fact]:
            case "matter":
                return ("examiner" if case["accepted"] else "submitter") in party
            case "identity":
                return bool(party & ({"employer", "examiner"} if case["identified"] else {"submitter"}))
            case "examiner":
                return "examiner" in party and case["accepted"]
            case "office":
                taken = {one["register"] for one in self.cases.values() if one["finding"] != case["finding"]}
                return "submitter" in party and value not in taken
            case "decree":
                return case["imposed"] and ("examiner" if case["bound"] else "addressee") in party
            case _:
                return False

    def _lapsed(self, case: Case, now: datetime) -> bool:
        return self.handed_over_on is not None and local_day(max(now, case["last"])) >= self.handed_over_on

    def _may_merge(self, case: Case, *, into: Case, **_: Any) -> bool | None:
        if case["imposed"] or case["contests"]:
            return False
        if into["examiner"] != case["examiner"] or into["nip"] != case["nip"]:
            return False
        if into["state"] in {"closed", "contested"}:
            return False
        if not (case["identified"] and into["identified"]):
            return None
        return along(into) >= along(case)

    def _may_unmerge(self, case: Case, *, now: datetime, **_: Any) -> bool:
        if case["outcome"] != "merged":
            return False
        into = self.cases[case["merged"]["into"]]
        if into["erased"] or into["outcome"] == "merged":
            return False
        days = (local_day(max(now, case["last"], into["last"])) - case["merged"]["on"]).days
        return bool(days <= 30)
