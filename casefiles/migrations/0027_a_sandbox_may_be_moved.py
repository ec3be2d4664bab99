"""How far a sandbox's time is ahead of the real one, and how its parties act when a turn comes to them.

In earnest both stay empty, and nobody reads them.
"""

from datetime import timedelta

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0026_erased_content_is_found_by_an_index"),)

    operations = (
        migrations.AddField("tick", "ahead", models.DurationField(db_default=timedelta(0), default=timedelta(0))),
        migrations.AddField("tick", "moods", models.JSONField(db_default={}, default=dict)),
    )
