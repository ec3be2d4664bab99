"""What the simulator and the conformance kit know of the contract: one JSON file, made from the OpenAPI document.

The kit runs without the register, so whatever it must not invent stands there: the flow's rows, the schemas of the
bodies and answers that it serves, the wording of every problem, the example bodies, and the story that runs them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from agencies import sandbox
from api.contract import problem_catalogue, reasons
from api.contract.casebook.bodies import OFF_THE_PATHS
from api.contract.openapi import story
from api.contract.openapi.files import ROOT, Document
from api.contract.operations import JSON
from api.oauth.wording import ASSERTION_REFUSED, REQUEST_REFUSED
from casefiles import flow

FILE: Final = ROOT / "kit" / "simulator" / "lintas_simulator" / "contract.json"
SERVED: Final = (
    "create_token", "read_me", "submit_finding", "read_finding", "list_casefiles", "search_casefiles", "read_casefile",
    "list_referrals", "list_events", "register_document", "read_document", "register_webhook", "list_webhooks",
    "read_webhook", "ping_webhook", "rotate_webhook_secret", "list_log_entries", "read_catalogue_transitions",
)  # fmt: skip
"""What the simulator answers beside the transitions and the files under /.well-known."""
PERFORM: Final = "perform_"
_SILENT: Final = ("description", "example", "examples", "x-extensible-enum", "title")
"""Said to people: left out, unless it is the name of a member."""


def modules(contract: Document, *, text: str, rows: list[dict[str, Any]]) -> dict[Path, str]:
    """The generated file; `text` is the OpenAPI document's, `rows` the flow as `/catalogue/transitions` tells it."""
    operations = {
        operation["operationId"]: _operation(method, path, operation)
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
        if operation.get("operationId") in SERVED or str(operation.get("operationId")).startswith(PERFORM)
    }
    known = problem_catalogue.load()
    told = yaml.safe_load(story.as_yaml(contract))
    made = {
        "generated": "from the OpenAPI document and the flow by `./run openapi`; do not edit",
        "openapi_digest": hashlib.sha256(text.encode()).hexdigest(),
        "openapi_version": contract["info"]["version"],
        "flow_digest": flow.digest(),
        "turns": [
            {"state": str(state), "party": str(turn.party), "purpose": turn.purpose}
            for state, turn in flow.TURNS.items()
        ],
        "rows": rows,
        "operations": operations,
        "schemas": _reachable(contract["components"]["schemas"], operations),
        "problems": {
            code: {"status": kind.status, "title": kind.title._asdict(), "detail": kind.detail._asdict()}
            for code, kind in sorted(known.kinds.items())
        },
        "items": {code: wording._asdict() for code, wording in sorted(known.items.items())},
        "assertions": {code: words._asdict() for code, words in {**REQUEST_REFUSED, **ASSERTION_REFUSED}.items()},
        # Of a guard that says several sentences, the first.
        "refusals": {code: sentences[0] for code, sentences in sorted(reasons.collected().items())},
        "agencies": [
            {"code": one.code, "name": one.name, "roles": list(one.roles), "parent": one.parent}
            for one in sandbox.agencies()
        ],
        "scopes": {one["agency"]: one["scopes"] for one in sandbox.world()["clients"]},
        "bodies": _bodies(contract),
        "paths": told["paths"],
    }
    return {FILE: json.dumps(made, ensure_ascii=False, sort_keys=True, indent=1) + "\n"}


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    status = min(code for code in operation["responses"] if code.startswith("2"))
    # A rehearsal answers 200 where the act itself answers 201.
    status = "201" if "201" in operation["responses"] else status
    answered = operation["responses"][status].get("content", {})
    return {
        "method": method.upper(),
        "path": path,
        "body": _quiet(content[JSON]["schema"]) if JSON in content else None,
        "status": int(status),
        "answer": _quiet(answered[JSON]["schema"]) if JSON in answered else None,
    }


def _reachable(schemas: Mapping[str, Any], operations: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = [*_references(operations), "Problem"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _quiet(schemas[name])
            waiting += _references(found[name])
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rsplit("/", 1)[1]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _quiet(node: Any, *, named: bool = False) -> Any:
    """A schema without what is said to people; `named` says that the keys are members' own names."""
    if isinstance(node, Mapping):
        return {
            key: _quiet(value, named=key == "properties" and not named)
            for key, value in node.items()
            if named or key not in _SILENT
        }
    return [_quiet(one) for one in node] if isinstance(node, list) else node


def _bodies(contract: Document) -> dict[str, Any]:
    """The example bodies by the names of their files under openapi/examples."""
    bodies: dict[str, Any] = {}
    for methods in contract["paths"].values():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {})
            name = operation["operationId"]
            if JSON not in content or name in OFF_THE_PATHS:
                continue
            for label, example in (
                content[JSON].get("examples") or {name: {"value": content[JSON]["example"]}}
            ).items():
                bodies[f"{name if label == name else f'{name}.{label}'}.json"] = example["value"]
    return bodies
