"""What was handed to SIASN is erased with the casefile it was about."""

from __future__ import annotations

import json

import pytest

from audit.models import Entry
from casefiles.flow import State
from casefiles.models import Payload
from tests import factories
from tests.callers import as_owner
from tests.casefiles.operations.test_erasure import NOW, ordered, perform, signed
from tests.factories import casefile_at

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
