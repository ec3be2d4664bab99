"""The filters that match little have an index in the order of the list: employer, submitter, mandate, state, election."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (
        ("agencies", "0004_tokens_remember_their_key"),
        ("casefiles", "0017_what_lists_and_searches_ask_stands_in_indexes"),
    )

    operations = (
        # The new index on the mandate serves the foreign key too.
        migrations.AlterField(
            "casefile",
            "mandate",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="casefiles",
                to="agencies.mandate",
            ),
        ),
        *(
            migrations.AddIndex("casefile", models.Index(fields=(field, "id"), name=f"casefile_by_{field}"))
            for field in ("employer", "submitter", "mandate", "state", "election")
        ),
    )
