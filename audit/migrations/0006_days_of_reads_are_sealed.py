"""The seals of finished days of reads, append-only, and an index by which a day's reads are found."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

from audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = (("audit", "0005_leaves_are_hashes_of_their_bytes"),)

    operations = (
        migrations.CreateModel(
            name="AccessDay",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("day", models.DateField(unique=True)),
                ("salt", models.BinaryField(max_length=32)),
                ("rows", models.BinaryField()),
            ],
        ),
        append_only("audit_accessday"),
        migrations.AddIndex("access", BrinIndex(fields=["at"], name="access_by_day")),
    )
