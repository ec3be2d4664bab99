"""A key that a client asked for itself may wait until a person of the operator approves it.

The previous release goes on writing keys that wait for nobody: the column has a default of the database's own.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agencies", "0006_writes_of_a_client_may_have_to_be_signed"),)

    operations = (
        migrations.AddField("clientkey", "awaits_approval", models.BooleanField(default=False, db_default=False)),
    )
