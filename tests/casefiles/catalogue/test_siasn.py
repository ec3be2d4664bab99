"""A sanction as SIASN's discipline record takes it: shapes of public clients, and nothing guessed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from casefiles.catalogue.book import load
from casefiles.catalogue.siasn import MEMBERS, UNFILLED, WAITS, HukdisRecord, records

TODAY = dt.date(2025, 3, 1)
# The members that public clients of the service send (three of them agree), in no order of theirs.
OF_CLIENTS = {
    "akhirHukumanTanggal", "alasanHukumanDisiplinId", "golonganId", "golonganLama", "hukdisYangDiberhentikanId",
    "hukumanTanggal", "id", "jenisHukumanId", "jenisTingkatHukumanId", "kedudukanHukumId", "keterangan", "masaBulan",
    "masaTahun", "nomorPp", "path", "pnsOrangId", "skNomor", "skPembatalanNomor", "skPembatalanTanggal", "skTanggal",
}  # fmt: skip


def sanction(code: str = "allowance_cut_25_6m", *, version: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "version": version,
        "sanction": code,
        "decision": {"number": f"SK.{version}/2024", "date": "2024-11-04", "legal_basis": "PP 94/2021"},
        "delivered_on": "2024-11-06",
        "effective_on": "2024-11-28",
        "remedy_until": "2024-11-26",
        "annulled_on": None,
        "annulled_by": None,
        **changed,
    }


def facts(**changed: Any) -> Any:
    return {
        "number": "LTS/2026/000123",
        "employer": "pemkot-padang",
        "subject": {"employment_kind": "pns", "nip": "198501012010011001"},
        "finding": {"election": "pilkada-2024"},
        "violations": [{"number": 1, "form": "partisan_activity"}, {"number": 2, "form": "joint_photo"}],
        "recommendation": {"violations": [1]},
        "sanction": sanction(),
        "sanction_versions": [],
        "contest": None,
        **changed,
    }


def made(known: dict[int, str] | None = None, **changed: Any) -> tuple[HukdisRecord, ...]:
    return records(facts(**changed), known=known or {}, catalogue=load(), today=TODAY)


def unfilled(record: HukdisRecord) -> dict[str | None, str]:
    return {why.member: why.code for why in record.unfilled}


def test_a_payload_has_the_members_of_public_clients_and_all_but_the_documents_are_text() -> None:
    (record,) = made()
    assert set(MEMBERS) == set(record.payload) == OF_CLIENTS
    assert record.payload["path"] == []
    assert {type(value) for name, value in record.payload.items() if name != "path"} == {str}


def test_what_the_file_says_is_filled_in_and_what_nobody_says_is_named() -> None:
    (record,) = made()
    assert {name: value for name, value in record.payload.items() if value} == {
        "jenisHukumanId": "23",
        "jenisTingkatHukumanId": "S",
        "alasanHukumanDisiplinId": "11EC54D9B3BA57B1E050640A15026590",
        "nomorPp": "07",
        "skNomor": "SK.1/2024",
        "skTanggal": "04-11-2024",
        "hukumanTanggal": "28-11-2024",
        "masaTahun": "0",
        "masaBulan": "6",
        "keterangan": "Lintas LTS/2026/000123",
    }
    assert unfilled(record) == {
        "pnsOrangId": "person-not-held",
        "golonganId": "grade-not-held",
        "golonganLama": "former-grade-not-held",
        "kedudukanHukumId": "legal-position-not-held",
        "akhirHukumanTanggal": "last-day-not-held",
        "path": "documents-not-held",
    }
    # Empty and not named: a record that is to be made, that supersedes nothing and that nothing annuls.
    empty = {name for name, value in record.payload.items() if not value} - set(unfilled(record))
    assert empty == {"id", "hukdisYangDiberhentikanId", "skPembatalanNomor", "skPembatalanTanggal"}
    assert record.certainty["jenisHukumanId"] == "code"
    assert record.certainty["alasanHukumanDisiplinId"] == "proposal"
    assert (record.status, record.waits) == ("in_force", ())


def test_no_sanction_makes_no_record() -> None:
    assert made(sanction=None) == ()


@pytest.mark.parametrize(
    ("code", "decided_on", "nomor", "kind", "level"),
    [
        ("oral_reprimand", "2020-10-05", "03", "1", "R"),
        ("oral_reprimand", "2021-08-31", "07", "1", "R"),
        ("rank_down_3y", "2021-08-30", "03", "14", "B"),
        ("release_to_executor_12m", "2024-11-04", "07", "28", "B"),
    ],
)
def test_the_regulation_follows_the_day_of_the_decree(
    code: str, decided_on: str, nomor: str, kind: str, level: str
) -> None:
    decided = sanction(code) | {"decision": {"number": "SK.1", "date": decided_on, "legal_basis": "-"}}
    (record,) = made(sanction=decided)
    said = (record.payload["nomorPp"], record.payload["jenisHukumanId"], record.payload["jenisTingkatHukumanId"])
    assert said == (nomor, kind, level)


def test_a_duration_is_told_in_years_and_months_and_none_where_there_is_none() -> None:
    def told(code: str) -> tuple[str, str]:
        (record,) = made(sanction=sanction(code))
        return record.payload["masaTahun"], record.payload["masaBulan"]

    assert told("allowance_cut_25_9m") == ("0", "9")
    assert told("demotion_one_level_12m") == ("1", "0")
    assert told("rank_down_3y") == ("3", "0")
    (record,) = made(sanction=sanction("written_reprimand"))
    assert {"masaTahun": "no-duration", "masaBulan": "no-duration"}.items() <= unfilled(record).items()


@pytest.mark.parametrize("code", ["pppk_written_reprimand", "moral_open"])
def test_nothing_of_a_contract_civil_servant_is_mapped(code: str) -> None:
    (record,) = made(subject={"employment_kind": "pppk"}, sanction=sanction(code))
    named = unfilled(record)
    assert named["jenisHukumanId"] == "kind-unmapped"
    assert named["jenisTingkatHukumanId"] == "level-unmapped"
    assert named["nomorPp"] == "regulation-unmapped"
    assert record.payload["jenisHukumanId"] == record.payload["nomorPp"] == ""


def test_a_moral_sanction_has_a_kind_but_neither_reason_nor_number_of_a_regulation() -> None:
    (record,) = made(sanction=sanction("moral_open"))
    assert (record.payload["jenisHukumanId"], record.payload["jenisTingkatHukumanId"]) == ("21", "R")
    assert unfilled(record)["alasanHukumanDisiplinId"] == "no-reason-for-ethics"
    assert unfilled(record)["nomorPp"] == "regulation-unmapped"


@pytest.mark.parametrize(
    ("forms", "election", "reason"),
    [
        (["partisan_activity"], "pemilu-2024", "11EC54D9B3B557B1E050640A15026590"),
        (["partisan_activity", "partisan_activity"], "pilkada-2024", "11EC54D9B3BA57B1E050640A15026590"),
        (["campaign_with_attributes"], "pemilu-2024", "11EC54D9B3B157B1E050640A15026590"),
        (["campaign_with_attributes"], "pilkada-2024", "reason-unmapped"),
        (["partisan_activity", "favouring_decision"], "pilkada-2024", "several-reasons"),
        (["partisan_activity", "joint_photo"], "pilkada-2024", "reason-unmapped"),
        (["party_membership"], "pemilu-2024", "reason-unmapped"),
        (["partisan_activity"], None, "reason-unmapped"),
    ],
)
def test_a_reason_is_one_that_all_violations_have_or_none(forms: list[str], election: str | None, reason: str) -> None:
    violations = [{"number": number, "form": form} for number, form in enumerate(forms, start=1)]
    recommended = {"violations": [one["number"] for one in violations]}
    (record,) = made(violations=violations, recommendation=recommended, finding={"election": election})
    said = record.payload["alasanHukumanDisiplinId"] or unfilled(record)["alasanHukumanDisiplinId"]
    assert said == reason


def test_what_could_not_be_mapped_is_named_in_both_languages() -> None:
    (record,) = made(sanction=sanction("pppk_written_reprimand"))
    (why,) = (one for one in record.unfilled if one.member == "jenisHukumanId")
    assert "pppk_written_reprimand" in why.id
    assert "pppk_written_reprimand" in why.en


@pytest.mark.parametrize(
    ("changed", "waits"),
    [
        ({"delivered_on": None, "effective_on": None, "remedy_until": None}, ["not-delivered"]),
        ({"effective_on": None, "remedy_until": None}, ["not-in-effect-yet"]),
        ({"effective_on": "2025-03-02"}, ["not-in-effect-yet"]),
        ({"effective_on": "2025-03-01", "remedy_until": "2025-03-01"}, ["remedy-open"]),
        ({"effective_on": "2025-03-01", "remedy_until": "2025-02-28"}, []),
    ],
)
def test_a_record_waits_for_delivery_effect_and_remedy(changed: dict[str, Any], waits: list[str]) -> None:
    (record,) = made(sanction=sanction(**changed))
    assert [why.code for why in record.waits] == waits


def test_a_sanction_under_remedy_waits_for_the_ruling_and_a_waived_one_for_nothing() -> None:
    contest = {"kind": "objection", "sanction_version": 1}
    (record,) = made(contest=contest)
    assert [why.code for why in record.waits] == ["under-remedy"]
    open_ = sanction(remedy_until="2025-03-20")
    (record,) = made(sanction=open_, closing={"contest_waived": {"on": "2025-02-28"}})
    assert record.waits == ()


def test_an_id_that_siasn_gave_makes_the_next_payload_an_update() -> None:
    (record,) = made(known={1: "8ae4"})
    assert record.payload["id"] == "8ae4"


def test_a_version_that_a_ruling_put_in_anothers_place_names_the_one_it_supersedes() -> None:
    old = sanction() | {"superseded_on": "2025-02-01", "superseded_by": {"kind": "objection"}}
    new = sanction("allowance_cut_25_9m", version=2)
    first, second = made(known={1: "8ae4"}, sanction=new, sanction_versions=[old])
    assert (first.status, [why.code for why in first.waits]) == ("superseded", ["replaced"])
    assert (second.status, second.payload["id"]) == ("in_force", "")
    assert second.payload["hukdisYangDiberhentikanId"] == "8ae4"
    first, second = made(sanction=new, sanction_versions=[old])
    assert [why.code for why in first.waits] == ["never-handed-over"]
    assert second.payload["hukdisYangDiberhentikanId"] == ""


def test_a_version_that_was_never_handed_over_is_passed_by() -> None:
    old = [sanction(version=number) | {"superseded_by": {"kind": "correction"}} for number in (1, 2)]
    *_, third = made(known={1: "8ae4"}, sanction=sanction(version=3), sanction_versions=old)
    assert third.payload["hukdisYangDiberhentikanId"] == "8ae4"


def test_an_annulment_names_the_decree_that_annuls_and_is_handed_over_where_the_sanction_was() -> None:
    annulled = sanction(
        annulled_on="2025-02-10", annulled_by={"kind": "appeal", "decision": {"number": "PUT.9", "date": "2025-02-09"}}
    )
    (record,) = made(known={1: "8ae4"}, sanction=annulled)
    said = {name: record.payload[name] for name in ("id", "skPembatalanNomor", "skPembatalanTanggal")}
    assert said == {"id": "8ae4", "skPembatalanNomor": "PUT.9", "skPembatalanTanggal": "09-02-2025"}
    assert (record.status, record.waits) == ("annulled", ())
    (record,) = made(sanction=annulled)
    assert [why.code for why in record.waits] == ["never-handed-over"]


def test_every_sentence_is_there_in_both_languages_without_a_full_stop() -> None:
    for told in (*UNFILLED.values(), *WAITS.values()):
        assert len(told) == 2
        assert all(text and not text.endswith(".") for text in told)
