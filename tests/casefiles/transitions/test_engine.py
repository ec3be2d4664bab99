"""The engine, tried with toy rows of every shape that later rows have: what the grammar says, `perform` stores."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit.tlog.tree import leaf_hash
from casefiles import flow
from casefiles.errors import UnknownTransition
from casefiles.flow import OPEN, Clock, Party, Refused, State, Target, Transition, WrongParty, WrongState
from casefiles.flow.given import Act
from casefiles.flow.grammar import NewDue, Referral, Refusal
from casefiles.flow.judging import available_to, decide
from casefiles.models import Casefile, CasefileGrant
from casefiles.models import Transition as Performed
from casefiles.shapes import AgencyCode, Date, Text
from casefiles.transitions.write import WriteConflict
from tests.casefiles.flow.views import view_at
from tests.factories import BKN, BOARD, PEMKOT, PEMPROV, Story, casefile_at, submit


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy(Act):
    """What the toys are given."""

    word: Annotated[str, Text(40)] = ""
    agency: AgencyCode | None = None
    until: Date | None = None
    level: int = 0


def row(name: str, **said: Any) -> Transition:
    """A row with whatever a toy does not care about."""
    plain: dict[str, Any] = {
        "source": (State.SUBMITTED,),
        "target": Target.SAME,
        "by": (Party.EXAMINER,),
        "article": "toy",
        "title_id": "mainan",
        "title_en": "toy",
        "announces": "casefile.toyed",
        "takes": Toy,
    }
    return Transition(name=name, **{**plain, **said})


def _chosen(case: Any, given: Toy) -> State:
    return {"restart": State.SUBMITTED, "return": State.RETURNED}.get(given.word, State(case.state))


# One toy for every row that comes later, in the shape its line of the agreement gives it.
LATER = {
    toy.name: toy
    for toy in (
        row("serve", source=(State.RECOMMENDED,), target=State.AWAITING_SANCTION, opens=Referral(
            to=Party.ADDRESSEE, purpose="follow_up", runs_from=lambda case, given: given.until)),
        row("extend", source=OPEN, moves=lambda case, given: NewDue(
            given.until, paused_days=(given.until - case.referral.due_on).days)),
        row("transfer", source=OPEN, by=(Party.EMPLOYER, Party.EXAMINER),
            records=lambda case, given: {"employer": given.agency, "addressee": given.agency},
            opens=lambda case, given: Referral(to=Party.ADDRESSEE, purpose=case.referral.purpose),
            ends=(Party.EMPLOYER,)),
        row("reassign", source=OPEN, by=(Party.SUBMITTER,), records=lambda case, given: {"submitter": given.agency}),
        row("contest", source=(State.SANCTION_REPORTED,), target=State.CONTESTED,
            by=(Party.ADDRESSEE, Party.APPEAL_BOARD),
            opens=lambda case, given: Referral(
                to=Party.APPEAL_BOARD if given.word == "appeal" else Party.ADDRESSEE, purpose="settle",
                rule=lambda given: "appeal_decision")),
        row("settle", source=(State.CONTESTED,), target=State.SANCTION_REPORTED, by=(Party.APPEAL_BOARD,),
            opens=lambda case, given: Referral(clock=Clock.FRESH)),
        row("annul", source=(State.CONTESTED,), target=State.CLOSED, outcome="annulled", by=(Party.APPEAL_BOARD,)),
        row("record-execution", source=(State.SANCTION_REPORTED, State.CLOSED), by=(Party.ADDRESSEE,),
            records=lambda case, given: {"sanction": {**case.facts["sanction"], "effective_on": str(given.until)}}),
        row("escalate", source=OPEN, by=(Party.CLOCK,), routed=False, takes=Toy,
            records=lambda case, given: {"overdue_level": given.level}),
        row("measure", source=OPEN, by=(Party.OVERSIGHT,)),
        row("block-data", source=OPEN, by=(Party.CIVIL_SERVICE_AGENCY,),
            records=lambda case, given: {"data_block": "active"}),
        row("unblock-data", source=tuple(State), by=(Party.CIVIL_SERVICE_AGENCY,),
            records=lambda case, given: {"data_block": "none"}),
        row("merge", source=OPEN, target=State.CLOSED, outcome="merged",
            records=lambda case, given: {"merged": {"into": given.word, "from": str(case.state)}}),
        row("absorb", source=OPEN, routed=False, records=lambda case, given: {"absorbed": [given.word]}),
        row("unmerge", source=(State.CLOSED,), target=lambda case, given: State(case.facts["merged"]["from"]),
            opens=Referral(clock=Clock.RESUMES)),
        row("reopen", source=(State.CLOSED,), target=lambda case, given: State(given.word),
            target_states=(State.UNDER_EXAMINATION, State.AWAITING_SANCTION), opens=Referral(clock=Clock.FRESH),
            records=lambda case, given: {"closing": None}),
        row("correct", source=tuple(State), by=(Party.EXAMINER, Party.ADDRESSEE, Party.SUBMITTER),
            records=lambda case, given: {"examiner_reference": given.word}),
        row("recompute", source=OPEN, by=(Party.CLOCK,), routed=False,
            moves=lambda case, given: NewDue(given.until)),
        row("hand-over", source=OPEN, by=(Party.OPERATOR,), routed=False, target=_chosen,
            target_states=(State.SUBMITTED, State.RETURNED),
            opens=lambda case, given: Referral() if given.word in {"restart", "return"} else None),
    )
}  # fmt: skip


# --- decide: pure ---------------------------------------------------------------------------------------------------


def _decide(name: str, state: State, party: Party, **given: Any) -> Any:
    return decide(LATER[name], view_at(state, party), frozenset({party}), Toy(**given))


def test_a_target_may_be_a_stage_the_same_stage_or_where_the_file_came_from() -> None:
    away = row("back", source=(State.RETURNED,), target=Target.CAME_FROM)
    case = replace(view_at(State.RETURNED), came_from=State.UNDER_EXAMINATION)
    assert _decide("serve", State.RECOMMENDED, Party.EXAMINER).state is State.AWAITING_SANCTION
    assert _decide("measure", State.DISPUTED, Party.OVERSIGHT).state is State.DISPUTED
    assert decide(away, case, frozenset({Party.EXAMINER}), None).state is State.UNDER_EXAMINATION


def test_a_target_may_be_chosen_by_what_is_given() -> None:
    for word, state in (("restart", State.SUBMITTED), ("return", State.RETURNED), ("continue", State.RECOMMENDED)):
        outcome = _decide("hand-over", State.RECOMMENDED, Party.OPERATOR, word=word)
        assert (outcome.state, outcome.keeps_turn) == (state, word == "continue")


def test_a_file_that_came_from_nowhere_cannot_go_back() -> None:
    away = row("back", source=(State.RETURNED,), target=Target.CAME_FROM)
    with pytest.raises(ValueError, match="came from nowhere"):
        decide(away, replace(view_at(State.RETURNED), came_from=None), frozenset({Party.EXAMINER}), None)


def test_several_parties_may_perform_a_row_and_each_is_named() -> None:
    for party in (Party.EMPLOYER, Party.EXAMINER):
        assert _decide("transfer", State.RECOMMENDED, party, agency=PEMPROV).party is party
    with pytest.raises(WrongParty):
        _decide("transfer", State.RECOMMENDED, Party.SUBMITTER, agency=PEMPROV)


def test_rows_of_the_clock_and_of_operators_are_never_offered() -> None:
    for party in (Party.CLOCK, Party.OPERATOR, Party.EXAMINER):
        offered = available_to(LATER.values(), view_at(State.RECOMMENDED, party), frozenset({party}))
        assert not {"escalate", "recompute", "hand-over", "absorb"} & {offer.name for offer, _ in offered}


def test_a_turn_may_be_opened_for_a_party_that_is_chosen_by_what_is_given() -> None:
    appeal = _decide("contest", State.SANCTION_REPORTED, Party.APPEAL_BOARD, word="appeal")
    objection = _decide("contest", State.SANCTION_REPORTED, Party.ADDRESSEE, word="objection")
    assert (appeal.opens.to, objection.opens.to) == (Party.APPEAL_BOARD, Party.ADDRESSEE)


def test_closing_gives_the_row_s_outcome_and_what_follows_keeps_it() -> None:
    assert _decide("annul", State.CONTESTED, Party.APPEAL_BOARD).outcome == "annulled"
    assert _decide("record-execution", State.CLOSED, Party.ADDRESSEE, until=date(2024, 11, 1)).outcome == "sanctioned"
    assert _decide("correct", State.CLOSED, Party.SUBMITTER).outcome == "sanctioned"
    reopened = _decide("reopen", State.CLOSED, Party.EXAMINER, word="under_examination")
    assert (reopened.state, reopened.outcome, reopened.opens is not None) == (State.UNDER_EXAMINATION, "", True)


def test_nothing_is_open_on_a_closed_file_whatever_the_row_says() -> None:
    greedy = row("greedy", target=State.CLOSED, outcome="rejected", opens=Referral(to=Party.EXAMINER, purpose="verify"))
    outcome = decide(greedy, view_at(State.SUBMITTED), frozenset({Party.EXAMINER}), None)
    assert (outcome.opens, outcome.keeps_turn) == (None, False)
    assert _decide("correct", State.CLOSED, Party.SUBMITTER).keeps_turn is False


def test_two_casefiles_are_two_decisions_each_on_its_own_file() -> None:
    source = view_at(State.SUBMITTED)
    target = view_at(State.UNDER_EXAMINATION)
    closed = decide(LATER["merge"], source, frozenset({Party.EXAMINER}), Toy(word="target"))
    stays = decide(LATER["absorb"], target, frozenset({Party.EXAMINER}), Toy(word="source"))
    assert (closed.state, closed.outcome, closed.changes["merged"]) == (
        State.CLOSED,
        "merged",
        {"into": "target", "from": "submitted"},
    )
    assert (stays.state, stays.keeps_turn, stays.changes) == (State.UNDER_EXAMINATION, True, {"absorbed": ["source"]})


def test_guards_may_give_one_reason_several_or_none() -> None:
    one = Refusal("one", "satu", "one")
    toys = row(
        "toy",
        requires=(lambda case, given: one, lambda case, given: None, lambda case, given: [one, one]),
        weighs=(lambda case, given: iter((one,)),),
    )
    with pytest.raises(Refused) as refused:
        decide(toys, view_at(State.SUBMITTED), frozenset({Party.EXAMINER}), Toy())
    assert [reason.code for reason in refused.value.reasons] == ["one"] * 4
    assert len(flow.refusals(toys, view_at(State.SUBMITTED))) == 3


def test_the_party_is_judged_before_the_state_and_the_state_before_the_guards() -> None:
    never = row("never", requires=(lambda case, given: Refusal("never", "tidak", "never"),))
    with pytest.raises(WrongParty):
        decide(never, view_at(State.CLOSED), frozenset({Party.EMPLOYER}), None)
    with pytest.raises(WrongState):
        decide(never, view_at(State.CLOSED), frozenset({Party.EXAMINER}), None)
    with pytest.raises(Refused):
        decide(never, view_at(State.SUBMITTED), frozenset({Party.EXAMINER}), None)


# --- perform: the same toys, stored ---------------------------------------------------------------------------------

stored = pytest.mark.usefixtures("db", "world")


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toys stand in the flow for a while."""
    monkeypatch.setattr(flow, "ROWS", {**flow.ROWS, **LATER})


def _toy(
    told: Story, name: str, *, by: str, as_party: Party | None = None, on: date | None = None, **given: Any
) -> Any:
    return told.do(name, by=by, as_party=as_party, on=on, body=Toy(**given))


def _promises_hold() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@stored
def test_attributes_are_stored_where_they_are_listed_and_the_turn_stays(toys: None) -> None:
    told = casefile_at(State.RECOMMENDED)
    turn = told.open.pk
    _toy(told, "block-data", by=BKN)
    _toy(told, "escalate", by=BKN, as_party=Party.CLOCK, level=2)

    kept = told.row
    assert (kept.data_block, kept.overdue_level, kept.state, kept.open_referral_id) == (
        "active",
        2,
        "recommended",
        turn,
    )
    assert kept.history.order_by("-version")[0].overdue_level == 2
    assert Performed.objects.get(casefile=told.casefile, seq=kept.version).party == "clock"
    _promises_hold()


@stored
def test_a_row_without_a_route_is_unknown_to_whoever_does_not_act_as_the_clock(toys: None) -> None:
    told = casefile_at(State.RECOMMENDED)
    with pytest.raises(UnknownTransition):
        _toy(told, "escalate", by=BKN, level=1)
    with pytest.raises(WrongParty):
        _toy(told, "escalate", by=BKN, as_party=Party.OPERATOR, level=1)


@stored
def test_the_appeal_board_may_have_the_turn(toys: None) -> None:
    told = casefile_at(State.SANCTION_REPORTED)
    _toy(told, "contest", by=PEMKOT, word="appeal")

    assert (told.row.state, told.open.to_agency.code, told.open.purpose) == ("contested", BOARD, "settle")
    assert CasefileGrant.objects.filter(content_object=told.casefile, agency__code=BOARD, until_entry=None).count() == 1

    _toy(told, "settle", by=BOARD)
    assert (told.row.state, told.open.purpose) == ("sanction_reported", "deliver")
    _promises_hold()


@stored
def test_an_objection_stays_with_the_addressee_and_an_annulment_closes(toys: None) -> None:
    told = casefile_at(State.SANCTION_REPORTED)
    _toy(told, "contest", by=PEMKOT, word="objection")
    assert (told.open.to_agency.code, told.open.purpose) == (PEMKOT, "settle")
    _toy(told, "annul", by=BOARD)
    assert (told.row.state, told.row.outcome, told.row.open_referral) == ("closed", "annulled", None)
    _promises_hold()


@stored
def test_a_closed_casefile_may_change_and_stays_closed_as_it_was(toys: None) -> None:
    told = casefile_at(State.CLOSED)
    _toy(told, "record-execution", by=PEMKOT, until=told.day)
    _toy(told, "unblock-data", by=BKN)
    _toy(told, "correct", by=told.submitter, word="W-1")

    kept = told.row
    assert (kept.state, kept.outcome, kept.open_referral) == ("closed", "sanctioned", None)
    assert told.facts["outcome"] == "sanctioned"
    _promises_hold()


@stored
def test_a_closed_casefile_may_be_opened_again_by_its_ground(toys: None) -> None:
    told = casefile_at(State.CLOSED)
    _toy(told, "reopen", by=BKN, word="under_examination")
    assert (told.row.state, told.row.outcome, told.facts["outcome"]) == ("under_examination", "", None)
    assert (told.open.purpose, told.open.continues) == ("examine", None)
    _promises_hold()


@stored
def test_sight_and_turn_move_with_a_transfer(toys: None) -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    _toy(told, "transfer", by=BKN, agency=PEMPROV)

    assert (told.row.employer.code, told.row.addressee.code) == (PEMPROV, PEMPROV)  # type: ignore[union-attr]  # just set
    assert (told.open.to_agency.code, told.open.purpose) == (PEMPROV, "follow_up")
    sees = CasefileGrant.objects.filter(content_object=told.casefile, until_entry=None)
    codes = set(sees.values_list("agency__code", flat=True))
    assert PEMPROV in codes
    assert PEMKOT not in codes
    _promises_hold()


@stored
def test_an_operator_may_send_a_file_back_to_its_beginning(toys: None) -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    _toy(told, "hand-over", by=BKN, as_party=Party.OPERATOR, word="restart")
    assert (told.row.state, told.open.purpose, told.open.to_agency.code) == ("submitted", "verify", BKN)
    _promises_hold()


@stored
def test_a_served_letter_starts_the_clock_on_the_day_it_was_served(toys: None) -> None:
    told = casefile_at(State.RECOMMENDED)
    served = told.day - timedelta(days=1)
    _toy(told, "serve", by=BKN, until=served)
    assert (told.open.purpose, told.open.clock_from) == ("follow_up", served)
    assert told.open.due_on == served + timedelta(days=14)


@stored
def test_an_extended_clock_keeps_its_referral_and_counts_the_pause_apart(toys: None) -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    before = told.open
    until = before.due_on + timedelta(days=10)
    _toy(told, "extend", by=BKN, until=until)
    after = told.open
    assert (after.pk, after.due_on, after.paused_days) == (before.pk, until, 10)
    assert after.due_at == before.due_at + timedelta(days=10)
    assert (told.facts["turn"]["due_on"], told.facts["turn"]["referral"]) == (until.isoformat(), str(before.pk))
    _promises_hold()


@stored
def test_a_recomputed_deadline_moves_without_a_pause(toys: None) -> None:
    told = casefile_at(State.UNDER_EXAMINATION)
    before = told.open
    until = before.due_on + timedelta(days=1)
    _toy(told, "recompute", by=BKN, as_party=Party.CLOCK, until=until)
    assert (told.open.pk, told.open.due_on, told.open.paused_days) == (before.pk, until, 0)


@stored
def test_a_merged_casefile_comes_back_to_where_it_stood(toys: None) -> None:
    told = casefile_at(State.UNDER_EXAMINATION)
    due = told.open.due_on
    _toy(told, "merge", by=BKN, word="LTS/2024/000001")
    assert (told.row.state, told.row.outcome) == ("closed", "merged")
    _toy(told, "unmerge", by=BKN, on=told.day + timedelta(days=7))
    assert (told.row.state, told.open.purpose) == ("under_examination", "examine")
    assert told.open.due_on == due + timedelta(days=7), "five working days away, over one weekend"
    _promises_hold()


@stored
def test_two_casefiles_are_stored_by_one_statement_or_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finding with two subjects goes this way today, a merge with its absorb goes this way later."""
    from casefiles.transitions import write

    taken = submit(subjects=_two_subjects(), violations=_one_violation())
    assert Casefile.objects.filter(finding=taken.finding).count() == 2

    first, second = taken.steps
    twice = replace(first, columns=replace(first.columns, version=2), sealed=_other_bytes(first.sealed, b"1"))
    astray = replace(second, columns=replace(second.columns, version=3), sealed=_other_bytes(second.sealed, b"2"))
    with pytest.raises((WriteConflict, IntegrityError)), transaction.atomic():
        write.write((_bare(twice), _bare(astray)))
    assert set(Casefile.objects.filter(finding=taken.finding).values_list("version", flat=True)) == {1}


def _other_bytes(sealed: Any, body: bytes) -> Any:
    return replace(sealed, uuid=_uuid(), body=body, leaf_hash=leaf_hash(body))


def _bare(step: Any) -> Any:
    turn = replace(step.turn, opens=None, answers=None)
    return replace(step, turn=turn, attachments=(), sight=replace(step.sight, sees=(), unsees=()))


def _uuid() -> Any:
    import uuid

    return uuid.uuid4()


def _two_subjects() -> Any:
    from casefiles.flow.finding import Subject

    return (Subject(name="Satu", violations=(1,)), Subject(name="Dua", violations=(1,)))


def _one_violation() -> Any:
    from tests.factories import violation

    return (violation(),)
