"""What was decided under a version of the catalogue can be reproduced: each version is kept as it was loaded."""

from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0004_ended_sight_is_found_by_its_entry"),)

    operations = (
        migrations.CreateModel(
            name="CatalogueVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=20)),
                ("digest", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("loaded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version",), name="a_catalogue_version_is_loaded_once")
                ],
            },
        ),
        RunSQL(
            "ALTER TABLE casefiles_catalogueversion ADD CONSTRAINT a_digest_is_that_of_its_content "
            "CHECK (digest = encode(sha256(content), 'hex'))",
            "ALTER TABLE casefiles_catalogueversion DROP CONSTRAINT a_digest_is_that_of_its_content",
        ),
        append_only("casefiles_catalogueversion"),
    )
