from django.db import migrations

from audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = (("audit", "0003_the_log_has_a_tree"),)

    operations = tuple(
        append_only(table)
        for table in ("audit_leaf", "audit_node", "audit_checkpoint", "audit_cosignature", "audit_sighting")
    )
