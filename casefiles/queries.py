"""Sight: the one way in to everything that is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from agencies.actor import Actor


class CasefileQuerySet(models.QuerySet[Any]):
    """`Casefile.objects.visible_to(actor)` begins every list, detail, timeline, search, export and statistic."""

    def visible_to(self, actor: Actor) -> Self:
        """The casefiles this actor's agency may see now: all for an auditor, else those with a live grant."""
        if actor.is_auditor:
            return self
        # A join, not IN (subquery): one live grant per agency and casefile, read in the order of the casefile's id.
        return self.filter(grants__group=actor.group_pk, grants__until_entry__isnull=True)

    def with_subject(self, *, nip: str = "", name_key: str = "") -> Self:
        """Casefiles whose subject has that NIP or name in their current version."""
        from casefiles.models import Payload

        wanted = {"nip": nip} if nip else {"name_key": name_key}
        current = Payload.objects.filter(casefile=OuterRef("pk"), seq=OuterRef("version"), seq__gte=1, **wanted)
        return self.filter(Exists(current))


class FindingQuerySet(models.QuerySet[Any]):
    """Findings are seen by the submitting office, its ancestors, the examiner and auditors: never by an employer."""

    def visible_to(self, actor: Actor) -> Self:
        """The findings whose casefiles this actor sees as submitter, ancestor, examiner or auditor."""
        if actor.is_auditor:
            return self
        from casefiles.models import Casefile

        mine = Casefile.objects.visible_to(actor).filter(finding=OuterRef("pk"))
        above = (
            Q(office=actor.agency_id) | Q(office__parent=actor.agency_id) | Q(office__parent__parent=actor.agency_id)
        )
        examined = Exists(mine.filter(examiner=actor.agency_id))
        return self.filter(above | examined)


class ReferralQuerySet(models.QuerySet[Any]):
    """Referrals are seen with their casefile."""

    def visible_to(self, actor: Actor) -> Self:
        """The referrals of the casefiles this actor sees."""
        if actor.is_auditor:
            return self
        return self.filter(casefile__in=_granted(actor))


class DocumentQuerySet(models.QuerySet[Any]):
    """Descriptors are seen by their owner until attached; then by whoever sees the casefile."""

    def visible_to(self, actor: Actor) -> Self:
        """The documents this actor owns, and those attached to casefiles the actor sees."""
        from casefiles.models import Attachment, Casefile

        attached = Attachment.objects.filter(document=OuterRef("pk"))
        if not actor.is_auditor:
            attached = attached.filter(casefile__in=Casefile.objects.visible_to(actor))
        return self.filter(Q(owner=actor.agency_id) | Exists(attached))


def _granted(actor: Actor) -> Any:
    from casefiles.models import CasefileGrant

    return CasefileGrant.objects.filter(group=actor.group_pk, until_entry__isnull=True).values("content_object")
