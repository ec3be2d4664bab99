"""A caller's own id for its request: kept beside ours in entry and record of the read, and shown to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from api.http import caller_ids
from audit.models import Access, Entry
from casefiles.flow import State
from tests import factories
from tests.factories import BKN, PEMKOT
from tests.partner import Partner, said
from tests.vendors import delegated, system, token_for
from tests.world import World

CHOSEN = "01J8Z3-antrian/7"


@pytest.mark.parametrize(
    "kept",
    ["0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1", "4bf92f3577b34da6a3ce929d0e0e4736", "01J8Z3KQ5T8W", "a", "x" * 64,
     "Root=1-67891233-abcdef012345678912345678", "urn:uuid:0f1e2d3c", "20241101120000"],
)  # fmt: skip
def test_what_names_a_request_is_kept(kept: str) -> None:
    assert caller_ids.of(RequestFactory().get("/", headers={caller_ids.HEADER: kept})) == kept


@pytest.mark.parametrize(
    "lost",
    ["", "x" * 65, "dua kata", "a\r\nSet-Cookie: a=b", "a\x00", "a\x1b[31m", "é", "\u202ea", '"a"', "<b>", "a@b.go.id",
     "198501012010011001", "nip-198501012010011001", "1985.0101.201001.1001", "1371010101900001",
     "req/1371010101900001"],
)  # fmt: skip
def test_what_is_no_name_or_names_a_person_is_not(lost: str) -> None:
    assert caller_ids.of(RequestFactory().get("/", headers={caller_ids.HEADER: lost})) == ""


def of_steps(partner: Partner, casefile: object) -> list[Any]:
    items = said(partner.get(f"/casefiles/{casefile}/timeline?kind=transition"))["data"]
    return [item["transition"]["caller_request_id"] for item in items]


def test_a_step_keeps_it_beside_ours_for_the_agency_that_acted(db: None, world: World) -> None:
    told, examiner = factories.casefile_at(State.SUBMITTED), Partner(BKN)
    path = f"/casefiles/{told.casefile}/request-identity"

    def send(chosen: str) -> Any:
        more: dict[str, Any] = {"version": 1, "key": "a-key-of-one-intention", "X-Request-Id": chosen}
        return examiner.post(path, {"employer": PEMKOT}, **more)

    done, again = send(CHOSEN), send("another-one")
    assert (done["X-Caller-Request-Id"], again["X-Caller-Request-Id"]) == (CHOSEN, "another-one")
    assert again.content == done.content
    entry = Entry.objects.get(stream=told.casefile, seq=2)
    assert entry.caller_request_id == CHOSEN
    # The entry's bytes have ours, and know of no other.
    assert CHOSEN.encode() not in bytes(entry.body)
    assert done["X-Request-Id"].encode() in bytes(entry.body)
    assert of_steps(examiner, told.casefile) == [None, CHOSEN]
    assert of_steps(Partner(PEMKOT), told.casefile) == [None, None]


def test_a_vendor_is_told_what_its_own_systems_chose_and_not_what_the_employer_s_did(db: None, world: World) -> None:
    """Both act for the employer; the employer itself is told both, as all of it was done in its name."""
    delegated(world, PEMKOT)
    employer, vendor = Partner(PEMKOT), Partner(PEMKOT)
    vendor.token = token_for(system(world), PEMKOT)
    told = factories.casefile_at(State.IDENTITY_REQUESTED)
    note = {"code": "other", "date": "2024-10-25", "text": "Surat diterima."}
    for version, by, chosen in ((2, employer, "milik-kota"), (3, vendor, "milik-vendor")):
        more: dict[str, Any] = {"version": version, "X-Request-Id": chosen}
        done = by.post(f"/casefiles/{told.casefile}/note", note, **more)
        assert done.status_code == 200, done.content
    assert of_steps(employer, told.casefile) == [None, None, "milik-kota", "milik-vendor"]
    assert of_steps(vendor, told.casefile) == [None, None, None, "milik-vendor"]
    assert of_steps(Partner(BKN), told.casefile) == [None] * 4


def test_a_read_keeps_it_for_the_agency_that_read(db: None, world: World) -> None:
    told, examiner = factories.casefile_at(State.IDENTITY_REQUESTED), Partner(BKN)
    employer = Partner(PEMKOT)
    for path in ("", "/timeline"):
        assert employer.get(f"/casefiles/{told.casefile}{path}", **{"X-Request-Id": "milik-kota"}).status_code == 200
        assert examiner.get(f"/casefiles/{told.casefile}{path}", **{"X-Request-Id": CHOSEN}).status_code == 200
    kept = Access.objects.order_by("id").values_list("caller_request_id", flat=True)
    assert list(kept) == ["milik-kota", CHOSEN] * 2
    rows = said(examiner.get(f"/casefiles/{told.casefile}/accesses"))["data"]
    assert [row["caller_request_id"] for row in rows] == [CHOSEN, None] * 2


def test_a_document_keeps_it_too(db: None, world: World) -> None:
    examiner = Partner(BKN)
    descriptor = {"type": "decision", "title": "Surat", "media_type": "application/pdf", "size": 1, "sha256": "ab" * 32}
    more: dict[str, Any] = {"X-Request-Id": CHOSEN}
    made = examiner.post("/documents", descriptor, **more)
    assert made.status_code == 201, made.content
    assert Entry.objects.get(stream=said(made)["id"]).caller_request_id == CHOSEN
