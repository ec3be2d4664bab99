"""That a version was opened is in the feed of all who see the case, and `lintas-verify` checks who that is."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Agency
from audit import ledger
from audit.models import Entry
from casefiles.flow import State
from casefiles.models import FirstReading
from casefiles.sight import feed
from delivery import messages
from delivery.models import Webhook
from tests.audit.verify.logs import at_its_word, verify
from tests.casefiles.sight.test_feed import gaps, items, page
from tests.factories import AUDITOR, BKN, KASN, PADANG, PEMKOT, casefile_at
from tests.partner import Partner, said
from tests.sequencing import Sequencing


def number(code: str) -> int:
    return Agency.objects.get(code=code).pk


def test_all_who_see_the_case_hear_that_it_was_opened(
    sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection
) -> None:
    told = casefile_at(State.RECOMMENDED)
    version = told.row.version
    for _ in range(2):
        assert Partner(PEMKOT).get(f"/casefiles/{told.casefile}").status_code == 200
    told.do("acknowledge")
    sequenced()
    noted = FirstReading.objects.get()
    entry = Entry.objects.select_related("leaf").get(stream=noted.pk)
    for agency in (PADANG, BKN, PEMKOT, AUDITOR):
        followed = items(agency)
        assert gaps(followed) == []
        before, opened, after = followed[-3:]
        assert (before["data"]["transition"], after["data"]["transition"]) == ("recommend", "acknowledge")
        assert opened == {
            **before,
            "id": str(entry.uuid),
            "type": "lintas.casefile.opened",
            "time": ledger.instant(noted.created_at),
            "logindex": entry.leaf.index,
            "previous": before["logindex"],
            "data": {**before["data"], "transition": None},
        }
        assert opened["data"]["turn"] == {"party": "addressee", "agency": PEMKOT}
        assert opened["data"]["version"] == version
    assert items(KASN) == []
    assert [one["type"] for one in items(PEMKOT, after=items(PEMKOT)[-3]["logindex"], limit=1)] == [feed.OPENED]
    with CaptureQueriesContext(connection) as seen:
        page(BKN)
    assert len(seen) == 2, "the agency's number, and the page"
    _filtered(opened=entry.leaf.index)
    _verified(sequenced, reader_url, owner_connection, noted)


def _filtered(*, opened: int) -> None:
    """A webhook that wants openings only gets these, and is told how many it skipped; so is one that wants none."""
    hook = Webhook(agency_id=number(PADANG), cursor=-1, types=[feed.OPENED])
    wanted = messages.upcoming(hook, most=50, now=timezone.now())
    (message,) = wanted.messages
    body: dict[str, Any] = json.loads(message.body)
    whole = items(PADANG)
    place = next(index for index, one in enumerate(whole) if one["logindex"] == opened)
    assert (body["logindex"], body["previous"], body["skipped"]) == (opened, None, place)
    hook = Webhook(agency_id=number(PADANG), cursor=opened, types=["lintas.casefile.acknowledged", feed.OPENED])
    after = json.loads(messages.upcoming(hook, most=50, now=timezone.now()).messages[0].body)
    assert (after["previous"], after["skipped"]) == (opened, 0)
    hook = Webhook(agency_id=number(PADANG), cursor=opened, types=["lintas.casefile.acknowledged"])
    after = json.loads(messages.upcoming(hook, most=50, now=timezone.now()).messages[0].body)
    assert (after["previous"], after["skipped"]) == (None, place + 1)


def _verified(sequenced: Sequencing, reader_url: str, owner: psycopg.Connection, noted: FirstReading) -> None:
    key = at_its_word(sequenced.signer.vkey)
    assert verify("db", reader_url, *key).exit == 0
    owner.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    changes = {
        "audience-lacks": ("array_remove(audience, %s)", number(PADANG)),
        "audience-extra": ("(SELECT array_agg(a ORDER BY a) FROM unnest(audience || %s::bigint) a)", number(KASN)),
    }
    for code, (change, agency) in changes.items():
        row = owner.execute("SELECT audience FROM audit_entry WHERE stream = %s", [noted.pk]).fetchone()
        assert row is not None
        changed = f"UPDATE audit_entry SET audience = {change} WHERE stream = %s"  # noqa: S608 - of the two above
        owner.execute(changed.encode(), [agency, noted.pk])
        found = verify("db", reader_url, *key)
        assert found.exit == 1
        assert found.named(code=code, table="audit_entry", agency=agency, stream=str(noted.pk)), found.said["findings"]
        owner.execute("UPDATE audit_entry SET audience = %s WHERE stream = %s", [row[0], noted.pk])
    assert verify("db", reader_url, *key).exit == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("world")
def test_no_step_comes_between_a_reading_and_its_entry(
    owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or whoever gains sight by that step would have the reading in their feed, or not, by chance."""
    told, held = casefile_at(State.SUBMITTED), []
    append = ledger.append_committed

    def watched(**given: Any) -> Any:
        with pytest.raises(psycopg.errors.LockNotAvailable), owner_connection.transaction():
            owner_connection.execute(
                "SELECT FROM casefiles_casefile WHERE id = %s FOR NO KEY UPDATE NOWAIT", [told.casefile]
            )
        held.append(given["audience"])
        return append(**given)

    monkeypatch.setattr(ledger, "append_committed", watched)
    assert said(Partner(BKN).get(f"/casefiles/{told.casefile}"))["opened"] != []
    assert number(PADANG) in held[0]
    assert number(PEMKOT) not in held[0]


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
def test_the_catalogue_lists_it_among_the_events() -> None:
    listed = {one["type"]: one for one in said(Partner(BKN).get("/catalogue/events"))["data"]}
    assert sorted(listed) == feed.EVERY
    assert (listed[feed.OPENED]["transition"], listed[feed.OPENED]["ends_sight"]) == (None, False)
