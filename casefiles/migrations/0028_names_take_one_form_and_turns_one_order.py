"""Names of snapshots are compared in the one normal form, so that no two differ by case, blanks or dashes alone.

Of two that have become the same the later keeps no key, and is named: it was published under that name. And the list of
all referrals, whoever holds them, is read by an index in its order.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from audit.tlog.spelling import number_key

LONGEST = 400


def keys(apps: Any, editor: Any) -> None:
    """Make the keys of the names that there are, oldest first."""
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM casefiles_snapshot ORDER BY id")
        rows = cursor.fetchall()
        held: set[str] = set()
        changed = []
        for ident, name in rows:
            key = number_key(name)[:LONGEST]
            if key in held:
                print(f"\n  {ident}: its name is also that of an earlier snapshot, written otherwise; it gets no key.")
                continue
            held.add(key)
            changed.append((key, ident))
        if not changed:
            return
        cursor.execute("ALTER TABLE casefiles_snapshot DISABLE TRIGGER rows_stay")
        cursor.executemany("UPDATE casefiles_snapshot SET name_key = %s WHERE id = %s", changed)
        cursor.execute("ALTER TABLE casefiles_snapshot ENABLE ALWAYS TRIGGER rows_stay")


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0027_a_sandbox_may_be_moved"),)

    operations = (
        migrations.AddField("snapshot", "name_key", models.CharField(max_length=400, null=True)),
        migrations.RunPython(keys, migrations.RunPython.noop),
        migrations.AddIndex("referral", models.Index(fields=["due_at", "id"], name="referral_by_due")),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(
                fields=("name_key",), name="a_snapshot_name_is_used_once_however_it_is_written"
            ),
        ),
    )
