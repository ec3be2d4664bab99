"""The file changes hands, or its clock: what serving, reassigning and extending leave on PostgreSQL."""

from datetime import timedelta
from typing import Any

import pytest

from casefiles.flow import Party, State, WrongParty
from casefiles.flow.given import ExtendReason
from casefiles.models import Casefile, CasefileGrant, Finding
from casefiles.models import Transition as Step
from casefiles.queries import Sight
from casefiles.transitions.parties import parties_of
from tests.casefiles.flow.test_effects import refused, sight
from tests.factories import (
    BKN,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    Story,
    actor,
    casefile_at,
    given,
    known_subject,
    letter,
)
from tests.reconciling import reconcile
from tests.warned import others

pytestmark = pytest.mark.usefixtures("db", "world")

S = State
RI = "bawaslu-ri"


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
    for state in (S.SUBMITTED, S.RETURNED, S.UNDER_EXAMINATION, S.RECOMMENDED, S.DISPUTED, S.SANCTION_REPORTED):
        told = casefile_at(state, subjects=(known_subject(),))
        came_from = told.row.came_from
        changed: dict[str, Any] = {"until": told.open.due_on + timedelta(days=9)} if name == "extend" else {}
        told.do(name, by=None if name != "transfer" else BKN, **changed)
        assert (told.row.state, told.row.came_from) == (state, came_from)
        reconcile(told.casefile)


def test_grants_are_never_doubled() -> None:
    told = casefile_at(S.RECOMMENDED)
    for employer in (PEMPROV, PEMKOT, PEMPROV):
        told.do("transfer", by=BKN, body=given("transfer", day=told.day, employer=employer))
    grants = CasefileGrant.objects.filter(content_object=told.casefile)
    assert grants.filter(agency__code=PEMPROV).count() == 2
    assert grants.filter(agency__code=PEMPROV, until_entry=None).count() == 1
