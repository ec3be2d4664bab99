"""A row that no path of the casebook tells: its example comes from its fields, so it costs no line of the story."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest

from api.contract import responses
from api.contract.openapi import examples
from api.http import bodies
from casefiles.catalogue import book
from casefiles.flow import FLOW, Party, State, Target, Transition
from casefiles.flow.given import Act, NumberedLetter
from casefiles.shapes import AgencyCode, Date, Doc, DocumentId, Text
from tests.casefiles.transitions.test_engine import row
from tests.shaped import body_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Act):
    """A toy's body, with a member of each kind."""

    on: Annotated[Date, Doc(id="Tanggal", en="Day", example="2024-12-02")]
    office: Annotated[AgencyCode, Doc(id="Instansi", en="Agency", example="pemkot-padang")]
    letter: NumberedLetter
    proofs: tuple[DocumentId, ...]
    place: Annotated[str, Text(200), Doc(id="Tempat", en="Place", example="Balai kota")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid(Act):
    office: AgencyCode


def toy(**said: Any) -> Transition:
    return row("visit", **{"source": (State.SUBMITTED,), "by": (Party.EXAMINER,), "target": Target.SAME, **said})


def test_a_body_without_a_story_has_the_examples_of_its_fields_and_is_one() -> None:
    shown = examples.of_body("perform_visit", Visit)["example"]

    assert (shown["on"], shown["office"], shown["place"]) == ("2024-12-02", "pemkot-padang", "Balai kota")
    now = datetime(2025, 1, 1, tzinfo=UTC)
    read = bodies.parse(Visit, shown, catalogue=book.load(), now=now, time_zone="Asia/Jakarta")
    assert (read.on, read.place) == (date(2024, 12, 2), "Balai kota")


def test_a_required_field_without_an_example_is_named() -> None:
    with pytest.raises(ValueError, match=r"Unsaid\.office is required and has no example"):
        examples.of_body("perform_visit", Unsaid)


def test_the_answer_stands_where_the_row_leads() -> None:
    told = examples.answer("CasefileAccepted", toy(target=State.RETURNED))
    assert told == {**responses.example("CasefileAccepted"), "state": "returned"}
    assert examples.answer("Rehearsal", toy(target=State.RETURNED))["would"]["state"] == "returned"
    # Where it leads is the case's affair.
    assert examples.answer("CasefileAccepted", toy()) == responses.example("CasefileAccepted")


def test_every_row_of_the_flow_can_be_given_what_its_fields_say() -> None:
    day, drawn = date(2024, 10, 7), uuid4()

    def document(_: str) -> UUID:
        return drawn

    for takes in (*filter(None, (one.takes for one in FLOW)), Visit):
        body = body_of(takes, day=day, document=document)
        assert isinstance(body, takes)
    assert (body.on, body.proofs, body.letter.date) == (day, (drawn,), day)
