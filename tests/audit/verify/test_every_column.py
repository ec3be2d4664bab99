"""Each column of each table that the log commits to is edited by an insider, and the verifier names it."""

from __future__ import annotations

import psycopg
import pytest
from django.apps import apps
from psycopg.rows import tuple_row

from tests.audit.verify.conftest import ROOT, Copy
from tests.audit.verify.tables import (
    COLUMNS,
    COUNTERS,
    DIARY,
    ELSEWHERE,
    NAMED_BY,
    NAMES_THE_ROW,
    NOT_COMMITTED,
    OTHER,
    OTHERWISE,
    ROWS,
    TABLES,
    UNTOLD,
)

EDITED = [one for one in COLUMNS if one[0] in ROWS]


def edit(copy: Copy, table: str, *columns: str) -> int:
    """Change these columns of one row to other values."""
    asked = copy.owner.cursor(row_factory=tuple_row).execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [table]
    )
    types: dict[str, str] = dict(asked.fetchall())
    others = (
        f'"{column}" = ' + OTHERWISE.get((table, column), OTHER[types[column]]).format(f'"{column}"')
        for column in columns
    )
    statement = f"UPDATE {table} SET {', '.join(others)} WHERE {ROWS[table]}"  # noqa: S608 - our own tables
    return copy.tamper(statement.format(**copy.register.casefiles))


@pytest.mark.parametrize(("table", "column"), [one for one in EDITED if one not in NOT_COMMITTED], ids=str)
def test_an_edit_is_named(edited: Copy, table: str, column: str) -> None:
    assert edit(edited, table, column) == 1
    said = edited.verify()
    assert said.exit == 1, said.said
    where = {"table": table} if (table, column) in NAMES_THE_ROW else {"table": table, "column": column}
    if (table, column) in NAMED_BY:
        where = {"table": NAMED_BY[table, column]}
    assert said.named(**where), said.said["findings"]


@pytest.mark.parametrize("table", sorted({table for table, _ in NOT_COMMITTED}))
def test_what_is_not_committed_to_is_listed_with_its_reason(edited: Copy, table: str) -> None:
    """The list holds no column whose edit would be noticed, all of a table's at once: it is as short as it can be."""
    assert edit(edited, table, *(column for one, column in NOT_COMMITTED if one == table)) == 1
    said = edited.verify()
    assert said.exit == 0, said.said["findings"]


def test_no_column_is_forgotten(copy: Copy) -> None:
    found = copy.owner.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = ANY(%s)", [list(TABLES)]
    ).fetchall()
    assert sorted(found) == sorted(COLUMNS)
    # The queue is empty here; see test_db.py.
    assert {table for table, _ in COLUMNS} - ROWS.keys() == {"audit_pending", *DIARY}


def test_no_table_is_forgotten() -> None:
    """A new table is committed to and edited here, or docs/verifying.md names it with its reason."""
    own = {config.label for config in apps.get_app_configs() if (ROOT / config.label / "migrations").is_dir()}
    there = {
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in own and model._meta.managed and not model._meta.swapped
    }
    listed = [*TABLES, *ELSEWHERE, *UNTOLD, *COUNTERS]
    assert sorted(listed) == sorted(there)
    told = (ROOT / "docs" / "verifying.md").read_text(encoding="utf-8")
    assert [table for table in (*UNTOLD, *DIARY) if f"`{table}`" not in told] == []


def test_what_was_sent_is_the_couriers_own_note(edited: Copy) -> None:
    """Nothing of it is covered, as docs/verifying.md says; and an auditor's role reads none of it."""
    for table in reversed(DIARY):
        assert edited.tamper(f"DELETE FROM {table}") == 1  # noqa: S608 - our own tables
        with (
            psycopg.connect(edited.reader) as reader,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            reader.execute(f"SELECT FROM {table}")
    assert edited.verify().exit == 0


def test_an_edit_is_undone_before_the_next_test(edited: Copy) -> None:
    """The other tests here share one copy: what one of them left behind would be the next one's finding."""
    assert edited.verify().exit == 0


def test_the_reader_cannot_write(copy: Copy) -> None:
    with (
        psycopg.connect(copy.reader) as reader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        reader.execute("DELETE FROM audit_leaf")
