"""What the sequencer relies on is kept by the database: the web writes entries, and may be in foreign hands one day."""

from django.db import migrations, models
from django.db.migrations.operations import RunSQL


def check(table: str, name: str, condition: str) -> RunSQL:
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = (("audit", "0004_the_tree_is_append_only"),)

    operations = (
        check("audit_entry", "a_leaf_is_the_hash_of_its_bytes", r"leaf_hash = sha256('\x00'::bytea || body)"),
        check("audit_entry", "an_audience_names_agencies", "array_position(audience, NULL) IS NULL"),
        check("audit_leaf", "a_leaf_has_32_bytes", "octet_length(leaf_hash) = 32"),
        check("audit_node", "a_node_has_32_bytes", "octet_length(hash) = 32"),
        migrations.AddField("logstatus", "contested", models.TextField(blank=True, default="", db_default="")),
        migrations.AddField("logstatus", "origin", models.TextField(blank=True, default="", db_default="")),
    )
