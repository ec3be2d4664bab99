"""The client: reads what an agency may see, and writes so that each act happens once."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, cast

import httpx

from lintas_client.acts import Acts
from lintas_client.answers import Answer, answer_of
from lintas_client.feed import Feed
from lintas_client.identity import Identity, read_profile
from lintas_client.outbox import Accepted, Intention, Outbox
from lintas_client.problems import LintasError, Problem, StaleVersion, Unanswered, Unauthenticated, problem_of
from lintas_client.receipts import Receipts
from lintas_client.signing import content_digest
from lintas_client.store import Store
from lintas_client.tokens import Tokens
from lintas_client.wire import API, Call, Patience, Wire

if TYPE_CHECKING:
    from lintas_client import shapes

TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
"""Longer than any long poll of the feed, which ends after 30 s."""


@dataclass(frozen=True)
class Resumed:
    """What became of a pending intention: `accepted`, or `problem`, which says whether it is settled."""

    intention: Intention
    accepted: Accepted | None = None
    problem: LintasError | None = None


class Client:
    """One system of one agency, calling one register. One for each thread; several processes may share a store.

        with Client.open() as lintas:                  # the profile that `lintas login` wrote
            lintas.resume()                            # what an earlier run left unsent
            lintas.acts.acknowledge(casefile, {...}, reference="surat masuk 118/2026")

    Methods that write take a `reference`: the caller's own name for that intention. A program that dies and does the
    same again under the same reference does it once. Without one, `resume` is what makes up for a crash.
    """

    def __init__(
        self,
        identity: Identity,
        store: Store,
        *,
        policy: Path | None = None,
        http: httpx.Client | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.identity = identity
        self.store = store
        self._http = http or httpx.Client(timeout=TIMEOUT)
        self.wire = Wire(identity, Tokens(identity, store, self._http), self._http, patience=patience, sleep=sleep)
        self.outbox = Outbox(store, identity.name)
        self.receipts = Receipts(store, identity, self.wire, self._http, policy=policy)
        self.feed = Feed(self.wire, sleep=sleep)
        self.acts = Acts(self.act)

    @classmethod
    def open(cls, profile: str = "default", *, language: str = "") -> Client:
        """The client of a profile. Raises `identity.BadProfile`, `keys.BadKey` or `store.StoreUnusable`."""
        kept = read_profile(profile)
        return cls(kept.identity(language=language), Store(kept.store), policy=kept.policy)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let connections and files go. What is pending stays in the outbox."""
        self._http.close()
        self.store.close()

    # -- reading ------------------------------------------------------------------------------------------------------

    def get(self, path: str, **query: str | int) -> Answer:
        """GET below /api/v1. Raises `Problem` or `Unanswered`."""
        return self.wire.send(Call("GET", path, query=query))

    def me(self) -> shapes.Me:
        """Who this is for the register, with which scopes, and what ends soon."""
        return cast("shapes.Me", self.get("/me").data)

    def casefile(self, casefile: str) -> shapes.Casefile:
        """The casefile as this agency sees it now; its version is what the next act on it names."""
        seen = cast("shapes.Casefile", self.get(f"/casefiles/{_uuid(casefile)}").data)
        self.saw(seen["id"], seen["version"])
        return seen

    def casefiles(self, **filters: str | int) -> Iterator[shapes.CasefileItem]:
        """All casefiles that fit, page after page."""
        return cast("Iterator[shapes.CasefileItem]", self._listed("/casefiles", filters))

    def referrals(self, **filters: str | int) -> Iterator[shapes.Referral]:
        """What waits for this agency, soonest due first."""
        return cast("Iterator[shapes.Referral]", self._listed("/referrals", filters))

    def saw(self, casefile: str, version: int) -> None:
        """Note that this version of the casefile was seen: `If-Match` of the next act is the newest seen."""
        self.store.keep_version(self.identity.name, casefile, version)

    # -- writing ------------------------------------------------------------------------------------------------------

    def submit_finding(self, finding: shapes.FindingGiven, *, reference: str | None = None) -> Accepted:
        """Forward a finding. Raises `Problem` or `Unanswered`; after the latter it is pending."""
        return self.post("/findings", finding, reference=reference)

    def register_document(self, descriptor: shapes.Descriptor, *, reference: str | None = None) -> Accepted:
        """Register what describes a document, without its content; `id` of what is returned is the document's."""
        return self.post("/documents", descriptor, reference=reference)

    def register_file(self, path: Path, **described: Any) -> Accepted:
        """Register the descriptor of a file: size and digest are taken from it; `type` and `title` are yours."""
        content = path.read_bytes()
        descriptor = {"size": len(content), "sha256": sha256(content).hexdigest(), **described}
        return self.register_document(cast("shapes.Descriptor", descriptor), reference=None)

    def upload(self, document: str, content: bytes) -> Answer:
        """Bring the content of a document; as often as one likes, for other bytes are refused."""
        headers = {"Content-Digest": content_digest(content), "Content-Type": "application/octet-stream"}
        return self.wire.send(Call("PUT", f"/documents/{_uuid(document)}/content", content=content, headers=headers))

    def act(
        self,
        casefile: str,
        transition: str,
        given: Mapping[str, Any],
        *,
        reference: str | None = None,
        version: int | None = None,
    ) -> Accepted:
        """Perform a transition on the version seen last (or the one named); the casefile is read first if it never was.

        Raises `StaleVersion`, having read the casefile again, where it has changed meanwhile; nothing is repeated then.
        """
        casefile = _uuid(casefile)
        seen = version or self.store.version(self.identity.name, casefile) or self.casefile(casefile)["version"]
        return self.post(f"/casefiles/{casefile}/{transition}", given, reference=reference, if_match=f'"{seen}"')

    def rehearse(self, path: str, body: Mapping[str, Any]) -> shapes.Rehearsal:
        """Try a write without storing anything (`validate_only`). Raises `Problem` as the write would."""
        call = replace(Call.of_json("POST", path, body), query={"validate_only": "true"})
        return cast("shapes.Rehearsal", self.wire.send(call).data)

    def post(
        self, path: str, body: Mapping[str, Any], *, reference: str | None = None, if_match: str | None = None
    ) -> Accepted:
        """POST something that is created or performed, through the outbox. Raises `Problem` or `Unanswered`."""
        content = json.dumps(body, ensure_ascii=False).encode()
        return self.send(self.outbox.intend("POST", path, content, if_match=if_match, reference=reference))

    def change(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """PATCH, PUT or DELETE, which say how something shall be and may be repeated. Raises as `post`."""
        return self.wire.send(Call(method, path) if body is None else Call.of_json(method, path, body))

    def ask_openly(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """A request below /api/v1 without a token, for what everybody may ask. Raises `Problem` or httpx.HTTPError."""
        url = f"{self.identity.base_url}{API}{path}"
        response = self._http.request(method, url, json=body, headers={"Accept-Language": self.identity.language})
        answer = answer_of(method, path, response)
        if answer.status >= 400:
            raise problem_of(answer)
        return answer

    # -- the outbox ---------------------------------------------------------------------------------------------------

    def send(self, intention: Intention) -> Accepted:
        """Send an intention, now or again, always with its own key. Raises `Problem` or `Unanswered`."""
        if intention.state == "accepted":
            return self.outbox.remembered(intention)
        headers = {"Content-Type": "application/json", "Idempotency-Key": intention.key}
        if intention.if_match is not None:
            headers["If-Match"] = intention.if_match
        call = Call(intention.method, intention.path, content=intention.body or b"", headers=headers)
        try:
            answer = self.wire.send(call, doubtful=not intention.is_new)
        except Problem as problem:
            if problem.is_settled and self.outbox.refuse(intention, problem):
                return self.outbox.remembered(self.outbox.find(intention.key))
            if isinstance(problem, StaleVersion):
                problem.current = self._read_again(intention.path)
            raise
        return self.outbox.accept(intention, answer)

    def resume(self) -> list[Resumed]:
        """Send what is pending, oldest first, with the keys it was sent with before.

        It stops where nobody answers or nobody is recognised, because the rest would fare alike.
        """
        done: list[Resumed] = []
        for intention in self.outbox.pending():
            try:
                done.append(Resumed(intention, accepted=self.send(intention)))
            except (Unanswered, Unauthenticated) as why:
                return [*done, Resumed(intention, problem=why)]
            except Problem as refused:
                done.append(Resumed(intention, problem=refused))
        return done

    # -- beside -------------------------------------------------------------------------------------------------------

    def _read_again(self, path: str) -> shapes.Casefile | None:
        try:
            return self.casefile(path.split("/")[2])
        except (LintasError, IndexError, ValueError):
            return None

    def _listed(self, path: str, query: Mapping[str, str | int]) -> Iterator[Any]:
        asked = dict(query)
        while True:
            page = self.get(path, **asked).data
            yield from page["data"]
            if not page.get("next_cursor"):
                return
            asked["cursor"] = page["next_cursor"]


def _uuid(text: str) -> str:
    """The id in its one spelling. Raises ValueError: an address must not be built of anything else."""
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError):
        raise ValueError("An id is a UUID as the register wrote it; a casefile's number is not its id.") from None
