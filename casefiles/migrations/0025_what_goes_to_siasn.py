import django.db.models.deletion
from django.db import migrations, models

from audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0005_the_calendar_is_found_by_its_number"),
        ("casefiles", "0024_snapshots"),
    ]

    operations = [
        migrations.CreateModel(
            name="HukdisHandover",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("version", models.PositiveIntegerField()),
                ("sanction_version", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                    ),
                ),
                (
                    "casefile",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hukdis_handovers",
                        to="casefiles.casefile",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["casefile", "id"], name="hukdis_of_casefile")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1), ("sanction_version__gte", 1)),
                        name="what_is_handed_to_siasn_is_a_version",
                    )
                ],
            },
        ),
        append_only("casefiles_hukdishandover"),
        migrations.RemoveConstraint(model_name="payload", name="a_payload_belongs_to_something"),
        migrations.AddField(
            model_name="payload",
            name="hukdis",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payloads",
                to="casefiles.hukdishandover",
            ),
        ),
        migrations.AddIndex(
            model_name="payload",
            index=models.Index(
                condition=models.Q(("hukdis__isnull", False)), fields=["hukdis", "seq"], name="payload_of_hukdis"
            ),
        ),
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
                    ("hukdis__isnull", False),
                    _connector="OR",
                ),
                name="a_payload_belongs_to_something",
            ),
        ),
        migrations.AddField(
            model_name="zeroreport",
            name="round",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.RemoveConstraint(model_name="zeroreport", name="an_agency_reports_a_period_empty_once_per_subject"),
        migrations.AddConstraint(
            model_name="zeroreport",
            constraint=models.UniqueConstraint(
                fields=("agency", "subject", "election", "period_from", "period_until", "round"),
                name="an_agency_reports_a_period_empty_once_per_subject",
            ),
        ),
    ]
