"""The contract as a collection of Postman (v2.1), which Bruno and Insomnia import, too: `kit/postman`.

A folder tells the one story in its order, with the offices' own tokens; a folder for each tag has every operation with
an example of its body. What the server draws is kept in variables by the step that drew it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.contract.casebook import bodies
from api.contract.casebook.paths import PATHS
from api.contract.openapi import story
from api.contract.openapi.files import ROOT

Document = dict[str, Any]

FOLDER: Final = ROOT / "kit" / "postman"
COLLECTION: Final = FOLDER / "lintas.postman_collection.json"
ENVIRONMENT: Final = FOLDER / "lintas.postman_environment.json"
_SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_MAIN: Final = "main"
_ABOUT: Final = """\
Setiap panggilan register Lintas, dan satu perkara dari temuan sampai hukuman. Isi environment: `base_url`, \
`client_id`, dan `jwk` (kunci privat Anda, JWK P-256 beserta `kid`). Skrip koleksi membeli token sendiri. Setiap \
pengiriman memakai `Idempotency-Key` baru: untuk mengulang niat yang sama, salin kuncinya.

Every call of the register, and one case from the finding to the sanction. Set `base_url`, `client_id` and `jwk` \
(your private key, a P-256 JWK with its `kid`) in the environment. The collection's script buys tokens by itself. Each \
sending takes a new `Idempotency-Key`: to repeat the same intention, copy its key.

Kotak pasir / sandbox: `python3 kit/postman/environment.py .run/sandbox.json`."""
# Not the environment's `version`, which would go before what a step keeps.
_VERSION: Final = "casefile_version"
_STORY: Final = """\
{id}. Jalankan dari atas ke bawah pada kotak pasir (Run folder): setiap langkah memakai token kantor yang mendapat \
giliran, dan menyimpan id yang diberikan peladen. / {en}. Run it from top to bottom in a sandbox: each step has the \
token of the office whose turn it is, and keeps the ids that the server draws."""


def generated(contract: Mapping[str, Any]) -> dict[Any, str]:
    """Both files, by their paths."""
    return {COLLECTION: _as_text(collection(contract)), ENVIRONMENT: _as_text(environment())}


def collection(contract: Mapping[str, Any]) -> Document:
    """The collection: the story, then every operation by tag."""
    script = (FOLDER / "token.js").read_text(encoding="utf-8").splitlines()
    return {
        "info": {"name": "Lintas", "description": _ABOUT, "schema": _SCHEMA, "version": contract["info"]["version"]},
        "auth": _bearer("token"),
        "event": [_script("prerequest", script)],
        "item": [_story(contract), *_operations(contract)],
        "variable": [],
    }


def environment() -> Document:
    """What a person sets; empty but for the sandbox's address."""
    values = {"base_url": "http://127.0.0.1:8000", "issuer": "", "client_id": "", "jwk": "", "version": "1"}
    kept = [
        {"key": name, "value": value, "type": "secret" if name == "jwk" else "default", "enabled": True}
        for name, value in values.items()
    ]
    return {"name": "Lintas", "values": kept, "_postman_variable_scope": "environment"}


def _as_text(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


# -- every operation --------------------------------------------------------------------------------------------------


def _operations(contract: Mapping[str, Any]) -> list[Document]:
    by_tag: dict[str, list[Document]] = {tag["name"]: [] for tag in contract["tags"]}
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, Mapping) and "operationId" in operation:
                by_tag[operation["tags"][0]].append(_operation(contract, path, method.upper(), operation))
    about = {tag["name"]: tag["description"] for tag in contract["tags"]}
    return [{"name": tag, "description": about[tag], "item": items} for tag, items in by_tag.items() if items]


def _operation(contract: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Document:
    parameters = [_resolved(contract, one) for one in operation.get("parameters", ())]
    named = {place: [one for one in parameters if one["in"] == place] for place in ("path", "query", "header")}
    request: Document = {
        "method": method,
        "description": f"{operation['summary']}\n\n{operation.get('description', '')}".strip(),
        "header": [_header(one) for one in named["header"] if one["name"] in _HEADERS],
        "url": _url(
            re.sub(r"\{(\w+)\}", r":\1", path),
            query=[
                {
                    "key": one["name"],
                    "value": _example(one),
                    "disabled": True,
                    "description": one.get("description", ""),
                }
                for one in named["query"]
            ],
            variable=[{"key": one["name"], "value": f"{{{{{one['name']}}}}}"} for one in named["path"]],
        ),
    }
    if operation.get("security") == [] or "security" not in operation:
        request["auth"] = {"type": "noauth"}
    request |= _body(operation)
    return {"name": operation["summary"].partition(" / ")[0], "request": request, "response": []}


_HEADERS: Final[Mapping[str, str]] = {"Idempotency-Key": "{{$guid}}", "If-Match": '"{{version}}"'}


def _header(parameter: Mapping[str, Any]) -> Document:
    return {
        "key": parameter["name"],
        "value": _HEADERS[parameter["name"]],
        "disabled": not parameter.get("required", False) and parameter["name"] == "If-Match",
    }


def _body(operation: Mapping[str, Any]) -> Document:
    """An example of the body, as it is sent."""
    content = operation.get("requestBody", {}).get("content", {})
    media = next(iter(content), "")
    if media == "application/x-www-form-urlencoded":
        members = content[media]["schema"].get("properties", {}) if "properties" in content[media]["schema"] else {}
        return {"body": {"mode": "urlencoded", "urlencoded": [{"key": name, "value": ""} for name in members]}}
    if media != "application/json":
        return {"body": {"mode": "file", "file": {}}} if media else {}
    example = content[media].get("example")
    if example is None:
        example = next((one["value"] for one in content[media].get("examples", {}).values() if "value" in one), {})
    return {"body": _raw(json.dumps(example, ensure_ascii=False, indent=2))}


def _example(parameter: Mapping[str, Any]) -> str:
    schema = parameter.get("schema", {})
    value = parameter.get("example", schema.get("example", schema.get("default", "")))
    return str(value).lower() if isinstance(value, bool) else str(value)


# -- the story --------------------------------------------------------------------------------------------------------


def _story(contract: Mapping[str, Any]) -> Document:
    path = next(one for one in PATHS if one.name == _MAIN)
    steps: list[Document] = story.steps(path, contract)
    drawn = {value: name for step in steps for value, name in _names(step).items()}
    items = [_step(number, step, drawn) for number, step in enumerate(steps, start=1)]
    at = next(number for number, step in enumerate(steps) if step["operation"] == "perform_accept")
    items.insert(at, _looks_for_duplicates(steps[at], drawn))
    return {
        "name": "Satu perkara / One case",
        "description": _STORY.format(id=path.id, en=path.en),
        "item": items,
    }


def _names(step: Mapping[str, Any]) -> dict[str, str]:
    """The variable of each value that the answer to a step draws."""
    stem = step["body"].removesuffix(".json").replace(".", "_")
    return {value: f"{stem}_{pointer[2:].replace('/', '_')}" for pointer, value in step.get("draws", {}).items()}


def _step(number: int, step: Mapping[str, Any], drawn: Mapping[str, str]) -> Document:
    body = dict(bodies.BODIES[step["body"].removesuffix(".json")])
    text = json.dumps(body, ensure_ascii=False, indent=2)
    if step["operation"] == "submit_finding":
        # A register number is good once: each run takes another.
        text = text.replace(f'"{body["register_number"]}"', '"{{$randomInt}}/TM/PW/Kota/03.01/X/2024"')
    if "not_duplicate_of" in body:
        text = text.replace('"not_duplicate_of": []', '"not_duplicate_of": {{duplicates}}')
    header = [{"key": "Idempotency-Key", "value": "{{$guid}}"}]
    if step["post"].startswith("/api/v1/casefiles/"):
        header.append({"key": "If-Match", "value": f'"{{{{{_VERSION}}}}}"'})
    agency = step["client"].removesuffix("-system")
    return {
        "name": f"{number}. {step['operation']} ({agency})",
        "event": [_script("test", _checks(step))],
        "request": {
            "method": "POST",
            "auth": _bearer(f"token_{agency}"),
            "header": header,
            "url": _url(_filled(step["post"], drawn)),
            "body": _raw(_filled(text, drawn)),
        },
        "response": [],
    }


def _checks(step: Mapping[str, Any]) -> list[str]:
    """Keeps what was drawn and the version; fails where the case does not stand as the story says.

    Where the clock or somebody else has moved the case meanwhile (412), the step is sent again on the newer version.
    """
    lines = [
        "const answer = pm.response.json(), code = pm.response.code;",
        "if (code === 412) {",
        f'    pm.collectionVariables.set("{_VERSION}", answer.current_version);',
        "    postman.setNextRequest(pm.info.requestName);",
        "} else {",
        '    pm.test("diterima / accepted", () => pm.expect(code, pm.response.text()).to.be.oneOf([200, 201]));',
    ]
    for pointer, value in step.get("draws", {}).items():
        at = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in pointer[2:].split("/"))
        lines.append(f'    pm.collectionVariables.set("{_names(step)[value]}", answer{at});')
    then = step.get("then")
    if then:
        lines += [
            "    const file = answer.casefiles ? answer.casefiles[0] : answer;",
            f'    pm.collectionVariables.set("{_VERSION}", file.version);',
            f'    pm.test("status {then["state"]}", () => pm.expect(file.state).to.equal("{then["state"]}"));',
        ]
    return [*lines, "}"]


def _looks_for_duplicates(step: Mapping[str, Any], drawn: Mapping[str, str]) -> Document:
    """Before the case is accepted: which others look like it, which a register that has run this before holds."""
    address = _filled(step["post"].rpartition("/")[0], drawn)
    lines = [
        "const same = pm.response.json().suspected_duplicates || [];",
        'pm.collectionVariables.set("duplicates", JSON.stringify(same.map((one) => one.casefile)));',
        'pm.test("dibaca / read", () => pm.expect(pm.response.code).to.equal(200));',
    ]
    agency = step["client"].removesuffix("-system")
    return {
        "name": f"read_casefile ({agency})",
        "event": [_script("test", lines)],
        "request": {"method": "GET", "auth": _bearer(f"token_{agency}"), "header": [], "url": _url(address)},
        "response": [],
    }


def _filled(text: str, drawn: Mapping[str, str]) -> str:
    for value, name in drawn.items():
        text = text.replace(value, f"{{{{{name}}}}}")
    return text


# -- parts ------------------------------------------------------------------------------------------------------------


def _url(path: str, *, query: Sequence[Document] = (), variable: Sequence[Document] = ()) -> Document:
    url: Document = {"raw": f"{{{{base_url}}}}{path}", "host": ["{{base_url}}"], "path": path.strip("/").split("/")}
    return url | ({"query": list(query)} if query else {}) | ({"variable": list(variable)} if variable else {})


def _raw(text: str) -> Document:
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}


def _bearer(variable: str) -> Document:
    return {"type": "bearer", "bearer": [{"key": "token", "value": f"{{{{{variable}}}}}", "type": "string"}]}


def _script(listen: str, lines: Sequence[str]) -> Document:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": list(lines)}}


def _resolved(contract: Mapping[str, Any], one: Mapping[str, Any]) -> Mapping[str, Any]:
    return contract["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
