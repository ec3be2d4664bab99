from django.db import migrations

from audit.append_only import FUNCTION, append_only


class Migration(migrations.Migration):
    dependencies = (("audit", "0001_initial"),)

    operations = (
        FUNCTION,
        append_only("audit_entry"),
        append_only("audit_opening"),
        append_only("audit_access"),
    )
