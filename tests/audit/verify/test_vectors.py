"""`lintas-verify receipt` judges the vectors that the JavaScript verifier is judged by."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from audit.verify.__main__ import main
from tests.audit.tlog.make_vectors import VECTORS

SAID: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))
# The JavaScript verifier takes a leaf's hash as an option; this one takes it from the receipt or the entry only.
CASES = [case for case in SAID["cases"] if case["leaf_hash"] is None and case["proof"] is not None]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_it_judges_as_the_other_verifiers_do(case: dict[str, Any], tmp_path: Path) -> None:
    proof = tmp_path / "case.tlog-proof"
    proof.write_bytes(base64.b64decode(case["proof"]) if case["proof_is_base64"] else case["proof"].encode())
    words = [word for key in case["keys"] for word in ("--key", key)]
    if case["policy"]:
        (tmp_path / "policy").write_bytes(SAID["policies"][case["policy"]].encode())
        words += ["--policy", str(tmp_path / "policy")]
    if case["jwks"]:
        (tmp_path / "jwks.json").write_text(json.dumps(SAID["jwks"][case["jwks"]]))
        words += ["--jwks", str(tmp_path / "jwks.json")]
    if case["receipt"] is not None:
        (tmp_path / "receipt.json").write_bytes(case["receipt"].encode())
        words = [str(tmp_path / "receipt.json"), "--proof", str(proof), *words]
    else:
        words = [str(proof), *words]
    assert main(["receipt", *words]) == case["exit"], case["why"]
