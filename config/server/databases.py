"""The database of a server: whether each role signs in and may do no more than it should; the schema and this code."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import psycopg

from config.database import _POWERS, APPS
from config.roles import GUESTS, VARIABLES
from config.server.finding import Finding, Server, ill, well

OLDEST: Final = 150000
"""PostgreSQL's own number of its version 15."""
DRIFT_S: Final = 5.0
KEYS_END_WITHIN_DAYS: Final = 30


def findings(server: Server) -> Iterator[Finding]:
    """What is to be said of the database."""
    reached = 0
    for role in ("owner", *GUESTS):
        url = server.url_of(role)
        if not url:
            continue
        try:
            with closing(psycopg.connect(url, connect_timeout=5, autocommit=True)) as session:
                reached += 1
                yield from _role(session, role=role, file=server.file_of(role))
                if role == "owner":
                    yield version(session.info.server_version)
                    yield from schema(session, code=server.code)
                    yield from _client_keys(session)
        except psycopg.OperationalError as why:
            yield unreachable(role, server.file_of(role), why)
            if role == "owner" and "authentication" not in str(why):
                return  # Nobody else would reach it either.
    if reached == len(VARIABLES):
        yield well("roles", f"{reached} peran masuk dengan sandinya", f"{reached} roles sign in with their passwords")


def unreachable(role: str, file: Path, why: psycopg.OperationalError) -> Finding:
    """Why a role cannot sign in, and what to type."""
    said = str(why).strip().splitlines()[-1]
    if "password authentication failed" in said:
        return ill(
            "database",
            (f"sandi {VARIABLES[role]} salah ({file})", f"the password of {VARIABLES[role]} is wrong ({file})"),
            ("Ketik: deploy/debian/install.sh; ia memberi basis data sandi yang tertulis di berkas itu",
             "Type: deploy/debian/install.sh; it gives the database the password that stands in the file"),
        )  # fmt: skip
    if "does not exist" in said:
        return ill(
            "database",
            (f"{VARIABLES[role]}: {said}", f"{VARIABLES[role]}: {said}"),
            ("Ketik: deploy/debian/install.sh", "Type: deploy/debian/install.sh"),
        )
    return ill(
        "database",
        (f"PostgreSQL tidak menjawab: {said}", f"PostgreSQL does not answer: {said}"),
        (
            "Ketik: systemctl start postgresql; journalctl -u 'postgresql@*'",
            "Type: systemctl start postgresql; journalctl -u 'postgresql@*'",
        ),
    )


def version(number: int) -> Finding:
    """Whether PostgreSQL is new enough."""
    said = f"PostgreSQL {number // 10000}"
    if number < OLDEST:
        return ill(
            "database",
            (f"{said} terlalu tua", f"{said} is too old"),
            ("PostgreSQL 15 atau lebih baru diperlukan. Debian: apt-get install postgresql, lalu pg_upgradecluster",
             "PostgreSQL 15 or newer is needed. Debian: apt-get install postgresql, then pg_upgradecluster"),
        )  # fmt: skip
    return well("database", said, said)


def _role(session: psycopg.Connection, *, role: str, file: Path) -> Iterator[Finding]:
    if role == "owner":
        return
    row = session.execute(_POWERS).fetchone()
    assert row is not None  # noqa: S101 - one role, one database
    name, server_time, powers = row
    if powers:
        yield ill(
            "roles",
            (
                f"{name} boleh lebih dari seharusnya: {', '.join(powers)}",
                f"{name} may do more than it should: {', '.join(powers)}",
            ),
            ("Ketik: lintas grant_roles", "Type: lintas grant_roles"),
        )
    if role == "web" and abs(drift := server_time.timestamp() - time.time()) > DRIFT_S:
        yield ill(
            "clock",
            (f"jam basis data berselisih {drift:+.0f} detik", f"the database's clock is off by {drift:+.0f} s"),
            ("Ketik: timedatectl set-ntp true, di kedua mesin", "Type: timedatectl set-ntp true, on both machines"),
        )


def schema(session: psycopg.Connection, *, code: Path) -> Iterator[Finding]:
    """Whether the migrations of this code are those of the database: none waits, and none is from newer code."""
    if session.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
        yield ill(
            "schema",
            ("basis data masih kosong", "the database is empty"),
            ("Ketik: deploy/debian/install.sh", "Type: deploy/debian/install.sh"),
        )
        return
    applied = {
        f"{app}.{name}"
        for app, name in session.execute("SELECT app, name FROM django_migrations WHERE app = ANY(%s)", [list(APPS)])
    }
    here = {
        f"{path.parent.parent.name}.{path.stem}"
        for app in APPS
        for path in (code / app / "migrations").glob("[0-9]*.py")
    }
    if ahead := sorted(applied - here):
        yield ill(
            "schema",
            (
                f"basis data lebih baru dari program ini: {', '.join(ahead)}",
                f"the database is newer than this program: {', '.join(ahead)}",
            ),
            (
                "Pasang rilis yang lebih baru: deploy/debian/install.sh dari salinan terbarunya",
                "Install the newer release: deploy/debian/install.sh of its checkout",
            ),
        )
    if behind := sorted(here - applied):
        yield ill(
            "schema",
            (f"belum dijalankan: {', '.join(behind)}", f"not applied yet: {', '.join(behind)}"),
            ("Ketik: lintas migrate && lintas grant_roles", "Type: lintas migrate && lintas grant_roles"),
        )
    if applied == here:
        yield well(
            "schema",
            f"{len(applied)} migrasi, seperti program ini",
            f"{len(applied)} migrations, as this program has them",
        )


def _client_keys(session: psycopg.Connection) -> Iterator[Finding]:
    if session.execute("SELECT to_regclass('agencies_clientkey')").fetchone() == (None,):
        return
    ending = session.execute(
        "SELECT c.client_id, k.kid, k.valid_until::date::text FROM agencies_clientkey k"
        " JOIN agencies_client c ON c.id = k.client_id WHERE k.revoked_at IS NULL"
        " AND k.valid_until BETWEEN now() AND now() + make_interval(days => %s) ORDER BY 3 LIMIT 20",
        [KEYS_END_WITHIN_DAYS],
    ).fetchall()
    for client, kid, day in ending:
        yield ill(
            "client keys",
            (f"kunci {kid} milik {client} berakhir {day}", f"the key {kid} of {client} ends on {day}"),
            (
                "Minta instansinya menambah kunci (POST /clients/me/keys)",
                "Ask its agency to add a key (POST /clients/me/keys)",
            ),
        )
