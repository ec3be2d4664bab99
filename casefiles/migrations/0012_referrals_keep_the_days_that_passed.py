"""A referral keeps its first due day, and the one that passed unanswered, beside the day it is due since."""

from django.db import migrations, models
from django.db.migrations.operations import RunSQL


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0011_register_numbers_are_corrected"),)

    operations = (
        migrations.AddField("referral", "original_due_on", models.DateField(null=True)),
        migrations.AddField("referral", "missed_due_on", models.DateField(null=True)),
        # What moved a day before was told by the rule; the day that the count alone gave is there.
        RunSQL(
            "UPDATE casefiles_referral SET original_due_on = coalesce((rule->>'counted_to')::date, due_on)",
            RunSQL.noop,
        ),
        migrations.AlterField("referral", "original_due_on", models.DateField()),
        migrations.AddIndex(
            "referral",
            models.Index(
                fields=("missed_due_on",),
                condition=models.Q(status="open") & models.Q(missed_due_on__isnull=False),
                name="open_referral_that_was_missed",
            ),
        ),
    )
