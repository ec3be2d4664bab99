"""A register with everything that the log commits to, built once; each test that tampers gets a copy of it."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection
from psycopg import sql
from pytest_django import DjangoDbBlocker

from agencies import delegations
from audit import access
from audit.requests import RequestFacts
from audit.tlog.notes import LOG, Signer, VerifierKey, read_note
from casefiles.flow import State
from casefiles.operations import erasers, erasure
from casefiles.sight import first_readings
from config import command_roles
from config.roles import database_name, on_database
from delivery import subscriptions
from delivery.models import Attempt, Delivery
from tests.audit.verify.logs import Verdict, verify
from tests.callers import as_owner, signed_in_at
from tests.conftest import Copies, using
from tests.factories import (
    BKN,
    PEMKOT,
    Story,
    actor,
    casefile_at,
    handed_to_siasn,
    known_subject,
    period,
    prevention,
    recorded_at_once,
    snapshot,
    zero_report,
)
from tests.sequencing import Sequencing, as_sequencer, witness
from tests.world import World

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Register:
    """A database with a log: its name, its key, a policy with one witness, and casefiles by what became of them."""

    database: str
    vkey: str
    policy: Path
    signer: Signer
    ombudsman: Signer
    casefiles: dict[str, str]


@dataclass(frozen=True)
class Copy:
    """A copy of the register that may be tampered with: the owner's session, and the verifier as the reader."""

    owner: psycopg.Connection
    reader: str
    register: Register
    touched: set[str] = field(default_factory=set)

    def verify(self, *more: object) -> Verdict:
        """`lintas-verify db` with the key and the policy."""
        return verify("db", self.reader, "--policy", self.register.policy, *more)

    def tamper(self, statement: str | sql.Composed, *values: object) -> int:
        """Change rows of one table as an insider with the owner's password would; returns how many."""
        text = statement if isinstance(statement, str) else statement.as_string(self.owner)
        self.touched.update(re.findall(r'^(?:UPDATE|DELETE FROM|INSERT INTO) "?(\w+)', text))
        return self.owner.execute(statement, values).rowcount


@pytest.fixture(scope="session")
def register(
    copies: Copies,
    world: World,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Register]:
    """Closed with documents, open, disowned (sight revoked), and erased; signed thrice, the last cosigned."""
    name = copies.make(world.template)
    with django_db_blocker.unblock(), using(name), recorded_at_once():
        made = _build(name, tmp_path_factory.mktemp("register"))
    _drop_constraints(on_database(copies.roles.owner, name))
    yield made
    copies.drop(name)


def _build(name: str, folder: Path) -> Register:
    sequencing, ombudsman = Sequencing(), witness("ombudsman.example/w1")
    closed = casefile_at(State.CLOSED)
    sequencing()
    disowned = casefile_at(State.IDENTITY_REQUESTED)
    disowned.do("disown")
    open_ = casefile_at(State.SANCTION_REPORTED, subjects=(known_subject(),), through=_SHORT)
    open_.do("require-correction")
    first_readings.note(
        casefile=open_.casefile, version=open_.row.version, actor=actor(PEMKOT), now=datetime.now(UTC),
        request=RequestFacts(id=uuid4()),
    )  # fmt: skip
    _read_by(closed, days_ago=(4, 4, 4, 2, 2, 0))
    sequencing()
    prevention()
    zero_report(period=period(date(2020, 1, 1), date(2020, 1, 31)))
    handed_to_siasn(closed)
    _subscribed()
    _delegated()
    snapshot(now=datetime.now(UTC).replace(microsecond=0))
    gone = casefile_at(State.CLOSED)
    _erase(str(gone.casefile))
    sequencing()
    _cosign(ombudsman)
    policy = folder / "policy.txt"
    policy.write_text(f"log {sequencing.signer.vkey}\nwitness ombudsman {ombudsman.vkey}\nquorum ombudsman\n")
    return Register(
        database=name,
        vkey=str(sequencing.signer.vkey),
        policy=policy,
        signer=sequencing.signer,
        ombudsman=ombudsman,
        casefiles={
            "closed": str(closed.casefile),
            "disowned": str(disowned.casefile),
            "open": str(open_.casefile),
            "erased": str(gone.casefile),
        },
    )


def _read_by(story: Story, *, days_ago: Iterable[int]) -> None:
    """Reads at noon (UTC) so many days ago, sealed as by a clock that went every day; today's has no seal yet."""
    now = datetime.now(UTC)
    for days in days_ago:
        at = (now - timedelta(days=days)).replace(hour=12 if days else now.hour)
        access.record(
            at=at, request_id=uuid4(), agency=1, client="bkn-system", route="/casefiles/{id}", purpose="examination",
            shown=[story.casefile],
        )  # fmt: skip
    assert access.seal(now=now) == 2


def _subscribed() -> None:
    """A webhook whose challenge was tried once."""
    now = datetime.now(UTC)
    subscriptions.register(
        actor=actor(BKN),
        given=subscriptions.WebhookGiven(url="https://sistem.bkn.go.id/lintas", types=("lintas.casefile.recommended",)),
        key=b"k" * 32,
        fingerprint=b"f" * 32,
        now=now,
        request=RequestFacts(id=uuid4()),
    )
    with as_owner():
        Attempt.objects.create(
            delivery=Delivery.objects.get(), number=1, at=now, outcome="refused", status=410, latency_ms=12
        )


def _delegated() -> None:
    """A vendor's client may act for the city."""
    now = datetime.now(UTC)
    asked = delegations.Asked(
        employer=PEMKOT, roles=("employer",), scopes=("casefiles:read",), valid_until=now + timedelta(days=30)
    )
    facts = RequestFacts(id=uuid4())
    made = delegations.ask(actor=actor("vendor-kepegawaian"), asked=asked, now=now, request=facts).delegation
    with as_owner():
        delegations.approve(ident=made.pk, by=delegations.By(), now=now)


_SHORT = ("accept", "recommend", "acknowledge", "report-sanction")


def _erase(casefile: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    keys = {name: Ed25519PrivateKey.generate() for name in ("arsip-1", "hukum-2")}
    known = {name: VerifierKey(name, LOG, key.public_key().public_bytes_raw()) for name, key in keys.items()}
    from django.conf import settings

    origin = settings.LINTAS_LOG_ORIGIN
    with as_owner():
        order = erasure.order(
            casefile=casefile, reason="retention_elapsed", basis="UU 27/2022 Pasal 44", origin=origin, now=now
        )
        for name, key in keys.items():
            order = erasers.add_signature(order, name=name, private=key)
        erasure.perform_order(order, erasers=known, origin=origin, now=now, forget=lambda *_: None, destroy=len)


def _cosign(ombudsman: Signer) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    with as_sequencer(), connection.cursor() as cursor:
        cursor.execute("SELECT number, note FROM audit_checkpoint ORDER BY number DESC LIMIT 1")
        number, note = cursor.fetchone()
        cursor.execute(
            "INSERT INTO audit_cosignature (checkpoint_id, witness, line, cosigned_at) VALUES (%s, %s, %s, %s)",
            [number, "ombudsman", ombudsman.sign(read_note(note).text, time=int(now.timestamp())), now],
        )


def _drop_constraints(owner: str) -> None:
    """An insider drops what stands in his way, and puts it back afterwards; the tests leave it dropped."""
    with psycopg.connect(owner, autocommit=True) as session:
        triggers = session.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0"
        )
        for table, trigger in triggers.fetchall():
            session.execute(f'DROP TRIGGER "{trigger}" ON {table}')
        rows = session.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace "
            "AND contype NOT IN ('n', 't') AND conparentid = 0 "
            "ORDER BY contype <> 'f', contype <> 'c'"
        ).fetchall()
        for table, constraint in rows:
            session.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{constraint}" CASCADE')
        indexes = session.execute(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indrelid "
            "WHERE indisunique AND c.relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (index,) in indexes:
            session.execute(f"DROP INDEX IF EXISTS {index}")
        columns = session.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid "
            "WHERE attnotnull AND attnum > 0 AND relkind IN ('r', 'p') AND NOT relispartition "
            "AND relnamespace = 'public'::regnamespace AND attidentity = ''"
        ).fetchall()
        for table, column in columns:
            session.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" DROP NOT NULL')


@pytest.fixture(scope="session")
def mended(copies: Copies, register: Register) -> Iterator[Copy]:
    """The one copy that `edited` uses again and again, and beside it each table as it was."""
    name = copies.make(register.database)
    with psycopg.connect(on_database(copies.roles.owner, name), autocommit=True) as owner:
        for (table,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            owner.execute(
                sql.SQL("CREATE TEMPORARY TABLE {} AS TABLE public.{}").format(
                    sql.Identifier(f"{table}_as_it_was"), sql.Identifier(table)
                )
            )
        yield Copy(owner=owner, reader=on_database(copies.roles.reader, name), register=register)
    copies.drop(name)


@pytest.fixture
def edited(mended: Copy) -> Iterator[Copy]:
    """A copy whose rows may be tampered with; what a test changed through `tamper` is put back after it."""
    mended.touched.clear()
    yield mended
    for table in mended.touched:
        # No TRUNCATE, which makes new files for the table and each of its indexes; these tables have a few dozen rows.
        mended.owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        mended.owner.execute(
            sql.SQL("INSERT INTO {} OVERRIDING SYSTEM VALUE TABLE {}").format(
                sql.Identifier(table), sql.Identifier(f"{table}_as_it_was")
            )
        )


@pytest.fixture
def copy(copies: Copies, register: Register) -> Iterator[Copy]:
    """A copy of the register, dropped afterwards."""
    name = copies.make(register.database)
    with psycopg.connect(on_database(copies.roles.owner, name), autocommit=True) as owner:
        yield Copy(owner=owner, reader=on_database(copies.roles.reader, name), register=register)
    copies.drop(name)


def manage(url: str, *command: object) -> str:
    """A command on the reader's database, in the role that it asks for; returns what it said.

    Within this process, where the test may use Django's session.
    """
    role, said = command_roles.role_of(str(command[0])), io.StringIO()
    with signed_in_at(url if role == "reader" else _web(url)):
        call_command(*map(str, command), stdout=said)
    return said.getvalue()


def refused(url: str, *command: object) -> str:
    """`manage.py` on the reader's database, as an operator types it, where it must not succeed: its complaint."""
    role = command_roles.role_of(str(command[0]))
    own = {**os.environ, "DATABASE_READER_URL": url, "DATABASE_WEB_URL": _web(url), "LINTAS_DB_ROLE": role}
    done = subprocess.run(
        [sys.executable, "manage.py", *map(str, command)],
        cwd=ROOT,
        env=own,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0, done.stdout
    return done.stderr


def _web(url: str) -> str:
    return on_database(os.environ["DATABASE_WEB_URL"], database_name(url))


@pytest.fixture(scope="session")
def exported(sound: str, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Path:
    """The register's dump, as `export_log` writes it; copy it before changing anything."""
    folder = tmp_path_factory.mktemp("exported") / "dump"
    with django_db_blocker.unblock():
        manage(sound, "export_log", "--out", folder)
    return folder


@pytest.fixture(scope="session")
def cases(
    sound: str, register: Register, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> dict[str, Path]:
    """Exports of the closed and of the erased casefile, as `export_case` writes them."""
    folder = tmp_path_factory.mktemp("cases")
    for name in ("closed", "erased"):
        with django_db_blocker.unblock():
            manage(sound, "export_case", "--casefile", register.casefiles[name], "--out", folder / name)
    return {name: folder / name for name in ("closed", "erased")}


@pytest.fixture(scope="session")
def sound(copies: Copies, register: Register) -> Iterator[str]:
    """The reader's URL of a copy that nobody touches."""
    name = copies.make(register.database)
    yield on_database(copies.roles.reader, name)
    copies.drop(name)


@pytest.fixture
def reader_url(copies: Copies, _own_database: None) -> str:
    """The reader's URL of the database that this (committing) test uses."""
    return on_database(copies.roles.reader, connection.settings_dict["NAME"])


@pytest.fixture(autouse=True)
def _recorded_at_once() -> Iterator[None]:
    """A verifier reads the times of a log: stories of long ago are recorded now, as a real server would."""
    with recorded_at_once():
        yield
