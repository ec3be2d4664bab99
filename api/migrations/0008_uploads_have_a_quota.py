"""Uploads get a bucket of their own: who brings contents does not use up what steps of a case are written with."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (
        ("agencies", "0006_writes_of_a_client_may_have_to_be_signed"),
        ("api", "0007_many_acts_are_sent_together"),
    )

    operations = (
        migrations.CreateModel(
            name="UploadBucket",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="agencies.client",
                    ),
                ),
                ("busy_until", models.DateTimeField()),
            ],
        ),
    )
