"""Where an agency wants two officers, the whole verifier acquits what two did, and names what one did alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from agencies.actor import Actor, Drafted
from casefiles.flow import State
from people import four_eyes
from people.models import Person
from tests.audit.verify.conftest import manage
from tests.audit.verify.logs import at_its_word, verify
from tests.callers import as_owner
from tests.desk_acts import acknowledged, acting, invited
from tests.factories import BKN, PEMKOT, casefile_at
from tests.sequencing import Sequencing
from tests.world import World

EARLIER = timedelta(minutes=12)
"""Within the quarter of an hour by which two machines' clocks may differ."""


def decided(manager: UUID, *, two: bool, ago: timedelta) -> None:
    """What the manager decided so long ago, for their own agency."""
    with as_owner():
        by = Person.objects.select_related("agency").get(pk=manager)
        four_eyes.decide(by, two=two, now=datetime.now(UTC) - ago)


def drafted(by: Actor, drafter: UUID, **changed: Any) -> Actor:
    """The officer, with what a colleague drafted three minutes ago."""
    assert by.proved is not None
    at = datetime.now(UTC) - timedelta(minutes=3)
    told = Drafted(person=drafter, at=at, factor="totp", proved_at=at - timedelta(minutes=1))
    return replace(by, proved=replace(by.proved, drafted=replace(told, **changed)))


def act(by: Actor) -> str:
    """A recommended casefile that the actor acknowledges."""
    story = casefile_at(State.RECOMMENDED)
    acknowledged(by, story)
    return str(story.casefile)


@pytest.mark.django_db(transaction=True)
def test_acts_of_two_are_acquitted_and_acts_of_one_are_named(
    world: World, sequenced: Sequencing, reader_url: str, tmp_path: Path
) -> None:
    manager = invited(role="manager", ago=EARLIER)
    first, second, elsewhere = (invited(agency, ago=EARLIER) for agency in (PEMKOT, PEMKOT, BKN))
    decided(manager, two=True, ago=timedelta(minutes=10))
    theirs = act(drafted(acting(second), first))
    sequenced()
    trust = at_its_word(sequenced.signer.vkey)
    found = verify("db", reader_url, *trust)
    assert found.exit == 0, found.said["findings"]
    manage(reader_url, "export_case", "--casefile", theirs, "--out", str(tmp_path / "case.json"))
    found = verify("case", tmp_path / "case.json", *trust)
    assert found.exit == 0, found.said["findings"]
    ahead = datetime.now(UTC) + timedelta(hours=1)
    forged = {
        act(acting(second)): ("actor-alone", "actor.drafted_by"),
        act(drafted(acting(second), second)): ("actor-drafter", "actor.drafted_by"),
        act(drafted(acting(second), elsewhere)): ("actor-drafter", "actor.drafted_by"),
        act(drafted(acting(second), manager)): ("actor-drafter", "actor.drafted_by"),
        act(drafted(acting(second), first, at=ahead)): (
            "actor-drafter",
            "actor.drafted_at",
        ),
        act(drafted(acting(second), first, factor="password")): ("actor-unproved", "actor.drafter_proved_at"),
    }
    sequenced()
    found = verify("db", reader_url, *trust)
    assert found.exit == 1
    assert {one["casefile"]: (one["code"], one["member"]) for one in found.said["findings"]} == forged
    manage(reader_url, "export_log", "--out", str(tmp_path / "log"))
    found = verify("dump", tmp_path / "log", *trust)
    assert {one["casefile"]: (one["code"], one["member"]) for one in found.said["findings"]} == forged
