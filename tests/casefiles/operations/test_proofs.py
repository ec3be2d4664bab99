"""Entries as files carry them: many cost as many statements as few, and each proof is the one that it has alone."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import reading
from audit.models import Entry
from casefiles.operations import proofs
from tests.sequencing import Sequencing
from tests.signed import Signer
from tests.vendors import PEMKOT, VENDOR, ask, asking, delegated
from tests.world import World


def test_what_an_agency_and_its_vendors_told_takes_four_statements_however_long(
    world: World, sequenced: Sequencing
) -> None:
    delegated(world)
    sequenced()
    counts, told = [], []
    for scopes in (["casefiles:read"], ["documents:read"]):
        with CaptureQueriesContext(connection) as asked:
            told.append(proofs.parties({PEMKOT}))
        counts.append(len(asked))
        assert ask(Signer(world, VENDOR), asking(scopes=scopes)).status_code == 201
        sequenced()
    assert len(told[1]) > len(told[0]) > 4
    assert counts[0] == counts[1] <= 6, "streams, openings, checkpoint, bodies, hashes"
    for one in proofs.parties({PEMKOT}):
        assert one["proof"] == reading.receipt(one["index"], reader=proofs.ALL)


def test_what_has_no_place_yet_has_no_proof_beside_what_has_one(world: World, sequenced: Sequencing) -> None:
    delegated(world)
    sequenced()
    assert ask(Signer(world, VENDOR), asking(scopes=["casefiles:read"])).status_code == 201
    rows = list(Entry.objects.select_related("leaf").order_by("-pk")[:2])
    waits, placed = proofs.entries(rows)
    assert (waits["index"], waits["proof"]) == (None, None)
    assert placed["proof"] == reading.receipt(placed["index"], reader=proofs.ALL)
    assert proofs.entries([]) == []
