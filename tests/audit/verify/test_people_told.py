"""That a person might act for their agency is read from the log alone; what was slipped in is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import transaction

from agencies.actor import Actor
from audit.verify import db
from audit.verify import people as told
from audit.verify.people import People, Person
from casefiles.flow import State
from casefiles.intake import findings
from tests import factories
from tests.audit.verify.conftest import manage
from tests.audit.verify.logs import at_its_word, verify
from tests.audit.verify.test_dump import Lines, change
from tests.desk_acts import acknowledged, acting, invited
from tests.factories import BKN, PADANG, PEMKOT, casefile_at
from tests.factories import actor as system_of
from tests.sequencing import Sequencing
from tests.world import World


def act(by: Actor) -> str:
    """A recommended casefile that the actor acknowledges."""
    story = casefile_at(State.RECOMMENDED)
    acknowledged(by, story)
    return str(story.casefile)


def forwarded(by: Actor) -> None:
    """A finding of that office, which is an entry of its own beside those of its casefiles."""
    given = factories.finding_given(documents=(factories.document(PADANG, "assessment"),))
    with transaction.atomic():
        findings.submit(actor=by, given=given, now=datetime.now(UTC), request=factories.request())


@pytest.mark.django_db(transaction=True)
def test_an_act_is_judged_by_what_was_told_of_its_person(
    world: World, sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    officer = invited()
    honest = act(acting(officer))
    forwarded(acting(invited(PADANG), PADANG))
    sequenced()
    trust = at_its_word(sequenced.signer.vkey)
    with pytest.MonkeyPatch.context() as patched:
        # An honest act is acquitted entry by entry: the whole log is not gone through for it.
        patched.delattr(db, "_verify_leaves")
        assert verify("db", reader_url, *trust).exit == 0
    _files(honest, officer, trust, reader_url=reader_url, folder=tmp_path)
    reader, stranger, gone = invited(role="reader"), invited(BKN), invited(ends=True)
    system = system_of(PEMKOT)
    forged = {
        act(acting(stranger)): ("actor-person", "actor.person"),
        act(acting(gone)): ("actor-person-ended", "actor.person"),
        # A system's act without its key is no person's, and a person's act bears none.
        act(replace(system, key_thumbprint=None)): ("actor-keyless", "actor.key"),
        act(replace(acting(officer), key_thumbprint=system.key_thumbprint)): ("actor-client", "actor.client"),
        act(acting(reader)): ("actor-person", "actor.person"),
        act(acting(uuid4())): ("actor-person", "actor.person"),
        act(replace(acting(officer), client_id="person:somebody")): ("actor-client", "actor.client"),
        act(acting(officer, factor="password")): ("actor-unproved", "actor.proved_at"),
        act(acting(officer, ago=timedelta(hours=1))): ("actor-unproved", "actor.proved_at"),
    }
    sequenced()
    found = verify("db", reader_url, *trust)
    assert found.exit == 1
    named = {one["casefile"]: (one["code"], one["member"]) for one in found.said["findings"]}
    assert named == forged
    manage(reader_url, "export_log", "--out", str(tmp_path / "forged"))
    found = verify("dump", tmp_path / "forged", *trust)
    assert {one["casefile"]: (one["code"], one["member"]) for one in found.said["findings"]} == forged
    for number, (casefile, (code, _member)) in enumerate(forged.items()):
        if code in {"actor-person-ended", "actor-keyless", "actor-unproved"}:
            file = tmp_path / f"forged-{number}.json"
            manage(reader_url, "export_case", "--casefile", casefile, "--out", str(file))
            assert verify("case", file, *trust).codes == {code}


def _files(casefile: str, person: UUID, trust: Any, *, reader_url: str, folder: Path) -> None:
    """The export of the case and the dump of the log tell of the person, by id, and verify without a database."""
    manage(reader_url, "export_case", "--casefile", casefile, "--out", str(folder / "case.json"))
    assert verify("case", folder / "case.json", *trust).exit == 0
    assert str(person) in (folder / "case.json").read_text()
    manage(reader_url, "export_log", "--out", str(folder / "log"))
    assert verify("dump", folder / "log", *trust).exit == 0

    def forget(lines: Lines) -> None:
        lines[:] = [line for line in lines if str(person) not in json.dumps(line)]

    change(folder / "log", "parties", forget)
    found = verify("dump", folder / "log", *trust)
    assert found.codes == {"actor-untold"}, found.said["findings"]


@pytest.mark.parametrize(
    "proof",
    [
        {"factor": ["totp"]}, {"factor": {}}, {"factor": None}, {"proved_at": None}, {"proved_at": 1},
        {"proved_at": "yesterday"}, {"proved_at": "9999-12-31T23:59:59.000Z"},
        {"proved_at": "0001-01-01T00:00:00+14:00"},
    ],
)  # fmt: skip
def test_what_is_no_proof_is_none(proof: dict[str, Any]) -> None:
    person = Person("p", PEMKOT, "officer", spans=((ENTRY["recorded_at"], None),))
    actor = {"factor": "totp", "proved_at": ENTRY["recorded_at"]}
    assert not person.is_unsigned({**ENTRY, "actor": actor})
    assert person.is_unsigned({**ENTRY, "actor": {**actor, **proof}})


ENTRY: dict[str, Any] = {
    "stream": "p", "kind": "person.invited", "recorded_at": "2026-11-30T00:00:00.000Z", "to": None, "actor": {},
}  # fmt: skip


def hear(people: People, kind: str, role: str, at: str, *, ended: bool = False, agency: str = PEMKOT) -> bool:
    what = {"person": "p", "agency": agency, "role": role}
    opening = {"given": what, "state": {**what, "ended_at": at if ended else None}}
    return people.hear({**ENTRY, "kind": kind, "recorded_at": at}, opening)


def test_a_person_is_an_officer_from_one_entry_to_the_next() -> None:
    people = People()
    at = [f"2026-11-30T0{hour}:00:00.000Z" for hour in range(6)]
    assert hear(people, told.INVITED, "reader", at[0])
    assert hear(people, told.CHANGED, "officer", at[1])
    assert hear(people, told.REINVITED, "officer", at[2])
    assert hear(people, told.CHANGED, "reader", at[3])
    assert hear(people, told.CHANGED, "officer", at[4])
    assert hear(people, told.ENDED, "officer", at[5], ended=True)
    person = people.known["p"]
    assert isinstance(person, Person)
    assert person.spans == ((at[1], at[3]), (at[4], at[5]))
    assert [person.is_live(f"2026-11-30T0{hour}:30:00.000Z") for hour in range(6)] == [
        False, True, True, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        (told.CHANGED, "officer", {}),
        (told.INVITED, "officer", {"ended": True}),
    ],
)
def test_what_does_not_follow_makes_nobody_an_officer(wrong: tuple[str, str, dict[str, Any]]) -> None:
    people = People()
    kind, role, more = wrong
    assert not hear(people, kind, role, "2026-11-30T00:00:00.000Z", **more)
    person = people.known["p"]
    assert person is not None
    assert not person.spans
    people = People()
    assert hear(people, told.INVITED, "reader", "2026-11-30T00:00:00.000Z")
    assert not hear(people, told.CHANGED, "officer", "2026-11-30T01:00:00.000Z", agency="bkn")
    assert not hear(people, told.REINVITED, "officer", "2026-11-30T01:00:00.000Z")


def decided(people: People, *, two: bool, at: str, by: str = "m", agency: str = PEMKOT, role: str = "manager") -> bool:
    """What a manager decides for their agency."""
    what = {"person": by, "agency": agency, "role": role}
    opening = {"given": {**what, "by": by}, "state": {**what, "ended_at": None}}
    kind = told.TWO if two else told.ONE
    return people.hear({**ENTRY, "stream": by, "kind": kind, "recorded_at": at}, opening)


def staffed() -> People:
    """A manager, two officers and a reader of one agency, and an officer of another."""
    people = People()
    for ident, role, agency in (
        ("m", "manager", PEMKOT), ("p", "officer", PEMKOT), ("q", "officer", PEMKOT), ("r", "reader", PEMKOT),
        ("s", "officer", BKN),
    ):  # fmt: skip
        what = {"person": ident, "agency": agency, "role": role}
        opening = {"given": what, "state": {**what, "ended_at": None}}
        assert people.hear({**ENTRY, "stream": ident, "recorded_at": "2026-11-01T00:00:00.000Z"}, opening)
    return people


ACT: dict[str, Any] = {
    "stream": "case", "kind": "acknowledge", "to": "awaiting_sanction", "recorded_at": "2026-11-20T10:00:00.000Z",
    "actor": {"agency": PEMKOT, "person": "q"},
}  # fmt: skip
DRAFTED = {
    "drafted_by": "p", "drafted_at": "2026-11-19T10:00:00.000Z", "drafter_factor": "totp",
    "drafter_proved_at": "2026-11-19T09:55:00.000Z",
}  # fmt: skip


def undrafted(people: People, **changed: Any) -> tuple[str, str] | None:
    at = changed.pop("recorded_at", ACT["recorded_at"])
    kind = changed.pop("kind", ACT["kind"])
    return people.undrafted({**ACT, "recorded_at": at, "kind": kind, "actor": {**ACT["actor"], **changed}})


def test_where_an_agency_wants_two_an_act_names_both() -> None:
    people = staffed()
    assert undrafted(people) is None, "one is enough"
    assert decided(people, two=True, at="2026-11-10T00:00:00.000Z")
    assert undrafted(people) == ("actor-alone", "actor.drafted_by")
    assert undrafted(people, **DRAFTED) is None
    assert undrafted(people, agency=BKN) is None, "another agency's policy is its own"
    assert undrafted(people, kind="document.recorded") is None
    assert undrafted(people, recorded_at="2026-11-10T00:00:30.000Z") is None, "was under way"
    assert undrafted(people, recorded_at="2026-11-09T00:00:00.000Z") is None
    assert decided(people, two=False, at="2026-11-15T00:00:00.000Z")
    assert undrafted(people) is None
    assert undrafted(people, recorded_at="2026-11-12T00:00:00.000Z") == ("actor-alone", "actor.drafted_by")
    assert undrafted(people, **{**DRAFTED, "drafted_by": "q"}) is not None, "nobody drafts their own, policy or none"


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"drafted_by": "q"}, ("actor-drafter", "actor.drafted_by")),
        ({"drafted_by": "r"}, ("actor-drafter", "actor.drafted_by")),
        ({"drafted_by": "s"}, ("actor-drafter", "actor.drafted_by")),
        ({"drafted_by": "nobody"}, ("actor-drafter", "actor.drafted_by")),
        ({"drafted_by": 7}, ("actor-drafter", "actor.drafted_by")),
        ({"drafted_at": None}, ("actor-drafter", "actor.drafted_at")),
        ({"drafted_at": "2026-11-25T00:00:00.000Z"}, ("actor-drafter", "actor.drafted_at")),
        ({"drafted_at": "2026-10-01T00:00:00.000Z"}, ("actor-drafter", "actor.drafted_at")),
        ({"drafter_factor": "password"}, ("actor-unproved", "actor.drafter_proved_at")),
        ({"drafter_proved_at": "2026-11-19T08:00:00.000Z"}, ("actor-unproved", "actor.drafter_proved_at")),
        ({"drafter_proved_at": "9999-12-31T23:59:59.000Z"}, ("actor-unproved", "actor.drafter_proved_at")),
    ],
)
def test_who_may_not_have_drafted_an_act_is_named(changed: dict[str, Any], found: tuple[str, str]) -> None:
    assert undrafted(staffed(), **{**DRAFTED, **changed}) == found


def test_a_drafter_who_has_ended_before_the_act_is_named() -> None:
    people = staffed()
    assert hear(people, told.ENDED, "officer", "2026-11-20T00:00:00.000Z", ended=True)
    assert undrafted(people, **DRAFTED) == ("actor-drafter", "actor.drafted_by")
    people.known["p"] = None
    assert undrafted(people, **DRAFTED) == ("actor-untold", "actor.drafted_by")


@pytest.mark.parametrize(
    "wrong",
    [{"by": "p", "role": "officer"}, {"by": "r", "role": "reader"}, {"agency": BKN}, {"by": "x"}, {"two": False}],
)
def test_only_a_manager_decides_for_their_own_agency(wrong: dict[str, Any]) -> None:
    people = staffed()
    assert not decided(people, **{"two": True, "at": "2026-11-10T00:00:00.000Z", **wrong})
    assert undrafted(people) is None
