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

from agencies.actor import Actor, Proved
from audit.verify import db
from audit.verify import people as told
from audit.verify.people import People, Person
from casefiles.flow import State
from casefiles.transitions import perform
from people import persons
from tests.audit.verify.conftest import manage
from tests.audit.verify.logs import at_its_word, verify
from tests.callers import as_owner
from tests.factories import BKN, PEMKOT, casefile_at, given, request
from tests.factories import actor as system_of
from tests.sequencing import Sequencing
from tests.world import World


def invited(role: str, *, agency: str = PEMKOT, ends: bool = False) -> UUID:
    """A person of the city, or of another agency, whom the operator invited; and ended some minutes ago."""
    with as_owner():
        email, now = f"{uuid4()}@padang.example", datetime.now(UTC)
        person = persons.invite(agency=agency, email=email, name="Rina", role=role, now=now - ends * EARLIER).person
        if ends:
            persons.end(email=email, now=now - EARLIER / 2)
        return person


EARLIER = timedelta(minutes=10)


def acting(person: UUID, *, factor: str = "totp", ago: timedelta = timedelta(minutes=1)) -> Actor:
    """That person at the desk, with a second factor that was given so long ago."""
    proved = Proved(person=person, factor=factor, at=datetime.now(UTC) - ago)
    return replace(system_of(PEMKOT), client_id=f"person:{person}", key_thumbprint=None, proved=proved)


def act(by: Actor) -> str:
    """A recommended casefile that the actor acknowledges."""
    story, now = casefile_at(State.RECOMMENDED), datetime.now(UTC)
    with transaction.atomic():
        perform.perform(
            actor=by, casefile=story.casefile, name="acknowledge", given=given("acknowledge", day=story.day),
            occurred_at=now, now=now, request=request(),
        )  # fmt: skip
    return str(story.casefile)


@pytest.mark.django_db(transaction=True)
def test_an_act_is_judged_by_what_was_told_of_its_person(
    world: World, sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    officer = invited("officer")
    honest = act(acting(officer))
    sequenced()
    trust = at_its_word(sequenced.signer.vkey)
    with pytest.MonkeyPatch.context() as patched:
        # An honest act is acquitted entry by entry: the whole log is not gone through for it.
        patched.delattr(db, "_verify_leaves")
        assert verify("db", reader_url, *trust).exit == 0
    _files(honest, officer, trust, reader_url=reader_url, folder=tmp_path)
    reader, stranger, gone = invited("reader"), invited("officer", agency=BKN), invited("officer", ends=True)
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
    parties = folder / "log" / "parties.jsonl"
    parties.write_text(
        "".join(line for line in parties.read_text().splitlines(keepends=True) if str(person) not in line)
    )
    assert verify("dump", folder / "log", *trust).codes == {"stopped"}, "the manifest counts its lines"
    manifest = json.loads((folder / "log" / "manifest.json").read_text())
    del manifest["lines"]
    (folder / "log" / "manifest.json").write_text(json.dumps(manifest))
    assert verify("dump", folder / "log", *trust).codes == {"actor-untold"}


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
