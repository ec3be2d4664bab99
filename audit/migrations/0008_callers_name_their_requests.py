"""The id that a caller chose for its request stays beside ours, in the entry's row and in the record of the read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("audit", "0007_signed_requests_are_proven"),)

    operations = tuple(
        migrations.AddField(
            model, "caller_request_id", models.CharField(blank=True, db_default="", default="", max_length=64)
        )
        for model in ("entry", "access")
    )
