"""The filters that were left: form, class, outcome, and whose turn it is.

The index of numbers by their beginnings goes: nobody asks for those, and every casefile paid for it.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0018_filtered_lists_read_indexes"),)

    operations = (
        migrations.AddIndex("casefile", models.Index(fields=("violation_class", "id"), name="casefile_by_class")),
        migrations.AddIndex(
            "casefile",
            models.Index(
                condition=models.Q(("outcome", ""), _negated=True),
                fields=("outcome", "id"),
                name="casefile_by_outcome",
            ),
        ),
        migrations.AddIndex("casefile", GinIndex(fields=("forms",), name="casefile_by_form")),
        migrations.AddIndex(
            "referral",
            models.Index(
                condition=models.Q(status="open"), fields=("to_agency", "casefile"), name="open_referral_by_turn"
            ),
        ),
        migrations.RunSQL(
            "DROP INDEX IF EXISTS casefiles_casefile_number_dd79c9c3_like",
            "CREATE INDEX casefiles_casefile_number_dd79c9c3_like ON casefiles_casefile (number varchar_pattern_ops)",
        ),
    )
