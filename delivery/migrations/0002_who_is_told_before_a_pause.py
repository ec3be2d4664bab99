"""A mailbox that is told a day before a webhook is paused, and what came of telling it.

Rows of before have none, and get no mail. It takes `grant_roles` to let web and courier write the new columns.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("delivery", "0001_initial"),)

    operations = (
        migrations.AddField(
            "webhook", "contact", models.CharField(blank=True, db_default="", default="", max_length=254)
        ),
        migrations.AddField("webhook", "warned_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "webhook", "warning", models.CharField(blank=True, db_default="", default="", max_length=10)
        ),
        migrations.AddField("webhook", "warns_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "webhook",
            models.CheckConstraint(
                condition=models.Q(warning="", warned_at__isnull=True)
                | models.Q(warning__in=("sent", "refused"), warned_at__isnull=False),
                name="a_warning_has_its_moment",
            ),
        ),
    )
