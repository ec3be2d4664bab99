"""The stand-in register: one request in, one answer out, everything in memory, every exchange on record."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from lintas_simulator import facts, routes
from lintas_simulator.casefiles import Casefile, day_of
from lintas_simulator.contract import contract, rows
from lintas_simulator.keys import PublicKey
from lintas_simulator.log import Entry, Log, instant
from lintas_simulator.messages import Answer, Exchange, Request, of_json
from lintas_simulator.mishaps import FEED, Mishap, Mishaps
from lintas_simulator.problems import Problem, Reason, preferred
from lintas_simulator.tokens import Client, Tokens
from lintas_simulator.webhooks import Courier, Webhook

KEY: Final = re.compile(r"[!-~]{16,255}")
PERFORM: Final = "perform_"
INVENTED: Final = "lintas.casefile.invented"
SCOPES: Final[Mapping[str, str | None]] = {
    "read_me": None,
    "read_catalogue_transitions": None,
    "list_log_entries": None,
    "read_log_proof": None,
    "submit_finding": "findings:write",
    "read_finding": "casefiles:read",
    "list_casefiles": "casefiles:read",
    "search_casefiles": "casefiles:read",
    "read_casefile": "casefiles:read",
    "list_referrals": "casefiles:read",
    "list_events": "events:read",
    "register_document": "documents:write",
    "read_document": "documents:read",
}
PASSING: Final[Mapping[str, str]] = {
    "unavailable": "temporarily-unavailable",
    "limited": "rate-limited",
    "in-progress": "request-in-progress",
}
UNKEYED: Final = frozenset({"search_casefiles", "ping_webhook", "rotate_webhook_secret"})
OPEN: Final = frozenset({"create_token", "read_authorization_server", "read_keys"})


@dataclass
class Call:
    """A request on its way through the register: who calls what, and what was found out about it."""

    request: Request
    operation: str
    named: Mapping[str, str]
    language: str
    client: Client | None = None
    casefile: Casefile | None = None
    version: int | None = None
    committed: bool = False

    @property
    def caller(self) -> Client:
        """The client, once its token was believed."""
        if self.client is None:
            raise Problem("token-missing")
        return self.client


@dataclass
class Register:
    """A register in memory. `base_url` is its address and its issuer; `clock` gives POSIX seconds.

    `handle` is the whole door; `record` has what came and went, in order; `mishaps` is what shall go wrong.
    """

    base_url: str
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    clock_off: float = 0.0
    invents_members: bool = False
    page: int = 100
    mishaps: Mishaps = field(default_factory=Mishaps)
    record: list[Exchange] = field(default_factory=list)
    casefiles: dict[str, Casefile] = field(default_factory=dict)
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[str, Answer]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Open the log and the token endpoint."""
        self.tokens = Tokens(issuer=self.base_url)
        self.log = Log(base_url=self.base_url, host=self.base_url.partition("//")[2])
        self.courier = Courier(lambda: self.now().timestamp())
        self.lock = threading.RLock()
        self._last_page: dict[str, int] = {}

    # -- who takes part -----------------------------------------------------------------------------------------------

    def enrol(self, agency: str, key: PublicKey, *, client: str = "", scopes: list[str] | None = None) -> Client:
        """Register a system of an agency with its public key; a second key of the same client is added."""
        ident = client or f"{agency}-system"
        keys = {**(self.tokens.clients[ident].keys if ident in self.tokens.clients else {}), key.kid: key}
        granted = frozenset(scopes or contract()["scopes"].get(agency, ()))
        self.tokens.clients[ident] = Client(id=ident, agency=agency, scopes=granted, keys=keys)
        return self.tokens.clients[ident]

    def now(self) -> datetime:
        """The register's clock, in milliseconds."""
        moment = datetime.fromtimestamp(self.clock() + self.clock_off, UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    # -- the door -----------------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Answer:
        """Answer one request, with whatever shall go wrong with it."""
        began = self.clock()
        operation, named = routed(request.method, request.path)
        call = Call(request, operation, named, preferred(request.headers.get("accept-language", "")))
        mishap = self.mishaps.take(operation)
        if mishap and mishap.kind == "late":
            self.sleep(mishap.seconds)
        try:
            with self.lock:
                call.casefile = self.casefiles.get(named.get("casefile", ""))
                call.version = call.casefile.version if call.casefile else None
                self._before(call, mishap)
                answer = self._answered(call, mishap)
        except Problem as problem:
            answer = problem.answer(base_url=self.base_url, language=call.language)
        answer = _spoiled(answer, mishap, base_url=self.base_url, language=call.language)
        headers = {"Date": _http_date(self.now()), "X-Request-Id": str(uuid.uuid4()), "API-Version": "1"}
        answer = replace(answer, headers={**headers, **answer.headers})
        with self.lock:
            kind = mishap.kind if mishap else ""
            self.record.append(
                Exchange(
                    number=len(self.record) + 1,
                    at=began,
                    until=self.clock(),
                    request=request,
                    answer=answer,
                    operation=operation,
                    client=call.client.id if call.client else self.tokens.buyer(request),
                    casefile=named.get("casefile", ""),
                    mishap=kind,
                    committed=call.committed,
                    version=call.version,
                )
            )
        return answer

    def _before(self, call: Call, mishap: Mishap | None) -> None:
        """What goes wrong before anything is done."""
        if mishap is None:
            return
        wait = {"Retry-After": str(mishap.retry_after)}
        if mishap.kind in PASSING:
            raise Problem(PASSING[mishap.kind], headers=wait)
        if mishap.kind == "forbidden":
            raise Problem("wrong-party", facts={"by": "-"})
        if mishap.kind == "token-refused":
            raise Problem("token-invalid")
        if mishap.kind == "token-revoked":
            self.tokens.revoke_all()
        if mishap.kind == "race" and call.casefile is not None:
            note = {"code": "team_formed", "date": day_of(self.now()).isoformat()}
            self.act(call.casefile, "note", note, actor=call.casefile.examiner)
            call.version = call.casefile.version

    def _answered(self, call: Call, mishap: Mishap | None) -> Answer:
        if mishap and mishap.kind == "cut":
            return Answer(0, cut=0)
        if not call.operation:
            raise Problem("unknown-route")
        if call.operation == "create_token":
            answer, client = self.tokens.sell(call.request, now=self.now().timestamp())
            call.client, call.committed = self.tokens.clients[client], True
            return answer
        if call.operation in OPEN:
            return routes.OPEN[call.operation](self)
        call.client = self.tokens.holder(call.request, now=self.now().timestamp())
        scope = SCOPES.get(call.operation, "webhooks:write" if "webhook" in call.operation else "casefiles:write")
        if scope and scope not in call.caller.scopes:
            raise Problem("insufficient-scope", facts={"scope": scope})
        if call.operation == "list_events":
            return self._events(call, mishap)
        if call.request.method != "POST" or call.operation in UNKEYED:
            return routes.READS[call.operation](self, call)
        return self._written(call)

    def _written(self, call: Call) -> Answer:
        """A write, once for each key."""
        given = body_of(call.request)
        key = call.request.headers.get("idempotency-key", "").strip('"')
        if not key:
            raise Problem("idempotency-key-missing")
        if not KEY.fullmatch(key):
            raise Problem("idempotency-key-malformed")
        if call.operation.startswith(PERFORM):
            if "if-match" not in call.request.headers:
                raise Problem("precondition-required")
            routes.seen(self, call)
        text = json.dumps([call.request.method, call.request.path, given], sort_keys=True)
        mark = hashlib.sha256(text.encode()).hexdigest()
        kept = self.answers.get((call.caller.id, key))
        if kept is not None:
            if kept[0] != mark:
                raise Problem("idempotency-key-reused")
            return replace(kept[1], headers={**kept[1].headers, "Idempotency-Replayed": "true"})
        try:
            answer = routes.WRITES.get(call.operation, routes.perform)(self, call, given)
        except routes.Rehearsed as tried:
            return tried.answer
        call.committed = True
        self.answers[call.caller.id, key] = (mark, answer)
        return answer

    def _events(self, call: Call, mishap: Mishap | None) -> Answer:
        kind = mishap.kind if mishap and mishap.kind in FEED else ""
        asked = routes.whole(call, "after", least=-1, default=-1)
        if asked > self.log.head:
            raise Problem("beyond-head", facts={"head": self.log.head})
        former = self._last_page.get(call.caller.id, -1)
        after = min(former, asked) if kind == "page-repeated" else asked
        limit = routes.whole(call, "limit", least=1, default=self.page)
        routes.whole(call, "wait", least=0, default=0)
        routes.only(call, "after", "limit", "wait")
        found = [event for event in self.log.feed(call.caller.agency) if event["logindex"] > after][:limit]
        if found and kind != "page-repeated":
            self._last_page[call.caller.id] = asked
        following = found[-1]["logindex"] if len(found) == limit else max(self.log.head, asked)
        shown = found[1:] if kind == "hole" else found
        page = {
            "data": shown,
            "next_after": following,
            "next": f"/api/v1/events?after={following}",
            "head": self.log.head,
        }
        return of_json(page)

    # -- what happens -------------------------------------------------------------------------------------------------

    def act(self, case: Casefile, name: str, given: Mapping[str, Any], *, actor: str) -> Entry:
        """Perform a row as that agency, without a request; the step is in the log and in the feeds."""
        row = rows()[name]
        case.judge_party(row, actor)
        case.judge(row, actor, given, now=self.now())
        return self.step(case, name, given, actor=actor)

    def step(self, case: Casefile, name: str, given: Mapping[str, Any], *, actor: str) -> Entry:
        """Write a step that was judged. Whoever saw the file before or after it has it in the feed."""
        row, before, now = rows()[name], case.sighted, self.now()
        if name == "submit":
            case.version = 1
            case.hand_over(now=now, keeps=False)
        else:
            facts.perform(case, row, given, actor=actor, now=now)
        return self.tell(case, kind=row.announces, transition=name, readers=before | case.sighted)

    def tell(self, case: Casefile, *, kind: str, transition: str | None, readers: frozenset[str]) -> Entry:
        """Write an entry of that casefile with its event."""
        source = f"{self.base_url}/log/1"
        ident, now = str(uuid.uuid4()), self.now()
        event = case.event(kind=kind, transition=transition, entry=ident, source=source, at=now)
        if kind == INVENTED:
            event["invented"] = {"since": "next version"}
        return self.log.append(ident, stream=case.id, seq=case.version, at=now, event=event, readers=readers)

    def invent(self, case: Casefile) -> Entry:
        """Let something happen that no client knows: an event of an unknown type, with an unknown member."""
        return self.tell(case, kind=INVENTED, transition="invented", readers=case.sighted)

    def does(self, operation: str, path: str, given: dict[str, Any], *, agency: str) -> dict[str, Any]:
        """Let an agency's own system do something, without a token, and not on record. Raises `Problem`."""
        scopes = frozenset(contract()["scopes"].get(agency, ()))
        _, named = routed("POST", path)
        version = self.casefiles[named["casefile"]].version if "casefile" in named else 0
        request = Request("POST", path, headers={"if-match": f'"{version}"'})
        call = Call(request, operation, named, "en", client=Client(f"{agency}-system", agency, scopes, {}))
        call.casefile = self.casefiles.get(named.get("casefile", ""))
        with self.lock:
            answer = routes.WRITES.get(operation, routes.perform)(self, call, given)
        done: dict[str, Any] = answer.data
        return done

    @property
    def jwks(self) -> dict[str, Any]:
        """The published keys."""
        return {"keys": [*(key.published for key in self.log.receipt_keys), self.log.published, self.courier.published]}


def body_of(request: Request) -> dict[str, Any]:
    """The object in a body. Raises `Problem`."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Problem("unsupported-media-type")
    try:
        parsed = json.loads(request.content)
    except ValueError:
        raise Problem("malformed-json", reasons=[Reason("syntax")]) from None
    if not isinstance(parsed, dict):
        raise Problem("invalid-body", reasons=[Reason("not-an-object", pointer="#")])
    return parsed


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    listed = {name: (one["method"], one["path"]) for name, one in contract()["operations"].items()}
    listed |= {
        "read_authorization_server": ("GET", "/.well-known/oauth-authorization-server"),
        "read_keys": ("GET", "/.well-known/jwks.json"),
        "read_log_proof": ("GET", "/api/v1/log/entries/{index}/receipt"),
    }
    made = []
    for name, (method, path) in listed.items():
        # An address with a name in it comes after one that is spelt out.
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        made.append((method, pattern, name))
    return tuple(sorted(made, key=lambda one: one[1].pattern.count("?P<")))


def routed(method: str, path: str) -> tuple[str, Mapping[str, str]]:
    """The operation of an address, and what its names stand for; an empty operation where there is none."""
    for wanted, pattern, name in _patterns():
        found = pattern.fullmatch(path)
        if found and wanted == method:
            return name, found.groupdict()
    return "", {}


def _spoiled(answer: Answer, mishap: Mishap | None, *, base_url: str, language: str) -> Answer:
    """What goes wrong after everything was done."""
    if mishap is None:
        return answer
    if mishap.kind == "cut-after":
        return replace(answer, cut=0)
    if mishap.kind == "half":
        return replace(answer, cut=len(answer.content) // 2)
    if mishap.kind == "unavailable-after":
        problem = Problem("temporarily-unavailable", headers={"Retry-After": str(mishap.retry_after)})
        return problem.answer(base_url=base_url, language=language)
    return answer


def _http_date(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


__all__ = ["Call", "Register", "body_of", "instant", "routed"]
