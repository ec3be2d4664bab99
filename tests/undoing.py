"""Databases that tests commit to one after another: what each of them wrote is undone by the owner.

A copy takes a tenth of a second to make, and a session on it half a second to learn its tables. Undoing takes some ten
milliseconds, and the web's session goes on. What a test changed besides rows (the schema, a function, a grant, the
planner's statistics) is not undone: that database is given up.

A row that was written after the last undoing has a newer transaction number (`xmin`). Where a table has only more
rows than it had, the newer ones are deleted; else it gets the rows of the template.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from agencies import calendar
from casefiles.catalogue import versions
from config.roles import on_database
from tests import sessions

if TYPE_CHECKING:
    from tests.conftest import Copies

# The tables' triggers refuse what undoing does, or act on it. They stand aside within its transaction alone: their
# functions are the owner's, and the triggers stay as they are, so that no session has to learn the tables anew.
TRIGGERS = """
SELECT DISTINCT c.relname, tgfoid::regprocedure::text, pg_get_functiondef(tgfoid)
FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
WHERE NOT tgisinternal AND relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
STANDS_ASIDE = """
CREATE OR REPLACE FUNCTION {} RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN coalesce(NEW, OLD); END $$
"""

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"

# What a process reads once and remembers by the database's name.
REMEMBERED = {"agencies_calendarday", "casefiles_catalogueversion"}


def forget() -> None:
    """Have this process read the calendar and the catalogue again."""
    calendar._load.cache_clear()
    versions._stored.cache_clear()
    versions._found.clear()


# Where it stands what a session could change of a database besides its rows.
CATALOGUES = (
    "pg_attribute", "pg_attrdef", "pg_class", "pg_constraint", "pg_default_acl", "pg_event_trigger", "pg_index",
    "pg_namespace", "pg_policy", "pg_proc", "pg_trigger", "pg_type",
)  # fmt: skip
# ANALYZE writes to a catalogue that only a superuser reads, but here too.
ANALYZED = "SELECT sum(reltuples)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"

# A session that a test left behind could hold a lock. One that is at work is waited for, some milliseconds at least.
END_OTHERS = """
SELECT pg_terminate_backend(pid, CASE state WHEN 'idle' THEN 0 ELSE 5000 END) FROM pg_stat_activity
WHERE datname = current_database() AND NOT pid = ANY(%s) AND usesysid IS NOT NULL AND pg_has_role(usesysid, 'USAGE')
"""

# (rows from before, newer rows) by table.
Counts = dict[str, tuple[int, int]]


def _counting(schema: str, tables: Iterable[str]) -> sql.Composed:
    """How many rows of each table are from before the transaction `base`, and how many are newer."""
    return sql.SQL(" UNION ALL ").join(
        sql.SQL(
            "SELECT {}, count(*) FILTER (WHERE age(xmin) >= age(%(base)s::xid)),"
            " count(*) FILTER (WHERE age(xmin) < age(%(base)s::xid)) FROM {}"
        ).format(table, sql.Identifier(schema, table))
        for table in tables
    )


@dataclass
class Reused:
    """A database that is used again and again.

    `owner` is a session that stays open; `template` the URL of what the database is a copy of.
    """

    name: str
    owner: psycopg.Connection
    template: str
    tables: sql.Composed = field(init=False)
    catalogues: sql.Composed = field(init=False)
    sequences: sql.Composed = field(init=False)
    triggers: list[Any] = field(init=False)
    kept: Counts = field(init=False)
    schema: Counts = field(init=False)
    analyzed: str = field(init=False)
    rows: dict[str, bytes] = field(default_factory=dict)
    base: str = "0"

    def __post_init__(self) -> None:
        self.tables = _counting("public", self._names(TABLES))
        self.catalogues = _counting("pg_catalog", CATALOGUES)
        self.sequences = self._set_back()
        self.triggers = self.owner.execute(TRIGGERS).fetchall()
        self._begin_anew()
        self.kept, self.schema = self._counted(self.tables), self._counted(self.catalogues)
        [self.analyzed] = self._names(ANALYZED)

    def undo(self, *, spared: Iterable[int]) -> bool:
        """Undo what was committed; False where not all could be.

        Ends every session on the database but the owner's and those of the server's processes `spared`.
        """
        self.owner.execute(END_OTHERS, [[self.owner.info.backend_pid, *spared]])
        if self._counted(self.catalogues) != self.schema or self._names(ANALYZED) != [self.analyzed]:
            return False
        counted = self._counted(self.tables)
        changed = {
            table: before == self.kept[table][0]
            for table, (before, newer) in counted.items()
            if newer or before != self.kept[table][0]
        }
        if REMEMBERED & changed.keys():
            forget()
        self._put_back(changed)
        self._begin_anew()
        return True

    def _put_back(self, changed: dict[str, bool]) -> None:
        """Undo the changes of these tables, of which some have only more rows than they had."""
        functions = {name: text for table, name, text in self.triggers if table in changed}
        with self.owner.transaction():
            for name in functions:
                self.owner.execute(STANDS_ASIDE.format(name))
            self.owner.execute("SET CONSTRAINTS ALL DEFERRED")
            for table, only_more in changed.items():
                if only_more:
                    delete = sql.SQL("DELETE FROM {} WHERE age(xmin) < age(%s::xid)")
                    self.owner.execute(delete.format(sql.Identifier(table)), [self.base])
                else:
                    self.owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                    self._fill(table)
            self.owner.execute(self.sequences)
            for text in functions.values():
                self.owner.execute(text)

    def _fill(self, table: str) -> None:
        """Give an empty table the rows of the template."""
        named = sql.Identifier(table)
        if table not in self.rows:
            reading = sql.SQL("COPY {} TO STDOUT").format(named)
            with psycopg.connect(self.template) as template, template.cursor().copy(reading) as out:
                self.rows[table] = b"".join(bytes(part) for part in out)
        with self.owner.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(named)) as into:
            into.write(self.rows[table])

    def _set_back(self) -> sql.Composed:
        """The statement that has each sequence go on from where it stands now."""
        stood: list[sql.Composable] = []
        for name in self._names(SEQUENCES):
            at = self.owner.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name)))
            stood += [sql.SQL("setval({}, {}, {})").format(name, *value) for value in at.fetchall()]
        return sql.SQL("SELECT ") + sql.SQL(", ").join(stood)

    def _begin_anew(self) -> None:
        [(self.base,)] = self.owner.execute("SELECT pg_current_xact_id()::xid::text").fetchall()

    def _counted(self, query: sql.Composed) -> Counts:
        return {table: (before, newer) for table, before, newer in self.owner.execute(query, {"base": self.base})}

    def _names(self, query: str) -> list[str]:
        return [str(name) for (name,) in self.owner.execute(query).fetchall()]


@dataclass(frozen=True)
class Again:
    """One database for each template, for one test at a time."""

    copies: Copies
    ready: dict[str | None, Reused] = field(default_factory=dict)

    def take(self, template: str | None) -> str:
        """The name of a database that is as the template; None is the empty one."""
        if template not in self.ready:
            name, url = self.copies.make(template), self.copies.roles.owner
            owner = psycopg.connect(on_database(url, name), autocommit=True)
            origin = on_database(url, template or self.copies.template)
            self.ready[template] = Reused(name=name, owner=owner, template=origin)
        return self.ready[template].name

    def give_back(self, template: str | None) -> None:
        """Undo what the test committed. Django's sessions go on, unless more than rows was changed."""
        sessions.leave()
        reused = self.ready[template]
        if not reused.undo(spared=sessions.pids(reused.name)):
            self.give_up(template)

    def give_up(self, template: str | None) -> None:
        """Drop it; the next test gets a new one."""
        spent = self.ready.pop(template)
        spent.owner.close()
        self.copies.drop(spent.name)

    def give_up_all(self) -> None:
        """Drop all of them."""
        for template in list(self.ready):
            self.give_up(template)
