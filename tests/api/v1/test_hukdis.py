"""`/casefiles/{id}/hukdis` at the door, and the command that exports in bulk."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Access, Entry
from casefiles.flow import State
from casefiles.models import HukdisHandover
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import AUDITOR, BKN, NIP, PADANG, PEMKOT, PEMPROV, Story, casefile_at
from tests.partner import Partner, said

pytestmark = pytest.mark.usefixtures("db", "world")


def told(partner: Partner, story: Story) -> Any:
    answer = partner.get(f"/casefiles/{story.casefile}/hukdis")
    assert answer.status_code == 200, answer.content
    assert_answers(answer, "read_hukdis")
    return said(answer)


def handed(partner: Partner, story: Story, **changed: Any) -> Any:
    digest = told(partner, story)["records"][-1]["digest"]
    body = {"sanction_version": 1, "digest": digest, **changed}
    return partner.post(f"/casefiles/{story.casefile}/hukdis", body)


def test_a_case_without_a_sanction_says_so() -> None:
    shown = told(Partner(PEMKOT), casefile_at(State.AWAITING_SANCTION))
    assert (shown["records"], shown["none_because"], shown["handed_over"]) == ([], "no-sanction-reported", [])


def test_from_the_payload_to_the_id_that_comes_back_and_the_update() -> None:
    """The employer reads, hands over, records it; the id follows; the next payload is an update, for BKN as well."""
    story, city = casefile_at(State.CLOSED), Partner(PEMKOT)
    shown = told(city, story)
    (record,) = shown["records"]
    assert (shown["nip"], shown["none_because"], record["status"]) == (NIP, None, "in_force")
    assert record["payload"]["jenisHukumanId"] == "23"
    assert record["payload"]["skNomor"] == "SK.1"
    assert record["payload"]["id"] == ""
    assert "pnsOrangId" in {one["member"] for one in record["unfilled"]}
    first = handed(city, story)
    assert first.status_code == 201
    assert_answers(first, "record_hukdis")
    assert told(city, story)["records"][0]["payload"]["id"] == ""
    second = handed(city, story, siasn_id="8ae4-77")
    assert second.status_code == 201
    after = told(Partner(BKN), story)
    assert after["records"][0]["payload"]["id"] == "8ae4-77"
    assert after["records"][0]["digest"] != record["digest"]
    assert [(one["digest"], one["siasn_id"], one["agency"]["code"]) for one in after["handed_over"]] == [
        (record["digest"], None, PEMKOT),
        (record["digest"], "8ae4-77", PEMKOT),
    ]
    # It moved nothing: the casefile is closed and stays at its version; the log has an entry of each.
    assert after["version"] == story.row.version
    ids = [uuid.UUID(one["id"]) for one in after["handed_over"]]
    kinds = [json.loads(bytes(entry.body))["kind"] for entry in Entry.objects.filter(stream__in=ids)]
    assert kinds == ["hukdis.recorded", "hukdis.recorded"]
    assert "8ae4-77" not in "".join(bytes(entry.body).decode() for entry in Entry.objects.filter(stream__in=ids))


def test_a_read_is_recorded_with_its_purpose() -> None:
    story = casefile_at(State.SANCTION_REPORTED)
    Partner(PEMKOT).get(f"/casefiles/{story.casefile}/hukdis", **{"Lintas-Purpose": "case_handling"})
    read = Access.objects.latest("pk")
    assert (read.route, read.shown, read.purpose) == ("/casefiles/{id}/hukdis", [story.casefile], "case_handling")


@pytest.mark.parametrize(
    ("agency", "status", "code"),
    [(PADANG, 403, "wrong-party"), (AUDITOR, 403, "wrong-party"), (PEMPROV, 404, "not-found")],
)
def test_it_is_offered_to_the_employer_and_the_civil_service_agency_only(agency: str, status: int, code: str) -> None:
    story = casefile_at(State.SANCTION_REPORTED)
    partner, before = Partner(agency), Access.objects.count()
    path = f"/casefiles/{story.casefile}/hukdis"
    shown = partner.get(path)
    assert (shown.status_code, said(shown)["code"]) == (status, code)
    written = partner.post(path, {"sanction_version": 1, "digest": "0" * 64})
    # An auditor's system has no scope that writes.
    refused = (403, "insufficient-scope") if agency == AUDITOR else (status, code)
    assert (written.status_code, said(written)["code"]) == refused
    assert not HukdisHandover.objects.exists()
    assert Access.objects.count() == before


def test_a_payload_that_is_not_what_is_told_now_is_not_put_on_record() -> None:
    story, city = casefile_at(State.SANCTION_REPORTED), Partner(PEMKOT)
    stale = told(city, story)["records"][0]["digest"]
    assert [why["code"] for why in told(city, story)["records"][0]["waits"]] == ["not-delivered"]
    story.do("record-delivery")
    for changed, code, pointer in (
        ({"digest": stale}, "hukdis-differs", "#/digest"),
        ({"sanction_version": 2}, "unknown-sanction-version", "#/sanction_version"),
        ({"siasn_id": "8ae4/.."}, "wrong-form", "#/siasn_id"),
    ):
        answer = handed(city, story, **changed)
        assert (answer.status_code, said(answer)["code"]) == (422, "invalid-body")
        (error,) = said(answer)["errors"]
        assert error["pointer"] == pointer
        assert error["code"] == code
    assert not HukdisHandover.objects.exists()


def test_a_repeated_key_records_once_and_a_trial_run_nothing() -> None:
    story, city, key = casefile_at(State.SANCTION_REPORTED), Partner(PEMKOT), uuid.uuid4().hex
    body = {"sanction_version": 1, "digest": told(city, story)["records"][0]["digest"], "siasn_id": "8ae4"}
    path = f"/casefiles/{story.casefile}/hukdis"
    assert said(city.post(f"{path}?validate_only=true", body))["valid"] is True
    assert not HukdisHandover.objects.exists()
    first, again = (city.post(path, body, key=key) for _ in range(2))
    assert (first.content, again.headers["Idempotency-Replayed"]) == (again.content, "true")
    assert HukdisHandover.objects.count() == 1
    # Whoever has it repeated reads what it says of the officer.
    read = Access.objects.latest("pk")
    assert (read.route, read.shown) == ("/casefiles/{id}/hukdis", [story.casefile])


def test_an_annulled_sanction_goes_out_with_the_decree_that_annulled_it() -> None:
    story, city = casefile_at(State.CONTESTED), Partner(PEMKOT)
    assert {why["code"] for why in told(city, story)["records"][0]["waits"]} >= {"under-remedy"}
    assert handed(city, story, siasn_id="8ae4").status_code == 201
    story.do("annul")
    (record,) = told(city, story)["records"]
    assert (record["status"], record["waits"]) == ("annulled", [])
    assert record["payload"]["id"] == "8ae4"
    assert record["payload"]["skPembatalanNomor"] == "PUT.1"


def test_many_go_out_in_a_file_that_names_its_duty_and_is_recorded(tmp_path: Path) -> None:
    story = casefile_at(State.CLOSED)
    casefile_at(State.AWAITING_SANCTION)
    out = tmp_path / "hukdis.ndjson"
    call_command("export_hukdis", "--since", "2024-01-01", "--agency", PEMKOT, "--out", str(out))
    first, *lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert "DATA PRIBADI" in first["notice"]
    assert out.stat().st_mode & 0o777 == 0o600
    (line,) = lines
    assert (line["casefile"], line["nip"]) == (str(story.casefile), NIP)
    assert line["records"][0]["payload"]["nomorPp"] == "07"
    assert line["handed_over"] == []
    read = Access.objects.latest("pk")
    assert (read.client, read.purpose, read.shown) == ("manage.py export_hukdis", "operation", [story.casefile])
    call_command("export_hukdis", "--since", "2999-01-01", "--out", str(tmp_path / "none"))
    assert len((tmp_path / "none").read_text().splitlines()) == 1
    # A hand-over after the last step of the case is told as well, with the id that makes the next one an update.
    since = (story.row.updated_at + timedelta(days=2)).date().isoformat()
    factories.handed_to_siasn(story, siasn_id="8ae4-77")
    call_command("export_hukdis", "--since", since, "--out", str(tmp_path / "again"))
    _, again = [json.loads(line) for line in (tmp_path / "again").read_text().splitlines()]
    assert [(one["siasn_id"], one["agency"]) for one in again["handed_over"]] == [("8ae4-77", PEMKOT)]
    assert again["records"][0]["payload"]["id"] == "8ae4-77"
    for wrong in (("--since", "2024-01-01", "--agency", "tidak-ada"), ("--since", "1-1-2024")):
        with pytest.raises(CommandError):
            call_command("export_hukdis", *wrong, "--out", str(tmp_path / "no"))
    assert not (tmp_path / "no").exists()
