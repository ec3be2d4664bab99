"""`/sandbox`: a page that makes a client with keys of its own, in a sandbox on this machine.

With JavaScript the keys are drawn in the browser and never leave it; without, the page has lines for bash and openssl.
Both send a registration to `/api/v1/sandbox/clients`. Either way the page then shows how a token is bought with them,
and how a first finding is forwarded in each language of the kit.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies import queries
from api.contract import assertion_examples
from api.http.language import preferred
from api.http.problems import Problem, problem_response
from api.v1.sandbox_lines import first_finding

# What bash needs to sign: of the client of one file.
_BASH = "bash + openssl"
_REGISTERS = """\
BASE={base} AGENCY=bawaslu-kota-padang CLIENT=percobaan-saya KID=kunci-1

{signs}
(umask 077; openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem)
point() {{ openssl pkey -in key.pem -pubout -outform DER | tail -c 64; }}
x=$(point | head -c 32 | base64url) y=$(point | tail -c 32 | base64url)
jkt=$(printf '{{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}}' "$x" "$y" | openssl dgst -sha256 -binary | base64url)
signed=$(printf '{{"alg":"ES256","typ":"lintas-key-proof+jwt"}}' | base64url)
signed+=.$(printf '{{"client_id":"%s","aud":"%s","jkt":"%s"}}' "$CLIENT" "$BASE" "$jkt" | base64url)
proof=$signed.$(printf %s "$signed" | ecdsa key.pem | base64url)
curl -s "$BASE/api/v1/sandbox/clients" -H 'Content-Type: application/json' -d '{{"agency": "'"$AGENCY"'",
  "client_id": "'"$CLIENT"'", "keys": [{{"jwk": {{"kty": "EC", "crv": "P-256", "x": "'"$x"'", "y": "'"$y"'"}},
  "kid": "'"$KID"'", "proof": "'"$proof"'"}}]}}'
"""
_BUYS = """\
BASE={base} CLIENT=percobaan-saya KID=kunci-1

{signs}
TOKEN=$(curl -s "$BASE/oauth/token" -d grant_type=client_credentials \\
  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\
  --data-urlencode client_assertion="$(assertion "$CLIENT" "$KID" key.pem "$BASE")" |
  sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')
curl -s "$BASE/api/v1/me" -H "Authorization: Bearer $TOKEN"
"""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page, in the preferred language."""
    if not (settings.LINTAS_SANDBOX_CONTROL and settings.LINTAS_SANDBOX_ASKS):
        return problem_response(request, Problem("unknown-route"))
    language = preferred(request.headers.get("Accept-Language", ""))
    signs = assertion_examples.read()[_BASH]
    shown = {
        "first": language,
        "is_indonesian": language == "id",
        "base": settings.LINTAS_BASE_URL,
        "agencies": queries.everybody(),
        "scopes": settings.SCOPES,
        "registers": _REGISTERS.format(base=settings.LINTAS_BASE_URL, signs=signs),
        "first_finding": first_finding(settings.LINTAS_BASE_URL),
        "buys": _BUYS.format(base=settings.LINTAS_BASE_URL, signs=signs),
    }
    response = render(request, "api/sandbox.html", shown)
    response["Vary"] = "Accept-Language"
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    return response
