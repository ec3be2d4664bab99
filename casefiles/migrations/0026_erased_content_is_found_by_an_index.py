"""Whether a casefile was erased is asked of the few that were, not of each that was not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0025_what_goes_to_siasn"),)

    operations = (
        migrations.AddIndex(
            "payload",
            models.Index(
                condition=models.Q(("erased_at__isnull", False)), fields=("casefile", "seq"), name="payload_erased"
            ),
        ),
    )
