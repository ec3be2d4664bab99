"""The instant at which the clock comes to a referral: the flow's own ladder says the same, whatever was performed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from psycopg import Connection

from casefiles.catalogue.law import open_book
from casefiles.flow import State
from casefiles.models import Referral
from casefiles.operations import clock, reckoning
from casefiles.transitions import perform
from tests.callers import as_owner
from tests.factories import PATHS, Story, actor, at, casefile_at, request
from tests.instants import wrong_instants
from tests.ready import ROUTED, ready

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


def _comes_at(told: Story) -> datetime:
    """When the clock comes to the referral that is open."""
    at = told.open.clock_at
    assert at is not None
    return at


def test_after_every_row_of_the_flow_the_instant_is_the_ladder_s() -> None:
    for name in ROUTED:
        told = ready(name)
        with transaction.atomic():
            perform.perform(
                actor=actor(told.who),
                casefile=told.story.casefile,
                name=name,
                given=told.given,
                occurred_at=told.given.occurred_at,
                now=datetime.now(UTC),
                request=request(),
            )
    assert Referral.objects.filter(status="open", clock_at__isnull=False).count() > len(ROUTED) / 2
    assert wrong_instants(now=NOW) == []


def test_on_the_way_up_every_ladder_the_instant_is_the_next_level_s() -> None:
    for state in PATHS:
        casefile_at(state)
    day = min(Referral.objects.filter(status="open").values_list("due_on", flat=True))
    for _ in range(12):
        day += timedelta(days=5)
        assert clock.tick(now=at(day)).refused == 0
        assert wrong_instants(now=NOW) == []


def test_another_calendar_moves_the_levels_of_every_referral(tmp_path: Path) -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    before = _comes_at(told)
    # The reminder comes three working days before Saturday the 26th: one of them is taken away.
    decree = tmp_path / "decree.yaml"
    decree.write_text(
        "decree: SKB contoh\nsource: contoh\nreason: contoh\n"
        "add:\n  - {date: 2024-10-24, kind: joint_leave, name_id: Cuti bersama contoh}\n"
    )
    with as_owner():
        call_command("amend_calendar", str(decree), quiet_receipts=True)
    assert len(wrong_instants(now=NOW)) == 1
    assert clock.tick(now=before - timedelta(hours=23)).escalated == 1
    assert wrong_instants(now=NOW) == []


def test_what_an_earlier_release_wrote_is_reckoned_in_batches_and_found() -> None:
    told = [casefile_at(State.AWAITING_SANCTION) for _ in range(3)]
    Referral.objects.update(clock_at=None, clock_law="")
    heard: list[int] = []
    law = open_book()
    assert reckoning.reckon(law=law, on=NOW.date(), progress=heard.append, batch=2) == 3
    assert heard == [2, 3]
    assert wrong_instants(now=NOW) == []
    assert clock.tick(now=_comes_at(told[0])).escalated == 3


def test_a_casefile_that_somebody_holds_is_left_to_the_next_round(owner_connection: Connection) -> None:
    held, free = casefile_at(State.AWAITING_SANCTION), casefile_at(State.AWAITING_SANCTION)
    Referral.objects.update(clock_at=None, clock_law="")
    law = open_book()
    with owner_connection.transaction():
        owner_connection.execute("SELECT FROM casefiles_casefile WHERE id = %s FOR UPDATE", [held.casefile])
        assert reckoning.reckon(law=law, on=NOW.date(), progress=lambda _: None) == 1
    assert (held.open.clock_at, free.open.clock_at is None) == (None, False)
    assert reckoning.reckon(law=law, on=NOW.date(), progress=lambda _: None) == 1
