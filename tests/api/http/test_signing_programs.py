"""The programs that docs/signed-requests.md names sign what this API verifies."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from joserfc.jwk import ECKey

from agencies.tokens import SigningKey
from api.http import signatures
from api.http.signatures import Message
from tests import callers
from tests.signed import BODY

DOCS = Path(__file__).resolve().parents[3] / "docs"
# Java's is run with the rest of its client, compiled once: tests/kit/languages.
PROGRAMS = {
    "signed-requests/sign.py": [sys.executable],
    "../kit/bash/lintas.sh": ["bash"],
    "../kit/php/lintas.php": ["php"],
    "../kit/node/lintas.mjs": ["node"],
}
PATHS = ("/api/v1/documents", "/api/v1/casefiles/0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a21/reject?validate_only=false")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_signs_what_is_verified(name: str, tmp_path: Path) -> None:
    program = [*PROGRAMS[name], str(DOCS / name), *(["sign"] if "kit" in name else [])]
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    key = ECKey.generate_key("P-256")
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=True))
    now = datetime.now(UTC)
    registered = SigningKey("ES256", callers.public(dict(key.as_dict())), "t", now - timedelta(days=1), None, None)
    # More than once: a number of a signature may be shorter than the other.
    for path, body in ((PATHS[0], BODY), (PATHS[1], BODY), (PATHS[0], b"")):
        (tmp_path / "body").write_bytes(body)
        headers = {"Authorization": "Bearer token", "Idempotency-Key": "k" * 16, "If-Match": '"3"'}
        url = f"{settings.LINTAS_BASE_URL}{path}"
        given = [f"{name}: {value}" for name, value in headers.items()]
        done = subprocess.run(
            [*program, "POST", url, str(tmp_path / "body"), "k1", str(tmp_path / "key.pem"), *given],
            cwd=tmp_path, check=True, capture_output=True, text=True,
        )  # fmt: skip
        added = dict(line.split(": ", 1) for line in done.stdout.splitlines())
        message = Message("POST", url, headers | added, body)
        assert signatures.verify(message, key=registered, now=datetime.now(UTC)).alg == "ES256"


def test_the_page_names_every_program() -> None:
    page = (DOCS / "signed-requests.md").read_text(encoding="utf-8")
    assert all(f"({name})" in page for name in [*PROGRAMS, "../kit/java/Lintas.java"])
