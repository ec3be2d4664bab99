"""Cases as they run in practice, told by how they begin: before the designation, anonymously, beside an inquiry."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from demo.client import Client, Refused
from tests.journeys.endings import (
    ASKED,
    SANCTIONED,
    Ends,
    acknowledges,
    asked_and_accepted,
    closes,
    delivers,
    imposes,
    named,
    officer,
    reads_out,
    recommends,
    sanctioned,
    steps_told,
    told,
)
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    OFFICIAL,
    SUBMITTER,
    Journey,
    finding,
    refusal,
    registered,
    submitted_together,
)

Parties = Mapping[str, Client]

KASN = "kasn"


def council(journey: Journey) -> dict[str, Any]:
    """The ethics council heard him on the journey's day."""
    return {"by": "ethics_council", "summoned_on": [], "examined_on": str(journey.today), "attended": True}


def forwarded(parties: Parties, body: Mapping[str, Any], today: date) -> Journey:
    """That finding, forwarded on that day."""
    answer = parties[SUBMITTER].post("/findings", {**body, "occurred_at": f"{today}T09:00:00+07:00"}).data
    (made,) = answer["casefiles"]
    return Journey(parties, made["id"], answer["id"], made["number"], today=today)


def test_an_act_before_the_stage_is_forwarded_by_letter_and_ends_with_a_moral_sanction_read_out(
    parties: Parties, ends: Ends
) -> None:
    person = officer("Pratahapan")
    body = finding(
        parties[SUBMITTER],
        subjects=[named(person)],
        known_on="2024-04-10",
        registered_on="2024-04-12",
        register_kind="forwarding_letter",
        clarification={"held": False, "reason": "before_stage"},
    )
    body["violations"][0]["act_date"] = "2024-04-02"
    # KASN examined until September 2024; BKN learns of the case with the recommendation.
    journey = forwarded(parties, body, date(2024, 4, 17))
    (violation,) = journey.act(KASN, "accept")["violations"]
    assert (violation["violation_class"], violation["annex_item"]) == ("ethics", "A4")
    assert violation["stage_at_act"]["stage"] == "pre_stage"
    assert violation["class_reasoning"]["designation_on"] == "2024-09-22"
    assert journey.is_hidden_from("bkn")
    assert journey.is_hidden_from(EMPLOYER)

    recommends(journey, "moral_any", examiner=KASN)
    acknowledges(journey)
    assert imposes(journey, "moral_open", examination=council(journey))["sanction"]["comparison"] == "equal"
    assert delivers(journey)["sanction"]["effective_on"] is None
    executed = reads_out(journey)
    assert executed["sanction"]["effective_on"] == str(journey.today)
    closed = closes(journey, examiner=KASN, waived=False)
    assert parties[SUBMITTER].get(f"/findings/{journey.finding}").data["register_kind"] == "forwarding_letter"
    assert closed["warnings"] == []
    steps = ("submit", "accept", "recommend", *SANCTIONED[:-1], "record-execution", "close")
    ends(journey, "sanctioned", steps, examiner=KASN, unseen=("bawaslu-kab-agam", "kemendagri", "bpasn"))
    assert journey.seen_by("bkn")["outcome"] == "sanctioned"


def test_the_same_banner_is_ethics_when_taken_down_and_discipline_when_it_hangs_on_beyond_designation(
    parties: Parties, ends: Ends
) -> None:
    in_time, too_long = officer("Turun"), officer("Tetap Terpasang")
    body = finding(parties[SUBMITTER], subjects=[named(in_time, 1), named(too_long, 2)])
    for violation, until in zip(body["violations"], ("2024-09-21", "2024-09-22"), strict=True):
        violation |= {
            "form": "install_props",
            "channel": "outdoor_media",
            "interaction": "install_props",
            "act_date": "2024-09-01",
            "act_until": until,
        }
    body |= {"found_by": {"level": "sub_district", "region": "13.71.01"}, "source": "finding", "reporter": None}
    answer = parties[SUBMITTER].post("/findings", body).data
    ethics, discipline = (Journey(parties, one["id"], answer["id"], one["number"]) for one in answer["casefiles"])

    (taken_down,) = ethics.accept()["violations"]
    (left_hanging,) = discipline.accept()["violations"]
    assert (taken_down["violation_class"], taken_down["annex_item"]) == ("ethics", "A1")
    assert (left_hanging["violation_class"], left_hanging["annex_item"]) == ("discipline", "B1")
    reasoning = left_hanging["class_reasoning"]["reasoning"]
    assert "2024-09-22" in reasoning, reasoning

    recommends(ethics, "moral_any")
    acknowledges(ethics)
    imposes(ethics, "moral_open", examination=council(ethics))
    delivers(ethics)
    reads_out(ethics)
    closes(ethics, waived=False)
    recommends(discipline, "discipline_heavy", violations=[2])
    assert sanctioned(discipline, "demotion_one_level_12m")["sanction"]["comparison"] == "equal"

    moral = ("submit", "accept", "recommend", *SANCTIONED[:-1], "record-execution", "close")
    ends(ethics, "sanctioned", moral, unseen=("bawaslu-kab-agam", "pemprov-sumatera-barat"))
    steps = ("submit", "accept", "recommend", *SANCTIONED)
    ends(discipline, "sanctioned", steps, unseen=("bawaslu-kab-agam", "pemprov-sumatera-barat"))
    # The office forwards what its sub-district supervisor found; the supervisor is data, the office the party.
    seen = parties[SUBMITTER].get(f"/findings/{ethics.finding}").data
    assert (seen["found_by"], seen["origin_office"]["code"]) == (body["found_by"], SUBMITTER)


def test_an_anonymous_report_without_nip_is_identified_by_the_examiner_from_siasn(parties: Parties, ends: Ends) -> None:
    # The year of birth makes him eleven: wrong birth dates are frozen in real numbers, so it is flagged, not refused.
    person = officer("Anonim", identity_source="siasn")
    person["nip"] = f"2013{person['nip'][4:]}"
    nobody = {"violations": [1], "position": "Guru SD, nama tidak diketahui"}
    (journey,) = submitted_together(
        parties, [nobody], source="initial_information", reporter={"kind": "anonymous", "phone": "081255550000"}
    )
    unknown = journey.seen_by(EXAMINER)
    assert (unknown["subject"]["identified"], unknown["subject"]["name"]) == (False, None)
    refused = refusal(journey, EXAMINER, "accept")
    assert [(one["code"], one["resolve_with"]) for one in refused.errors] == [
        ("subject-not-identified", ["identify", "request-identity"])
    ]

    identified = journey.act(EXAMINER, "identify", **person)
    assert (identified["subject"]["identified"], identified["subject"]["identity_source"]) == (True, "siasn")
    assert {one["code"] for one in identified["warnings"]} == {"nip-doubtful"}
    assert journey.is_hidden_from(EMPLOYER), "nobody asked him, so nobody tipped him off"
    # BKN looks the number up again and puts it right; what it was stays in the timeline.
    right = f"1983{person['nip'][4:]}"
    mended = journey.act(
        EXAMINER, "correct", fact="#/subject/nip", value=right, reason={"code": "clerical_error", "text": "SIASN."}
    )
    assert (mended["subject"]["nip"], mended["warnings"]) == (right, [])
    journey.accept()
    recommends(journey, "discipline_medium")
    assert sanctioned(journey, "allowance_cut_25_6m")["outcome"] == "sanctioned"

    steps = ("submit", "identify", "correct", "accept", "recommend", *SANCTIONED)
    ends(journey, "sanctioned", steps, unseen=("pemprov-sumatera-barat", "kasn", "bawaslu-kab-agam"))
    for agency in (EMPLOYER, "bpk"):
        assert "081255550000" not in told(journey, agency)
    assert "081255550000" in journey.read(SUBMITTER).content.decode()


def test_the_criminal_track_is_told_per_subject_and_stops_no_clock(parties: Parties, ends: Ends) -> None:
    accused, colleague = officer("Tersangka"), officer("Rekan")
    one, other = submitted_together(parties, [named(accused), named(colleague)])
    for journey, person in ((one, accused), (other, colleague)):
        asked_and_accepted(journey, person)
    due = one.seen_by(EXAMINER)["turn"]["due_on"]
    for day, text in (
        ("2024-10-12", "Gakkumdu: penyidikan, LP/B/77/X/2024."),
        ("2024-10-13", "Gakkumdu: dihentikan (SP3), tidak cukup bukti."),
    ):
        document = registered(parties[SUBMITTER], "other")
        noted = one.act(SUBMITTER, "note", code="parallel_track_changed", date=day, text=text, document=document)
        assert (noted["state"], noted["turn"]["due_on"]) == ("under_examination", due)
    # His agency reads of his own track; of his colleague's case it reads nothing of the kind.
    notes = [step["given"]["text"] for step in steps_told(one, EMPLOYER) if step["name"] == "note"]
    assert [text.split(",")[0] for text in notes] == ["Gakkumdu: penyidikan", "Gakkumdu: dihentikan (SP3)"]
    assert "Gakkumdu" not in other.read(EMPLOYER, "/timeline").content.decode()

    recommends(one, "discipline_medium")
    sanctioned(one, "allowance_cut_25_6m")
    letter = other.letter("R-2/2024")
    other.act(EXAMINER, "clear", letter=letter, reason={"code": "elements_not_met"}, official=OFFICIAL)
    unseen = ("bawaslu-kab-agam", "kemendagri")
    ends(one, "sanctioned", (*ASKED, "note", "note", "recommend", *SANCTIONED), unseen=unseen)
    ends(other, "not_proven", (*ASKED, "clear"), unseen=unseen)


def withdrawal_asked(parties: Parties, name: str) -> tuple[Journey, dict[str, Any]]:
    """Accepted; then the reporter thinks better of it, and the office passes his letter on."""
    person = officer(name)
    (journey,) = submitted_together(parties, [named(person)])
    asked_and_accepted(journey, person)
    refused = refusal(journey, SUBMITTER, "withdraw", reason={"code": "plenary_revoked"})
    assert (refused.status, refused.code) == (409, "wrong-state")
    letter = registered(parties[SUBMITTER], "withdrawal_letter")
    asked = journey.act(
        SUBMITTER, "note", code="withdrawal_requested", date=str(journey.today), document=letter, text="Pelapor."
    )
    assert (asked["state"], asked["turn"]["agency"]["code"]) == ("under_examination", EXAMINER)
    return journey, person


def test_a_withdrawal_asked_for_after_acceptance_is_refused_and_the_case_goes_on(parties: Parties, ends: Ends) -> None:
    journey, _ = withdrawal_asked(parties, "Cabut Ditolak")
    with pytest.raises(Refused) as another:
        journey.act(SUBMITTER, "note", code="request_refused", date=str(journey.today))
    assert [one["code"] for one in another.value.errors] == ["note-of-another-party"]
    journey.today -= timedelta(days=1)
    journey.act(EXAMINER, "note", code="request_refused", date=str(journey.today), text="Kepentingan umum.")
    recommends(journey, "discipline_medium")
    sanctioned(journey, "allowance_cut_25_6m")
    told_to = [step["given"]["code"] for step in steps_told(journey, SUBMITTER) if step["name"] == "note"]
    assert told_to == ["withdrawal_requested", "request_refused"]
    steps = (*ASKED, "note", "note", "recommend", *SANCTIONED)
    ends(journey, "sanctioned", steps, unseen=("bawaslu-kab-agam", "bpasn"))


def test_a_withdrawal_asked_for_after_acceptance_is_granted_by_the_examiner(parties: Parties, ends: Ends) -> None:
    journey, _ = withdrawal_asked(parties, "Cabut Dikabulkan")
    ending = {"reason": {"code": "withdrawn_on_request"}, "violation_found": "undecided", "official": OFFICIAL}
    closed = journey.act(EXAMINER, "terminate", **ending)
    assert closed["closing"]["violation_found"] == "undecided"
    assert journey.seen_by(EMPLOYER)["closing"]["reason"]["code"] == "withdrawn_on_request"
    ends(journey, "terminated", (*ASKED, "note", "terminate"), unseen=("bawaslu-kab-agam", "kemenpanrb"))
