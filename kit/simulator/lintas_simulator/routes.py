"""What each address does. A function takes the register and the call (and of a write, the body) and gives an answer."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from lintas_simulator import facts
from lintas_simulator.casefiles import DUE_IN, Casefile, Referral, day_of
from lintas_simulator.contract import agency, contract, is_above, named, rows
from lintas_simulator.log import instant
from lintas_simulator.messages import Answer, of_json
from lintas_simulator.problems import Problem, Reason
from lintas_simulator.schemas import answered, breaches
from lintas_simulator.webhooks import PING, Webhook

if TYPE_CHECKING:
    from lintas_simulator.register import Call, Register

Read = Callable[["Register", "Call"], Answer]
Write = Callable[["Register", "Call", dict[str, Any]], Answer]
IF_MATCH: Final = re.compile(r'(?:W/)?"?([0-9]{1,9})(?:\.[^"]*)?"?')
LISTED: Final = 100


# -- asking ------------------------------------------------------------------------------------------------------------


def only(call: Call, *names: str) -> None:
    """Refuse parameters that the address does not have, and repeated ones. Raises `Problem`."""
    asked = [name for name, _ in call.request.query]
    reasons = [Reason("unknown-parameter", parameter=name) for name in asked if name not in names]
    reasons += [Reason("repeated-parameter", parameter=name) for name in set(asked) if asked.count(name) > 1]
    if reasons:
        raise Problem("invalid-query", reasons=reasons)


def whole(call: Call, name: str, *, least: int, default: int) -> int:
    """A whole number of the query. Raises `Problem`."""
    text = call.request.asked.get(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,15}", text) or int(text) < least:
        raise Problem("invalid-query", reasons=[Reason("wrong-type", parameter=name, facts={"wanted": "integer"})])
    return int(text)


def rehearses(call: Call) -> bool:
    """Whether the write is tried only. Raises `Problem`."""
    only(call, "validate_only")
    return call.request.asked.get("validate_only") == "true"


def seen(register: Register, call: Call) -> Casefile:
    """The casefile of the address, where the caller sees it. Raises `Problem`."""
    if call.casefile is None or not call.casefile.is_seen_by(call.caller.agency):
        raise Problem("not-found")
    return call.casefile


def judged(operation: str, given: Any) -> None:
    """Refuse a body that the contract does not allow. Raises `Problem`."""
    reasons = list(breaches(contract()["operations"][operation]["body"], given))
    if reasons:
        raise Problem("invalid-body", reasons=reasons)


def _known_documents(register: Register, given: Any, at: str = "#") -> Iterable[Reason]:
    """Every document that a body names and nobody registered."""
    if isinstance(given, dict):
        for name, value in given.items():
            place = f"{at}/{name}"
            if name == "document" and isinstance(value, str) and value not in register.documents:
                yield Reason("unknown-document", pointer=place)
            elif name == "documents" and isinstance(value, list):
                unknown = [number for number, one in enumerate(value) if one not in register.documents]
                yield from (Reason("unknown-document", pointer=f"{place}/{number}") for number in unknown)
            else:
                yield from _known_documents(register, value, place)
    elif isinstance(given, list):
        for number, value in enumerate(given):
            yield from _known_documents(register, value, f"{at}/{number}")


# -- reading -----------------------------------------------------------------------------------------------------------


def _me(register: Register, call: Call) -> Answer:
    found = agency(call.caller.agency)
    told = {
        "client": call.caller.id,
        "agency": named(call.caller.agency),
        "roles": sorted(found["roles"]) if found else [],
        "scopes": sorted(call.caller.scopes),
        "parties": sorted(found["roles"]) if found else [],
        "default_purpose": "handling",
        "time_zone": "Asia/Jakarta",
        "key_thumbprint": call.caller.thumbprint,
    }
    return of_json(answered("read_me", told))


def _casefile(register: Register, call: Call) -> Answer:
    only(call, "as_of")
    case = seen(register, call)
    return of_json(_shown(register, case, call), ETag=case.etag(call.caller.agency))


def _shown(register: Register, case: Casefile, call: Call) -> dict[str, Any]:
    told: dict[str, Any] = answered("read_casefile", case.shown_to(call.caller.agency))
    return {**told, "invented": {"since": "next version"}} if register.invents_members else told


def _page(register: Register, call: Call, items: list[Any], operation: str) -> Answer:
    """One page of a list, with a cursor that says nothing to anybody."""
    begin = 0
    if "cursor" in call.request.asked:
        try:
            begin = int(base64.urlsafe_b64decode(call.request.asked["cursor"].removeprefix("c1.")))
        except ValueError:
            raise Problem("invalid-cursor") from None
    end = begin + min(whole(call, "limit", least=1, default=register.page), register.page)
    cursor = "c1." + base64.urlsafe_b64encode(f"{end:06}".encode()).decode() if end < len(items) else None
    following = f"{call.request.path}?cursor={cursor}" if cursor else None
    return of_json(answered(operation, {"data": items[begin:end], "next": following, "next_cursor": cursor}))


def _casefiles(register: Register, call: Call) -> Answer:
    only(call, "limit", "cursor", "count", "state", "turn", "number", "register_number", "finding", "changed_since")
    return _found(register, call, call.request.asked, "list_casefiles")


def _search(register: Register, call: Call) -> Answer:
    asked = call.request.data
    judged("search_casefiles", asked)
    return _found(register, call, asked, "search_casefiles")


def _found(register: Register, call: Call, asked: Mapping[str, Any], operation: str) -> Answer:
    mine = [case for case in register.casefiles.values() if case.is_seen_by(call.caller.agency)]
    kept = [
        case.shown_to(call.caller.agency)
        for case in mine
        if asked.get("state", case.state) == case.state
        and asked.get("number", case.number) == case.number
        and asked.get("register_number", case.finding["register_number"]) == case.finding["register_number"]
        and asked.get("nip", case.told["subject"].get("nip")) == case.told["subject"].get("nip")
    ]
    return _page(register, call, kept, operation)


def _referrals(register: Register, call: Call) -> Answer:
    only(call, "to", "from", "status", "purpose", "overdue", "due_before", "casefile", "limit", "cursor", "count")
    asked, mine = call.request.asked, call.caller.agency
    found = []
    for case in register.casefiles.values():
        listed = [case.referral] if asked.get("status", "open") == "open" else [*case.answered, case.referral]
        for one in listed:
            fits = one is not None and one.to == mine and asked.get("purpose", one.purpose) == one.purpose
            if one is not None and fits and asked.get("casefile", case.id) == case.id:
                found.append(_referral(case, one))
    return _page(register, call, sorted(found, key=lambda one: str(one["opened_at"])), "list_referrals")


def _referral(case: Casefile, one: Referral) -> dict[str, Any]:
    due = one.due_on.isoformat()
    expected = [row for row in rows().values() if row.routed and case.state in row.source and one.party in row.by]
    return {
        "id": one.id,
        "casefile": {
            "id": case.id,
            "number": case.number,
            "state": case.state,
            "version": case.version,
            "href": f"/api/v1/casefiles/{case.id}",
        },
        "purpose": one.purpose,
        "party": one.party,
        "from": named(case.examiner),
        "to": named(one.to),
        "status": "open" if one is case.referral else "answered",
        "opened_at": instant(one.opened_at),
        "clock_from": day_of(one.opened_at).isoformat(),
        "due_on": due,
        "original_due_on": due,
        "due_at": f"{due}T17:00:00.000Z",
        "time_zone": "Asia/Jakarta",
        "rule": {
            "code": one.purpose,
            "days": DUE_IN.days,
            "day_basis": "calendar",
            "starts_from": "opened",
            "clock_from": day_of(one.opened_at).isoformat(),
            "counted_to": due,
            "time_zone": "Asia/Jakarta",
            "source": "simulator",
            "certainty": "unknown",
            "calendar_version": "simulator",
            "explanation": "Simulator: 14 hari kalender / 14 calendar days.",
        },
        "expects": [row.name for row in sorted(expected, key=lambda row: row.targets == ("same",))],
    }


def _finding(register: Register, call: Call) -> Answer:
    found = register.findings.get(call.named["finding"])
    office = found["origin_office"]["code"] if found else ""
    if found is None or not (office == call.caller.agency or is_above(call.caller.agency, office)):
        raise Problem("not-found")
    return of_json(answered("read_finding", found), ETag='"1"')


def _document(register: Register, call: Call) -> Answer:
    found = register.documents.get(call.named["document"])
    if found is None:
        raise Problem("not-found")
    return of_json(answered("read_document", found))


def _transitions(register: Register, call: Call) -> Answer:
    told = {
        "list": "transitions",
        "catalogue_version": "simulator",
        "digest": contract()["flow_digest"],
        "turns": contract()["turns"],
        "data": contract()["rows"],
    }
    return of_json(answered("read_catalogue_transitions", told))


def _log_entries(register: Register, call: Call) -> Answer:
    only(call, "leaf_hash")
    asked = call.request.asked.get("leaf_hash", "")
    for index, entry in enumerate(register.log.entries):
        if entry.leaf.hex() == asked:
            told = {
                "index": index,
                "leaf_hash": asked,
                "entry": entry.id,
                "kind": "transition",
                "stream": entry.stream,
                "seq": entry.seq,
                "proof": f"/api/v1/log/entries/{index}/receipt",
            }
            return of_json(answered("list_log_entries", {"data": [told], "size": len(register.log.entries)}))
    raise Problem("not-found")


def _log_proof(register: Register, call: Call) -> Answer:
    index = call.named["index"]
    if not re.fullmatch("[0-9]{1,9}", index) or int(index) > register.log.head:
        raise Problem("not-sequenced-yet", headers={"Retry-After": "1"})
    shown = call.caller.agency in register.log.entries[int(index)].readers
    content = register.log.proof(int(index), shown=shown).encode()
    return Answer(200, content, {"Content-Type": "text/plain; charset=utf-8"})


def _webhook(register: Register, call: Call) -> Webhook:
    found = register.webhooks.get(call.named["webhook"])
    if found is None or found.client != call.caller.id:
        raise Problem("not-found")
    return found


def _webhooks(register: Register, call: Call) -> Answer:
    mine = [one.shown() for one in register.webhooks.values() if one.client == call.caller.id]
    return of_json(answered("list_webhooks", {"data": mine}))


def _ping(register: Register, call: Call) -> Answer:
    webhook = _webhook(register, call)
    sent = register.courier.send(webhook, register.courier.notice(webhook, PING, {}))
    status = contract()["operations"]["ping_webhook"]["status"]
    return of_json(answered("ping_webhook", {"id": sent.message, "kind": "ping", "status": "pending"}), status=status)


def _rotate(register: Register, call: Call) -> Answer:
    webhook = _webhook(register, call)
    webhook.secret = uuid.uuid4().bytes + uuid.uuid4().bytes
    told = {"secret": webhook.told_secret, "former_until": instant(register.now())}
    return of_json(answered("rotate_webhook_secret", told))


# -- writing -----------------------------------------------------------------------------------------------------------


def perform(register: Register, call: Call, given: dict[str, Any]) -> Answer:
    """A transition: sight, body, party, version, state, in the register's order."""
    case, name = seen(register, call), call.request.path.rsplit("/", 1)[1]
    row, caller = rows()[name], call.caller.agency
    judged(row.operation, given)
    if reasons := list(_known_documents(register, given)):
        raise Problem("invalid-body", reasons=reasons)
    case.judge_party(row, caller)
    named_version = IF_MATCH.fullmatch(call.request.headers.get("if-match", ""))
    if named_version is None:
        raise Problem("precondition-malformed")
    if int(named_version[1]) != case.version:
        now = {"current_version": case.version}
        raise Problem("stale-version", facts=now, members=now, headers={"ETag": case.etag(caller)})
    case.judge(row, caller, given, now=register.now())
    if rehearses(call):
        return _rehearsed(register, call)
    entry = register.step(case, name, given, actor=caller)
    receipt = register.log.receipt(entry)
    if not case.is_seen_by(caller):
        left = {"id": case.id, "number": case.number, "version": case.version, "receipt": receipt}
        return of_json(left, ETag=f'"{case.version}"')
    told = answered(row.operation, {**case.shown_to(caller), "receipt": receipt})
    if register.invents_members:
        told["invented"] = {"since": "next version"}
    return of_json(told, ETag=case.etag(caller))


def _rehearsed(register: Register, call: Call) -> Answer:
    raise Rehearsed(of_json({"valid": True, "warnings": [], "would": {}}))


class Rehearsed(Exception):
    """A write that was tried only: its answer is not kept under a key."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _submit(register: Register, call: Call, given: dict[str, Any]) -> Answer:
    judged("submit_finding", given)
    if reasons := list(_known_documents(register, given)):
        raise Problem("invalid-body", reasons=reasons)
    caller, office = call.caller.agency, given["origin_office"]
    if office != caller and not is_above(caller, office):
        raise Problem("not-your-office")
    for ident, one in register.findings.items():
        if one["register_number"] == given["register_number"] and one["origin_office"]["code"] == office:
            raise Problem("finding-exists", members={"existing": {"href": f"/api/v1/findings/{ident}"}})
    if rehearses(call):
        return _rehearsed(register, call)
    ident, now = str(uuid.uuid4()), register.now()
    href = f"/api/v1/findings/{ident}"
    made = []
    for subject in given["subjects"]:
        case = Casefile(
            id=str(uuid.uuid4()),
            number=f"LTS/{now.year}/{len(register.casefiles) + 1:06}",
            finding=given,
            submitter=office,
            examiner="bkn",
            created_at=now,
            updated_at=now,
            employer=subject.get("employer"),
        )
        told = facts.opened(given, subject, ident=ident, href=href)
        case.finding, case.told = told.pop("finding"), told
        case.readers |= {office, "bkn"}
        register.casefiles[case.id] = case
        receipt = register.log.receipt(register.step(case, "submit", given, actor=caller))
        told = case.shown_to(caller)
        made.append({name: told[name] for name in ("id", "number", "version", "state", "href")} | {"receipt": receipt})
    known = {**given, "id": ident, "version": 1, "casefiles": made, "warnings": []}
    register.findings[ident] = answered("submit_finding", known)
    return of_json(register.findings[ident], status=201, ETag='"1"', Location=href)


def _register_document(register: Register, call: Call, given: dict[str, Any]) -> Answer:
    judged("register_document", given)
    if rehearses(call):
        return _rehearsed(register, call)
    ident = str(uuid.uuid4())
    now, owner = register.now(), call.caller.agency
    # A document's entry is in nobody's feed.
    entry = register.log.append(str(uuid.uuid4()), stream=ident, seq=1, at=now, event={}, readers=frozenset())
    receipt = register.log.receipt(entry, casefile=False)
    known = {**facts.registered(given, ident=ident, owner=owner, now=now), "receipt": receipt}
    register.documents[ident] = answered("register_document", known)
    return of_json(register.documents[ident], status=201, Location=f"/api/v1/documents/{ident}")


def _register_webhook(register: Register, call: Call, given: dict[str, Any]) -> Answer:
    judged("register_webhook", given)
    webhook = Webhook(
        url=given["url"],
        client=call.caller.id,
        agency=call.caller.agency,
        created_at=register.now(),
        types=tuple(given.get("types") or ()),
        contact=given.get("contact"),
        after=register.log.head,
    )
    register.webhooks[webhook.id] = webhook
    told = answered("register_webhook", {**webhook.shown(), "secret": webhook.told_secret})
    return of_json(told, status=201, Location=f"/api/v1/webhooks/{webhook.id}")


# -- without a token ---------------------------------------------------------------------------------------------------


def _metadata(register: Register) -> Answer:
    base = register.base_url
    told = {
        "issuer": base,
        "token_endpoint": f"{base}/oauth/token",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "Ed25519", "PS256"],
    }
    return of_json(told)


def _keys(register: Register) -> Answer:
    return Answer(200, json.dumps(register.jwks).encode(), {"Content-Type": "application/jwk-set+json"})


OPEN: Final[Mapping[str, Callable[[Any], Answer]]] = {"read_authorization_server": _metadata, "read_keys": _keys}
READS: Final[Mapping[str, Read]] = {
    "read_me": _me,
    "read_casefile": _casefile,
    "list_casefiles": _casefiles,
    "search_casefiles": _search,
    "list_referrals": _referrals,
    "read_finding": _finding,
    "read_document": _document,
    "read_catalogue_transitions": _transitions,
    "list_log_entries": _log_entries,
    "read_log_proof": _log_proof,
    "list_webhooks": _webhooks,
    "read_webhook": lambda register, call: of_json(answered("read_webhook", _webhook(register, call).shown())),
    "ping_webhook": _ping,
    "rotate_webhook_secret": _rotate,
}
WRITES: Final[Mapping[str, Write]] = {
    "submit_finding": _submit,
    "register_document": _register_document,
    "register_webhook": _register_webhook,
}
