"""Preventions: what is asked for, where names lie, who sees whom, and what an erasure reaches."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction

from casefiles.errors import InvalidGiven, NotYourOffice
from casefiles.flow import WrongParty
from casefiles.flow.given import Letter
from casefiles.intake import preventions
from casefiles.intake.preventions import PreventionGiven, Warned
from casefiles.models import Payload, Prevention
from tests.factories import (
    AUDITOR,
    BKN,
    KASN,
    NAME,
    NIP,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    actor,
    document,
    prevention,
    prevention_given,
)
from tests.snapshots import snapshot

pytestmark = pytest.mark.usefixtures("db", "world")

TODAY = date(2025, 1, 15)


def _refused(by: str = PADANG, **changed: Any) -> list[tuple[str, str]]:
    before = snapshot()
    with pytest.raises(InvalidGiven) as invalid, transaction.atomic():
        preventions.record(actor=actor(by), given=prevention_given(**changed), now=datetime(2025, 1, 15, tzinfo=UTC))
    assert snapshot() == before
    assert all(fault.id and fault.en for fault in invalid.value.faults)
    return [(fault.code, fault.pointer) for fault in invalid.value.faults]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"kind": "appeal_letter", "officers": ()}, "#/letter"),
        ({"kind": "verbal_warning", "officers": ()}, "#/officers"),
        ({"kind": "other", "text": None}, "#/text"),
    ],
)
def test_each_kind_asks_for_its_own(changed: dict[str, Any], pointer: str) -> None:
    assert _refused(**changed) == [("required-when", pointer)]


def test_an_appeal_is_not_sent_before_it_was_written() -> None:
    written = Letter(number="1", date=date(2024, 8, 13))
    assert _refused(kind="appeal_letter", officers=(), letter=written) == [("out-of-order", "#/held_on")]
    prevention(kind="appeal_letter", officers=(), letter=Letter(number="1", date=date(2024, 8, 12)))
    # Of what was said aloud a letter may tell later.
    prevention(letter=written)


def test_everything_wrong_is_said_at_once() -> None:
    foreign = document(OTHER_OFFICE, "appeal_letter")
    assert _refused(
        addressed="tidak-ada",
        letter=Letter(number="1", date=date(2024, 8, 1), document=foreign),
        officers=(Warned(nip=NIP, name="A"), Warned(nip=NIP, name="B")),
    ) == [
        ("unknown-agency", "#/addressed"),
        ("unknown-document", "#/letter/document"),
        ("duplicate-officer", "#/officers/1/nip"),
    ]


def test_an_office_speaks_for_itself_and_those_below_it() -> None:
    prevention(by=PROVINCE)
    for by, office in ((PADANG, PROVINCE), (PADANG, OTHER_OFFICE), (OTHER_OFFICE, PADANG)):
        with pytest.raises(NotYourOffice), transaction.atomic():
            prevention(by=by, office=office)
    for by in (BKN, PEMKOT, AUDITOR):
        with pytest.raises(WrongParty):
            prevention(by=by)


def test_names_and_words_lie_in_the_erasable_place_only() -> None:
    ident = prevention(letter=Letter(number="1", date=date(2024, 8, 1)))
    row = Prevention.objects.filter(pk=ident).values().get()
    assert not {NIP, NAME} & {str(value) for value in row.values()}
    kept = list(Payload.objects.filter(prevention=ident).order_by("seq").values_list("seq", "nip", "name_key"))
    assert kept == [(1, "", ""), (2, NIP, "")]
    content, officers = preventions.content_of(ident)
    assert (content["letter"]["number"], content["text"]) == ("1", "Diperingatkan setelah apel.")
    assert officers == [{"nip": NIP, "name": NAME, "employer": PEMKOT}]


def test_it_is_seen_by_its_office_those_above_the_addressed_the_examiner_and_auditors() -> None:
    prevention(addressed=PEMKOT)
    sees = {
        agency: Prevention.objects.visible_to(actor(agency), on=TODAY).count()
        for agency in (PADANG, PROVINCE, "bawaslu-ri", OTHER_OFFICE, BKN, KASN, PEMKOT, PEMPROV, AUDITOR)
    }
    assert {agency for agency, count in sees.items() if count} == {
        PADANG, PROVINCE, "bawaslu-ri", BKN, PEMKOT, AUDITOR,
    }  # fmt: skip


def test_the_examiner_sees_them_while_its_mandate_is_in_force() -> None:
    prevention()
    seen = {
        (agency, day): Prevention.objects.visible_to(actor(agency), on=day).exists()
        for agency in (KASN, BKN)
        for day in (date(2024, 9, 3), date(2024, 9, 4))
    }
    assert seen == {
        (KASN, date(2024, 9, 3)): True,
        (KASN, date(2024, 9, 4)): False,
        (BKN, date(2024, 9, 3)): False,
        (BKN, date(2024, 9, 4)): True,
    }


def _named_to(agency: str, ident: uuid.UUID) -> list[str]:
    who = actor(agency)
    row: Any = Prevention.objects.visible_to(who, on=TODAY).get(pk=ident)
    _, named = preventions.content_of(ident)
    return [str(one["name"]) for one in preventions.officers_for(who, named, sees_all=row.sees_all)]


def test_the_agency_addressed_sees_its_own_officers_only() -> None:
    ident = prevention(
        addressed=PEMKOT,
        officers=(
            Warned(nip=NIP, name="Pegawai kota"),
            Warned(nip="198501012010012002", name="Pegawai provinsi", employer=PEMPROV),
        ),
    )
    assert _named_to(PEMKOT, ident) == ["Pegawai kota"]
    for agency in (PADANG, PROVINCE, BKN, AUDITOR):
        assert _named_to(agency, ident) == ["Pegawai kota", "Pegawai provinsi"]


def test_an_examiner_that_is_addressed_itself_still_sees_them_all() -> None:
    ident = prevention(addressed=BKN, officers=(Warned(nip=NIP, name="Lain", employer=PEMPROV),))
    assert _named_to(BKN, ident) == ["Lain"]


def test_an_entry_tells_of_it_and_nobody_s_turn_begins() -> None:
    before = snapshot()
    prevention()
    after = snapshot()
    assert {table for table in after if after[table] != before[table]} == {
        "audit_entry", "audit_pending", "casefiles_prevention", "casefiles_payload",
    }  # fmt: skip


def test_a_body_is_the_shape_it_says() -> None:
    given = PreventionGiven(kind="socialisation", held_on=TODAY, office=PADANG, audience=40)
    assert preventions.contradictions(given) == []
    assert preventions.officers(given) == []
