"""What the register holds of itself: which law is on record, and when the clock last did its round."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q


class CatalogueVersion(models.Model):
    """One version of the law as data, as it was loaded. Immutable: what was decided under it stays reproducible."""

    version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version",), name="a_catalogue_version_is_loaded_once"),)

    def __str__(self) -> str:
        return self.version


class Tick(models.Model):
    """The moment at which the clock last did its round, so that it notices when the time jumps. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ticked_at = models.DateTimeField()
    # Of a sandbox alone (`casefiles.register_time`).
    ahead = models.DurationField(default=timedelta(0), db_default=timedelta(0))
    # The same (`casefiles.operations.moods`).
    moods = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="there_is_one_clock"),)

    def __str__(self) -> str:
        return self.ticked_at.isoformat()
