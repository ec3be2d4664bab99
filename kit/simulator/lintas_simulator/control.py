"""The control addresses under /simulator, by which a partner's tests tell the simulator what to do.

They need no token: the simulator listens on this machine alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lintas_simulator.contract import contract
from lintas_simulator.keys import BadKey, PublicKey
from lintas_simulator.messages import Answer, Request, of_json
from lintas_simulator.mishaps import KINDS, Mishap, UnknownMishap
from lintas_simulator.problems import Problem
from lintas_simulator.register import Register
from lintas_simulator.stories import walked

PREFIX: Final = "/simulator"
HELP: Final[Mapping[str, str]] = {
    "GET /simulator": "this page / halaman ini",
    "POST /simulator/clients": '{"agency", "kid", "pem"}: a public key in PEM / kunci publik dalam PEM',
    "POST /simulator/mishaps": '{"kind", "at": operationId, "times", "retry_after", "seconds"}',
    "DELETE /simulator/mishaps": "nothing goes wrong any more / semua kembali wajar",
    "POST /simulator/casefiles": '{"to": state or path / tahap atau jalan}: the others act / pihak lain bertindak',
    "POST /simulator/webhooks/{id}": '{"how", "casefile"}: send its newest event / kirim peristiwa terbarunya',
    "POST /simulator/clock": '{"seconds"}: how far the register\'s clock is ahead / jam register lebih cepat',
    "POST /simulator/keys": "the keys of receipts and webhooks are changed / kunci register diganti",
    "GET /simulator/record": "what came and what was answered, without bodies / catatan tanpa isi badan",
}


def handle(register: Register, request: Request) -> Answer:
    """Answer a request to the control addresses."""
    try:
        return _handled(register, request)
    except (UnknownMishap, BadKey, KeyError, TypeError, ValueError) as why:
        return of_json({"error": str(why).strip("'\""), "help": HELP}, status=400)
    except Problem as problem:
        return problem.answer(base_url=register.base_url, language="en")


def _handled(register: Register, request: Request) -> Answer:
    told = json.loads(request.content) if request.content else {}
    where = f"{request.method} {request.path}"
    if where == "POST /simulator/clients":
        key = PublicKey.of_pem(told["pem"].encode(), kid=told["kid"])
        client = register.enrol(told["agency"], key, scopes=told.get("scopes"))
        return of_json({"client_id": client.id, "issuer": register.base_url, "scopes": sorted(client.scopes)})
    if where == "POST /simulator/mishaps":
        register.mishaps.add(Mishap.of(told))
        return of_json({"waits": True})
    if where == "DELETE /simulator/mishaps":
        register.mishaps.clear()
        return of_json({"waits": False})
    if where == "POST /simulator/casefiles":
        with register.lock:
            case = walked(register, told.get("to", "recommended"))
        return of_json({"id": case.id, "number": case.number, "state": case.state, "version": case.version})
    if where == "POST /simulator/clock":
        register.clock_off = float(told["seconds"])
        return of_json({"seconds": register.clock_off})
    if where == "POST /simulator/keys":
        register.log.rotate()
        register.courier.rotate()
        return of_json(register.jwks)
    if request.method == "POST" and request.path.startswith("/simulator/webhooks/"):
        return _sent(register, request.path.rsplit("/", 1)[1], told)
    if where == "GET /simulator/record":
        return of_json({"data": [recorded(one) for one in register.record]})
    if where == "GET /simulator":
        return of_json({"help": HELP, "mishaps": KINDS, "openapi_digest": contract()["openapi_digest"]})
    return of_json({"error": "no such control address", "help": HELP}, status=404)


def _sent(register: Register, ident: str, told: Mapping[str, Any]) -> Answer:
    webhook = register.webhooks[ident]
    if told.get("how") == "challenge":
        return of_json({"proven": register.courier.challenge(webhook)})
    event = register.log.feed(webhook.agency)[-1]
    sent = register.courier.send(webhook, event, how=told.get("how", "genuine"))
    return of_json({"message": sent.message, "status": sent.reply.status})


def recorded(one: Any) -> dict[str, Any]:
    """An exchange without bodies and without query: what may be shown to anybody."""
    return {
        "number": one.number,
        "at": round(one.at, 3),
        "method": one.request.method,
        "operation": one.operation,
        "client": one.client,
        "status": one.answer.status if one.answer.cut is None else None,
        "code": one.answer.code,
        "mishap": one.mishap,
        "committed": one.committed,
    }
