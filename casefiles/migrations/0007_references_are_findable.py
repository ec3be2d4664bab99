"""Numbers of other systems are found by index, in the erasable place: they lead to a person as his NIP does."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casefiles", "0006_preventions")]

    operations = [
        migrations.AddField(
            model_name="payload",
            name="reference_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200), default=list, db_default=[], size=None
            ),
        ),
        migrations.AddIndex(
            model_name="payload",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("reference_keys", []), _negated=True),
                fields=["reference_keys"],
                name="payload_by_reference",
            ),
        ),
    ]
