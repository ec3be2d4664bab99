"""The overview of an agency that sees very many casefiles is kept, and counted anew by the worker."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("console", "0001_exports"), ("agencies", "0007_a_key_may_wait_for_a_second_person"))

    operations = (
        migrations.CreateModel(
            name="Tally",
            fields=(
                (
                    "agency",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="agencies.agency",
                    ),
                ),
                ("counted_at", models.DateTimeField()),
                ("counts", models.JSONField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
            ),
        ),
    )
