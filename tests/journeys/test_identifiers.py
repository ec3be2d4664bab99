"""One number and one name however they are written, and codes nobody has: over HTTP, as partners write them."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from demo.client import Client, Refused
from tests.journeys.paths import (
    EXAMINER,
    SUBMITTER,
    finding,
    refusal,
    registered,
    subject,
    submitted,
    submitted_together,
)

Parties = Mapping[str, Client]


def spelled(number: str) -> tuple[str, ...]:
    """The number as people, spreadsheets and word processors write it."""
    full_width = {ord(char): chr(ord(char) + 0xFEE0) for char in "0123456789/-"}
    return (
        number.lower(),
        f" {number.replace('/', ' / ')} ",
        number.replace("/", "\u2044"),
        number.replace("/", "\u2215"),
        number.replace("/", "\\"),
        number.replace("-", "\u2013"),
        number.replace("-", "\u2212"),
        number.translate(full_width),
    )


def refused(client: Client, path: str, body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The items of the refusal by their place."""
    with pytest.raises(Refused) as refusal:
        client.post(path, body)
    return {str(item["pointer"]): dict(item) for item in refusal.value.errors}


def test_a_register_number_is_one_number_however_it_is_written(parties: Parties) -> None:
    client = parties[SUBMITTER]
    number = f"006/TM/{uuid.uuid4()}/IV/2024"
    body = finding(client, subjects=[subject("Putra Rantau")], register_number=number)
    made = client.post("/findings", body).data
    (case,) = made["casefiles"]
    for other in spelled(number):
        with pytest.raises(Refused) as again:
            client.post("/findings", {**body, "register_number": other, "assessment": _assessment(client)})
        assert again.value.code == "finding-exists", other
        assert [row["id"] for row in client.get("/findings", register_number=other).data["data"]] == [made["id"]], other
        listed = client.get("/casefiles", register_number=other).data["data"]
        assert [row["id"] for row in listed] == [case["id"]], other
        searched = {"register_number": other, "purpose": "case_handling"}
        assert [row["id"] for row in client.post("/casefiles/search", searched).data["data"]] == [case["id"]], other
        scope = {"role": "submitter"}
        answer = client.post("/reconciliations", {"scope": scope, "items": [{"ref": "1", "register_number": other}]})
        assert answer.data["items"][0]["status"] == "matched", other
    for other in (*spelled(case["number"]), f"\u200b{case['number']}\ufeff"):
        assert [row["id"] for row in client.get("/casefiles", number=other).data["data"]] == [case["id"]], other
    assert client.get(f"/findings/{made['id']}").data["register_number"] == number, "kept as it was written"


def _assessment(client: Client) -> dict[str, Any]:
    return {"summary": "Kajian.", "documents": [registered(client)]}


def test_what_nobody_can_write_down_is_refused_in_every_number_and_named(parties: Parties) -> None:
    client = parties[SUBMITTER]
    body = finding(
        client,
        subjects=[subject("Putra Rantau")],
        register_number="006\u200b/TM",
        references=[{"system": "sbt", "value": "2024\u00ad001"}],
    )
    items = refused(client, "/findings", body)
    assert {place: item["code"] for place, item in items.items()} == {
        "#/register_number": "unwritable-character",
        "#/references/0/value": "unwritable-character",
    }
    assert "U+200B ZERO WIDTH SPACE" in items["#/register_number"]["detail"]
    assert "U+00AD SOFT HYPHEN" in items["#/references/0/value"]["detail"]
    journey = submitted(parties)
    reference = refusal(journey, EXAMINER, "accept", examiner_reference="W-1\u202c/2024")
    assert [(item["code"], item["pointer"]) for item in reference.errors] == [
        ("unwritable-character", "#/examiner_reference")
    ]


def test_a_name_is_one_name_however_it_is_written(parties: Parties) -> None:
    own = uuid.uuid4().hex[:8].translate(str.maketrans("0123456789", "ghijklmnop"))
    journey = submitted_together(parties, [subject(f"Dr. H. Nur'aini {own}-Rantau, S.Pd., M.Si.")])[0]
    for name in (f"NUR\u2019AINI {own} RANTAU", f"Nuraini  {own}\u2010rantau", f"hj. nur`aini {own} rantau, S. Pd"):
        found = parties[EXAMINER].post("/casefiles/search", {"name": name, "purpose": "case_handling"}).data["data"]
        assert [row["id"] for row in found] == [journey.casefile], name


@pytest.mark.parametrize(
    ("contest", "place", "code", "near"),
    [
        ({"office": "mayor", "region": "99.99"}, "region", "unknown-region", None),
        ({"office": "mayor", "region": "27.09"}, "region", "unknown-region", "17.09"),
        ({"office": "mayor", "region": "13.01"}, "office", "office-not-of-region", "regent"),
        ({"office": "regent", "region": "13.71"}, "office", "office-not-of-region", "mayor"),
        ({"office": "governor", "region": "13.71"}, "region", "office-not-of-region", "13"),
        ({"office": "president"}, "office", "office-not-of-election", None),
        ({"office": "governor", "region": "34"}, "office", "office-not-elected-here", None),
    ],
)
def test_a_contest_nobody_holds_is_refused_with_the_nearest(
    parties: Parties, contest: dict[str, str], place: str, code: str, near: str | None
) -> None:
    client = parties[SUBMITTER]
    body = finding(client, subjects=[subject("Putra Rantau")])
    body["violations"][0]["contest"] = contest
    ((pointer, item),) = refused(client, "/findings", body).items()
    assert (pointer, item["code"]) == (f"#/violations/0/contest/{place}", code)
    assert item.get("did_you_mean") == near


def test_a_region_nobody_has_is_refused_wherever_one_is_given(parties: Parties) -> None:
    client = parties[SUBMITTER]
    body = finding(client, subjects=[subject("Putra Rantau")], found_by={"level": "sub_district", "region": "13.99.01"})
    body["violations"][0]["region"] = "99"
    assert {place: item["code"] for place, item in refused(client, "/findings", body).items()} == {
        "#/found_by/region": "unknown-region",
        "#/violations/0/region": "unknown-region",
    }
    with pytest.raises(Refused) as query:
        client.get("/agencies", region="13.99")
    (item,) = query.value.errors
    assert (item["code"], item["parameter"], item["did_you_mean"]) == ("unknown-region", "region", "13.77")


def test_a_region_with_the_digits_of_the_register_number_is_warned_about(parties: Parties) -> None:
    client = parties[SUBMITTER]
    number = f"{uuid.uuid4().int % 900_000 + 1}/LP/PW/Kota/13.71/X/2024"
    made = client.post("/findings", finding(client, subjects=[subject("Putra Rantau")], register_number=number)).data
    assert [(item["code"], item["pointer"]) for item in made["warnings"]] == [
        ("region-looks-like-register-place", "#/casefiles/0/violations/0/contest/region")
    ]


def test_a_filter_that_names_no_agency_is_refused_and_counts_nothing(parties: Parties) -> None:
    client = parties[EXAMINER]
    for path, parameter in (
        ("/casefiles", "employer"),
        ("/casefiles", "turn"),
        ("/findings", "origin_office"),
        ("/statistics", "employer"),
        ("/referrals", "to"),
        ("/referrals", "from"),
        ("/preventions", "addressed"),
        ("/zero-reports", "agency"),
        ("/agencies", "parent"),
    ):
        with pytest.raises(Refused) as query:
            client.get(path, **{parameter: "pemkot-padnag"})
        (item,) = query.value.errors
        assert (item["code"], item["parameter"], item["did_you_mean"]) == (
            "unknown-agency", parameter, "pemkot-padang",
        ), path  # fmt: skip
    body = {"employer": "pemkot-padnag", "purpose": "case_handling"}
    assert refused(client, "/casefiles/search", body)["#/employer"]["code"] == "unknown-agency"
    assert client.get("/referrals", to="any", status="any").status == 200
    assert client.get("/casefiles", turn="me").status == 200


def test_a_sub_district_is_taken_and_said_not_to_be_looked_up(parties: Parties) -> None:
    client = parties[SUBMITTER]
    body = finding(client, subjects=[subject("Putra Rantau")], found_by={"level": "sub_district", "region": "13.71.01"})
    body["violations"][0]["region"] = "13.71.01.1001"
    made = client.post("/findings", body).data
    assert [(item["code"], item["pointer"]) for item in made["warnings"]] == [
        ("region-not-listed", "#/found_by/region"),
        ("region-not-listed", "#/casefiles/0/violations/0/region"),
    ]
