"""The officer moves: where turn, clock and sight go, and what becomes of a letter that was misaddressed."""

from datetime import timedelta

import pytest

from audit.models import Entry
from casefiles.flow import State, WrongParty
from casefiles.flow.given import TransferReason
from casefiles.models import Casefile, Referral
from casefiles.queries import Sight
from tests.casefiles.flow.test_custody import waits_for
from tests.casefiles.flow.test_effects import refused, sight
from tests.factories import (
    BKN,
    PEMKOT,
    PEMPROV,
    actor,
    at,
    casefile_at,
    known_subject,
    story,
)
from tests.reconciling import reconcile

pytestmark = pytest.mark.usefixtures("db", "world")

S = State
MINISTRY = "kemdikbudristek"
MISADDRESSED = TransferReason(code="misaddressed")


def test_the_turn_and_the_sight_of_the_old_employer_go_to_the_new_one() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    asked = told.open
    told.do("transfer", by=PEMKOT)

    assert (told.facts["employer"], told.facts["addressee"]) == (PEMPROV, PEMPROV)
    assert waits_for(told) == (PEMPROV, "addressee", "follow_up")
    assert (told.open.clock_from, told.open.continues) == (told.day, None)
    asked.refresh_from_db()
    assert (asked.status, asked.answered_by, asked.answered_with) == ("answered", asked.to_agency, "transfer")
    assert {PEMKOT, PEMPROV} & sight(told) == {PEMPROV}
    with pytest.raises(WrongParty):
        told.do("note", by=PEMKOT, code="team_formed")
    told.do("report-sanction", by=PEMPROV)
    reconcile(told.casefile)


def test_a_clock_that_runs_on_keeps_its_due_day_and_its_ladder() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    asked = told.open
    told.do("transfer", by=BKN, clock="runs_on")
    assert (told.open.continues_id, told.open.due_on, told.open.clock_from) == (
        asked.pk,
        asked.due_on,
        asked.clock_from,
    )
    told.do("dispute", by=PEMPROV)
    told.do("uphold")
    assert (told.open.to_agency.code, told.open.due_on) == (PEMPROV, asked.due_on)


def test_the_delay_of_a_wrong_addressee_counts_for_nobody() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    asked = told.open
    told.do("transfer", by=BKN, on=asked.due_on + timedelta(days=9), reason=MISADDRESSED)
    asked.refresh_from_db()
    assert (asked.status, asked.days_late) == ("voided", 0)
    acknowledged = told.referral("acknowledge")
    assert (acknowledged.status, acknowledged.to_agency.code) == ("voided", PEMKOT)
    assert set(told.facts["voided_referrals"]) >= {str(asked.pk), str(acknowledged.pk)}
    assert told.open.due_on == told.day + timedelta(days=14)
    of_others = Referral.objects.filter(casefile=told.casefile, to_agency__code=BKN)
    assert {one.status for one in of_others} == {"answered"}
    reconcile(told.casefile)


def test_another_reason_leaves_the_delay_with_whoever_was_late() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    asked = told.open
    told.do("transfer", by=PEMKOT, on=asked.due_on + timedelta(days=9))
    asked.refresh_from_db()
    assert (asked.status, asked.days_late) == ("answered", 9)


def test_an_agency_that_is_late_does_not_excuse_itself() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    late = due_on + timedelta(days=1)
    assert refused(told, "transfer", by=PEMKOT, on=late, reason=MISADDRESSED) == ["late-and-misaddressed"]
    dated_back = {"on": told.open.due_on, "moved_on": told.day, "now": at(late)}
    assert refused(told, "transfer", by=PEMKOT, reason=MISADDRESSED, **dated_back) == ["late-and-misaddressed"]
    told.do("transfer", by=PEMKOT, on=due_on, reason=MISADDRESSED)
    assert waits_for(told)[0] == PEMPROV


def test_a_dispute_of_a_wrong_addressee_is_answered_by_a_transfer_and_a_clock_that_begins_again() -> None:
    """The dispute has answered the late referral already; it is voided all the same, and nobody inherits its clock."""
    told = casefile_at(S.AWAITING_SANCTION)
    asked = told.open
    told.do("dispute", on=asked.due_on + timedelta(days=4))
    asked.refresh_from_db()
    assert (asked.status, asked.days_late) == ("answered", 4)

    told.do("transfer", by=BKN, reason=MISADDRESSED)
    asked.refresh_from_db()
    assert (asked.status, asked.days_late, asked.answered_with) == ("voided", 0, "dispute")
    assert waits_for(told) == (BKN, "examiner", "answer")
    assert {PEMKOT, PEMPROV} & sight(told) == {PEMPROV}

    told.do("uphold")
    assert waits_for(told) == (PEMPROV, "addressee", "follow_up")
    assert (told.open.continues, told.open.due_on) == (None, told.day + timedelta(days=14))
    reconcile(told.casefile)


def test_nobody_is_tipped_off_by_a_transfer() -> None:
    """Before the old employer was asked, the new one is only a name, as he was."""
    told = casefile_at(S.SUBMITTED, subjects=(known_subject(),))
    turn = told.open.pk
    told.do("transfer", by=BKN)
    assert (told.facts["employer"], told.facts["addressee"], told.open.pk) == (PEMPROV, None, turn)
    assert not {PEMKOT, PEMPROV} & sight(told)
    told.do("accept")
    told.do("recommend")
    assert waits_for(told) == (PEMPROV, "addressee", "acknowledge")


def test_while_the_examiner_has_the_turn_only_sight_moves() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    turn = told.open.pk
    told.do("transfer", by=PEMKOT)
    assert told.open.pk == turn
    assert {PEMKOT, PEMPROV} & sight(told) == {PEMPROV}


def test_whoever_is_asked_meanwhile_hands_the_question_on_and_a_recall_leaves_the_new_employer() -> None:
    told = casefile_at(S.IDENTITY_REQUESTED, through=("request-identity", "identify", "request-identity"))
    told.do("transfer", by=PEMKOT)
    assert waits_for(told) == (PEMPROV, "employer", "identify")
    told.do("recall")
    assert (told.facts["employer"], told.facts["claimed_employer"]) == (PEMPROV, None)
    reconcile(told.casefile)


def test_an_addressee_who_is_not_the_employer_stays() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    told.do("recommend", addressee=PEMPROV)
    asked = told.open.pk
    told.do("transfer", by=BKN, employer=MINISTRY)
    assert (told.facts["employer"], told.facts["addressee"], told.open.pk) == (MINISTRY, PEMPROV, asked)
    assert {PEMKOT, PEMPROV, MINISTRY} & sight(told) == {PEMPROV, MINISTRY}
    told.do("transfer", by=BKN, employer=PEMPROV)
    told.do("transfer", by=BKN, employer=PEMKOT)
    assert {PEMKOT, PEMPROV, MINISTRY} & sight(told) == {PEMKOT}


def test_whoever_moves_to_the_examiner_is_redirected() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    told.do("transfer", by=PEMKOT, employer=BKN)
    assert refused(told, "recommend") == ["own-officer"]
    assert refused(told, "clear") == ["own-officer"]
    told.do("redirect")
    reconcile(told.casefile)


def test_the_examiner_who_was_the_employer_keeps_his_sight() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    told.do("transfer", by=PEMKOT, employer=BKN)
    told.do("transfer", by=BKN, employer=PEMPROV)
    assert BKN in sight(told)


def test_the_old_employer_reads_the_file_as_he_left_it() -> None:
    told = casefile_at(S.RECOMMENDED)
    told.do("transfer", by=PEMKOT)
    ended = Entry.objects.get(stream=told.casefile, seq=told.row.version)
    seen = Casefile.objects.seen_by(actor(PEMKOT), casefile=told.casefile)
    assert seen == Sight(until=told.row.version - 1, left_at=ended.recorded_at)
    assert PEMPROV not in str(told.row.payloads.get(seq=told.row.version - 1).facts)
    told.do("transfer", by=BKN, employer=PEMKOT)
    assert Casefile.objects.seen_by(actor(PEMKOT), casefile=told.casefile) == Sight()
    reconcile(told.casefile)


def test_an_officer_who_was_disowned_may_be_transferred_to_whoever_has_him() -> None:
    told = story(subjects=(known_subject(),))
    told.do("request-identity")
    told.do("disown")
    assert told.row.employer is None
    told.do("transfer", by=BKN)
    assert told.facts["employer"] == PEMPROV
    assert PEMPROV not in sight(told)


# --- a wrong addressee, and whose clock it is -----------------------------------------------------------------------


def test_an_addressee_who_was_never_the_employer_leaves_where_the_letter_was_misaddressed() -> None:
    """The examiner had named the province; the rule names the officer's own agency, and that takes its place."""
    told = casefile_at(S.UNDER_EXAMINATION)
    told.do("recommend", addressee=PEMPROV)
    wrong = told.open
    told.do("transfer", by=BKN, employer=PEMKOT, reason=MISADDRESSED)
    assert (told.facts["employer"], told.facts["addressee"]) == (PEMKOT, PEMKOT)
    assert waits_for(told) == (PEMKOT, "addressee", "acknowledge")
    assert {PEMKOT, PEMPROV} & sight(told) == {PEMKOT}
    wrong.refresh_from_db()
    assert (wrong.status, wrong.days_late) == ("voided", 0)
    with pytest.raises(WrongParty):
        told.do("acknowledge", by=PEMPROV)
    assert refused(told, "transfer", by=BKN, employer=PEMKOT, reason=MISADDRESSED) == ["same-employer"]
    told.do("acknowledge")
    reconcile(told.casefile)


def test_a_misaddressed_recommendation_on_a_secretary_goes_to_the_province_above_the_right_city() -> None:
    told = casefile_at(S.SUBMITTED, subjects=(known_subject(position_roles=("regional_secretary",)),))
    told.do("accept")
    told.do("recommend")
    assert waits_for(told)[0] == PEMPROV
    assert refused(told, "transfer", by=BKN, employer=PEMKOT, reason=MISADDRESSED) == ["same-employer"]
    told.do("transfer", by=BKN, employer=PEMPROV, reason=MISADDRESSED)
    assert (told.facts["addressee"], waits_for(told)[0]) == ("kemendagri", "kemendagri"), "a secretary of the province"
    assert PEMPROV not in sight(told)
    assert "former_employers" not in told.facts, "it never was the employer"
    reconcile(told.casefile)


def test_the_next_employer_is_held_to_its_own_receipt() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    first = told.open.clock_from
    told.do("transfer", by=BKN, on=told.day + timedelta(days=14))
    assert told.facts["received_on"] == told.open.clock_from.isoformat() == told.day.isoformat()
    assert told.open.clock_from > first
    # It corrects what is its own: the day on which the letter reached it.
    received = (told.day + timedelta(days=1)).isoformat()
    told.do("correct", by=PEMPROV, fact="#/received_on", violation=None, value=received)
    assert told.open.clock_from.isoformat() == told.facts["received_on"]
    reconcile(told.casefile)


@pytest.mark.parametrize("clock", ["runs_on", "fresh"])
def test_nobody_inherits_the_clock_of_a_dispute_that_another_raised(clock: str) -> None:
    told = casefile_at(S.DISPUTED)
    old = told.referral("follow_up")
    told.do("transfer", by=BKN, clock=clock, on=old.due_on + timedelta(days=3))
    told.do("uphold")
    assert waits_for(told) == (PEMPROV, "addressee", "follow_up")
    assert (told.open.continues, told.open.clock_from) == (None, told.day)
    assert told.open.due_on == told.day + timedelta(days=14)
    reconcile(told.casefile)
