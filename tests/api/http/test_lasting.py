"""What stays when a person's content is erased: whatever a partner may write there holds no NIP and no NIK."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from api.contract.operations import LinesBody, Operation
from api.http import bodies
from api.http.bodies import ONE_LINE
from casefiles import flow, shapes
from casefiles.catalogue.book import load
from casefiles.operations.past_cases import PastCase
from casefiles.shapes import Member, Text
from tests.factories import PADANG, casefile_at
from tests.partner import Partner, said

NIP, GROUPED, NIK = "198501012010011001", "1985-01-01 / 201001 / 1 / 001", "1371012505850003"
FULL_WIDTH = NIP.translate({ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)})

ERASED = {
    "name": "of a person, in Payload", "position": "in Payload", "grade": "in Payload", "work_unit": "in Payload",
    "place": "in Payload", "address": "in Payload", "phone": "in Payload", "unit": "in Payload",
    "members": "in Payload", "held_by": "in Payload", "title": "in Payload", "legal_basis": "in Payload",
    "decided_by": "in Payload", "received_by": "in Payload", "imposed_by": "in Payload",
    "decree_basis": "in Payload", "siasn_id": "in Payload; SIASN's id, a UUID",
}  # fmt: skip
KEPT_NOWHERE = {
    "nonce": "ours, compared and forgotten", "proof": "verified and forgotten", "x": "of a key", "y": "of a key",
    "n": "of a key", "e": "of a key", "cursor": "ours", "nip": "searched for", "number": "searched for",
    "register_number": "searched for", "types": "codes of the catalogue of events", "ladder": "a step of the ladder",
    "scopes": "codes", "roles": "codes", "purposes": "codes", "calendar_version": "the clock's", "mandate": "a code",
    "sha256": "the operator's file",
}  # fmt: skip


def shapes_given() -> Iterator[type[Any]]:
    """Every shape that a body of the API has, and a row of a list of past cases."""
    for operation in _operations(get_resolver().url_patterns):
        if isinstance(operation.body, LinesBody):
            yield from operation.body.shapes
        elif isinstance(operation.body, type):
            yield operation.body
    yield from (row.takes for row in flow.ROWS.values() if row.takes is not None)
    yield PastCase


def _operations(patterns: list[URLPattern | URLResolver]) -> Iterator[Operation]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _operations(pattern.url_patterns)
        else:
            told = getattr(getattr(pattern.callback, "view_class", None), "operations", {})
            yield from told.values() if isinstance(told, dict) else ()


def texts_of(shape: type[Any], seen: set[type[Any]]) -> Iterator[tuple[str, Member]]:
    """Every text of one line that a body of this shape may hold and no list of codes bounds."""
    if shape in seen:
        return
    seen.add(shape)
    for member in shapes.members(shape):
        inner = member.item or member
        if inner.is_object:
            yield from texts_of(inner.base, seen)
        elif inner.base is str and not inner.choices and _is_one_line(inner):
            yield f"{shape.__name__}.{member.name}", inner


def _is_one_line(member: Member) -> bool:
    text = member.mark(Text)
    return shapes.outlives(member) or (text is not None and text.max_length <= ONE_LINE)


def all_texts() -> dict[str, Member]:
    seen: set[type[Any]] = set()
    return {place: member for shape in shapes_given() for place, member in texts_of(shape, seen)}


def test_every_text_of_one_line_is_erased_or_holds_no_number_of_a_person() -> None:
    found = all_texts()
    assert len(found) > 40
    unsaid = [
        place
        for place, member in found.items()
        if not shapes.outlives(member) and place.partition(".")[2] not in ERASED | KEPT_NOWHERE
    ]
    assert unsaid == [], "where does it lie, and does an erasure reach it? Mark it Lasting, or say why not"
    assert {
        "Descriptor.number", "Descriptor.media_type", "Descriptor.archive_ref", "FindingGiven.register_number",
        "Reference.value", "NumberedLetter.number", "Letter.number", "Decree.number", "Acceptance.examiner_reference",
        "WebhookGiven.url", "WebhookGiven.contact", "KeyGiven.kid", "PastCase.letter_number",
    } <= {place for place, member in found.items() if shapes.outlives(member)}  # fmt: skip


@pytest.mark.parametrize("number", [NIP, f"SK-{NIP}/2024", GROUPED, NIK, FULL_WIDTH])
def test_what_outlives_an_erasure_refuses_the_number_of_a_person(number: str) -> None:
    for place, member in all_texts().items():
        if not shapes.outlives(member):
            continue
        reader = bodies.Reader(catalogue=load(), now=datetime.now(UTC), time_zone="Asia/Jakarta")
        assert bodies.read(reader, member, number, "#/x") is bodies.UNREAD
        assert [item.code for item in reader.errors] == ["personal-number-in-identifier"], place


@pytest.mark.usefixtures("db", "world")
def test_the_door_says_how_to_mend_it_and_a_correction_is_no_way_around() -> None:
    body = {"type": "assessment", "title": "Kajian", "media_type": "application/pdf", "size": 1, "sha256": "a" * 64}
    office = Partner(PADANG)
    english: dict[str, Any] = {"Accept-Language": "en"}
    refused = office.post("/documents", {**body, "number": f"B-{NIP}"}, **english)
    (error,) = said(refused)["errors"]
    assert (refused.status_code, error["code"]) == (422, "personal-number-in-identifier")
    assert error["pointer"] == "#/number"
    assert "NIP goes into a field nip" in error["detail"]
    assert NIP not in refused.content.decode()
    assert office.post("/documents", {**body, "number": "800.1.6.2/12345/BKPSDM/2024"}).status_code == 201
    story = casefile_at(flow.State.SUBMITTED)
    corrected = office.post(
        f"/casefiles/{story.casefile}/correct",
        {"fact": "#/finding/register_number", "value": NIP, "reason": {"code": "other", "text": "Salah ketik"}},
        version=story.row.version,
    )
    assert said(corrected)["code"] == "transition-refused", corrected.content
    assert "personal-number-in-identifier" in {one["code"] for one in said(corrected)["errors"]}
    asked = office.get("/findings?register_number=123456789012345678")
    assert said(asked)["errors"][0]["code"] == "personal-number-in-query"
