"""A form of the desk is kept where a session ended over it, and spent once, with the act that it led to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (
        ("console", "0002_numbers_that_take_long_are_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    )

    operations = (
        migrations.CreateModel(
            name="Form",
            fields=(
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("casefile", models.UUIDField()),
                ("transition", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("kept", models.BinaryField(null=True)),
                ("kept_at", models.DateTimeField(null=True)),
                ("entry", models.UUIDField(null=True)),
                ("receipt", models.JSONField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ),
            options={
                "indexes": [
                    models.Index(fields=["kept_at"], condition=Q(kept__isnull=False), name="forms_with_kept_content")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(entry__isnull=True, receipt__isnull=True, done_at__isnull=True)
                        | Q(entry__isnull=False, receipt__isnull=False, done_at__isnull=False, kept__isnull=True),
                        name="a_spent_form_has_its_receipt_and_no_content",
                    ),
                    models.CheckConstraint(
                        condition=Q(kept__isnull=True) | Q(kept_at__isnull=False),
                        name="kept_content_is_deleted_some_day",
                    ),
                ],
            },
        ),
    )
