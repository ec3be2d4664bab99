"""Where a client buys its token: `/oauth/token`, `/oauth/revoke` and the metadata of RFC 8414.

Client credentials (RFC 6749, 4.4) with a signed assertion (RFC 7523) and nothing else: no secrets, no refresh tokens,
no people. The grant itself is the toolkit's and oauthlib's work; what is ours is who is believed
(`agencies.assertions`), what a token is (`agencies.tokens`), and that every refusal is a problem which also carries
`error` and `error_description`, so that an OAuth library understands it as well as a person does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

import orjson
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import path
from django.utils import timezone
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth2 import BackendApplicationServer
from rest_framework.request import Request
from rest_framework.views import APIView

from agencies import assertions, keys, tokens
from agencies.assertions import AssertionRefused
from api import problem_catalogue, problems, rendering
from api.door import answer, now_of
from api.language import Wording
from api.oauth_wording import ASSERTION_REFUSED, GRANT_REFUSED, REQUEST_REFUSED, SCOPE_REFUSED
from api.operations import FORM, FormBody, Operation
from api.problems import Problem

# What a form may say to us. Everything else is ignored (RFC 6749, 3.2) and never reaches oauthlib, whose request object
# takes any field of the form for an attribute of its own.
PARAMETERS: Final = frozenset(
    {
        "grant_type",
        "scope",
        "client_id",
        "client_assertion_type",
        "client_assertion",
        "client_secret",
        "token",
        "token_type_hint",
    }
)


def issuer() -> str:
    """The one spelling of who we are, for `aud`, `iss` and the metadata: no slash at the end."""
    return str(settings.LINTAS_BASE_URL)


def token_url() -> str:
    """Where tokens are bought."""
    return f"{issuer()}/oauth/token"


class Validator(OAuth2Validator):
    """What oauthlib asks during one request. It lives as long as that request, and so knows its time.

    Raises `Problem` where it refuses: that passes through oauthlib untouched, with its reason.
    """

    def __init__(self, *, now: datetime | None = None) -> None:
        super().__init__()
        self._now = now if now is not None else timezone.now()

    def client_authentication_required(self, request: OAuthRequest, *args: object, **kwargs: object) -> bool:
        """Always: there are no public clients."""
        return True

    def authenticate_client(self, request: OAuthRequest, *args: object, **kwargs: object) -> bool:
        """Believes a signed assertion and nothing else."""
        try:
            proven = self._proven(request)
        except AssertionRefused as refused:
            raise _assertion_problem(refused) from refused
        request.client = proven.client
        request.proven = proven
        return True

    def authenticate_client_id(self, client_id: str, request: OAuthRequest, *args: object, **kwargs: object) -> bool:
        """Nobody is believed for saying his name."""
        return False

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: OAuthRequest, *args: object, **kwargs: object
    ) -> bool:
        """Client credentials, and no other grant."""
        return grant_type == "client_credentials"

    def get_default_scopes(self, client_id: str, request: OAuthRequest, *args: object, **kwargs: object) -> list[str]:
        """Who asks for no scope in particular gets all that is registered for the client."""
        return sorted(request.client.scopes)

    def validate_scopes(
        self,
        client_id: str,
        scopes: list[str],
        client: Any,
        request: OAuthRequest,
        *args: object,
        **kwargs: object,
    ) -> bool:
        """All of the scopes asked for, or none."""
        if not set(scopes) <= set(client.scopes):
            raise _problem("invalid-scope", SCOPE_REFUSED, registered=" ".join(sorted(client.scopes)))
        request.scopes = sorted(set(scopes))
        return True

    def validate_bearer_token(self, token: str, scopes: list[str], request: OAuthRequest) -> bool:
        """Tokens are checked in one place, `api.authentication`; the toolkit's own views get a no."""
        return False

    def expires_in(self, request: OAuthRequest) -> int:
        """The life of the token to come, in whole seconds."""
        return int((request.proven.token_expiry(now=self._now) - self._now).total_seconds())

    def _save_bearer_token(
        self, token: Mapping[str, Any], request: OAuthRequest, *args: object, **kwargs: object
    ) -> None:
        proven: tokens.ProvenClient = request.proven
        tokens.issue(
            token["access_token"],
            proven=proven,
            scopes=token["scope"],
            expires=proven.token_expiry(now=self._now),
        )

    def revoke_token(
        self, token: str, token_type_hint: str, request: OAuthRequest, *args: object, **kwargs: object
    ) -> None:
        """Ends a token of the client that asks."""
        tokens.revoke(token, client=request.client)

    def _proven(self, request: OAuthRequest) -> tokens.ProvenClient:
        form = dict(request.decoded_body or ())
        if "client_secret" in form or "Authorization" in request.headers:
            raise AssertionRefused("secret-sent")
        if "client_assertion" not in form:
            raise AssertionRefused("absent")
        if form.get("client_assertion_type") != assertions.TYPE:
            raise AssertionRefused("type", type=assertions.TYPE)
        proven = tokens.prove(form["client_assertion"], issuer=issuer(), token_url=token_url(), now=self._now)
        if form.get("client_id", proven.client.client_id) != proven.client.client_id:
            raise AssertionRefused("client-id-differs")
        return proven


class FormCore(OAuthLibCore):
    """The toolkit's bridge to oauthlib, fed with a form that we have read and checked ourselves."""

    def __init__(self, *, validator: Validator, form: Mapping[str, str]) -> None:
        super().__init__(
            BackendApplicationServer(
                validator, token_generator=lambda _request: tokens.generate(), token_expires_in=validator.expires_in
            )
        )
        self._form = form

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        return request.path

    def extract_body(self, request: HttpRequest) -> list[tuple[str, str]]:
        """The checked form, instead of Django's reading of the body."""
        return list(self._form.items())


def _form_schema(*required: str) -> dict[str, Any]:
    members = {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "scope": {"type": "string", "description": "Separated by blanks; all registered ones when left out."},
        "client_id": {"type": "string", "maxLength": 100, "description": "Not needed; if sent, equal to sub."},
        "client_assertion_type": {"type": "string", "enum": [assertions.TYPE]},
        "client_assertion": {
            "type": "string",
            "maxLength": assertions.MAX_LENGTH,
            "description": "A JWT signed with a registered key (RFC 7523): header alg and kid; iss = sub = client_id, "
            "aud = the issuer, exp at most 120 s ahead, iat now, jti new each time.",
        },
        "token": {"type": "string"},
    }
    wanted = set(required) | ({"scope", "client_id"} if "grant_type" in required else set())
    return {
        "type": "object",
        "required": list(required),
        "properties": {name: schema for name, schema in members.items() if name in wanted},
    }


# For the examples of the OpenAPI document, and what every form can be refused with.
_ASSERTED: Final = {"client_assertion_type": assertions.TYPE, "client_assertion": "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOi…"}
_REFUSES: Final = ("invalid-request", "not-acceptable", "try-again", "temporarily-unavailable")


class OAuthView(APIView):
    """A form comes in and no token is asked for: the assertion says who calls.

    Not a `DoorView`, because the door reads JSON; what it checks that concerns us too is checked here.
    """

    authentication_classes = ()
    permission_classes = ()
    http_method_names: Sequence[str] = ("post",)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The method, and whether JSON is welcome."""
        if (request.method or "").lower() not in self.http_method_names:
            allowed = ", ".join(name.upper() for name in self.http_method_names)
            raise Problem("method-not-allowed", headers={"Allow": allowed})
        if not rendering.accepts(request.headers.get("Accept", ""), "application/json", problems.MEDIA_TYPE):
            raise Problem("not-acceptable")

    def get_exception_handler(self) -> Any:
        """Problems, whatever the settings say."""
        return problems.handler

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None of DRF's: `Allow` belongs to 405."""
        return {}


class TokenView(OAuthView):
    """`POST /oauth/token`."""

    operations: ClassVar = {
        "post": Operation(
            "create_token",
            tag="oauth",
            id="Beli token sepuluh menit dengan asersi bertanda tangan",
            en="Buy a token for ten minutes with a signed assertion",
            body=FormBody(
                schema=_form_schema("grant_type", "client_assertion_type", "client_assertion"),
                example={"grant_type": "client_credentials", **_ASSERTED},
            ),
            answer="Token",
            refuses=("invalid-client", "unsupported-grant-type", "invalid-scope", *_REFUSES),
        )
    }

    def post(self, request: Request) -> HttpResponse:
        """One assertion buys one token. Cache the token, not the assertion."""
        form = read_form(request)
        if "grant_type" not in form:
            raise _problem("invalid-request", REQUEST_REFUSED["grant-type-missing"])
        if form["grant_type"] != "client_credentials":
            raise _problem("unsupported-grant-type", GRANT_REFUSED)
        # One transaction: a refusal after the assertion was believed gives its jti back.
        with transaction.atomic():
            core = FormCore(validator=Validator(now=now_of(request._request)), form=form)
            _, _, body, status = core.create_token_response(request._request)
        if status != 200:
            raise _oauthlib_problem(body)
        return _uncached(answer(body.encode()))


class RevokeView(OAuthView):
    """`POST /oauth/revoke` (RFC 7009)."""

    operations: ClassVar = {
        "post": Operation(
            "revoke_token",
            tag="oauth",
            id="Akhiri token sebelum waktunya",
            en="End a token before its time",
            body=FormBody(
                schema=_form_schema("token", "client_assertion_type", "client_assertion"),
                example={"token": "3rTt4nCm8yJvYwq2xK0b7oQm1u5sZ8dL6hW9eR0aXcV", **_ASSERTED},
            ),
            answer=None,
            refuses=("invalid-client", *_REFUSES),
        )
    }

    def post(self, request: Request) -> HttpResponse:
        """Ends a token of this client; an unknown one, or another client's, counts as ended."""
        form = read_form(request)
        if "token" not in form:
            raise _problem("invalid-request", REQUEST_REFUSED["token-missing"])
        with transaction.atomic():
            core = FormCore(validator=Validator(now=now_of(request._request)), form=form)
            _, _, body, status = core.create_revocation_response(request._request)
        if status != 200:
            raise _oauthlib_problem(body)
        return _uncached(HttpResponse(status=200, content_type=""))


class MetadataView(OAuthView):
    """`GET /.well-known/oauth-authorization-server` (RFC 8414), at the root as the issuer has no path."""

    http_method_names = ("get", "head")
    operations: ClassVar = {
        "get": Operation(
            "read_authorization_server",
            tag="oauth",
            id="Kemampuan peladen token",
            en="What this authorization server can do",
            answer="AuthorizationServer",
            refuses=("not-acceptable",),
        )
    }

    def get(self, request: Request) -> HttpResponse:
        """Endpoints, the one grant, the one way to authenticate, algorithms and scopes."""
        signing = sorted(keys.SPELLINGS)
        said = {
            "issuer": issuer(),
            "token_endpoint": token_url(),
            "revocation_endpoint": f"{issuer()}/oauth/revoke",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": list(settings.SCOPES),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": signing,
            "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
            "revocation_endpoint_auth_signing_alg_values_supported": signing,
            "service_documentation": f"{issuer()}/api/docs",
            "ui_locales_supported": ["id", "en"],
        }
        response = answer(rendering.dumps(said))
        response["Cache-Control"] = "public, max-age=3600"
        return response


def read_form(request: Request) -> dict[str, str]:
    """The parameters of the body, each once and without control characters; empty ones count as left out.

    Raises the problems `invalid-request` and `body-too-large`.
    """
    plain = request._request
    if plain.META.get("QUERY_STRING"):
        raise _problem("invalid-request", REQUEST_REFUSED["query"])
    if plain.content_type != FORM:
        raise _problem("invalid-request", REQUEST_REFUSED["not-a-form"], type=FORM)
    try:
        pairs = parse_qsl(_body(plain).decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:  # UnicodeDecodeError is one
        raise _problem("invalid-request", REQUEST_REFUSED["unreadable"]) from error
    if len({name for name, _ in pairs}) != len(pairs):
        raise _problem("invalid-request", REQUEST_REFUSED["repeated"])
    form = {name: value for name, value in pairs if name in PARAMETERS and value}
    for name, value in form.items():
        if not value.isprintable():
            raise _problem("invalid-request", REQUEST_REFUSED["control-character"], parameter=name)
    return form


def _body(request: HttpRequest) -> bytes:
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
        if announced > settings.LINTAS_MAX_BODY_BYTES:
            raise Problem("body-too-large")
        body = request.body
    except (ValueError, UnreadablePostError) as error:
        raise _problem("invalid-request", REQUEST_REFUSED["unreadable"]) from error
    if len(body) > settings.LINTAS_MAX_BODY_BYTES:
        raise Problem("body-too-large")
    return body


def _uncached(response: HttpResponse) -> HttpResponse:
    """A token must not lie in any cache on the way (RFC 6749, 5.1)."""
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


def _oauthlib_problem(body: str) -> Problem:
    """What oauthlib refused by itself, without a reason of ours."""
    code = str(orjson.loads(body).get("error", "")).replace("_", "-")
    known = {"invalid-client", "unsupported-grant-type", "invalid-scope", "invalid-request"}
    return _problem(code if code in known else "invalid-request")


def _problem(code: str, detail: Wording | None = None, **facts: str | int) -> Problem:
    """A problem that an OAuth library understands too: `error` is RFC 6749's name for the code."""
    said = detail if detail is not None else problem_catalogue.load().kinds[code].detail
    filled = Wording(id=said.id.format(**facts), en=said.en.format(**facts))
    return Problem(code, detail=filled, members={"error": code.replace("-", "_"), "error_description": filled})


def _assertion_problem(refused: AssertionRefused) -> Problem:
    return _problem("invalid-client", ASSERTION_REFUSED[refused.reason], **refused.facts)


urlpatterns = [
    path("oauth/token", TokenView.as_view(), name="oauth-token"),
    path("oauth/revoke", RevokeView.as_view(), name="oauth-revoke"),
    path(".well-known/oauth-authorization-server", MetadataView.as_view(), name="oauth-metadata"),
]
