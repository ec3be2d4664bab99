"""Facts that were recorded wrongly are put right, in any order and in every file that tells them."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from casefiles import identifiers
from casefiles.errors import FindingExists, StaleVersion
from casefiles.flow import Refused, State
from casefiles.flow.corrections import CHANGED_BY
from casefiles.flow.finding import Subject
from casefiles.flow.given import AmendReason
from casefiles.models import Casefile, Finding, Payload
from tests.casefiles.flow.test_afterwards import correct, refused
from tests.factories import (
    BKN,
    NAME,
    NIP,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    Story,
    Warned,
    Withheld,
    WithholdReason,
    casefile_at,
    document,
    heard,
    known_subject,
    letter,
    prevention,
    story,
    submit,
)
from tests.partner import Partner, said
from tests.reconciling import nothing_is_left_over, reconcile
from tests.warned import others

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
S = State
NEXT_CONTRACT = AmendReason(code="identity_updated", text="Kontrak baru.")


def warned(told: Story) -> list[str]:
    return [one["code"] for one in others(told.facts["warnings"])]


# --- who the officer is ---------------------------------------------------------------------------------------------


def test_another_kind_of_employment_judges_nip_and_sanction_anew() -> None:
    told = casefile_at(S.RECOMMENDED)
    correct(told, "#/subject/employment_kind", "pppk", by=PEMKOT)
    assert told.facts["subject"]["employment_kind"] == "pppk"
    assert warned(told) == ["nip-doubtful"]
    told.do("acknowledge")
    assert "sanction-does-not-fit" in refused(told, "report-sanction")
    correct(told, "#/subject/employment_kind", "pns", by=BKN)
    assert warned(told) == []
    told.do("report-sanction")
    correct(told, "#/subject/employment_kind", "pppk", by=BKN)
    (unfit,) = [one for one in told.facts["warnings"] if one["code"] == "sanction-unfit"]
    assert unfit["pointer"] == "#/sanction/sanction"
    reconcile(told.casefile)


def test_where_an_officer_serves_is_an_agency_that_takes_part() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    assert refused(told, "correct", by=PEMKOT, fact="#/subject/workplace", violation=None, value="pemkot-padan") == [
        "value-not-an-agency"
    ]
    correct(told, "#/subject/workplace", PEMPROV, by=PEMKOT)
    assert told.facts["subject"]["workplace"] == PEMPROV
    correct(told, "#/subject/workplace", None, by=BKN)
    assert told.facts["subject"]["workplace"] is None


@pytest.mark.parametrize("fact", CHANGED_BY)
def test_what_an_act_changes_is_refused_with_the_act_s_name(fact: str) -> None:
    told = casefile_at(S.SANCTION_REPORTED)
    for agency in (PADANG, BKN, PEMKOT):
        with pytest.raises(Refused) as why:
            told.do("correct", by=agency, fact=fact, value=PEMPROV, violation=None)
        (reason,) = why.value.reasons
        assert (reason.code, reason.pointer, reason.resolve_with) == (
            "changed-by-another-act",
            "#/fact",
            CHANGED_BY[fact],
        )
        assert all(act in reason.id and act in reason.en for act in reason.resolve_with)


# --- a NIP that another one took the place of -----------------------------------------------------------------------

FIRST, SECOND, WRONG = "199003152019211004", "199003152024211004", "199003152024211005"


def _found_by(agency: str, nip: str) -> set[str]:
    answer = Partner(agency).post("/casefiles/search", {"nip": nip, "purpose": "identity_check"})
    return {one["id"] for one in said(answer)["data"]}


def _reconciled(nip: str) -> dict[str, Any]:
    asked = {"scope": {"role": "examiner"}, "items": [{"ref": "1", "nip": nip}]}
    (line,) = said(Partner(BKN).post("/reconciliations", asked))["items"]
    return {"status": line["status"], "casefiles": [one["id"] for one in line["casefiles"]]}


def test_a_ni_pppk_of_a_new_contract_leaves_the_case_findable_by_both() -> None:
    contract = {"nip": FIRST, "employment_kind": "pppk"}
    warning = prevention(officers=(_warned(FIRST), _warned(SECOND)))
    told = casefile_at(S.UNDER_EXAMINATION, through=("accept",), subjects=(known_subject(**contract),))
    correct(told, "#/subject/nip", SECOND, by=PEMKOT, reason=NEXT_CONTRACT)
    assert (told.facts["subject"]["nip"], told.facts["subject"]["former_nips"]) == (SECOND, [FIRST])
    ident = str(told.casefile)
    for nip in (FIRST, SECOND):
        assert _found_by(BKN, nip) == {ident}
        assert _reconciled(nip) == {"status": "matched", "casefiles": [ident]}
    again = story(subjects=(known_subject(**contract),))
    assert again.suspected_by(BKN) == (told.casefile,)
    assert told.suspected_by(BKN) == (again.casefile,)
    again.do("merge", into=told.casefile, on=max(told.day, again.day) + timedelta(days=1))
    shown = said(Partner(BKN).get(f"/casefiles/{ident}"))
    assert shown["subject"]["former_nips"] == [FIRST]
    assert [one["id"] for one in shown["prior_preventions"]] == [str(warning)] * 2
    (item,) = said(Partner(BKN).get(f"/casefiles?number={told.row.number}"))["data"]
    assert not {"nip", "former_nips"} & set(item["subject"])
    reconcile(told.casefile)


def _warned(nip: str) -> Warned:
    return Warned(nip=nip, name=NAME, employer=PEMKOT)


def test_a_nip_that_was_wrong_finds_nobody_s_case() -> None:
    told = casefile_at(S.UNDER_EXAMINATION, through=("accept",), subjects=(known_subject(nip=WRONG),))
    correct(told, "#/subject/nip", SECOND, by=PEMKOT)
    assert "former_nips" not in told.facts["subject"]
    assert (_found_by(BKN, WRONG), _found_by(BKN, SECOND)) == (set(), {str(told.casefile)})
    assert _reconciled(WRONG)["status"] == "unknown"
    assert story(subjects=(known_subject(nip=WRONG),)).suspected_by(BKN) == ()


def test_whoever_gets_the_former_nip_back_has_no_former_one() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    correct(told, "#/subject/nip", SECOND, by=PEMKOT, reason=NEXT_CONTRACT)
    correct(told, "#/subject/nip", NIP, by=PEMKOT)
    assert told.facts["subject"]["former_nips"] == []


# --- dates in both orders -------------------------------------------------------------------------------------------

PAIRS = [
    ("#/recommendation/letter/date", BKN, "#/received_on", PEMKOT),
    ("#/sanction/decision/date", PEMKOT, "#/sanction/delivered_on", PEMKOT),
]


@pytest.mark.parametrize("days", [-40, 40], ids=["earlier", "later"])
@pytest.mark.parametrize("first", [0, 1], ids=["the earlier first", "the later first"])
@pytest.mark.parametrize("pair", PAIRS, ids=["letter and receipt", "decree and delivery"])
def test_two_wrong_dates_are_corrected_in_either_order(pair: tuple[str, ...], first: int, days: int) -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    told.day += timedelta(days=60)
    told.do("recommend", letter=letter(day=told.day))
    told.do("acknowledge")
    told.do("report-sanction", examination=heard(told.day - timedelta(days=50)))
    told.do("record-delivery")
    told.day += timedelta(days=60)
    facts = [(pair[0], pair[1]), (pair[2], pair[3])]
    was = [date.fromisoformat(_read(told, fact)) for fact, _ in facts]
    steps = facts if first == 0 else facts[::-1]
    backwards = []
    for fact, author in steps:
        right = was[facts.index((fact, author))] + timedelta(days=days)
        correct(told, fact, right.isoformat(), by=author)
        backwards.append("dates-run-backwards" in warned(told))
    assert backwards == [(days > 0) is (first == 0), False]
    assert [date.fromisoformat(_read(told, fact)) for fact, _ in facts] == [day + timedelta(days=days) for day in was]
    reconcile(told.casefile)


def _read(told: Story, fact: str) -> str:
    value: Any = told.facts
    for step in fact.removeprefix("#/").split("/"):
        value = value[step]
    return str(value)


def test_no_case_is_closed_while_the_days_of_its_remedy_run_backwards() -> None:
    told = casefile_at(S.SANCTION_REPORTED)
    told.do("record-delivery")
    delivered = date.fromisoformat(told.facts["sanction"]["delivered_on"])
    correct(told, "#/sanction/decision/date", (delivered + timedelta(days=1)).isoformat(), by=PEMKOT)
    assert "dates-run-backwards" in warned(told)
    told.day += timedelta(days=40)
    assert refused(told, "close", contest_waived=None) == ["remedy-doubtful"]
    correct(told, "#/sanction/delivered_on", (delivered + timedelta(days=2)).isoformat(), by=PEMKOT)
    told.do("close")
    reconcile(told.casefile)


def test_a_day_is_not_put_after_the_day_of_an_act_of_this_register() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    accepted_on = date.fromisoformat(told.facts["accepted_on"])
    told.day = accepted_on + timedelta(days=9)
    too_late = (accepted_on + timedelta(days=1)).isoformat()
    with pytest.raises(Refused) as why:
        told.do("correct", by=BKN, fact="#/violations/*/act_date", violation=1, value=too_late)
    assert {(reason.code, reason.pointer) for reason in why.value.reasons} == {("dates-run-backwards", "#/value")}
    assert sorted(reason.en.partition(" (")[0] for reason in why.value.reasons) == [
        "The day the case was accepted",
        "The day the finding arrived",
    ]


def test_another_stated_day_of_effect_is_weighed_against_the_rule() -> None:
    told = casefile_at(S.SANCTION_REPORTED)
    told.do("record-delivery")
    by_rule = told.facts["sanction"]["effective_on"]
    correct(told, "#/sanction/effective_stated", "2025-06-01", by=PEMKOT)
    assert warned(told) == ["effect-differs"]
    correct(told, "#/sanction/effective_stated", by_rule, by=PEMKOT)
    assert warned(told) == []


# --- a document by its signed version -------------------------------------------------------------------------------


def _replace(told: Story, by: str, old: UUID, new: UUID | str | None, **more: Any) -> Story:
    reason = AmendReason(code="document_replaced")
    told.do("correct", by=by, fact="#/documents/*", violation=None, value=str(new) if new else None, replaces=old,
            reason=reason, **more)  # fmt: skip
    return told


def _refused_replacing(told: Story, by: str, old: UUID | None, new: Any, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as why:
        told.do("correct", by=by, fact="#/documents/*", violation=None, value=new and str(new), replaces=old, **more)
    return [(reason.code, reason.pointer) for reason in why.value.reasons]


def test_a_decree_is_replaced_by_its_signed_version() -> None:
    told = casefile_at(S.SANCTION_REPORTED)
    draft = UUID(told.facts["sanction"]["decision"]["document"])
    place = [one["id"] for one in told.facts["documents"]].index(str(draft))
    signed = document(PEMKOT, "decision", size=99)
    _replace(told, PEMKOT, draft, signed)
    listed = told.facts["documents"]
    assert (listed[place]["id"], listed[place]["size"], listed[place]["type"]) == (str(signed), 99, "decision")
    assert str(draft) not in [one["id"] for one in listed]
    assert told.facts["sanction"]["decision"]["document"] == str(signed)
    before = Payload.objects.get(casefile=told.casefile, seq=told.row.version - 1).facts
    assert before["sanction"]["decision"]["document"] == str(draft), "history"  # type: ignore[index]  # a version
    for agency in (BKN, PADANG):
        shown = said(Partner(agency).get(f"/documents/{signed}"))
        drafted = said(Partner(agency).get(f"/documents/{draft}"))
        assert (shown["sha256"] is None, drafted["sha256"] is None) == (agency == PADANG,) * 2, "by the type"
    told.do("record-delivery")
    reconcile(told.casefile)


def test_what_was_withheld_stays_withheld_in_both_versions() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    (evidence,) = (UUID(one["id"]) for one in told.facts["documents"] if one["type"] == "assessment")
    told.do("recommend", withheld=(Withheld(document=evidence, reason=WithholdReason(code="reporter_protection")),))
    better = document(PADANG, "assessment", size=7)
    _replace(told, PADANG, evidence, better)
    for one in (evidence, better):
        assert said(Partner(PEMKOT).get(f"/documents/{one}"))["sha256"] is None
        assert said(Partner(BKN).get(f"/documents/{one}"))["sha256"] is not None


def test_only_its_owner_replaces_a_document_and_by_its_like() -> None:
    told = casefile_at(S.SANCTION_REPORTED)
    draft = UUID(told.facts["sanction"]["decision"]["document"])
    (kajian,) = (UUID(one["id"]) for one in told.facts["documents"] if one["type"] == "assessment")
    signed, other_type = document(PEMKOT, "decision"), document(PEMKOT, "evidence")
    theirs = document(BKN, "decision")
    assert _refused_replacing(told, BKN, draft, theirs) == [("not-the-author", "#/replaces")]
    assert _refused_replacing(told, PEMKOT, None, signed) == [("document-not-in-file", "#/replaces")]
    assert _refused_replacing(told, PEMKOT, signed, signed) == [("document-not-in-file", "#/replaces")]
    for no_document in (None, "x", theirs, UUID(int=7)):
        assert _refused_replacing(told, PEMKOT, draft, no_document) == [("value-not-a-document", "#/value")]
    assert _refused_replacing(told, PEMKOT, draft, other_type) == [("document-of-another-type", "#/value")]
    assert _refused_replacing(told, PEMKOT, draft, draft) == [("document-in-file-already", "#/value")]
    assert _refused_replacing(told, PADANG, draft, kajian) == [
        ("not-the-author", "#/replaces"),
        ("document-in-file-already", "#/value"),
        ("document-of-another-type", "#/value"),
    ]
    assert refused(told, "correct", by=BKN, fact="#/unit", violation=None, value="X", replaces=draft) == [
        "replaces-unwanted"
    ]
    _replace(told, PEMKOT, draft, signed)


# --- the register number --------------------------------------------------------------------------------------------


def _taken_in(number: str, *names: str, office: str = PADANG) -> list[Story]:
    """The casefiles of one finding, one for each name."""
    taken = submit(
        by=office,
        origin_office=office,
        register_number=number,
        subjects=tuple(Subject(name=name, violations=(1,)) for name in names),
    )
    return [Story(casefile=step.casefile, finding=taken.finding, submitter=office) for step in taken.steps]


def _renumber(told: Story, value: str | None, *, by: str = PADANG, **more: Any) -> None:
    with transaction.atomic():
        correct(told, "#/finding/register_number", value, by=by, **more)


def test_a_register_number_is_corrected_in_the_finding_and_in_all_its_casefiles() -> None:
    first, second = _taken_in("006/TM/2024", "Satu Rekaan", "Dua Rekaan")
    second.do("request-identity")
    before = second.row.version
    _renumber(first, " 007/tm / 2024")
    row = Finding.objects.get(pk=first.finding)
    assert (row.register_number, row.register_key) == (" 007/tm / 2024", identifiers.number_key("007/TM/2024"))
    for told in (first, second):
        assert told.facts["finding"]["register_number"] == " 007/tm / 2024"
        assert told.facts["corrections"][-1]["fact"] == "#/finding/register_number"
        reconcile(told.casefile)
    assert (second.row.version, second.row.state, second.open.purpose) == (before + 1, "identity_requested", "identify")
    nothing_is_left_over()
    padang = Partner(PADANG)
    shown = said(padang.get(f"/findings/{first.finding}"))
    assert (shown["register_number"], shown["version"]) == (" 007/tm / 2024", 2)
    assert [one["id"] for one in said(padang.get("/findings?register_number=007/TM/2024"))["data"]] == [
        str(first.finding)
    ]
    assert said(padang.get("/findings?register_number=006/TM/2024"))["data"] == []
    line = {"ref": "1", "register_number": "007/TM/2024", "origin_office": PADANG}
    answer = said(padang.post("/reconciliations", {"scope": {"role": "submitter"}, "items": [line]}))
    assert {one["id"] for one in answer["items"][0]["casefiles"]} == {str(first.casefile), str(second.casefile)}
    (third,) = _taken_in("006/TM/2024", "Tiga Rekaan")
    assert third.finding != first.finding, "the number it never had is free"


def test_a_number_that_the_office_uses_already_is_refused_however_it_is_written() -> None:
    (_,), (told,) = _taken_in("001/TM/2024", "Satu Rekaan"), _taken_in("002/TM/2024", "Dua Rekaan")
    for written in ("001/TM/2024", " 001/tm/2024 "):
        with pytest.raises(Refused) as why:
            _renumber(told, written)
        assert [(one.code, one.pointer) for one in why.value.reasons] == [("register-number-taken", "#/value")]
    assert Finding.objects.get(pk=told.finding).register_number == "002/TM/2024"
    assert told.row.version == 1
    _renumber(told, "002/tm/2024")
    (elsewhere,) = _taken_in("003/TM/2024", "Tiga Rekaan", office=OTHER_OFFICE)
    _renumber(elsewhere, "001/TM/2024", by=OTHER_OFFICE)
    with pytest.raises(FindingExists):
        _taken_in("001/TM/2024", "Empat Rekaan")


def test_the_number_is_the_submitter_s_also_when_another_office_has_the_case() -> None:
    first, second = _taken_in("010/TM/2024", "Satu Rekaan", "Dua Rekaan")
    assert refused(first, "correct", by=BKN, fact="#/finding/register_number", violation=None, value="9") == [
        "not-the-author"
    ]
    first.do("reassign", by=PROVINCE)
    first.submitter = PROVINCE
    _renumber(first, "011/TM/2024", by=PROVINCE)
    assert second.facts["finding"]["register_number"] == "011/TM/2024"
    assert second.row.submitter.code == PADANG
    assert refused(first, "correct", by=PROVINCE, fact="#/finding/register_number", violation=None, value=None) == [
        "value-missing"
    ]


def test_a_correction_of_the_finding_follows_the_last_step_of_every_file() -> None:
    first, second = _taken_in("020/TM/2024", "Satu Rekaan", "Dua Rekaan")
    second.day += timedelta(days=30)
    second.do("return")
    last = second.row.version
    _renumber(first, "021/TM/2024")
    assert (second.row.version, Casefile.objects.filter(finding=first.finding).count()) == (last + 1, 2)
    with pytest.raises(StaleVersion), transaction.atomic():
        first.do("correct", by=PADANG, fact="#/finding/register_number", violation=None, value="022/TM/2024",
                 version=1)  # fmt: skip


def test_a_corrected_number_is_doubted_anew() -> None:
    (told,) = _taken_in("006/LP/PL/Kab/27.09/X/2024", "Satu Rekaan")
    assert warned(told) == ["register-number-doubtful"]
    _renumber(told, "006/TM/PL/Kab/27.09/X/2024")
    assert warned(told) == []
