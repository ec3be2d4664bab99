"""Numbers are frozen under a name, and the answers to that are kept as others are."""

import django.db.models.deletion
from django.db import migrations, models

from audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0005_the_calendar_is_found_by_its_number"),
        ("casefiles", "0022_people_open_casefiles_too"),
    ]

    operations = [
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("index", models.BigIntegerField()),
                ("published", models.BooleanField()),
                ("content", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("salt", models.BinaryField(max_length=32)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("name",), name="a_snapshot_has_a_name_of_its_own"),
                    models.CheckConstraint(
                        condition=models.Q(("index__gte", 0)), name="a_snapshot_is_of_a_place_in_the_log"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="payload",
            name="snapshot",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payloads",
                to="casefiles.snapshot",
            ),
        ),
        migrations.RemoveConstraint(model_name="payload", name="a_payload_belongs_to_something"),
        migrations.AddConstraint(
            model_name="payload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("casefile__isnull", False),
                    ("finding__isnull", False),
                    ("document__isnull", False),
                    ("prevention__isnull", False),
                    ("zero_report__isnull", False),
                    ("snapshot__isnull", False),
                    _connector="OR",
                ),
                name="a_payload_belongs_to_something",
            ),
        ),
        append_only("casefiles_snapshot"),
    ]
