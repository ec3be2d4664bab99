"""Who acted, from the log alone: was this key that client's, the client that agency's, and were they allowed to?

The entries of an agency's stream tell its clients, keys and scopes, the one after the other. Each later act is judged
by what had been told before it. No table is asked: a row put in for an act and taken out again helps nobody.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from . import delegated, keyless, people
from .entries import Entry, place
from .forms import opens
from .report import Report
from .spill import Spilled
from .tellings import BY_CLIENTS, KINDS, following, in_order, is_delegated, may_tell
from .times import APART, AT_ONCE, moved

SCOPES: Final[Mapping[str, str]] = {
    "submit": "findings:write",
    "finding.recorded": "findings:write",
    "document.recorded": "documents:write",
    "content.uploaded": "documents:write",
    "first_reading.recorded": "casefiles:read",
    "prevention.recorded": "findings:write",
    "zero_report.recorded": "casefiles:write",
    "snapshot.recorded": "casefiles:read",
    "zero_report.withdrawn": "casefiles:write",
    "hukdis.recorded": "casefiles:write",
    **dict.fromkeys(
        ("webhook.registered", "webhook.changed", "webhook.secret_rotated", "webhook.ended"), "webhooks:write"
    ),
}
"""The scope of an act; `casefiles:write` for steps that are not named."""

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "submitter": frozenset({"election_supervisor"}),
    "superior_office": frozenset({"election_supervisor"}),
    "examiner": frozenset({"examiner"}),
    "employer": frozenset({"employer"}),
    "addressee": frozenset({"employer", "home_affairs"}),
    "appeal_board": frozenset({"appeal_board"}),
    "civil_service_agency": frozenset({"civil_service_agency"}),
    "oversight": frozenset({"civil_service_agency", "home_affairs", "policy_ministry", "employer"}),
    "clock": frozenset({"operator"}),
    "operator": frozenset({"operator"}),
}
"""Roles of which a party has at least one. A governor oversees as an employer."""

BYTES: Final = "content.uploaded"
"""An upload. A signed write named the digest of the bytes before, so this request need not be signed."""

WITHOUT_SCOPE: Final = BY_CLIENTS | delegated.KINDS
"""What a client may do whatever its scopes."""

RECORDER: Final = "recorder"
"""As which any agency registers what is no casefile yet."""

WITHOUT_KEY: Final = frozenset({"clock", keyless.OPERATOR})
"""Parties that act by a command of the operator's and sign nothing."""

NEVER: Final = 1 << 63
"""A place behind every leaf."""

Opening = Mapping[str, Any]


@dataclass(slots=True)
class Key:
    """A registered key, with the moments from and until which acts may name it, and from which on its client signs."""

    alg: str
    since: str
    until: str | None
    signed_from: str | None = None

    def is_live(self, recorded_at: str) -> bool:
        """Whether an act that was recorded then may name the key."""
        return self.since <= recorded_at and (self.until is None or recorded_at < self.until)

    def is_unsigned(self, entry: Entry) -> bool:
        """Whether the entry's request carried no signature although its client had to sign."""
        is_due = self.signed_from is not None and self.signed_from <= entry["recorded_at"]
        is_due = (is_due and entry["kind"] != BYTES) or entry["kind"] in BY_CLIENTS
        return is_due and entry["request"].get("signature") is None

    def ended(self, recorded_at: str) -> tuple[str, str] | None:
        """What an act says that was recorded when it may not name the key: a code and a member; None where it may."""
        return None if self.is_live(recorded_at) else ("actor-key-ended", "actor.key")


@dataclass(slots=True)
class DelegatedKey(Key):
    """A vendor's key, with what an employer delegated to its client."""

    delegation: delegated.Delegation | None = None

    def is_live(self, recorded_at: str) -> bool:
        """Whether key and delegation were live."""
        return self.ended(recorded_at) is None

    def ended(self, recorded_at: str) -> tuple[str, str] | None:
        """The same, and whether the delegation had begun and not ended."""
        if self.delegation is None or not self.delegation.is_live(recorded_at):
            return "actor-delegation-ended", "actor.delegation"
        return Key.ended(self, recorded_at) if not Key.is_live(self, recorded_at) else None


@dataclass(slots=True)
class _Agency:
    """An agency as its stream told it last; `state` is None where what it told could not be read."""

    state: Mapping[str, Any] | None = None
    roles: frozenset[str] = frozenset()
    scopes: dict[str, frozenset[str]] = field(default_factory=dict)
    """Of each active client."""
    keys: dict[tuple[str, str], Key] = field(default_factory=dict)
    """By client and thumbprint, with the moments from and until which acts may name it."""
    delegations: dict[str, delegated.Delegation] = field(default_factory=dict)
    """By id, all that the agency was ever asked for."""
    judged: dict[tuple[str, ...], tuple[str, Key | None]] = field(default_factory=dict)
    """What was found of client, key, party and kind since the stream told something last."""

    @property
    def known_roles(self) -> frozenset[str]:
        """Its roles; where what it told could not be read, that it runs the register is not denied."""
        return self.roles if self.state is not None else frozenset({keyless.OPERATOR})

    def judge(self, entry: Entry) -> tuple[str, Key | None]:
        """The member of the entry that does not hold ("" where all do), and the key with its time."""
        actor = entry["actor"]
        key = actor.get("key")
        asked = (str(actor["client"]), str(key), str(actor["party"]), entry["kind"])
        if asked not in self.judged:
            self.judged[asked] = _found(self, *asked, signed=key is not None)
        return self.judged[asked]

    def judge_delegated(self, entry: Entry, vendor: _Agency | None) -> tuple[str, Key | None]:
        """The same of what a vendor's client did for this agency; `vendor` is its own, None where nobody told of it."""
        actor = entry["actor"]
        client, key, party, kind = str(actor["client"]), str(actor.get("key")), str(actor["party"]), entry["kind"]
        given = self.delegations.get(str(actor.get("delegation")))
        if given is None or not given.is_of(vendor=str(actor.get("vendor")), client=client):
            return "actor.delegation", None
        if vendor is None or vendor.state is None or client not in vendor.scopes:
            return "actor.client", None
        named = vendor.keys.get((client, key))
        if named is None:
            return "actor.key", None
        if party != RECORDER and not delegated.may_be(party, roles=given.roles & self.roles):
            return "actor.party", None
        if kind in WITHOUT_SCOPE or SCOPES.get(kind, "casefiles:write") not in given.scopes & vendor.scopes[client]:
            return "kind", None
        return "", DelegatedKey(named.alg, named.since, named.until, named.signed_from, given)

    def judge_person(self, entry: Entry, person: people.Person | None) -> tuple[str, people.Person | None]:
        """The same of what a person did at the desk for this agency; None where nobody told of them."""
        party = str(entry["actor"]["party"])
        if party != RECORDER and not self.roles & ROLES.get(party, frozenset()) - {"operator"}:
            return "actor.party", None
        if person is None:
            return "actor.person", None
        return people.judged(entry, person), person


class Actors:
    """Takes the entries in the order of the log. An act is judged by what stands before it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._streams: dict[str, _Agency] = {}
        self._untold: set[str] = set()
        self._by_code: dict[str, _Agency] = {}
        self._lists: Spilled[str] = Spilled()
        """The list by casefile, of those that a list began."""
        self.people = people.People()

    def take(self, entry: Entry, opening: Opening | None, *, index: int | None) -> None:
        """Take one whole entry; `opening` is what it opens to, where that is known and fits it."""
        if entry["to"] is None and entry["kind"] in KINDS:
            self._hear(entry, opening, index=index)
        fault, member = self._judge(entry)
        if fault:
            self._report.add(fault, index=index, member=member, **place(entry))
        self._report.checked["actors"] += entry["to"] is not None or entry["actor"]["party"] == RECORDER

    def states(self) -> list[Mapping[str, Any]]:
        """The agencies with their clients and keys, as lawfully told last."""
        return [agency.state for agency in self._by_code.values() if agency.state is not None]

    def agency_of(self, stream: str) -> _Agency:
        """The agency of that stream, as it was told last."""
        return self._streams[stream]

    # -- what the agencies' streams tell -------------------------------------------------------------------------------

    def _hear(self, entry: Entry, opening: Opening | None, *, index: int | None) -> None:
        stream = entry["stream"]
        if entry["kind"] in people.KINDS:
            if entry["actor"]["party"] != "operator" or not self.people.hear(entry, opening):
                self._report.add("party-leap", index=index, member="state", **place(entry))
            return
        known = self._streams.get(stream)
        agency = self._streams.setdefault(stream, _Agency())
        agency.judged.clear()
        if opening is None:
            agency.state = None
            return
        given, state = opening.get("given"), opening.get("state")
        before, read = agency.state, _read(state)
        if read is None:
            agency.state = None
            self._report.add("party-leap", index=index, member="state", **place(entry))
            return
        lawful = following(entry["kind"], before, given) if may_tell(entry, given, before) else None
        if (known is None or before is not None) and lawful != in_order(state):
            # The stored state does not follow from what was given. Later acts are judged by the state that does.
            self._report.add("party-leap", index=index, member="state", **place(entry))
            state, read = (lawful, _read(lawful)) if lawful is not None else (before, _read(before))
        agency.state = state
        agency.roles, agency.scopes, agency.keys = read or (frozenset(), {}, {})
        agency.delegations = delegated.read(state)
        code = state.get("code") if isinstance(state, Mapping) else None
        if isinstance(code, str) and self._by_code.setdefault(code, agency) is not agency:
            self._report.add("party-twice", index=index, agency=code, **place(entry))

    # -- who acted -----------------------------------------------------------------------------------------------------

    def _judge(self, entry: Entry) -> tuple[str, str | None]:
        actor = entry["actor"]
        key = actor.get("key")
        if entry["to"] is None and key is None and not people.is_person(actor):
            # A command of the operator's on the register itself: nobody else writes without a key.
            own = self._by_code.get(actor["agency"])
            is_run = any(keyless.OPERATOR in one.roles for one in self._by_code.values())
            member = keyless.command_fault(entry, None if own is None else own.known_roles, is_run=is_run)
            return (keyless.FAULTS[member], member) if member else ("", None)
        agency = self._by_code.get(actor["agency"])
        if agency is None:
            return "actor-agency", "actor.agency"
        if agency.state is None:
            # Reported once for each agency. The missing or changed entry of its stream has a finding of its own.
            is_named = actor["agency"] in self._untold
            self._untold.add(actor["agency"])
            return ("", None) if is_named else ("actor-untold", "actor.agency")
        if people.is_person(actor):
            return self._judge_person(entry, agency)
        if is_delegated(actor):
            member, lives = agency.judge_delegated(entry, self._by_code.get(str(actor.get("vendor"))))
        else:
            member, lives = agency.judge(entry)
        if member:
            return ("actor-keyless" if key is None and member == "actor.key" else FAULTS[member]), member
        if lives is not None and (ended := lives.ended(entry["recorded_at"])) is not None:
            return ended
        if lives is not None and lives.is_unsigned(entry):
            return "actor-unsigned", "request.signature"
        return ("", None) if self._is_of_its_list(entry) else ("actor-keyless", "actor.client")

    def _is_of_its_list(self, entry: Entry) -> bool:
        """Whether a step out of a list is one of a casefile that this list began; True of any other step."""
        if not keyless.is_listed(entry["actor"]):
            return True
        client = str(entry["actor"]["client"])
        if entry["seq"] == 1:
            self._lists.put(entry["stream"], client)
        return self._lists.get(entry["stream"]) == client

    def _judge_person(self, entry: Entry, agency: _Agency) -> tuple[str, str | None]:
        """A person's act at the desk, which bears no key."""
        ident = str(entry["actor"]["person"])
        if ident in self.people.known and self.people.known[ident] is None:
            return "actor-untold", "actor.person"
        member, person = agency.judge_person(entry, self.people.known.get(ident))
        if member:
            return FAULTS[member], member
        if person is not None and (ended := person.ended(entry["recorded_at"])) is not None:
            return ended
        if person is not None and person.is_unsigned(entry):
            return "actor-unproved", "actor.proved_at"
        return self.people.undrafted(entry) or ("", None)


class Standing:
    """What the agencies' streams tell, to be asked in any order: who might do what at which place of the log."""

    def __init__(self) -> None:
        self.heard: set[int] = set()  # the indexes of the entries that tell it
        self.states: list[Mapping[str, Any]] = []  # the agencies with their clients and keys, as told last
        self._by_code: dict[str, tuple[list[int], list[_Agency]]] = {}
        self._people: dict[str, tuple[list[int], list[people.Person | None]]] = {}
        self._run_since = NEVER  # where the first agency was told that runs the register
        self._everybody = people.People()

    @classmethod
    def of(cls, entries: Iterable[tuple[int, Entry, Opening | None]]) -> Standing | None:
        """Of the entries that tell something, with index and opening; None where one of them does not hold."""
        report, standing = Report(), cls()
        actors = Actors(report)
        for index, entry, opening in entries:
            if opening is None:
                return None
            actors.take(entry, opening, index=index)
            standing.heard.add(index)
            if entry["kind"] in people.KINDS:
                known = standing._people.setdefault(entry["stream"], ([], []))
                known[0].append(index)
                known[1].append(actors.people.known[entry["stream"]])
                continue
            agency = actors.agency_of(entry["stream"])
            if keyless.OPERATOR in agency.roles:
                standing._run_since = min(standing._run_since, index)
            indexes, states = standing._by_code.setdefault(str((agency.state or {}).get("code")), ([], []))
            indexes.append(index)
            states.append(replace(agency, judged={}, state=None if agency.state is None else {}))
        standing.states, standing._everybody = actors.states(), actors.people
        return None if report.counts else standing

    def judged(self, entry: Entry, place: int) -> tuple[int, Key | people.Person | None]:
        """The place from which on the actor may do the like for ever (or `NEVER`), and the key that must be live.

        Of a person's act it is the person, who must have been an officer, and have proved lately who they are.

        Raises `KeyError` where they may not. Who drafted an act is asked of each entry (`undrafted`).
        """
        actor = entry["actor"]
        if entry["to"] is None and actor.get("key") is None and not people.is_person(actor):
            return self._commanded(entry, place), None
        agency, settled = self._at(actor["agency"], place)
        lives: Key | people.Person | None
        if people.is_person(actor):
            person, settled_too = self._told_of(str(actor["person"]), place)
            member, lives = agency.judge_person(entry, person)
            settled = max(settled, settled_too)
        elif is_delegated(actor):
            vendor, settled_too = self._at(actor["vendor"], place)
            member, lives = agency.judge_delegated(entry, vendor)
            settled = max(settled, settled_too)
        else:
            member, lives = agency.judge(entry)
        if member:
            raise KeyError(member)
        return settled, lives

    def _commanded(self, entry: Entry, place: int) -> int:
        """The place from which on the operator's command may tell the like for ever (or `NEVER`)."""
        code = entry["actor"]["agency"]
        is_known = place >= self._by_code.get(code, ((NEVER,),))[0][0]
        own, settled = self._at(code, place) if is_known else (None, NEVER)
        roles = None if own is None else own.known_roles
        if member := keyless.command_fault(entry, roles, is_run=place > self._run_since):
            raise KeyError(member)
        return settled

    def undrafted(self, entry: Entry) -> bool:
        """Whether a person's act lacks the colleague who drafted it, or names one who may not have."""
        return people.is_person(entry["actor"]) and self._everybody.undrafted(entry) is not None

    def _at(self, code: str, place: int) -> tuple[_Agency, int]:
        """The agency as told before that place, and the place from which on it stays so, or `NEVER`."""
        indexes, states = self._by_code[code]
        number = bisect_right(indexes, place)
        if not number or states[number - 1].state is None:
            raise KeyError("actor.agency")
        return states[number - 1], (indexes[-1] if number == len(indexes) else NEVER)

    def _told_of(self, ident: str, place: int) -> tuple[people.Person | None, int]:
        """The person as told before that place, and the place from which on it stays so, or `NEVER`."""
        indexes, states = self._people[ident]
        number = bisect_right(indexes, place)
        if not number:
            raise KeyError("actor.person")
        return states[number - 1], (indexes[-1] if number == len(indexes) else NEVER)


FAULTS: Final[Mapping[str, str]] = {
    "actor.client": "actor-client",
    "actor.key": "actor-key",
    "actor.party": "actor-role",
    "kind": "actor-scope",
    "actor.delegation": "actor-delegation",
    "actor.person": "actor-person",
}


def _found(agency: _Agency, client: str, key: str, party: str, kind: str, *, signed: bool) -> tuple[str, Key | None]:
    """The member of the entry that does not hold ("" where all do), and the key with its time."""
    if party != RECORDER and not agency.roles & ROLES.get(party, frozenset()):
        return "actor.party", None
    if not signed:
        is_command = party in WITHOUT_KEY and client not in agency.scopes and keyless.may_step(party, kind, client)
        return ("", None) if is_command else ("actor.key", None)
    if client not in agency.scopes:
        return "actor.client", None
    named = agency.keys.get((client, key))
    if named is None:
        return "actor.key", None
    if kind not in WITHOUT_SCOPE and SCOPES.get(kind, "casefiles:write") not in agency.scopes[client]:
        return "kind", None
    return "", named


def opened(entry: Entry, opening: Opening | None) -> Opening | None:
    """The opening (its salts as bytes), where both of its halves open the entry's commitments."""
    if opening is None:
        return None
    for member, what in (("payload", "given"), ("after", "state")):
        if not opens(entry[member], salt=opening[f"{what}_salt"], value=opening[what]):
            return None
    return opening


# -- the states of an agency -------------------------------------------------------------------------------------------


def _read(state: Any) -> tuple[frozenset[str], dict[str, frozenset[str]], dict[tuple[str, str], Key]] | None:
    """Roles, scopes by client, keys by client and thumbprint; None where the state is not of the form."""
    try:
        roles = frozenset(map(str, state["roles"]))
        scopes = {
            client["client"]: frozenset(map(str, client["scopes"])) for client in state["clients"] if client["active"]
        }
        keys = {
            (client["client"], key["thumbprint"]): Key(
                alg=key["alg"],
                since=moved(key["valid_from"], -APART),
                until=min(
                    (moved(end, AT_ONCE) for end in (key["valid_until"], key["revoked_at"]) if end), default=None
                ),
                signed_from=client.get("signatures_required_from"),
            )
            for client in state["clients"]
            for key in client["keys"]
            if not key.get("awaits_approval")
        }
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    return roles, scopes, keys


def keys_of(states: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Key]:
    """All keys there ever were, by client and thumbprint, of the agencies as they were told last."""
    found: dict[tuple[str, str], Key] = {}
    for state in states:
        if (read := _read(state)) is not None:
            found |= read[2]
    return found
