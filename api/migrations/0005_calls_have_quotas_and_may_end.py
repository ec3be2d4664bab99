"""Writes and proofs get buckets of their own, and calls that end are counted for the client that makes them."""

import django.db.models.deletion
from django.db import migrations, models


def bucket(name: str) -> migrations.CreateModel:
    """A table of one bucket per client."""
    return migrations.CreateModel(
        name=name,
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
    )


class Migration(migrations.Migration):
    dependencies = (
        ("agencies", "0006_writes_of_a_client_may_have_to_be_signed"),
        ("api", "0004_keys_are_kept_as_digests"),
    )

    operations = (
        bucket("WriteBucket"),
        bucket("ProofBucket"),
        migrations.CreateModel(
            name="DeprecatedCall",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "client",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="agencies.client",
                    ),
                ),
                ("operation", models.CharField(max_length=100)),
                ("total", models.BigIntegerField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "operation"), name="a_call_that_ends_is_counted_once_per_client"
                    )
                ]
            },
        ),
    )
