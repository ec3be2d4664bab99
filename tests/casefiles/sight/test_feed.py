"""The feed: what each agency gets, in log order, for ever the same, with a proof that nothing was missed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from agencies.models import Agency
from casefiles.flow import FLOW, State
from casefiles.models import Transition
from casefiles.sight import feed
from tests import factories
from tests.factories import AUDITOR, BKN, KASN, OTHER_OFFICE, PADANG, PEMKOT, PEMPROV, PROVINCE
from tests.sequencing import Sequencing

BASE = "https://lintas.example"


def page(agency: str, *, after: int = -1, limit: int = 500) -> feed.Page:
    number = Agency.objects.get(code=agency).pk
    return feed.page(agency=number, after=after, limit=limit, base_url=BASE, casefiles="/api/v1/casefiles/")


def items(agency: str, *, after: int = -1, limit: int = 500) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page(agency, after=after, limit=limit).items)
    return found


def steps(agency: str, story: factories.Story) -> list[str]:
    return [one["data"]["transition"] for one in items(agency) if one["data"]["casefile"] == str(story.casefile)]


def gaps(followed: list[dict[str, Any]], *, before: int | None = None) -> list[int]:
    """The indexes of items whose `previous` is not the item before."""
    found = []
    for one in followed:
        if one["previous"] != before:
            found.append(one["logindex"])
        before = one["logindex"]
    return found


def test_an_item_is_a_cloud_event_of_ids_and_codes(sequenced: Sequencing) -> None:
    """Every member of the contract, and nothing personal."""
    story = factories.casefile_at(State.RECOMMENDED)
    sequenced()
    recommended = items(PEMKOT)[-1]
    row = Transition.objects.select_related("entry__leaf").get(casefile=story.casefile, name="recommend")
    assert recommended == {
        "specversion": "1.0",
        "id": str(row.entry.uuid),
        "source": f"{BASE}/log/1",
        "type": "lintas.casefile.recommended",
        "subject": f"casefiles/{story.casefile}",
        "time": row.recorded_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "logindex": row.entry.leaf.index,
        "previous": items(PEMKOT)[-2]["logindex"],
        "data": {
            "casefile": str(story.casefile),
            "number": story.row.number,
            "version": row.seq,
            "transition": "recommend",
            "state": "recommended",
            "turn": {"party": "addressee", "agency": PEMKOT},
            "href": f"/api/v1/casefiles/{story.casefile}",
        },
    }
    for agency in (PADANG, BKN, PEMKOT, AUDITOR):
        said = page(agency).items
        assert factories.NIP not in said
        assert factories.NAME not in said


def test_everyone_follows_what_he_sees_and_can_prove_he_missed_nothing(sequenced: Sequencing) -> None:
    """Over two whole stories, page by page in every size: all of one's items, once, in order, chained by `previous`."""
    told = [factories.casefile_at(State.CLOSED), factories.casefile_at(State.CLOSED)]
    sequenced()
    story = told[0]
    whole = ["submit", "request-identity", "identify", "accept", "recommend", "acknowledge", "report-sanction",
             "record-delivery", "close"]  # fmt: skip
    for agency in (PADANG, PROVINCE, BKN, AUDITOR):
        assert steps(agency, story) == whole
    assert steps(PEMKOT, story) == whole[1:], "no tip-off before the first referral"
    for agency in (OTHER_OFFICE, KASN, PEMPROV):
        assert items(agency) == []
    for agency in (PADANG, BKN, PEMKOT):
        once = items(agency)
        assert len(once) == sum(len(steps(agency, one)) for one in told)
        for limit in (1, 2, 3, 7):
            followed: list[dict[str, Any]] = []
            after = -1
            while (found := page(agency, after=after, limit=limit)).count:
                followed += json.loads(found.items)
                assert after < found.next_after <= found.head
                after = found.next_after
            assert followed == once
            assert after == found.head == found.next_after
        assert gaps(once) == []
        for missing in range(len(once) - 1):
            # Whoever loses an item notices at the next.
            assert gaps([*once[:missing], *once[missing + 1 :]]) == [once[missing + 1]["logindex"]]
        for index, one in enumerate(once[1:], start=1):
            assert items(agency, after=once[index - 1]["logindex"], limit=1) == [one]


def test_a_page_says_the_same_for_ever(sequenced: Sequencing, owner_connection: psycopg.Connection) -> None:
    """Turns included: what was answered, moved, closed and at last erased changes no item."""
    story = factories.casefile_at(State.RECOMMENDED)
    sequenced()
    before = {agency: page(agency) for agency in (PADANG, BKN, PEMKOT, AUDITOR)}
    for name in ("acknowledge", "dispute", "uphold", "report-sanction", "record-delivery", "note", "close"):
        story.do(name)
        sequenced()
        for agency, was in before.items():
            assert page(agency, limit=was.count).items == was.items
    whole = page(BKN)
    owner_connection.execute("DELETE FROM casefiles_payload")
    assert page(BKN) == whole
    turns = {one["data"]["transition"]: (one["data"]["state"], one["data"]["turn"]) for one in items(BKN)}
    examiner, addressee = {"party": "examiner", "agency": BKN}, {"party": "addressee", "agency": PEMKOT}
    assert turns == {
        "submit": ("submitted", examiner),
        "request-identity": ("identity_requested", {"party": "employer", "agency": PEMKOT}),
        "identify": ("submitted", examiner),
        "accept": ("under_examination", examiner),
        "recommend": ("recommended", addressee),
        "acknowledge": ("awaiting_sanction", addressee),
        "dispute": ("disputed", examiner),
        "uphold": ("awaiting_sanction", addressee),
        "report-sanction": ("sanction_reported", addressee),
        "record-delivery": ("sanction_reported", examiner),
        "note": ("sanction_reported", examiner),
        "close": ("closed", None),
    }


def test_every_turn_is_that_of_the_file_as_it_stood(sequenced: Sequencing) -> None:
    """The turn told is the one in the facts of that version."""
    story = factories.casefile_at(State.CLOSED, through=(
        "return", "complete", "request-identity", "identify", "accept", "recommend", "acknowledge", "report-sanction",
        "require-correction", "report-sanction", "record-delivery", "close",
    ))  # fmt: skip
    sequenced()
    stood: Mapping[int, Any] = {seq: facts["turn"] for seq, facts in _facts(story)}
    for one in items(BKN):
        was, told = stood[one["data"]["version"]], one["data"]["turn"]
        assert told == (None if was is None else {"party": was["party"], "agency": was["agency"]})


def _facts(story: factories.Story) -> list[tuple[int, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, facts::text FROM casefiles_payload WHERE casefile_id = %s AND seq >= 1", [story.casefile]
        )
        return [(seq, json.loads(facts)) for seq, facts in cursor.fetchall()]


def test_the_step_that_ends_sight_is_the_last_one_its_former_holder_gets(sequenced: Sequencing) -> None:
    """Asked, and disowned him: the asking and the disowning, then nothing; and not who is asked instead."""
    story = factories.story()
    story.do("request-identity", body=factories.given("request-identity", employer=PEMPROV))
    story.do("disown", by=PEMPROV, body=factories.given("disown", employer=PEMKOT))
    for name in ("request-identity", "identify", "accept"):
        story.do(name)
    sequenced()
    assert steps(PEMPROV, story) == ["request-identity", "disown"]
    last = items(PEMPROV)[-1]
    assert (last["data"]["state"], last["data"]["turn"]) == ("submitted", None)
    assert gaps(items(PEMPROV)) == []
    assert steps(PEMKOT, story) == ["request-identity", "identify", "accept"]
    assert [one["data"]["turn"] for one in items(BKN)].count(None) == 0


def test_who_was_asked_in_vain_is_not_told_whom_they_asked_next(sequenced: Sequencing) -> None:
    """One employer was silent; another is asked, and that is the first one's last item, without a name."""
    story = factories.story()
    story.do("request-identity", body=factories.given("request-identity", employer=PEMPROV))
    story.do("recall")
    story.do("request-identity")
    sequenced()
    assert PEMKOT not in page(PEMPROV).items
    assert items(BKN)[-1]["data"]["turn"] == {"party": "employer", "agency": PEMKOT}
    assert steps(PEMPROV, story)[-1] in {"recall", "request-identity"}


def test_a_transfer_is_the_old_employers_last_item_and_the_new_ones_first(sequenced: Sequencing) -> None:
    """Who follows him he is not told."""
    story = factories.casefile_at(State.RECOMMENDED)
    story.do("transfer", by=PEMKOT)
    story.do("acknowledge", by=PEMPROV)
    sequenced()
    assert steps(PEMKOT, story)[-2:] == ["recommend", "transfer"]
    assert (items(PEMKOT)[-1]["data"]["turn"], PEMPROV in page(PEMKOT).items) == (None, False)
    assert steps(PEMPROV, story) == ["transfer", "acknowledge"]


def test_whoever_had_the_case_before_hears_of_it_on(sequenced: Sequencing) -> None:
    story = factories.casefile_at(State.RETURNED)
    story.do("reassign", by=PROVINCE)
    story.do("complete", by=PROVINCE)
    sequenced()
    assert steps(PADANG, story) == ["submit", "return", "reassign", "complete"]


def test_what_waits_for_its_place_is_in_nobodys_feed(sequenced: Sequencing) -> None:
    """Events come in log order, so an accepted step without a place is not told yet; the head says how far we are."""
    assert page(BKN) == feed.Page(items="[]", count=0, next_after=-1, head=-1)
    sequenced()
    empty = page(BKN)
    assert (empty.count, empty.next_after) == (0, empty.head)
    assert empty.head >= 0, "the log's own entries, and the world's, are in nobody's feed"
    factories.story()
    assert page(BKN) == empty
    sequenced()
    assert page(BKN).count == 1
    assert items(BKN)[0]["previous"] is None


def test_after_a_fork_events_come_from_another_source(sequenced: Sequencing, settings: Settings) -> None:
    """`source` follows the origin that the entry itself bears; what happened before keeps its own."""
    story = factories.story()
    sequenced()
    sequenced.fork("lintas.example/log/2")
    settings.LINTAS_LOG_ORIGIN = "lintas.example/log/2"
    story.do("request-identity")
    sequenced()
    first, second = items(BKN)
    assert (first["source"], second["source"]) == (f"{BASE}/log/1", f"{BASE}/log/2")
    assert second["previous"] == first["logindex"]


def test_the_newest_of_each_feed_is_its_own(sequenced: Sequencing) -> None:
    """Of agencies that have something, of those that have nothing, and of none at all."""
    factories.story()
    sequenced()
    factories.casefile_at(State.RECOMMENDED)
    sequenced()
    sequenced.fork("lintas.example/log/2")
    sequenced()
    codes = (PADANG, BKN, PEMKOT, KASN)
    numbers = {code: Agency.objects.get(code=code).pk for code in codes}
    with CaptureQueriesContext(connection) as seen:
        newest = feed.newest_of(list(numbers.values()))
    assert len(seen) == 1
    assert newest == {numbers[code]: (items(code)[-1]["logindex"] if code != KASN else -1) for code in codes}
    assert max(newest.values()) < page(BKN).head
    assert feed.newest_of([]) == {}


def test_a_page_has_a_limit_and_names_survive_their_quotes(sequenced: Sequencing) -> None:
    """JSON that is put together as text must escape what comes from settings."""
    factories.story()
    sequenced()
    number = Agency.objects.get(code=BKN).pk
    odd = 'https://x.example/"quoted"\\%s'
    found = feed.page(agency=number, after=-1, limit=feed.MOST, base_url=odd, casefiles=f"{odd}/")
    (item,) = json.loads(found.items)
    assert item["source"] == f"{odd}/log/1"
    assert item["data"]["href"] == f"{odd}/{item['data']['casefile']}"
    with pytest.raises(ValueError, match="500 items at most"):
        page(BKN, limit=feed.MOST + 1)


def test_every_row_of_the_flow_has_a_type_of_its_own() -> None:
    assert len(set(feed.TYPES.values())) == len(FLOW) == len(feed.TYPES)
    assert all(name.startswith("lintas.casefile.") for name in feed.TYPES.values())


@pytest.mark.parametrize("count", [1, 40])
def test_a_page_is_one_statement(sequenced: Sequencing, count: int) -> None:
    """However many items."""
    for _ in range(count):
        factories.story()
    sequenced()
    number = Agency.objects.get(code=BKN).pk
    with CaptureQueriesContext(connection) as seen:
        found = feed.page(agency=number, after=-1, limit=100, base_url=BASE, casefiles="/")
    assert (found.count, len(seen)) == (count, 1)
