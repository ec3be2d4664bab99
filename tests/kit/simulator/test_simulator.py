"""The simulator answers as the register does: along every path, in the contract's shapes, and wrongly on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from casefiles import flow
from lintas_client import (
    Client,
    FeedGap,
    Identity,
    InvalidBody,
    NotFound,
    Patience,
    Place,
    Problem,
    SigningKey,
    StaleVersion,
    Store,
    TransitionRefused,
    Unanswered,
    Unauthenticated,
    WrongState,
)
from lintas_simulator import Simulator, running
from lintas_simulator import keys as simulated
from lintas_simulator.contract import bodies, contract, rows
from lintas_simulator.mishaps import Mishap
from lintas_simulator.stories import Walk, performed, steps, walkable, walked

AGENCIES = ("pemkot-padang", "bawaslu-kota-padang", "bawaslu-sumatera-barat", "bkn")
EMPLOYER, OFFICE, EXAMINER = "pemkot-padang", "bawaslu-kota-padang", "bkn"
KEY = simulated.SigningKey.draw()
Opened = Callable[..., Client]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running() as made:
        for agency in AGENCIES:
            made.register.enrol(agency, simulated.PublicKey.of_key(KEY.private.public_key(), kid="k"))
        yield made


@pytest.fixture
def opened(simulator: Simulator, tmp_path: Path) -> Iterator[Opened]:
    made: list[Client] = []
    waits: list[float] = []

    def open_(agency: str = EMPLOYER, *, policy: Path | None = None, attempts: int = 6) -> Client:
        identity = Identity(simulator.base_url, f"{agency}-system", SigningKey.read(KEY.pem, kid="k"), language="en")
        store = Store(tmp_path / f"{agency}{len(made)}.sqlite")
        patience = Patience(attempts=attempts)
        made.append(Client(identity, store, policy=policy, sleep=waits.append, patience=patience))
        return made[-1]

    yield open_
    simulator.register.mishaps.clear()
    for client in made:
        client.close()


def of_today(node: Any) -> Any:
    """A schema of OpenAPI 3.0 as JSON Schema: what is nullable may be null, and references stay where they are."""
    if isinstance(node, dict):
        made = {name: of_today(value) for name, value in node.items() if name != "nullable"}
        return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") is True else made
    return [of_today(one) for one in node] if isinstance(node, list) else node


@pytest.fixture(scope="module")
def fits() -> Callable[[str, Any], list[str]]:
    """What is wrong with an answer, by the schemas of the OpenAPI document."""
    schemas = of_today(contract()["schemas"])
    validators: dict[str, Any] = {}

    def judge(operation: str, answer: Any) -> list[str]:
        if operation not in validators:
            told = of_today(contract()["operations"][operation]["answer"])
            whole = {**told, "components": {"schemas": schemas}}
            validators[operation] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [
            f"{operation}: {error.instance_path} {error.message}"[:200]
            for error in validators[operation].iter_errors(answer)
        ]

    return judge


def test_every_path_of_the_story_leads_where_the_register_says_and_every_answer_has_the_contracts_shape(
    simulator: Simulator, opened: Opened, fits: Callable[[str, Any], list[str]]
) -> None:
    register, clients = simulator.register, {agency: opened(agency) for agency in AGENCIES}
    before = len(register.record)
    for path in walkable():
        walk = Walk(register)
        for step in steps(path):
            client, body = clients[step.agency], walk.body(step)
            if step.row in {"", "submit"}:
                done = client.post(walk.address(step).removeprefix("/api/v1"), body)
            else:
                casefile = walk.address(step).split("/")[4]
                client.saw(casefile, register.casefiles[casefile].version)
                done = client.act(casefile, step.row, body)
            walk.draw(step, done.data)
            if step.then is not None:
                case = register.casefiles[done.data["casefiles"][0]["id"] if step.row == "submit" else casefile]
                turn = case.referral
                now = (case.state, case.outcome, turn and turn.to, turn and turn.purpose)
                assert now == tuple(step.then[name] for name in ("state", "outcome", "turn", "purpose")), (path, step)
    employer = clients[EMPLOYER]
    employer.me()
    list(employer.referrals())
    list(employer.feed.events(Place()))
    employer.casefile(next(case.id for case in register.casefiles.values() if case.is_seen_by(EMPLOYER)))
    employer.get("/catalogue/transitions")
    wrong = [
        breach
        for one in register.record[before:]
        if one.operation in contract()["operations"] and one.answer.status < 400 and one.answer.data is not None
        for breach in fits(one.operation, one.answer.data)
    ]
    assert wrong == []
    assert {one.answer.status for one in register.record[before:]} <= {200, 201}


def test_every_row_that_has_a_route_stands_on_a_path_and_is_the_tables_own() -> None:
    assert performed() == {row.name for row in flow.FLOW if row.routed}
    for row in flow.FLOW:
        told = rows()[row.name]
        assert (told.source, told.by) == (tuple(map(str, row.source)), tuple(map(str, row.by)))


def test_receipts_hold_before_the_verifier_also_after_the_key_was_changed(
    simulator: Simulator, opened: Opened, tmp_path: Path
) -> None:
    policy = tmp_path / "alone.policy"
    policy.write_text(f"log {simulator.register.log.vkey}\nquorum none\n")
    client = opened(policy=policy)
    case = walked(simulator.register, "recommended")
    client.act(case.id, "acknowledge", bodies("perform_acknowledge.json"))
    simulator.register.log.rotate()
    client.act(case.id, "note", bodies("perform_note.json"))
    redeemed = client.receipts.redeem()
    assert [(one.verdict, one.reasons) for one in redeemed] == [("sound", ())] * 2
    assert redeemed[0].proof is not None
    assert client.receipts.judge({**redeemed[0].receipt, "seq": 99}, redeemed[0].proof)[0] == "tampered"


def test_what_is_wrong_is_refused_in_the_registers_words(simulator: Simulator, opened: Opened) -> None:
    client, case = opened(), walked(simulator.register, "recommended")
    given = bodies("perform_acknowledge.json")
    with pytest.raises(InvalidBody) as refused:
        client.act(case.id, "acknowledge", {"recieved_on": given["received_on"], "received_by": given["received_by"]})
    told = {one["pointer"]: one for one in refused.value.errors}
    assert told["#/recieved_on"]["code"] == "unknown-field"
    assert told["#/recieved_on"].get("did_you_mean") == "received_on"
    assert told["#/received_on"]["code"] == "missing-field"
    with pytest.raises(WrongState) as early:
        client.act(case.id, "contest", bodies("perform_contest.json"))
    assert early.value.members["state"] == "recommended"
    with pytest.raises(TransitionRefused):
        client.act(case.id, "acknowledge", {**given, "received_on": "2024-01-01"})
    with pytest.raises(NotFound):
        opened("bawaslu-sumatera-barat").casefile("00000000-0000-0000-0000-000000000001")
    with pytest.raises(Problem) as party:
        opened(OFFICE).act(case.id, "acknowledge", given)
    assert party.value.code == "wrong-party"
    opened_once = client.act(case.id, "acknowledge", given, reference="one")
    assert client.act(case.id, "acknowledge", given, reference="one").version == opened_once.version


@pytest.mark.parametrize(
    "kind", ["unavailable", "limited", "in-progress", "cut", "cut-after", "half", "unavailable-after", "token-revoked"]
)
def test_the_client_gets_through_whatever_goes_wrong_and_acts_once(
    simulator: Simulator, opened: Opened, kind: str
) -> None:
    client, case = opened(), walked(simulator.register, "recommended")
    client.casefile(case.id)
    simulator.register.mishaps.add(Mishap(kind, at="perform_acknowledge"))
    begun = len(simulator.register.record)
    done = client.act(case.id, "acknowledge", bodies("perform_acknowledge.json"))
    sent = [one for one in simulator.register.record[begun:] if one.operation == "perform_acknowledge"]
    assert (len(sent), sum(one.committed for one in sent)) == (2, 1)
    assert len({one.request.headers["idempotency-key"] for one in sent}) == 1
    assert (done.version, case.state) == (case.version, "awaiting_sanction")
    assert done.replayed == (kind in {"cut-after", "half", "unavailable-after"})


def test_a_race_is_a_stale_version_and_a_clock_that_is_off_is_told(simulator: Simulator, opened: Opened) -> None:
    client, case = opened(), walked(simulator.register, "recommended")
    client.casefile(case.id)
    simulator.register.mishaps.add(Mishap("race", at="perform_acknowledge"))
    with pytest.raises(StaleVersion) as stale:
        client.act(case.id, "acknowledge", bodies("perform_acknowledge.json"))
    assert stale.value.current is not None
    assert stale.value.current["version"] == stale.value.current_version == case.version

    simulator.register.clock_off = 90.0
    try:
        naive = opened(OFFICE)
        naive.wire.tokens.issuer = simulator.base_url
        naive.wire.tokens.discover = lambda: "/oauth/token"  # type: ignore[method-assign]
        with pytest.raises(Unauthenticated) as told:
            naive.me()
        assert told.value.errors[0]["code"] == "clock-behind"
        assert opened(EXAMINER).me()["agency"]["code"] == EXAMINER, "the client believes the register's clock"
    finally:
        simulator.register.clock_off = 0.0


def test_the_feed_repeats_and_loses_when_told(simulator: Simulator, opened: Opened) -> None:
    client = opened()
    walked(simulator.register, "awaiting_sanction")
    *_, (_, place) = client.feed.events(Place())
    case = walked(simulator.register, "awaiting_sanction")
    simulator.register.invent(case)
    simulator.register.mishaps.add(Mishap("hole", at="list_events"))
    with pytest.raises(FeedGap):
        client.feed.page(place)
    fresh = client.feed.page(place)
    assert fresh[-1][0]["type"] == "lintas.casefile.invented"
    simulator.register.mishaps.add(Mishap("page-repeated", at="list_events"))
    assert client.feed.page(fresh[-1][1]) == []


def test_it_gives_up_where_nothing_comes_back(simulator: Simulator, opened: Opened) -> None:
    simulator.register.mishaps.add(Mishap("cut", at="read_me", times=3))
    with pytest.raises(Unanswered):
        opened(attempts=3).me()


def test_a_partners_tests_command_it_over_http(simulator: Simulator) -> None:
    def told(where: str, said: Any, method: str = "POST") -> tuple[int, Any]:
        answer = httpx.request(method, f"{simulator.base_url}/simulator{where}", json=said)
        return answer.status_code, answer.json()

    status, made = told("/casefiles", {"to": "recommended"})
    assert (status, made["state"]) == (200, "recommended")
    assert told("/mishaps", {"kind": "cut-after", "at": "perform_note"}) == (200, {"waits": True})
    status, nowhere = told("/casefiles", {"to": "nowhere"})
    assert status == 400
    assert "awaiting_sanction" in nowhere["error"], "it names the states"
    status, refused = told("/mishaps", {"kind": "explode"})
    assert status == 400
    assert "cut-after" in refused["error"], "it names those that there are"
    assert told("/clients", {"agency": EMPLOYER, "kid": "k", "pem": "nothing"})[0] == 400
    pem = KEY.private.public_key()
    public = simulated.PublicKey.of_key(pem, kid="2").jwk
    assert public["kty"] == "EC"
    record = httpx.get(f"{simulator.base_url}/simulator/record").text
    assert "198501012010011001" not in record
    assert httpx.get(f"{simulator.base_url}/api/v1/nothing").json()["code"] == "unknown-route"
    told("/mishaps", {}, "DELETE")


def test_every_refusal_has_its_sentence_in_both_languages(simulator: Simulator) -> None:
    for language in ("id", "en"):
        asked = httpx.post(
            f"{simulator.base_url}/oauth/token", data={"x": "1"}, headers={"Accept-Language": language}
        ).json()
        assert asked["code"] == "invalid-request"
        assert asked["errors"][0]["detail"] != asked["errors"][0]["code"]
        assert "grant_type" in asked["detail"]
    known = contract()["refusals"]
    for code in ("date-in-the-future", "received-before-sent", "delivered-already", "item-unanswered"):
        assert known[code].keys() == {"id", "en"}
