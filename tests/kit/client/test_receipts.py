"""Receipts: kept with the act, redeemed for proofs, and judged by the verifier's own code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from casefiles.flow.examination import Note
from config.roles import database_name
from console.desk.acting import stated
from demo.client import Client as Counterpart
from lintas_client import StaleVersion
from tests import desk_acts
from tests.conftest import using
from tests.journeys.paths import EXAMINER, submitted
from tests.kit.client.conftest import Open
from tests.world import Sandbox


@pytest.fixture
def policy(sandbox: Sandbox, tmp_path: Path) -> Path:
    """The operator is taken at its word: no witness stands beside this register."""
    keys = httpx.get(f"{sandbox.base_url}/.well-known/jwks.json").json()["keys"]
    file = tmp_path / "operator-alone.policy"
    file.write_text("".join(f"log {key['vkey']}\n" for key in keys if "vkey" in key) + "quorum none\n")
    return file


def test_a_receipt_is_redeemed_for_a_proof_that_holds_and_a_changed_one_is_named(
    opened: Open, counterparts: Mapping[str, Counterpart], policy: Path
) -> None:
    journey = submitted(counterparts)
    examiner = opened(policy=policy)
    done = examiner.act(journey.casefile, "note", {"code": "other", "date": "2024-10-10"})
    [kept] = examiner.receipts.kept()
    assert (kept.stream, kept.seq, kept.verdict) == (journey.casefile, done.version, "unredeemed")
    verdict = "unredeemed"
    while verdict == "unredeemed":  # until the sequencer has given it its place
        [redeemed] = examiner.receipts.redeem()
        verdict = redeemed.verdict
    assert (verdict, redeemed.reasons) == ("sound", ())
    assert examiner.receipts.redeem() == []
    [kept] = opened().receipts.kept()
    assert kept.proof is not None
    assert kept.proof.startswith("c2sp.org/tlog-proof@v1")

    # The same offline, with one figure changed; and without anybody who vouches for the tree.
    forged = {**kept.receipt, "seq": kept.seq + 1}
    assert examiner.receipts.judge(forged, kept.proof)[0] == "tampered"
    verdict, reasons = opened(language="id").receipts.judge(kept.receipt, kept.proof)
    assert verdict == "undecided"
    assert reasons


def test_an_officer_at_the_desk_acts_beside_their_agencys_system(
    opened: Open,
    counterparts: Mapping[str, Counterpart],
    policy: Path,
    sandbox: Sandbox,
    django_db_setup: str,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """The system is told that the casefile moved on, and the officer's receipt is judged as its own are."""
    examiner = opened(policy=policy)
    casefile, note = submitted(counterparts).casefile, {"code": "other", "date": "2024-10-10"}
    seen = examiner.casefile(casefile)["version"]
    register = using(database_name(sandbox.server.roles.owner))
    with django_db_blocker.unblock(), register, override_settings(LINTAS_BASE_URL=sandbox.base_url):
        officer = desk_acts.acting(desk_acts.invited(EXAMINER), EXAMINER)
        given = Note(code="other", date=date(2024, 10, 10))
        promise = stated(desk_acts.acted(officer, UUID(casefile), "note", given).sealed)
    with pytest.raises(StaleVersion):
        examiner.act(casefile, "note", note)
    assert examiner.act(casefile, "note", note).version == promise["seq"] + 1 == seen + 2
    proof = None
    while proof is None:  # until the sequencer has given it its place
        proof = examiner.receipts._proof(promise["leaf_hash"])
    assert examiner.receipts.judge(promise, proof) == ("sound", [])
    assert examiner.receipts.judge({**promise, "seq": promise["seq"] + 1}, proof)[0] == "tampered"


def test_a_promise_that_was_not_kept_in_time_is_overdue(opened: Open, counterparts: Mapping[str, Counterpart]) -> None:
    journey = submitted(counterparts)

    class Unsequenced(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if "/log/" in request.url.path:
                return httpx.Response(404, json={"code": "not-sequenced-yet", "status": 404})
            return super().handle_request(request)

    examiner = opened(transport=Unsequenced())
    examiner.act(journey.casefile, "note", {"code": "other", "date": "2024-10-10"})
    assert [kept.verdict for kept in examiner.receipts.redeem()] == ["unredeemed"]
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert [kept.verdict for kept in examiner.receipts.redeem(now=later)] == ["overdue"]
    [still] = examiner.receipts.kept(open_only=True)
    assert still.proof is None
