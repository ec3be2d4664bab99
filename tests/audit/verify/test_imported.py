"""Past cases that the operator told: the verifier finds nothing wrong with them, and no exception is made for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casefiles.operations.importing import Importer
from casefiles.operations.past_taking import Row
from tests.audit.verify.logs import at_its_word, verify
from tests.casefiles.operations.test_importing import LIST, case
from tests.sequencing import Sequencing
from tests.world import World


@pytest.mark.django_db(transaction=True)
def test_what_was_imported_is_sound(world: World, sequenced: Sequencing, reader_url: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    (came,) = Importer(LIST).take([Row(1, case())], now=now)
    assert came.is_new
    sequenced()
    verdict = verify("db", reader_url, *at_its_word(sequenced.signer.vkey))
    assert verdict.exit == 0, verdict.said["findings"]
