from django.db import migrations
from django.db.migrations.operations import RunSQL

from audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = (("agencies", "0001_initial"), ("audit", "0002_entries_are_append_only"))

    operations = (
        RunSQL(
            # A range over the scope itself stands in for equality, which plain gist cannot index without an extension.
            "ALTER TABLE agencies_mandate ADD CONSTRAINT mandates_of_a_scope_do_not_overlap EXCLUDE USING gist "
            "(int4range(scope::int, scope::int, '[]') WITH &&, daterange(valid_from, valid_until) WITH &&)",
            "ALTER TABLE agencies_mandate DROP CONSTRAINT mandates_of_a_scope_do_not_overlap",
        ),
        append_only("agencies_historicalagency"),
        append_only("agencies_historicalmandate"),
        append_only("agencies_historicalclient"),
    )
