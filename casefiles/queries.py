"""Sight: the one way in to everything that is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

import orjson
from django.db import connection, models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Length

from agencies.ancestry import its_or_below, itself_and_below

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from agencies.actor import Actor


@dataclass(frozen=True, slots=True)
class Sight:
    """How much of one casefile an agency reads.

    Without `until` all of it, as it goes on. A former party reads the versions up to `until` and left at `left_at`.
    """

    until: int | None = None
    left_at: datetime | None = None

    @property
    def is_former(self) -> bool:
        """Whether the agency reads the file only as it stood when it left."""
        return self.until is not None


def by_number(path: str = "number") -> tuple[Length, str]:
    """What `order_by` takes to sort by a casefile's number, as `identifiers.number_order` does."""
    return Length(path), path


# By hand, because every read and every write of one casefile begins with it: building it each time costs more than
# asking it.
LAST_GRANT = """
SELECT json_build_object('reads_on', g.reads_on, 'ended', e.seq, 'left_at', e.recorded_at)
FROM casefiles_casefilegrant g LEFT JOIN audit_entry e ON e.id = g.until_entry_id
WHERE g.group_id = {group} AND g.content_object_id = %(casefile)s ORDER BY e.seq DESC NULLS FIRST LIMIT 1
"""
OF_AUDITORS = """
SELECT json_build_object('reads_on', true, 'ended', NULL) FROM casefiles_casefile WHERE id = %(casefile)s
"""


def sight_in_sql(*, auditor: str, group: str) -> str:
    """How a caller reads the casefile `%(casefile)s`, as an expression for `sight_read`.

    `auditor` and `group` are expressions: whether the caller is an auditor, and its agency's group.
    """
    return f"CASE WHEN {auditor} THEN ({OF_AUDITORS}) ELSE ({LAST_GRANT.format(group=group)}) END"


def sight_read(last: Mapping[str, Any] | None) -> Sight | None:
    """What that expression says; None where the caller does not read the casefile at all, or there is none."""
    if last is None:
        return None
    if last["ended"] is None:
        return Sight()
    left_at = datetime.fromisoformat(last["left_at"])
    return Sight(until=last["ended"] - 1, left_at=left_at) if last["reads_on"] else None


_SEEN_BY = f"SELECT ({sight_in_sql(auditor='%(auditor)s::bool', group='%(group)s::bigint')})::text"


class CasefileQuerySet(models.QuerySet[Any]):
    """`Casefile.objects.visible_to(actor)` begins every list, search, export and statistic.

    What is read of one casefile begins with `seen_by`, which knows former parties besides. Lists and searches do not:
    they filter on how the file stands now, and so would tell a former party how it went on.
    """

    def visible_to(self, actor: Actor) -> Self:
        """The casefiles this actor's agency may see now: all for an auditor, else those with a live grant."""
        if actor.is_auditor:
            return self
        # A join, not IN (subquery): one live grant per agency and casefile, read in the order of the casefile's id.
        return self.filter(grants__group=actor.group_pk, grants__until_entry__isnull=True)

    def seen_by(self, actor: Actor, *, casefile: UUID) -> Sight | None:
        """How the actor's agency reads that casefile: live where `visible_to` says so, or as a former party; or not.

        The last of the agency's grants decides, so live sight wins, and whoever disowned the officer reads nothing,
        whatever it read before. A former party reads the version *before* the step that ended its sight: that step
        is the handing over to others, and its facts name the agency asked next, or the officer whom another agency
        identified. That the step happened, and when, is all the former party is told of it.
        """
        asked: dict[str, Any] = {"casefile": casefile, "auditor": actor.is_auditor, "group": actor.group_pk}
        with connection.cursor() as cursor:
            cursor.execute(_SEEN_BY, asked)
            row = cursor.fetchone()
        return sight_read(orjson.loads(row[0])) if row and row[0] else None

    def with_content(self) -> Self:
        """Casefiles that were not erased: a list shows what is left to show, and its pages are full."""
        from casefiles.models import Payload

        # Asked of the few that were erased, for which there is an index, and not of each that was not.
        current = Payload.objects.filter(casefile=OuterRef("pk"), seq=OuterRef("version"), seq__gte=1)
        return self.exclude(Exists(current.filter(erased_at__isnull=False)))

    def with_subject(self, *, nip: str = "", name_key: str = "") -> Self:
        """Casefiles whose subject has that NIP or name in their current version, or had that NIP before.

        By NIP they are found in any version; a NIP that was wrong is not among the file's own and does not count.
        """
        from casefiles.models import Payload

        current = Payload.objects.filter(casefile=OuterRef("pk"), seq=OuterRef("version"), seq__gte=1)
        if not nip:
            return self.filter(Exists(current.filter(name_key=name_key)))
        bore_it = Payload.objects.filter(nip=nip, seq__gte=1, casefile__isnull=False).values("casefile")
        still = Q(nip=nip) | Q(facts__subject__former_nips__contains=[nip])
        return self.filter(Exists(current.filter(still)), pk__in=bore_it)


class FindingQuerySet(models.QuerySet[Any]):
    """Findings are seen by the office of origin, its ancestors, the examiner and auditors: never by an employer.

    And by every office of Bawaslu that has or had one of their casefiles, and whoever is above it; not by those who see
    a casefile only because it took in theirs (`absorb`): its finding's other officers are none of theirs.
    """

    def visible_to(self, actor: Actor) -> Self:
        """The findings whose casefiles this actor sees as submitter, ancestor, examiner or auditor."""
        return self.filter(_any_of(self._reasons(actor)))

    def visible_in_parts(self, actor: Actor) -> Sequence[Self]:
        """The same as several querysets, for the newest of them: each is read by an index of its own."""
        return [self.filter(reason) for reason in self._reasons(actor)]

    @staticmethod
    def _reasons(actor: Actor) -> Sequence[Q]:
        if actor.is_auditor:
            return [Q()]
        from casefiles.models import Casefile

        mine = Casefile.objects.visible_to(actor).filter(finding=OuterRef("pk"))
        if "election_supervisor" not in actor.roles:
            return [Q(Exists(mine.filter(examiner=actor.agency_id)))]
        mine = mine.filter(its_or_below("submitter", actor.agency_id) | ~Q(grants__in=_for_another_casefile(actor)))
        return [Q(office__in=itself_and_below(actor.agency_id)), Q(Exists(mine))]


class ReferralQuerySet(models.QuerySet[Any]):
    """Referrals are seen with their casefile."""

    def visible_to(self, actor: Actor, *, one_by_one: bool = False) -> Self:
        """The referrals of the casefiles this actor sees.

        `one_by_one` for rows of which nearly all are: sight is asked of each as it is read in its order, so that a page
        costs what it shows, however much the agency sees.
        """
        if actor.is_auditor:
            return self
        if not one_by_one:
            return self.filter(casefile__in=granted(actor))
        from casefiles.models import CasefileGrant

        live = CasefileGrant.objects.filter(
            group=untold(actor.group_pk), content_object=OuterRef("casefile"), until_entry__isnull=True
        )
        # A LIMIT keeps PostgreSQL from joining all grants of the agency.
        return self.alias(sight=models.Subquery(live.values("content_object")[:1])).filter(sight__isnull=False)


class DocumentQuerySet(models.QuerySet[Any]):
    """Descriptors are seen by their owner until attached; then by whoever sees the casefile."""

    def visible_to(self, actor: Actor) -> Self:
        """The documents this actor owns, and those attached to casefiles the actor sees."""
        return self.filter(_any_of(self._reasons(actor)))

    def visible_in_parts(self, actor: Actor) -> Sequence[Self]:
        """The same as several querysets, as of findings; the first are the actor's own."""
        return [self.filter(reason) for reason in self._reasons(actor)]

    @staticmethod
    def _reasons(actor: Actor) -> Sequence[Q]:
        from casefiles.models import Attachment, Casefile

        attached = Attachment.objects.live().filter(document=OuterRef("pk"))
        if not actor.is_auditor:
            attached = attached.filter(casefile__in=Casefile.objects.visible_to(actor))
        return [Q(owner=actor.agency_id), Q(Exists(attached))]


class AttachmentQuerySet(models.QuerySet[Any]):
    """Attachments are never changed; one that came by a merge says nothing any more once that merge was undone."""

    def live(self) -> Self:
        """Those whose document the casefile holds now: a merge that was undone took along what had come with it."""
        from casefiles.models import Payload, Transition

        came_by_a_merge = Transition.objects.filter(casefile=OuterRef("casefile"), seq=OuterRef("seq"), name="absorb")
        undone = Transition.objects.filter(casefile=OuterRef("casefile"), seq__gt=OuterRef("seq"), name="release")
        current = Payload.objects.filter(casefile=OuterRef("casefile"), seq=F("casefile__version"), seq__gte=1)
        held = current.filter(
            models.Func(
                F("facts"),
                Cast(OuterRef("document"), models.TextField()),
                template="(%(expressions)s)))",
                arg_joiner=" -> 'documents' @> jsonb_build_array(jsonb_build_object('id', ",
                output_field=models.BooleanField(),
            )
        )
        return self.filter(~Exists(came_by_a_merge) | ~Exists(undone) | Exists(held))


class PreventionQuerySet(models.QuerySet[Any]):
    """Preventions are seen by the office and its ancestors, the agency addressed, the examiner and auditors."""

    def visible_to(self, actor: Actor, *, on: date) -> Self:
        """The preventions this actor sees on that day; the examiner all of them, while a mandate of its is in force.

        `sees_all` on each row says whether it sees every officer named; the agency addressed sees its own only
        (`casefiles.intake.preventions.officers_for`).
        """
        if actor.is_auditor:
            return self.annotate(sees_all=Value(value=True))
        whole = _or_examiner(its_or_below("office", actor.agency_id), actor, on=on)
        return self.annotate(sees_all=whole).filter(Q(sees_all=True) | Q(addressed=actor.agency_id))


class ZeroReportQuerySet(models.QuerySet[Any]):
    """Zero reports are seen by the agency, offices above it, the examiner and auditors; never by another employer."""

    def with_withdrawal(self) -> Self:
        """Each with `withdrawal`, when it was withdrawn; None while it counts."""
        from casefiles.models import Payload

        withdrawn = Payload.objects.filter(zero_report=OuterRef("pk"), seq=2)
        return self.annotate(withdrawal=models.Subquery(withdrawn.values("created_at")[:1]))

    def visible_to(self, actor: Actor, *, on: date) -> Self:
        """The reports this actor sees on that day; the examiner all of them, while a mandate of its is in force.

        Nobody else: that an agency had nothing to report is its own word to those who examine. Only offices of Bawaslu
        stand above one another here. `sees_all` on each row says whether it sees the official's whole NIP.
        """
        if actor.is_auditor:
            return self.annotate(sees_all=Value(value=True))
        whole = _or_examiner(Q(agency=actor.agency_id) | Q(reported_by=actor.agency_id), actor, on=on)
        above = Q(subject="findings") & its_or_below("agency", actor.agency_id)
        return self.annotate(sees_all=whole).filter(Q(sees_all=True) | above)


class SnapshotQuerySet(models.QuerySet[Any]):
    """Snapshots of numbers are seen by everybody once they are published, else by examiners and auditors."""

    def visible_to(self, actor: Actor) -> Self:
        """The snapshots this actor sees."""
        return self if actor.is_auditor or "examiner" in actor.roles else self.published()

    def published(self) -> Self:
        """Those that anybody sees."""
        return self.filter(published=True)


def _or_examiner(own: Q, actor: Actor, *, on: date) -> Case:
    """Whether the row is the actor's own, or a mandate of its is in force on that day."""
    from agencies.queries import mandates

    held = mandates(in_force_on=on).filter(agency=actor.agency_id)
    return Case(When(own | Q(Exists(held)), then=Value(value=True)), default=Value(value=False))


def _any_of(reasons: Sequence[Q]) -> Q:
    return reduce(or_, reasons)


def _for_another_casefile(actor: Actor) -> Any:
    """The actor's live grants that it was given because a casefile of its own was merged into that one."""
    from casefiles.models import CasefileGrant, Transition

    absorbed = Transition.objects.filter(entry=OuterRef("from_entry"), name="absorb")
    return CasefileGrant.objects.filter(Exists(absorbed), group=actor.group_pk, until_entry__isnull=True)


def untold(value: int) -> RawSQL:
    """A key that the planner is not told, so that the plan for one agency is that for all, and is made once."""
    return RawSQL("SELECT %s::bigint", [value])


def granted(actor: Actor) -> Any:
    """The casefiles that an agency sees, by its live grants alone: `visible_to` without the casefile, for its parts."""
    from casefiles.models import CasefileGrant

    return CasefileGrant.objects.filter(group=actor.group_pk, until_entry__isnull=True).values("content_object")
