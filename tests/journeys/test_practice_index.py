"""Every case of practice has a journey of its own name that leads from its finding to its end: this is the list."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping

import pytest

from demo.client import Client
from tests.audit.verify.logs import verify
from tests.journeys.endings import ASKED, SANCTIONED, Ends, asked_and_accepted, named, officer, recommends, sanctioned
from tests.journeys.paths import submitted_together

INTAKE, PEOPLE, FOLLOW_UP, OFFICES, REGENCY, SUCCESSION = (
    "test_practice_intake",
    "test_practice_people",
    "test_practice_follow_up",
    "test_practice_offices",
    "test_practice_regency",
    "test_succession",
)

JOURNEYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "act before designation": (
        (INTAKE, "test_an_act_before_the_stage_is_forwarded_by_letter_and_ends_with_a_moral_sanction_read_out"),
        (INTAKE, "test_the_same_banner_is_ethics_when_taken_down_and_discipline_when_it_hangs_on_beyond_designation"),
    ),
    "anonymous reporter, no NIP": (
        (INTAKE, "test_an_anonymous_report_without_nip_is_identified_by_the_examiner_from_siasn"),
    ),
    "68 officers of one regency": (
        (REGENCY, "test_sixty_eight_officers_of_one_regency_go_their_own_ways_and_no_agency_learns_of_the_others"),
    ),
    "the Sekda is reported": (
        (PEOPLE, "test_a_regional_secretary_is_sanctioned_from_above_and_his_own_office_never_sees_the_case"),
    ),
    "acting regional head": (
        (PEOPLE, "test_an_acting_regional_head_is_sanctioned_by_his_home_agency_and_not_by_the_city_he_leads"),
    ),
    "addressed to the wrong agency": (
        (FOLLOW_UP, "test_the_wrong_agency_disputes_unread_and_the_right_one_starts_with_its_whole_time"),
    ),
    "the employer cannot hold the hearing without Bawaslu's file": (
        (FOLLOW_UP, "test_an_agency_that_cannot_hold_its_hearing_without_the_file_is_given_it"),
    ),
    "the agency's own examination takes months": (
        (FOLLOW_UP, "test_a_long_examination_is_told_in_notes_paused_once_and_ends_with_a_sanction_in_time"),
    ),
    "moral sanction decided in March, read out in April, two officers absent": (
        (FOLLOW_UP, "test_a_moral_sanction_of_march_is_read_out_in_april_to_who_came_and_later_to_who_was_absent"),
    ),
    "sanction without any examination, reversed": (
        (FOLLOW_UP, "test_a_sanction_without_any_examination_is_sent_back_and_imposed_anew"),
    ),
    "personnel authority ignores it, BKN blocks": (
        (FOLLOW_UP, "test_a_silent_authority_climbs_the_ladder_is_blocked_reprimanded_and_acts_in_the_end"),
    ),
    "dismissal, BPASN lightens": (
        (FOLLOW_UP, "test_a_dismissal_is_lightened_by_the_board_and_nobody_asks_why_it_is_lighter"),
    ),
    "PPPK": ((PEOPLE, "test_contract_staff_are_sanctioned_by_their_agency_s_own_rows_or_leave_with_their_contract"),),
    "officer moves": ((PEOPLE, "test_an_officer_moves_and_his_new_agency_imposes_what_the_old_one_was_asked_for"),),
    "officer retires": ((PEOPLE, "test_an_officer_retires_before_his_agency_has_acted"),),
    "officer dies": ((PEOPLE, "test_an_officer_dies_while_his_agency_disputes_what_was_recommended"),),
    "KASN half way in September 2024": (
        (SUCCESSION, "test_september_2024_is_replayed_with_four_hundred_open_cases_of_kasn"),
    ),
    "village head reported as ASN": (
        (PEOPLE, "test_a_village_head_is_disowned_and_rejected_as_no_civil_servant"),
        (PEOPLE, "test_a_village_head_is_redirected_to_the_authority_over_villages"),
        (PEOPLE, "test_a_civil_servant_acting_as_village_head_is_one"),
    ),
    "criminal track in parallel": ((INTAKE, "test_the_criminal_track_is_told_per_subject_and_stops_no_clock"),),
    "the same matter through SBT and SIGAPLAPOR": (
        (OFFICES, "test_a_matter_of_two_channels_is_merged_late_and_both_offices_follow_it_to_the_end"),
    ),
    "province takes over from regency, or delegates down": (
        (OFFICES, "test_the_province_takes_a_case_over_completes_it_delegates_it_and_reads_on_to_the_end"),
    ),
    "found by a sub-district supervisor": (
        (INTAKE, "test_the_same_banner_is_ethics_when_taken_down_and_discipline_when_it_hangs_on_beyond_designation"),
    ),
    "withdrawn after acceptance": (
        (INTAKE, "test_a_withdrawal_asked_for_after_acceptance_is_refused_and_the_case_goes_on"),
        (INTAKE, "test_a_withdrawal_asked_for_after_acceptance_is_granted_by_the_examiner"),
    ),
    "a source that is not Bawaslu": (
        (PEOPLE, "test_contract_staff_are_sanctioned_by_their_agency_s_own_rows_or_leave_with_their_contract"),
    ),
}


@pytest.mark.parametrize("case", JOURNEYS)
def test_the_case_has_its_journey(case: str) -> None:
    for module, name in JOURNEYS[case]:
        journey = getattr(importlib.import_module(f"tests.journeys.{module}"), name, None)
        assert callable(journey), f"{case}: tests/journeys/{module}.py has no {name}"


def test_every_journey_of_practice_is_listed() -> None:
    listed = {name for journeys in JOURNEYS.values() for _, name in journeys}
    for module in (INTAKE, PEOPLE, FOLLOW_UP, OFFICES, REGENCY):
        there = {name for name in vars(importlib.import_module(f"tests.journeys.{module}")) if name.startswith("test_")}
        assert there <= listed, there - listed


def test_the_register_that_was_walked_on_is_called_sound(parties: Mapping[str, Client], ends: Ends) -> None:
    """`lintas-verify db` over this journey, and over whatever other journeys were walked before it."""
    person = officer("Terakhir")
    (journey,) = submitted_together(parties, [named(person)])
    asked_and_accepted(journey, person)
    recommends(journey, "discipline_medium")
    sanctioned(journey, "allowance_cut_25_6m")
    ends(journey, "sanctioned", (*ASKED, "recommend", *SANCTIONED), unseen=("bawaslu-kab-agam",))
    deadline = time.monotonic() + 30
    while True:
        said = verify("db", ends.sandbox.server.roles.reader, "--trust-genesis")
        # But for the witnesses, whom nobody asked here.
        found = [one["sentence"] for one in said.said["findings"] if one["code"] != "unwitnessed"]
        # The checkpoint over the newest leaves is signed a moment after they have their places.
        if not found or time.monotonic() > deadline:
            break
    assert found == []
    assert said.exit == 2
