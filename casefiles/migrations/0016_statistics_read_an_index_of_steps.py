"""The steps that a statistic counts stand in an index that holds all it reads of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0015_the_clock_is_found_by_its_instant"),)

    operations = (
        migrations.AddIndex(
            "transition",
            models.Index(
                condition=models.Q(name="recommend") | models.Q(name="report-sanction") | models.Q(name="reopen"),
                fields=("casefile", "seq"),
                include=("name", "entry"),
                name="step_that_is_counted",
            ),
        ),
    )
