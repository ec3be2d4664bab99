"""When the client repeats a request and when it does not, told by a register that misbehaves on demand."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from lintas_client import (
    BadKey,
    BadProfile,
    Client,
    Identity,
    LintasError,
    NotAllowed,
    NotFound,
    Patience,
    Problem,
    RateLimited,
    SigningKey,
    Store,
    StoreUnusable,
    Unanswered,
    Unauthenticated,
)
from tests.callers import load, new_key, public
from tests.kit.client.conftest import in_this_process
from tests.world import World

BASE = "https://lintas.example.go.id"
CASEFILE = "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3b00"
KEY = SigningKey.read(dict(ECKey.generate_key("P-256").as_dict(private=True)), kid="k1")

Answers = list[httpx.Response | Exception]


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "status": status, "detail": f"{code}."}, headers=headers)


def accepted() -> httpx.Response:
    return httpx.Response(200, json={"id": CASEFILE, "version": 4})


class Register:
    """Sells tokens, and answers everything else from a list."""

    def __init__(self, *answers: httpx.Response | Exception, ahead: float = 0.0, lasts: int = 600) -> None:
        self.answers: Answers = list(answers)
        self.ahead, self.lasts = ahead, lasts
        self.sent: list[httpx.Request] = []
        self.assertions: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/.well-known/"):
            at = datetime.now(UTC) + timedelta(seconds=self.ahead)
            metadata = {"issuer": BASE, "token_endpoint": f"{BASE}/oauth/token"}
            return httpx.Response(200, json=metadata, headers={"Date": format_datetime(at, usegmt=True)})
        if request.url.path == "/oauth/token":
            self.assertions.append(dict(httpx.QueryParams(request.content.decode()))["client_assertion"])
            token = f"token-{len(self.assertions)}"
            return httpx.Response(200, json={"access_token": token, "expires_in": self.lasts})
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def keys(self) -> set[str]:
        return {request.headers["Idempotency-Key"] for request in self.sent}


Open = Callable[..., Client]


@pytest.fixture
def calling(tmp_path: Path) -> Iterator[Open]:
    """Opens a client of that register; its pauses are noted, not slept."""
    made = []

    def open_(register: Register, *, pauses: list[float] | None = None, **patience: Any) -> Client:
        http = httpx.Client(transport=httpx.MockTransport(register))
        identity = Identity(base_url=BASE, client_id="uji", key=KEY, language="en")
        noted = [] if pauses is None else pauses
        made.append(
            Client(
                identity, Store(tmp_path / "store.sqlite"), http=http, sleep=noted.append, patience=Patience(**patience)
            )
        )
        return made[-1]

    yield open_
    for client in made:
        client.close()


def note(client: Client) -> Any:
    return client.act(CASEFILE, "note", {"code": "other", "date": "2024-10-10"}, version=3, reference="catatan")


def test_what_passes_is_repeated_with_the_same_key_after_what_was_asked(calling: Open) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=9), usegmt=True)
    register = Register(
        problem(409, "request-in-progress", **{"Retry-After": "1"}),
        problem(429, "rate-limited", **{"Retry-After": "3"}),
        problem(503, "try-again", **{"Retry-After": when}),
        httpx.ReadError("cut"),
        httpx.Response(502),
        accepted(),
    )
    pauses: list[float] = []
    assert note(calling(register, pauses=pauses)).version == 4
    assert len(register.keys) == 1
    assert {request.headers["If-Match"] for request in register.sent} == {'"3"'}
    asked = (1, 3, 7, 0, 0)
    assert len(pauses) == len(asked)
    assert all(pause >= least for pause, least in zip(pauses, asked, strict=True)), pauses
    assert pauses[0] < 2


@pytest.mark.parametrize(
    "answer",
    [
        problem(400, "idempotency-key-missing"),
        problem(403, "insufficient-scope"),
        problem(404, "not-found"),
        problem(409, "wrong-state"),
        problem(412, "stale-version"),
        problem(422, "invalid-body"),
        problem(500, "internal"),
    ],
    ids=lambda answer: str(answer.status_code),
)
def test_no_other_refusal_is_repeated(calling: Open, answer: httpx.Response) -> None:
    # What a 412 reads again is refused here, too.
    register = Register(answer, problem(404, "not-found"))
    client = calling(register)
    with pytest.raises(Problem) as refused:
        note(client)
    assert [request.method for request in register.sent].count("POST") == 1
    assert refused.value.is_settled == (answer.status_code != 500)
    assert len(client.outbox.refused()) == refused.value.is_settled
    assert len(client.outbox.pending()) == (not refused.value.is_settled)


def test_patience_ends_and_the_intention_stays(calling: Open) -> None:
    register = Register(*[problem(429, "rate-limited", **{"Retry-After": "50"})] * 2, accepted())
    client = calling(register, seconds=60.0)
    with pytest.raises(RateLimited) as limited:
        note(client)
    assert limited.value.retry_after == 50
    [done] = client.resume()
    assert done.accepted is not None
    assert len(register.keys) == 1
    assert client.resume() == []


def test_a_refusal_that_comes_before_the_register_looks_for_the_key_settles_nothing_in_doubt(calling: Open) -> None:
    register = Register(
        httpx.ReadError("cut"), problem(404, "not-found"), problem(403, "insufficient-scope"), accepted()
    )
    client = calling(register)
    with pytest.raises(NotFound) as lost_sight:
        note(client)
    assert not lost_sight.value.is_settled
    [still] = client.resume()
    assert isinstance(still.problem, NotAllowed)
    assert [intention.state for intention in client.outbox.pending()] == ["pending"]
    [done] = client.resume()
    assert done.accepted is not None
    assert len(register.keys) == 1


def test_an_act_whose_kept_answer_has_ended_counts_as_accepted(calling: Open) -> None:
    register = Register(httpx.ReadError("cut"), problem(410, "answer-ended"))
    client = calling(register)
    assert note(client).data is None
    assert client.outbox.pending() == client.outbox.refused() == []


def test_a_client_that_is_not_recognised_keeps_what_it_wanted(calling: Open) -> None:
    register = Register(problem(401, "token-invalid"), problem(401, "token-invalid"), accepted())
    client = calling(register)
    with pytest.raises(Unauthenticated):
        note(client)
    assert len(register.assertions) == 2  # a token once more, and no more
    [done] = client.resume()
    assert done.accepted is not None


def test_a_token_lives_in_the_store_and_is_renewed_before_it_ends(calling: Open) -> None:
    register = Register(*[httpx.Response(200, json={}) for _ in range(4)])
    calling(register).me()
    calling(register).me()  # another process
    assert len(register.assertions) == 1
    register.lasts = 59  # ends within the margin
    calling(register).wire.tokens.drop()
    client = calling(register)
    client.wire.tokens.drop()
    client.me()
    client.me()
    assert len(set(register.assertions)) == 3


def test_a_register_that_wants_its_nonce_in_each_proof_is_given_it(
    db: None, world: World, settings: Any, tmp_path: Path
) -> None:
    settings.LINTAS_DPOP_NONCES = True
    given = world.clients["bkn"]
    identity = Identity(
        base_url=settings.LINTAS_BASE_URL, client_id=given["client_id"], key=SigningKey.read(given["private_jwk"]),
        dpop=True,
    )  # fmt: skip
    http = httpx.Client(transport=httpx.MockTransport(in_this_process))
    for _ in range(2):  # the second process has the token, and no nonce yet
        with Client(identity, Store(tmp_path / "store.sqlite"), http=http) as client:
            assert client.me()["agency"]["code"] == "bkn"
            assert client.me()["client"] == given["client_id"]
        http = httpx.Client(transport=httpx.MockTransport(in_this_process))


def test_a_clock_that_is_off_signs_with_the_time_of_the_register(calling: Open) -> None:
    register = Register(httpx.Response(200, json={}), ahead=-93)
    calling(register).me()
    claims = json.loads(_decoded(register.assertions[0].split(".")[1]))
    assert abs(claims["iat"] - (time.time() - 93)) < 30
    assert claims["exp"] - claims["iat"] <= 120
    assert claims["aud"] == BASE


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519", "PS256"])
def test_each_kind_of_key_signs_as_a_register_verifies(algorithm: str) -> None:
    private = new_key(algorithm)
    key = SigningKey.read(json.dumps(private), kid="k1")
    pem = load(private).as_pem(private=True)
    assert SigningKey.read(pem, kid="k1").algorithm == key.algorithm == algorithm
    token = jwt.decode(key.jwt({"kid": "k1"}, {"sub": "uji"}), load(public(private)), algorithms=[algorithm])
    assert (token.header["alg"], token.claims) == (algorithm, {"sub": "uji"})
    assert "d" not in key.public_jwk
    # The same bytes as a detached JWS signs: r and s, not DER.
    message = f"{_encoded(json.dumps({'alg': algorithm}).encode())}.{_encoded(b'isi')}".encode()
    compact = f"{message.decode()}.{_encoded(key.signature(message))}"
    assert jws.deserialize_compact(compact, load(public(private)), algorithms=[algorithm]).payload == b"isi"
    for wrong in ("", "{", json.dumps(public(private)), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"):
        with pytest.raises(BadKey):
            SigningKey.read(wrong, kid="k1")
    with pytest.raises(BadKey, match="kid"):
        SigningKey.read(pem)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_an_address_that_is_no_id_is_never_asked(calling: Open) -> None:
    register = Register()
    with pytest.raises(ValueError, match="UUID"):
        calling(register).act("198501012010011903", "note", {})
    assert register.sent == []


def test_a_store_that_others_may_read_is_refused_and_nothing_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    file.touch(mode=0o644)
    file.chmod(0o644)
    with pytest.raises(StoreUnusable, match="chmod 600"):
        Store(file)
    with pytest.raises(StoreUnusable):
        Store(tmp_path / "store.sqlite" / "below")
    broken = tmp_path / "broken.sqlite"
    broken.touch(mode=0o600)
    broken.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreUnusable):
        Store(broken)


def test_a_store_that_is_full_sends_nothing(calling: Open) -> None:
    register = Register(accepted())
    client = calling(register)
    client.store.db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreUnusable, match="disk"):
        client.post("/documents", {"title": "x" * 100_000})
    assert register.sent == []


def test_a_secret_is_never_shown_and_never_sent_in_the_clear() -> None:
    private = KEY._key.as_dict(private=True)["d"]
    shown = f"{KEY!r} {Identity(base_url=BASE, client_id='uji', key=KEY)!r}"
    assert str(private) not in shown
    with pytest.raises(BadProfile):
        Identity(base_url="http://lintas.example.go.id", client_id="uji", key=KEY)
    assert issubclass(Unanswered, LintasError)
