"""Referrals of cases that walked the real flow: sound, also where an answer came late by somebody's local day."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from casefiles.flow import State
from casefiles.flow.given import TransferReason
from casefiles.models import Referral
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
    for late, status in ((3, "voided"), (0, "answered")):
        owner_connection.execute(
            "UPDATE casefiles_referral SET days_late = %s, status = %s "
            "WHERE casefile_id = %s AND purpose = 'follow_up' AND answered_with = 'dispute'",
            [late, status, disputed.casefile],
        )
        found = verify("db", reader_url, *key).said["findings"]
        assert {(one["code"], one["table"]) for one in found} == {("column-differs", "casefiles_referral")}


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
