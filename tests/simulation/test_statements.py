"""The hook sees whatever leaves the process; where a backend ends, caller and database see what they would see."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from tests.simulation.statements import (
    AnswerLost,
    Statement,
    end_backend,
    interposed,
    lose_answer,
    numbered,
)

pytestmark = pytest.mark.django_db(transaction=True)

Session = Callable[[str], psycopg.Connection]


def kinds(seen: list[Statement]) -> list[str]:
    return [one.kind for one in seen]


def test_what_the_wire_saw_is_what_was_numbered(sign_in: Session, tmp_path: Path) -> None:
    """libpq's own trace of one session: each query message and each execution of a prepared one was told."""
    owner = sign_in("owner")
    owner.autocommit = False
    trace = tmp_path / "trace"
    with trace.open("w") as out, numbered() as seen:
        owner.pgconn.trace(out.fileno())
        owner.execute("CREATE TABLE seen (number int)")
        owner.commit()
        for number in range(8):  # psycopg prepares it on the way
            owner.execute("INSERT INTO seen VALUES (%s)", [number])
        with owner.cursor() as cursor:
            cursor.executemany("UPDATE seen SET number = %s WHERE number = %s", [(9, 1), (9, 2)])
        owner.rollback()
        with owner.cursor(name="portal") as cursor:
            cursor.execute("SELECT number FROM seen")
            assert cursor.fetchall() == []
        with owner.cursor() as cursor:
            assert list(cursor.stream("SELECT 1")) == [(1,)]
            with cursor.copy("COPY seen FROM STDIN") as copy:
                copy.write("7\n")
        with owner.transaction():
            owner.execute("SAVEPOINT by_hand")
        owner.commit()
        owner.pgconn.untrace()
    sent = Counter(line.split("\t")[3] for line in trace.read_text().splitlines() if line.split("\t")[1] == "F")
    # A pipeline is what `executemany` uses; its statements are told as well.
    assert len(seen) == sent["Query"] + sent["Execute"]
    assert [one.number for one in seen] == list(range(1, len(seen) + 1))
    assert kinds(seen).count("commit") == 2
    assert kinds(seen).count("rollback") == 1
    assert "savepoint" in kinds(seen)


def test_django_s_commits_are_told_and_what_commits_itself_too(db: None) -> None:
    connection.close()
    with numbered() as seen:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            with transaction.atomic():
                cursor.execute("SELECT 2")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 3")
    said = [(one.kind, one.makes_durable) for one in seen if not one.sql.startswith(("SET", "SELECT set_config"))]
    assert said[-7:] == [
        ("begin", False),
        ("statement", False),
        ("savepoint", False),
        ("statement", False),
        ("savepoint", False),
        ("commit", True),
        ("statement", True),
    ]


def test_other_threads_count_for_themselves(sign_in: Session) -> None:
    told: list[tuple[int, int]] = []

    class Both:
        def before(self, statement: Statement) -> None:
            told.append((statement.thread, statement.number))

        def after(self, statement: Statement) -> None: ...

    sessions = [sign_in("web") for _ in range(2)]
    with interposed(Both()):
        sessions[0].execute("SELECT 1")
        other = threading.Thread(target=lambda: sessions[1].execute("SELECT 1"))
        other.start()
        other.join(60)
        sessions[0].execute("SELECT 1")
    sessions[0].execute("SELECT 1")
    own = threading.get_ident()
    assert [number for thread, number in told if thread == own] == [1, 2]
    assert [number for thread, number in told if thread != own] == [1]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["statement", "commit"])
def test_a_backend_that_ends_leaves_what_was_committed(sign_in: Session, kind: str, when: str) -> None:
    owner = sign_in("owner")
    owner.execute("CREATE TABLE kept (number int)")
    owner.execute("GRANT ALL ON kept TO PUBLIC")

    def strike(statement: Statement) -> None:
        if statement.kind == kind and when == "before":
            end_backend(owner, statement.pid)
        elif statement.kind == kind:
            lose_answer(owner, statement)

    with (
        pytest.raises(OperationalError) as raised,
        numbered(**{when: strike}),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO kept VALUES (1)")
    assert isinstance(raised.value.__cause__, AnswerLost if when == "after" else psycopg.errors.AdminShutdown)
    stored = owner.execute("SELECT count(*) FROM kept").fetchone()
    assert stored == ((1,) if (kind, when) == ("commit", "after") else (0,))
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
