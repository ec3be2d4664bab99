"""The file changes hands, or its clock: what serving, transferring, reassigning and extending leave on PostgreSQL."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import Entry
from casefiles.flow import Party, Stage, WrongParty
from casefiles.flow.given import ExtendReason, TransferReason
from casefiles.models import Casefile, CasefileGrant, Finding, Referral
from casefiles.models import Transition as Step
from casefiles.parties import parties_of
from casefiles.queries import Sight
from tests.casefiles.test_effects import refused, sight
from tests.factories import (
    BKN,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    Story,
    actor,
    at,
    casefile_at,
    given,
    known_subject,
    letter,
    story,
)
from tests.reconciling import reconcile
from tests.warned import others

pytestmark = pytest.mark.usefixtures("db", "world")

S = Stage
RI, MINISTRY = "bawaslu-ri", "kemdikbudristek"
MISADDRESSED = TransferReason(code="misaddressed")


def waits_for(told: Story) -> tuple[str, str, str]:
    """Whose turn it is, as what, and for what."""
    return told.open.to_agency.code, told.open.party, told.open.purpose


# --- serve ----------------------------------------------------------------------------------------------------------


def test_a_served_recommendation_is_followed_up_from_the_day_it_was_delivered() -> None:
    told = casefile_at(S.RECOMMENDED)
    delivered = told.day
    told.do("serve", on=told.day + timedelta(days=3), delivered_on=delivered)

    assert told.row.state == "awaiting_sanction"
    assert waits_for(told) == (PEMKOT, "addressee", "follow_up")
    assert (told.open.clock_from, told.open.due_on) == (delivered, delivered + timedelta(days=14))
    assert told.facts["received_on"] == delivered.isoformat()
    proof = next(one["id"] for one in told.facts["documents"] if one["type"] == "delivery_proof")
    assert told.facts["served"] == {
        "agency": PEMKOT, "delivered_on": delivered.isoformat(), "method": "courier", "proof": proof,
    }  # fmt: skip
    assert told.referral("acknowledge").answered_with == "serve"
    told.do("report-sanction")
    reconcile(told.casefile)


# --- transfer -------------------------------------------------------------------------------------------------------


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


# --- reassign -------------------------------------------------------------------------------------------------------


def test_the_province_takes_over_and_the_old_office_reads_on() -> None:
    told = casefile_at(S.RETURNED)
    asked = told.open
    done = told.do("reassign", by=PROVINCE, letter=letter(day=told.day))

    assert told.row.submitter.code == PROVINCE
    assert waits_for(told) == (PROVINCE, "submitter", "complete")
    assert (told.open.continues_id, told.open.due_on) == (asked.pk, asked.due_on)
    assert sight(told) >= {PADANG, PROVINCE, RI}
    assert done.actor_keeps_sight
    assert parties_of(done.after, actor(PADANG)) == frozenset()
    assert parties_of(done.after, actor(PROVINCE)) == {Party.SUBMITTER}
    for name in ("complete", "withdraw", "note"):
        with pytest.raises(WrongParty):
            told.do(name, by=PADANG)
    told.do("complete", by=PROVINCE)
    assert Casefile.objects.seen_by(actor(PADANG), casefile=told.casefile) == Sight()
    told.do("withdraw", by=PROVINCE)
    reconcile(told.casefile)


def test_a_case_is_delegated_down_again_with_sight_for_all_above() -> None:
    told = casefile_at(S.RETURNED)
    told.do("reassign", by=RI)
    told.do("reassign", by=PROVINCE, office=OTHER_OFFICE, kind="delegated")
    assert told.row.submitter.code == OTHER_OFFICE
    assert sight(told) >= {PADANG, OTHER_OFFICE, PROVINCE, RI}
    step = Step.objects.get(casefile=told.casefile, seq=told.row.version)
    assert (step.party, step.to_state) == ("submitter", "returned")
    told.do("complete", by=OTHER_OFFICE)
    told.do("reassign", by=PROVINCE)
    assert told.row.submitter.code == PROVINCE
    reconcile(told.casefile)


def test_an_examiners_turn_stays_where_it_is_when_an_office_changes() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    turn = told.open.pk
    told.do("reassign")
    assert (told.open.pk, told.row.submitter.code) == (turn, PROVINCE)


def test_no_branch_reaches_into_another() -> None:
    told = casefile_at(S.RETURNED)
    for office in (OTHER_OFFICE, "bawaslu-kab-kotawaringin-timur", "bawaslu-kalimantan-tengah"):
        for kind, code in (("taken_over", "office-not-above"), ("delegated", "office-not-below")):
            assert code in refused(told, "reassign", office=office, kind=kind)
    assert refused(told, "reassign", by=PROVINCE, office=RI) == ["not-your-branch"]
    for stranger in (OTHER_OFFICE, "bawaslu-kab-kotawaringin-timur", BKN, PEMKOT):
        with pytest.raises(WrongParty):
            told.do("reassign", by=stranger)


def test_the_finding_is_open_to_every_office_that_has_or_had_a_case_of_it() -> None:
    told = casefile_at(S.RETURNED)

    def reads() -> set[str]:
        offices = (PADANG, PROVINCE, RI, OTHER_OFFICE, "bawaslu-kab-kotawaringin-timur", BKN, PEMKOT)
        return {code for code in offices if Finding.objects.visible_to(actor(code)).filter(pk=told.finding).exists()}

    ordinary = {PADANG, PROVINCE, RI, BKN}
    assert reads() == ordinary
    told.do("reassign", by=PROVINCE)
    assert reads() == ordinary
    told.do("reassign", by=PROVINCE, office=OTHER_OFFICE, kind="delegated")
    assert reads() == ordinary | {OTHER_OFFICE}
    told.do("reassign", by=PROVINCE)
    assert reads() == ordinary | {OTHER_OFFICE}


# --- extend ---------------------------------------------------------------------------------------------------------


def test_an_extension_is_counted_apart_and_said_to_all() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    asked = told.open
    until = asked.due_on + timedelta(days=21)
    told.do(
        "extend", until=until, reason=ExtendReason(code="subject_absent", text="Sakit."), letter=letter(day=told.day)
    )

    after = told.open
    assert (after.pk, after.due_on, after.paused_days) == (asked.pk, until, 21)
    assert after.rule["pauses"] == [
        {"seq": told.row.version, "until": until.isoformat(), "days": 21, "reason": "subject_absent"}
    ]
    assert told.facts["turn"]["due_on"] == until.isoformat()
    assert told.facts["extensions"] == [
        {
            "purpose": "follow_up", "until": until.isoformat(), "days": 21,
            "reason": {"code": "subject_absent", "text": "Sakit."}, "by": BKN, "on": told.day.isoformat(),
        }
    ]  # fmt: skip
    told.do("extend", until=until + timedelta(days=7))
    assert (told.open.paused_days, len(told.facts["extensions"]), len(told.open.rule["pauses"])) == (28, 2, 2)
    assert others(told.facts["warnings"]) == []
    told.do("report-sanction", on=until + timedelta(days=8))
    asked.refresh_from_db()
    assert (asked.days_late, asked.paused_days) == (1, 28)
    reconcile(told.casefile)


def test_an_extension_beyond_the_longest_clock_of_the_law_warns_and_happens() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    told.do("extend", until=due_on + timedelta(days=60))
    assert others(told.facts["warnings"]) == []
    told.do("extend", until=due_on + timedelta(days=200))
    assert [(one["code"], one["pointer"]) for one in others(told.facts["warnings"])] == [
        ("long-extension", "#/extensions/1/until")
    ]


def test_an_examiner_who_extends_its_own_clock_is_seen_to_do_so() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    told.do("extend", until=told.open.due_on + timedelta(days=30))
    (granted,) = told.facts["extensions"]
    assert (granted["purpose"], granted["by"]) == ("examine", BKN)


def test_a_clock_that_is_past_is_extended_from_the_day_of_the_act_on() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    late = due_on + timedelta(days=10)
    assert refused(told, "extend", on=late, until=due_on + timedelta(days=5)) == ["already-past"]
    told.do("extend", on=late, until=late)
    assert told.open.due_on == late


def test_time_granted_is_kept_when_the_clock_resumes() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    until = told.open.due_on + timedelta(days=30)
    told.do("extend", until=until)
    told.do("return")
    told.do("complete", on=told.day)
    assert told.open.due_on == until
    reconcile(told.casefile)


# --- all of them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["transfer", "reassign", "extend"])
def test_custody_changes_no_state(name: str) -> None:
    for stage in (S.SUBMITTED, S.RETURNED, S.UNDER_EXAMINATION, S.RECOMMENDED, S.DISPUTED, S.SANCTION_REPORTED):
        told = casefile_at(stage, subjects=(known_subject(),))
        came_from = told.row.came_from
        changed: dict[str, Any] = {"until": told.open.due_on + timedelta(days=9)} if name == "extend" else {}
        told.do(name, by=None if name != "transfer" else BKN, **changed)
        assert (told.row.state, told.row.came_from) == (stage, came_from)
        reconcile(told.casefile)


def test_grants_are_never_doubled() -> None:
    told = casefile_at(S.RECOMMENDED)
    for employer in (PEMPROV, PEMKOT, PEMPROV):
        told.do("transfer", by=BKN, body=given("transfer", day=told.day, employer=employer))
    grants = CasefileGrant.objects.filter(content_object=told.casefile)
    assert grants.filter(agency__code=PEMPROV).count() == 2
    assert grants.filter(agency__code=PEMPROV, until_entry=None).count() == 1


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
