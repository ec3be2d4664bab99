"""What one entry says against what an agency expects, without a database: each change of rights, and each act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from audit.verify import claims
from audit.verify.expected import Expected
from audit.verify.report import Report
from audit.verify.unexpected import Judge

KEY, OTHER_KEY, SINCE = "k" * 43, "o" * 43, "2026-01-01T00:00:00.000Z"


def key(thumbprint: str, kid: str, **more: Any) -> dict[str, Any]:
    return {
        "kid": kid, "alg": "ES256", "thumbprint": thumbprint, "valid_from": SINCE, "valid_until": None,
        "revoked_at": None, **more,
    }  # fmt: skip


CLIENT = {
    "client": "own", "scopes": ["casefiles:read"], "default_purpose": "x", "active": True,
    "signatures_required_from": SINCE, "keys": [key(KEY, "k1")],
}  # fmt: skip
FACTS = {"code": "bkn", "name": "BKN", "roles": ["examiner"]}
OTHER = {"code": "other", "name": "Other", "roles": ["employer"]}
GIVEN = {
    "id": "d1", "vendor": "bkn", "client": "own", "roles": ["employer"], "scopes": ["casefiles:read"],
    "purposes": ["x"], "requested_at": SINCE, "valid_until": "2027-01-01T00:00:00.000Z", "approved_at": None,
    "ended_at": None,
}  # fmt: skip


@dataclass
class Log:
    """Entries that tell something, one after the other, and the agency that judges them from its third on."""

    judge: Judge = field(
        default_factory=lambda: Judge(
            Expected("bkn", 2, claims.of_agency({**FACTS, "clients": [CLIENT]}) | {("person", "p1", "officer")}),
            Report(keep=None),
        )
    )
    index: int = 0

    def __post_init__(self) -> None:
        """The agency, its client and its person, as expected."""
        self.tell("agency.registered", FACTS, {**FACTS, "clients": []})
        self.tell("client.registered", CLIENT, {**FACTS, "clients": [CLIENT]})

    def entry(self, kind: str, stream: str, **actor: Any) -> dict[str, Any]:
        told = {"party": "operator", "agency": "the-operator", "client": "manage.py", "key": None, **actor}
        return {
            "kind": kind, "stream": stream, "seq": 1, "entry": f"e{self.index}", "to": None, "actor": told,
            "recorded_at": "2026-06-01T00:00:00.000Z", "request": {"id": "r", "signature": None},
        }  # fmt: skip

    def tell(self, kind: str, given: Any, state: Any, *, stream: str = "own") -> None:
        opening = {"given": given, "state": state}
        self.judge.hear(self.entry(kind, stream), opening, index=self.index)
        self.index += 1

    def act(self, **actor: Any) -> None:
        self.judge.act(self.entry("recommend", "case", **actor), index=self.index)
        self.index += 1

    @property
    def told(self) -> set[tuple[str, str]]:
        """Code and words of each finding."""
        found = {(one.code, str(one.where.get("what", ""))) for one in self.judge.report.findings}
        assert all(one.where["index"] == self.index - 1 for one in self.judge.report.findings)
        return found


def client_now(**changed: Any) -> dict[str, Any]:
    """The agency's state with its client changed."""
    return {**FACTS, "clients": [{**CLIENT, **changed}]}


def without(client: Mapping[str, Any], member: str) -> dict[str, Any]:
    return {name: value for name, value in client.items() if name != member}


REVOKED = key(KEY, "k1", revoked_at=SINCE)
CHANGES: dict[str, tuple[str, Any, Any, set[tuple[str, str]]]] = {
    "another role": (
        "agency.changed", {"code": "bkn", "roles": ["examiner", "operator"]},
        {**FACTS, "roles": ["examiner", "operator"], "clients": [CLIENT]},
        {("unexpected-right", 'fact roles ["examiner","operator"]')},
    ),
    "another name": (
        "agency.renamed", {"code": "bkn", "name": "X", "former_names": [{"name": "BKN", "until": "2026-01-01"}]},
        {**FACTS, "name": "X", "former_names": [{"name": "BKN", "until": "2026-01-01"}], "clients": [CLIENT]},
        {
            ("unexpected-right", 'fact name "X"'),
            ("unexpected-right", 'fact former_names [{"name":"BKN","until":"2026-01-01"}]'),
        },
    ),
    "it need not sign any more": (
        "client.signatures_required", {"client": "own", "signatures_required_from": None},
        {**FACTS, "clients": [without(CLIENT, "signatures_required_from")]},
        {("unexpected-loss", f"signs own {SINCE}")},
    ),
    "it need not sign until long after": (
        "client.signatures_required", {"client": "own", "signatures_required_from": "2099-01-01T00:00:00.000Z"},
        client_now(signatures_required_from="2099-01-01T00:00:00.000Z"),
        {("unexpected-right", "signs own 2099-01-01T00:00:00.000Z")},
    ),
    "a key is revoked": (
        "key.revoked", {"client": "own", "key": REVOKED}, client_now(keys=[REVOKED]),
        {("unexpected-loss", f"key own {KEY}")},
    ),
    "a key is added": (
        "key.added", {"client": "own", "key": key(OTHER_KEY, "k2")},
        client_now(keys=[key(KEY, "k1"), key(OTHER_KEY, "k2")]), {("unexpected-key", f"key own {OTHER_KEY}")},
    ),
    "one thing is given and another comes of it": (
        "key.revoked", {"client": "own", "key": REVOKED},
        client_now(keys=[key(KEY, "k1"), key(OTHER_KEY, "k2")]),
        {("party-leap", ""), ("unexpected-key", f"key own {OTHER_KEY}")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_what_changes_in_the_agencys_own_stream(what: str) -> None:
    kind, given, state, expected = CHANGES[what]
    log = Log()
    log.tell(kind, given, state)
    assert log.told == expected


def test_what_is_told_of_it_elsewhere() -> None:
    log = Log()
    log.tell("agency.registered", FACTS, {**FACTS, "clients": []}, stream="another")
    assert log.told == {("unexpected-elsewhere", "agency bkn")}
    log = Log()
    told = {"person": "p1", "agency": "other", "role": "officer"}
    log.tell("person.invited", told, {**told, "ended_at": None}, stream="p1")
    assert log.told == {("unexpected-elsewhere", "elsewhere person p1 other")}


def test_another_agency_delegates_to_it() -> None:
    """A request gives nothing; the approval does."""
    log, approved = Log(), {**GIVEN, "approved_at": SINCE}
    log.tell("agency.registered", OTHER, {**OTHER, "clients": []}, stream="o")
    log.tell(
        "delegation.requested", {"delegation": GIVEN}, {**OTHER, "clients": [], "delegations": [GIVEN]}, stream="o"
    )
    assert log.told == set()
    log.tell(
        "delegation.approved", {"delegation": approved}, {**OTHER, "clients": [], "delegations": [approved]}, stream="o"
    )
    assert log.told == {("unexpected-vendor", "delegation d1 other bkn own")}


OWN = {"party": "examiner", "agency": "bkn", "client": "own", "key": KEY}
ACTS: dict[str, tuple[dict[str, Any], str]] = {
    "unsigned": (OWN, "own without a signature"),
    "a key of nobody's": ({**OWN, "key": OTHER_KEY}, f"key own {OTHER_KEY}"),
    "without a key": ({**OWN, "key": None}, "own without a key"),
    "a client of nobody's": ({**OWN, "client": "c"}, "client c"),
    "its client for another": ({**OWN, "agency": "other"}, "client own for other"),
    "a vendor": ({**OWN, "client": "v", "vendor": "v", "delegation": "d9"}, "delegation d9 bkn v v"),
    "a stranger": ({**OWN, "client": "person:p9", "key": None, "person": "p9"}, "person p9"),
    "its person for another": (
        {**OWN, "agency": "other", "client": "person:p1", "key": None, "person": "p1"}, "person p1 for other",
    ),
    "drafted by a stranger": (
        {**OWN, "client": "person:p1", "key": None, "person": "p1", "drafted_by": "p9"}, "person p9",
    ),
    "its person": ({**OWN, "client": "person:p1", "key": None, "person": "p1"}, ""),
    "somebody else": ({**OWN, "agency": "other", "client": "c"}, ""),
    "the operator's command": ({"agency": "bkn"}, "manage.py without a key"),
}  # fmt: skip


@pytest.mark.parametrize("what", ACTS)
def test_who_acts_in_its_name(what: str) -> None:
    actor, said = ACTS[what]
    log = Log()
    log.act(**actor)
    assert log.told == ({("unexpected-act", said)} if said else set())


def test_what_stood_there_before_is_told_once_and_what_is_over_is_not_asked() -> None:
    """A client that came before the agency began to judge and is still there; an act of that time is history."""
    log = Log()
    log.judge.expected = Expected("bkn", 9, frozenset({("client", "awaited")}))
    log.act(**{**OWN, "client": "c"})
    log.judge.finish()
    told = [(one.code, one.where["what"], one.where["index"]) for one in log.judge.report.findings]
    assert told == [
        ("unexpected-right", 'fact name "BKN"', 0),
        ("unexpected-right", 'fact roles ["examiner"]', 0),
        ("unexpected-client", "client own", 1),
        ("unexpected-key", f"key own {KEY}", 1),
    ]
    assert [one.where["what"] for one in log.judge.report.notes] == ["client awaited"]


def test_what_cannot_be_read_is_named() -> None:
    log = Log()
    log.tell("key.added", {}, {"code": "bkn", "clients": 7})
    assert ("party-leap", "") in log.told
    log = Log()
    log.judge.hear(log.entry("key.added", "own"), None, index=1)
    assert log.told == {("agency-untold", "")}
    # Nobody can say whether the next state follows; what it claims is compared as ever.
    log.judge.report.findings.clear()
    log.tell("client.registered", {}, client_now())
    assert log.told == set()
