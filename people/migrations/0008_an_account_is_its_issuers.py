"""An account is known by its issuer and its identifier there: another issuer's account of the same identifier is nobody's.

Which issuer the accounts bound so far came from is not on record, so they are unbound: each is bound anew, with its
issuer, at the next sign-in by a verified address, as the first time.
"""

from django.db import migrations, models
from django.db.models import Q


def unbind(apps, schema_editor):
    apps.get_model("people", "Person").objects.exclude(subject="").update(subject="")


class Migration(migrations.Migration):
    dependencies = [("people", "0007_managers_change_roles_and_end_people")]

    operations = [
        migrations.AddField(
            "person", "issuer", models.CharField(max_length=500, blank=True, default="", db_default="")
        ),
        migrations.RunPython(unbind, migrations.RunPython.noop),
        migrations.RemoveConstraint("person", "an_account_signs_in_as_one_person"),
        migrations.AddConstraint(
            "person",
            models.UniqueConstraint(
                fields=("issuer", "subject"), condition=~Q(subject=""), name="an_account_signs_in_as_one_person"
            ),
        ),
        migrations.AddConstraint(
            "person",
            models.CheckConstraint(condition=Q(subject="") | ~Q(issuer=""), name="an_account_is_bound_with_its_issuer"),
        ),
    ]
