"""A case's steps and reads name who acted: the agency by the name of the day, and the vendor whose system it was."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone, translation

from agencies.actor import Actor
from agencies.models import Agency
from audit.access import Read
from audit.models import Access
from casefiles.flow import State
from casefiles.sight import projection
from casefiles.sight.versions import KeptVersion, Wanted, kept_versions
from console.exports import dossier
from console.pages import history, readers
from people import persons
from people.models import Person
from tests.console.conftest import AUDITOR, Arranged, signed_in, text_of
from tests.factories import PEMKOT
from tests.vendors import VENDOR

pytestmark = pytest.mark.django_db


def _auditor() -> Actor:
    return persons.actor_of(Person.objects.get(email=AUDITOR))


def _acknowledged(arranged: Arranged) -> KeptVersion:
    """The employer's first step of the closed case."""
    case, auditor = UUID(arranged.cases[State.CLOSED]), _auditor()
    read = Read(
        at=timezone.now(), request_id=uuid4(), agency=auditor.agency_id, client=auditor.client_id, route="test",
        purpose="audit", shown=(case,),
    )  # fmt: skip
    versions = kept_versions(case, Wanted(first=1, most=99), read=read)
    return next(version for version in versions if version.agency_code == PEMKOT)


def test_a_step_by_a_vendors_system_names_the_vendor_on_the_page_and_on_paper(arranged: Arranged) -> None:
    own = _acknowledged(arranged)
    through = replace(own, vendor_code=VENDOR, vendor_name="PT Sistem Kepegawaian")
    viewer = projection.viewer_of(_auditor(), own.facts)
    party, said = (history.steps_of([one], {}, viewer=viewer)[0].by for one in (own, through))
    assert said == f"{party}, melalui sistem PT Sistem Kepegawaian"
    with translation.override("en"):
        step = history.steps_of([through], {}, viewer=viewer)[0]
    assert step.by.endswith(", through the system of PT Sistem Kepegawaian")
    assert dossier._steps({"timeline": [step]})["items"][0]["facts"][0][1] == f"{step.agency} ({step.by})"


def test_a_step_keeps_the_name_that_its_agency_had(arranged: Arranged) -> None:
    version = replace(_acknowledged(arranged), agency_name="Pemerintah Kotamadya Padang")
    names = {PEMKOT: "Pemerintah Kota Padang"}
    step = history.steps_of([version], names, viewer=projection.viewer_of(_auditor(), version.facts))[0]
    assert step.agency == "Pemerintah Kotamadya Padang"


def test_a_vendors_read_names_the_employer_and_the_vendor(arranged: Arranged) -> None:
    pemkot = Agency.objects.get(code=PEMKOT)
    rows = [
        Access(at=timezone.now(), request_id=uuid4(), agency=pemkot.pk, client=client, purpose="case_handling")
        for client in (f"{VENDOR}-system", f"{PEMKOT}-system", "person:1")
    ]
    told = readers.told(rows, actor=_auditor())
    assert {one.agency for one in told} == {pemkot.name}
    vendor = Agency.objects.get(code=VENDOR).name
    assert [one.who for one in told] == [f"{VENDOR}-system, {vendor}", f"{PEMKOT}-system", ""]


def test_whose_turn_it_is_and_has_not_opened_it_is_said(arranged: Arranged, auditor: Client) -> None:
    case = arranged.cases[State.SUBMITTED]
    assert "belum dibuka instansi itu" in text_of(auditor.get(f"/perkara/{case}"))
    own = text_of(signed_in("pemeriksa@bkn.example").get(f"/perkara/{case}"))
    for page in (own, text_of(auditor.get(f"/perkara/{case}"))):
        assert "belum dibuka instansi itu" not in page
        assert page.count("Dibuka pertama kali: <bdi>Badan Kepegawaian Negara, ") == 1
    # As it stood when it came in, nobody had opened it.
    assert "Dibuka pertama kali" not in text_of(signed_in(AUDITOR).get(f"/perkara/{case}?version=1"))
