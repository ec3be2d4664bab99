"""`./run serve --sandbox` as a person types it: what is kept, what is listed, who may work on it.

One sandbox is started, killed and started again on another port. It lies in a run folder and on databases of its own,
so that nothing is shared with a sandbox that somebody has running in this checkout.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

import httpx
import pytest

from casefiles.flow import OutcomeName, State
from config import database
from config import sandbox as sandboxes
from config.database import findings
from config.roles import VARIABLES, Roles
from config.sandbox import Place, Unusable
from demo.client import clients
from demo.seeding import WANTED
from dev import sandbox as dev_sandbox
from dev import serving
from dev.context import Context
from dev.screen import Stop
from dev.screens import code_now
from tests.conftest import Copies
from tests.live_server import ROOT, _free_port

# A busy machine may need longer than a person would wait.
PATIENCE_S = 240


@dataclass(frozen=True)
class Checkout:
    """A run folder and a database server's place of its own, as a second clone of the project would have."""

    roles: Roles
    run_dir: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`./run …`, to its end."""
        return subprocess.run(
            [sys.executable, "run", *arguments], cwd=ROOT, env=self._environment(), check=False, capture_output=True,
            text=True,
        )  # fmt: skip

    @contextmanager
    def serving(self, *, port: int) -> Iterator[subprocess.Popen[str]]:
        """`./run serve --sandbox`, until the block ends; it may be killed meanwhile."""
        log = self.run_dir / f"typed-{port}.log"
        with log.open("w") as out:
            child = subprocess.Popen(
                [sys.executable, "run", "serve", "--sandbox", "--port", str(port)],
                cwd=ROOT, env=self._environment(), stdout=out, stderr=out, text=True,
            )  # fmt: skip
        try:
            yield child
        finally:
            child.terminate()
            child.wait(60)

    def printed(self, port: int) -> str:
        """What the server on that port has printed."""
        return (self.run_dir / f"typed-{port}.log").read_text()

    def announced(self, child: subprocess.Popen[str], port: int) -> Mapping[str, Any]:
        """What `sandbox.json` says once the server on that port is announced."""
        log, deadline = self.run_dir / f"typed-{port}.log", time.monotonic() + PATIENCE_S
        while "Ctrl-C ends it." not in log.read_text():
            assert child.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        said: dict[str, Any] = json.loads(self.keys.read_text())
        return said

    @property
    def keys(self) -> Path:
        """The file with the clients' keys."""
        return self.run_dir / "sandbox.json"

    def _environment(self) -> dict[str, str]:
        urls = {VARIABLES[name]: url for name, url in asdict(self.roles).items()}
        ours = {"LINTAS_RUN_DIR": str(self.run_dir), **urls}
        # `./run test` has set the rest for the tests' own server.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINTAS_")}
        return {**inherited, **ours}


@pytest.fixture(scope="module")
def checkout(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout whose databases are made from the tests' template, and dropped afterwards."""
    name = copies.make("template0")
    roles = copies.roles.on(name)
    # What `./run` would migrate for half a minute.
    template = database.template_name(name, ROOT)
    made = (f"{name}_sandbox", template)
    for one in made:
        database.claim(copies.owner, one)
    database.create(copies.owner, template, guests=roles.guests, template=copies.template)
    yield Checkout(roles=roles, run_dir=tmp_path_factory.mktemp("run"))
    for one in (*made, name):
        copies.drop(one)


def test_a_sandbox_is_kept_over_a_kill_and_on_another_port(checkout: Checkout) -> None:
    first, second = _free_port(), _free_port()
    assert checkout.run("manage", "--sandbox", "check").stderr.endswith(
        "There is no sandbox yet. Type: ./run serve --sandbox\n"
    )

    with checkout.serving(port=first) as child:
        before = checkout.announced(child, first)
        seen = log_at(before["base_url"])
        drawn = log_keys(checkout.run_dir)
        every_state_is_listed_and_reached(before, checkout.keys)
        the_console_opens(checkout.printed(first), before)

        refused = checkout.run("serve", "--sandbox", "--port", str(second))
        assert refused.returncode == 1
        assert (
            f"A server works on this sandbox already: http://127.0.0.1:{first} (process {child.pid})" in refused.stderr
        )
        # The main database was never set up: only the sandbox's own can be what is up to date.
        assert checkout.run("manage", "--sandbox", "migrate", "--check").returncode == 0
        moved_on = acts(before, checkout.keys, "recommended", "acknowledge")

        child.send_signal(signal.SIGKILL)
        child.wait(30)

    with checkout.serving(port=second) as child:
        after = checkout.announced(child, second)
        assert after["base_url"] == f"http://127.0.0.1:{second}"
        assert (after["clients"], after["people"]) == (before["clients"], before["people"])
        assert log_keys(checkout.run_dir) == drawn
        kept = {case["id"] for case in before["cases"]} - {moved_on}
        assert kept <= {case["id"] for case in after["cases"]}
        every_state_is_listed_and_reached(after, checkout.keys)
        grown = log_at(after["base_url"])
        # The same tree went on, and the same witness has seen it.
        assert (grown.origin, grown.signers) == (seen.origin, seen.signers)
        assert grown.size > seen.size


def the_console_opens(printed: str, said: Mapping[str, Any]) -> None:
    """Somebody whose log-in was printed comes in with it, and with the code of this half minute."""
    address = re.search(r"Console\s+(http://\S+)", printed)
    assert address is not None, printed
    person = said["people"][0]
    assert all(person[name] in printed for name in ("email", "password", "totp_secret"))
    with httpx.Client(base_url=address[1], timeout=30, follow_redirects=True) as browser:
        browser.get("/masuk")
        for path, given in (
            ("/masuk", {"login": person["email"], "password": person["password"]}),
            ("/masuk/kode", {"code": code_now(person["totp_secret"])}),
        ):
            page = browser.post(path, data={**given, "csrfmiddlewaretoken": browser.cookies["lintas-csrf"]})
        assert (page.status_code, page.url.path) == (200, "/")
        assert person["name"] in page.text
        case = re.search(r'href="(/perkara/[0-9a-f-]{36})"', browser.get("/perkara").text)
        assert case is not None
        proof = re.search(r'href="(/log/bukti/\d+)"', browser.get(case[1]).text)
        assert proof is not None
        assert browser.get(proof[1]).text.startswith("c2sp.org/tlog-proof@v1\n")


def every_state_is_listed_and_reached(said: Mapping[str, Any], keys: Path) -> None:
    """Each state and each outcome is there, and the client named reads that case so, and may do what it says."""
    cases = said["cases"]
    assert {case["state"] for case in cases} == set(State)
    assert {case["outcome"] for case in cases} == {None, *get_args(OutcomeName)}
    assert {case["purpose"] for case in cases if case["state"] == "sanction_reported"} == {"deliver", "review"}
    assert {case["contest"] for case in cases if case["state"] == "contested"} == {"objection", "appeal"}
    with httpx.Client(base_url=said["base_url"], timeout=30) as http:
        by_id = {client.identity.client_id: client for client in clients(keys, http).values()}
        for case in cases:
            client = by_id[case["client_id"]]
            answer = client.get(case["href"].removeprefix("/api/v1")).data
            assert (answer["id"], answer["number"]) == (case["id"], case["number"])
            assert (answer["state"], answer["outcome"]) == (case["state"], case["outcome"])
            turn = answer["turn"]
            assert (turn and turn["agency"]["code"]) == (case["turn"] and case["turn"]["agency"])
            assert turn is None or (turn["overdue"], turn["agency"]["code"]) == (False, client.agency)
            assert answer["warnings"] == []
            free = [one["transition"] for one in answer["available"] if not one["blocked_by"]]
            assert free == case["may"] != []


def acts(said: Mapping[str, Any], keys: Path, state: str, transition: str) -> str:
    """Whoever has the turn on that case performs a transition; the casefile's id."""
    case = next(one for one in said["cases"] if one["state"] == state)
    receiver = {"name": "Nama Penerima", "nip": "198403032008012003", "position": "Pengelola surat"}
    with httpx.Client(base_url=said["base_url"], timeout=30) as http:
        client = clients(keys, http)[case["turn"]["agency"]]
        changed = datetime.fromisoformat(client.get(f"/casefiles/{case['id']}").data["updated_at"])
        today = changed.astimezone(ZoneInfo("Asia/Jakarta")).date().isoformat()
        client.act(case["id"], transition, {"received_on": today, "received_by": receiver})
    return str(case["id"])


@dataclass(frozen=True)
class Seen:
    """A checkpoint: the log's name, its size, and the keys that signed it."""

    origin: str
    size: int
    signers: frozenset[str]


def log_at(base_url: str) -> Seen:
    """The checkpoint there, once a witness has cosigned one."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        text = httpx.get(f"{base_url}/api/v1/log/checkpoint").text
        body, _, signatures = text.partition("\n\n")
        origin, size, _ = body.split("\n")
        # The name and the first bytes of the signature, which are the key's own.
        signers = frozenset(f"{line.split()[1]} {line.split()[2][:5]}" for line in signatures.splitlines())
        if len(signers) == 2:
            return Seen(origin=origin, size=int(size), signers=signers)
        assert time.monotonic() < deadline, text
        time.sleep(0.2)


def log_keys(run_dir: Path) -> list[str]:
    """Digests of the keys of log, receipts and witness."""
    kept = ("log_key.pem", "receipt_key.pem", "witness/key.pem")
    return [hashlib.sha256((run_dir / "sandbox" / name).read_bytes()).hexdigest() for name in kept]


@pytest.mark.parametrize(
    ("was_made", "fresh", "does"),
    [(False, False, "begins"), (True, False, "goes on"), (True, True, "begins"), (False, True, "begins")],
)
def test_fresh_begins_anew_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, was_made: bool, fresh: bool, does: str
) -> None:
    happened: list[str] = []

    def noted(word: str) -> Callable[..., str]:
        def note(*_: object, **__: object) -> str:
            happened.append(word)
            return "the log key"

        return note

    place = Place(run_dir=tmp_path)
    if was_made:
        made(place)
    monkeypatch.setattr(dev_sandbox, "begin", noted("begins"))
    monkeypatch.setattr(dev_sandbox, "go_on", noted("goes on"))
    monkeypatch.setattr(dev_sandbox, "witness", lambda *_, **__: nullcontext())
    monkeypatch.setattr(dev_sandbox, "service", lambda *_, **__: nullcontext())
    monkeypatch.setattr(sandboxes, "exists", lambda *_: True)
    place.folder.mkdir(exist_ok=True)
    context = Context(Roles(*["postgresql://r:p@h/lintas"] * len(fields(Roles))), descriptors=())
    with dev_sandbox.sandbox(context, place, host="127.0.0.1", port=8000, lock=9, fresh=fresh) as (inside, settings, _):
        assert inside.roles.web == "postgresql://r:p@h/lintas_sandbox"
        assert settings["LINTAS_BASE_URL"] == "http://127.0.0.1:8000"
    assert happened == [does]


@pytest.mark.parametrize(
    ("newer", "commands"),
    [((), []), (("database",), ["migrate", "open_log"]), (("catalogue",), ["migrate", "open_log"]), (("world",), [])],
)
def test_a_newer_version_migrates_what_was_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    newer: tuple[str, ...], commands: list[str],
) -> None:  # fmt: skip
    happened: list[str] = []
    inside: Any = SimpleNamespace(migrate=lambda: happened.append("migrate"))
    monkeypatch.setattr(dev_sandbox, "open_log", lambda *_, **__: happened.append("open_log"))
    place = made(Place(run_dir=tmp_path))
    now = {**place.made_of(), **dict.fromkeys(newer, "newer")}
    assert dev_sandbox.go_on(inside, place, now, base_url="http://127.0.0.1:8001") == "l.example+1+AA"
    assert happened == commands
    assert place.read()["base_url"] == "http://127.0.0.1:8001"
    assert ("--fresh takes its agencies in" in capsys.readouterr().err) is ("world" in newer)


def test_what_a_sandbox_is_made_of_is_what_the_checkout_holds(tmp_path: Path) -> None:
    """A digest of a folder that is not there would never change, and a newer law would not be taken in."""
    for file in ("casefiles/catalogue/data/sanctions.yaml", "agencies/sandbox.yaml", "agencies/directory/centre.csv"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("a")
    before = sandboxes.made_of(tmp_path, fingerprint="1")
    (tmp_path / "casefiles/catalogue/data/sanctions.yaml").write_text("b")
    after = sandboxes.made_of(tmp_path, fingerprint="1")
    assert {part for part in before if before[part] != after[part]} == {"catalogue"}
    shutil.rmtree(tmp_path / "casefiles")
    with pytest.raises(FileNotFoundError):
        sandboxes.made_of(tmp_path, fingerprint="1")
    assert set(sandboxes.made_of(ROOT, fingerprint="1")) == set(before)


def test_what_cannot_be_migrated_says_how_to_begin_anew(tmp_path: Path) -> None:
    def fails() -> None:
        raise Stop("Migrating the database failed (migrate.log):\n    column exists")

    place, inside = made(Place(run_dir=tmp_path)), cast("Context", SimpleNamespace(migrate=fails))
    with pytest.raises(Unusable, match=r"column exists\n.*does not fit this version\. Type: .* --fresh"):
        dev_sandbox.go_on(inside, place, {**place.made_of(), "database": "newer"}, base_url="http://x")


def test_fresh_without_a_sandbox_is_refused() -> None:
    with pytest.raises(Stop, match=r"^--fresh belongs to the sandbox\. Type: \./run serve --sandbox --fresh$"):
        serving.serve(["--fresh"])


# -- its parts --------------------------------------------------------------------------------------------------------


def test_what_is_wanted_is_every_state_and_every_outcome() -> None:
    assert {one.state for one in WANTED} == set(State)
    assert {one.outcome for one in WANTED} == {None, *get_args(OutcomeName)}
    assert len({one.standing for one in WANTED}) == len(WANTED)


def made(place: Place) -> Place:
    """A sandbox that was made to its end."""
    place.clear()
    place.keys.write_text('{"base_url": "http://127.0.0.1:8000", "clients": ["c"], "cases": ["d"]}')
    for name in ("log_key.pem", "receipt_key.pem"):
        (place.folder / name).touch()
    (place.folder / "witness").mkdir()
    place.policy.write_text("log l.example+1+AA\nwitness nearby w.example+2+BB http://127.0.0.1:9\nquorum nearby\n")
    place.note({"database": "d", "catalogue": "c", "world": "w"})
    return place


def test_one_that_was_interrupted_was_never_made(tmp_path: Path) -> None:
    place = Place(run_dir=tmp_path)
    assert not place.was_made
    assert made(place).was_made
    place.clear()
    assert not place.was_made


@pytest.mark.parametrize("gone", ["sandbox.json", "sandbox/log_key.pem", "sandbox/receipt_key.pem"])
def test_one_that_lost_a_key_says_which_and_what_to_type(tmp_path: Path, gone: str) -> None:
    place = made(Place(run_dir=tmp_path))
    (tmp_path / gone).unlink()
    with pytest.raises(Unusable, match=rf"{gone} is gone\. Type: \./run serve --sandbox --fresh"):
        place.require_whole(database_exists=True)


def test_one_that_lost_its_database_says_so(tmp_path: Path) -> None:
    place = made(Place(run_dir=tmp_path))
    place.require_whole(database_exists=True)
    with pytest.raises(Unusable, match="its database is gone"):
        place.require_whole(database_exists=False)


def test_on_another_port_all_but_the_address_stays(tmp_path: Path) -> None:
    place = made(Place(run_dir=tmp_path))
    place.moves_to("http://127.0.0.1:8123")
    assert place.read() == {"base_url": "http://127.0.0.1:8123", "clients": ["c"], "cases": ["d"]}
    assert place.keys.stat().st_mode & 0o777 == 0o600
    assert (place.log_key(), place.witness_key()) == ("l.example+1+AA", "w.example+2+BB")


def test_a_second_server_is_refused_with_where_the_first_is(tmp_path: Path) -> None:
    place = Place(run_dir=tmp_path)
    with (
        place.alone("http://127.0.0.1:8000"),
        pytest.raises(Unusable, match=rf"already: http://127\.0\.0\.1:8000 \(process {os.getpid()}\)"),
        Place(run_dir=tmp_path).alone("http://127.0.0.1:8001"),
    ):
        raise AssertionError("two at once")
    with place.alone("http://127.0.0.1:8001"):
        pass


def test_a_database_that_was_never_set_up_is_not_ill(copies: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    name = copies.make("template0")
    try:
        for role, url in asdict(copies.roles.on(name)).items():
            monkeypatch.setenv(VARIABLES[role], url)
        found = {one: (well, text) for one, well, text, _ in findings()}
    finally:
        copies.drop(name)
    assert all(well for well, _ in found.values()), found
    assert found["migrations"] == (True, "not set up yet: the first ./run serve or ./run seed does it")
