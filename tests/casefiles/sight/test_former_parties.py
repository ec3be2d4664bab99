"""Former parties: what an agency reads of a casefile after its sight of it has ended."""

import uuid
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from casefiles.flow import FLOW, State
from casefiles.models import Casefile, CasefileGrant, Document, Finding, Referral
from casefiles.queries import Sight
from tests.factories import (
    AUDITOR,
    BKN,
    KASN,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    Story,
    actor,
    casefile_at,
    given,
    story,
)

pytestmark = pytest.mark.usefixtures("db", "world")

LIVE = Sight()


def reads(told: Story, agency: str = PEMKOT) -> Sight | None:
    """How that agency reads the casefile."""
    return Casefile.objects.seen_by(actor(agency), casefile=told.casefile)


def left(told: Story, *, at: int) -> Sight:
    """How an agency reads whose sight ended with that version's step: the version before it."""
    ended = Entry.objects.get(stream=told.casefile, seq=at)
    return Sight(until=at - 1, left_at=ended.recorded_at)


def test_whoever_sees_a_casefile_reads_it_as_it_goes_on() -> None:
    told = casefile_at(State.RECOMMENDED)
    for agency in (PADANG, PROVINCE, BKN, PEMKOT, AUDITOR):
        assert reads(told, agency) == LIVE
        assert not LIVE.is_former


def test_whoever_never_saw_it_reads_nothing() -> None:
    told = casefile_at(State.RECOMMENDED)
    for agency in (OTHER_OFFICE, KASN, PEMPROV):
        assert reads(told, agency) is None
    for agency in (BKN, AUDITOR):
        assert Casefile.objects.seen_by(actor(agency), casefile=uuid.uuid4()) is None


def test_whoever_was_asked_in_vain_reads_the_version_before_the_recall() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED)
    assert reads(told) == LIVE
    told.do("recall")
    seen = reads(told)
    assert seen == left(told, at=3)
    assert seen is not None
    assert seen.is_former
    told.do("identify")
    told.do("accept")
    assert reads(told, PEMPROV) is None


def test_an_employer_whose_place_another_takes_reads_on_without_him() -> None:
    told = casefile_at(State.SUBMITTED, through=("request-identity", "identify"))
    told.do("request-identity", employer=PEMPROV)
    seen = reads(told)
    assert seen == left(told, at=4)
    assert seen is not None
    assert seen.until is not None
    facts = told.row.payloads.get(seq=seen.until).facts
    assert PEMPROV not in str(facts)
    assert PEMPROV in str(told.facts), "the step that ended its sight names the agency asked next"


def test_an_employer_is_left_out_when_the_examiner_finds_another() -> None:
    told = casefile_at(State.SUBMITTED, through=("request-identity", "identify"))
    told.do("identify", by=BKN, body=replace(given("identify", employer=PEMPROV), name="Orang Lain"))
    seen = reads(told)
    assert seen == left(told, at=4)
    assert seen is not None
    assert seen.until is not None
    assert "Orang Lain" not in str(told.row.payloads.get(seq=seen.until).facts)


def test_whoever_disowned_reads_nothing() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED)
    told.do("disown")
    assert reads(told) is None


def test_disowning_takes_back_what_was_read_before_as_well() -> None:
    told = casefile_at(State.SUBMITTED, through=("request-identity", "recall", "request-identity", "disown"))
    grants = CasefileGrant.objects.filter(content_object=told.casefile, agency__code=PEMKOT).order_by("pk")
    assert [(one.until_entry and one.until_entry.seq, one.reads_on) for one in grants] == [(3, True), (5, False)]
    assert reads(told) is None


def test_live_sight_wins_over_what_was_left() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED, through=("request-identity", "recall", "request-identity"))
    assert reads(told) == LIVE


def test_the_last_leaving_counts() -> None:
    again = casefile_at(State.SUBMITTED, through=("request-identity", "recall", "request-identity", "recall"))
    assert reads(again) == left(again, at=5)
    after_all = casefile_at(State.SUBMITTED, through=("request-identity", "disown", "request-identity", "recall"))
    assert reads(after_all) == left(after_all, at=5)


def test_a_former_party_finds_the_casefile_in_no_list_and_nothing_that_belongs_to_it() -> None:
    casefile_at(State.SUBMITTED, through=("request-identity", "recall"))
    who = actor(PEMKOT)
    for things in (Casefile, Referral, Document, Finding):
        assert not things.objects.visible_to(who).exists()


def test_how_an_agency_reads_is_asked_in_one_statement() -> None:
    untouched, told = story(), casefile_at(State.SUBMITTED, through=("request-identity", "recall"))
    for agency, of in ((BKN, untouched), (PEMKOT, untouched), (PEMKOT, told), (AUDITOR, told)):
        who = actor(agency)
        with CaptureQueriesContext(connection) as asked:
            Casefile.objects.seen_by(who, casefile=of.casefile)
        assert len(asked) == 1


def test_only_a_disownment_and_an_undone_merge_forget() -> None:
    """A row that ends sight leaves a former party, unless it says otherwise."""
    assert [row.name for row in FLOW if row.forgets] == ["disown", "release"]
    ending = {"request-identity", "identify", "disown", "recall", "transfer", "release", "reopen"}
    assert {row.name for row in FLOW if row.ends} == ending
