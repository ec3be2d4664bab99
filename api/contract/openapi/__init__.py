"""How the OpenAPI document is made: one operation per view and method, of what the view enforces and what it says.

Scopes, query, `Idempotency-Key`, `If-Match` and the path come from the view's own declarations, which the door obeys;
words, bodies and answers from its `operations` (`api.contract.operations`); the answers' schemas from
`api.contract.responses`. From the same facts follow the refusals an operation can give. `document()` is the contract,
3.0.3; `files` writes it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drf_spectacular import drainage
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from api.contract import responses, schemas
from api.contract.openapi import examples, lines, parts
from api.contract.openapi.flow_page import guards_of
from api.contract.operations import CSV, JSON, LINES, TEXT, BytesBody, FormBody, LinesBody, Operation
from api.contract.responses.problems import KINDS
from api.contract.responses.problems import example as problem_example
from api.http import deprecation
from api.http.queries import NoQuery, Paged
from casefiles import shapes
from casefiles.catalogue.book import load as load_catalogue

Document = dict[str, Any]

PROBLEM_JSON = "application/problem+json"
_WITH_BODY = ("post", "patch")


class Incomplete(RuntimeError):
    """The document could not be made whole: something was not said, or said twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What is enforced for one method of one path."""

    path: str
    method: str
    scopes: tuple[str, ...] = ()
    security: tuple[Mapping[str, list[str]], ...] = ()
    query: type[Any] | None = None
    keyed: bool = False
    versioned: bool = False
    recorded: bool = False
    strict: bool = True
    signed: bool = False
    ends: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders of the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def authenticated(self) -> bool:
        """Whether a token is asked for."""
        return bool(self.security)


class Schema(AutoSchema):
    """Reads what a view declares; the settings name it as `DEFAULT_SCHEMA_CLASS`."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Document:
        """The operation, its body's components put into the registry. Raises Incomplete where the view says nothing."""
        view, name = self.view, method.lower()
        told: Operation | None = getattr(view, "operations", {}).get(name)
        if told is None:
            raise Incomplete(f"{type(view).__name__}.{name} is not described: add it to `operations`")
        scope = getattr(view, "required_scopes", {}).get(name)
        scopes = (scope,) if scope else ()
        posts = name == "post"
        door = Door(
            path=path,
            ends=deprecation.of(told.name) is not None,
            method=name,
            scopes=scopes,
            security=tuple(_security(self, view, scopes, registry)),
            query=getattr(view, "queries", {}).get(name, NoQuery),
            keyed=posts and getattr(view, "keyed", False),
            versioned=posts and getattr(view, "versioned", False),
            recorded=name in getattr(view, "recorded", ()),
            strict=hasattr(view, "required_scopes"),
            signed=name != "get" and name not in getattr(view, "raw", ()),
        )
        doc = inspect.getdoc(getattr(view, name)) or ""
        return operation(told, door, registry, doc=doc)


def document() -> Document:
    """The whole contract, OpenAPI 3.0.3. Raises Incomplete with everything that was warned of."""
    contract: Document = Generator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return contract


# -- one operation ----------------------------------------------------------------------------------------------------


def operation(told: Operation, door: Door, registry: ComponentRegistry, *, doc: str) -> Document:
    """One operation of the document."""
    body = told.body
    said: Document = {
        "operationId": told.name,
        "tags": [told.tag],
        "summary": f"{told.id} / {told.en}",
        "description": told.description or doc,
    }
    if parameters := list(_parameters(told, door)):
        said["parameters"] = parameters
    if body is not None:
        said["requestBody"] = _request_body(told.name, body, registry)
    said |= {"deprecated": True} if door.ends else {}
    said["security"] = [dict(one) for one in door.security]
    said["responses"] = dict(sorted([*_answers(told, door), *_problems(told, door)]))
    if told.callbacks is not None:
        said["callbacks"] = dict(told.callbacks)
    if told.row is not None:
        said["x-refusals"] = list(dict.fromkeys(code for code, _ in guards_of(told.row)))
    return said


def codes_of(told: Operation, door: Door) -> list[str]:
    """The code of every problem this operation can answer with, by status."""
    found = ["unknown-host", "malformed-request", "uri-too-long", "headers-too-long", "internal"]
    if door.strict:
        found += ["not-acceptable", "invalid-query"]
    if door.authenticated:
        found += ["token-missing", "token-invalid", "token-expired", "delegation-ended", "rate-limited"]
        found += ["dpop-proof-refused", "dpop-nonce-required"]
        found += ["try-again", "temporarily-unavailable"]
    if door.authenticated and door.signed:
        found += ["signature-required", "signature-refused"]
    if door.scopes:
        found.append("insufficient-scope")
    if door.names:
        found.append("not-found")
    if _has_cursor(told, door):
        found.append("invalid-cursor")
    if door.method in _WITH_BODY:
        found.append("body-too-large")
    if door.method in _WITH_BODY and door.strict:
        found += ["malformed-json", "unsupported-media-type", "invalid-body"]
    if door.keyed:
        found += ["idempotency-key-missing", "idempotency-key-malformed", "idempotency-key-reused"]
        found += ["request-in-progress", "erased", "answer-ended"]
    if door.recorded:
        found += ["purpose-unknown", "purpose-not-delegated"]
    if door.versioned:
        found += ["precondition-required", "precondition-malformed", "stale-version"]
    known = list(KINDS)
    return sorted({*found, *told.refuses}, key=lambda code: (KINDS[code].status, known.index(code)))


def _has_cursor(told: Operation, door: Door) -> bool:
    asked = door.query is not None and issubclass(door.query, Paged)
    body = told.body
    given = isinstance(body, type) and any(one.name == "cursor" for one in shapes.members(body))
    return asked or given


def _security(
    schema: AutoSchema, view: Any, scopes: tuple[str, ...], registry: ComponentRegistry
) -> Iterator[Mapping[str, list[str]]]:
    for authenticator in view.get_authenticators():
        scheme = OpenApiAuthenticationExtension.get_match(authenticator)
        if scheme is None:
            raise Incomplete(f"{type(authenticator).__name__} has no security scheme")
        name = str(scheme.name)
        registry.register_on_missing(
            ResolvedComponent(  # type: ignore[no-untyped-call]
                name=name,
                type=ResolvedComponent.SECURITY_SCHEMA,
                object=type(authenticator),
                schema=scheme.get_security_definition(schema),
            )
        )
        yield {name: list(scopes)}


def _parameters(told: Operation, door: Door) -> Iterator[Document]:
    for name in door.names:
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": parts.PATH_SCHEMAS.get(name, {"type": "string", "format": "uuid"}),
            "example": parts.PATH_EXAMPLES[name],
        }
    if door.query is not None:
        yield from schemas.query_parameters(door.query, catalogue=load_catalogue())
    wanted = ["AcceptLanguage", "RequestId"]
    if door.keyed:
        wanted.append("IdempotencyKey")
    if door.versioned:
        wanted.append("IfMatch")
    if door.recorded:
        wanted.append("Purpose")
    if (told.tagged or told.bytes) and door.method == "get":
        wanted.append("IfNoneMatch")
    if told.bytes:
        wanted.append("Range")
    if isinstance(told.body, BytesBody):
        wanted.append("ContentDigestOfUpload")
    if door.signed and door.authenticated:
        wanted += ["SignatureInput", "Signature"]
        if not isinstance(told.body, BytesBody):
            wanted.append("ContentDigest")
    for name in wanted:
        yield {"$ref": f"#/components/parameters/{name}"}


def _reference(shape: type[Any], registry: ComponentRegistry) -> Document:
    reference, components = schemas.to_openapi(shape, catalogue=load_catalogue())
    for name, schema in components.items():
        made = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=name, type=ResolvedComponent.SCHEMA, object=_Body, schema=schema
        )
        registry.register_on_missing(made)
        if registry[made].schema != schema:
            raise Incomplete(f"two bodies are called {name}")
    return reference


def _request_body(
    operation_: str, body: type[Any] | FormBody | BytesBody | LinesBody, registry: ComponentRegistry
) -> Document:
    if isinstance(body, LinesBody):
        return lines.asked(body, [_reference(shape, registry) for shape in body.shapes])
    if isinstance(body, FormBody):
        return lines.form(body)
    if isinstance(body, BytesBody):
        return {"required": True, "content": lines.files(body.media_types)}
    content = {"schema": _reference(body, registry), **examples.of_body(operation_, body)}
    return {"required": True, "content": {JSON: content}}


# -- answers ----------------------------------------------------------------------------------------------------------


def _answers(told: Operation, door: Door) -> Iterator[tuple[str, Document]]:
    names = [told.answer] if told.answer else []
    if told.row is not None and told.row.ends:
        names.append("Parting")
    if door.keyed and told.status == 200:
        names.append("Rehearsal")
    headers = _headers(door, _OF_FILES if told.bytes else ["ETag"] if told.tagged else [])
    if door.keyed:
        headers |= _headers(door, ["IdempotencyReplayed"])
    if told.located:
        headers |= _headers(door, ["Location"])
    yield str(told.status), _answer(_MEANINGS[told.status], names, told, headers)
    if isinstance(told.body, BytesBody):
        yield "204", {"description": "Sudah ada, sama / Here already, the same", "headers": _headers(door)}
    if door.keyed and told.status != 200:
        yield (
            "200",
            _answer("validate_only: tidak ada yang disimpan / nothing is stored", ["Rehearsal"], told, _headers(door)),
        )
    if told.bytes:
        part = {
            "description": "Sebagian / A part",
            "headers": _headers(door, _OF_FILES),
            "content": lines.files(told.bytes),
        }
        yield "206", part
    if (told.tagged or told.bytes) and door.method == "get":
        unchanged = {"description": "Tidak berubah / Unchanged", "headers": _headers(door, ["ETag"])}
        yield "304", unchanged


_OF_FILES = ("ETag", "ReprDigest", "ContentDisposition", "AcceptRanges")
_MEANINGS = {200: "Berhasil / OK", 201: "Dibuat / Created", 204: "Selesai, tanpa isi / Done, no content"}


def _answer(meaning: str, names: list[str], told: Operation, headers: Document) -> Document:
    said: Document = {"description": meaning, "headers": headers}
    if told.bytes:
        return said | {"content": lines.files(told.bytes)}
    if not names:
        return said
    if told.media_type == LINES:
        return said | {"content": lines.told(names[0])}
    if told.media_type in {TEXT, CSV}:
        shown = {"schema": {"$ref": f"#/components/schemas/{names[0]}"}, "example": examples.answer(names[0], None)}
        return said | {"content": {told.media_type: shown}}
    if told.media_type != JSON:
        example = parts.TEXT_EXAMPLES[told.media_type]
        return said | {"content": {told.media_type: {"schema": {"type": "object"}, "example": example}}}
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    if len(names) == 1:
        return said | {"content": {JSON: {"schema": references[0], "example": examples.answer(names[0], told.row)}}}
    shown = {name: {"value": examples.answer(name, told.row)} for name in names}
    return said | {"content": {JSON: {"schema": {"anyOf": references}, "examples": shown}}}


def _headers(door: Door, names: Iterable[str] = ()) -> Document:
    always = ["XRequestId", "XCallerRequestId"] + (["APIVersion"] if door.path.startswith("/api/") else [])
    always += [*["RateLimit", "RateLimitPolicy"] * door.authenticated, *["Deprecation", "Sunset", "Link"] * door.ends]
    return {parts.HEADER_NAMES[name]: {"$ref": f"#/components/headers/{name}"} for name in (*always, *names)}


# -- refusals ---------------------------------------------------------------------------------------------------------


def _problems(told: Operation, door: Door) -> Iterator[tuple[str, Document]]:
    by_status: dict[int, list[str]] = {}
    for code in codes_of(told, door):
        by_status.setdefault(KINDS[code].status, []).append(code)
    for status, codes in by_status.items():
        name = _response_name(codes)
        yield str(status), {"$ref": f"#/components/responses/{name}"} if name else _problem(codes)


def _response_name(codes: list[str]) -> str | None:
    if len(codes) == 1:
        return "".join(part.capitalize() for part in codes[0].split("-"))
    return parts.RESPONSE_NAMES.get(frozenset(codes))


def _problem(codes: list[str]) -> Document:
    headers = ["XRequestId", "XCallerRequestId", "ContentLanguage"]
    statuses = {KINDS[code].status for code in codes}
    if 401 in statuses or "insufficient-scope" in codes:
        headers.append("WWWAuthenticate")
    if statuses & {429, 503} or "request-in-progress" in codes:
        headers.append("RetryAfter")
    if "rate-limited" in codes:
        headers += ["RateLimit", "RateLimitPolicy"]
    if 412 in statuses:
        headers.append("ETag")
    return {
        "description": "; ".join(f"`{code}`: {KINDS[code].title.id} / {KINDS[code].title.en}" for code in codes),
        "headers": {parts.HEADER_NAMES[name]: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {
            PROBLEM_JSON: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
            }
        },
    }


# -- the components that are needed -----------------------------------------------------------------------------------


def _needed(paths: Document, made: Document) -> Document:
    """Every component that is referred to, directly or through others. Raises Incomplete for one nobody made."""
    named = {_response_name(codes): _problem(codes) for codes in _code_lists(paths, made)}
    pool: Document = {
        "schemas": _joined(made.get("schemas", {}), responses.COMPONENTS),
        "responses": named,
        "parameters": parts.PARAMETERS,
        "examples": {code: {"summary": KINDS[code].title.en, "value": problem_example(code)} for code in KINDS},
        "headers": parts.HEADERS,
    }
    found: Document = {kind: {} for kind in pool}
    waiting = list(_references(paths))
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if name in found[kind]:
            continue
        if name not in pool[kind]:
            raise Incomplete(f"nothing under components/{kind} is called {name}")
        found[kind][name] = pool[kind][name]
        waiting += _references(pool[kind][name])
    sorted_kinds = {kind: dict(sorted(members.items())) for kind, members in found.items() if members}
    return {**sorted_kinds, "securitySchemes": made.get("securitySchemes", {})}


def _code_lists(paths: Document, made: Document) -> list[list[str]]:
    """The code lists behind the named responses, each in the order of the problems' catalogue."""
    known = list(KINDS)
    return [[code] for code in known] + [sorted(codes, key=known.index) for codes in parts.RESPONSE_NAMES]


def _joined(requests: Document, answers: Document) -> Document:
    if twice := sorted(set(requests) & set(answers)):
        raise Incomplete(f"a body and an answer share a name: {', '.join(twice)}")
    return {**requests, **answers}


def _references(said: Any) -> Iterator[str]:
    if isinstance(said, dict):
        for name, value in said.items():
            if name == "$ref":
                yield value
            elif name not in {"example", "value"}:
                yield from _references(value)
    elif isinstance(said, list):
        for value in said:
            yield from _references(value)


# -- drf-spectacular's own ---------------------------------------------------------------------------------------------


class _InOrder(EndpointEnumerator):
    """The paths in the order of `api.urls`, which is the order of the case's life."""

    def get_api_endpoints(self, patterns: Any = None, prefix: str = "") -> list[Any]:
        found: list[Any] = self._get_api_endpoints(patterns, prefix)  # type: ignore[no-untyped-call]
        return found


class Generator(SchemaGenerator):
    """drf-spectacular's generator, told what the contract is; the settings name it as `DEFAULT_GENERATOR_CLASS`.

    So `manage.py spectacular`, its views and its checks say what `document` says, and so what `openapi/` holds.
    """

    endpoint_inspector_cls = _InOrder

    def get_schema(self, request: Any = None, public: bool = False) -> Document:
        """The whole contract: there is one, whoever asks. Raises Incomplete with everything that was warned of."""
        drainage.reset_generator_stats()
        paths: Document = self.parse(None, public=True)  # type: ignore[no-untyped-call]
        for path, told in parts.PLAIN.items():
            door = Door(path=path, method="get", strict=False, query=parts.PLAIN_QUERIES.get(path))
            paths[path] = {"get": operation(told, door, self.registry, doc=told.description)}
        if drainage.GENERATOR_STATS:
            warned = (*drainage.GENERATOR_STATS._warn_cache, *drainage.GENERATOR_STATS._error_cache)
            raise Incomplete("\n".join(map(str, warned)))
        taken = [one["operationId"] for methods in paths.values() for one in methods.values()]
        if twice := {name for name in taken if taken.count(name) > 1}:
            raise Incomplete(f"operationId used twice: {', '.join(sorted(twice))}")
        components: Document = self.registry.build({})
        return {
            "openapi": "3.0.3",
            "info": parts.INFO,
            "servers": parts.SERVERS,
            "tags": parts.TAGS,
            "paths": paths,
            "components": _needed(paths, components),
        }


class _Body:
    """The one kind of component bodies are to the registry; `_body` itself looks for names used twice."""
