"""Cases that were contested, settled, annulled and carried out: the verifier calls what they wrote sound."""

from __future__ import annotations

import pytest

from casefiles.flow import State
from casefiles.models import Referral
from tests.audit.verify.logs import at_its_word, verify
from tests.factories import BOARD, casefile_at
from tests.sequencing import Sequencing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


def test_a_contested_an_annulled_and_an_executed_casefile_are_sound(sequenced: Sequencing, reader_url: str) -> None:
    casefile_at(State.CONTESTED)
    annulled = casefile_at(State.CONTESTED)
    annulled.do("annul")
    appealed = casefile_at(State.AWAITING_SANCTION)
    appealed.do("report-sanction", sanction="dismissal_honourable_not_own_request")
    appealed.do("record-delivery")
    appealed.do("contest", by=BOARD, kind="appeal")
    appealed.do("settle", by=BOARD, ruling="lightened", sanction="demotion_one_level_12m")
    appealed.do("record-delivery")
    appealed.do("close")
    appealed.do("record-execution")
    sequenced()
    said = verify("db", reader_url, *at_its_word(sequenced.signer.vkey))
    assert (said.exit, said.said["findings"]) == (0, [])
    assert said.said["checked"]["referrals"] == Referral.objects.count()
