"""Cases as they run in practice, told by who the officer is and what becomes of him."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from agencies import keys
from demo.client import Client, Refused, clients
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
    recommends,
    sanctioned,
    steps_told,
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
)
from tests.world import Sandbox

Parties = Mapping[str, Client]

PROVINCE, HOME_AFFAIRS = "pemprov-sumatera-barat", "kemendagri"
REGENCY, REGENCY_OFFICE = "pemkab-kotawaringin-timur", "bawaslu-kab-kotawaringin-timur"
DEMAK, NATIONAL = "pemkab-demak", "bawaslu-ri"


def forwarded(parties: Parties, office: str, person: Mapping[str, Any], **changed: Any) -> Journey:
    """One officer whom that office knows, forwarded."""
    body = finding(parties[office], subjects=[named(person)], origin_office=office, **changed)
    answer = parties[office].post("/findings", body).data
    (made,) = answer["casefiles"]
    return Journey(parties, made["id"], answer["id"], made["number"])


def ending(code: str, found: str, **more: Any) -> dict[str, Any]:
    """What `terminate` takes."""
    return {"reason": {"code": code}, "violation_found": found, "official": OFFICIAL, **more}


# --- whose desk it must not reach -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("employer", "addressee"), [(EMPLOYER, PROVINCE), (PROVINCE, HOME_AFFAIRS)], ids=["city", "province"]
)
def test_a_regional_secretary_is_sanctioned_from_above_and_his_own_office_never_sees_the_case(
    parties: Parties, ends: Ends, employer: str, addressee: str
) -> None:
    secretary = officer(
        "Sekda", employer=employer, position="Sekretaris Daerah", position_kind="senior_leader_first",
        position_roles=["regional_secretary"],
    )  # fmt: skip
    journey = forwarded(parties, SUBMITTER, secretary)
    asked = refusal(journey, EXAMINER, "request-identity", employer=employer)
    assert [one["code"] for one in asked.errors] == ["asks-the-subject-himself"]
    journey.accept()
    sent = refusal(
        journey, EXAMINER, "recommend", letter=journey.letter("R-1/2024"), violations=[1], sanction="discipline_medium",
        reasoning="Terbukti.", official=OFFICIAL, addressee=employer,
    )  # fmt: skip
    assert [one["code"] for one in sent.errors] == ["addressee-is-the-subject"]
    recommended = recommends(journey, "discipline_medium")
    assert (recommended["addressee"]["code"], recommended["employer"]["code"]) == (addressee, employer)
    closed = sanctioned(journey, "allowance_cut_25_6m", agency=addressee)
    assert closed["sanction"]["comparison"] == "equal"
    steps = ("submit", "accept", "recommend", *SANCTIONED)
    ends(journey, "sanctioned", steps, unseen=(employer, "bawaslu-kab-agam"))
    assert parties[addressee].get("/referrals", status="open", casefile=journey.casefile).data["data"] == []


def test_an_acting_regional_head_is_sanctioned_by_his_home_agency_and_not_by_the_city_he_leads(
    parties: Parties, ends: Ends
) -> None:
    head = officer(
        "Penjabat", employer=PROVINCE, workplace=EMPLOYER, position="Penjabat Wali Kota",
        position_kind="senior_leader_first", position_roles=["acting_regional_head"],
    )  # fmt: skip
    journey = forwarded(parties, SUBMITTER, head)
    asked = refusal(journey, EXAMINER, "request-identity", employer=EMPLOYER)
    assert [one["code"] for one in asked.errors] == ["asks-the-subject-himself"]
    journey.accept()
    assert recommends(journey, "discipline_medium")["addressee"]["code"] == PROVINCE
    with pytest.raises(Refused, match="not-found"):
        journey.act(EMPLOYER, "acknowledge", received_on="2024-10-12", received_by=OFFICIAL)
    sanctioned(journey, "allowance_cut_25_6m", agency=PROVINCE)
    steps = ("submit", "accept", "recommend", *SANCTIONED)
    ends(journey, "sanctioned", steps, unseen=(EMPLOYER, "kemendagri"))


# --- contract civil servants ----------------------------------------------------------------------------------------


@pytest.fixture
def with_demak(sandbox: Sandbox, tmp_path: Path) -> Iterator[Parties]:
    """Everyone's clients, and Demak's: the one regency whose own discipline rules for contract staff were read."""
    listed = json.loads(sandbox.keys.read_text())["clients"]
    key = ECKey.generate_key("P-256")
    private = {**key.as_dict(private=True), "kid": "demak-1", "alg": "ES256", "use": "sig"}
    demak = {"name": "Demak", "agency": DEMAK, "client_id": f"{DEMAK}-system", "private_jwk": private}
    agency = {"code": DEMAK, "name": "Pemerintah Kabupaten Demak", "roles": ["employer"], "level": "regency"}
    client = {
        "client_id": demak["client_id"],
        "name": "Demak",
        "agency": DEMAK,
        "scopes": ["casefiles:read", "casefiles:write", "documents:read", "documents:write", "events:read"],
        "keys": [
            {
                "jwk": {name: private[name] for name in ("kty", "crv", "x", "y")},
                "kid": "demak-1",
                "proof": keys.prove(private, client_id=str(demak["client_id"]), audience=sandbox.base_url),
            }
        ],
    }
    for command, entry in (
        ("register_agency", {**agency, "region": "33.21", "valid_from": "1950-08-08"}),
        ("register_client", client),
    ):
        file = tmp_path / f"{command}.json"
        file.write_text(json.dumps(entry))
        sandbox.server.does(command, str(file), role="owner")
    everyone = tmp_path / "sandbox.json"
    everyone.touch(mode=0o600)
    everyone.write_text(json.dumps({"clients": [*listed, demak]}))
    with httpx.Client(base_url=sandbox.base_url, timeout=20) as http:
        yield clients(everyone, http)


def test_contract_staff_are_sanctioned_by_their_agency_s_own_rows_or_leave_with_their_contract(
    with_demak: Parties, ends: Ends
) -> None:
    parties = with_demak
    stays = officer("PPPK Tetap", employer=DEMAK, employment_kind="pppk")
    leaves = officer("PPPK Pergi", employer=DEMAK, employment_kind="pppk_part_time")
    rows = parties[EXAMINER].get("/catalogue/sanctions").data["data"]
    own = {row["code"] for row in rows if row["agency"] == DEMAK}
    assert {"pppk_raise_delay_1y", "pppk_termination_honourable"} <= own

    # What the officer's own agency found and reported, the national office forwards: the office is the party.
    journey = forwarded(parties, NATIONAL, stays, source="agency_report", reporter=None)
    asked_and_accepted(journey, stays)
    refused = refusal(
        journey, EXAMINER, "recommend", letter=journey.letter("R-1/2024"), violations=[1],
        sanction="allowance_cut_25_6m", reasoning="Terbukti.", official=OFFICIAL,
    )  # fmt: skip
    assert [one["code"] for one in refused.errors] == ["sanction-does-not-fit"]
    recommends(journey, "discipline_medium")
    acknowledges(journey, DEMAK)
    with pytest.raises(Refused) as of_others:
        imposes(journey, "allowance_cut_25_6m", agency=DEMAK)
    assert [one["code"] for one in of_others.value.errors] == ["sanction-does-not-fit"]
    journey.today = journey.today.replace(day=journey.today.day - 1)
    imposed = imposes(journey, "pppk_raise_delay_1y", agency=DEMAK)
    assert imposed["sanction"]["comparison"] == "equal"
    delivers(journey, DEMAK)
    closes(journey)

    gone = forwarded(parties, NATIONAL, leaves)
    asked_and_accepted(gone, leaves)
    recommends(gone, "discipline_light")
    acknowledges(gone, DEMAK)
    proof = registered(parties[EXAMINER], "service_end_decree")
    closed = gone.act(EXAMINER, "terminate", **ending("contract_ended", "yes", proof=proof))
    assert (closed["closing"]["violation_found"], closed["sanction"]) == ("yes", None)

    unseen = (SUBMITTER, EMPLOYER, "bawaslu-kab-agam")
    ends(journey, "sanctioned", (*ASKED, "recommend", *SANCTIONED), submitter=NATIONAL, unseen=unseen)
    steps = (*ASKED, "recommend", "acknowledge", "terminate")
    ends(gone, "terminated", steps, submitter=NATIONAL, unseen=unseen)


# --- the officer moves, retires, dies -------------------------------------------------------------------------------


def test_an_officer_moves_and_his_new_agency_imposes_what_the_old_one_was_asked_for(
    parties: Parties, ends: Ends
) -> None:
    person = officer("Pindah")
    journey = forwarded(parties, SUBMITTER, person)
    asked_and_accepted(journey, person)
    recommends(journey, "discipline_medium")
    acknowledges(journey)
    decree = registered(parties[EMPLOYER], "transfer_decree")
    reason = {"code": "inter_agency_move"}
    journey.act(
        EMPLOYER, "transfer", employer=PROVINCE, moved_on=str(journey.today), reason=reason, decree=decree,
        clock="runs_on",
    )  # fmt: skip
    left = journey.seen_by(EMPLOYER)
    imposes(journey, "allowance_cut_25_6m", agency=PROVINCE)
    delivers(journey, PROVINCE)
    closes(journey)
    steps = (*ASKED, "recommend", "acknowledge", "transfer", *SANCTIONED[1:])
    ends(journey, "sanctioned", steps, unseen=("bawaslu-kab-agam", "kemendagri"))
    # Whom he left reads the file as it stood, and neither where he went nor what became of him.
    former = journey.seen_by(EMPLOYER)
    assert (former["former"], former["state"], former["sanction"]) == (True, "awaiting_sanction", None)
    assert former == left
    assert PROVINCE not in json.dumps(former) + journey.read(EMPLOYER, "/timeline").content.decode()
    assert ends.fed(journey, EMPLOYER)[-1] == "transfer"


def test_an_officer_retires_before_his_agency_has_acted(parties: Parties, ends: Ends) -> None:
    person = officer("Pensiun")
    journey = forwarded(parties, SUBMITTER, person)
    asked_and_accepted(journey, person)
    recommends(journey, "discipline_medium")
    acknowledges(journey)
    proof = registered(parties[EXAMINER], "service_end_decree")
    journey.act(EXAMINER, "terminate", **ending("retired", "yes", proof=proof))
    for agency in (SUBMITTER, EMPLOYER):
        closing = journey.seen_by(agency)["closing"]
        assert (closing["reason"]["code"], closing["violation_found"]) == ("retired", "yes")
    steps = (*ASKED, "recommend", "acknowledge", "terminate")
    ends(journey, "terminated", steps, unseen=("bawaslu-kab-agam", "bpasn"))


def test_an_officer_dies_while_his_agency_disputes_what_was_recommended(parties: Parties, ends: Ends) -> None:
    person = officer("Wafat")
    journey = forwarded(parties, SUBMITTER, person)
    asked_and_accepted(journey, person)
    recommends(journey, "discipline_heavy")
    letter = {**journey.letter("B-4/2024"), "document": registered(parties[EMPLOYER], "response")}
    journey.act(EMPLOYER, "dispute", reason={"code": "officer_deceased"}, letter=letter)
    assert journey.seen_by(EXAMINER)["turn"]["purpose"] == "answer"
    journey.act(EXAMINER, "terminate", **ending("subject_deceased", "undecided"))
    assert parties[EXAMINER].get("/referrals", casefile=journey.casefile, status="open").data["data"] == []
    steps = (*ASKED, "recommend", "dispute", "terminate")
    ends(journey, "terminated", steps, unseen=("bawaslu-kab-agam", "bpasn"))


# --- village heads --------------------------------------------------------------------------------------------------


def test_a_village_head_is_disowned_and_rejected_as_no_civil_servant(parties: Parties, ends: Ends) -> None:
    journey = forwarded(parties, REGENCY_OFFICE, {"name": "Kepala Desa Rekaan", "position": "Kepala Desa"})
    journey.act(EXAMINER, "request-identity", employer=REGENCY)
    journey.act(REGENCY, "disown", reason={"code": "not_asn"})
    journey.act(EXAMINER, "reject", reason={"code": "not_asn"}, official=OFFICIAL)
    steps = ("submit", "request-identity", "disown", "reject")
    ends(journey, "rejected", steps, submitter=REGENCY_OFFICE, unseen=(REGENCY, SUBMITTER, PROVINCE))


def test_a_village_head_is_redirected_to_the_authority_over_villages(parties: Parties, ends: Ends) -> None:
    journey = forwarded(parties, REGENCY_OFFICE, {"name": "Kepala Desa Lain", "position": "Kepala Desa"})
    letter = journey.letter("L-1/2024")
    journey.act(EXAMINER, "redirect", authority="village_authority", letter=letter, text="DPMD.")
    closing = journey.seen_by(REGENCY_OFFICE)["closing"]
    assert (closing["authority"], closing["letter"]["number"]) == ("village_authority", "L-1/2024")
    ends(journey, "redirected", ("submit", "redirect"), submitter=REGENCY_OFFICE, unseen=(REGENCY, SUBMITTER))


def test_a_civil_servant_acting_as_village_head_is_one(parties: Parties, ends: Ends) -> None:
    person = officer(
        "Pj Kades", employer=REGENCY, position="Penjabat Kepala Desa", position_kind="executor",
        position_roles=["acting_village_head"],
    )  # fmt: skip
    journey = forwarded(parties, REGENCY_OFFICE, {"name": person["name"], "position": person["position"]})
    asked_and_accepted(journey, person)
    assert journey.seen_by(EXAMINER)["subject"]["position_roles"] == ["acting_village_head"]
    assert recommends(journey, "discipline_medium")["addressee"]["code"] == REGENCY
    sanctioned(journey, "allowance_cut_25_6m", agency=REGENCY)
    steps = (*ASKED, "recommend", *SANCTIONED)
    ends(journey, "sanctioned", steps, submitter=REGENCY_OFFICE, unseen=(SUBMITTER, EMPLOYER))
    assert [step["actor"]["agency"]["code"] for step in steps_told(journey, REGENCY_OFFICE)][-2:] == [REGENCY, EXAMINER]
