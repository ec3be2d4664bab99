"""What a partner wrote and an erasure leaves: the numbers of documents and registers, and nothing else."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from casefiles import references
from casefiles.flow.finding import Assessment, Reference
from casefiles.operations import erasure
from tests import factories
from tests.callers import as_owner
from tests.casefiles.operations.test_erasure import occurrences, ordered, perform, signed
from tests.factories import BKN, PADANG, finding_given, known_subject
from tests.partner import Partner, said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

MARK, NUMBER, NAME = "Rekaansembada", "77/REKAANNOMOR/2024", "Wirasenabernama"
OUTLIVES = {"casefiles_document.number", "casefiles_finding.register_number", "casefiles_finding.register_key"}
ASKED_OTHERWISE = {"code", "fact"}


def marked(value: Any) -> Any:
    """The same with the mark in every sentence: a text with a blank in it."""
    if isinstance(value, dict):
        return {name: inner if name in ASKED_OTHERWISE else marked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [marked(inner) for inner in value]
    return f"{value} {MARK}" if isinstance(value, str) and " " in value else value


def test_an_erasure_leaves_numbers_and_nothing_else_that_a_partner_wrote(
    owner_connection: psycopg.Connection,
) -> None:
    def post(agency: str, path: str, body: Any, version: int | None = None) -> Any:
        answer = Partner(agency).post(path, body, version=version)
        assert answer.status_code in {200, 201}, answer.content
        return said(answer)

    paper = post(PADANG, "/documents", {
        "type": "assessment", "title": f"Kajian {MARK}", "number": f"{NUMBER} {NAME}", "media_type": "application/pdf",
        "size": 1, "sha256": "ab" * 32, "held_by": f"Lemari {MARK}", "archive_ref": f"Rak {MARK}",
    })  # fmt: skip
    document = uuid.UUID(paper["id"])
    given = finding_given(
        documents=(document,), register_number=NUMBER, references=(Reference(system="sp4n_lapor", value=f"L {MARK}"),),
        assessment=Assessment(summary="Menyukai unggahan.", documents=(document,)),
        subjects=(known_subject(name=NAME, position="Guru kelas", work_unit="SD Negeri 1"),),
    )  # fmt: skip
    finding = post(PADANG, "/findings", marked(references.plain(given)))
    (casefile,) = finding["casefiles"]
    for version, name in enumerate(("identify", "reject"), start=1):
        body = {**references.plain(factories.given(name)), "occurred_at": None}
        post(BKN, f"/casefiles/{casefile['id']}/{name}", marked(body), version)
    there = occurrences(owner_connection, MARK)
    assert there >= {"casefiles_payload.given", "casefiles_payload.facts", "casefiles_payload.answer"}
    assert all(place.startswith("casefiles_payload.") for place in there)
    assert occurrences(owner_connection, NUMBER) > OUTLIVES
    with as_owner():
        assert erasure.numbers_that_name(casefile["id"]) == [f"document {paper['id']}"], "its number holds their name"
        perform(signed(ordered(casefile["id"])))
    assert occurrences(owner_connection, MARK) == set()
    assert occurrences(owner_connection, NUMBER) == OUTLIVES
