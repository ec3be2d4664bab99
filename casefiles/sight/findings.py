"""Findings as an agency reads them: those it sees, and one of them as it was forwarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Subquery

from agencies.actor import Actor
from agencies.queries import numbered
from audit.ids import first_id
from casefiles.errors import Erased
from casefiles.identifiers import number_key
from casefiles.models import Casefile, Finding, Payload
from casefiles.queries import FindingQuerySet, by_number
from casefiles.shapes import AgencyCode, Code, Doc, Instant, Text
from casefiles.sight import protected
from casefiles.sight.projection import viewer_of


@dataclass(frozen=True, kw_only=True)
class FindingFilters:
    """The filters of the list."""

    origin_office: Annotated[AgencyCode, Doc(id="Kantor asal", en="Office of origin")] | None = None
    register_number: Annotated[str, Text(120), Doc(id="Nomor register", en="Register number")] | None = None
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election")] | None = None
    source: Annotated[str, Code("source"), Doc(id="Sumber", en="Source")] | None = None
    changed_since: Annotated[Instant, Doc(id="Berubah sejak (>=)", en="Changed since (>=)")] | None = None


@dataclass(frozen=True, slots=True)
class ForwardedFinding:
    """A finding as the actor reads it.

    `content` is what its submitter said; members named in `withheld` (JSON pointers) are empty in it. `casefiles` are
    those of its casefiles that the actor sees, by number: `pk`, `number`, `version` and `state` of each.
    """

    version: int
    content: Mapping[str, Any]
    casefiles: Sequence[Mapping[str, Any]]
    withheld: Sequence[str]


def visible_findings(actor: Actor) -> FindingQuerySet:
    """The findings that the actor sees."""
    rows: FindingQuerySet = Finding.objects.visible_to(actor)
    return rows


def findings_seen(actor: Actor, asked: FindingFilters) -> Sequence[FindingQuerySet]:
    """The findings that the actor sees and that match what was asked, in the parts of `visible_in_parts`."""
    conditions: dict[str, Any] = {
        "register_key": None if asked.register_number is None else number_key(asked.register_number),
        "election": asked.election,
        "source": asked.source,
        "created_at__gte": asked.changed_since,
        # A finding's id is drawn for the moment of its creation, and lists go by the id.
        "pk__gte": None if asked.changed_since is None else first_id(asked.changed_since),
        "office": None if asked.origin_office is None else Subquery(numbered(asked.origin_office)[:1]),
    }
    given = {path: value for path, value in conditions.items() if value is not None}
    parts: Sequence[FindingQuerySet] = Finding.objects.visible_in_parts(actor)
    return [rows.filter(**given) for rows in parts]


def forwarded_finding(actor: Actor, finding: UUID) -> ForwardedFinding | None:
    """The finding as it was forwarded, None where the actor does not see it. Raises Erased. Three statements.

    Reporter and witnesses are given to the submitter and the examiner only. An agency that has one of the casefiles
    now is its submitter, even if the finding came from another office.
    """
    row = visible_findings(actor).filter(pk=finding).select_related("office").first()
    if row is None:
        return None
    last = Payload.objects.filter(finding=finding, answer__isnull=True).order_by("-seq").first()
    if last is None or last.given is None:
        raise Erased
    casefiles = list(
        Casefile.objects.visible_to(actor)
        .filter(finding=finding)
        .order_by(*by_number())
        .values("pk", "number", "version", "state", "submitter__code", "examiner__code")
    )
    submits = any(casefile["submitter__code"] == actor.agency_code for casefile in casefiles)
    # After a hand-over of open cases only, the casefiles of one finding have more than one examiner.
    examines = any(casefile["examiner__code"] == actor.agency_code for casefile in casefiles)
    sides = {
        "submitter": actor.agency_code if submits else row.office.code,
        "examiner": actor.agency_code if examines else None,
    }
    content, withheld = dict(last.given), list[str]()
    if not viewer_of(actor, sides).sees_reporter:
        withheld += [f"#/{name}" for name in protected.WHO if content.get(name)]
        content |= {"reporter": None, "witnesses": []}
    return ForwardedFinding(last.seq, content, casefiles, withheld)
