"""An agency has former names, heirs, a legal basis, a source and a certainty.

The previous release goes on writing agencies without them: each column has a default of the database's own.
"""

from django.db import migrations, models

COLUMNS = (
    ("former_names", models.JSONField(default=list, blank=True, db_default=[])),
    ("heirs", models.JSONField(default=list, blank=True, db_default=[])),
    ("legal_basis", models.TextField(blank=True, default="", db_default="")),
    ("source", models.TextField(blank=True, default="", db_default="")),
    ("certainty", models.CharField(max_length=20, blank=True, default="", db_default="")),
)


class Migration(migrations.Migration):
    dependencies = (("agencies", "0009_tokens_may_be_bound_to_a_key"),)

    operations = tuple(
        migrations.AddField(model, name, field) for model in ("agency", "historicalagency") for name, field in COLUMNS
    )
