"""What each transition does to the file, its turn and who sees it, walked on PostgreSQL."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from casefiles.flow import Refused, State, WrongParty
from casefiles.flow.examination import Withheld
from casefiles.flow.follow_up import Revision
from casefiles.flow.given import LighterReason, Official, TerminateReason, WithholdReason
from casefiles.flow.sanction import Delivered
from casefiles.models import CasefileGrant
from casefiles.transitions import decide
from tests.factories import (
    AUDITOR,
    BKN,
    BOARD,
    KASN,
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
    story,
)

pytestmark = pytest.mark.usefixtures("db", "world")

S = State


def sight(told: Story) -> set[str]:
    """Who sees the casefile now."""
    live = CasefileGrant.objects.filter(content_object=told.casefile, until_entry__isnull=True)
    return set(live.values_list("agency__code", flat=True))


def refused(told: Story, name: str, **said: Any) -> list[str]:
    """The reasons with which that act is refused."""
    with pytest.raises(Refused) as why:
        told.do(name, **said)
    return [reason.code for reason in why.value.reasons]


# --- intake ---------------------------------------------------------------------------------------------------------


def test_asking_gives_the_agency_sight_and_turn() -> None:
    told = casefile_at(S.SUBMITTED, subjects=(known_subject(),))
    assert PEMKOT not in sight(told), "no tip-off before the first referral"

    told.do("request-identity")

    assert PEMKOT in sight(told)
    assert (told.open.to_agency.code, told.open.purpose, told.open.party) == (PEMKOT, "identify", "employer")
    assert told.referral("verify").answered_with == "request-identity"


def test_identifying_fills_the_file_and_gives_the_examiner_his_turn_back() -> None:
    told = casefile_at(S.IDENTITY_REQUESTED)
    told.do("identify")

    subject = told.facts["subject"]
    assert (told.row.state, subject["identified"], subject["nip"], subject["violations"]) == (
        "submitted",
        True,
        NIP,
        [1],
    )
    assert "employer" not in subject
    assert "occurred_at" not in subject
    assert (told.payload.nip, told.payload.name_key) == (NIP, "terlapor rekaan")
    assert PEMKOT in sight(told)
    assert (told.open.purpose, told.open.to_agency.code) == ("verify", BKN)


def test_an_agency_identifies_its_own_officers_only() -> None:
    told = casefile_at(S.IDENTITY_REQUESTED)
    assert refused(told, "identify", employer=PEMPROV) == ["not-our-officer"]


def test_an_employer_who_is_only_claimed_identifies_nobody_unasked() -> None:
    told = casefile_at(S.SUBMITTED, subjects=(known_subject(),))
    assert refused(told, "identify", by=PEMKOT) == ["not-asked"]


def test_doubtful_digits_warn_and_are_not_refused() -> None:
    told = casefile_at(S.IDENTITY_REQUESTED)
    told.do("identify", nip="198513012010011001")
    warnings = told.facts["warnings"]
    assert {warning["code"] for warning in warnings} == {"nip-doubtful"}
    assert all("1985" not in warning["id"] + warning["en"] for warning in warnings)


def test_disowning_ends_the_agency_s_sight_with_that_entry() -> None:
    told = casefile_at(S.IDENTITY_REQUESTED)
    done = told.do("disown", employer=PEMPROV)

    assert PEMKOT not in sight(told)
    assert done.actor_keeps_sight is False
    ended = CasefileGrant.objects.get(content_object=told.casefile, agency__code=PEMKOT)
    assert ended.until_entry is not None
    assert (ended.until_entry.stream, ended.until_entry.seq) == (told.casefile, told.row.version)
    assert (told.row.employer.code, told.row.state) == (PEMPROV, "submitted")  # type: ignore[union-attr]  # just set
    assert PEMPROV not in sight(told), "the right one is only a name until it is asked"
    with pytest.raises(WrongParty):
        told.do("note", by=PEMKOT, code="team_formed")


def test_a_recall_takes_the_file_from_a_silent_agency() -> None:
    told = casefile_at(S.IDENTITY_REQUESTED, subjects=(known_subject(employer=PEMPROV, nip=None),))
    told.do("recall")
    assert PEMKOT not in sight(told)
    assert (told.row.state, told.row.employer.code) == ("submitted", PEMPROV)  # type: ignore[union-attr]  # claimed
    assert told.open.purpose == "verify"


def test_a_recall_leaves_an_employer_who_had_answered_before() -> None:
    told = casefile_at(S.SUBMITTED, through=("request-identity", "identify", "request-identity", "recall"))
    assert PEMKOT in sight(told)


def test_whoever_is_no_longer_the_employer_loses_live_sight() -> None:
    told = casefile_at(S.SUBMITTED, through=("request-identity", "identify"))
    told.do("identify", employer=PEMPROV)
    assert PEMKOT not in sight(told)

    asked_again = casefile_at(S.SUBMITTED, through=("request-identity", "identify"))
    asked_again.do("request-identity", employer=PEMPROV)
    assert PEMKOT not in sight(asked_again)
    assert PEMPROV in sight(asked_again)


def test_a_sekda_is_not_asked_about_at_his_own_desk() -> None:
    told = casefile_at(S.SUBMITTED, subjects=(known_subject(position_roles=("regional_secretary",)),))
    assert refused(told, "request-identity") == ["asks-the-subject-himself"]
    told.do("identify", by=BKN, position_roles=("regional_secretary",))
    told.do("accept")
    assert refused(told, "recommend", addressee=PEMKOT) == ["addressee-is-the-subject"]
    told.do("recommend")
    assert (told.open.to_agency.code, told.row.employer.code) == (PEMPROV, PEMKOT)  # type: ignore[union-attr]  # set
    assert PEMKOT not in sight(told), "the letter does not land on his own desk"


@pytest.mark.parametrize("source", [S.SUBMITTED, S.UNDER_EXAMINATION])
def test_a_returned_file_goes_back_to_where_it_came_from(source: State) -> None:
    for answer in ("complete", "recall"):
        told = casefile_at(source)
        told.do("return")
        assert (told.row.state, told.row.came_from, told.open.to_agency.code) == ("returned", source, PADANG)
        told.do(answer)
        assert (told.row.state, told.row.came_from) == (source, "")
        assert told.facts["returned"] is None


def test_a_file_is_returned_three_times_at_most() -> None:
    told = casefile_at(S.SUBMITTED, through=("return", "complete") * 3)
    assert refused(told, "return") == ["limit-reached"]
    assert told.facts["steps"]["return"] == 3


def test_a_file_is_withdrawn_only_before_it_was_accepted() -> None:
    for state in (S.SUBMITTED, S.IDENTITY_REQUESTED, S.RETURNED):
        told = casefile_at(state)
        told.do("withdraw")
        assert (told.row.state, told.row.outcome, told.facts["turn"]) == ("closed", "withdrawn", None)
    told = casefile_at(S.UNDER_EXAMINATION)
    told.do("return")
    assert refused(told, "withdraw") == ["accepted-already"]


def test_an_examiner_never_accepts_clears_or_recommends_its_own_officer() -> None:
    told = casefile_at(S.SUBMITTED, subjects=(known_subject(employer=BKN),))
    assert refused(told, "accept") == ["own-officer"]
    told.do("redirect")
    assert (told.row.outcome, told.facts["closing"]["authority"]) == ("redirected", "gakkumdu")


def test_accepting_keeps_reference_unit_and_verification() -> None:
    told = casefile_at(S.SUBMITTED, through=("request-identity", "identify"))
    told.do("accept", examiner_reference="W-112/2024", unit="Direktorat")
    assert (told.facts["examiner_reference"], told.facts["unit"]) == ("W-112/2024", "Direktorat")
    assert told.facts["verification"]["result"] == "complete"
    assert told.open.purpose == "examine"


# --- examination ----------------------------------------------------------------------------------------------------


def test_recommending_obliges_the_employer_and_shows_the_file_to_the_civil_service_agency() -> None:
    told = story(by=PADANG, examiner=KASN, occurred_at=at(date(2024, 8, 5)), **_before_september())
    for name in ("request-identity", "identify", "accept"):
        told.do(name)
    assert BKN not in sight(told)

    told.do("recommend", letter=replace(given("recommend").letter, date=told.day))

    assert BKN in sight(told), "the civil service agency sees it from here on"
    assert (told.row.addressee.code, told.open.purpose) == (PEMKOT, "acknowledge")  # type: ignore[union-attr]  # set
    assert told.facts["recommendation"]["version"] == 1
    assert [violation["confirmed"] for violation in told.facts["violations"]] == [True]


def _before_september() -> dict[str, Any]:
    from casefiles.flow.finding import Clarification
    from tests.factories import violation

    return {
        "known_on": date(2024, 8, 1),
        "registered_on": date(2024, 8, 2),
        "clarification": Clarification(held=True, held_on=date(2024, 8, 3)),
        "violations": (violation(act_date=date(2024, 7, 29)),),
    }


def _of_august() -> Story:
    """A case of KASN's, whose mandate ended with the 3rd of September; BKN's began on the 4th."""
    told = story(by=PADANG, examiner=KASN, occurred_at=at(date(2024, 8, 5)), **_before_september())
    assert told.row.mandate.code == "examining-2014"  # type: ignore[union-attr]  # never empty
    for name in ("request-identity", "identify"):
        told.do(name)
    return told


LAST_DAY, DAY_AFTER, DECEMBER = date(2024, 9, 3), date(2024, 9, 4), at(date(2024, 12, 1))


def test_a_mandate_in_force_is_judged_on_the_day_of_the_act() -> None:
    told = _of_august()
    assert refused(told, "accept", on=DAY_AFTER) == ["mandate-not-in-force"]
    told.do("accept", on=LAST_DAY)


def test_what_was_not_recorded_while_the_mandate_ran_is_not_dated_back_into_it() -> None:
    told = _of_august()
    with pytest.raises(Refused) as why:
        told.do("accept", on=LAST_DAY, now=DECEMBER)
    (reason,) = why.value.reasons
    assert (reason.code, reason.resolve_with) == ("mandate-not-in-force", ("hand-over",))
    for text in (reason.id, reason.en):
        assert "2024-09-04" in text
        assert "Badan Kepegawaian Negara (bkn), examining-2024" in text


def test_a_case_that_was_written_down_late_holds_the_acts_of_its_days() -> None:
    """A history recorded after the mandate's end is told as it happened, and goes no further than the end."""
    told = story(by=PADANG, examiner=KASN, occurred_at=at(date(2024, 8, 5)), now=DECEMBER, **_before_september())
    for name in ("request-identity", "identify"):
        told.do(name, now=DECEMBER)
    told.do("accept", on=LAST_DAY, now=DECEMBER)
    assert refused(told, "recommend", now=DECEMBER) == ["mandate-not-in-force"]


def test_a_caretaker_may_neither_accept_recommend_nor_close(monkeypatch: pytest.MonkeyPatch) -> None:
    told = casefile_at(S.SUBMITTED, through=("request-identity", "identify"))
    _as_caretaker(monkeypatch)
    assert refused(told, "accept") == ["caretaker-may-not"]
    told.do("return")


def _as_caretaker(monkeypatch: pytest.MonkeyPatch) -> None:
    # The web may not write a mandate, so the view of one is turned into a caretaker's.
    real = decide.view

    def view(*args: Any, **kwargs: Any) -> Any:
        case = real(*args, **kwargs)
        assert case.mandate is not None
        return replace(case, mandate=replace(case.mandate, caretaker=True))

    monkeypatch.setattr(decide, "view", view)


def test_clearing_closes_as_not_proven() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    told.do("clear")
    assert (told.row.outcome, told.facts["closing"]["reason"]) == ("not_proven", {"code": "evidence_insufficient"})
    assert told.row.open_referral is None
    assert told.referral("examine").answered_with == "clear"


@pytest.mark.parametrize("state", [state for state in PATHS if state is not S.CLOSED], ids=str)
def test_an_examiner_may_end_any_open_case(state: State) -> None:
    told = casefile_at(state)
    told.do("terminate")
    assert (told.row.state, told.row.outcome) == ("closed", "terminated")
    assert told.facts["closing"]["violation_found"] == "undecided"


def test_not_followed_up_is_refused_until_the_ladder_exists() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    assert refused(told, "terminate", reason=TerminateReason(code="not_followed_up")) == ["ladder-not-exhausted"]
    assert refused(told, "terminate", reason=TerminateReason(code="already_sanctioned")) == ["prior-sanction-missing"]


@pytest.mark.parametrize("state", [state for state in PATHS if state is not S.CLOSED], ids=str)
def test_a_note_touches_neither_state_nor_clock(state: State) -> None:
    told = casefile_at(state)
    row, turn, due = told.row, told.facts["turn"], told.open.due_at
    told.do("note", by=BKN, code="inquiry_made")
    after = told.row
    assert (after.version, after.state, after.came_from) == (row.version + 1, row.state, row.came_from)
    assert (after.open_referral_id, told.open.due_at, told.facts["turn"]) == (row.open_referral_id, due, turn)


def test_a_note_is_its_party_s_own() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    for agency, mine, foreign in (
        (PADANG, "withdrawal_requested", "team_formed"),
        (BKN, "inquiry_made", "withdrawal_requested"),
        (PEMKOT, "team_formed", "inquiry_made"),
    ):
        told.do("note", by=agency, code=mine)
        assert refused(told, "note", by=agency, code=foreign) == ["note-of-another-party"]
    for agency in (PROVINCE, AUDITOR, BOARD, PEMPROV):
        with pytest.raises(WrongParty):
            told.do("note", by=agency)


def test_withheld_documents_stay_from_the_addressee() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    kept = uuid.UUID(told.facts["documents"][0]["id"])
    told.do("recommend", withheld=(Withheld(document=kept, reason=WithholdReason(code="state_secret")),))
    assert told.facts["withheld_documents"] == [{"document": str(kept), "reason": "state_secret"}]


# --- follow-up and sanction -----------------------------------------------------------------------------------------


def test_the_receiver_is_never_the_subject() -> None:
    told = casefile_at(S.RECOMMENDED)
    himself = Official(name="Terlapor", nip=NIP, position="Guru")
    assert refused(told, "acknowledge", received_by=himself) == ["receiver-is-the-subject"]
    assert refused(told, "acknowledge", received_on=told.day - timedelta(days=1)) == ["received-before-sent"]


def test_acknowledging_starts_the_follow_up_on_the_day_of_receipt() -> None:
    told = casefile_at(S.RECOMMENDED)
    received = told.day + timedelta(days=1)
    told.do("acknowledge", on=told.day + timedelta(days=5), received_on=received)
    assert (told.open.purpose, told.open.clock_from, told.open.due_on) == (
        "follow_up",
        received,
        received + timedelta(days=14),
    )
    assert told.facts["received_on"] == received.isoformat()


@pytest.mark.parametrize("source", [S.RECOMMENDED, S.AWAITING_SANCTION])
def test_an_upheld_recommendation_stands_where_it_was_disputed(source: State) -> None:
    told = casefile_at(source)
    told.do("dispute")
    assert (told.row.came_from, told.open.purpose, told.open.to_agency.code) == (source, "answer", BKN)
    told.do("uphold")
    assert (told.row.state, told.open.to_agency.code) == (source, PEMKOT)
    assert told.facts["recommendation"]["version"] == 1


def test_a_revised_recommendation_is_a_new_version_and_the_old_one_stays_in_the_history() -> None:
    told = casefile_at(S.DISPUTED)
    told.do("uphold", revised=Revision(violations=(1,), sanction="discipline_light", reasoning="Direvisi."))
    assert (told.facts["recommendation"]["version"], told.facts["recommendation"]["sanction"]) == (
        2,
        "discipline_light",
    )
    versions: Any = told.row.payloads.filter(answer=None).order_by("seq").values_list("facts", flat=True)
    first = next(facts for facts in versions if facts["recommendation"])
    assert first["recommendation"]["sanction"] == "discipline_medium"
    told.do("report-sanction", sanction="written_reprimand", examination=None)
    assert told.facts["sanction"]["comparison"] == "equal"


def test_a_retracted_recommendation_closes_as_not_proven() -> None:
    told = casefile_at(S.DISPUTED)
    told.do("retract")
    assert (told.row.outcome, told.facts["violations"][0]["confirmed"]) == ("not_proven", False)
    assert told.facts["recommendation"]["version"] == 1


def test_a_reported_sanction_is_delivered_first_and_reviewed_then() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("report-sanction")
    decided = told.day
    assert (told.open.purpose, told.open.to_agency.code, told.open.clock_from) == ("deliver", PEMKOT, decided)
    assert refused(told, "close", contest_waived=None) == ["not-delivered"]

    told.do("record-delivery")
    assert (told.row.state, told.open.purpose, told.open.to_agency.code) == ("sanction_reported", "review", BKN)
    assert told.facts["sanction"]["delivered_on"] == told.day.isoformat()
    assert told.facts["sanction"]["effective_on"] > told.day.isoformat()
    assert told.open.clock_from > told.day + timedelta(days=14), "review is counted from the end of the remedy"
    assert refused(told, "record-delivery") == ["delivered-already"]


def test_a_sanction_reported_with_its_delivery_goes_straight_to_review() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("report-sanction", delivery=Delivered(delivered_on=told.day + timedelta(days=1), method="hand"))
    assert (told.open.purpose, told.open.to_agency.code) == ("review", BKN)


def test_a_dismissal_shows_the_file_to_the_appeal_board() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("report-sanction", sanction="dismissal_honourable_not_own_request")
    assert BOARD in sight(told)
    other = casefile_at(S.SANCTION_REPORTED)
    assert BOARD not in sight(other)


def test_a_correction_is_required_once_and_brings_a_second_version() -> None:
    told = casefile_at(S.SANCTION_REPORTED)
    told.do("require-correction")
    assert (told.row.state, told.open.purpose, told.open.continues) == ("awaiting_sanction", "follow_up", None)
    told.do("report-sanction", sanction="allowance_cut_25_9m")
    assert (told.facts["sanction"]["version"], told.facts["sanction"]["delivered_on"]) == (2, None)
    assert refused(told, "require-correction") == ["limit-reached"]


def test_a_case_is_closed_when_the_remedy_is_over_or_waived() -> None:
    told = casefile_at(S.SANCTION_REPORTED)
    told.do("record-delivery")
    ends = told.open.clock_from
    assert refused(told, "close", on=ends, contest_waived=None) == ["remedy-still-open"]
    told.do("close", on=ends + timedelta(days=1), contest_waived=None)
    assert (told.row.outcome, told.facts["closing"]["conformity"]) == ("sanctioned", "in_line")


def test_accepting_a_lighter_sanction_says_why() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    assert refused(told, "report-sanction", sanction="moral_open") == ["reason-missing"]
    told.do("report-sanction", sanction="moral_open", reason=LighterReason(code="mitigating"))
    assert told.facts["sanction"]["comparison"] == "different_kind"
    told.do("record-delivery")
    assert refused(told, "close", conformity="in_line", contest_waived=None) == ["not-in-line"]
    assert refused(told, "close", conformity="lighter_accepted", contest_waived=None) == ["reason-missing"]
    told.do("close", conformity="lighter_accepted", contest_waived=None, reason=LighterReason(code="mitigating"))
