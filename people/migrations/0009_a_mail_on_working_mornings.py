import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0008_an_account_is_its_issuers"),
    ]

    operations = [
        migrations.CreateModel(
            name="MorningMail",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="morning_mail",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                ("language", models.CharField(max_length=2)),
                ("mailed_on", models.DateField(blank=True, null=True)),
                ("refused", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ("id", "en"))), name="a_morning_mail_has_a_known_language"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("refused", False), ("mailed_on__isnull", False), _connector="OR"),
                        name="a_mail_was_refused_on_a_day",
                    ),
                ],
            },
        ),
    ]
