"""What is no casefile is answered with a receipt, too, and both verifiers take the whole answer for one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from audit import keys, receipts
from casefiles import references
from tests.audit.tlog.test_node import NODE, VERIFIER, needs_node
from tests.audit.verify.logs import at_its_word, verify
from tests.audit.verify.test_answers import _example
from tests.factories import PADANG, PEMKOT, prevention_given, zero_report_given
from tests.partner import Partner, said
from tests.sequencing import Sequencing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


@needs_node
def test_documents_preventions_and_zero_reports_are_promised_and_proved(
    sequenced: Sequencing, settings: Settings, tmp_path: Path
) -> None:
    settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / "receipt_key.pem"
    keys.draw_receipt_key(settings.LINTAS_RECEIPT_KEY_FILE)
    signing = receipts.signing_key()
    assert signing is not None
    (tmp_path / "jwks").write_text(json.dumps({"keys": [signing.public]}))
    padang, city = Partner(PADANG), Partner(PEMKOT)
    written = {
        "document": (padang, padang.post("/documents", _example("register_document"))),
        "prevention": (padang, padang.post("/preventions", references.plain(prevention_given()))),
        "zero report": (city, city.post("/zero-reports", references.plain(zero_report_given()))),
    }
    sequenced()
    for name, (partner, answer) in written.items():
        assert answer.status_code == 201, (name, answer.content)
        whole: dict[str, Any] = said(answer)
        assert whole["receipt"]["stream"] == whole["id"]
        (item,) = said(partner.get(whole["receipt"]["proof"].removeprefix("/api/v1")))["data"]
        (tmp_path / "answer").write_text(json.dumps(whole))
        (tmp_path / "proof").write_bytes(partner.get(f"/log/entries/{item['index']}/receipt").content)
        key = at_its_word(sequenced.signer.vkey)
        proof, jwks = ("--proof", tmp_path / "proof"), ("--jwks", tmp_path / "jwks")
        ours = verify("receipt", tmp_path / "answer", *proof, *jwks, *key)
        assert (ours.exit, ours.said["findings"]) == (0, []), name
        assert ours.said["verified"]["index"] == item["index"]
        assert theirs(tmp_path, *jwks, *key) == 0, name
        # A stream beside the signature that was not signed.
        (tmp_path / "answer").write_text(json.dumps({**whole, "receipt": {**whole["receipt"], "stream": "another"}}))
        another = verify("receipt", tmp_path / "answer", *proof, *jwks, *key)
        assert another.named(code="receipt-member", member="stream"), name
        assert theirs(tmp_path, *jwks, *key) == 1, name


def theirs(folder: Path, *more: object) -> int:
    """The exit code of the verifier in JavaScript."""
    assert NODE is not None
    words = (NODE, VERIFIER, folder / "proof", "--receipt", folder / "answer", *more)
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False).returncode
