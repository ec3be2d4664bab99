"""What was asked to be verified, by whom, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from agencies.models import Agency


class Verification(models.Model):
    """One verification of the database. `client` is who asked, as the log names them: an id.

    `job` is its number in the queue. `part`, `done` and `total` say how far it is (no total: unknown). At its end
    `verdict` is the exit code of `lintas-verify`, `size` the leaves it looked at, and `report` the findings as they are
    told: `{"id": …, "en": …}`. Places of findings are ids, hashes and codes, never content.
    """

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    job = models.BigIntegerField(null=True)
    part = models.CharField(max_length=60, blank=True, default="")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    verdict = models.PositiveSmallIntegerField(null=True)
    size = models.BigIntegerField(null=True)
    report = models.JSONField(null=True)

    class Meta:
        indexes = (models.Index(fields=("-asked_at",), name="verification_by_day"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, verdict__isnull=True)
                | Q(ended_at__isnull=False, verdict__in=(0, 1, 2)),
                name="a_verification_that_ended_has_a_verdict",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)
