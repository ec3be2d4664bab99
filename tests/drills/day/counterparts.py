"""What a counterpart does all day: an office forwards and notes, examiner and employers do what waits for them.

Each write carries a mark that no other has, so that the database tells how often it happened.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.drills.day.bells import Bell, PhpBell
from tests.drills.day.systems import Outcome, System
from tests.live_server import ROOT

JAKARTA = ZoneInfo("Asia/Jakarta")
EXAMPLE = json.loads((ROOT / "openapi" / "examples" / "submit_finding.json").read_text(encoding="utf-8"))
OFFICIAL = {"name": "Pejabat Rekaan", "nip": "197001011995031001", "position": "Kepala Badan"}
EXAMINING = "bkn"
RACED = {"stale-version", "wrong-state", "transition-refused", "wrong-party"}
"""How the register refuses who comes after another: an automatic counterpart acts for the same parties meanwhile."""


@dataclass
class Day:
    """What all of them share: how far the day is, and what time it is in the register."""

    wanted: int
    accepted: Counter[str] = field(default_factory=Counter)
    ahead: timedelta = timedelta()
    over: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def done(self) -> int:
        """Accepted writes so far."""
        return self.accepted.total()

    def count(self, language: str) -> None:
        """One more."""
        with self._guard:
            self.accepted[language] += 1

    @property
    def today(self) -> date:
        """The day in the register. It may be a moment behind, never ahead."""
        return (datetime.now(JAKARTA) + self.ahead).date()


@dataclass
class Counterpart:
    """One agency's system, and what it was told: marks of accepted and refused writes, events, refusals by code."""

    agency: str
    language: str
    system: System
    bell: Bell | PhpBell
    day: Day
    employers: tuple[str, ...] = ()
    own: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    events: list[Any] = field(default_factory=list)
    _marks: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.agency)

    # -- writing ------------------------------------------------------------------------------------------------------

    def mark(self) -> str:
        """Of the next write."""
        self._marks += 1
        return f"MARK-{self.agency}-{self._marks}"

    def send(self, path: str, mark: str, body: Mapping[str, Any]) -> Any:
        """POST; the answer, or None where it was refused."""
        return self._noted(mark, f"POST {path}", self.system.send(path, body))

    def act(self, casefile: str, name: str, mark: str, body: Mapping[str, Any]) -> Any:
        """Perform a transition; the answer, or None where somebody was faster. A mark is empty where none fits in."""
        return self._noted(mark, name, self.system.act(casefile, name, body))

    def _noted(self, mark: str, what: str, outcome: Outcome) -> Any:
        if outcome.refused:
            self.refused += [mark] if mark else []
            self.codes[f"{what}: {outcome.refused}"] += 1
            return None
        self.accepted += [mark] if mark else []
        self.day.count(self.language)
        return outcome.data

    def document(self, kind: str) -> str:
        """The id of a descriptor that it registers."""
        mark = self.mark()
        body = {"type": kind, "title": f"Dokumen rekaan {mark}", "media_type": "application/pdf", "size": 18_233}
        return str(self.send("/documents", mark, {**body, "sha256": hashlib.sha256(mark.encode()).hexdigest()})["id"])

    # -- the day ------------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """Work, and look into the feed now and then, until the day is over."""
        steps: Callable[[], None] = self._office if self.employers else self._what_waits
        while not self.day.over.is_set():
            steps()
            if self.chance.random() < 0.1:
                self.events += self.system.follow()

    def ends(self) -> None:
        """Read the feed to its end."""
        while came := self.system.follow():
            self.events += came

    def _office(self) -> None:
        """Forward a finding, or add a note to one of its own cases."""
        if not self.own or self.chance.random() < 0.35:
            if made := self._forwarded():
                self.own = [*self.own[-30:], made]
            return
        casefile, mark = self.chance.choice(self.own), self.mark()
        note = {"code": "withdrawal_requested", "date": str(self.day.today), "text": mark}
        if self.act(casefile, "note", mark, note) is None and self.system.get(f"/casefiles/{casefile}")["state"] in (
            "closed",
            "returned",
        ):
            self.own.remove(casefile)

    def _forwarded(self) -> str:
        document, mark = self.document("assessment"), self.mark()
        body = json.loads(json.dumps(EXAMPLE))
        body |= {"origin_office": self.agency, "register_number": mark, "references": []}
        body["assessment"]["documents"] = [document]
        number = int(hashlib.sha256(mark.encode()).hexdigest(), 16)
        born = date(1965, 1, 1) + timedelta(days=number % 9_000)
        body["subjects"][0] |= {
            "name": f"Terlapor {mark}",
            "nip": f"{born:%Y%m%d}201001{number // 9_000 % 2 + 1}{number // 20_000 % 900 + 100}",
            "employer": self.chance.choice(self.employers),
            "employment_kind": "pns",
            "position_kind": "functional_expert",
        }
        made = self.send("/findings", mark, body)
        return str(made["casefiles"][0]["id"]) if made else ""

    def _what_waits(self) -> None:
        """Pull what waits for it, and do a few of them."""
        waits = self.system.get("/referrals?status=open&limit=100")["data"]
        if not waits:
            self.day.over.wait(0.3)
        for one in self.chance.sample(waits, min(len(waits), 10)):
            if self.day.over.is_set():
                return
            casefile = one["casefile"]["id"] if isinstance(one["casefile"], dict) else one["casefile"]
            seen = self.system.get(f"/casefiles/{casefile}")
            if step := STEPS.get(seen["state"]):
                step(self, casefile, seen)


# -- the steps of the line -----------------------------------------------------------------------------------------


def _accept(who: Counterpart, casefile: str, seen: Any) -> None:
    mark, day = who.mark(), str(who.day.today)
    held = {"held_on": day, "result": "complete"}
    who.act(casefile, "accept", mark, {"examiner_reference": mark, "unit": "Wasdal", "verification": held})


def _recommend(who: Counterpart, casefile: str, seen: Any) -> None:
    mark = who.mark()
    given = {"letter": {"number": mark, "date": str(who.day.today)}, "violations": [1], "sanction": "discipline_medium"}
    who.act(casefile, "recommend", mark, {**given, "reasoning": "Terbukti.", "official": OFFICIAL})


def _acknowledge(who: Counterpart, casefile: str, seen: Any) -> None:
    mark, day = who.mark(), max(str(who.day.today), seen["recommendation"]["letter"]["date"])
    if who.chance.random() < 0.1:
        who.act(casefile, "dispute", mark, {"reason": {"code": "wrong_class"}, "letter": {"number": mark, "date": day}})
        return
    by = {"name": f"Penerima {mark}", "position": "Pengelola surat"}
    who.act(casefile, "acknowledge", mark, {"received_on": day, "received_by": by})


def _uphold(who: Counterpart, casefile: str, seen: Any) -> None:
    mark = who.mark()
    letter = {"number": mark, "date": str(who.day.today)}
    who.act(casefile, "uphold", mark, {"letter": letter, "reason": {"code": "reasons_rejected"}})


def _report(who: Counterpart, casefile: str, seen: Any) -> None:
    document, mark = who.document("decision"), who.mark()
    day = max(str(who.day.today), seen["recommendation"]["letter"]["date"])
    decision = {"number": mark, "date": day, "legal_basis": "PP 94/2021", "document": document}
    body = {
        "sanction": "allowance_cut_25_6m",
        "decision": decision,
        "official": OFFICIAL,
        "examination": {"by": "team", "summoned_on": [day], "examined_on": day, "attended": True},
        "delivery": {"delivered_on": day, "method": "hand"},
    }
    who.act(casefile, "report-sanction", mark, body)


def _reported(who: Counterpart, casefile: str, seen: Any) -> None:
    """The employer says that the decree was delivered, where its automatic counterpart has not; the examiner closes."""
    if seen["sanction"].get("delivered_on") is None:
        if who.agency != EXAMINING:
            who.act(casefile, "record-delivery", "", {"delivered_on": str(who.day.today), "method": "hand"})
        return
    if who.agency == EXAMINING:
        _close(who, casefile, seen)


def _close(who: Counterpart, casefile: str, seen: Any) -> None:
    document, mark = who.document("moral_statement"), who.mark()
    waived = {"on": max(str(who.day.today), seen["sanction"]["delivered_on"]), "document": document}
    who.act(casefile, "close", mark, {"conformity": "in_line", "note": mark, "contest_waived": waived})


STEPS: Mapping[str, Callable[[Counterpart, str, Any], None]] = {
    "submitted": _accept,
    "under_examination": _recommend,
    "recommended": _acknowledge,
    "disputed": _uphold,
    "awaiting_sanction": _report,
    "sanction_reported": _reported,
}
"""Whoever is shown a case in that state among what waits for it takes this step."""
