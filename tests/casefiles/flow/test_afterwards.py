"""A closed case opened again by its ground, and recorded facts corrected by whoever recorded them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

import pytest

from casefiles import flow
from casefiles.flow import Party, Refused, State
from casefiles.flow.corrections import AUTHORS, CHANGED_BY, CORRECTABLE, DOCUMENT, NEVER_EMPTY, FactName, authors, read
from casefiles.flow.given import AmendReason, ReopenReason
from casefiles.models import CasefileGrant
from casefiles.operations import clock
from tests.casefiles.flow.views import DAY, SANCTION, facts_at, law, view_at
from tests.factories import (
    BKN,
    NIP,
    PADANG,
    PATHS,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    Story,
    at,
    casefile_at,
    given,
    known_subject,
    letter,
    story,
)
from tests.reconciling import nothing_is_left_over, reconcile
from tests.warned import others

S = State
seeded = pytest.mark.usefixtures("db", "world")
EXAMINED = PATHS[S.UNDER_EXAMINATION]


def closed_through(*walk: str, **submitted: Any) -> Story:
    """A casefile that ended that way."""
    told = story(**submitted)
    for name in walk:
        told.do(name)
    assert told.row.state == "closed"
    return told


def reopen(told: Story, ground: str, **more: Any) -> Story:
    """Open it again on that ground."""
    told.do("reopen", ground=ReopenReason(code=ground), **more)
    return told


def correct(told: Story, fact: str, value: str | None, *, by: str, violation: int | None = None, **more: Any) -> Story:
    """Correct that fact."""
    told.do("correct", by=by, fact=fact, value=value, violation=violation, **more)
    return told


def refused(told: Story, name: str, **said: Any) -> list[str]:
    """The reasons with which that act is refused."""
    with pytest.raises(Refused) as why:
        told.do(name, **said)
    return [reason.code for reason in why.value.reasons]


def sight(told: Story) -> set[str]:
    """Who sees the casefile now."""
    live = CasefileGrant.objects.filter(content_object=told.casefile, until_entry__isnull=True)
    return set(live.values_list("agency__code", flat=True))


# --- opened again ---------------------------------------------------------------------------------------------------

SANCTIONED = PATHS[S.CLOSED]
DISPUTED = PATHS[S.DISPUTED]


@seeded
@pytest.mark.parametrize(
    ("walk", "ground", "state", "purpose"),
    [
        (SANCTIONED, "new_evidence", "under_examination", "examine"),
        (SANCTIONED, "fraud", "under_examination", "examine"),
        (SANCTIONED, "other", "under_examination", "examine"),
        (SANCTIONED, "ruling", "sanction_reported", "review"),
        (SANCTIONED, "late_appeal", "sanction_reported", "review"),
        (SANCTIONED, "closure_error", "sanction_reported", "review"),
        (SANCTIONED, "wrong_person", "submitted", "verify"),
        ((*EXAMINED, "clear"), "ruling", "under_examination", "examine"),
        ((*EXAMINED, "clear"), "closure_error", "under_examination", "examine"),
        ((*DISPUTED, "retract"), "closure_error", "disputed", "answer"),
        ((*PATHS[S.AWAITING_SANCTION], "terminate"), "misaddressed_closure", "awaiting_sanction", "follow_up"),
        ((*PATHS[S.SANCTION_REPORTED], "terminate"), "closure_error", "sanction_reported", "deliver"),
        (("reject",), "new_evidence", "submitted", "verify"),
        (("return", "withdraw"), "new_evidence", "submitted", "verify"),
        (("return", "withdraw"), "closure_error", "returned", "complete"),
        ((*EXAMINED, "return", "terminate"), "fraud", "under_examination", "examine"),
        (("request-identity", "terminate"), "closure_error", "identity_requested", "identify"),
        (("redirect",), "misaddressed_closure", "submitted", "verify"),
    ],
    ids=str,
)
def test_the_ground_says_where_a_case_goes_on(walk: tuple[str, ...], ground: str, state: str, purpose: str) -> None:
    told = closed_through(*walk)
    before = told.facts
    reopen(told, ground)
    assert (told.row.state, told.row.outcome, told.open.purpose, told.open.continues) == (state, "", purpose, None)
    assert (told.facts["outcome"], told.facts["closing"]) == (None, None)
    assert told.facts["reopened"] == [
        {
            "ground": ground,
            "outcome": before["outcome"],
            "closing": before.get("closing"),
            "on": told.day.isoformat(),
        }
    ]
    reconcile(told.casefile)
    nothing_is_left_over()


@seeded
def test_a_case_opened_again_ends_again_and_keeps_both_outcomes() -> None:
    told = closed_through(*SANCTIONED)
    reopen(told, "new_evidence")
    for name in ("recommend", "acknowledge", "report-sanction", "record-delivery", "close"):
        told.do(name)
    assert (told.facts["recommendation"]["version"], told.facts["sanction"]["version"]) == (2, 2)
    reopen(told, "ruling")
    assert [(one["ground"], one["outcome"]) for one in told.facts["reopened"]] == [
        ("new_evidence", "sanctioned"),
        ("ruling", "sanctioned"),
    ]
    reconcile(told.casefile)


@seeded
def test_what_was_away_when_it_was_closed_finds_its_way_home() -> None:
    told = reopen(closed_through("return", "withdraw"), "closure_error")
    assert told.row.came_from == "submitted"
    told.do("complete")
    assert told.row.state == "submitted"
    told = reopen(closed_through(*DISPUTED, "retract"), "closure_error")
    assert [one["confirmed"] for one in told.facts["violations"]] == [True], "as the recommendation has it"
    told.do("uphold")
    assert (told.row.state, told.open.purpose) == ("awaiting_sanction", "follow_up")
    reconcile(told.casefile)


@seeded
def test_a_wrong_person_leaves_the_file_with_all_that_was_done_to_him() -> None:
    told = reopen(closed_through(*SANCTIONED), "wrong_person")
    facts = told.facts
    assert {name: facts[name] for name in ("employer", "addressee", "recommendation", "sanction")} == dict.fromkeys(
        ("employer", "addressee", "recommendation", "sanction")
    )
    assert facts["subject"] == {"identified": False, "position_roles": [], "violations": [1]}
    assert (told.payload.nip, told.payload.name_key, told.row.employer, told.row.addressee) == ("", "", None, None)
    assert PEMKOT not in sight(told)
    assert {PADANG, PROVINCE, BKN} <= sight(told)
    assert refused(told, "accept") == ["subject-not-identified"]
    told.do("request-identity", employer=PEMPROV)
    told.do("identify", by=PEMPROV, employer=PEMPROV, nip="198601012010011002")
    for name in ("accept", "recommend"):
        told.do(name)
    assert (told.row.addressee.code, told.facts["recommendation"]["version"]) == (PEMPROV, 1)  # type: ignore[union-attr]  # just set
    reconcile(told.casefile)


@seeded
def test_what_was_merged_is_not_opened_again_but_parted() -> None:
    told, into = casefile_at(S.SUBMITTED, subjects=(known_subject(),)), casefile_at(S.UNDER_EXAMINATION)
    told.do("merge", into=into.casefile, on=into.day + timedelta(days=1))
    assert refused(told, "reopen") == ["merged-not-reopened"]


# --- corrected ------------------------------------------------------------------------------------------------------


@seeded
def test_a_wrongly_written_nip_is_corrected_by_his_agency() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    correct(told, "#/subject/nip", "19850101 201001 3 001", by=PEMKOT)
    assert (told.facts["subject"]["nip"], told.payload.nip) == ("198501012010013001", "198501012010013001")
    assert [one["code"] for one in told.facts["warnings"]] == ["nip-doubtful"], "the digit of the sex"
    assert told.facts["corrections"] == [
        {
            "fact": "#/subject/nip",
            "violation": None,
            "by": PEMKOT,
            "on": told.day.isoformat(),
            "reason": {"code": "clerical_error", "text": None},
        }
    ]
    correct(told, "#/subject/nip", NIP, by=BKN, reason=AmendReason(code="identity_updated", text="SIASN."))
    assert (told.facts["warnings"], len(told.facts["corrections"])) == ([], 2)
    reconcile(told.casefile)


@seeded
def test_another_day_of_the_act_is_another_class() -> None:
    told = casefile_at(S.SUBMITTED)
    assert told.row.violation_class == "discipline"
    correct(told, "#/violations/*/act_date", "2024-09-01", by=PADANG, violation=1)
    (violation,) = told.facts["violations"]
    assert (told.row.violation_class, violation["violation_class"]) == ("ethics", "ethics")
    assert "2024-09-01" in violation["class"]["reasoning_en"]
    correct(told, "#/violations/*/contest/region", None, by=PADANG, violation=1)
    correct(told, "#/violations/*/contest/office", "governor", by=PADANG, violation=1)
    correct(told, "#/violations/*/act_until", "2024-09-30", by=PADANG, violation=1)
    assert told.row.violation_class == "discipline"
    correct(told, "#/violations/*/act_until", None, by=PADANG, violation=1)
    assert told.row.violation_class == "ethics"
    reconcile(told.casefile)


@seeded
def test_an_earlier_receipt_ends_the_time_to_act_earlier() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    told.day += timedelta(days=5)
    sent = told.day
    told.do("recommend", letter=letter(day=sent))
    told.do("acknowledge")
    due, received = told.open.due_on, date.fromisoformat(told.facts["received_on"])
    told.day += timedelta(days=4)
    for shift in (2, 3):  # twice: the second correction counts from the first
        correct(told, "#/received_on", (received + timedelta(days=shift)).isoformat(), by=PEMKOT)
        assert (told.open.due_on, told.open.clock_from) == (
            due + timedelta(days=shift),
            received + timedelta(days=shift),
        )
        assert told.facts["turn"]["due_on"] == told.open.due_on.isoformat()
    correct(told, "#/received_on", (sent - timedelta(days=1)).isoformat(), by=PEMKOT)
    assert [one["code"] for one in others(told.facts["warnings"])] == ["dates-run-backwards"]
    reconcile(told.casefile)


@seeded
def test_another_day_of_delivery_is_another_day_of_effect_and_of_review() -> None:
    told = casefile_at(S.SANCTION_REPORTED)
    told.do("record-delivery")
    sanction, due = told.facts["sanction"], told.open.due_on
    told.day += timedelta(days=10)
    later = date.fromisoformat(sanction["delivered_on"]) + timedelta(days=7)
    correct(told, "#/sanction/delivered_on", later.isoformat(), by=PEMKOT)
    assert told.facts["sanction"]["delivered_on"] == later.isoformat()
    assert told.facts["sanction"]["effective_on"] > sanction["effective_on"]
    assert (told.open.purpose, told.open.due_on) == ("review", due + timedelta(days=7))
    reconcile(told.casefile)


@seeded
def test_a_decree_of_another_day_is_delivered_by_another_day() -> None:
    told = casefile_at(S.SANCTION_REPORTED)
    due, decided = told.open.due_on, date.fromisoformat(told.facts["sanction"]["decision"]["date"])
    correct(told, "#/sanction/decision/date", (decided - timedelta(days=7)).isoformat(), by=PEMKOT)
    assert (told.open.purpose, told.open.due_on) == ("deliver", due - timedelta(days=7))
    reconcile(told.casefile)


@seeded
def test_a_closed_case_is_corrected_and_stays_closed() -> None:
    told = closed_through(*SANCTIONED)
    correct(told, "#/recommendation/letter/number", "R-2/2024", by=BKN)
    correct(told, "#/sanction/decision/legal_basis", "PP 94/2021 pasal 14", by=PEMKOT)
    assert (told.row.state, told.row.outcome, told.row.open_referral) == ("closed", "sanctioned", None)
    assert told.facts["recommendation"]["letter"]["number"] == "R-2/2024"
    reconcile(told.casefile)


@seeded
def test_the_matter_is_the_submitter_s_until_it_is_accepted() -> None:
    told = casefile_at(S.SUBMITTED, subjects=(known_subject(),))
    place = {"fact": "#/violations/*/place", "violation": 1, "value": "Padang"}
    assert refused(told, "correct", by=BKN, **place) == ["not-the-author"]
    correct(told, "#/violations/*/place", "Padang", by=PADANG, violation=1)
    told.do("accept")
    place["value"] = "Solok"
    assert refused(told, "correct", by=PADANG, **place) == ["not-the-author"]
    correct(told, "#/violations/*/place", "Solok", by=BKN, violation=1)
    correct(told, "#/unit", "Direktorat Wasdal", by=BKN)
    assert told.facts["unit"] == "Direktorat Wasdal"


# --- the list, without a database -----------------------------------------------------------------------------------

VALUES: dict[str, tuple[str | None, Any]] = {
    "#/subject/name": ("Nama Benar", "Nama Benar"),
    "#/subject/nip": ("198501012010011009", "198501012010011009"),
    "#/subject/position": ("Kepala Sekolah", "Kepala Sekolah"),
    "#/subject/position_kind": ("functional_skilled", "functional_skilled"),
    "#/subject/position_roles": ("teacher, regional_secretary", ["teacher", "regional_secretary"]),
    "#/subject/grade": ("III/d", "III/d"),
    "#/subject/work_unit": ("SMP 1", "SMP 1"),
    "#/subject/workplace": (PEMPROV, PEMPROV),
    "#/subject/employment_kind": ("cpns", "cpns"),
    "#/subject/identity_source": ("siasn", "siasn"),
    "#/finding/register_number": ("007/TM/2024", "007/TM/2024"),
    "#/finding/known_on": ("2024-10-01", "2024-10-01"),
    "#/finding/registered_on": ("2024-10-04", "2024-10-04"),
    "#/finding/clarified_on": ("2024-10-04", "2024-10-04"),
    "#/finding/forwarded_on": ("2024-10-08", "2024-10-08"),
    "#/violations/*/act_date": ("2024-09-28", "2024-09-28"),
    "#/violations/*/act_until": ("2024-09-30", "2024-09-30"),
    "#/violations/*/region": ("13.71.01", "13.71.01"),
    "#/violations/*/place": ("Padang", "Padang"),
    "#/violations/*/channel": ("instagram", "instagram"),
    "#/violations/*/interaction": ("comment", "comment"),
    "#/violations/*/description": ("Mengomentari unggahan.", "Mengomentari unggahan."),
    "#/violations/*/contest/office": ("none", "none"),
    "#/violations/*/contest/region": ("13.72", "13.72"),
    "#/examiner_reference": ("W-1/2024", "W-1/2024"),
    "#/unit": ("Direktorat", "Direktorat"),
    "#/verification/held_on": ("2024-10-09", "2024-10-09"),
    "#/recommendation/letter/number": ("R-9/2024", "R-9/2024"),
    "#/recommendation/letter/date": ("2024-10-18", "2024-10-18"),
    "#/received_on": ("2024-10-23", "2024-10-23"),
    "#/sanction/decision/number": ("SK-9", "SK-9"),
    "#/sanction/decision/date": ("2024-10-27", "2024-10-27"),
    "#/sanction/decision/legal_basis": ("PP 94/2021", "PP 94/2021"),
    "#/sanction/effective_stated": ("2024-11-21", "2024-11-21"),
    "#/sanction/decision/imposed_by": ("other_official", "other_official"),
    "#/sanction/delivered_on": ("2024-10-30", "2024-10-30"),
}
NONE_OF: dict[str, list[str]] = {"#/subject/position_roles": []}


def _whole() -> Any:
    """A file in which everything is recorded."""
    facts = facts_at(S.CLOSED)
    facts["recommendation"]["letter"] = {"number": "R-1", "date": "2024-10-20", "document": None}
    facts["finding"] |= {"known_on": "2024-10-02", "clarified_on": "2024-10-05", "forwarded_on": "2024-10-07"}
    return facts | {
        "verification": {"held_on": "2024-10-10"},
        "received_on": "2024-10-22",
        "sanction": {
            **SANCTION,
            "decision": {**SANCTION["decision"], "imposed_by": "personnel_authority"},
            "delivered_on": "2024-10-29",
        },
        "steps": {"submit": 1, "accept": 1},
    }


def _corrected(fact: str, value: str | None, facts: Any, *parties: Party) -> flow.Outcome:
    body = given("correct", day=DAY, fact=fact, value=value, violation=1 if "*" in fact else None)
    case = replace(view_at(S.CLOSED, facts=facts), acts_as=frozenset(parties))
    return flow.decide(flow.ROWS["correct"], case, frozenset(parties), body)


def test_the_list_is_the_contract_s_enumeration() -> None:
    assert (*CORRECTABLE, *CHANGED_BY) == get_args(FactName)
    assert tuple(CORRECTABLE) == (*VALUES, DOCUMENT)
    assert {one.author for one in CORRECTABLE.values()} == set(AUTHORS)
    for one in CORRECTABLE.values():
        assert one.member.name == one.field
    for acts in CHANGED_BY.values():
        assert set(acts) <= set(flow.ROWS)


@pytest.mark.parametrize("fact", VALUES)
def test_every_fact_of_the_list_is_corrected_by_its_author_and_by_nobody_else(fact: str) -> None:
    facts, (value, kept) = _whole(), VALUES[fact]
    case = view_at(S.CLOSED, facts=facts)
    mine = authors(case, fact)
    for party in (Party.SUBMITTER, Party.EXAMINER, Party.EMPLOYER, Party.ADDRESSEE):
        if party in mine:
            changes: Any = _corrected(fact, value, facts, party).changes
            assert read(facts | changes, fact, 1) == kept
            assert {name for name in changes if changes[name] != facts.get(name)} <= {
                fact.split("/")[1],
                "corrections",
                "warnings",
            }
        else:
            with pytest.raises(Refused, match=r"^not-the-author$"):
                _corrected(fact, value, facts, party)


@pytest.mark.parametrize("fact", VALUES)
def test_a_fact_may_be_taken_away_where_it_need_not_have_been_given(fact: str) -> None:
    facts: Any = {**_whole(), "examiner_reference": "W-0", "unit": "U"}
    first = facts["violations"][0]
    facts["violations"] = [
        {**first, "act_until": "2024-09-30", "region": "13", "place": "x", "channel": "x", "interaction": "x"}
    ]
    facts["subject"] |= {"grade": "III/a", "work_unit": "x", "workplace": PEMKOT, "position_roles": ["teacher"]}
    facts["sanction"]["effective_stated"] = "2024-11-20"
    (author, *_) = authors(view_at(S.CLOSED, facts=facts), fact)
    if fact in NONE_OF or (CORRECTABLE[fact].member.nullable and fact not in NEVER_EMPTY):
        after = facts | _corrected(fact, None, facts, author).changes
        assert read(after, fact, 1) == NONE_OF.get(fact)
    else:
        with pytest.raises(Refused, match=r"^value-missing$"):
            _corrected(fact, None, facts, author)


def test_the_identity_is_the_submitter_s_to_correct_until_somebody_identified_him() -> None:
    facts = _whole()
    facts["subject"]["identified"] = False
    changes = _corrected("#/subject/name", "Nama Benar", facts, Party.SUBMITTER).changes
    assert changes["subject"]["name"] == "Nama Benar"
    with pytest.raises(Refused, match="not-the-author"):
        _corrected("#/subject/name", "Nama Benar", facts, Party.EMPLOYER)


def test_a_contest_that_was_left_out_begins_with_its_office() -> None:
    facts = _whole()
    facts["violations"][0]["contest"] = None
    (violation,) = _corrected("#/violations/*/contest/office", "mayor", facts, Party.EXAMINER).changes["violations"]
    assert violation["contest"] == {"office": "mayor", "region": None}


def test_office_and_region_of_a_contest_are_corrected_one_after_the_other() -> None:
    """Neither may contradict the other on the way, so the region is taken away first."""
    facts = _whole()
    governor = ("#/violations/*/contest/office", "governor")
    with pytest.raises(Refused, match=r"^no-such-contest$") as refused:
        _corrected(*governor, facts, Party.EXAMINER)
    assert "null" in refused.value.reasons[0].en
    for fact, value in (("#/violations/*/contest/region", None), governor, ("#/violations/*/contest/region", "13")):
        facts = {**facts, **_corrected(fact, value, facts, Party.EXAMINER).changes}
    assert facts["violations"][0]["contest"] == {"office": "governor", "region": "13"}


def test_a_place_below_what_is_listed_is_warned_about_for_as_long_as_it_stands() -> None:
    facts = _whole()
    changes = _corrected("#/violations/*/region", "13.71.01", facts, Party.EXAMINER).changes
    (warning,) = [one for one in changes["warnings"] if one["code"] == "region-not-listed"]
    assert (warning["pointer"], "13.71 KOTA PADANG" in warning["en"]) == ("#/violations/0/region", True)
    changes = _corrected("#/violations/*/region", "13.71", {**facts, **changes}, Party.EXAMINER).changes
    assert [one for one in changes["warnings"] if one["code"] == "region-not-listed"] == []


def test_a_number_that_cannot_be_written_down_is_no_right_value() -> None:
    with pytest.raises(Refused, match=r"^unwritable-character$") as refused:
        _corrected("#/examiner_reference", "W-1\u200b/2024", _whole(), Party.EXAMINER)
    assert "U+200B ZERO WIDTH SPACE" in refused.value.reasons[0].id


def test_what_was_granted_stays_granted_when_the_clock_starts_on_another_day() -> None:
    """Three days more than the rule gives: they are kept, and so is the pause that the rule tells of."""
    received = date(2024, 10, 22)
    due, rule = law().counted("follow_up", start=received, time_zone="Asia/Jakarta", mandate="examining-2024")
    referral = view_at(S.AWAITING_SANCTION).referral
    assert referral is not None
    until = due + timedelta(days=3)
    pause = {"until": until.isoformat(), "days": 3, "reason": "examination_running", "seq": 2}
    case = view_at(
        S.AWAITING_SANCTION, Party.ADDRESSEE, facts=_whole() | {"sanction": None},
        referral=replace(
            referral, purpose="follow_up", clock_from=received, due_on=due + timedelta(days=3),
            rule={**rule, "pauses": [pause]},
        ),
    )  # fmt: skip
    body = given("correct", day=DAY, fact="#/received_on", value="2024-10-24", violation=None)
    moves = flow.decide(flow.ROWS["correct"], case, frozenset({Party.ADDRESSEE}), body).moves
    assert moves is not None
    assert (moves.due_on, moves.clock_from, moves.paused_days) == (due + timedelta(days=5), date(2024, 10, 24), 0)
    assert moves.rule is not None
    assert moves.rule["pauses"] == [pause]


def test_a_clock_that_starts_elsewhere_is_left_alone() -> None:
    body = given("correct", day=DAY, fact="#/received_on", value="2024-10-24", violation=None)
    case = view_at(S.AWAITING_SANCTION, Party.ADDRESSEE, facts=_whole() | {"sanction": None})
    assert flow.decide(flow.ROWS["correct"], case, frozenset({Party.ADDRESSEE}), body).moves is None


# --- what an ended case leaves behind -------------------------------------------------------------------------------


@seeded
def test_a_remedy_that_was_pending_is_filed_anew_once_the_case_is_open_again() -> None:
    told = reopen(closed_through(*PATHS[S.CONTESTED], "terminate"), "closure_error")
    assert (told.row.state, told.facts["contest"], told.open.purpose) == ("sanction_reported", None, "review")
    told.do("contest")
    reconcile(told.casefile)


@seeded
def test_an_annulment_that_fell_leaves_the_sanction_standing_and_open_to_contest() -> None:
    told = reopen(closed_through(*PATHS[S.CONTESTED], "annul"), "closure_error")
    assert (told.facts["sanction"]["annulled_on"], told.facts["sanction"]["annulled_by"]) == (None, None)
    assert told.facts["contests"][0]["ruling"] == "annulled"
    told.do("contest")
    told.do("settle")
    assert refused(told, "contest") == ["contested-already"]


@seeded
def test_nothing_said_of_the_wrong_person_s_agencies_is_left_for_the_right_one_s() -> None:
    told = casefile_at(S.RECOMMENDED)
    told.do("serve")
    told.do("report-sanction")
    told.do("record-delivery")
    told.do("contest")
    told.do("settle", ruling="lightened", sanction="written_reprimand")
    told.do("terminate")
    assert {"served", "contests", "sanction_versions"} <= {name for name, value in told.facts.items() if value}
    reopen(told, "wrong_person")
    left = ("served", "contest", "contests", "sanction_versions", "measures", "ladder", "not_duplicate_of")
    assert not [name for name in left if told.facts.get(name)]
    told.do("identify", by=BKN, nip="199001012015011002")
    reconcile(told.casefile)


@seeded
def test_a_case_recommended_again_has_not_been_received_yet() -> None:
    told = casefile_at(S.RECOMMENDED)
    told.do("serve")
    told.do("terminate")
    reopen(told, "new_evidence")
    told.do("recommend")
    assert (told.facts["received_on"], told.facts["served"]) == (None, None)
    told.do("acknowledge")


@seeded
def test_whoever_was_served_does_not_say_when_it_reached_him() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    told.do("recommend", letter=letter(day=told.day))
    told.do("serve", on=told.day + timedelta(days=3), delivered_on=told.day)
    later = (told.day - timedelta(days=1)).isoformat()
    assert refused(told, "correct", by=PEMKOT, fact="#/received_on", value=later, violation=None) == ["not-the-author"]
    correct(told, "#/received_on", later, by=BKN)
    assert told.facts["served"]["delivered_on"] == told.facts["received_on"] == later


@seeded
def test_levels_that_were_reached_stay_those_of_the_clock_whose_first_day_is_corrected() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    told.do("recommend", letter=letter(day=told.day))
    told.do("acknowledge")
    told.day = told.open.due_on + timedelta(days=1)
    assert clock.tick(now=at(told.day)).escalated
    level = told.row.overdue_level
    sent = date.fromisoformat(told.facts["received_on"]) - timedelta(days=1)
    correct(told, "#/received_on", sent.isoformat(), by=PEMKOT)
    assert {one["clock_from"] for one in told.facts["ladder"]} == {told.open.clock_from.isoformat()} == {str(sent)}
    told.do("measure", code="reminder")
    assert (told.facts["ladder"][-1]["measure"], told.row.overdue_level) == ("reminder", level)
    told.do("dispute")
    told.do("uphold")
    assert told.row.overdue_level == level
    reconcile(told.casefile)
