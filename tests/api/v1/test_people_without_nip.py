"""Not everyone has a NIP: governors, mayors, ministers, commissioners, judges, members of Bawaslu."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from casefiles import shapes
from casefiles.flow import State
from casefiles.flow.given import Official
from casefiles.models import Payload
from casefiles.references import plain
from tests import factories
from tests.api.answers import assert_answers
from tests.api.http.test_null_is_absent import SHAPES
from tests.factories import BKN, NAME, NIP, PADANG, PEMKOT, casefile_at
from tests.partner import Partner, said
from tests.ready import ready
from tests.world import World

MAYOR = {"name": "Wali Kota Rekaan", "position": "Wali Kota Padang"}
PEOPLE = [
    (shape, member)
    for shape in SHAPES.values()
    for member in shapes.members(shape)
    if member.mark(shapes.EighteenDigits) is not None
]
# A civil servant has one, and to identify an officer is to say which.
HAVE_ONE = {"Identity"}
# Rows that an official decides or receives.
DECIDED = ("reject", "clear", "recommend", "terminate", "acknowledge", "retract", "report-sanction", "settle", "annul",
           "reopen", "serve")  # fmt: skip


@pytest.mark.parametrize(("shape", "member"), PEOPLE, ids=lambda one: getattr(one, "__name__", one.__class__.__name__))
def test_a_nip_is_asked_of_nobody_who_may_have_none(shape: type[Any], member: shapes.Member) -> None:
    assert member.required is (shape.__name__ in HAVE_ONE)


@pytest.mark.parametrize("absent", [{}, {"nip": None}], ids=["left out", "null"])
@pytest.mark.parametrize("name", DECIDED)
def test_an_official_without_nip_decides_or_receives(db: None, world: World, name: str, absent: dict[str, Any]) -> None:
    case = ready(name)
    person = "received_by" if name in {"acknowledge", "serve"} else "official"
    body = {**plain(case.given), person: {**MAYOR, **absent}}
    file = f"/casefiles/{case.story.casefile}"
    answer = Partner(case.who).post(f"{file}/{name}", body, version=case.story.row.version)
    assert answer.status_code == 200, answer.content
    assert case.story.payload.given[person] == {**MAYOR, "nip": None}  # type: ignore[index]  # just written
    for agency in (BKN, PADANG, case.who):
        timeline = Partner(agency).get(f"{file}/timeline")
        assert_answers(timeline, "read_timeline")
        assert MAYOR["name"] in timeline.content.decode()


@pytest.mark.parametrize("name", DECIDED)
@pytest.mark.parametrize("nip", ["0" * 18, "1" * 18, "197013011995031001", "197001011995031009"[:14] + "3001"])
def test_where_an_official_s_nip_is_given_it_is_one(db: None, world: World, name: str, nip: str) -> None:
    case = ready(name)
    person = "received_by" if name in {"acknowledge", "serve"} else "official"
    body = {**plain(case.given), person: {**MAYOR, "nip": nip}}
    answer = Partner(case.who).post(f"/casefiles/{case.story.casefile}/{name}", body, version=case.story.row.version)
    assert answer.status_code == 422
    assert [one["pointer"] for one in said(answer)["errors"]] == [f"#/{person}/nip"]
    assert nip not in answer.content.decode()


@pytest.mark.parametrize("nip", ["0" * 18, "9" * 18, "123456789012345678"])
def test_what_only_fills_the_field_is_refused_everywhere(db: None, world: World, nip: str) -> None:
    told = casefile_at(State.UNDER_EXAMINATION)
    version = told.row.version
    padang, bkn = Partner(PADANG), Partner(BKN)
    finding = plain(factories.finding_given(documents=(factories.document(PADANG, "assessment"),)))
    finding["subjects"][0]["nip"] = nip
    prevention = plain(factories.prevention_given())
    prevention["officers"][0]["nip"] = nip
    correction = {"fact": "#/subject/nip", "value": nip, "reason": {"code": "clerical_error"}}
    answers = {
        "#/subjects/0/nip": padang.post("/findings", finding),
        "#/nip": bkn.post("/casefiles/search", {"nip": nip, "purpose": "identity_check"}),
        "#/items/0/nip": bkn.post(
            "/reconciliations", {"scope": {"role": "examiner"}, "items": [{"ref": "1", "nip": nip}]}
        ),
        "#/officers/0/nip": padang.post("/preventions", prevention),
        "#/value": bkn.post(f"/casefiles/{told.casefile}/correct", correction, version=version),
    }
    for pointer, answer in answers.items():
        assert answer.status_code in {409, 422}, (pointer, answer.content)
        assert [(one["code"], one["pointer"]) for one in said(answer)["errors"]] == [
            ("value-not-a-nip" if pointer == "#/value" else "bad-nip-filler", pointer)
        ]


@pytest.mark.parametrize("row", ["acknowledge", "serve"])
def test_the_subject_does_not_receive_under_the_name_alone(db: None, world: World, row: str) -> None:
    case = ready(row)
    receiver = Official(name=f"  {NAME.upper()} ", position="Guru")
    file = f"/casefiles/{case.story.casefile}/{row}"

    def answer(received_by: Official) -> Any:
        body = plain(replace(case.given, received_by=received_by))
        return Partner(case.who).post(file, body, version=case.story.row.version)

    for person, pointer in ((receiver, "name"), (replace(receiver, nip=NIP), "nip")):
        refused = answer(person)
        assert refused.status_code == 409
        assert [(one["code"], one["pointer"]) for one in said(refused)["errors"]] == [
            ("receiver-is-the-subject", f"#/received_by/{pointer}")
        ]
    assert answer(replace(receiver, nip="197001011995031001")).status_code == 200, "another person of that name"


def test_a_warning_may_name_an_officer_whose_nip_nobody_knows(db: None, world: World) -> None:
    padang = Partner(PADANG)
    body = {**plain(factories.prevention_given()), "officers": [{"name": "Pegawai Rekaan"}, {"name": "Pegawai Lain"}]}
    made = padang.post("/preventions", body)
    assert made.status_code == 201, made.content
    assert [(one["nip"], one["name"]) for one in said(made)["officers"]] == [
        (None, "Pegawai Rekaan"),
        (None, "Pegawai Lain"),
    ]
    assert_answers(padang.get(f"/preventions/{said(made)['id']}"), "read_prevention")
    keys = Payload.objects.filter(prevention=said(made)["id"], seq__gt=1).values_list("nip", "name_key")
    assert sorted(keys) == [("", "pegawai lain"), ("", "pegawai rekaan")]


def test_a_mayor_answers_for_a_zero_report(db: None, world: World) -> None:
    body = {**plain(factories.zero_report_given()), "official": MAYOR}
    made = Partner(PEMKOT).post("/zero-reports", body)
    assert made.status_code == 201, made.content
    for agency in (PEMKOT, BKN):
        shown = Partner(agency).get(f"/zero-reports/{said(made)['id']}")
        assert said(shown)["official"] == {**MAYOR, "nip": None}


def test_an_officer_whose_nip_is_doubtful_is_still_found_by_it(db: None, world: World) -> None:
    """A birth date that no calendar has is warned about, as real ones hold wrong dates."""
    doubtful = "198502302010011001"
    finding = plain(factories.finding_given(documents=(factories.document(PADANG, "assessment"),)))
    finding["subjects"][0]["nip"] = doubtful
    made = Partner(PADANG).post("/findings", finding)
    assert made.status_code == 201, made.content
    assert "nip-doubtful" in [one["code"] for one in said(made)["warnings"]]
    found = Partner(BKN).post("/casefiles/search", {"nip": doubtful, "purpose": "identity_check"})
    assert len(said(found)["data"]) == 1
