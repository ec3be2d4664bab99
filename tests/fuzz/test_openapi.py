"""Every operation of the published document, thrown at the real server with generated input, valid and not.

No 5xx, no undocumented status, no other media type, no answer that does not fit its schema, nothing accepted that the
document forbids, and no operation that works without its token. CI takes a bounded number of examples for each
operation and throws nothing twice (`repeats.py`); `./run fuzz` takes a hundred times as many, and all of them.
"""

from __future__ import annotations

import functools
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
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test

from api.contract.openapi.files import kept
from tests.fuzz.conftest import LONG, Fuzzed
from tests.fuzz.repeats import Repeats, Shared

EXAMPLES = 600 if LONG else 6

# What a request may be answered that the document forbids; a long parameter makes a long address.
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "414", "415", "422", "428", "429"]
METHODS = {"get", "put", "post", "delete", "head", "patch"}
DOCUMENT = kept("3.0")
# Bytes of a PDF or a picture, and lines, are no value that a schema describes: tests/contents and the tests of batches
# throw those. What a line says is thrown at the single call.
RAW = ["upload_content", "send_batch"]
OPERATIONS = [
    pytest.param(path, method, id=f"{method.upper()} {path}")
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if method in METHODS and item[method]["operationId"] not in RAW
]

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
        session.trust_env = False  # it would look for proxies and a .netrc before each request
        yield session


@functools.cache
def published() -> Any:
    """The document as schemathesis reads it."""
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"mode": "all", "with-security-parameters": False},
            "checks": {"negative_data_rejection": {"expected-statuses": REFUSED}},
        }
    )
    return schemathesis.openapi.from_dict(DOCUMENT, config=config)


@functools.cache
def shared() -> Shared:
    """What the transitions of the document have alike."""
    return Shared.of(DOCUMENT)


@pytest.mark.fuzz
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_server_keeps_to_its_document(path: str, method: str, fuzzed: Fuzzed, kept_alive: requests.Session) -> None:
    """Generated requests to one operation, each answered as the document says."""

    repeats = Repeats(DOCUMENT["paths"][path][method]["operationId"], shared())

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=not LONG, suppress_health_check=list(HealthCheck)
    )  # fmt: skip
    def keeps(case: Any) -> None:
        if LONG or not repeats.has(case):
            _answered_as_documented(case, fuzzed, kept_alive)

    # `schema.parametrize()` would generate the cases of every operation while pytest collects, in every process.
    schema = published()
    build_operation_test(
        config=schema.config,
        operation=schema[path][method],
        test_func=keeps,
        given_kwargs={},
        feedback=FeedbackSources(),
    )()


def _answered_as_documented(case: Any, fuzzed: Fuzzed, kept_alive: requests.Session) -> None:
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
