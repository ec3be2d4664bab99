"""That a vendor's client might act for an employer is read from the log alone; what was slipped in is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import transaction

from agencies import tokens
from agencies.actor import Actor
from casefiles.flow import State
from casefiles.transitions import perform
from tests import callers
from tests.audit.verify.conftest import manage
from tests.audit.verify.logs import at_its_word, verify
from tests.factories import casefile_at, given, request
from tests.partner import said
from tests.sequencing import Sequencing
from tests.signed import Signer
from tests.vendors import KOTIM, PEMKOT, VENDOR, answered, ask, asking, delegated, system, token_for
from tests.world import World


def act(by: Actor, *, later: timedelta = timedelta()) -> UUID:
    """A recommended casefile that the actor acknowledges, so much later than now."""
    story, now = casefile_at(State.RECOMMENDED), datetime.now(UTC) + later
    with transaction.atomic():
        perform.perform(
            actor=by, casefile=story.casefile, name="acknowledge", given=given("acknowledge", day=story.day),
            occurred_at=now, now=now, request=request(),
        )  # fmt: skip
    return story.casefile


@pytest.mark.django_db(transaction=True)
def test_an_act_is_judged_by_what_had_been_delegated_then(
    world: World, sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    employer = Signer(world, PEMKOT)
    ident = delegated(world, PEMKOT)
    with callers.as_owner():
        call_command("constrain_sender", f"{VENDOR}-system", "--quiet-receipts")
        call_command("constrain_sender", f"{VENDOR}-system", "--lift", "--quiet-receipts")
    by = tokens.resolve(token_for(system(world), PEMKOT), now=datetime.now(UTC))
    assert by.vendor is not None
    honest = act(by)
    waiting = said(ask(Signer(world, VENDOR), asking(KOTIM)))["id"]
    with callers.as_owner():
        call_command("approve_delegation", waiting, "--quiet-receipts")
        call_command("end_delegation", waiting, "--quiet-receipts")
    sequenced()
    owner_connection.execute("UPDATE audit_evidence SET created_at = created_at - interval '12 minutes'")
    trust = at_its_word(sequenced.signer.vkey)
    sound = verify("db", reader_url, *trust)
    assert sound.exit == 0, sound.said["findings"]
    manage(reader_url, "export_case", "--casefile", honest, "--out", tmp_path / "honest")
    alone = verify("case", tmp_path / "honest", *trust)
    assert alone.exit == 0, alone.said["findings"]

    narrowed = said(ask(Signer(world, VENDOR), asking(PEMKOT, scopes=["casefiles:read"])))["id"]
    never = act(replace(by, vendor=replace(by.vendor, delegation=uuid4())))
    anothers = act(replace(by, vendor=replace(by.vendor, delegation=UUID(waiting))))
    unapproved = act(replace(by, vendor=replace(by.vendor, delegation=UUID(narrowed))))
    hidden = act(replace(by, vendor=None))
    approved = answered(employer, narrowed, "approve")
    assert approved.status_code == 200
    beyond = act(replace(by, vendor=replace(by.vendor, delegation=UUID(narrowed))))
    ended = act(by, later=timedelta(minutes=2))
    sequenced()
    owner_connection.execute("UPDATE audit_evidence SET created_at = created_at - interval '12 minutes'")
    judged = verify("db", reader_url, *trust)
    for code, casefile in (
        ("actor-delegation", never),
        ("actor-delegation", anothers),
        ("actor-scope", unapproved),
        ("actor-client", hidden),
        ("actor-scope", beyond),
        ("actor-delegation-ended", ended),
    ):
        assert judged.named(code=code, casefile=str(casefile)), (code, judged.said["findings"])
    assert not judged.named(casefile=str(honest))
    manage(reader_url, "export_log", "--out", tmp_path / "dump")
    dumped = verify("dump", tmp_path / "dump", *trust)
    assert (dumped.exit, dumped.codes) == (1, judged.codes)
    manage(reader_url, "export_case", "--casefile", ended, "--out", tmp_path / "case")
    case = verify("case", tmp_path / "case", *trust)
    assert (case.exit, case.codes) == (1, {"actor-delegation-ended"})

    # Who owns the tables writes what was never delegated.
    owner_connection.execute("UPDATE agencies_delegation SET ended_at = NULL WHERE id = %s", [waiting])
    owner_connection.execute("UPDATE agencies_delegation SET scopes = '{casefiles:write}' WHERE id = %s", [narrowed])
    owner_connection.execute("UPDATE agencies_client SET sender_constrained = true WHERE client_id = 'bkn-system'")
    owner_connection.execute(
        "INSERT INTO agencies_delegation (id, client_id, employer_id, roles, scopes, purposes, requested_at, "
        "valid_until, ended_at) SELECT %s, client_id, employer_id, roles, scopes, purposes, now(), valid_until, now() "
        "FROM agencies_delegation WHERE id = %s",
        [uuid4(), ident],
    )
    forged = verify("db", reader_url, *trust)
    table = "agencies_delegation"
    assert forged.named(table=table, column="ended_at", row=waiting)
    assert forged.named(table=table, column="scopes", row=narrowed)
    assert forged.named(table=table, code="row-extra")
    assert forged.named(table="agencies_client", column="sender_constrained")
