"""A referral keeps when the clock comes to it, so that the search for what is due reads an index and no more.

Nothing is filled in here: an empty `clock_law` says that nobody has reckoned, and the next round of the clock does. The
previous release writes rows so too, and its rows are found the same way.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0014_guardian_sees_live_sight_only"),)

    operations = (
        migrations.AddField("referral", "clock_at", models.DateTimeField(null=True)),
        migrations.AddField("referral", "clock_law", models.CharField(db_default="", default="", max_length=16)),
        migrations.AddIndex(
            "referral",
            models.Index(
                fields=("clock_law", "clock_at", "id"),
                condition=models.Q(status="open"),
                name="open_referral_by_clock",
            ),
        ),
    )
