"""The one-file clients of `kit/`, each on the same bad day, over real HTTP through a gateway that misbehaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from casefiles.flow.examination import Note
from config.roles import database_name
from console.desk.acting import stated
from delivery import keys, signing
from demo.client import Client
from tests import desk_acts
from tests.conftest import using
from tests.kit.languages import gateway
from tests.kit.languages.gateway import Gateway, in_der, refuse
from tests.kit.languages.programs import (
    FILES,
    KIT,
    MISUSED,
    NO_ANSWER,
    NOT_GENUINE,
    REFUSED,
    Program,
    Said,
    program,
)
from tests.world import Sandbox

EXAMPLES = KIT.parent / "openapi" / "examples"
PARTIES = {
    "bash": ("bawaslu-kab-agam", "pemprov-sumatera-barat"),
    "php": ("bawaslu-kab-kotawaringin-timur", "pemkab-kotawaringin-timur"),
    "node": ("bawaslu-sumatera-barat", "kemenpanrb"),
    "java": ("bawaslu-ri", "kemendagri"),
}
"""Who forwards and who is addressed, in each language's story."""


OnRegister = Callable[[], AbstractContextManager[None]]
"""Django's own connection, in this process, to the database that the sandbox's server writes to."""


@pytest.fixture
def on_its_register(sandbox: Sandbox, django_db_setup: str, django_db_blocker: DjangoDbBlocker) -> OnRegister:
    @contextmanager
    def there() -> Iterator[None]:
        own = override_settings(LINTAS_BASE_URL=sandbox.base_url)
        with django_db_blocker.unblock(), using(database_name(sandbox.server.roles.owner)), own:
            yield

    return there


@dataclass(frozen=True)
class Kit:
    """One language's office and employer behind a gateway, and the employer's client that is known to be right."""

    office: Program
    employer: Program
    between: Gateway
    sandbox: Sandbox
    known: Client

    def advance(self, casefile: str, to: str) -> None:
        """Have the others act."""
        url = f"{self.sandbox.base_url}/api/v1/sandbox/casefiles/{casefile}/advance"
        answer = httpx.post(url, json={"to": to}, timeout=60)
        assert answer.status_code == 200, answer.text

    def sent_on(self, casefile: str) -> str:
        """The day of the recommendation's letter."""
        return str(self.known.casefile(casefile)["recommendation"]["letter"]["date"])

    def steps(self, casefile: str, name: str) -> int:
        """How often that transition happened."""
        told = self.known.get(f"/casefiles/{casefile}/timeline").data["data"]
        return [one["transition"]["name"] for one in told if one["kind"] == "transition"].count(name)


@pytest.fixture(params=list(FILES))
def kit(
    request: pytest.FixtureRequest,
    sandbox: Sandbox,
    parties: Mapping[str, Client],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Kit]:
    """Each client in its turn."""
    made = program(request.param, tmp_path_factory.getbasetemp())
    office, employer = PARTIES[request.param]
    listed = {one["agency"]: one for one in json.loads(sandbox.keys.read_text())["clients"]}
    with gateway.standing_before(sandbox.server.port) as between:
        where = {"LINTAS_BASE": between.url, "LINTAS_ISSUER": sandbox.base_url}
        yield Kit(
            office=made.belonging_to(listed[office], tmp_path / "office", **where, LINTAS_SIGN="1"),
            employer=made.belonging_to(listed[employer], tmp_path / "employer", **where),
            between=between,
            sandbox=sandbox,
            known=parties[employer],
        )


def example(name: str, **changed: Any) -> dict[str, Any]:
    return {**json.loads((EXAMPLES / f"{name}.json").read_text()), **changed}


def test_a_client_gets_through_a_bad_day_and_nothing_happens_twice(kit: Kit, on_its_register: OnRegister) -> None:
    casefile = _forwarded(kit)
    kit.advance(casefile, "recommended")
    _acknowledged(kit, casefile)
    _killed(kit, casefile)
    promise = _noted_by_an_officer(kit, casefile, on_its_register)
    _followed(kit, casefile)
    _receipts_judged(kit)
    _officer_told_of(kit, casefile, promise)


def _forwarded(kit: Kit) -> str:
    """The first finding: a typo first, then signed, as README tells a newcomer."""
    office, agency = kit.office, kit.office.settings["LINTAS_CLIENT_ID"].removesuffix("-system")
    assert office.done("get", "/me").data["agency"]["code"] == agency
    document = office.done("send", "/documents", office.file("document.json", example("register_document"))).data["id"]
    body = example("submit_finding", origin_office=agency, register_number=str(uuid.uuid4()))
    body["assessment"]["documents"], body["subjects"][0]["employer"] = [document], _employer(kit)
    body["subjects"][0]["name"] = f"Putra {uuid.uuid4().hex[:8]}"

    wrong = {"elektion" if name == "election" else name: value for name, value in body.items()}
    refused = office.run("send", "/findings", office.file("wrong.json", wrong))
    assert (refused.code, refused.out, office.pending()) == (REFUSED, "", [])
    assert refused.err.startswith("422 invalid-body: ")
    assert "#/elektion unknown-field:" in refused.err
    assert next(line for line in refused.err.splitlines() if "elektion" in line).endswith(" election")
    assert "tidak" in refused.err, "the problem is told in Indonesian"

    made = office.done("send", "findings", office.file("finding.json", body)).data["casefiles"][0]
    assert (made["state"], office.pending()) == ("submitted", [])
    assert "Signature" in kit.between.took(at="/findings")[-1].headers
    kept = office.state / "receipts" / f"{made['receipt']['entry']}.json"
    assert json.loads(kept.read_text()) == made["receipt"]
    assert len(kit.between.took(at="/oauth/token")) == 1, "the token was kept from call to call"
    return str(made["id"])


def _employer(kit: Kit) -> str:
    return kit.employer.settings["LINTAS_CLIENT_ID"].removesuffix("-system")


def _acknowledged(kit: Kit, casefile: str) -> None:
    """Pulled and acknowledged, on a day on which nothing answers at the first attempt."""
    employer, between = kit.employer, kit.between
    between.will(refuse(429, "rate-limited", retry_after=0), at="/referrals")
    waits = employer.done("get", f"/referrals?status=open&casefile={casefile}").data["data"]
    assert [(one["purpose"], "acknowledge" in one["expects"]) for one in waits] == [("acknowledge", True)]

    given = example("perform_acknowledge", received_on=kit.sent_on(casefile))
    del given["occurred_at"]
    body = employer.file("acknowledge.json", given)
    between.will(refuse(503, "temporarily-unavailable", retry_after=3600), at="/acknowledge")
    given_up = employer.run("act", casefile, "acknowledge", body)
    assert (given_up.code, given_up.out, len(employer.pending())) == (NO_ANSWER, "", 1)
    assert "resume" in given_up.err
    assert employer.pending()[0].stat().st_mode & 0o077 == 0, "it holds what the body holds"

    between.will(
        refuse(503, "temporarily-unavailable", retry_after=1),
        gateway.lose,
        refuse(409, "request-in-progress", retry_after=0),
        at="/acknowledge",
    )
    after = employer.done("resume").data
    assert (after["state"], employer.pending()) == ("awaiting_sanction", [])
    sent = between.took(at="/acknowledge")
    assert [len({one.headers[name] for one in sent}) for name in ("Idempotency-Key", "If-Match")] == [1, 1]
    assert len(sent) == 5
    assert sent[2].at - sent[1].at >= 1, "Retry-After was waited for"
    assert kit.steps(casefile, "acknowledge") == 1


def _killed(kit: Kit, casefile: str) -> None:
    """Killed between the act and its answer; the same call again is the same act, though it could happen twice."""
    employer, acted = kit.employer, threading.Event()
    note = employer.file("note.json", {"code": "summons_1", "date": kit.sent_on(casefile)})
    kit.between.will(gateway.stop(acted), at="/note")
    kit.between.will(refuse(503, "try-again", retry_after=60), at="/note")
    running = employer.begun("act", casefile, "note", note)
    with running:
        assert acted.wait(60)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate(timeout=60)
    assert running.returncode == -signal.SIGKILL
    kit.between.moods.clear()
    assert len(employer.pending()) == 1
    again = employer.done("act", casefile, "note", note).data
    assert (again["state"], employer.pending()) == ("awaiting_sanction", [])
    assert len({one.headers["Idempotency-Key"] for one in kit.between.took(at="/note")}) == 1
    assert kit.steps(casefile, "note") == 1


def _noted_by_an_officer(kit: Kit, casefile: str, on_its_register: OnRegister) -> dict[str, Any]:
    """An officer of the employer's notes something at the desk, beside the system; their receipt."""
    given = Note(code="other", date=date.fromisoformat(kit.sent_on(casefile)))
    with on_its_register():
        officer = desk_acts.acting(desk_acts.invited(_employer(kit)), _employer(kit))
        return stated(desk_acts.acted(officer, uuid.UUID(casefile), "note", given).sealed)


def _officer_told_of(kit: Kit, casefile: str, promise: dict[str, Any]) -> None:
    """The client shows the officer's step with their id, and finds the promise that they were given genuine."""
    told = kit.employer.done("get", f"/casefiles/{casefile}/timeline?kind=transition").data["data"]
    steps = {one["seq"]: one["transition"] for one in told}
    actor = steps[promise["seq"]]["actor"]
    assert actor["client"] == f"person:{actor['person']}"
    assert kit.employer.done("receipt", kit.employer.file("desk.json", promise)).data["entry"] == promise["entry"]
    told = [one for one in _events(kit) if one["data"]["casefile"] == casefile]
    assert promise["seq"] in {one["data"]["version"] for one in told}
    assert actor["person"] not in json.dumps(told)


def _followed(kit: Kit, casefile: str) -> None:
    """A page with a hole is not gone past; a page that comes twice is taken once."""
    employer = kit.employer
    told = ("note", casefile)
    until(lambda: told in {(one["data"]["transition"], one["data"]["casefile"]) for one in _events(kit)})
    kit.between.will(gateway.leave_out(1), at="/events")
    gap = employer.run("follow")
    assert (gap.code, len(gap.lines)) == (NOT_GENUINE, 1)
    rest = employer.done("follow").lines
    known = _events(kit)
    assert [*gap.lines, *rest][: len(known)] == known
    assert len(rest) > 1
    kit.between.will(gateway.from_the_beginning, at="/events")
    assert employer.done("follow").out == ""


def _events(kit: Kit) -> list[Any]:
    events: list[Any] = kit.known.get("/events", limit="500").data["data"]
    return events


def until(true: Callable[[], bool]) -> None:
    """Wait for it."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _receipts_judged(kit: Kit) -> None:
    """A receipt that holds, one that somebody edited, and one whose signature is written as DER."""
    employer = kit.employer
    kept = next(one for one in (employer.state / "receipts").iterdir())
    receipt = json.loads(kept.read_text())
    promised = employer.done("receipt", kept).data
    assert (promised["entry"], promised["iss"]) == (receipt["entry"], kit.sandbox.base_url)
    edited = employer.run("receipt", employer.file("edited.json", {**receipt, "leaf_hash": "0" * 64}))
    assert (edited.code, edited.out) == (NOT_GENUINE, "")
    assert "leaf_hash" in edited.err
    signed, _, signature = receipt["jws"].rpartition(".")
    der = employer.run("receipt", employer.file("der.json", {**receipt, "jws": f"{signed}.{in_der(signature)}"}))
    assert (der.code, "64 byte" in der.err) == (NOT_GENUINE, True)


def test_a_client_that_cannot_prove_itself_is_told_why_in_indonesian_and_does_not_insist(kit: Kit) -> None:
    employer, between = kit.employer, kit.between
    foreign = employer.run("get", "/me", LINTAS_KEY=kit.office.settings["LINTAS_KEY"])
    slow = employer.run("get", "/me", LINTAS_CLOCK_OFFSET="-90")
    between.will(gateway.spelled_in_der, at="/oauth/token")
    der = employer.run("get", "/me")
    for said, word in ((foreign, "tanda tangan"), (slow, "Jam Anda terlambat"), (der, "DER")):
        assert (said.code, said.out) == (REFUSED, ""), said.err
        assert said.err.startswith("401 invalid-client: ")
        assert word in said.err
    assert len(between.took(at="/oauth/token")) == 3, "a refusal is not asked for again"
    whole = employer.done("get", "/api/v1/me", LINTAS_BASE=f"{between.url}/api/v1/")
    assert whole.data["agency"]["code"] == _employer(kit), "an address as an answer gives it"

    unset = employer.run("get", "/me", LINTAS_BASE="")
    assert (unset.code, unset.err.strip()) == (MISUSED, "LINTAS_BASE belum diisi. / LINTAS_BASE is not set.")
    assert employer.run("ge", "/me").code == MISUSED
    no_key = employer.run("get", "/me", LINTAS_KEY=str(employer.file("no.pem", "")), LINTAS_CLIENT_ID="another")
    assert (no_key.code, "no.pem bukan kunci privat P-256" in no_key.err, no_key.out) == (MISUSED, True, "")


SECRET = signing.draw_secret()


@contextmanager
def message(folder: Path, *, body: bytes, at: datetime) -> Iterator[tuple[Path, Path]]:
    """A message as the courier sends it, in two files."""
    key = keys.read(settings.LINTAS_COURIER_KEY_FILE)
    pairs = signing.headers(body, message=str(uuid.uuid4()), at=at, subscribed=[SECRET], key=key)
    headers, content = folder / f"headers-{at.timestamp()}", folder / "body"
    headers.write_text("".join(f"{name.title()}: {value}\r\n" for name, value in pairs))
    content.write_bytes(body)
    yield headers, content


def test_a_client_takes_a_webhook_once_and_no_forged_one(kit: Kit) -> None:
    employer = kit.employer

    def heard(*given: Path, secret: str = SECRET) -> Said:
        return employer.run("webhook", *given, LINTAS_WEBHOOK_SECRET=secret)

    event = {"type": "lintas.casefile.recommended", "logindex": 7, "data": {"number": "LTS/2026/000123 é"}}
    now = datetime.now(UTC)
    with message(employer.folder, body=json.dumps(event, ensure_ascii=False).encode(), at=now) as (headers, body):
        first, again = heard(headers, body), heard(headers, body)
        assert (first.code, first.data) == (0, event), first.err
        assert (again.code, again.out, "sudah diterima" in again.err) == (0, "", True)
        other = heard(headers, body, secret=signing.draw_secret())
        assert (other.code, "v1 " in other.err) == (NOT_GENUINE, True)
        # Who knows the secret can make `v1`, but not `v1a`.
        text = headers.read_text()
        headers.write_text(text.replace("v1a,", "v1a," + ("B" if "v1a,A" in text else "A") * 6))
        forged = heard(headers, body)
        assert (forged.code, "v1a" in forged.err) == (NOT_GENUINE, True)
    with message(employer.folder, body=body.read_bytes(), at=now - timedelta(seconds=400)) as (headers, body):
        old = heard(headers, body)
        assert (old.code, "terlalu lama" in old.err) == (NOT_GENUINE, True)


CALLED = {
    "php": 'require getenv("KIT"); $lintas = new \\Lintas\\Client(getenv()); '
    'try { $lintas->send("/documents", "{}"); } catch (\\Lintas\\Refused $why) { echo $why->problem["code"], " "; } '
    'echo json_decode($lintas->get("/me"), true)["agency"]["code"];',
    "node": "const { Client, Refused } = await import(process.env.KIT); const lintas = new Client(process.env); "
    'await lintas.send("/documents", "{}").catch((why) => console.log(why instanceof Refused && why.problem.code)); '
    'console.log(JSON.parse(await lintas.get("/me")).agency.code);',
}
"""What a partner's own program may say."""


@pytest.mark.parametrize("kit", CALLED, indirect=True)
def test_a_program_may_call_the_client(kit: Kit, request: pytest.FixtureRequest) -> None:
    language = request.node.callspec.params["kit"]
    inline = {"php": ("php", "-r"), "node": ("node", "--input-type=module", "-e")}[language]
    said = replace(kit.employer, command=inline).done(CALLED[language], KIT=str(FILES[language]))
    assert said.out.split() == ["invalid-body", _employer(kit)]


@pytest.mark.parametrize("kit", ["php"], indirect=True)
def test_a_receiver_in_php_answers_the_challenge_and_takes_an_event_once(kit: Kit) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    receiver, employer = KIT / "php" / "webhook.php", kit.employer
    serving = replace(employer, command=("php", "-S", address, str(receiver))).begun(LINTAS_WEBHOOK_SECRET=SECRET)
    try:
        until(lambda: _is_served(address))

        def told_twice(body: dict[str, Any], **changed: str) -> list[httpx.Response]:
            with message(employer.folder, body=json.dumps(body).encode(), at=datetime.now(UTC)) as (headers, content):
                pairs = dict(line.split(": ", 1) for line in headers.read_text().splitlines()) | changed
                return [
                    httpx.post(f"http://{address}/", content=content.read_bytes(), headers=pairs, timeout=60)
                    for _ in range(2)
                ]

        # An answer may be lost: the same challenge is answered again.
        challenged = told_twice({"type": "lintas.webhook.challenge", "data": {"challenge": "seven"}})
        assert [(one.status_code, one.json()) for one in challenged] == [(200, {"challenge": "seven"})] * 2
        event = {"type": "lintas.casefile.closed", "logindex": 9}
        assert [one.status_code for one in told_twice(event)] == [200, 200]
        assert [one.status_code for one in told_twice(event, **{"Webhook-Id": str(uuid.uuid4())})] == [401, 401]
        kept = (employer.state / "events.ndjson").read_text().splitlines()
        assert [json.loads(line) for line in kept] == [event]
    finally:
        serving.terminate()
        serving.communicate(timeout=60)


def _is_served(address: str) -> bool:
    host, port = address.split(":")
    with socket.socket() as line:
        return line.connect_ex((host, int(port))) == 0


def test_java_runs_from_its_source(tmp_path_factory: pytest.TempPathFactory) -> None:
    """As README says it; the stories run it compiled, because that is faster."""
    command = [*program("java", tmp_path_factory.getbasetemp()).command[:-3], str(FILES["java"])]
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, "send PATH" in done.stderr) == (MISUSED, True)


def test_what_did_not_run_says_so_where_it_begins() -> None:
    first = (KIT / "dotnet" / "Lintas.cs").read_text(encoding="utf-8").splitlines()[0]
    assert "not run" in first
    assert "not run" in (KIT / "README.md").read_text(encoding="utf-8")
