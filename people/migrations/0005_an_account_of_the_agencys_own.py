"""The account with which a person signs in at their agency's own issuer: bound once, to one person."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("people", "0004_saved_views")]

    operations = [
        migrations.AddField(
            "person", "subject", models.CharField(max_length=255, blank=True, default="", db_default="")
        ),
        migrations.AddConstraint(
            "person",
            models.UniqueConstraint(
                fields=("subject",), condition=~Q(subject=""), name="an_account_signs_in_as_one_person"
            ),
        ),
    ]
