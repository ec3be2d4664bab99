"""The door every call passes, in the order of checks that partners rely on.

Route and method, token, rate, scope, what may come back (`Accept`), query, size, type and JSON, required headers,
signature; then the view: sight, idempotency, body, party, version, state and guards. A view states its scopes per
method; a view that does not lets the application refuse to start.

    class CasefileView(DoorView):
        required_scopes: ClassVar = {"get": "casefiles:read"}
        queries: ClassVar = {"get": CasefileDetail}

        def get(self, request: DoorRequest, casefile: str) -> HttpResponse:
            asked = request.asked(CasefileDetail)
            ...
            return shown(request, data, version=file.version)
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from agencies import tokens
from agencies.actor import Actor
from api.http import (
    bodies,
    caller_ids,
    deprecation,
    idempotency_key,
    preconditions,
    problems,
    purpose,
    queries,
    quotas,
    rendering,
    signatures,
    strict,
    throttling,
    uploads,
)
from api.http.language import Language, preferred
from api.http.problems import Problem
from api.http.quotas import Holder, Kind
from audit.evidence import Signed
from casefiles import register_time
from casefiles.catalogue import book

T = TypeVar("T")

METHODS = ("get", "post", "put", "patch", "delete")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_WRITING = frozenset({"post", "put", "patch", "delete"})
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class DoorRequest(Request):
    """A request that came through the door: `data` is strict JSON, `now` was read once, `auth` is the actor.

    `now` is the register's time, `wall` the real one; they differ in a sandbox that was moved, and nowhere else.
    """

    now: dt.datetime
    wall: dt.datetime
    request_id: uuid.UUID
    caller_id: str = ""
    """The id that its caller chose, as far as it is kept."""
    language: Language
    key: str | None = None
    sent_key: str | None = None
    """The key in the header, where this is a line of a batch and has a key of its own."""
    expected_version: int | None = None
    purpose: str | None = None
    answer: str | None = None
    """To what the view asked with the token (`DoorView.asks`)."""
    has_permit: bool = False
    """Whether its client's quota was asked."""
    signing_key: tokens.SigningKey | None = None
    """The caller's key that the request names as its signer's."""
    signed: Signed | None = None
    """What proves the request, where it is signed."""
    _json: Any = None
    _query: object = None

    @property
    def actor(self) -> Actor:
        """Who is calling. Only where the view asks for a token."""
        return cast("Actor", self.auth)

    @property
    def time_zone(self) -> str:
        """Where the caller's days begin; of who shows no token nothing is known."""
        return self.actor.time_zone if self.auth else str(settings.TIME_ZONE)

    @property
    def json(self) -> Any:
        """The body as strict JSON."""
        return self._json

    @property
    def validates_only(self) -> bool:
        """Whether the caller wants to know what would happen, without its happening."""
        return isinstance(self._query, queries.Writing) and self._query.validate_only

    def asked(self, shape: type[T]) -> T:
        """The query, read as the shape that the view declared for this method. Raises Problem `invalid-query`."""
        if not isinstance(self._query, shape):
            raise TypeError(f"{shape.__name__} is not what this view declared in `queries`")
        queries.refuse_unknown_agencies(self._query)
        return self._query

    def given(self, shape: type[T]) -> T:
        """The body as this shape. Raises Problem `invalid-body`."""
        return bodies.parse(shape, self._json, catalogue=book.load(), now=self.now, time_zone=self.time_zone)

    def attempted(self, shape: type[T]) -> T | Problem:
        """The body as this shape, or the problem with it.

        Read before anything is locked. The view raises the problem after it claimed the key and asked for sight.
        """
        try:
            return self.given(shape)
        except Problem as refused:
            return refused

    def _parse(self) -> tuple[Any, Mapping[str, Any]]:
        """What `data` gives: the strict JSON that was read at the door, never a form."""
        return self._json, {}


class DoorView(APIView):
    """The base of every view of the API. See the module's docstring for what it checks, and in which order.

    `required_scopes` names a scope per method, or None where any token will do. `queries` names the shape of the query
    per method; without one, every parameter is refused. `produces` names the media types it answers with, `raw` the
    methods whose body is bytes that the view reads by itself. `keyed` says that POST takes an `Idempotency-Key`,
    `versioned` that it takes `If-Match`. `recorded` names the methods that record who read what, and so take
    `Lintas-Purpose`; `reads` those that write nothing though they have a body. `quota` names the quota that its calls
    are of, where they are no ordinary reads and writes. `always_signed` says that whoever writes here signs,
    `undelegated` that a vendor's client does not come here for another agency. A view open to everybody says
    `authentication_classes = ()`.
    """

    required_scopes: ClassVar[Mapping[str, str | None]] = {}
    queries: ClassVar[Mapping[str, type[Any]]] = {}
    produces: ClassVar[tuple[str, ...]] = ("application/json",)
    raw: ClassVar[tuple[str, ...]] = ()
    keyed: ClassVar[bool] = False
    versioned: ClassVar[bool] = False
    recorded: ClassVar[tuple[str, ...]] = ()
    quota: ClassVar[Kind | None] = None
    reads: ClassVar[tuple[str, ...]] = ()
    always_signed: ClassVar[bool] = False
    undelegated: ClassVar[bool] = False
    http_method_names: ClassVar[list[str]] = [*METHODS, "head"]  # type: ignore[misc]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a view that forgets to say which scope a method needs, or names one that does not exist."""
        super().__init_subclass__(**kwargs)
        for method in METHODS:
            if not hasattr(cls, method):
                continue
            if method not in cls.required_scopes:
                raise TypeError(f"{cls.__qualname__}.{method} names no scope: add it to required_scopes")
            scope = cls.required_scopes[method]
            if scope is not None and scope not in settings.SCOPES:
                raise TypeError(f"{cls.__qualname__}.{method} asks for the unknown scope {scope!r}")
        if cls.keyed and not issubclass(cls.queries.get("post", object), queries.Writing):
            raise TypeError(f"{cls.__qualname__} is keyed, so queries['post'] must be a Writing (validate_only)")

    def asks(self) -> tokens.Further | None:
        """What this view wants to know of its caller in the statement that reads the token; nothing for most."""
        return None

    def read_body(self, request: HttpRequest) -> Any:
        """The body as strict JSON. Raises the problems of `api.http.strict`."""
        return _read_body(request)

    def take_permit(self, request: DoorRequest, actor: Actor) -> tuple[Holder, Kind] | None:
        """Take a permit of the call's kind, as soon as its caller is known (`TokenAuthentication`).

        An upload whose body has come had its permit when it began. Raises Problem `rate-limited`.
        """
        request.has_permit, method = True, _method_of(request)
        upload = uploads.of(request._request) if method in self.raw else None
        if upload is not None and upload.is_whole:
            quotas.tell(request._request, upload.quota)
            return None
        kind: Kind = "reads" if method == "get" or method in self.reads else "writes"
        asked = "uploads" if method in self.raw else self.quota or kind
        holder = quotas.holder_of(actor)
        quota = throttling.check(holder, asked)
        if upload is not None:
            upload.quota = quota
        quotas.tell(request._request, quota)
        return holder, asked

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> DoorRequest:
        """DRF's request, with what the middleware noted."""
        drawn = DoorRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )
        drawn.now = drawn.wall = wall_of(request)
        drawn.request_id = problems.request_id(request)
        drawn.caller_id = caller_ids.of(request)
        drawn.language = preferred(request.headers.get("Accept-Language", ""))
        return drawn

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Every check that does not depend on the thing asked for."""
        door = cast("DoorRequest", request)
        method = _method_of(request)
        # Not earlier: a sandbox asks its database, and what that refuses is a problem from here on, and no error.
        door.now = now_of(request._request)
        if request.method not in self._allowed_methods():
            raise Problem("method-not-allowed", headers={"Allow": ", ".join(self._allowed_methods())})
        if self.get_authenticators():
            self.perform_authentication(request)
            if not door.has_permit:
                self.take_permit(door, door.actor)
            if self.undelegated and door.actor.vendor is not None:
                raise Problem("not-delegated")
            self._check_scope(door, method)
        if (operation := getattr(self, "operations", {}).get(method)) is not None:
            client = door.actor.client_pk if self.get_authenticators() else None
            deprecation.tell(request._request, operation.name, client_pk=client)
        if not rendering.accepts(request.headers.get("Accept", ""), *self.produces, problems.MEDIA_TYPE):
            raise Problem("not-acceptable")
        door._query = queries.parse(
            self.queries.get(method, queries.NoQuery),
            request.META.get("QUERY_STRING", ""),
            catalogue=book.load(),
            now=door.now,
            time_zone=door.time_zone,
        )
        if request.method in _WITH_BODY and method not in self.raw:
            door._json = self.read_body(request._request)
        self._check_headers(door, method)
        self._check_signature(door, method)

    def get_exception_handler(self) -> Any:
        """Problems, whatever the settings say."""
        return problems.handler

    def finalize_response(self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """What shows persons stays in no cache: every recorded read, and every answer to a write."""
        final: HttpResponse = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        if request.method == "POST" or (request.method or "").lower().replace("head", "get") in self.recorded:
            final["Cache-Control"] = "no-store"
        return final

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None of DRF's: `Allow` belongs to 405."""
        return {}

    def _allowed_methods(self) -> list[str]:
        return [name.upper() for name in self.http_method_names if hasattr(self, "get" if name == "head" else name)]

    def _check_scope(self, request: DoorRequest, method: str) -> None:
        scope = self.required_scopes[method]
        if scope is not None and scope not in request.actor.scopes:
            raise Problem("insufficient-scope", params={"scope": scope})

    def _check_headers(self, request: DoorRequest, method: str) -> None:
        """Idempotency-Key and If-Match; a trial run (`validate_only`) may go without, but not with broken ones.

        Lintas-Purpose, where the read is recorded; without it the client's default counts, then its agency's roles.
        """
        if method in self.recorded:
            request.purpose = purpose.of(request.headers.get("Lintas-Purpose"), request.actor)
        if method != "post":
            return
        key, if_match = request.headers.get("Idempotency-Key"), request.headers.get("If-Match")
        if self.keyed and not (request.validates_only and key is None):
            request.key = idempotency_key.read(key)
        if self.versioned and not (request.validates_only and if_match is None):
            request.expected_version = preconditions.expected_version(if_match)

    def _check_signature(self, request: DoorRequest, method: str) -> None:
        """A signature that was sent must hold; a write of who must sign needs one, a trial run does not.

        Nor do raw bytes: they have to be those whose digest a signed write has told before.
        """
        if not request.auth or method not in _WRITING or method in self.raw:
            return
        needs = method not in {*self.recorded, *self.reads} and not request.validates_only
        request.signed = signatures.checked(
            request._request,
            key=request.signing_key,
            now=request.wall,
            arrived=arrived_of(request._request),
            required=needs and (self.always_signed or request.actor.must_sign(now=request.wall)),
        )


# -- what views say ---------------------------------------------------------------------------------------------------


def shown(request: DoorRequest, data: Any, *, version: int | None = None) -> HttpResponse:
    """200 with this data as JSON (bytes pass as they are); with a version also its ETag, and 304 to who has it."""
    body = data if isinstance(data, bytes) else rendering.dumps(data)
    tag = None
    if version is not None:
        tag = preconditions.etag(version, body if isinstance(data, bytes) else rendering.in_one_order(data))
    if tag is not None and preconditions.is_unchanged(request.headers.get("If-None-Match"), tag):
        return _with(HttpResponse(status=304), etag=tag)
    return answer(body, etag=tag)


def answer(body: bytes, *, status: int = 200, etag: str | None = None, location: str | None = None) -> HttpResponse:
    """These bytes of JSON as an answer."""
    return _with(HttpResponse(body, status=status, content_type="application/json"), etag=etag, location=location)


def identifier(text: str) -> uuid.UUID:
    """The UUID in a path. Raises Problem `not-found` where the text is no UUID."""
    if not _UUID.fullmatch(text.lower()):
        raise Problem("not-found")
    return uuid.UUID(text)


def now_of(request: HttpRequest) -> dt.datetime:
    """The register's time when the request came in, in milliseconds: real time, but in a sandbox that was moved."""
    return wall_of(request) + register_time.ahead()


def wall_of(request: HttpRequest) -> dt.datetime:
    """The real time when it came in, in milliseconds: noted by the middleware, read here where there was none.

    It is what tokens, assertions, signatures and keys are held against: their other side has its own clock.
    """
    noted = getattr(request, "wall", None)
    return noted if isinstance(noted, dt.datetime) else in_milliseconds(timezone.now())


def arrived_of(request: HttpRequest) -> dt.datetime:
    """The real time when its head had come, before its body and its turn were waited for.

    How old a signature or a proof is, is held against it: the caller signed before they sent the body.
    """
    noted = getattr(request, "arrived", None)
    return noted if isinstance(noted, dt.datetime) else wall_of(request)


def in_milliseconds(moment: dt.datetime) -> dt.datetime:
    """The instant cut (not rounded) to milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _method_of(request: Request) -> str:
    return "get" if request.method == "HEAD" else (request.method or "").lower()


def _with(response: HttpResponse, *, etag: str | None = None, location: str | None = None) -> HttpResponse:
    if etag:
        response["ETag"] = etag
    if location:
        response["Location"] = location
    return response


def _read_body(request: HttpRequest) -> Any:
    length = request.META.get("CONTENT_LENGTH") or "0"
    strict.check_size(int(length) if length.isascii() and length.isdigit() else 0)
    if request.headers.get("Content-Type") or length != "0":
        strict.check_media_type(request.headers.get("Content-Type", ""), request.headers.get("Content-Encoding", ""))
    return strict.loads(request.body)
