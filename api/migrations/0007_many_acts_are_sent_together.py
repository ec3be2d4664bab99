"""Batches: what came of each of their lines, and whose is worked on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (
        ("agencies", "0006_writes_of_a_client_may_have_to_be_signed"),
        ("api", "0005_calls_have_quotas_and_may_end"),
    )

    operations = (
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("key_digest", models.BinaryField(max_length=32)),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("lines", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField()),
                (
                    "client",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.client",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="batches_by_their_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "key_digest"), name="a_client_uses_the_key_of_a_batch_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("lines__gte", 1)), name="a_batch_has_a_line"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("status", models.PositiveSmallIntegerField()),
                ("said", models.JSONField()),
                ("done_at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="api.batch",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "number"), name="a_line_of_a_batch_is_answered_once"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1), ("status__gte", 200), ("status__lt", 500)),
                        name="a_line_is_done_or_refused_for_good",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchRunner",
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
                ("batch", models.UUIDField()),
                ("until", models.DateTimeField()),
                ("mark", models.UUIDField()),
            ],
        ),
    )
