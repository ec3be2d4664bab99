"""`perform` on PostgreSQL: what each transition leaves behind, and that a refused one leaves nothing."""

import dataclasses
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from agencies.models import Mandate
from casefiles.catalogue.law import open_book
from casefiles.errors import InvalidGiven, NotVisible, StaleVersion, UnknownTransition
from casefiles.flow import FLOW, Party, Refused, State, WrongParty, WrongState
from casefiles.flow.intake import Answer
from casefiles.flow.parties import ROLE_OF
from casefiles.models import Attachment, Casefile, CasefileGrant, Referral
from casefiles.models import Transition as Step
from casefiles.transitions import perform
from casefiles.transitions.load import Mentioned, load
from tests.casefiles.flow.test_flow import ARROWS
from tests.factories import (
    AUDITOR,
    BKN,
    BOARD,
    KASN,
    OTHER_OFFICE,
    PADANG,
    PATHS,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    Story,
    actor,
    at,
    casefile_at,
    document,
    given,
    request,
    story,
)
from tests.snapshots import snapshot

pytestmark = pytest.mark.usefixtures("db", "world")

S = State
# What each agency is to the casefiles of these tests; at `recommended` and after, the employer is the addressee too.
PARTIES: dict[str, frozenset[Party]] = {
    PADANG: frozenset({Party.SUBMITTER}),
    BKN: frozenset({Party.EXAMINER, Party.CIVIL_SERVICE_AGENCY, Party.OVERSIGHT}),
    PEMKOT: frozenset({Party.EMPLOYER, Party.ADDRESSEE}),
    PEMPROV: frozenset({Party.OVERSIGHT}),  # the governor, once a city of his is concerned
    PROVINCE: frozenset({Party.SUPERIOR_OFFICE}),
    OTHER_OFFICE: frozenset(),
    KASN: frozenset(),
    BOARD: frozenset({Party.APPEAL_BOARD}),
    AUDITOR: frozenset(),
}


def sight(told: Story) -> set[str]:
    """Who sees the casefile now."""
    live = CasefileGrant.objects.filter(content_object=told.casefile, until_entry__isnull=True)
    return set(live.values_list("agency__code", flat=True))


def refused(told: Story, name: str, **said: Any) -> list[str]:
    """The reasons with which that act is refused."""
    with pytest.raises(Refused) as why:
        told.do(name, **said)
    return [reason.code for reason in why.value.reasons]


# --- nothing happens where it may not -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", PATHS, ids=str)
def test_whatever_is_not_drawn_is_refused_and_changes_nothing(state: State) -> None:
    told = casefile_at(state)
    papers = {agency: document(agency, "decision", now=at(told.day)) for agency in PARTIES}
    addressed = told.row.addressee_id is not None
    asked = told.row.employer_id is not None
    day = told.day + timedelta(days=1)
    before = snapshot()
    tried = 0
    for agency, parties in PARTIES.items():
        mine = parties - ({Party.ADDRESSEE} if not addressed else set()) - ({Party.EMPLOYER} if not asked else set())
        if agency == PEMPROV and not asked:
            mine -= {Party.OVERSIGHT}
        who = actor(agency)
        for row in FLOW:
            if row.creates or not row.routed or any((row.name, state, party) in ARROWS for party in mine):
                continue
            body = given(row.name, day=day, document=lambda kind, agency=agency: papers[agency])  # type: ignore[misc]
            # A merge names a casefile that is none: that is said before the state is judged.
            with pytest.raises((WrongParty, WrongState, Refused, InvalidGiven)) as why, transaction.atomic():
                perform.perform(
                    actor=who, casefile=told.casefile, name=row.name, given=body, occurred_at=at(day),
                    now=at(day), request=request(),
                )  # fmt: skip
            tried += 1
            if not mine & set(row.by):
                assert why.type is WrongParty
    assert tried > 100
    assert snapshot() == before


def test_unknown_casefiles_and_transitions_are_nothing() -> None:
    told = casefile_at(S.SUBMITTED)
    with pytest.raises(UnknownTransition):
        told.do("submit", by=PADANG, body=given("note"))
    with pytest.raises(UnknownTransition):
        told.do("promote", by=BKN, body=given("note"))
    with pytest.raises(NotVisible):
        replace(told, casefile=uuid.uuid4()).do("accept", by=BKN)


def test_a_stale_version_is_told_after_the_party_and_before_the_state() -> None:
    told = casefile_at(S.SUBMITTED)
    with pytest.raises(WrongParty):
        told.do("accept", by=PEMKOT, version=9)
    with pytest.raises(StaleVersion) as stale:
        told.do("close", by=BKN, version=9, body=given("redirect"))
    assert stale.value.current == 1
    with pytest.raises(WrongState) as wrong:
        told.do("clear", by=BKN, version=1)
    assert (wrong.value.state, wrong.value.allowed_from) == (S.SUBMITTED, (S.UNDER_EXAMINATION,))


def test_an_act_lies_not_before_the_one_it_follows() -> None:
    told = casefile_at(S.SUBMITTED)
    with pytest.raises(InvalidGiven) as invalid:
        told.do("redirect", on=told.day - timedelta(days=1), now=at(told.day + timedelta(days=9)))
    assert [(fault.code, fault.pointer) for fault in invalid.value.faults] == [
        ("occurred-before-previous", "#/occurred_at")
    ]
    # The same instant is allowed: two acts of one morning may be entered alike.
    told.do("request-identity", on=told.day)


def test_an_act_lies_not_after_the_moment_it_is_recorded() -> None:
    told = casefile_at(S.SUBMITTED)
    with pytest.raises(IntegrityError, match="a_step_happens_before_it_is_recorded"):
        told.do("redirect", on=told.day + timedelta(days=9), now=at(told.day + timedelta(days=8)))


def test_an_act_without_a_moment_follows_the_step_it_waited_for() -> None:
    told = casefile_at(S.SUBMITTED)
    last = Step.objects.get(casefile=told.casefile).occurred_at
    read_before = last - timedelta(milliseconds=300)
    with transaction.atomic():
        perform.perform(
            actor=actor(BKN), casefile=told.casefile, name="redirect", given=given("redirect"), occurred_at=None,
            now=read_before, request=request(),
        )  # fmt: skip
    step = Step.objects.get(casefile=told.casefile, seq=2)
    assert (step.occurred_at, step.recorded_at) == (last, last)


# Brought as the caller asks for them or may know them; the rest is the same for all.
ELSEWHERE = {"past_referrals", "head", "sighted", "preventions", "prevented"}
AROUND = {"agencies", "documents", "calendar_version"}


@pytest.mark.parametrize("state", PATHS, ids=str)
def test_what_perform_answers_is_what_is_stored(state: State) -> None:
    told = story()
    for name in PATHS[state]:
        after = told.do(name).after
        mentioned = Mentioned(roles=tuple(ROLE_OF.values()))
        read = load(told.casefile, actor=after.columns.submitter_id, today=told.day, mentioned=mentioned)
        for mine, theirs, skipped in (
            (after, read, {*ELSEWHERE, "context"}),
            (after.columns, read.columns, set()),
            (after.context, read.context, AROUND),
        ):
            for field in dataclasses.fields(theirs):
                if field.name not in skipped:
                    assert getattr(mine, field.name) == getattr(theirs, field.name), f"{name}: {field.name}"


def test_unknown_agencies_and_documents_are_named_by_their_place() -> None:
    told = casefile_at(S.SUBMITTED)
    foreign = document(PEMKOT, "evidence", now=at(told.day))
    told.do("return")
    with pytest.raises(InvalidGiven) as invalid:
        told.do("complete", answers=(Answer(item=1, text="x", documents=(foreign, uuid.uuid4())),))
    assert [(fault.code, fault.pointer) for fault in invalid.value.faults] == [
        ("unknown-document", "#/answers/0/documents/0"),
        ("unknown-document", "#/answers/0/documents/1"),
    ]
    told.do("complete")
    with pytest.raises(InvalidGiven) as invalid:
        told.do("request-identity", employer="tidak-ada")
    assert [(fault.code, fault.pointer) for fault in invalid.value.faults] == [("unknown-agency", "#/employer")]


# --- what every step leaves -----------------------------------------------------------------------------------------


def test_attached_documents_join_the_file_once() -> None:
    told = casefile_at(S.SUBMITTED)
    told.do("return")
    evidence = document(PADANG, "evidence", now=at(told.day))
    told.do("complete", answers=(Answer(item=1, text="x", documents=(evidence,)),))
    told.do("return")
    told.do("complete", answers=(Answer(item=1, text="x", documents=(evidence,)),))

    attached = Attachment.objects.filter(casefile=told.casefile, document=evidence)
    assert [one.seq for one in attached] == [3]
    assert [one["id"] for one in told.facts["documents"]].count(str(evidence)) == 1


def test_an_attached_document_may_be_mentioned_by_another_party() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    theirs = uuid.UUID(told.facts["documents"][0]["id"])
    told.do("recommend", letter=replace(given("recommend", day=told.day).letter, document=theirs))
    assert Attachment.objects.filter(casefile=told.casefile, document=theirs).count() == 1


def test_every_step_says_who_did_it_when_and_on_what_basis() -> None:
    told = casefile_at(S.RECOMMENDED)
    step = Step.objects.get(casefile=told.casefile, name="recommend")
    assert (step.party, step.agency.code, step.client, step.from_state, step.to_state) == (
        "examiner",
        BKN,
        "bkn-system",
        "under_examination",
        "recommended",
    )
    assert step.occurred_at == at(told.day)
    assert step.recorded_at == at(told.day) + timedelta(hours=1)
    assert step.legal_basis == "SKB 2/2022; UU 5/2014 pasal 33"


@pytest.mark.parametrize("state", PATHS, ids=str)
def test_the_turn_in_the_file_is_the_open_referral(state: State) -> None:
    told = casefile_at(state)
    turn = told.facts["turn"]
    if state is S.CLOSED:
        assert turn is None
        assert not Referral.objects.filter(casefile=told.casefile, status="open").exists()
        return
    opened = told.open
    assert told.row.open_referral_id == opened.pk
    assert (turn["referral"], turn["agency"], turn["purpose"], turn["party"], turn["due_on"]) == (
        str(opened.pk),
        opened.to_agency.code,
        opened.purpose,
        opened.party,
        opened.due_on.isoformat(),
    )


def test_the_database_agrees_with_every_walk() -> None:
    for state in PATHS:
        casefile_at(state)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_step_costs_three_statements_and_accepting_one_for_the_duplicates_it_judges(
    django_assert_num_queries: Callable[..., Any],
) -> None:
    told = casefile_at(S.SUBMITTED, through=("request-identity", "identify"))
    who, body, moment = actor(BKN), given("accept", day=told.day + timedelta(days=1)), at(told.day + timedelta(days=1))
    open_book()  # the calendar is read once per process
    with django_assert_num_queries(4 + 2), transaction.atomic():  # and two for the savepoint of this block
        perform.perform(
            actor=who, casefile=told.casefile, name="accept", given=body, occurred_at=moment, now=moment,
            request=request(),
        )  # fmt: skip


def test_the_seeded_world_has_the_mandates_these_stories_rest_on() -> None:
    assert set(Mandate.objects.values_list("code", flat=True)) == {"examining-2014", "examining-2024"}
    assert Casefile.objects.count() == 0
