"""Systems of agencies as tests use them: registered by the owner, each with a private key that signs assertions."""

import os
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import dj_database_url
import orjson
from django.conf import settings
from django.db import connections
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from agencies import assertions, clients, entries, keys, registration
from casefiles.catalogue import book, versions
from tests import sessions

ALL_SCOPES = tuple(settings.SCOPES)
# Making an RSA key takes a second, so the tests share one.
_rsa: list[RSAKey] = []


def new_key(alg: str = "ES256") -> dict[str, Any]:
    """A private JWK."""
    if alg == "PS256":
        if not _rsa:
            _rsa.append(RSAKey.generate_key(3072))
        return dict(_rsa[0].as_dict(private=True))
    made = ECKey.generate_key("P-256") if alg == "ES256" else OKPKey.generate_key("Ed25519")
    return dict(made.as_dict(private=True))


def public(private_jwk: dict[str, Any]) -> dict[str, Any]:
    """What may be registered of it."""
    return {name: value for name, value in private_jwk.items() if name in ("kty", "crv", "x", "y", "n", "e")}


def offer(private_jwk: dict[str, Any], *, client_id: str, **more: Any) -> clients.KeyOffer:
    """The key with its proof of possession, made for this server."""
    proof = keys.prove(private_jwk, client_id=client_id, audience=settings.LINTAS_BASE_URL)
    return clients.KeyOffer(jwk=public(private_jwk), proof=proof, **more)


def load(private_jwk: dict[str, Any]) -> keys.Key:
    """The private JWK as something that signs."""
    kinds: dict[str, Any] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
    key: keys.Key = kinds[private_jwk["kty"]].import_key(private_jwk)
    return key


def sign(header: dict[str, Any], claims: Any, private_jwk: dict[str, Any]) -> str:
    """A compact JWS over whatever a test wants to try; nothing is checked here."""
    registry = keys._registry(tuple(keys.SPELLINGS))
    registry.max_header_length = 100_000
    payload = claims if isinstance(claims, bytes) else orjson.dumps(claims)
    return jws.serialize_compact(header, payload, load(private_jwk), registry=registry)


@dataclass(frozen=True)
class System:
    """A registered client and the private half of its key."""

    client_id: str
    private_jwk: dict[str, Any]
    kid: str = "k1"
    alg: str = "ES256"
    client: clients.RegisteredClient | None = field(default=None, compare=False)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Good claims, with members changed, or left out where the value is `...`."""
        now = int(time.time())
        said = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": settings.LINTAS_BASE_URL,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
        }
        return {name: value for name, value in {**said, **changed}.items() if value is not ...}

    def assertion(self, *, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A good assertion, with header members or claims changed."""
        said = {"alg": self.alg, "kid": self.kid, "typ": "JWT", **(header or {})}
        said = {name: value for name, value in said.items() if value is not ...}
        return sign(said, self.claims(**changed), self.private_jwk)

    def form(self, assertion: str | None = None, **changed: Any) -> dict[str, str]:
        """The form that buys a token."""
        said: dict[str, Any] = {
            "grant_type": "client_credentials",
            "client_assertion_type": assertions.TYPE,
            "client_assertion": self.assertion() if assertion is None else assertion,
        }
        return {name: value for name, value in {**said, **changed}.items() if value is not ...}


@contextmanager
def signed_in_at(url: str, *, on_its_database: bool = True) -> Iterator[None]:
    """Sign Django in with that URL for a while, to another server too. Only for tests that commit.

    The session it had waits meanwhile, and this one afterwards. It is closed where Django goes to another database,
    which may be copied or dropped.
    """
    used = connections.settings["default"]
    names = ("USER", "PASSWORD", "HOST", "PORT", *(("NAME",) if on_its_database else ()))
    kept = {name: used[name] for name in names}
    role = dj_database_url.parse(url)
    if on_its_database:
        connections.close_all()
    before = connections["default"]
    used.update({name: role.get(name, "") for name in kept})
    connections["default"] = connections.create_connection("default")
    sessions.come()
    try:
        yield
    finally:
        sessions.leave()
        connections["default"] = before
        used.update(kept)


def signed_in_with(variable: str) -> AbstractContextManager[None]:
    """As the role whose URL stands in that variable, on the database that the test uses."""
    return signed_in_at(os.environ[variable], on_its_database=False)


def as_owner() -> AbstractContextManager[None]:
    """As the owner: registering is not the web's right."""
    return signed_in_with("DATABASE_URL")


def as_reader() -> AbstractContextManager[None]:
    """As the reader: verifying reads content and writes nothing."""
    return signed_in_with("DATABASE_READER_URL")


def as_courier() -> AbstractContextManager[None]:
    """As the courier: delivering is not the web's work."""
    return signed_in_with("DATABASE_COURIER_URL")


def as_worker() -> AbstractContextManager[None]:
    """As the worker: what takes long is neither the web's work nor the console's."""
    return signed_in_with("DATABASE_WORKER_URL")


def register_agency(code: str = "bawaslu-kota-padang", **changed: Any) -> registration.RegisteredAgency:
    """An agency; everything about it may be changed."""
    facts: dict[str, Any] = {
        "name": code,
        "roles": ["election_supervisor"],
        "level": "city",
        "region": "13.71",
        "valid_from": date(2018, 8, 15),
    }
    now = changed.pop("now", None) or datetime.now(UTC)
    author = changed.pop("author", None)
    entry = entries.AgencyEntry(code=code, **{**facts, **changed})
    return registration.register_agency(entry, now=now, author=author)


def register_system(
    client_id: str = "padang-pengawasan",
    *,
    agency: str = "bawaslu-kota-padang",
    scopes: Sequence[str] = ALL_SCOPES,
    alg: str = "ES256",
    kid: str = "k1",
    private_jwk: dict[str, Any] | None = None,
    **of_the_key: Any,
) -> System:
    """A client of an agency that is registered already, with one key."""
    key = private_jwk or new_key(alg)
    done = clients.register_client(
        client_id=client_id,
        name="Aplikasi pengawasan",
        agency=agency,
        scopes=scopes,
        offers=[offer(key, client_id=client_id, kid=kid, **of_the_key)],
        issuer=settings.LINTAS_BASE_URL,
        now=datetime.now(UTC),
    )
    return System(client_id=client_id, private_jwk=key, kid=kid, alg=alg, client=done)


def registered_system(**changed: Any) -> System:
    """An agency and its system, as most tests need them, registered by the owner; what it writes is accepted."""
    with as_owner():
        versions.load(book.load(), now=datetime.now(UTC))
        register_agency()
        return register_system(**changed)
