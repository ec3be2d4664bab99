"""One row: the moment of the clock's last round. The open referrals get an index by which the clock finds them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("casefiles", "0007_references_are_findable"),)

    operations = (
        migrations.CreateModel(
            name="Tick",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("ticked_at", models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="tick",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_clock"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["due_at", "id"], name="open_referral_by_due"
            ),
        ),
    )
