"""What was handed to SIASN is erased with the casefile it was about."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from audit.models import Entry
from casefiles.flow import State
from casefiles.models import Payload
from casefiles.operations import hukdis
from tests import factories
from tests.callers import as_owner
from tests.casefiles.operations.test_erasure import NOW, ordered, perform, signed
from tests.factories import PEMKOT, casefile_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


def test_what_was_handed_to_siasn_goes_with_the_casefile() -> None:
    """Digest and id are gone, the row stays, and its stream says so."""
    story = casefile_at(State.CLOSED)
    ident = factories.handed_to_siasn(story, siasn_id="8ae4-rekaan")
    with as_owner():
        perform(signed(ordered(story.casefile)))
    kept = Payload.objects.get(hukdis=ident, seq=1)
    assert (kept.given, kept.facts_salt, kept.erased_at) == (None, None, NOW)
    kinds = [json.loads(bytes(entry.body))["kind"] for entry in Entry.objects.filter(stream=ident).order_by("seq")]
    assert kinds == ["hukdis.recorded", "hukdis.erased"]


def test_what_is_recorded_waits_for_an_erasure_before_it_reads(
    owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was read before the erasure would be recorded after it, and left behind."""
    story = casefile_at(State.CLOSED)
    digest = hukdis.digest_of(factories.hukdis_record(story))
    given = hukdis.HukdisHandedOver(sanction_version=1, digest=digest)
    read: list[Any] = []

    def record() -> None:
        with transaction.atomic():
            connection.cursor().execute("SET LOCAL lock_timeout = '20ms'")
            hukdis.record(actor=factories.actor(PEMKOT), casefile=story.casefile, given=given, now=NOW)

    monkeypatch.setattr(hukdis, "held", lambda *args, **more: read.append(args))
    with owner_connection.transaction():
        owner_connection.execute("SELECT FROM casefiles_casefile WHERE id = %s FOR UPDATE", [story.casefile])
        with pytest.raises(OperationalError, match="lock timeout"):
            record()
    assert read == []
