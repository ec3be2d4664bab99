"""Who asks the token endpoint too often, and what security hears of it."""

import logging
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.conf import settings as known
from django.test import Client as Browser
from pytest_django import Settings

from agencies import delegations
from agencies.models import UsedProof
from api.http import security, throttling
from api.http.addresses import address
from tests.callers import System, new_key
from tests.partner import Partner, call
from tests.vendors import proof
from tests.world import World

pytestmark = pytest.mark.django_db

ME = f"{known.LINTAS_BASE_URL}/api/v1/me"


@pytest.fixture
def office(world: World, settings: Settings) -> System:
    """A registered system; two of everything may be had at once, and then nothing for an hour."""
    settings.LINTAS_TOKEN_BURST, settings.LINTAS_TOKEN_RATE_PER_SECOND = 2, 1 / 3600
    known = world.clients["bawaslu-kota-padang"]
    key = known["private_jwk"]
    return System(client_id=known["client_id"], private_jwk=key, kid=key["kid"])


def buy(form: dict[str, str], **more: Any) -> Any:
    return Browser().generic(
        "POST", "/oauth/token", urlencode(form), content_type="application/x-www-form-urlencoded", **more
    )


def counted() -> dict[str, int]:
    return {one.event: one.total for one in security.seen() if one.total}


def test_a_stranger_is_limited_and_locks_nobody_out(office: System) -> None:
    """They know the client id and even share the address; the client buys its token all the same."""
    stranger = System(client_id=office.client_id, private_jwk=new_key(), kid=office.kid)
    answers = [buy(stranger.form()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
    assert orjson.loads(answers[-1].content)["code"] == "rate-limited"
    assert 3500 <= int(answers[-1]["Retry-After"]) <= 3600
    elsewhere = buy(stranger.form(), REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 429, "the client id has a limit of its own"
    assert buy(office.form()).status_code == 200
    assert counted() == {"assertion-forged": 2, "token-requests-limited": 3}


def test_an_address_is_limited_whatever_names_it_thinks_of(office: System) -> None:
    made_up = [System(client_id=f"made-up-{number}", private_jwk=office.private_jwk) for number in range(3)]
    assert [buy(one.form()).status_code for one in made_up] == [401, 401, 429]
    assert buy(made_up[0].form(), REMOTE_ADDR="198.51.100.7").status_code == 401


def test_a_client_buys_so_many_tokens_and_no_more(office: System) -> None:
    assert [buy(office.form()).status_code for _ in range(3)] == [200, 200, 429]


def test_a_known_client_with_bad_proofs_uses_its_quota_and_stores_nothing(office: System) -> None:
    """What the refused request drew was taken back with its transaction: it is drawn again."""
    bad = [buy(office.form(), HTTP_DPOP="no.proof.atall") for _ in range(4)]
    assert [answer.status_code for answer in bad] == [400, 400, 429, 429]
    key = new_key()
    good = buy(office.form(), HTTP_DPOP=proof(key))
    assert good.status_code == 429
    assert not UsedProof.objects.exists(), "a proof is remembered only for who has a token left to buy"
    assert counted() == {"proof-refused": 2, "token-requests-limited": 3}


def test_bad_proofs_and_signatures_are_limited_and_lock_nobody_out(
    office: System, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LINTAS_TOKEN_BURST = 4
    key = new_key()
    token = orjson.loads(buy(office.form(), HTTP_DPOP=proof(key)).content)["access_token"]
    with caplog.at_level(logging.WARNING, logger="lintas.security"):
        stolen = [call("GET", "/me", Authorization=f"DPoP {token}", DPoP="no.proof.atall") for _ in range(3)]
        assert [answer.status_code for answer in stolen] == [401, 401, 401]
        signed: dict[str, Any] = {"Signature-Input": "sig=nothing", "Signature": "sig=nothing"}
        system = Partner("bawaslu-kota-padang", scopes="casefiles:read")
        answers = [system.post("/casefiles/search", {}, **signed) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 429, 429]
    assert 3500 <= int(answers[-1]["Retry-After"]) <= 3600
    own = call("GET", "/me", Authorization=f"DPoP {token}", DPoP=proof(key, method="GET", url=ME, token=token))
    assert own.status_code == 200, "whoever holds the key is not held up by what others got wrong"
    assert system.get("/casefiles").status_code == 200
    assert counted() == {"proof-refused": 3, "signature-refused": 1, "refusals-limited": 2}
    told = {record.message: vars(record)["reasons"] for record in caplog.records}
    assert told == {
        "proof-refused": ["dpop-unreadable"], "signature-refused": ["signature-tag-missing"], "refusals-limited": None,
    }  # fmt: skip


def test_a_used_proof_that_somebody_sends_again_takes_nothing_of_the_quota(
    office: System, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "_FRESH_FOR", 3600.0)
    settings.LINTAS_RATE_PER_SECOND, settings.LINTAS_RATE_BURST = 1 / 3600, 3
    settings.LINTAS_TOKEN_BURST = 100
    throttling._lots.clear()
    key = new_key()
    token = orjson.loads(buy(office.form(), HTTP_DPOP=proof(key)).content)["access_token"]

    def me(made: str) -> int:
        return int(call("GET", "/me", Authorization=f"DPoP {token}", DPoP=made).status_code)

    seen = proof(key, method="GET", url=ME, token=token)
    assert me(seen) == 200
    assert [me(seen) for _ in range(5)] == [401] * 5
    fresh = [me(proof(key, method="GET", url=ME, token=token)) for _ in range(3)]
    assert fresh == [200, 200, 429]
    assert UsedProof.objects.count() == 4, "the one who is beyond the quota has no row written"


def test_bad_tokens_and_refused_scopes_are_counted_logged_and_an_alarm(
    office: System, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LINTAS_SECURITY_ALARM, settings.LINTAS_METRICS_TOKEN = 2, "m" * 32
    secret = "s3cret" * 7 + "x"
    with caplog.at_level(logging.WARNING, logger="lintas.security"):
        for _ in range(2):
            Browser().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
        assert Partner("bawaslu-kota-padang", scopes="events:read").get("/casefiles").status_code == 403
        assert buy(office.form(scope="nothing:read")).status_code == 400
    assert counted() == {"token-refused": 2, "scope-refused": 2}
    assert [record.message for record in caplog.records] == ["token-refused"] * 2 + ["scope-refused"] * 2
    lines = [vars(record) for record in caplog.records]
    assert [line["client"] for line in lines] == [None, None, office.client_id, None]
    assert lines[0]["route"] == "api/v1/me"
    written = " ".join(str(line) for line in lines)
    assert secret not in written
    assert "127.0.0.1" not in written
    alarms = orjson.loads(Browser().get("/readyz").content)["alarms"]
    assert [alarm.partition(" times")[0] for alarm in alarms if alarm.startswith("security")] == [
        "security: token-refused 2",
        "security: scope-refused 2",
    ]
    metrics = Browser().get("/metrics", headers={"Authorization": "Bearer " + "m" * 32}).content.decode()
    assert "# TYPE lintas_security_events_total counter" in metrics
    assert 'lintas_security_events_total{event="token-refused"} 2\n' in metrics
    assert 'lintas_security_events_total{event="assertion-forged"} 0\n' in metrics


def test_bad_proofs_and_signatures_and_employers_who_did_not_let_it_are_counted(office: System) -> None:
    assert buy(office.form(), HTTP_DPOP="no.proof.atall").status_code == 400
    of_another = office.assertion(resource=delegations.resource("pemkot-padang"))
    assert buy(office.form(of_another)).status_code == 400
    signed: dict[str, Any] = {"Signature-Input": "sig=nothing", "Signature": "sig=nothing"}
    assert Partner("bawaslu-kota-padang").post("/casefiles/search", {}, **signed).status_code == 401
    assert counted() == {"proof-refused": 1, "scope-refused": 1, "signature-refused": 1}


def test_what_is_no_attack_is_not_counted(office: System) -> None:
    assert Browser().get("/api/v1/me").status_code == 401
    assert Browser().get("/api/v1/nowhere").status_code == 404
    assert counted() == {}


@pytest.mark.parametrize(
    ("behind_proxy", "remote", "forwarded", "seen"),
    [
        (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (1, "127.0.0.1", "10.9.8.7, 198.51.100.7", "198.51.100.7"),
        (2, "127.0.0.1", "10.9.8.7, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (3, "127.0.0.1", "198.51.100.7, 10.0.0.2, 10.0.0.3", "198.51.100.7"),
        # It did not come through both of them.
        (2, "127.0.0.1", "198.51.100.7", "127.0.0.1"),
        (1, "127.0.0.1", "", "127.0.0.1"),
        (1, "127.0.0.1", "198.51.100.7, unknown", "127.0.0.1"),
        (1, "127.0.0.1", "198.51.100.7:51234", "198.51.100.7"),
        (1, "127.0.0.1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        (1, "127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "::ffff:192.0.2.1", "", "192.0.2.1"),
    ],
)
def test_an_address_is_what_nobody_could_have_written(
    settings: Settings, behind_proxy: int, remote: str, forwarded: str, seen: str
) -> None:
    settings.LINTAS_BEHIND_PROXY = behind_proxy
    assert address(remote, forwarded) == seen
