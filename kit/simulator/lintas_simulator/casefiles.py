"""Casefiles in memory: whose turn, who sees, who may do what, and what becomes of a file with each row of the flow."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from lintas_simulator import contract
from lintas_simulator.contract import SAME, Row, agency, is_above, named, rows, turns
from lintas_simulator.log import canonical, instant
from lintas_simulator.problems import Problem, Reason

DUE_IN: Final = timedelta(days=14)
"""Every referral's time: the simulator counts neither working days nor the catalogue's deadlines."""
CLOSED: Final = "closed"
_EAST_OF_GREENWICH: Final = timedelta(hours=7)
"""Everybody's time zone here is Jakarta's, which has no summer time."""


def day_of(moment: datetime) -> date:
    """The day of a moment (in UTC) where the parties are."""
    return (moment + _EAST_OF_GREENWICH).date()


@dataclass
class Referral:
    """Whose turn it is."""

    party: str
    to: str
    purpose: str
    opened_at: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def due_on(self) -> date:
        """The day on which it is due."""
        return day_of(self.opened_at + DUE_IN)


@dataclass
class Casefile:
    """One officer in one matter. `told` holds the members of the answer that acts have given."""

    id: str
    number: str
    finding: Mapping[str, Any]
    submitter: str
    examiner: str
    created_at: datetime
    updated_at: datetime
    employer: str | None = None
    addressee: str | None = None
    asked: str | None = None
    state: str = "submitted"
    outcome: str | None = None
    came_from: str = "submitted"
    version: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    readers: set[str] = field(default_factory=set)
    referral: Referral | None = None
    mandate_ended: bool = False
    answered: list[Referral] = field(default_factory=list)

    # -- who ----------------------------------------------------------------------------------------------------------

    def parties(self, code: str) -> frozenset[str]:
        """What an agency is to this casefile."""
        found: set[str] = set()
        holders = {"submitter": self.submitter, "examiner": self.examiner, "addressee": self.addressee}
        found |= {party for party, holder in holders.items() if holder == code}
        if code in {self.employer, self.asked}:
            found.add("employer")
        if is_above(code, self.submitter):
            found.add("superior_office")
        roles = set((agency(code) or {"roles": []})["roles"])
        found |= roles & {"appeal_board", "civil_service_agency"}
        if roles & {"civil_service_agency", "home_affairs", "policy_ministry"}:
            found.add("oversight")
        return frozenset(found)

    def is_seen_by(self, code: str) -> bool:
        """Whether an agency has sight of it now."""
        roles = set((agency(code) or {"roles": []})["roles"])
        return code in self.readers or is_above(code, self.submitter) or "auditor" in roles

    @property
    def sighted(self) -> frozenset[str]:
        """Every agency that has sight of it now."""
        return frozenset(one["code"] for one in contract.contract()["agencies"] if self.is_seen_by(one["code"]))

    # -- what may be done ---------------------------------------------------------------------------------------------

    def available(self, code: str) -> list[Row]:
        """The rows that the agency may perform now."""
        mine = self.parties(code)
        return [row for row in rows().values() if row.routed and self.state in row.source and mine & set(row.by)]

    def judge_party(self, row: Row, code: str) -> str:
        """As which party the agency performs the row. Raises `Problem`."""
        party = next((party for party in row.by if party in self.parties(code)), None)
        if party is None:
            raise Problem("wrong-party", facts={"by": ", ".join(row.by)}, members={"by": list(row.by)})
        return party

    def judge(self, row: Row, code: str, given: Mapping[str, Any], *, now: datetime) -> None:
        """Raise `Problem` where the state or one of the simulator's few guards refuses."""
        if self.state not in row.source:
            members = {
                "state": self.state,
                "allowed_from": list(row.source),
                "available": [one.name for one in self.available(code)],
            }
            raise Problem("wrong-state", facts={"state": self.state}, members=members)
        refused = list(_refusals(self, row, given, now=now))
        if refused:
            raise Problem("transition-refused", reasons=refused)

    # -- how it is told -----------------------------------------------------------------------------------------------

    @property
    def turn(self) -> dict[str, Any] | None:
        """Whose turn, as answers show it."""
        if self.referral is None:
            return None
        due = self.referral.due_on.isoformat()
        return {
            "party": self.referral.party,
            "agency": named(self.referral.to),
            "purpose": self.referral.purpose,
            "referral": self.referral.id,
            "since": instant(self.referral.opened_at),
            "due_on": due,
            "original_due_on": due,
            "due_at": f"{due}T17:00:00.000Z",
            "overdue": False,
        }

    def shown_to(self, code: str) -> dict[str, Any]:
        """What is known of the casefile, before it is brought into an answer's shape."""
        href = f"/api/v1/casefiles/{self.id}"
        base = {
            "id": self.id,
            "number": self.number,
            "version": self.version,
            "state": self.state,
            "outcome": self.outcome,
            "turn": self.turn,
            "finding": self.finding,
            "submitter": named(self.submitter),
            "examiner": named(self.examiner),
            "employer": named(self.employer),
            "addressee": named(self.addressee),
            "mandate": "examining-2024",
            "data_block": "none",
            "created_at": instant(self.created_at),
            "updated_at": instant(self.updated_at),
            "href": href,
            "available": [
                {"transition": row.name, "href": f"{href}/{row.name}", "blocked_by": []} for row in self.available(code)
            ],
        }
        return {**base, **self.told}

    def etag(self, code: str) -> str:
        """Version and digest of what this agency sees."""
        digest = hashlib.sha256(canonical([code, self.version, self.state])).hexdigest()[:8]
        return f'"{self.version}.{digest}"'

    def event(self, *, kind: str, transition: str | None, entry: str, source: str, at: datetime) -> dict[str, Any]:
        """What the feed tells of a step: ids only."""
        turn = self.referral and {"party": self.referral.party, "agency": self.referral.to}
        return {
            "specversion": "1.0",
            "id": entry,
            "source": source,
            "type": kind,
            "subject": f"casefiles/{self.id}",
            "time": instant(at),
            "data": {
                "casefile": self.id,
                "number": self.number,
                "version": self.version,
                "transition": transition,
                "state": self.state,
                "turn": turn,
                "href": f"/api/v1/casefiles/{self.id}",
            },
        }

    # -- moving -------------------------------------------------------------------------------------------------------

    def target_of(self, row: Row, given: Mapping[str, Any]) -> str:
        """The state that the row leads to from here."""
        if row.returns or row.name == "unmerge":
            return self.came_from
        if row.targets == (SAME,):
            return self.state
        if row.name == "settle" and given.get("ruling") == "annulled":
            return CLOSED
        preferred = ("under_examination", "sanction_reported", "submitted")
        return next((state for state in preferred if state in row.targets), row.targets[0])

    def turn_now(self) -> tuple[str, str] | None:
        """Party and purpose of the turn, by the flow's own rules (`casefiles.flow.turn_in`)."""
        if self.state == "sanction_reported" and not (self.told.get("sanction") or {}).get("delivered_on"):
            return "addressee", "deliver"
        if self.state == "contested" and (self.told.get("contest") or {}).get("kind") == "appeal":
            return "appeal_board", "settle"
        return turns().get(self.state)

    def hand_over(self, *, now: datetime, keeps: bool) -> None:
        """Open the referral of whoever has the turn now; the one that is open stays where nothing moved it."""
        turn = self.turn_now()
        holders = {
            "submitter": self.submitter,
            "examiner": self.examiner,
            "employer": self.asked or self.employer,
            "addressee": self.addressee,
            "appeal_board": "bpasn",
        }
        to = holders[turn[0]] if turn else None
        same = self.referral and turn and (self.referral.purpose, self.referral.to) == (turn[1], to)
        if keeps and same:
            return
        if self.referral is not None:
            self.answered.append(self.referral)
        self.referral = Referral(turn[0], to, turn[1], now) if turn and to else None
        if to:
            self.readers.add(to)


def _refusals(case: Casefile, row: Row, given: Mapping[str, Any], *, now: datetime) -> list[Reason]:
    """The few guards that the simulator judges; the register has many more."""
    today = day_of(now).isoformat()
    refused = [
        Reason("date-in-the-future", pointer=f"#/{name}")
        for name in ("received_on", "delivered_on", "filed_on", "executed_on", "date", "moved_on")
        if isinstance(given.get(name), str) and given[name] > today
    ]
    if row.name == "acknowledge" and given["received_on"] < str(case.told["recommendation"]["letter"]["date"]):
        refused.append(Reason("received-before-sent", pointer="#/received_on"))
    if row.name == "record-delivery" and (case.told.get("sanction") or {}).get("delivered_on"):
        refused.append(Reason("delivered-already", pointer="#/delivered_on"))
    refused += _of_the_law(case, row, given, today=today)
    if row.name == "complete":
        asked = len((case.told.get("returned") or {}).get("items", []))
        answered = {answer["item"] for answer in given["answers"]}
        refused += [
            Reason("item-unanswered", pointer="#/answers") for item in range(1, asked + 1) if item not in answered
        ]
    return refused


def _of_the_law(case: Casefile, row: Row, given: Mapping[str, Any], *, today: str) -> list[Reason]:
    """A note that lies before the acts, what comes after the mandate, an objection that is granted too early."""
    refused = []
    first = min((str(one["act_date"]) for one in case.told["violations"] if one.get("act_date")), default="")
    if row.name == "note" and given["date"] < first:
        refused.append(Reason("dates-run-backwards", pointer="#/date"))
    if case.mandate_ended and (row.name == "note" or row.by == ("examiner",)):
        refused.append(Reason("mandate-not-in-force"))
    if row.name == "settle" and given["ruling"] == "deemed_granted":
        filed = date.fromisoformat(str(case.told["contest"]["filed_on"]))
        if date.fromisoformat(today) <= filed + DUE_IN:
            refused.append(Reason("not-silent-for-long-enough", pointer="#/ruling"))
    return refused
