"""Who may see which casefile, from which entry to which."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase

from agencies.models import Agency
from audit.models import Entry
from casefiles.models.cases import Casefile


class CasefileGrant(models.Model):
    """Every period in which one agency's group had sight of one casefile, from entry to entry: live, and ended.

    `agency` repeats the group as the number the log uses for its audience. Read as a table by `visible_to`. Former
    parties read on by the periods that ended, so guardian does not look here, but at `LiveGrant`.
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    permission = models.ForeignKey(Permission, on_delete=models.CASCADE)
    content_object = models.ForeignKey(Casefile, on_delete=models.CASCADE, related_name="grants", db_index=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    from_entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    until_entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # After its sight ended: whether the agency reads the file as it stood then. Not after a disown.
    reads_on = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = (
            models.Index(
                fields=("group", "content_object"), condition=Q(until_entry__isnull=True), name="live_sight_by_group"
            ),
            models.Index(fields=("content_object",), name="sight_of_a_casefile"),
            # The feed asks of each item whether it ended the reader's sight; hardly any does.
            models.Index(fields=("until_entry",), condition=Q(until_entry__isnull=False), name="sight_that_ended"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("group", "permission", "content_object"),
                condition=Q(until_entry__isnull=True),
                name="an_agency_holds_one_live_grant_of_a_kind_per_casefile",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class FirstReading(models.Model):
    """That the party whose turn it was read a version for the first time: which agency and when, and no person.

    Immutable, and no part of the casefile's own history: a reading changes nothing of the case, and starts no clock.
    """

    id = models.UUIDField(primary_key=True)
    casefile = models.ForeignKey(Casefile, on_delete=models.PROTECT, related_name="first_readings", db_index=False)
    version = models.PositiveIntegerField()
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    # Opens the entry's commitment to the row (`casefiles.sight.first_readings`).
    salt = models.BinaryField(max_length=32)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("casefile", "version", "agency"), name="an_agency_opens_a_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="what_is_opened_is_a_version"),
        )

    def __str__(self) -> str:
        return f"{self.casefile_id}/{self.version}"


class LiveGrant(GroupObjectPermissionBase):
    """Who sees which casefile now, as guardian's direct foreign-key model: its answers are those of `visible_to`.

    A view: the grants that have not ended, and every casefile for the groups of auditors, whose sight is their role.
    Sight changes by a step alone, so the database refuses `assign_perm` and `remove_perm`.
    """

    id = models.TextField(primary_key=True)
    # Nothing hangs on a row of a view. guardian asks through the reverse relations, so they have names.
    group = models.ForeignKey(Group, on_delete=models.DO_NOTHING)
    permission = models.ForeignKey(Permission, on_delete=models.DO_NOTHING)
    content_object = models.ForeignKey(Casefile, on_delete=models.DO_NOTHING, related_name="live_grants")

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        managed = False
        unique_together = []
