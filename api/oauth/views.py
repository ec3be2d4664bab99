"""Where a client buys its token: `/oauth/token`, `/oauth/revoke` and the metadata of RFC 8414.

Client credentials (RFC 6749, 4.4) with a signed assertion (RFC 7523) and nothing else: no secrets, no refresh tokens,
no people. The grant itself is the toolkit's and oauthlib's work; what is ours is who is believed
(`agencies.assertions`), what a token is (`agencies.tokens`), and that every refusal is a problem which also carries
`error` and `error_description`, so that an OAuth library understands it as well as a person does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar, Final

import orjson
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth2 import BackendApplicationServer
from rest_framework.request import Request
from rest_framework.views import APIView

from agencies import assertions, keys, tokens
from agencies.assertion_text import MAX_LENGTH, Reason
from agencies.assertions import AssertionRefused, Claimed
from api.contract.operations import FormBody, Operation
from api.http import problems, quotas, rendering, throttling
from api.http.problems import Problem
from api.http.quotas import Holder, Quota
from api.http.view import answer, wall_of
from api.oauth import limits, targets
from api.oauth.form import Asked, issuer, read, refusal, token_url
from api.oauth.targets import Buying


class Validator(OAuth2Validator):
    """What oauthlib asks during one request. It lives as long as that request, and so knows its time.

    Raises `Problem` where it refuses: that passes through oauthlib untouched, with its reason.
    """

    def __init__(
        self, *, claimed: Claimed | None = None, now: datetime | None = None, buys: Buying | None = None
    ) -> None:
        """`claimed` is the examined assertion. The toolkit makes validators without one: they accept no client.

        `buys` is the request for a token; None where one is ended.
        """
        super().__init__()
        self._claimed = claimed
        self._buys = buys
        self._now = now if now is not None else timezone.now()
        self.quota: Quota | None = None
        self.charged: Holder | None = None
        """Whose quota was asked: the client's, once it has proven itself."""

    def client_authentication_required(self, request: OAuthRequest, *args: object, **kwargs: object) -> bool:
        """Always: there are no public clients."""
        return True

    def authenticate_client(self, request: OAuthRequest, *args: object, **kwargs: object) -> bool:
        """Believes a signed assertion and nothing else."""
        if self._claimed is None:
            return False
        try:
            proven = tokens.prove(self._claimed, now=self._now)
        except AssertionRefused as refused:
            raise refusal("invalid-client", *refused.reasons) from refused
        if self._buys is not None:
            proven = targets.aimed(proven, self._claimed.claims, sent=self._buys.resource, now=self._now)
        employer = proven.delegation.employer_id if proven.delegation is not None else None
        self.charged = quotas.holder(proven.client.pk, employer)
        self.quota = limits.check_bought(self.charged)
        if self._buys is not None:
            # After the quota: what is remembered of a proof is a row.
            proven = targets.bound(proven, self._buys.request, now=self._now)
        request.client = proven.client
        request.proven = proven
        return True

    def authenticate_client_id(self, client_id: str, request: OAuthRequest, *args: object, **kwargs: object) -> bool:
        """Nobody is believed for giving a name."""
        return False

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: OAuthRequest, *args: object, **kwargs: object
    ) -> bool:
        """Client credentials, and no other grant."""
        return grant_type == "client_credentials"

    def get_default_scopes(self, client_id: str, request: OAuthRequest, *args: object, **kwargs: object) -> list[str]:
        """Who asks for no scope in particular gets all that is registered for the client."""
        return sorted(_offered(request))

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
        if not set(scopes) <= _offered(request):
            registered = " ".join(sorted(_offered(request)))
            raise refusal("invalid-scope", Reason("scope", {"registered": registered}, "scope"))
        request.scopes = sorted(set(scopes))
        return True

    def validate_bearer_token(self, token: str, scopes: list[str], request: OAuthRequest) -> bool:
        """Tokens are checked in one place, `api.http.authentication`; the toolkit's own views get a no."""
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
        return [(name, value) for name, value in self._form.items() if name != "resource"]


def _form_schema(*required: str) -> dict[str, Any]:
    members = {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "scope": {"type": "string", "description": "Separated by blanks; all registered ones when left out."},
        "client_id": {"type": "string", "maxLength": 100, "description": "Not needed; if sent, equal to sub."},
        "client_assertion_type": {"type": "string", "enum": [assertions.TYPE]},
        "client_assertion": {
            "type": "string",
            "maxLength": MAX_LENGTH,
            "description": "A JWT signed with a registered key (RFC 7523): header alg and kid; iss = sub = client_id, "
            "aud = the issuer, exp at most 120 s ahead, iat now, jti new each time.",
        },
        "token": {"type": "string"},
        "resource": {
            "type": "string",
            "format": "uri",
            "description": "Not needed; if sent, equal to the claim resource of the assertion (RFC 8707), which a "
            "vendor's client sends: {issuer}/api/v1/agencies/{code} of the employer for which it will act.",
        },
    }
    wanted = set(required) | ({"scope", "client_id", "resource"} if "grant_type" in required else set())
    return {
        "type": "object",
        "required": list(required),
        "properties": {name: schema for name, schema in members.items() if name in wanted},
    }


_CLAIMED: Final = "lintas.claimed_client"
"""Where a request keeps the client id that its assertion claims."""

# For the examples of the OpenAPI document, and what every form can be refused with.
_ASSERTED: Final = {"client_assertion_type": assertions.TYPE, "client_assertion": "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOi…"}
_REFUSES: Final = ("invalid-request", "not-acceptable", "rate-limited", "try-again", "temporarily-unavailable")


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

    def read(self, request: Request, *, wants: str, now: datetime) -> Asked:
        """The form, with a note of whose assertion it claims to be."""
        asked = read(request._request, wants=wants, now=now)
        request._request.META[_CLAIMED] = asked.claimed.client_id
        return asked

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
            description=(
                "Dengan tajuk `DPoP` (RFC 9449) token terikat pada kunci bukti itu; klien bertanda "
                "`sender_constrained` wajib mengirimnya. Klien vendor menyebut instansi yang diwakilinya pada klaim "
                "`resource`.\n\nWith a header `DPoP` (RFC 9449) the token is bound to the key of that proof; a client "
                "marked `sender_constrained` must send it. A vendor's client names the agency that it acts for in the "
                "claim `resource`."
            ),
            refuses=(
                "invalid-client",
                "unsupported-grant-type",
                "invalid-scope",
                "invalid-target",
                "invalid-dpop-proof",
                "use-dpop-nonce",
                *_REFUSES,
            ),
        )
    }

    def post(self, request: Request) -> HttpResponse:
        """One assertion buys one token. Cache the token, not the assertion."""
        now = wall_of(request._request)
        with _limited(request._request) as validators:
            asked = self.read(request, wants="grant_type", now=now)
            buys = Buying(request._request, asked.form.get("resource"))
            validator = Validator(claimed=asked.claimed, now=now, buys=buys)
            validators.append(validator)
            core = FormCore(validator=validator, form=asked.form)
            # One transaction: a refusal after the assertion was believed gives its jti back.
            with transaction.atomic():
                _, _, body, status = core.create_token_response(request._request)
            quotas.tell(request._request, validator.quota)
        if status != 200:
            raise _oauthlib_problem(body)
        return _uncached(answer(targets.typed(body, request._request)))


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
        now = wall_of(request._request)
        with _limited(request._request) as validators:
            asked = self.read(request, wants="token", now=now)
            validators.append(Validator(claimed=asked.claimed, now=now))
            core = FormCore(validator=validators[0], form=asked.form)
            with transaction.atomic():
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
        metadata = {
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
            "dpop_signing_alg_values_supported": signing,
            "service_documentation": f"{issuer()}/api/docs",
            "ui_locales_supported": ["id", "en"],
        }
        response = answer(rendering.dumps(metadata))
        response["Cache-Control"] = "public, max-age=3600"
        return response


def _offered(request: OAuthRequest) -> set[str]:
    """What is registered for the client, of what any call asks for today; for an employer, what that delegated."""
    proven: tokens.ProvenClient = request.proven
    offered = set(proven.client.scopes) & settings.SCOPES.keys()
    return offered if proven.delegation is None else offered & set(proven.delegation.scopes)


@contextmanager
def _limited(request: HttpRequest) -> Iterator[list[Validator]]:
    """Count a refusal after the transaction. Beyond the limit the answer only says that there were too many.

    The block says which validator it asks. A client that had proven itself and is refused for something else has used
    its own quota as if it had bought a token: the transaction took back what it drew.
    """
    asked: list[Validator] = []
    try:
        yield asked
    except Problem as refused:
        if refused.code == "invalid-client":
            throttling.check_refused(request, client_id=request.META.get(_CLAIMED))
        elif refused.code != "rate-limited" and asked and asked[0].charged is not None:
            limits.check_bought(asked[0].charged)
        raise


def _uncached(response: HttpResponse) -> HttpResponse:
    """A token must not lie in any cache on the way (RFC 6749, 5.1)."""
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


def _oauthlib_problem(body: str) -> Problem:
    """What oauthlib refused by itself, without a reason of ours."""
    code = str(orjson.loads(body).get("error", "")).replace("_", "-")
    known = {"invalid-client", "unsupported-grant-type", "invalid-scope", "invalid-request"}
    return refusal(code if code in known else "invalid-request")


urlpatterns = [
    path("oauth/token", TokenView.as_view(), name="oauth-token"),
    path("oauth/revoke", RevokeView.as_view(), name="oauth-revoke"),
    path(".well-known/oauth-authorization-server", MetadataView.as_view(), name="oauth-metadata"),
]
