"""What was stored before takes the form in which numbers and names are compared now, and register numbers an index.

Of two register numbers of one office that have become the same the later keeps its old key, and is named: the number
was used twice, which only the office can put right. Facts and the log stay: keys follow from them.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from audit.tlog.spelling import name_key, number_key, rekeyed

LONGEST = 120
BATCH = 1_000


def findings(apps: Any, editor: Any) -> None:
    """Make the keys of register numbers anew, oldest first."""
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, office_id, register_number, register_key FROM casefiles_finding ORDER BY created_at, id"
        )
        rows = cursor.fetchall()
        held = {(office, key) for _, office, _, key in rows}
        changed = []
        for ident, office, number, old in rows:
            new = number_key(number)[:LONGEST]
            if new == old:
                continue
            if (office, new) in held:
                print(f"\n  {ident}: its register number is also that of another finding of this office; key kept.")
                continue
            held.add((office, new))
            changed.append((new, ident))
        if not changed:
            return
        cursor.execute("ALTER TABLE casefiles_finding DISABLE TRIGGER rows_stay")
        cursor.executemany("UPDATE casefiles_finding SET register_key = %s WHERE id = %s", changed)
        cursor.execute("ALTER TABLE casefiles_finding ENABLE ALWAYS TRIGGER rows_stay")


def payloads(apps: Any, editor: Any) -> None:
    """Make the keys of names and references anew."""
    with editor.connection.cursor() as cursor:
        last = 0
        while True:
            cursor.execute(
                """
                SELECT id, coalesce(facts #>> '{subject,name}', ''), name_key, reference_keys FROM casefiles_payload
                WHERE id > %s AND facts IS NOT NULL AND (name_key <> '' OR reference_keys <> '{}')
                ORDER BY id LIMIT %s
                """,
                [last, BATCH],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            keys = [(name_key(name) if name else "", rekeyed(kept), ident) for ident, name, _, kept in rows]
            changed = [new for new, (_, _, *old) in zip(keys, rows, strict=True) if [*new[:2]] != old]
            cursor.executemany(
                "UPDATE casefiles_payload SET name_key = %s, reference_keys = %s::varchar[] WHERE id = %s", changed
            )


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0009_zero_reports"),)

    operations = (
        migrations.RunPython(findings, migrations.RunPython.noop),
        migrations.RunPython(payloads, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["register_key"], name="finding_by_register_number"),
        ),
    )
