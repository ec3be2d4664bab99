"""Every operation of the published document, thrown at the real server with generated input, valid and not.

No 5xx, no undocumented status, no other media type, no answer that does not fit its schema, nothing accepted that the
document forbids, and no operation that works without its token. CI takes a bounded number of examples for each
operation; `./run fuzz` takes a hundred times as many.
"""

from __future__ import annotations

import functools
import json
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.media_types import YAML_MEDIA_TYPES

from api.contract.openapi.files import kept_json
from tests.fuzz.conftest import Fuzzed

EXAMPLES = 600 if os.environ.get("LINTAS_FUZZ") == "long" else 6

schema = schemathesis.openapi.from_dict(
    json.loads(kept_json("3.0")),
    config=SchemathesisConfig.from_dict({"generation": {"mode": "all", "with-security-parameters": False}}),
)

schemathesis.checks.load_all_checks()

# A body may be refused for what no schema can say (an unknown agency, dates out of order), so a valid one need not be
# accepted. Sight depends on the caller, so ignored tokens have a test of their own (`tests/api/matrix/test_routes.py`).
TRIAL = schemathesis.checks.CHECKS.get_by_names(["missing_required_header", "negative_data_rejection"])
EXCLUDED = [schemathesis.checks.CHECKS.get_one(name) for name in ("positive_data_acceptance", "ignored_auth")]

# Who fuzzes: whoever may be expected to reach the operation's depths.
SUBMITS = {"submit_finding", "add_subjects", "perform_complete", "perform_withdraw"}


@functools.lru_cache(maxsize=4)
def _read(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


@schemathesis.deserializer(*YAML_MEDIA_TYPES)
def yaml_once(_: Any, response: Any) -> Any:
    """The document of an answer: ours takes a second and a half to parse, and is served many times unchanged."""
    return _read(response.content.decode())


@pytest.fixture(scope="session")
def kept_alive() -> Iterator[requests.Session]:
    """One connection for all: most partners keep theirs, and signing on for each request costs more than the answer."""
    with requests.Session() as session:
        yield session


@pytest.mark.fuzz
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=os.environ.get("LINTAS_FUZZ") != "long",
    suppress_health_check=list(HealthCheck),
)
def test_the_server_keeps_to_its_document(case: Any, fuzzed: Fuzzed, kept_alive: requests.Session) -> None:
    """One generated request, answered as the document says."""
    agency = "bawaslu-kota-padang" if case.operation.definition.raw.get("operationId") in SUBMITS else "bkn"
    headers = {}
    if case.operation.path.startswith("/api/"):
        headers["Authorization"] = f"Bearer {fuzzed.parties[agency].token()}"
    for name, ids in fuzzed.ids.items():
        if name in (case.path_parameters or {}) and random.random() < 0.7:
            case.path_parameters[name] = random.choice(ids)
    response = case.call(base_url=fuzzed.server.base_url, headers=headers, session=kept_alive, timeout=20)
    assert response.status_code < 500, response.text
    # A trial run may go without key and version, which the document can only say in words.
    tried = str((case.query or {}).get("validate_only")).lower() == "true"
    case.validate_response(response, excluded_checks=EXCLUDED + (TRIAL if tried else []))
