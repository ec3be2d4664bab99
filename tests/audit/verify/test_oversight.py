"""A register in which the clock has rung and data were blocked is called sound, and what it says there is committed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from casefiles.flow import State
from casefiles.flow.given import BlockReason
from casefiles.operations import clock
from config.roles import Roles, on_database
from tests.audit.verify.logs import at_its_word, verify
from tests.factories import HOME_AFFAIRS, MINISTRY, casefile_at
from tests.sequencing import Sequencing

pytestmark = pytest.mark.django_db(transaction=True)


def test_levels_measures_and_blocks_are_in_the_log(
    world: object, sequenced: Sequencing, owner_connection: psycopg.Connection
) -> None:
    import os

    from django.db import connection

    told = casefile_at(State.AWAITING_SANCTION)
    lapsed = casefile_at(State.RETURNED)
    day = told.open.due_on + timedelta(days=60)
    done = clock.tick(now=datetime.now(UTC))
    assert (done.escalated, done.given_back, done.refused) == (7, 1, 0)
    told.do("block-data", on=day, reason=BlockReason(code="no_follow_up"), scope="full", services=())
    told.do("measure", by=HOME_AFFAIRS, on=day, code="reprimand")
    told.do("unblock-data", on=day + timedelta(days=1))
    told.do("measure", by=MINISTRY, on=day + timedelta(days=9), code="report_to_president")
    assert lapsed.row.state == "submitted"
    sequenced()

    reader = on_database(Roles.of(os.environ).reader, connection.settings_dict["NAME"])
    sound = verify("db", reader, *at_its_word(sequenced.signer.vkey))
    assert [one["sentence"] for one in sound.said["findings"]] == []
    assert sound.exit == 0

    owner_connection.execute("ALTER TABLE casefiles_casefile DISABLE TRIGGER USER")
    owner_connection.execute("UPDATE casefiles_casefile SET overdue_level = 1 WHERE overdue_level = 5")
    spoiled = verify("db", reader, *at_its_word(sequenced.signer.vkey))
    assert spoiled.exit == 1
    assert spoiled.named(table="casefiles_casefile"), spoiled.said["findings"]
