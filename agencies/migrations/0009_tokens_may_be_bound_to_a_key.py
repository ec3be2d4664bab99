"""Tokens that are bound to a key (DPoP), for clients that are marked so, and the proofs that were used.

The previous release goes on writing clients that are not marked and tokens that are not bound.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agencies", "0008_a_vendor_acts_for_an_employer"),)

    operations = (
        *(
            migrations.AddField(name, "sender_constrained", models.BooleanField(default=False, db_default=False))
            for name in ("client", "historicalclient")
        ),
        migrations.AddField(
            "accesstoken",
            "proof_thumbprint",
            models.CharField(blank=True, db_default="", default="", max_length=43),
        ),
        migrations.CreateModel(
            name="UsedProof",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires", models.DateTimeField()),
            ],
            options={"indexes": (models.Index(fields=["expires"], name="used_proof_by_expiry"),)},
        ),
    )
