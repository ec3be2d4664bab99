"""What a vendor's client may do for an employer, and for which employer a token was bought.

The previous release goes on writing tokens that act for the client's own agency: the column may be null.
"""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("agencies", "0007_a_key_may_wait_for_a_second_person"),)

    operations = (
        migrations.CreateModel(
            name="Delegation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                ("requested_at", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="delegations", to="agencies.client"
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="delegations", to="agencies.agency"
                    ),
                ),
            ],
            options={
                "constraints": (
                    models.CheckConstraint(
                        condition=Q(valid_until__gt=F("requested_at")), name="delegation_ends_after_it_was_asked_for"
                    ),
                    models.UniqueConstraint(
                        fields=("client", "employer"),
                        condition=Q(approved_at__isnull=True, ended_at__isnull=True),
                        name="a_client_asks_an_employer_for_one_thing",
                    ),
                    models.UniqueConstraint(
                        fields=("client", "employer"),
                        condition=Q(approved_at__isnull=False, ended_at__isnull=True),
                        name="an_employer_delegates_to_a_client_once",
                    ),
                ),
            },
        ),
        migrations.AddField(
            "accesstoken",
            "delegation",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tokens",
                to="agencies.delegation",
            ),
        ),
    )
