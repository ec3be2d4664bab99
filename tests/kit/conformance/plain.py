"""A client of one's own over the standard library, right in all that the kit judges, but for the mistakes it is told.

Each mistake is one that a hurried programmer makes, and nothing else about the client changes with it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lintas_conformance import Act, Outcome
from lintas_conformance.acts import VERBS
from lintas_simulator import Register
from lintas_simulator.keys import PublicKey, unb64u
from lintas_simulator.keys import SigningKey as Drawn
from tests.kit.conformance.clocks import Clock

KEY = Drawn.draw()
ATTEMPTS = 6


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status


class Silent(Exception):
    pass


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    data: Any


class Plain:
    """One system of one agency. `mistakes` says in what it is careless."""

    def __init__(
        self, register: Register, clock: Clock, *, agency: str, mistakes: frozenset[str] = frozenset()
    ) -> None:
        self.agencies = (agency,)
        self.verbs = frozenset(VERBS)
        self.hook = ""
        self.mistakes = mistakes
        self.clock = clock
        self.host = register.base_url.partition("//")[2]
        self.issuer = register.base_url
        self.client = register.enrol(agency, PublicKey.of_key(KEY.private.public_key(), kid="k")).id
        self.token = ""
        self.assertion = ""
        self.skew = 0.0
        self.keys: dict[str, str] = {}
        self.guesses: dict[str, str] = {}
        self.place = -1
        self.newest: int | None = None
        self.receipts: list[str] = []
        self.said: list[str] = []
        self.heard: list[str] = []
        self.secret = b""
        self.published: dict[str, Any] = {}

    def has(self, mistake: str) -> bool:
        return mistake in self.mistakes

    # -- the wire -----------------------------------------------------------------------------------------------------

    def exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.request(method, path, body or None, dict(headers))
            answer = connection.getresponse()
            content = answer.read()
            told = {name.lower(): value for name, value in answer.getheaders()}
            if "date" in told and "clock-ignored" not in self.mistakes:
                seconds = time.mktime(time.strptime(told["date"], "%a, %d %b %Y %H:%M:%S %Z")) - time.timezone
                self.skew = seconds - time.time()
            kind = told.get("content-type", "")
            return Reply(answer.status, told, json.loads(content) if "json" in kind else content.decode())
        except (OSError, http.client.HTTPException) as why:
            raise Silent from why
        finally:
            connection.close()

    def buy(self) -> None:
        for _ in range(10 if self.has("clock-ignored") else 2):
            if not self.assertion or not self.has("assertion-kept"):
                now = int(time.time() + self.skew)
                audience = f"{self.issuer}/oauth/token" if self.has("aud-is-token-url") else self.issuer
                claims = {"iss": self.client, "sub": self.client, "aud": audience, "iat": now, "exp": now + 60}
                named = {**claims, "jti": str(uuid.uuid4())}
                self.assertion = KEY.jws(json.dumps(named).encode(), kid="k", typ="JWT")
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": self.assertion,
            }
            if self.has("secret-sent"):
                form["client_secret"] = "geheim"
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            sold = self.exchange("POST", "/oauth/token", kind, urlencode(form).encode())
            if sold.status == 200:
                self.token = sold.data["access_token"]
                if self.has("token-logged"):
                    self.said.append(f"Authorization: Bearer {self.token}")
                return
        raise Refused(sold.status, sold.data["code"])

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Reply:
        renewed = 0
        for attempt in range(1, (60 if self.has("never-gives-up") else ATTEMPTS) + 1):
            if not self.token or self.has("token-for-each-call"):
                self.buy()
            sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
            if self.has("new-key-on-retry") and attempt > 1 and "Idempotency-Key" in sent:
                sent["Idempotency-Key"] = str(uuid.uuid4())
            try:
                reply = self.exchange(method, f"/api/v1{path}", sent, body)
            except Silent:
                if self.has("silence-is-final") or attempt == ATTEMPTS:
                    raise
                self.clock.sleep(1)
                continue
            code = reply.data.get("code", "") if isinstance(reply.data, dict) else ""
            if (
                reply.status == 401
                and renewed < (9 if self.has("loops-on-401") else 1)
                and not self.has("401-is-final")
            ):
                renewed += 1
                self.token = ""
                continue
            passes = reply.status in {429, 503} or code == "request-in-progress"
            if self.has("repeats-4xx") and reply.status in {403, 409, 422}:
                passes = True
            if not passes:
                if reply.status >= 400:
                    raise Refused(reply.status, code)
                return reply
            self.clock.sleep(0 if self.has("ignores-retry-after") else float(reply.headers.get("retry-after", 1)))
        raise Silent

    # -- acts ---------------------------------------------------------------------------------------------------------

    def do(self, act: Act) -> Outcome:
        handled: list[str] = []
        self.said = [f"{act.verb} {act.reference}"]
        if self.has("body-logged"):
            self.said.append(json.dumps(act.body))
        try:
            self.perform(act, handled)
            code = 0
        except Silent:
            code = 0 if self.has("silence-is-success") else 3
        except Refused as why:
            self.said.append(str(why))
            code = 0 if self.has("refusals-hidden") else 1
        return Outcome(code, "\n".join(self.said), tuple(handled))

    def perform(self, act: Act, handled: list[str]) -> None:
        if act.verb == "submit":
            self.write("/findings", act)
        elif act.verb == "document":
            self.write("/documents", act)
        elif act.verb == "transition":
            self.transition(act)
        elif act.verb == "inbox":
            self.inbox()
        elif act.verb == "follow":
            self.follow(handled)
        elif act.verb == "heard":
            handled += self.heard
        elif act.verb == "receipts":
            self.redeem()

    def write(self, path: str, act: Act, version: str = "") -> None:
        if self.has("restart-forgets") or act.reference not in self.keys:
            self.keys[act.reference] = str(uuid.uuid4())
        key = self.keys[act.reference]
        if self.has("one-key-for-all"):
            key = "kunci-tetap-0123456789"
        if self.has("key-of-nip"):
            key = f"198501012010011001-{act.reference}"[:200].replace(" ", "-")
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        if self.has("no-key"):
            del headers["Idempotency-Key"]
        if self.has("form-sent"):
            headers["Content-Type"] = "text/plain"
        if version:
            headers["If-Match"] = "*" if self.has("if-match-star") else f'"{version}"'
        if self.has("no-if-match"):
            headers.pop("If-Match", None)
        if self.has("nip-in-header"):
            headers["X-Request-Id"] = "198501012010011001"
        reply = self.ask("POST", path, headers, json.dumps(act.body).encode())
        if self.has("chokes-on-new-members") and "invented" in reply.data:
            raise Refused(0, "unknown member")
        for one in reply.data.get("casefiles", [reply.data]):
            if one.get("receipt"):
                self.receipts.append(one["receipt"]["proof"])

    def transition(self, act: Act) -> None:
        path = f"/casefiles/{act.casefile}"
        if self.has("nip-in-url"):
            self.ask("GET", "/casefiles?number=" + quote("198501012010011001"))
        if self.has("name-in-url"):
            self.ask("GET", "/casefiles?number=" + quote("Contoh Nama"))
        if self.has("guesses-the-version"):
            version = "6"
        elif self.has("412-ignored") and act.casefile in self.guesses:
            version = self.guesses[act.casefile]
        else:
            version = str(self.ask("GET", path).data["version"])
        if self.has("route-misspelt"):
            with contextlib.suppress(Refused):
                self.ask("GET", "/perkara")
        try:
            self.write(f"{path}/{act.transition}", act, version)
        except Refused as why:
            if self.goes_round(why, path, act, version):
                return
            if why.status != 412:
                raise
            if self.has("412-repeated"):
                self.write(f"{path}/{act.transition}", act, version)
            self.guesses[act.casefile] = str(int(version) + 1)
            raise

    def goes_round(self, why: Refused, path: str, act: Act, version: str) -> bool:
        """What a hurried programmer does with a refusal of the law's: whether it counts as done then."""
        otherwise = {
            "moves-the-day": {"date": "2024-10-23"},
            "dates-back": {"occurred_at": "2024-10-24T10:00:00+07:00"},
            "asks-until-granted": {},
        }
        for mistake, changed in otherwise.items():
            if self.has(mistake) and why.status == 409:
                again = replace(act, reference=f"{act.reference} again", body={**(act.body or {}), **changed})
                self.write(f"{path}/{act.transition}", again, version)
                return True
        return self.has("moved-on-ignored") and why.status == 403

    def inbox(self) -> None:
        path = "/referrals?status=open" + ("&sort=due" if self.has("parameter-invented") else "")
        while path:
            page = self.ask("GET", path).data
            cursor = page["next_cursor"] and page["next_cursor"][: -3 if self.has("cursor-cut") else None]
            path = f"/referrals?cursor={quote(cursor)}" if cursor and not self.has("first-page-only") else ""

    def follow(self, handled: list[str]) -> None:
        if self.has("place-forgotten"):
            self.place, self.newest = -1, None
        for turn in range(30):
            page = self.ask("GET", f"/events?after={self.place}").data
            if not page["data"] and not (self.has("tight-loop") and turn < 20):
                return
            found = page["data"][::-1] if self.has("newest-first") else page["data"]
            for event in found:
                if (
                    event["logindex"] <= self.place
                    and not self.has("page-taken-twice")
                    and not self.has("newest-first")
                ):
                    continue
                if event["previous"] != self.newest and not self.mistakes & {
                    "gap-ignored",
                    "newest-first",
                    "page-taken-twice",
                }:
                    return
                if self.has("unknown-type-stops") and event["type"].endswith("invented"):
                    return
                handled.append(event["id"])
                self.place = max(self.place, event["logindex"])
                self.newest = self.place

    def redeem(self) -> None:
        if self.has("receipts-thrown-away"):
            return
        for proof in self.receipts:
            found = self.ask("GET", proof.removeprefix("/api/v1")).data["data"][0]
            self.ask("GET", f"/log/entries/{found['index']}/receipt")
        self.receipts.clear()

    # -- webhooks -----------------------------------------------------------------------------------------------------

    def take_secret(self, secret: str) -> None:
        self.secret = base64.b64decode(secret.removeprefix("whsec_"))

    def receive(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        said = {name.lower(): value for name, value in headers.items()}
        if not self.is_genuine(said, body):
            return 401, b""
        event = json.loads(body)
        if event["type"] == "lintas.webhook.challenge":
            if self.has("challenge-not-echoed"):
                return 200, b"ok"
            return 200, json.dumps({"challenge": event["data"]["challenge"]}).encode()
        if event["id"] in self.heard:
            if self.has("second-message-refused"):
                return 409, b""
            if not self.has("message-taken-twice"):
                return 204, b""
        if self.has("order-demanded") and self.heard and event["logindex"] < self.latest:
            return 409, b""
        self.latest = event["logindex"]
        self.heard.append(event["id"])
        return 204, b""

    def is_genuine(self, said: Mapping[str, str], body: bytes) -> bool:
        if self.has("believes-everything"):
            return True
        parts = ("webhook-id", "webhook-timestamp", "webhook-signature", "lintas-webhook-key")
        if any(name not in said for name in parts):
            return False
        ident, stamp, signatures, kid = (said[name] for name in parts)
        if abs(self.clock() - int(stamp)) > 300 and not self.has("age-unchecked"):
            return False
        signed = b".".join((ident.encode(), stamp.encode(), body))
        made = dict(one.split(",", 1) for one in signatures.split())
        v1 = base64.b64encode(hmac.digest(self.secret, signed, hashlib.sha256)).decode()
        if not hmac.compare_digest(v1, made["v1"]) and not self.has("v1-unchecked"):
            return False
        if self.has("v1a-unchecked"):
            return True
        if kid not in self.published and not (self.published and self.has("keys-fetched-once")):
            listed = self.exchange("GET", "/.well-known/jwks.json", {}).data["keys"]
            self.published = {key["kid"]: key for key in listed if key.get("crv") == "Ed25519"}
        if kid not in self.published:
            return False
        try:
            key = Ed25519PublicKey.from_public_bytes(unb64u(self.published[kid]["x"]))
            key.verify(base64.b64decode(made["v1a"]), signed)
        except InvalidSignature:
            return False
        return True

    latest = -1
