"""Referrals of cases that walked the real flow: sound, also where an answer came late by somebody's local day."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from casefiles.flow import State
from casefiles.flow.given import TransferReason
from casefiles.models import Referral
from casefiles.transitions import step
from casefiles.transitions.values import Moved
from tests.audit.verify.logs import at_its_word, verify
from tests.factories import BKN, PROVINCE, casefile_at
from tests.sequencing import Sequencing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


@pytest.mark.parametrize(("after_due_at", "late"), [(-1, 0), (0, 1), (24 * 3600 - 1, 1), (24 * 3600, 2)])
def test_days_late_are_counted_in_local_days(
    sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection, after_due_at: int, late: int
) -> None:
    story = casefile_at(State.SUBMITTED)
    story.do("return", occurred_at=story.open.due_at + timedelta(seconds=after_due_at))
    sequenced()
    key = at_its_word(sequenced.signer.vkey)
    assert Referral.objects.get(casefile=story.casefile, opened_seq=1).days_late == late
    assert verify("db", reader_url, *key).exit == 0
    for wrong in {0, 1, 2, 40} - {late}:
        owner_connection.execute("UPDATE casefiles_referral SET days_late = %s WHERE opened_seq = 1", [wrong])
        (found,) = verify("db", reader_url, *key).said["findings"]
        assert (found["code"], found["table"], found["column"]) == ("column-differs", "casefiles_referral", "days_late")


def test_a_file_that_changed_hands_is_sound(
    sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection
) -> None:
    """Voided by the answering step and by a later one, run on to another office, moved by the examiner."""
    misaddressed = TransferReason(code="misaddressed")
    disputed = casefile_at(State.AWAITING_SANCTION)
    due_on = disputed.open.due_on
    disputed.do("dispute", on=due_on + timedelta(days=3))
    disputed.do("transfer", by=BKN, reason=misaddressed)
    disputed.do("uphold")
    served = casefile_at(State.RECOMMENDED)
    served.do("serve")
    served.do("extend", until=served.open.due_on + timedelta(days=100))
    served.do("transfer", on=served.open.due_on + timedelta(days=3), by=BKN, reason=misaddressed)
    returned = casefile_at(State.RETURNED)
    returned.do("reassign", by=PROVINCE)
    returned.do("complete", by=PROVINCE)
    sequenced()
    key = at_its_word(sequenced.signer.vkey)
    assert Referral.objects.filter(status="voided").count() == 6
    said = verify("db", reader_url, *key)
    assert (said.exit, said.said["findings"]) == (0, [])
    moved = Referral.objects.get(casefile=served.casefile, paused_days__gt=0)
    for column, otherwise in RECKONED_OTHERWISE.items():
        edit = f"UPDATE casefiles_referral SET {column} = {{}} WHERE id = %s"  # noqa: S608 - our own columns
        owner_connection.execute(edit.format(otherwise).encode(), [moved.pk])
        (named,) = verify("db", reader_url, *key).said["findings"]
        assert (named["code"], named["column"], named["row"]) == ("column-differs", column, str(moved.pk))
        owner_connection.execute(edit.format("%s").encode(), [_stored(moved, column), moved.pk])
    for late, status in ((3, "voided"), (0, "answered")):
        owner_connection.execute(
            "UPDATE casefiles_referral SET days_late = %s, status = %s "
            "WHERE casefile_id = %s AND purpose = 'follow_up' AND answered_with = 'dispute'",
            [late, status, disputed.casefile],
        )
        found = verify("db", reader_url, *key).said["findings"]
        assert {(one["code"], one["table"]) for one in found} == {("column-differs", "casefiles_referral")}


RECKONED_OTHERWISE = {
    "paused_days": "paused_days - 1",
    "clock_from": "clock_from + 1",
    "rule": "jsonb_set(rule, '{pauses}', '[]')",
}
"""How the day of a referral that was moved came about, told otherwise."""


def _stored(referral: Referral, column: str) -> Any:
    value = getattr(referral, column)
    return json.dumps(value) if column == "rule" else value


def test_what_an_earlier_release_did_not_tell_stays_untold() -> None:
    """Nobody knows how many days a referral was paused before its turn told of them."""
    day = date(2024, 10, 21)
    moved = Moved(
        id=uuid4(), due_on=day, due_at=datetime(2024, 10, 21, 17, tzinfo=UTC), paused_days=7, rule={}, clock_from=day,
        missed_due_on=None,
    )  # fmt: skip
    assert step._reckoned_anew({}, moved).keys() == {"clock_from", "rule"}
    assert step._reckoned_anew({"paused_days": 3}, moved)["paused_days"] == 10


def test_every_stage_is_sound(sequenced: Sequencing, reader_url: str) -> None:
    """A referral that continues an earlier one's clock, one that nobody answered, a file that was opened again."""
    for state in (State.RETURNED, State.DISPUTED, State.RECOMMENDED, State.SANCTION_REPORTED):
        casefile_at(state)
    resumed = casefile_at(State.RETURNED)
    resumed.do("complete")
    resumed.do("withdraw")
    sequenced()
    assert Referral.objects.exclude(continues=None).exists()
    said = verify("db", reader_url, *at_its_word(sequenced.signer.vkey))
    assert (said.exit, said.said["checked"]["referrals"]) == (0, Referral.objects.count())
