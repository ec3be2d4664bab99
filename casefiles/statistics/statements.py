"""The statement that counts: one pass over what the caller sees, as of a place in the log.

A casefile that stands in one row is counted as it is read. What may stand in several rows (findings, officers, a
casefile with several forms) is gathered one by one. Where both occur, each has a part of its own in one statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from agencies.actor import Actor
from casefiles.models import Casefile
from casefiles.queries import granted
from casefiles.statistics.keys import BESIDE, OF_CONTENT, PAYLOAD, asked_to_pass, grouped_by
from casefiles.statistics.measures import Counting, Unit, bit_of

if TYPE_CHECKING:
    from casefiles.statistics.count import Question

_UNITS: Final[Mapping[Unit, str]] = {
    "casefiles": "h.id",
    "findings": "h.finding_id",
    "officers": "coalesce(nullif(p.nip, ''), h.id::text)",
}


def _bits(*conditions: tuple[str, str]) -> str:
    return " | ".join(f"CASE WHEN {condition} THEN {bit_of(code)} ELSE 0 END" for code, condition in conditions)


# The measures of `MEASURES`, bit by bit: what the version itself says, and what the casefile had been through.
_STANDS: Final = _bits(
    ("submitted", "true"),
    ("open", "h.state <> 'closed'"),
    ("not_proven", "h.outcome = 'not_proven'"),
    ("closed", "h.state = 'closed'"),
    ("overdue", "h.state <> 'closed' AND h.overdue_level > 0"),
    ("blocked", "h.data_block = 'active'"),
)
_HAS_BEEN: Final = _bits(("recommended", "b.recommended > b.anew"), ("followed_up", "b.followed_up > b.anew"))
PROFILE: Final = f"{_STANDS} | {_HAS_BEEN}"

_READ: Final = (
    "id", "finding_id", "version", "state", "outcome", "election", "forms", "violation_class", "submitter_id",
    "examiner_id", "employer_id", "addressee_id", "overdue_level", "data_block", "created_at",
)  # fmt: skip
_COLUMNS: Final = ", ".join(f"h.{name}" for name in _READ)
# A step that opened a casefile again for another person: whoever is identified next has no part in what was before. The
# ground itself may be erased, so it is told by the version, which has no addressee any more: every recommendation sets
# one, and nothing takes it away but a reopening for a wrong person. On other grounds a version without one was never
# recommended, so nothing is lost.
ANEW: Final = (
    "t.name = 'reopen' AND (SELECT v.addressee_id IS NULL FROM casefiles_historicalcasefile v "
    "WHERE v.id = t.casefile_id AND v.version = t.seq)"
)
# What a casefile had been through, as far as its row tells: who was recommended has an addressee (see above), and to
# these states and outcomes come only those that were followed up. Of others with an addressee the steps are asked.
_FOLLOWED_UP: Final = "(h.state IN ('sanction_reported', 'contested') OR h.outcome IN ('sanctioned', 'annulled'))"
_TOLD: Final = _bits(
    ("recommended", "h.addressee_id IS NOT NULL"), ("followed_up", f"h.addressee_id IS NOT NULL AND {_FOLLOWED_UP}")
)
_UNSURE: Final = f"h.addressee_id IS NOT NULL AND NOT {_FOLLOWED_UP}"
# A casefile that stands in one row: whatever stands alike is counted as it is read, and nothing is kept of each. All
# are counted by what their row says now; the few of which there is more to say are taken out and put back.
_ONE_ROW_EACH: Final = f"""
alike AS MATERIALIZED (
    SELECT merged, {{k1}} AS k1, {{k2}} AS k2, profile, sum(number)::bigint AS number FROM (
        SELECT {{keyed}}, {_STANDS} | {_TOLD} AS profile, count(*) AS number
        FROM seen h WHERE {{conditions}} GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT s.merged, s.k1, s.k2, s.profile | x.profile, s.number * x.number FROM (
            SELECT {{keyed}}, {_STANDS} | {_TOLD} AS profile, {_HAS_BEEN} AS more, count(*) AS number
            FROM been b JOIN casefiles_casefile h ON h.id = b.id
            WHERE {_UNSURE} AND NOT EXISTS (SELECT FROM moved m WHERE m.id = b.id) AND {{conditions}}
            GROUP BY 1, 2, 3, 4, 5
        ) s CROSS JOIN LATERAL (VALUES (0, -1), (s.more, 1)) x(profile, number)
        UNION ALL
        SELECT {{keyed}}, {_STANDS} | {_TOLD}, -count(*) FROM moved m JOIN casefiles_casefile h ON h.id = m.id
        WHERE {{conditions}} GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT {{keyed}}, {PROFILE}, count(*) FROM earlier h LEFT JOIN been b ON b.id = h.id
        WHERE {{conditions}} GROUP BY 1, 2, 3, 4
    ) told GROUP BY 1, 2, 3, 4 HAVING sum(number) <> 0
)
"""  # noqa: S608 - composed of constants only
_OF_ONE_ROW_EACH: Final = """
SELECT 'row', k1, k2, profile, true, number
FROM (SELECT *, dense_rank() OVER (ORDER BY k1, k2) AS place FROM alike WHERE NOT merged) ranked
WHERE place <= {most}
UNION ALL
SELECT 'total', NULL, NULL, profile, NULL, sum(number)::bigint FROM alike WHERE NOT merged GROUP BY profile
UNION ALL
SELECT 'merged', NULL, NULL, 0, NULL, sum(number)::bigint FROM alike WHERE merged HAVING count(*) > 0
"""
# A unit that may stand in several rows: it has one profile in each.
_SEVERAL_ROWS: Final = f"""
version AS (
    SELECT {_COLUMNS} FROM seen h WHERE NOT EXISTS (SELECT FROM moved m WHERE m.id = h.id)
    UNION ALL
    SELECT * FROM earlier
), standing AS MATERIALIZED (
    SELECT h.id, {{keyed}}, {{unit}} AS unit, {{erased}} AS erased, {{profile}} AS profile
    FROM version h LEFT JOIN been b ON b.id = h.id {{beside}}
    WHERE {{conditions}}
), units AS (
    SELECT unit, k1, k2, bit_or(profile) AS profile, count(*) OVER (PARTITION BY unit) = 1 AS alone
    FROM standing WHERE NOT merged GROUP BY unit, k1, k2
), rows AS (
    SELECT k1, k2, profile, alone, count(*) AS number FROM units GROUP BY k1, k2, profile, alone
)
"""  # noqa: S608 - composed of constants only
_OF_SEVERAL_ROWS: Final = """
SELECT 'row', k1, k2, profile, alone, number
FROM (SELECT *, dense_rank() OVER (ORDER BY k1, k2) AS place FROM rows) ranked WHERE place <= {most}
UNION ALL
SELECT 'total', NULL, NULL, profile, NULL, count(*)
FROM (SELECT bit_or(profile) AS profile FROM units GROUP BY unit) whole GROUP BY profile
UNION ALL
SELECT 'merged', NULL, NULL, 0, NULL, count(DISTINCT id) FROM standing WHERE merged
UNION ALL
SELECT 'erased', NULL, NULL, 0, NULL, count(DISTINCT id) FROM standing WHERE erased AND NOT merged
"""


def reads_content(question: Question) -> bool:
    """Whether the numbers depend on content that may be erased."""
    return question.unit == "officers" or not OF_CONTENT.isdisjoint(question.by)


@dataclass(frozen=True, slots=True)
class _Part:
    """Of the casefiles that `among` lets pass: the tables that count them, and what is selected of these.

    `asks` is how often the tables ask what passes. `steps_of`: of whom the steps are asked; None: of all.
    """

    template: str
    selects: str
    asks: int
    among: str = "true"
    keys: Mapping[Counting, str] = field(default_factory=dict)
    steps_of: str | None = None

    def counted(self, question: Question, conditions: Sequence[str]) -> str:
        """The tables of this part."""
        officers, of_content = question.unit == "officers", reads_content(question)
        raw, shown = grouped_by(question.by, of_groups=self.template is _ONE_ROW_EACH, known=self.keys)
        beside = [PAYLOAD] if of_content else []
        beside += [BESIDE[name] for name in question.by if name in BESIDE]
        return self.template.format(
            k1=shown[0],
            k2=shown[1],
            keyed=f"h.outcome = 'merged' AS merged, {raw[0]} AS k1, {raw[1]} AS k2",
            conditions=" AND ".join((*conditions, self.among)),
            unit=_UNITS[question.unit],
            erased="p.erased_at IS NOT NULL" if of_content else "false",
            profile=f"CASE WHEN p.nip = '' THEN {bit_of('unidentified')} ELSE {PROFILE} END" if officers else PROFILE,
            beside=" ".join(beside),
        )


_UNSURE_ONES: Final = f"SELECT h.id FROM casefiles_casefile h WHERE {_UNSURE} UNION ALL SELECT id FROM moved"  # noqa: S608 - constants
_ALONE: Final = _Part(_ONE_ROW_EACH, _OF_ONE_ROW_EACH, 4, steps_of=_UNSURE_ONES)
_GATHERED: Final = _Part(_SEVERAL_ROWS, _OF_SEVERAL_ROWS, 1)
# Hardly any casefile has several forms.
_OF_ONE_FORM: Final = replace(_ALONE, among="cardinality(h.forms) < 2", keys={"form": "h.forms[1]"})
_OF_SEVERAL_FORMS: Final = replace(
    _GATHERED,
    among="cardinality(h.forms) > 1",
    steps_of="SELECT h.id FROM casefiles_casefile h WHERE cardinality(h.forms) > 1",
)


def _parts_of(question: Question) -> tuple[_Part, ...]:
    """In which parts that is counted."""
    if question.unit != "casefiles" or reads_content(question):
        return (_GATHERED,)
    return (_OF_ONE_FORM, _OF_SEVERAL_FORMS) if "form" in question.by else (_ALONE,)


def statement(question: Question, *, index: int, actor: Actor) -> tuple[str, list[Any]]:
    """The statement and its values: lines of (kind, key, key, profile, whether alone, number).

    `kind` is `row`, `total`, `merged` or `erased`; what comes in several lines is added up.
    """
    seen, seeing = Casefile.objects.visible_to(actor).values(*_READ).query.sql_with_params()
    # A reader of everything sees each casefile. To ask for each of them would cost as much as the count.
    mine, whose = granted(actor).query.sql_with_params()
    among, whose = ("true", ()) if actor.is_auditor else (f"t.casefile_id IN ({mine})", whose)
    conditions, filtering = asked_to_pass(
        question.filters, submitted_from=question.submitted_from, submitted_until=question.submitted_until
    )
    parts = _parts_of(question)
    counted = [part.counted(question, conditions) for part in parts]
    asked = " UNION ALL ".join(f"({part.selects.format(most=question.most + 1)})" for part in parts)
    steps_of = [part.steps_of for part in parts]
    # Where rows tell the rest, the steps of a few are asked.
    asked_of = "true" if None in steps_of else f"t.casefile_id IN ({' UNION ALL '.join(map(str, steps_of))})"
    text = f"""
WITH seen AS NOT MATERIALIZED (
    {seen}
), moved AS MATERIALIZED (
    -- What has had a step since; hardly anything where the newest index is asked for. All else stands as it did.
    SELECT t.casefile_id AS id FROM audit_leaf l JOIN casefiles_transition t ON t.entry_id = l.entry_id
    WHERE l.index > %s AND {among}
    UNION
    -- An array, for which each is looked up: joined, PostgreSQL would read every step that there is.
    SELECT t.casefile_id FROM casefiles_transition t
    WHERE t.entry_id = ANY(ARRAY(SELECT entry_id FROM audit_pending)) AND {among}
), been AS (
    SELECT t.casefile_id AS id,
        max(t.seq) FILTER (WHERE t.name = 'recommend') AS recommended,
        max(t.seq) FILTER (WHERE t.name = 'report-sanction') AS followed_up,
        coalesce(max(t.seq) FILTER (WHERE {ANEW}), 0) AS anew
    FROM casefiles_transition t LEFT JOIN moved m ON m.id = t.casefile_id
    WHERE t.name IN ('recommend', 'report-sanction', 'reopen') AND {among}
        AND {asked_of}
        AND (m.id IS NULL OR EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = t.entry_id AND l.index <= %s))
    GROUP BY t.casefile_id
), earlier AS (
    -- The version that stood then, of what has moved.
    SELECT {_COLUMNS} FROM (
        SELECT m.id, max(t.seq) AS version
        FROM moved m JOIN casefiles_transition t ON t.casefile_id = m.id JOIN audit_leaf l ON l.entry_id = t.entry_id
        WHERE l.index <= %s GROUP BY m.id
    ) was JOIN casefiles_historicalcasefile h ON h.id = was.id AND h.version = was.version
), {", ".join(counted)}
{asked}
"""  # noqa: S608 - composed of constants and of what the ORM wrote
    return text, [
        *seeing,
        index,
        *whose * 3,
        index,
        index,
        *filtering * sum(part.asks for part in parts),
    ]
