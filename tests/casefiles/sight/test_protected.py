"""Reporter and witnesses: with the finding, and in nothing that is made of casefiles."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from audit import ledger
from audit.models import Entry
from casefiles.exporting import exported
from casefiles.flow import State
from casefiles.flow.finding import MoreSubjects, Subject, Witness
from casefiles.models import Payload
from casefiles.sight import protected
from tests.casefiles.sight.test_projection import EVERYONE
from tests.factories import BKN, PADANG, REPORTER, Story, actor, at, casefile_at, request
from tests.partner import Partner, said

pytestmark = pytest.mark.usefixtures("db", "world")

WITNESSES = (
    Witness(name="Saksi Rekaan Satu", address="Jalan Saksi 7"),
    Witness(name="Saksi Rekaan Dua", phone="0811222333"),
)
SECRETS = ("Pelapor Rekaan", "Jalan Rekaan 1", "0800000000", "Saksi Rekaan", "Jalan Saksi 7", "0811222333")


@pytest.fixture(scope="module")
def walked(arranged_once: Callable[[Callable[[], Any]], tuple[str, Any]]) -> tuple[str, Story]:
    return arranged_once(lambda: casefile_at(State.CLOSED, reporter=REPORTER, witnesses=WITNESSES))


@pytest.fixture(scope="module")
def arranged_copy(walked: tuple[str, Story]) -> str:
    return walked[0]


@pytest.fixture
def told(arranged_copy: str, walked: tuple[str, Story]) -> Story:
    return walked[1]


def _names_nobody(text: str) -> bool:
    return not any(secret in text for secret in SECRETS)


def test_a_casefile_holds_a_commitment_that_the_finding_opens(told: Story) -> None:
    finding = told.facts["finding"]
    kept = Payload.objects.get(finding=told.finding, answer__isnull=True)
    held = {name: kept.given[name] for name in protected.WHO}  # type: ignore[index]  # not erased
    opened = hashlib.sha256(bytes(kept.given_salt or b"") + ledger.canonical(held)).hexdigest()
    assert finding["protected"] == {"holds": ["reporter", "witnesses"], "digest": opened}


def test_where_there_is_nobody_to_protect_nothing_is_said() -> None:
    bare = casefile_at(State.SUBMITTED)
    assert bare.facts["finding"]["protected"] is None
    shown = said(Partner("bpk").get(f"/casefiles/{bare.casefile}"))
    assert (shown["finding"]["reporter"], shown["finding"]["witnesses"], shown["withheld"]) == (None, [], [])


@pytest.mark.parametrize("agency", EVERYONE)
def test_only_submitter_and_examiner_read_them_and_only_on_the_casefile_itself(told: Story, agency: str) -> None:
    partner, knows = Partner(agency), agency in {PADANG, BKN}
    answer = partner.get(f"/casefiles/{told.casefile}")
    if answer.status_code == 404:
        return
    finding = said(answer)["finding"]
    assert [one["name"] for one in finding["witnesses"]] == ([one.name for one in WITNESSES] if knows else [])
    assert (finding["reporter"] is not None) is knows
    pointers = {"#/finding/reporter", "#/finding/witnesses"}
    assert pointers & set(said(answer)["withheld"]) == (set() if knows else pointers)
    assert _names_nobody(answer.content.decode()) is not knows
    for path in ("/casefiles", f"/casefiles/{told.casefile}/timeline", "/referrals", "/events"):
        assert _names_nobody(partner.get(path).content.decode()), path


def test_an_auditor_reads_the_finding_without_them(told: Story) -> None:
    answer = Partner("bpk").get(f"/findings/{told.finding}")
    assert _names_nobody(answer.content.decode())
    assert {"#/reporter", "#/witnesses"} <= set(said(answer)["withheld"])


def test_neither_an_export_nor_an_entry_nor_any_version_of_the_file_names_them(told: Story) -> None:
    assert _names_nobody(json.dumps(exported(told.row.pk, now=datetime.now(UTC)), default=str))
    entries = Entry.objects.filter(stream=told.casefile)
    assert all(_names_nobody(bytes(entry.body).decode()) for entry in entries)
    versions: Any = Payload.objects.filter(casefile=told.casefile).values_list("facts", "given")
    assert _names_nobody(json.dumps([list(row) for row in versions]))


def test_an_officer_added_later_has_the_same_people_to_protect(told: Story) -> None:
    from django.db import transaction

    from casefiles.intake import findings

    given = MoreSubjects(subjects=(Subject(name="Terlapor Lain", violations=(1,)),), occurred_at=at(told.day))
    with transaction.atomic():
        taken = findings.add_subjects(
            actor=actor(PADANG), finding=told.finding, given=given, now=at(told.day, 5), request=request()
        )
    shown = said(Partner(BKN).get(f"/casefiles/{taken.steps[0].casefile}"))
    assert [one["name"] for one in shown["finding"]["witnesses"]] == [one.name for one in WITNESSES]
