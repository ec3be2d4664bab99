"""Whether two casefiles may be the same matter: hints for the examiner, found by index and computed on every read.

The same matter comes through several channels (Bawaslu, LAPOR, SBT, media) and offices. Two casefiles are suspected
where the same officer is said to have done the same thing within seven days, or where both name the same number in
another system. A hint decides nothing: the examiner merges, or says on `accept` that it is another matter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson
from django.db import connection

from casefiles import nip
from casefiles.file import CaseFile, ViolationStated
from casefiles.flow import DuplicateView
from casefiles.identifiers import reference_key, rekeyed
from casefiles.names import name_key

if TYPE_CHECKING:
    from agencies.actor import Actor

REASONS: Final = ("same_officer", "same_form", "act_within_7_days", "shared_reference")
WITHIN: Final = timedelta(days=7)
# As many as `accept` can name. The oldest come first: they have been waiting longest to be judged.
MOST: Final = 100
# An officer may have many cases, and a number of another system hundreds. More than this many are not compared.
WEIGHED: Final = 200

# By hand: the partial indexes of payloads are used only where their conditions stand in the statement as constants. And
# `accept` asks under a plan that was made for any values, so nothing here is left for the planner to estimate: what is
# found by index goes into an array, and all the rest is looked up by id. Lists come as one JSON text, so that a read is
# planned once too. Only current versions count: `seq` is the casefile's version.
_CURRENT = "(SELECT v.id FROM casefiles_casefile v WHERE v.id = p.casefile_id AND v.version = p.seq)"
_LISTED = "ARRAY(SELECT jsonb_array_elements_text(%({name})s::jsonb))::varchar[]"
CANDIDATES: Final = f"""
SELECT c.id, c.number, c.state, c.came_from, c.finding_id, (
    SELECT p.facts FROM casefiles_payload p WHERE p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
)::text
FROM casefiles_casefile c
WHERE c.id = ANY(ARRAY(
    -- In any version: an officer may have had another NIP before. `same_officer` says whether it was the same one's.
    SELECT p.casefile_id FROM casefiles_payload p
    WHERE p.nip = ANY({_LISTED.format(name="nips")}) AND p.nip <> '' AND p.seq >= 1 AND p.casefile_id IS NOT NULL
    UNION
    SELECT {_CURRENT} FROM casefiles_payload p
    WHERE p.name_key = %(name_key)s AND p.name_key <> '' AND p.seq >= 1
        AND coalesce(p.facts->>'employer', '') IN (%(employer)s, '')
    UNION
    SELECT {_CURRENT} FROM casefiles_payload p
    WHERE p.reference_keys && {_LISTED.format(name="references")} AND p.reference_keys <> '{{}}' AND p.seq >= 1
))
-- A casefile that was merged is settled, and one that was withdrawn is nobody's claim any more.
AND c.id <> %(casefile)s AND c.outcome NOT IN ('merged', 'withdrawn') AND (%(auditor)s::bool OR (
    -- Asked of each candidate: without the LIMIT PostgreSQL would read every grant that the agency has.
    SELECT true FROM casefiles_casefilegrant g
    WHERE g.group_id = %(group)s::bigint AND g.content_object_id = c.id AND g.until_entry_id IS NULL LIMIT 1
))
ORDER BY c.id LIMIT {WEIGHED}
"""  # noqa: S608 - composed of constants only


def reference_keys(references: Iterable[Mapping[str, str]]) -> list[str]:
    """References to other systems as they are compared: `sbt:2024001` (`reference_key`), sorted."""
    return sorted(
        {f"{reference['system']}:{key}" for reference in references if (key := reference_key(reference["value"]))}
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A casefile that shares an officer or a number of another system, as far as it is weighed."""

    id: UUID
    number: str
    state: str
    came_from: str
    finding: UUID
    facts: CaseFile


def candidates(actor: Actor, *, casefile: UUID, facts: CaseFile) -> tuple[Candidate, ...]:
    """The casefiles this actor sees of the same officer or with a shared number, oldest first. One statement."""
    subject = facts["subject"]
    wanted: dict[str, Any] = {
        "nips": orjson.dumps(sorted(nip.all_of(subject))).decode(),
        "name_key": name_key(subject.get("name") or ""),
        "employer": facts.get("employer") or "",
        "references": orjson.dumps(rekeyed(facts.get("reference_keys") or [])).decode(),
        "casefile": casefile,
        "auditor": actor.is_auditor,
        "group": actor.group_pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES, wanted)
        return tuple(
            Candidate(ident, number, state, came_from, finding, orjson.loads(text))
            for ident, number, state, came_from, finding, text in cursor.fetchall()
        )


def suspected(actor: Actor, *, casefile: UUID, finding: UUID, facts: CaseFile) -> tuple[DuplicateView, ...]:
    """The casefiles this actor sees that may be the same matter and are not judged yet, oldest first.

    One statement. A pair is judged once the examiner has named either on accepting the other.
    """
    return among(candidates(actor, casefile=casefile, facts=facts), casefile=casefile, finding=finding, facts=facts)


def among(found: Iterable[Candidate], *, casefile: UUID, finding: UUID, facts: CaseFile) -> tuple[DuplicateView, ...]:
    """Those of the candidates that may be the same matter and are not judged yet."""
    named = set(facts.get("not_duplicate_of") or ())
    views = []
    acts = Acts(facts["violations"])
    for candidate in found:
        if str(candidate.id) in named or str(casefile) in (candidate.facts.get("not_duplicate_of") or ()):
            continue
        because = reasons(facts, candidate.facts, same_finding=finding == candidate.finding, acts=acts)
        if because:
            views.append(
                DuplicateView(id=str(candidate.id), number=candidate.number, state=candidate.state, because=because)
            )
    return tuple(views[:MOST])


def reasons(
    file: CaseFile, other: CaseFile, *, same_finding: bool = False, acts: Acts | None = None
) -> tuple[str, ...]:
    """Why two files may be the same matter; nothing where they are not suspected.

    Pure. Officers of one finding share its references, and two officers whose NIPs differ are two matters: there a
    shared number says nothing. `acts` are those of `file`, where many are compared with it.
    """
    officer = same_officer(file, other)
    alike = any(map((acts or Acts(file["violations"])).has_one_like, other["violations"]))
    shared = set(rekeyed(file.get("reference_keys") or ())) & set(rekeyed(other.get("reference_keys") or ()))
    by_number = bool(shared) and not same_finding and not _two_nips(file, other)
    if not by_number and not (officer and alike):
        return ()
    return (
        *(("same_officer",) if officer else ()),
        *(("same_form", "act_within_7_days") if alike else ()),
        *(("shared_reference",) if by_number else ()),
    )


def same_officer(file: CaseFile, other: CaseFile) -> bool:
    """The same NIP, now or before; where none of one is known, the same name at the same employer."""
    mine, theirs = file["subject"], other["subject"]
    if nip.all_of(mine) and nip.all_of(theirs):
        return bool(nip.all_of(mine) & nip.all_of(theirs))
    name = name_key(mine.get("name") or "")
    return bool(
        name
        and name == name_key(theirs.get("name") or "")
        and file.get("employer")
        and file["employer"] == other.get("employer")
    )


class Acts:
    """When each form of violation was committed, give or take `WITHIN`: asked in the time of a look-up.

    A hundred violations against a hundred in five hundred casefiles would be five million pairs.
    """

    def __init__(self, violations: Iterable[ViolationStated]) -> None:
        spans: dict[str, list[tuple[date, date]]] = {}
        for violation in violations:
            begins, ends = _lasted(violation)
            spans.setdefault(violation["form"], []).append((begins - WITHIN, ends + WITHIN))
        self._spans = {form: _joined(sorted(found)) for form, found in spans.items()}

    def has_one_like(self, violation: ViolationStated) -> bool:
        """Whether the same was done within `WITHIN` of this one; an act lasts from `act_date` to `act_until`."""
        spans = self._spans.get(violation["form"])
        if spans is None:
            return False
        begins, ends = _lasted(violation)
        # The spans do not overlap, so the last one that has begun by then also ends last.
        place = bisect_right(spans, ends, key=itemgetter(0))
        return place > 0 and spans[place - 1][1] >= begins


def _joined(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Spans in the order of their beginnings, those that overlap joined to one."""
    joined: list[tuple[date, date]] = []
    for begins, ends in spans:
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((begins, ends))
    return joined


def _lasted(violation: ViolationStated) -> tuple[date, date]:
    begins = date.fromisoformat(violation["act_date"])
    until = violation.get("act_until")
    return begins, date.fromisoformat(until) if until else begins


def _two_nips(file: CaseFile, other: CaseFile) -> bool:
    mine, theirs = nip.all_of(file["subject"]), nip.all_of(other["subject"])
    return bool(mine and theirs and not mine & theirs)
