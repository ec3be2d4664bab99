"""Taking in a finding: n subjects, n casefiles, all or nothing."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import Entry
from casefiles.catalogue.book import load
from casefiles.errors import FindingExists, InvalidGiven, NotVisible, NotYourOffice
from casefiles.flow import State, WrongParty
from casefiles.flow.finding import Assessment, Clarification, MoreSubjects, Reporter, Subject
from casefiles.intake import finding_checks, finding_steps, findings
from casefiles.models import Casefile, CasefileGrant, Finding, Payload
from casefiles.sight.projection import project, viewer_of
from casefiles.transitions import decide as deciding
from casefiles.transitions.loaded import Loaded
from casefiles.transitions.values import Act
from tests.factories import (
    AUDITOR,
    BKN,
    KASN,
    NAME,
    NIP,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PROVINCE,
    REPORTER,
    actor,
    at,
    casefile_at,
    document,
    finding_given,
    known_subject,
    request,
    submit,
    violation,
)
from tests.reconciling import reconcile
from tests.snapshots import snapshot

pytestmark = pytest.mark.usefixtures("db", "world")


def _faults(**changed: Any) -> list[tuple[str, str]]:
    """What is wrong with a finding so changed; nothing may be stored."""
    paper = document(PADANG, "assessment")
    before = snapshot()
    with pytest.raises(InvalidGiven) as invalid, transaction.atomic():
        findings.submit(
            actor=actor(PADANG), given=finding_given(**{"documents": (paper,), **changed}), now=at(date(2024, 10, 8)),
            request=request(),
        )  # fmt: skip
    assert snapshot() == before
    for fault in invalid.value.faults:
        assert fault.id
        assert fault.en
    return [(fault.code, fault.pointer) for fault in invalid.value.faults]


def test_n_subjects_become_n_casefiles_each_with_his_own_violations() -> None:
    taken = submit(
        violations=(violation(1), violation(2)),
        subjects=(
            Subject(name="Satu", violations=(1,)),
            Subject(name="Dua", violations=(1, 2)),
            known_subject(violations=(2,)),
        ),
    )
    rows = [Casefile.objects.get(pk=step.casefile) for step in taken.steps]
    assert [row.state for row in rows] == ["submitted"] * 3
    assert len({row.number for row in rows}) == 3
    numbers = [int(row.number.rpartition("/")[2]) for row in rows]
    assert numbers == sorted(numbers)
    facts: Any = [Payload.objects.get(casefile=row, seq=1).facts for row in rows]
    assert [[one["number"] for one in file["violations"]] for file in facts] == [[1], [1, 2], [2]]
    assert [file["subject"]["identified"] for file in facts] == [False, False, True]
    for row in rows:
        reconcile(row.pk)


def test_no_casefile_names_the_other_subjects_nor_how_many() -> None:
    taken = submit(subjects=(Subject(name="Satu", violations=(1,)), Subject(name="Dua", violations=(1,))))
    for step, other in zip(taken.steps, ("Dua", "Satu"), strict=True):
        kept = Payload.objects.get(casefile=step.casefile)
        assert other not in json.dumps([kept.given, kept.facts])
    entries = Entry.objects.filter(stream__in=[step.casefile for step in taken.steps])
    said = [json.loads(bytes(entry.body)) for entry in entries]
    assert {one["kind"] for one in said} == {"submit"}
    assert len({one["payload"] for one in said}) == 2


def test_submitter_ancestors_and_examiner_see_it_and_nobody_else() -> None:
    taken = submit(subjects=(known_subject(),))
    sees = CasefileGrant.objects.filter(content_object=taken.steps[0].casefile)
    assert set(sees.values_list("agency__code", flat=True)) == {PADANG, PROVINCE, "bawaslu-ri", BKN}
    assert {grant.from_entry.seq for grant in sees} == {1}
    visible = {
        agency: Finding.objects.visible_to(actor(agency)).count()
        for agency in (PADANG, PROVINCE, BKN, AUDITOR, PEMKOT, OTHER_OFFICE, KASN)
    }
    assert visible == {PADANG: 1, PROVINCE: 1, BKN: 1, AUDITOR: 1, PEMKOT: 0, OTHER_OFFICE: 0, KASN: 0}


def test_an_employer_asked_about_one_subject_does_not_see_the_finding() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED)
    assert Casefile.objects.visible_to(actor(PEMKOT)).count() == 1
    assert Finding.objects.visible_to(actor(PEMKOT)).count() == 0
    assert told.row.employer is not None


@pytest.mark.parametrize(
    "again",
    [
        "006/TM/2024",
        " 006 / tm / 2024 ",
        "006/tm/2024",
        "006\u2044TM\u22152024",
        "\uff10\uff10\uff16/TM/2024",
        "006\\TM\\2024",
    ],
    ids=["same", "blanks", "lower case", "slashes", "full width", "backslashes"],
)
def test_a_register_number_is_used_once_per_office_for_ever(again: str) -> None:
    first = submit(register_number="006/TM/2024")
    before = snapshot()
    paper = document(PADANG, "assessment")
    with pytest.raises(FindingExists) as exists, transaction.atomic():
        findings.submit(
            actor=actor(PADANG), given=finding_given(documents=(paper,), register_number=again),
            now=at(date(2024, 10, 8)), request=request(),
        )  # fmt: skip
    assert exists.value.finding == first.finding
    after = snapshot()
    assert {table for table in after if after[table] != before[table]} == {
        "audit_entry", "audit_pending", "casefiles_document", "casefiles_payload",
    }  # fmt: skip

    submit(by=OTHER_OFFICE, register_number=again)
    assert Finding.objects.get(pk=first.finding).register_number == "006/TM/2024", "kept as it was written"


def test_the_mandate_in_force_when_it_was_forwarded_takes_the_case() -> None:
    early: dict[str, Any] = {
        "known_on": date(2024, 8, 1),
        "registered_on": date(2024, 8, 2),
        "clarification": Clarification(held=True, held_on=date(2024, 8, 2)),
        "violations": (violation(act_date=date(2024, 7, 30)),),
    }
    for day, examiner in ((date(2024, 9, 3), KASN), (date(2024, 9, 4), BKN)):
        taken = submit(occurred_at=at(day), **early)
        row = Casefile.objects.select_related("examiner").get(pk=taken.steps[0].casefile)
        assert row.examiner.code == examiner
    # Forwarded before the change, recorded long after it.
    taken = submit(occurred_at=at(date(2024, 9, 3)), now=at(date(2024, 12, 1)), **early)
    assert Casefile.objects.get(pk=taken.steps[0].casefile).examiner.code == KASN


def test_a_number_bears_the_year_of_jakarta() -> None:
    # 17:30 UTC on the last of December is past midnight in Jakarta.
    taken = submit(now=at(date(2024, 12, 31), 17) + timedelta(minutes=30))
    assert Casefile.objects.get(pk=taken.steps[0].casefile).number.startswith("LTS/2025/")


def test_only_election_supervisors_submit() -> None:
    paper = document(PADANG, "assessment")
    for agency in (BKN, PEMKOT, AUDITOR):
        with pytest.raises(WrongParty):
            findings.submit(
                actor=actor(agency), given=finding_given(documents=(paper,)), now=at(date(2024, 10, 8)),
                request=request(),
            )  # fmt: skip


@pytest.mark.parametrize("origin", [OTHER_OFFICE, PROVINCE, "bawaslu-kab-kotawaringin-timur", PEMKOT])
def test_an_office_speaks_for_itself_and_those_below_it(origin: str) -> None:
    paper = document(PADANG, "assessment")
    with pytest.raises(NotYourOffice):
        findings.submit(
            actor=actor(PADANG), given=finding_given(documents=(paper,), origin_office=origin),
            now=at(date(2024, 10, 8)), request=request(),
        )  # fmt: skip


def test_a_province_may_forward_for_its_city() -> None:
    taken = submit(by=PROVINCE, origin_office=PADANG)
    row = Casefile.objects.get(pk=taken.steps[0].casefile)
    assert row.submitter.code == PADANG
    said = json.loads(bytes(Entry.objects.get(stream=row.pk).body))
    assert said["actor"]["agency"] == PROVINCE


def test_contradictions_come_all_at_once_each_with_its_place() -> None:
    found = _faults(
        clarification=Clarification(held=True),
        violations=(violation(1), violation(1), violation(2, form="other_with_legal_basis")),
        subjects=(known_subject(violations=(1, 9)), known_subject(violations=(1,))),
    )
    assert set(found) == {
        ("required-when", "#/clarification/held_on"),
        ("duplicate-number", "#/violations/1/number"),
        ("required-when", "#/violations/2/legal_basis"),
        ("unknown-violation", "#/subjects/0/violations/1"),
        ("duplicate-subject", "#/subjects/1/nip"),
    }
    assert ("required-when", "#/clarification/reason") in _faults(clarification=Clarification(held=False))


def test_what_is_mentioned_has_to_exist() -> None:
    foreign = document(OTHER_OFFICE, "assessment")
    assert _faults(assessment=Assessment(summary="x", documents=(foreign,))) == [
        ("unknown-document", "#/assessment/documents/0"),
        ("assessment-missing", "#/assessment/documents"),
    ]
    assert _faults(subjects=(known_subject(employer="tidak-ada"),)) == [("unknown-agency", "#/subjects/0/employer")]
    assert _faults(origin_office="tidak-ada") == [("unknown-agency", "#/origin_office")]


def test_evidence_alone_is_no_assessment() -> None:
    evidence = document(PADANG, "evidence")
    assert _faults(assessment=Assessment(summary="x", documents=(evidence,))) == [
        ("assessment-missing", "#/assessment/documents")
    ]


def test_a_claimed_employer_has_to_be_one() -> None:
    assert _faults(subjects=(known_subject(employer=AUDITOR),)) == [("agency-lacks-role", "#/subjects/0/employer")]


def test_dates_that_run_backwards_are_refused_by_the_database_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _faults(known_on=date(2024, 10, 4)) == [("out-of-order", "#/registered_on")]
    monkeypatch.setattr(finding_checks, "day_faults", lambda *said, **more: [])
    paper = document(PADANG, "assessment")
    with pytest.raises(IntegrityError, match="known_before_it_is_registered"), transaction.atomic():
        findings.submit(
            actor=actor(PADANG), given=finding_given(documents=(paper,), known_on=date(2024, 10, 4)),
            now=at(date(2024, 10, 8)), request=request(),
        )  # fmt: skip


def test_a_failure_at_the_last_subject_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = document(PADANG, "assessment")
    before = snapshot()
    real = deciding.decide

    def second_fails(act: Act, loaded: Loaded, **said: Any) -> Any:
        if loaded.facts["subject"]["name"] == "Dua":
            raise RuntimeError("the second one failed")
        return real(act, loaded, **said)

    monkeypatch.setattr(finding_steps, "decide", second_fails)
    subjects = (Subject(name="Satu", violations=(1,)), Subject(name="Dua", violations=(1,)))
    with pytest.raises(RuntimeError, match="the second"), transaction.atomic():
        findings.submit(
            actor=actor(PADANG), given=finding_given(documents=(paper,), subjects=subjects),
            now=at(date(2024, 10, 8)), request=request(),
        )  # fmt: skip
    assert snapshot() == before


def test_the_verification_runs_from_the_day_it_was_forwarded() -> None:
    taken = submit(now=at(date(2024, 12, 1)))
    row = Casefile.objects.get(pk=taken.steps[0].casefile)
    assert row.open_referral is not None
    assert (row.open_referral.clock_from, row.open_referral.due_on) == (date(2024, 10, 7), date(2024, 10, 14))


def test_the_class_is_computed_from_form_date_and_designation() -> None:
    before, after = date(2024, 9, 21), date(2024, 9, 29)
    for day, expected in ((before, "ethics"), (after, "discipline")):
        taken = submit(violations=(violation(act_date=day),))
        row = Casefile.objects.get(pk=taken.steps[0].casefile)
        assert row.violation_class == expected
        assert row.forms == ["social_media_engagement"]


def test_the_search_keys_are_those_of_the_subject() -> None:
    taken = submit(subjects=(known_subject(name="Drs.  Terlapor   REKAAN, M.Si."),))
    rows = Casefile.objects.visible_to(actor(BKN))
    assert [row.pk for row in rows.with_subject(nip=NIP)] == [taken.steps[0].casefile]
    assert [row.pk for row in rows.with_subject(name_key="terlapor rekaan")] == [taken.steps[0].casefile]
    assert not rows.with_subject(nip="200001012020011001").exists()
    assert not Casefile.objects.visible_to(actor(PEMKOT)).with_subject(nip=NIP).exists()


# --- further subjects -----------------------------------------------------------------------------------------------


def _add(finding: uuid.UUID, *, by: str = PADANG, day: date = date(2024, 10, 9), **subject: Any) -> findings.TakenIn:
    more = MoreSubjects(occurred_at=at(day), subjects=(known_subject(**subject),))
    with transaction.atomic():
        return findings.add_subjects(
            actor=actor(by), finding=finding, given=more, now=at(day) + timedelta(hours=1), request=request()
        )


def test_a_further_subject_becomes_a_casefile_of_the_same_finding() -> None:
    first = submit(reporter=REPORTER)
    added = _add(first.finding)
    row = Casefile.objects.get(pk=added.steps[0].casefile)
    assert (row.finding_id, row.state, added.version) == (first.finding, "submitted", 2)
    assert Payload.objects.filter(finding=first.finding).count() == 2
    facts: Any = Payload.objects.get(casefile=row).facts
    assert [one["type"] for one in facts["documents"]] == ["assessment"], "the finding's documents come along"
    reconcile(row.pk)


def test_only_the_finding_s_own_side_adds_subjects() -> None:
    first = submit()
    for agency in (OTHER_OFFICE, BKN, PEMKOT):
        with pytest.raises(WrongParty):
            _add(first.finding, by=agency)
    with pytest.raises(NotVisible):
        _add(uuid.uuid4())


def test_a_further_subject_commits_the_finding_s_violations_and_comes_not_before_it() -> None:
    first = submit()
    with pytest.raises(InvalidGiven) as invalid:
        _add(first.finding, violations=(7,))
    assert [(fault.code, fault.pointer) for fault in invalid.value.faults] == [
        ("unknown-violation", "#/subjects/0/violations/0")
    ]
    with pytest.raises(InvalidGiven) as invalid:
        _add(first.finding, day=date(2024, 10, 6))
    assert [fault.code for fault in invalid.value.faults] == ["occurred-before-previous"]


def test_an_officer_is_named_once_in_a_finding_also_by_a_later_addition() -> None:
    first = submit(subjects=(known_subject(),))
    with pytest.raises(InvalidGiven) as invalid:
        _add(first.finding)
    assert [(fault.code, fault.pointer) for fault in invalid.value.faults] == [
        ("duplicate-subject", "#/subjects/0/nip")
    ]


def test_what_is_submitted_is_kept_as_it_was_said() -> None:
    said = finding_given(documents=(document(PADANG, "assessment"),), reporter=REPORTER)
    with transaction.atomic():
        taken = findings.submit(actor=actor(PADANG), given=said, now=at(date(2024, 10, 8)), request=request())
    kept: Any = Payload.objects.get(finding=taken.finding).given
    assert kept["register_number"] == said.register_number
    assert kept["reporter"]["name"] == REPORTER.name
    assert kept["subjects"][0]["name"] == NAME


@pytest.mark.parametrize(
    ("source", "kind", "warns"),
    [
        ("report", "anonymous", True),
        ("delegated_report", "anonymous", True),
        ("initial_information", "anonymous", False),
        ("report", "voter", False),
        ("report", None, False),
    ],
)
def test_what_nobody_put_their_name_to_is_no_report(source: str, kind: str | None, warns: bool) -> None:
    taken = submit(source=source, reporter=Reporter(kind=kind, phone="0800000000") if kind else None)
    facts = taken.steps[0].facts
    found = [one for one in facts["warnings"] if one["code"] == "anonymous-report"]
    assert [one["pointer"] for one in found] == ["#/finding/source"] * warns
    for agency, told in ((PADANG, warns), (BKN, warns), ("bpk", False)):
        seen, _ = project(facts, viewer=viewer_of(actor(agency), facts), catalogue=load())
        assert ("anonymous-report" in str(seen["warnings"])) is told, "it says something of the reporter"
