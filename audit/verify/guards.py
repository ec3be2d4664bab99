"""The guards of the database itself: keys, constraints and triggers that the migrations make, and that are not there.

`guards.txt` beside this file is what a migrated database has. After a migration that changes one, write it anew:

    python -m audit.verify.guards postgresql://… > audit/verify/guards.txt

A missing guard changes no row, and rows are compared one by one whether it is there or not. But what the verifier
cannot see (reads of today, answers to come) stands on the guards alone, so a database without them is not called sound.
Whoever may drop one is the owner, and should say why. What a newer release has besides is nobody's concern.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from .report import Report

FILE: Final = Path(__file__).with_name("guards.txt")
HEAD: Final = "# Written by `python -m audit.verify.guards DSN` from a migrated database. Do not edit."

# Of a table in parts, which months make, what every one of its parts has counts as the table's own.
# Keys by what they say, checks and exclusions by their name alone: how a version of PostgreSQL spells an expression is
# its own affair. Triggers with what they run, word for word, and whether they can be slept through (`A`: they cannot).
GUARDS: LiteralString = """
WITH guard AS (
SELECT c.oid AS of, c.relname::text AS name, CASE
    WHEN k.contype IN ('c', 'x') THEN 'CONSTRAINT ' || k.conname::text ELSE pg_get_constraintdef(k.oid) END AS what
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname ~ '^(agencies|audit|casefiles|contents|delivery)_'
    AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.convalidated
UNION ALL
SELECT c.oid, c.relname::text, 'UNIQUE INDEX ' || i.relname::text
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname ~ '^(agencies|audit|casefiles|contents|delivery)_'
    AND x.indisunique AND x.indisvalid AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid
        AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT c.oid, c.relname::text, concat_ws(' ', 'TRIGGER', t.tgname, t.tgenabled, t.tgtype, p.proname,
    left(encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'), 16))
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname ~ '^(agencies|audit|casefiles|contents|delivery)_'
    AND NOT t.tgisinternal
)
SELECT name, what FROM guard WHERE of NOT IN (SELECT inhrelid FROM pg_inherits)
UNION ALL
SELECT t.relname::text, 'EACH PART ' || g.what
FROM pg_inherits i JOIN pg_class t ON t.oid = i.inhparent JOIN guard g ON g.of = i.inhrelid
GROUP BY t.oid, t.relname, g.what
HAVING count(*) = (SELECT count(*) FROM pg_inherits p WHERE p.inhparent = t.oid)
"""

# What a migration never makes: a rule that does something else than what was asked, a policy that shows some rows only.
FOREIGN: LiteralString = """
SELECT c.relname::text, 'RULE ' || r.rulename::text FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname ~ '^(agencies|audit|casefiles|contents|delivery)_'
    AND r.ev_type <> '1'
UNION ALL
SELECT c.relname::text, 'POLICY ' || p.polname::text FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname ~ '^(agencies|audit|casefiles|contents|delivery)_'
"""


def guards_of(connection: psycopg.Connection[Any]) -> list[str]:
    """The guards of the current schema, `table: what it has`, in order."""
    return sorted(f"{table}: {what}" for table, what in connection.execute(GUARDS))


def expected() -> list[str]:
    """The guards of a migrated database."""
    return FILE.read_text(encoding="utf-8").splitlines()[1:]


def verify_guards(connection: psycopg.Connection[Any], *, report: Report) -> None:
    """Name the guards that the database lacks, and rules and policies that stand between a table and who uses it."""
    there = guards_of(connection)
    for guard in (Counter(expected()) - Counter(there)).elements():
        table, _, what = guard.partition(": ")
        report.add("guard-missing", table=table, why=what)
    for table, what in connection.execute(FOREIGN).fetchall():
        report.add("guard-foreign", table=table, why=what)
    report.checked["guards"] += len(there)


if __name__ == "__main__":
    with psycopg.connect(sys.argv[1]) as migrated:
        print(HEAD, *guards_of(migrated), sep="\n")
