"""An agency that watches the log is told each key, client, vendor, person, mandate and act that it did not expect."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction

from agencies import clients, delegations, mandates, records
from agencies.actor import Actor, Vendor
from agencies.models import Agency, Client, Mandate
from audit import ledger
from audit.tlog.notes import Checkpoint
from audit.verify import agency, clock, wire
from audit.verify.agency import OfRegister
from audit.verify.anchors import Anchors
from audit.verify.expected import Expected, read_expected
from audit.verify.report import Report
from audit.verify.unexpected import Judge
from audit.verify.watch import Watching, watch
from casefiles.flow import State
from people import four_eyes, persons
from people.models import Person
from tests import callers
from tests.audit.verify.conftest import Register, manage
from tests.audit.verify.logs import Verdict, at_its_word, verify
from tests.audit.verify.served_log import Log, serving
from tests.audit.verify.test_dump import change, edited_body_and_leaf
from tests.callers import as_owner
from tests.desk_acts import acknowledged, acting, invited
from tests.factories import BKN, KASN, PEMKOT, casefile_at, request
from tests.factories import actor as system_of
from tests.partner import Partner, call
from tests.sequencing import Sequencing
from tests.vendors import VENDOR
from tests.world import World

LATER = timedelta(days=30)


def act(by: Actor) -> None:
    """A recommended casefile that the actor acknowledges."""
    acknowledged(by, casefile_at(State.RECOMMENDED))


def served_by_vendor(employer: str = PEMKOT) -> UUID:
    """The delegation to the vendor, which the operator approved."""
    now = datetime.now(UTC)
    asked = delegations.Asked(
        employer=employer, roles=("employer",), scopes=("casefiles:write",), valid_until=now + LATER
    )
    made = delegations.ask(actor=system_of(VENDOR), asked=asked, now=now, request=request()).delegation
    with as_owner():
        delegations.approve(ident=made.pk, by=delegations.By(), now=now)
    return made.pk


def new_key(client: str, kid: str) -> dict[str, Any]:
    """A second key of that client, which the operator registered; the thumbprint is in what comes back."""
    key = callers.new_key()
    with as_owner():
        clients.add_key(
            client_id=client, offer=callers.offer(key, client_id=client, kid=kid), issuer=settings.LINTAS_BASE_URL,
            now=datetime.now(UTC),
        )  # fmt: skip
    return key


def thumbprint(client: str, kid: str) -> str:
    return str(Client.objects.get(client_id=client).keys.get(kid=kid).thumbprint)


def decided(by: UUID, *, two: bool) -> None:
    """What that manager decided on the acts of their agency."""
    with as_owner():
        four_eyes.decide(Person.objects.get(pk=by), two=two, now=datetime.now(UTC))


def moved(client: str, *, to: str) -> None:
    """The operator moves a client, with its keys, to another agency, and tells so there."""
    with as_owner(), transaction.atomic():
        row = Client.objects.get(client_id=client)
        was, row.agency = row.agency_id, Agency.objects.get(code=to)
        row.save(update_fields=("agency",))
        new = records.of_client(row)
        owner = Agency.objects.get(code=to)
        ledger.append_open(
            stream=owner.stream, kind="client.registered", given=new, state=records.of_agency(owner),
            now=datetime.now(UTC),
        )  # fmt: skip
        row.agency_id = was
        row.save(update_fields=("agency",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the agency keeps its file, the export and the state of its watch."""
    return tmp_path


class Watch:
    """An agency that watches: the tree at one address, the entries in an export of today."""

    def __init__(self, sequenced: Sequencing, reader_url: str, folder: Path, url: str, log: Log) -> None:
        self.trust = at_its_word(sequenced.signer.vkey)
        self.sequenced, self.reader_url, self.folder, self.url, self.log = sequenced, reader_url, folder, url, log
        log.signer = sequenced.signer

    def export(self) -> Path:
        """The newest export; the tree at the address is the one that it holds."""
        self.sequenced()
        out = self.folder / "export"
        shutil.rmtree(out, ignore_errors=True)
        manage(self.reader_url, "export_log", "--out", out, "--all")
        with connection.cursor() as cursor:
            cursor.execute("SELECT leaf_hash FROM audit_leaf ORDER BY index")
            self.log.leaves[:] = [bytes(leaf) for (leaf,) in cursor.fetchall()]
        return out

    def file(self, agency: str = PEMKOT) -> Path:
        """What that agency expects."""
        return self.folder / f"{agency}.toml"

    def expect_today(self, agency: str = PEMKOT) -> Verdict:
        """The agency makes its file."""
        return self("--expect-today", self.file(agency), agency=agency)

    def __call__(self, *more: object, agency: str = PEMKOT, entries: object = None, tiles: bool = False) -> Verdict:
        where = ("--tiles", f"{self.url}/log/1") if tiles else (self.url,)
        told = () if "--expect-today" in more else ("--expect", self.file(agency))
        return verify(
            "watch", *where, "--once", *self.trust, "--state", self.folder / f"state-{tiles}", "--agency", agency,
            "--entries", entries or self.folder / "export", *told, *more,
        )  # fmt: skip


@pytest.fixture
def watching(sequenced: Sequencing, reader_url: str, folder: Path) -> Any:
    log = Log()
    with serving(log) as url:
        yield Watch(sequenced, reader_url, folder, url, log)


def named(found: Verdict) -> set[tuple[str, str]]:
    """Code and words of what was not expected; each names its entry."""
    assert all({"index", "entry", "kind", "seq"} <= one.keys() for one in found.said["findings"])
    return {(one["code"], one["what"]) for one in found.said["findings"]}


def asked_with_a_token(bearer: str, watching: Watch, monkeypatch: pytest.MonkeyPatch) -> Verdict:
    """The same, of the entries that the register shows to the agency's own client."""
    token = watching.folder / "token"
    token.write_text(f"{bearer}\n")

    def fetched(address: str, *, token: str, longest: int) -> bytes:
        answer = call("GET", address.partition("/api/v1")[2], token=token)
        assert answer.status_code == 200, answer.content
        return bytes(answer.content)

    with monkeypatch.context() as patched:
        patched.setattr(agency, "fetch", fetched)
        found = watching("--token", token, entries=watching.url)
        made = watching("--token", token, "--expect-today", watching.folder / "shown.toml", entries=watching.url)
        assert (made.exit, made.codes) == (0, set())
        whose = watching("--token", token, "--expect-today", watching.folder / "no", agency=BKN, entries=watching.url)
        assert (whose.exit, "the token is of agency" in str(whose.said["findings"])) == (2, True)
    return found


def it_goes_on_and_tells_each_once(watching: Watch, number: int, folder: Path) -> None:
    """Three looks: the alarms are told at the first, and the watch goes on until the log shrinks."""
    naps, gone = list[float](), list[bytes]()

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            gone.append(watching.log.leaves.pop())

    report = Report(keep=None)
    beside = agency.Beside(PEMKOT, agency.OfDump(folder / "export"), watching.file())
    log = Watching(
        watching.url, anchors=Anchors(keys=(watching.log.signer.vkey,)), state=folder / "going-on", patience=60
    )
    watch(log, report=report, once=False, every=5, beside=beside, sleep=sleep)
    assert (naps, len(report.findings), report.findings[-1].code) == ([5, 5], number + 1, "watch-shrunk")
    watching.log.leaves += gone


@pytest.mark.django_db(transaction=True)
def test_whatever_an_operator_slips_in_is_told(
    world: World, watching: Watch, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    client, bearer = system_of(PEMKOT).client_id, Partner(PEMKOT).token
    officer, reader = invited(), invited(role="reader")
    boss = invited(role="manager")
    decided(boss, two=True)
    served = served_by_vendor()
    new_key(client, "old")
    removed, honest = thumbprint(client, "old"), system_of(PEMKOT)
    act(replace(honest, key_thumbprint=removed))
    with as_owner():
        clients.revoke_key(client_id=client, kid="old", now=datetime.now(UTC))
    watching.export()
    made = watching.expect_today()
    assert (made.exit, set(made.notes)) == (0, {"quorum-none"}), made.said
    assert removed not in watching.file().read_text()
    for ident in (officer, reader, boss, served, honest.key_thumbprint, client):
        assert str(ident) in watching.file().read_text()
    # What the agency does itself from then on is no alarm.
    act(honest)
    watching.export()
    assert watching().exit == watching(tiles=True).exit == 0

    vendor = replace(
        honest, client_id=f"{VENDOR}-system", key_thumbprint=system_of(VENDOR).key_thumbprint,
        vendor=Vendor(VENDOR, VENDOR, UUID(int=7), frozenset(), datetime.now(UTC) + LATER),
    )  # fmt: skip
    new_key(client, "second")
    with as_owner():
        callers.register_system("padang-baru", agency=PEMKOT)
        persons.change_role(email=Person.objects.get(pk=reader).email, role="manager", now=datetime.now(UTC))
    moved(client, to=BKN)
    decided(boss, two=False)
    stranger = invited()
    again = served_by_vendor()
    act(replace(honest, key_thumbprint=removed))
    act(replace(honest, key_thumbprint=None))
    act(vendor)
    act(acting(stranger))
    watching.export()
    added = Client.objects.get(client_id="padang-baru").keys.get().thumbprint
    found = watching()
    everywhere = {
        ("unexpected-key", f"key {client} {thumbprint(client, 'second')}"),
        ("unexpected-client", "client padang-baru"),
        ("unexpected-key", f"key padang-baru {added}"),
        ("unexpected-person", f"person {reader} manager"),
        ("unexpected-person", f"person {stranger} officer"),
        ("unexpected-loss", "two_officers"),
        ("unexpected-vendor", f"delegation {again} {PEMKOT} {VENDOR} {VENDOR}-system"),
        ("unexpected-loss", f"delegation {served} {PEMKOT} {VENDOR} {VENDOR}-system"),
        ("unexpected-act", f"key {client} {removed}"),
        ("unexpected-act", f"{client} without a key"),
        ("unexpected-act", f"delegation {UUID(int=7)} {PEMKOT} {VENDOR} {VENDOR}-system"),
        ("unexpected-act", f"person {stranger}"),
    }
    told = named(found)
    elsewhere = {
        ("unexpected-elsewhere", f"elsewhere client {client} {BKN}"),
        ("unexpected-elsewhere", f"elsewhere key {honest.key_thumbprint} {BKN}"),
        ("unexpected-elsewhere", f"elsewhere key {thumbprint(client, 'second')} {BKN}"),
    }
    assert (found.exit, found.said["verdict"]) == (1, "unexpected")
    assert told == everywhere | elsewhere
    assert watching(tiles=True).said["findings"] == found.said["findings"]
    assert next(one["index"] for one in found.said["findings"]) >= 59
    shown = asked_with_a_token(bearer, watching, monkeypatch)
    assert (named(shown), shown.notes["entries-withheld"] > 0) == (told - elsewhere, True)
    it_goes_on_and_tells_each_once(watching, len(told), folder)
    # Whoever makes a new file accepts what is there; what is elsewhere stays an alarm.
    watching.file().unlink()
    assert named(watching.expect_today()) == elsewhere


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("world")
def test_a_mandate_that_was_not_expected_is_told(watching: Watch) -> None:
    watching.export()
    for code in (BKN, KASN):
        assert watching.expect_today(code).exit == 0
    held = Mandate.objects.get(agency__code=BKN, valid_until=None)
    with as_owner():
        mandates.end(code=held.code, on=date(2040, 1, 1), legal_basis="invented", now=datetime.now(UTC))
        mandates.register(
            code="M-invented", agency=KASN, valid_from=date(2040, 1, 1), legal_basis="invented", now=datetime.now(UTC)
        )
    watching.export()
    assert named(watching(agency=BKN)) == {("unexpected-mandate", f"mandate {held.code} 2040-01-01")}
    assert named(watching(agency=KASN)) == {("unexpected-mandate", "mandate M-invented open")}


FILE = """format = "lintas-expected/1"
agency = "bkn"
judged_from = 1
[clients."bkn-system"]
keys = []
scopes = []
"""
FAULTS: Mapping[str, tuple[str, str]] = {
    'format = "lintas-expected/1"': ('format = "lintas-expected/2"', "lintas-expected/1"),
    "judged_from = 1": ("judged_form = 1", "judged_form is unknown; known are format, agency, judged_from"),
    "judged_from = 1\n": ("judged_from = -1\n", "judged_from wants a number"),
    'agency = "bkn"': ('agency = "bnk"', "agency is 'bnk', and --agency says 'bkn'"),
    "keys = []": ('keys = ["too-short"]', "clients.bkn-system.keys: 'too-short' is no thumbprint"),
    "scopes = []\n": ("", "clients.bkn-system.scopes is missing"),
    "scopes = []": ("scopes = [] \nscope = []", "clients.bkn-system.scope is unknown"),
    '[clients."bkn-system"]': ('[client."bkn-system"]', "client is unknown"),
    '[clients."bkn-system"]\nkeys = []\nscopes = []\n': (
        "[people]\nx = 'boss'\n",
        "people.x is 'boss'; a person is one",
    ),
    "[clients": ("[facts]\nrole = 1\n[clients", "facts.role is unknown; known are"),
    "\n[clients": ("\n[facts]\nname = 2020-01-01\n[clients", "facts.name wants texts in quotes"),
    "1\n[clients": ("1\n[mandates]\nM1 = 2020-01-01\n[clients", "mandates.M1 wants a day in quotes"),
    "1\n[clien": ("1\n[delegations.d]\nvendor = 'v'\n[clien", "delegations.d.employer is missing"),
    'judged_from = 1\n[clients."bkn-system"]': ("judged_from = 1\n[clients", "this is not TOML"),
}


@pytest.mark.parametrize("right", FAULTS)
def test_a_file_with_a_typo_is_named(tmp_path: Path, right: str) -> None:
    wrong, why = FAULTS[right]
    file = tmp_path / "expected.toml"
    file.write_text(FILE)
    assert read_expected(file, agency="bkn").clients == {"bkn-system"}
    assert FILE.count(right) == 1
    file.write_text(FILE.replace(right, wrong))
    asked = ("--key", Log().signer.vkey, "--agency", "bkn", "--entries", tmp_path, "--expect", file)
    found = verify("watch", "http://127.0.0.1:1", "--once", *asked)
    assert (found.exit, found.codes) == (2, {"stopped"})
    assert found.said["findings"][0]["why"].startswith(f"{file}: ")
    assert why in found.said["findings"][0]["why"]


@contextmanager
def of_dump(folder: Path, register: Register) -> Iterator[str]:
    """The log whose export that is, served."""
    with serving(Log(register.signer, leaves_of(folder), (register.ombudsman,))) as url:
        yield url


def leaves_of(folder: Path) -> list[bytes]:
    lines = (folder / "entries.jsonl").read_text().splitlines()
    return [bytes.fromhex(json.loads(line)["leaf_hash"]) for line in lines]


def ask(url: str, register: Register, folder: Path, *more: object) -> Verdict:
    trust = ("--policy", register.policy, "--state", folder / "state")
    return verify("watch", url, "--once", *trust, "--agency", "bkn", *more)


def test_an_export_that_hides_or_is_old_decides_nothing(
    exported: Path, register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, copy = tmp_path / "expected.toml", Path(shutil.copytree(exported, tmp_path / "dump"))
    with of_dump(exported, register) as url:
        look = partial(ask, url, register, tmp_path)
        assert look("--entries", copy, "--expect-today", file).exit == 0
        assert look("--entries", copy, "--expect-today", file).codes == {"stopped"}  # it is there already
        # What an agency's entry opens to is left out: it may have been this agency's key.
        change(copy, "parties", lambda lines: lines.pop(5))
        found = look("--entries", copy, "--expect", file)
        assert (found.exit, "agency-untold" in found.codes) == (2, True)
        assert found.named(code="agency-untold")[0]["kind"]
    shutil.rmtree(copy)
    shutil.copytree(exported, copy)
    with serving(Log(register.signer, [*leaves_of(copy), b"x" * 32], (register.ombudsman,))) as url:
        look = partial(ask, url, register, tmp_path)
        behind = look("--entries", copy, "--expect", file)
        assert (behind.exit, behind.notes["entries-behind"]) == (0, 1)
        late = clock.now() + agency.OLD
        monkeypatch.setattr(clock, "now", lambda: late)
        assert look("--entries", copy, "--expect", file).codes == {"entries-old"}
        monkeypatch.undo()
        # An entry is left out, and the export shortened: it is no export of this log any more.
        change(copy, "entries", lambda lines: lines.pop())
        manifest = json.loads((copy / "manifest.json").read_text())
        (copy / "manifest.json").write_text(json.dumps({**manifest, "size": manifest["size"] - 1}))
        assert look("--entries", copy, "--expect", file).exit == 0  # the beginning of it
        change(copy, "entries", edited_body_and_leaf)
        found = look("--entries", copy, "--expect", file)
        assert (found.exit, "this is no export of the log that is watched" in str(found.said["findings"])) == (2, True)


def test_an_export_that_is_just_being_replaced_ends_no_watch(tmp_path: Path) -> None:
    file, log, naps = tmp_path / "expected.toml", Log(), list[float]()
    file.write_text(FILE)

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            log.leaves.pop()

    with serving(log) as url:
        report, beside = Report(), agency.Beside("bkn", agency.OfDump(tmp_path / "nothing"), file)
        going = Watching(url, anchors=Anchors(keys=(log.signer.vkey,)), state=tmp_path / "state", patience=60)
        watch(going, report=report, once=False, every=1, beside=beside, sleep=sleep)
    assert [one.code for one in report.findings] == ["stopped", "watch-shrunk"]
    assert "no such folder" in str(report.findings[0].where["why"])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("--expect", "x"), "belong to --agency"),
        (("--agency", "bkn"), "wants one file"),
        (("--agency", "bkn", "--expect", "x", "--expect-today", "y"), "wants one file"),
        (("--agency", "bkn", "--expect", "x"), "give --token"),
        (("--agency", "bkn", "--expect", "x", "--entries", "http://register.example", "--token", "x"), "https:// only"),
    ],
)
def test_what_an_agency_has_to_give(asked: tuple[str, ...], why: str) -> None:
    found = verify("watch", "http://127.0.0.1:1", "--once", "--key", Log().signer.vkey, *asked)
    assert (found.exit, why in found.said["findings"][0]["why"]) == (2, True)


def test_tiles_hold_no_entries() -> None:
    asked = ("--agency", "bkn", "--expect", "x", "--key", Log().signer.vkey)
    found = verify("watch", "--tiles", "http://127.0.0.1:1", "--once", *asked)
    assert "tiles hold no entries" in found.said["findings"][0]["why"]


def test_it_waits_where_the_register_asks_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("t")
    naps, answers = list[float](), list[bytes]([b"", b'{"data": [], "size": 7}'])

    def fetched(*_: object, **__: object) -> bytes:
        if not (answer := answers.pop(0)):
            raise wire.Unreachable("x", status=429, after=3.0)
        return answer

    monkeypatch.setattr(agency, "fetch", fetched)
    register = OfRegister("http://127.0.0.1:1", token=tmp_path / "token", sleep=naps.append)
    assert (register._size(), naps) == (7, [3.0])
    # What could not be read to its end is read again: nothing is taken for judged.
    judge = Judge(Expected("bkn", 0, frozenset()), Report())
    unasked = Watching("http://127.0.0.1:1", anchors=Anchors(keys=(Log().signer.vkey,)), state=tmp_path, patience=0)
    shown = json.dumps({"data": [{"index": 0, "leaf_hash": "00", "body": None}], "size": 2}).encode()
    answers[:] = [b'{"data": [], "size": 2}'] * 3 + [shown, b"<html>"]
    with pytest.raises(wire.Unreachable, match="no page of entries"):
        register.read(judge, seen=Checkpoint("x", 2, b""), log=unasked)
    last = shown.replace(b'"index": 0', b'"index": 1')
    answers[:] = [b'{"data": [], "size": 2}'] * 3 + [shown, last]
    assert register.read(judge, seen=Checkpoint("x", 2, b""), log=unasked) == 2
    assert [one.where["number"] for one in judge.report.notes] == [2]
    answers[:] = [b"<html>"]
    with pytest.raises(wire.Unreachable, match="no page of entries"):
        register._size()
