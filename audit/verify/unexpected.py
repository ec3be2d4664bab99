"""What the log says of one agency against what that agency expects: an entry that says more, or takes away, is named.

Two questions are asked of the entries in their order. What does an entry claim of the agency, its clients, keys,
vendors, people and mandates that was not claimed before (`hear`)? And who acted in its name (`act`)?
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from . import claims, people
from .actors import BYTES, Opening
from .claims import CODES, TWO_OFFICERS, Claim
from .entries import Entry, place
from .expected import Expected
from .report import Report
from .tellings import KINDS, following, in_order, is_delegated, may_tell

MANDATES: Final = frozenset({"mandate.registered", "mandate.ended"})
HANDED_OVER: Final = "mandate.handed_over"
TELLING: Final = KINDS | MANDATES | {HANDED_OVER}
"""The kinds of entries that say who may do what."""

UNREADABLE: Final = (KeyError, TypeError, AttributeError, ValueError)


@dataclass(frozen=True, slots=True)
class Told:
    """Where a claim was made first."""

    index: int
    entry: Entry


@dataclass(slots=True)
class Judge:
    """Takes a log's entries in their order and reports what the agency did not expect."""

    expected: Expected
    report: Report
    live: dict[str, dict[Claim, Told]] = field(default_factory=dict)
    """What is claimed at this moment, by stream (a mandate by its code)."""
    _states: dict[str, Any] = field(default_factory=dict)
    _own: str | None = None
    """The stream of this agency."""

    def hear(self, entry: Entry, opening: Opening | None, *, index: int) -> None:
        """Take an entry that says who may do what (`TELLING`); `opening` is None where nobody opened it."""
        if opening is None:
            self.report.add("agency-untold", index=index, kind=entry["kind"], **place(entry))
            self._states[str(entry["stream"])] = None
            return
        try:
            if entry["kind"] in people.KINDS:
                self._hear_person(entry, opening["state"], index)
            elif entry["kind"] == HANDED_OVER:
                self._hear_hand_over(entry, opening["given"], index)
            elif entry["kind"] in MANDATES:
                held = claims.of_mandate(opening["state"], code=self.expected.agency)
                self._now(f"mandate {opening['state']['code']}", held, entry, index)
            else:
                self._hear_agency(entry, opening, index)
        except UNREADABLE:
            self.report.add("party-leap", index=index, member="state", **place(entry))

    def act(self, entry: Entry, *, index: int) -> None:
        """Take any whole entry: whether somebody acted in the agency's name whom it does not expect."""
        if index >= self.expected.judged_from and self._touches(entry["actor"]) and (what := self._stranger(entry)):
            self._add("unexpected-act", what, entry, index)

    def finish(self) -> None:
        """What was claimed before `judged_from`, still holds and is not expected; and what is expected and not told."""
        told = {claim: where for held in self.live.values() for claim, where in held.items()}
        before = {
            claim
            for claim, where in told.items()
            if claim not in self.expected.claims and where.index < self.expected.judged_from
        }
        for claim in sorted(claims.heads(before), key=lambda claim: told[claim].index):
            self._add(CODES[claim[0]], _said(claim), told[claim].entry, told[claim].index)
        for claim in sorted(self.expected.claims - told.keys()):
            self.report.add("expected-untold", what=_said(claim))

    def claimed(self) -> frozenset[Claim]:
        """All that is claimed at this moment, but for what is told of this agency where it does not belong."""
        return frozenset(claim for held in self.live.values() for claim in held if claim[0] != "elsewhere")

    # -- what is claimed -----------------------------------------------------------------------------------------------

    def _hear_agency(self, entry: Entry, opening: Opening, index: int) -> None:
        stream, state = str(entry["stream"]), opening["state"]
        if not self._follows(entry, opening, stream):
            # It says that it gave one thing, and a state that does not follow from it: whichever is used, it is told.
            self.report.add("party-leap", index=index, member="state", **place(entry))
        self._states[stream] = state
        if state["code"] != self.expected.agency:
            self._now(stream, self._of_others(state), entry, index)
            return
        if self._own not in {None, stream}:
            self._add("unexpected-elsewhere", f"agency {state['code']}", entry, index)
        self._own = self._own or stream
        self._now(stream, claims.of_agency(state), entry, index)

    def _follows(self, entry: Entry, opening: Opening, stream: str) -> bool:
        """Whether the state follows from the one before; nobody can say after an entry that nobody opened."""
        before, given = self._states.get(stream), opening["given"]
        if stream in self._states and before is None:
            return True
        lawful = following(entry["kind"], before, given) if may_tell(entry, given, before) else None
        return lawful is not None and bool(lawful == in_order(opening["state"]))

    def _of_others(self, state: Mapping[str, Any]) -> frozenset[Claim]:
        own = frozenset(self.live.get(self._own, {}) if self._own is not None else ()) | self.expected.claims
        return claims.of_others(
            state,
            code=self.expected.agency,
            clients=frozenset(claim[1] for claim in own if claim[0] == "client"),
            keys=frozenset(claim[2] for claim in own if claim[0] == "key"),
        )

    def _hear_person(self, entry: Entry, state: Mapping[str, Any], index: int) -> None:
        code = self.expected.agency
        if entry["kind"] in people.DECIDES and state["agency"] == code:
            decided = frozenset({TWO_OFFICERS} if entry["kind"] == people.TWO else ())
            self._now(TWO_OFFICERS[0], decided, entry, index)
        held = claims.of_person(state, code=code, people=self.expected.people)
        self._now(str(entry["stream"]), held, entry, index)

    def _hear_hand_over(self, entry: Entry, given: Mapping[str, Any], index: int) -> None:
        own = {claim[1] for claim in self.claimed() | self.expected.claims if claim[0] == "mandate"}
        if own & {given["from"], given["to"]} and index >= self.expected.judged_from:
            self._add("unexpected-mandate", f"handed over from {given['from']} to {given['to']}", entry, index)

    def _now(self, stream: str, held: frozenset[Claim], entry: Entry, index: int) -> None:
        """What the stream claims from this entry on; names what came and what went, where the agency judges already."""
        before = self.live.get(stream, {})
        self.live[stream] = {claim: before.get(claim) or Told(index, entry) for claim in held}
        if index < self.expected.judged_from:
            return
        for claim in claims.heads(held - before.keys() - self.expected.claims):
            self._add(CODES[claim[0]], _said(claim), entry, index)
        replaced = {claims.slot(claim) for claim in held}
        lost = (before.keys() - held) & self.expected.claims
        for claim in claims.heads(claim for claim in lost if claims.slot(claim) not in replaced):
            self._add("unexpected-loss", _said(claim), entry, index)

    # -- who acted -----------------------------------------------------------------------------------------------------

    def _touches(self, actor: Mapping[str, Any]) -> bool:
        expected = self.expected
        return (
            expected.agency in (actor["agency"], actor.get("vendor"))
            or actor["client"] in expected.clients
            or bool(expected.people & {str(actor.get("person")), str(actor.get("drafted_by"))})
        )

    def _stranger(self, entry: Entry) -> str:
        """Who acted that is not expected, in words; empty where everybody is."""
        actor, expected = entry["actor"], self.expected
        if people.is_person(actor):
            return self._strange_person(actor)
        client, key = str(actor["client"]), actor.get("key")
        if is_delegated(actor):
            named = (str(actor.get("delegation")), str(actor["agency"]), str(actor.get("vendor")), client)
            if ("delegation", *named) not in expected.claims:
                return f"delegation {' '.join(named)}"
            if actor.get("vendor") != expected.agency:
                # Which keys a vendor has is the vendor's affair; that this one was its, `dump` and `db` ask.
                return "" if key is not None else f"{client} without a key"
        elif actor["agency"] != expected.agency:
            return f"client {client} for {actor['agency']}"
        if key is None:
            return "" if expected.is_operator and client not in expected.clients else f"{client} without a key"
        if ("client", client) not in expected.claims:
            return f"client {client}"
        if ("key", client, key) not in expected.claims:
            return f"key {client} {key}"
        return f"{client} without a signature" if self._is_unsigned(entry, client) else ""

    def _strange_person(self, actor: Mapping[str, Any]) -> str:
        ids = [str(actor["person"]), *([str(actor["drafted_by"])] if actor.get("drafted_by") is not None else [])]
        for ident in ids:
            if actor["agency"] != self.expected.agency:
                return f"person {ident} for {actor['agency']}"
            if ("person", ident, people.ACTS) not in self.expected.claims:
                return f"person {ident}"
        return ""

    def _is_unsigned(self, entry: Entry, client: str) -> bool:
        """Whether a client that signs (an upload's write named its bytes before) did this without a signature."""
        since = [claim[2] for claim in self.expected.claims if claim[:2] == ("signs", client)]
        is_due = any(moment <= entry["recorded_at"] for moment in since) and entry["kind"] != BYTES
        return is_due and entry["request"].get("signature") is None

    def _add(self, code: str, what: str, entry: Entry, index: int) -> None:
        self.report.add(code, index=index, kind=str(entry["kind"]), what=what, **place(entry))


def _said(claim: Claim) -> str:
    """A claim as findings say it: ids, codes, thumbprints and words of the log, nothing personal."""
    return " ".join(claim)
