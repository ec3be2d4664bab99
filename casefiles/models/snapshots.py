"""Tables of numbers that were frozen under a name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from agencies.models import Agency
from casefiles.queries import SnapshotQuerySet


class Snapshot(models.Model):
    """Numbers as of a place in the log, in the form for press and public. Immutable; its entry commits to all of it.

    `content` is the RFC 8785 form of what `casefiles.statistics.snapshots` wrote, so that its digest is that of its
    bytes. It holds no personal data.
    """

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=120)
    # The form in which names are compared (`identifiers.number_key`); null where an earlier release stored the row.
    name_key = models.CharField(max_length=400, null=True)  # noqa: DJ001 - many may have none, and no two the same
    index = models.BigIntegerField()
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    published = models.BooleanField()
    content = models.TextField()
    created_at = models.DateTimeField()
    # Opens the entry's commitment to the row.
    salt = models.BinaryField(max_length=32)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("name",), name="a_snapshot_has_a_name_of_its_own"),
            models.UniqueConstraint(fields=("name_key",), name="a_snapshot_name_is_used_once_however_it_is_written"),
            models.CheckConstraint(condition=Q(index__gte=0), name="a_snapshot_is_of_a_place_in_the_log"),
        )

    def __str__(self) -> str:
        return self.name
