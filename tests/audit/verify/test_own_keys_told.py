"""What clients do with their own keys, as the log tells it: whose keys they are, and who approved them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from tests import callers
from tests.api.v1.test_own_keys import add, call_token, revoke
from tests.audit.verify.logs import at_its_word, verify
from tests.partner import said
from tests.sequencing import Sequencing
from tests.signed import OFFICE, Signer
from tests.world import World


@pytest.mark.django_db(transaction=True)
def test_a_key_of_who_reads_everything_waits_for_a_second_person(
    world: World, sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection[Any]
) -> None:
    auditor, jwk = Signer(world, "bpk"), callers.new_key()
    answer = add(auditor, "bpk-2", jwk=jwk)
    assert (answer.status_code, said(answer)["status"]) == (201, "awaits_approval")
    system = callers.System(auditor.client_id, jwk, kid="bpk-2")
    with pytest.raises(AssertionError, match="invalid-client"):
        call_token(system)
    with callers.as_owner():
        with pytest.raises(CommandError, match="another one"):
            call_command("approve_key", auditor.client_id, "bpk-2", "--thumbprint", "x")
        call_command("approve_key", auditor.client_id, "bpk-2", "--thumbprint", said(answer)["thumbprint"])
    assert call_token(system)
    office = Signer(world, OFFICE)
    assert add(office, "padang-2").status_code == 201
    assert revoke(office, "padang-2").status_code == 200
    sequenced()
    owner_connection.execute("UPDATE audit_evidence SET created_at = created_at - interval '12 minutes'")
    trust = at_its_word(sequenced.signer.vkey)
    report = verify("db", reader_url, *trust)
    assert (report.exit, report.said["checked"]["signatures"]) == (0, 3), report.said["findings"]
    # A key that the owner put in for a client by its own word is nobody's.
    owner_connection.execute("UPDATE agencies_clientkey SET awaits_approval = true WHERE kid = 'padang-2'")
    forged = verify("db", reader_url, *trust)
    assert forged.named(table="agencies_clientkey", column="awaits_approval")
