"""The letter of April 2018: a recommendation on a city's secretary was posted to his own office, and lost there.

KASN's letter of 24 April 2018 never reached the acting mayor of Bekasi; the office that received it was the reported
secretary's own (dossier 11.6). Here it cannot be sent there, it does not get lost, and everybody sees that it waits.
"""

from collections.abc import Mapping
from datetime import timedelta

from demo.client import Client
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    OFFICER,
    OFFICIAL,
    RECEIVER,
    SUBMITTER,
    Journey,
    refusal,
    submitted_together,
)

Parties = Mapping[str, Client]
PROVINCE = "pemprov-sumatera-barat"


def _the_secretary(parties: Parties) -> Journey:
    secretary = {**OFFICER, "nip": "196805051994031904", "position": "Sekretaris Daerah Kota"}
    known = {**secretary, "position_kind": "senior_leader_first", "position_roles": ["regional_secretary"]}
    return submitted_together(parties, [{**known, "violations": [1]}])[0]


def _recommend(journey: Journey, **more: object) -> dict[str, object]:
    return {
        "letter": journey.letter("R-1194/2024"),
        "violations": [1],
        "sanction": "discipline_heavy",
        "reasoning": "Terbukti.",
        "official": OFFICIAL,
        **more,
    }


def test_the_lost_letter_of_2018_goes_to_the_governor_and_never_to_the_secretary_s_own_office(parties: Parties) -> None:
    journey = _the_secretary(parties)

    asked = refusal(journey, EXAMINER, "request-identity", employer=EMPLOYER)
    assert [error["code"] for error in asked.errors] == ["asks-the-subject-himself"]

    journey.accept()
    sent = refusal(journey, EXAMINER, "recommend", **_recommend(journey, addressee=EMPLOYER))
    assert [error["code"] for error in sent.errors] == ["addressee-is-the-subject"]

    recommended = journey.act(EXAMINER, "recommend", **_recommend(journey))
    assert (recommended["addressee"]["code"], recommended["turn"]["agency"]["code"]) == (PROVINCE, PROVINCE)
    assert recommended["warnings"] == []
    assert journey.is_hidden_from(EMPLOYER), "no queue, no list, no feed of his office holds it"

    # It cannot get lost: it lies in the governor's queue, and once two working days are over everybody sees it overdue.
    queue = parties[PROVINCE].get("/referrals", to="me", status="open", casefile=journey.casefile).data["data"]
    assert [item["purpose"] for item in queue] == ["acknowledge"]
    for agency in (SUBMITTER, EXAMINER, PROVINCE):
        assert journey.seen_by(agency)["turn"]["overdue"] is True

    received = journey.today + timedelta(days=1)
    acknowledged = journey.act(PROVINCE, "acknowledge", received_on=str(received), received_by=RECEIVER)
    assert (acknowledged["state"], acknowledged["turn"]["agency"]["code"]) == ("awaiting_sanction", PROVINCE)


def test_the_rule_can_be_read_and_another_addressee_is_pointed_out(parties: Parties) -> None:
    rows = parties[EXAMINER].get("/catalogue/routing").data["data"]
    assert {"role": "regional_secretary", "levels": ["regency", "city"], "addressee": "province_above"}.items() <= next(
        row for row in rows if row["role"] == "regional_secretary"
    ).items()
    journey = _the_secretary(parties)
    journey.accept()
    recommended = journey.act(EXAMINER, "recommend", **_recommend(journey, addressee="kemendagri"))
    assert [warning["code"] for warning in recommended["warnings"]] == ["addressee-not-by-rule"]
    assert PROVINCE in recommended["warnings"][0]["detail"]


def test_an_acting_head_is_the_officer_of_his_home_agency(parties: Parties) -> None:
    officer = {
        **OFFICER,
        "nip": "197203031998031905",
        "employer": PROVINCE,
        "position": "Penjabat Wali Kota",
        "position_roles": ["acting_regional_head"],
    }
    led = submitted_together(parties, [{**officer, "workplace": EMPLOYER, "violations": [1]}])[0]
    led.accept()
    refused = refusal(led, EXAMINER, "recommend", **_recommend(led, addressee=EMPLOYER))
    assert [error["code"] for error in refused.errors] == ["addressee-is-the-subject"]
    assert led.act(EXAMINER, "recommend", **_recommend(led))["addressee"]["code"] == PROVINCE

    unknown = submitted_together(parties, [{**officer, "nip": "197203031998031906", "violations": [1]}])[0]
    unknown.accept()
    refused = refusal(unknown, EXAMINER, "recommend", **_recommend(unknown))
    assert [error["code"] for error in refused.errors] == ["workplace-unknown"]
