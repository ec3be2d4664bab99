"""For which employers a vendor's receiver was told of an event. Rows of before, and all others, name none.

It takes `grant_roles` to let the courier write the new column, and to let it read who delegated to whom.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("delivery", "0002_who_is_told_before_a_pause"),)

    operations = (
        migrations.AddField(
            "delivery", "agencies", ArrayField(models.CharField(max_length=80), db_default=[], default=list)
        ),
    )
