"""What proves a signed request, one row each, erasable; and the view of it that the reader sees.

The base of a signature holds the token that the request was sent with. A token lives for ten minutes, so the view shows
a row after eleven: whoever verifies can call nothing with what they read. It takes `grant_roles` to open both.
"""

from django.db import migrations, models
from django.db.migrations.operations import RunSQL

VIEW = """
CREATE VIEW audit_settledevidence AS
SELECT request_id, created_at < clock_timestamp() - interval '11 minutes' OR erased_at IS NOT NULL AS settled,
    CASE WHEN created_at < clock_timestamp() - interval '11 minutes' THEN base END AS base,
    CASE WHEN created_at < clock_timestamp() - interval '11 minutes' THEN signature END AS signature,
    alg, jwk, salt, created_at, erased_at
FROM audit_evidence
"""


class Migration(migrations.Migration):
    dependencies = (("audit", "0006_days_of_reads_are_sealed"),)

    operations = (
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("request_id", models.UUIDField(primary_key=True, serialize=False)),
                ("base", models.TextField(null=True)),
                ("signature", models.BinaryField(null=True)),
                ("alg", models.CharField(max_length=20)),
                ("jwk", models.JSONField(null=True)),
                ("salt", models.BinaryField(max_length=32, null=True)),
                ("created_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(erased_at__isnull=False)
                        | models.Q(base__isnull=False, jwk__isnull=False, salt__isnull=False, signature__isnull=False),
                        name="evidence_is_whole_or_erased",
                    )
                ],
            },
        ),
        RunSQL([VIEW], ["DROP VIEW audit_settledevidence"]),
    )
