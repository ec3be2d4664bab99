"""Zero reports: an agency's explicit word that in a period there was nothing to report, so that silence is not "none".

Like a prevention it is no transition: it moves no casefile, and nobody's turn begins with it. It is append-only; its
entry stands in a stream of its own. A report is never changed, and one that turned out wrong shows what contradicts it.
Whoever reported it may withdraw it with a reason: it stays, says so, and counts no more; then the period may be
reported anew. The official who answers for it lies in the erasable place only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from django.db import connection

from agencies.actor import Actor
from agencies.ancestry import is_or_above
from agencies.models import Agency
from audit import ledger
from audit.ids import uuid7
from audit.ledger import Sealed
from audit.requests import RequestFacts
from casefiles import nip, references
from casefiles.catalogue.law import local_day
from casefiles.errors import (
    Contradiction,
    Fault,
    InvalidGiven,
    NotYourOffice,
    RegisterSaysOtherwise,
    WithdrawnAlready,
    ZeroReportExists,
)
from casefiles.flow import Party, WrongParty
from casefiles.flow.given import Letter, Official
from casefiles.intake import documents
from casefiles.models import Casefile, Payload, ZeroReport
from casefiles.queries import ZeroReportQuerySet
from casefiles.shapes import AgencyCode, Code, Date, Doc, Text
from casefiles.sight.silent import SPEAKS, Subject
from casefiles.transitions import committing
from casefiles.transitions.decide import unknown_agencies, unknown_documents

LONGEST: Final = 366
# Of the casefiles that contradict a report, how many a refusal names; how many there are is always told.
MOST_NAMED: Final = 50

# As which party of a casefile the agency of that role has something to report.
REPORTED_BY: Final[Mapping[Subject, tuple[str, Party]]] = {
    "findings": (SPEAKS["findings"], Party.SUBMITTER),
    "sanctions": (SPEAKS["sanctions"], Party.ADDRESSEE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPeriod:
    """The days reported on, as officials write them: both are included. 366 days at most."""

    from_: Annotated[Date, Doc(id="Hari pertama (termasuk)", en="First day (included)", example="2024-09-01")]
    until: Annotated[
        Date,
        Doc(
            id="Hari terakhir (termasuk), paling lambat hari ini di instansi itu",
            en="Last day (included), at the latest today where the agency is",
            example="2024-09-30",
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroReportGiven:
    """POST /zero-reports: there was nothing to report in that period."""

    agency: Annotated[
        AgencyCode,
        Doc(
            id="Instansi sendiri; bagi pengawas pemilu juga kantor di bawahnya",
            en="One's own agency; for an election supervisor also an office below it",
            example="pemkot-padang",
        ),
    ]
    subject: Annotated[
        Subject,
        Doc(
            id="findings: tidak ada temuan diregister; sanctions: tidak ada hukuman dijatuhkan maupun yang ditunggu",
            en="findings: none was registered; sanctions: none was imposed and none was outstanding",
            example="sanctions",
        ),
    ]
    election: (
        Annotated[
            str,
            Code("elections"),
            Doc(
                id="Hanya tentang pemilihan ini; bila kosong, semuanya", en="Of this election only; if left out, of all"
            ),
        ]
        | None
    ) = None
    period: Annotated[ReportedPeriod, Doc(id="Periode", en="Period")]
    letter: Annotated[Letter, Doc(id="Surat", en="Letter")] | None = None
    official: Annotated[Official, Doc(id="Pejabat yang bertanggung jawab", en="The official who answers for it")]
    text: (
        Annotated[
            str,
            Text(8000),
            Doc(
                id="Keterangan; nama pegawai tidak ditulis di sini",
                en="In words; no officer is named here",
                example="Nihil berdasarkan register bulan September.",
            ),
        ]
        | None
    ) = None


def record(*, actor: Actor, given: ZeroReportGiven, now: datetime, request: RequestFacts | None = None) -> Sealed:
    """Store the report inside the caller's transaction.

    Returns its entry, whose stream is its id.

    Raises `InvalidGiven` (every fault), `WrongParty`, `NotYourOffice`, `ZeroReportExists`, `RegisterSaysOtherwise`;
    nothing is stored then.
    """
    agency, faults = _checked(actor, given, now=now)
    if faults or agency is None:
        raise InvalidGiven(tuple(faults))
    role, party = REPORTED_BY[given.subject]
    if role not in actor.roles:
        raise WrongParty("zero-reports", (party,))
    if actor.agency_id not in {agency.pk, *(agency.above if given.subject == "findings" else ())}:
        raise NotYourOffice
    ident, salt = uuid7(now), committing.fresh_salt()
    row: dict[str, Any] = {
        "id": ident,
        "agency": agency.pk,
        "subject": given.subject,
        "election": given.election or "",
        "from": given.period.from_,
        "until": given.period.until,
    }
    content = {name: value for name, value in references.plain(given).items() if name in KEPT_APART}
    with connection.cursor() as cursor:
        # First of all the row: a twin in another transaction waits here, and is then told which report there is.
        cursor.execute(
            INSERT, {**row, "by": actor.agency_id, "now": now, "content": references.as_json(content), "salt": salt}
        )
        if cursor.fetchone() is None:
            raise ZeroReportExists(_same(row))
    named, total = _contradictions(actor, ident)
    if total:
        raise RegisterSaysOtherwise(named, total=total)
    return committing.recorded("zero_report", ident, salt=salt, actor=actor, now=now, request=request)


# What lies in the erasable place.
KEPT_APART: Final = ("letter", "official", "text")

# A round for each report of that period that was withdrawn: one that was not has the newest, and so conflicts.
INSERT: Final = """
WITH report AS (
    INSERT INTO casefiles_zeroreport
        (id, agency_id, subject, election, period_from, period_until, reported_by_id, created_at, round)
    SELECT %(id)s, %(agency)s, %(subject)s::varchar, %(election)s::varchar, %(from)s::date, %(until)s::date, %(by)s,
        %(now)s, (
        SELECT count(*) FROM casefiles_zeroreport z
        JOIN casefiles_payload w ON w.zero_report_id = z.id AND w.seq = 2
        WHERE z.agency_id = %(agency)s AND z.subject = %(subject)s::varchar AND z.election = %(election)s::varchar
            AND z.period_from = %(from)s::date AND z.period_until = %(until)s::date
    )
    ON CONFLICT (agency_id, subject, election, period_from, period_until, round) DO NOTHING
    RETURNING id
)
INSERT INTO casefiles_payload (zero_report_id, seq, given, facts_salt, nip, name_key, created_at)
SELECT id, 1, %(content)s::jsonb, %(salt)s, '', '', %(now)s FROM report RETURNING zero_report_id
"""


def _same(row: Mapping[str, Any]) -> UUID:
    ident: UUID = (
        ZeroReport.objects.with_withdrawal()
        .values_list("pk", flat=True)
        .get(
            agency=row["agency"],
            subject=row["subject"],
            election=row["election"],
            period_from=row["from"],
            period_until=row["until"],
            withdrawal__isnull=True,
        )
    )
    return ident


# --- withdrawing it -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroReportWithdrawn:
    """POST /zero-reports/{id}/withdraw: the report counts no more."""

    reason: Annotated[
        str,
        Text(2000),
        Doc(
            id="Mengapa ditarik; nama pegawai tidak ditulis di sini",
            en="Why it is withdrawn; no officer is named here",
            example="Keputusan tanggal 20 September terlewat pada laporan ini.",
        ),
    ]
    official: Annotated[Official, Doc(id="Pejabat yang bertanggung jawab", en="The official who answers for it")]


def withdraw(
    *, actor: Actor, report: ZeroReport, given: ZeroReportWithdrawn, now: datetime, request: RequestFacts | None = None
) -> Sealed:
    """Store that the report was withdrawn, inside the caller's transaction; returns its entry.

    The caller has asked for sight. Raises `NotYourOffice` for who neither reported it nor stands above the office,
    `WithdrawnAlready` for a second withdrawal.
    """
    agency = report.agency
    mine = {agency.pk, report.reported_by_id, *(agency.above if report.subject == "findings" else ())}
    if actor.agency_id not in mine:
        raise NotYourOffice
    salt = committing.fresh_salt()
    content = {**references.plain(given), "withdrawn_at": ledger.instant(now), "withdrawn_by": actor.agency_code}
    with connection.cursor() as cursor:
        # The lock keeps a second withdrawal waiting: it then finds the first one's row.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"stream:{report.pk}"])
        cursor.execute(_WITHDRAW, {"id": report.pk, "content": references.as_json(content), "now": now, "salt": salt})
        if cursor.fetchone() is None:
            raise WithdrawnAlready
    return committing.recorded(
        "zero_report", report.pk, salt=salt, actor=actor, now=now, request=request, is_first=False, what="withdrawn"
    )


_WITHDRAW: Final = """
INSERT INTO casefiles_payload (zero_report_id, seq, given, facts_salt, nip, name_key, created_at)
SELECT %(id)s, 2, %(content)s::jsonb, %(salt)s, '', '', %(now)s
WHERE NOT EXISTS (SELECT FROM casefiles_payload WHERE zero_report_id = %(id)s AND seq = 2) RETURNING id
"""


# --- what is wrong with what was given ------------------------------------------------------------------------------


def _checked(actor: Actor, given: ZeroReportGiven, *, now: datetime) -> tuple[Agency | None, list[Fault]]:
    mentioned = references.agencies(given)
    agency = Agency.objects.filter(code=given.agency).select_related("parent").first()
    time_zone = agency.time_zone if agency else actor.time_zone
    faults = [
        *unknown_agencies(mentioned, {agency.code} if agency else set()),
        *unknown_documents(references.documents(given), documents.owned(references.documents(given), actor=actor)),
        *wrong_days(given.period, today=local_day(now, time_zone), time_zone=time_zone),
    ]
    return agency, faults


def wrong_days(period: ReportedPeriod, *, today: date, time_zone: str) -> list[Fault]:
    """What is wrong with a period: it has not passed where the agency is, it runs backwards, or it is too long."""
    faults = []
    if period.until > today:
        faults.append(
            Fault(
                "in-the-future",
                "#/period/until",
                f"Periode ini belum lewat: hari terakhirnya {(period.until - today).days} hari lagi. Hari ini {today} "
                f"di zona waktu {time_zone}, zona instansi itu; paling lambat hari itu.",
                f"This period is not over: its last day is {(period.until - today).days} day(s) ahead. Today is "
                f"{today} in {time_zone}, the agency's time zone; it may end on that day at the latest.",
            )
        )
    if period.from_ > period.until:
        faults.append(
            Fault(
                "out-of-order",
                "#/period/until",
                f"Hari terakhir tidak boleh sebelum hari pertama (from: {period.from_}).",
                f"The last day may not lie before the first (from: {period.from_}).",
            )
        )
    elif (period.until - period.from_).days >= LONGEST:
        faults.append(
            Fault(
                "period-too-long",
                "#/period",
                f"Satu laporan paling lama {LONGEST} hari, hari pertama dan terakhir ikut dihitung. Bagi periodenya.",
                f"A report covers {LONGEST} days at most, first and last included. Divide the period.",
            )
        )
    return faults


# --- what the register itself says ----------------------------------------------------------------------------------

# Of findings: one that this office or one below it registered in the period. Of sanctions: a casefile that waited for
# this agency on a day of it, wrongly addressed ones apart, or a sanction whose decision bears a date in it. Days are
# the agency's own. A casefile's decisions are unpacked once, however many reports ask for them.
_CONTRADICTED: Final = f"""
WITH report AS (
    SELECT z.*, a.time_zone FROM casefiles_zeroreport z JOIN agencies_agency a ON a.id = z.agency_id
    WHERE z.id = ANY(%s::uuid[])
),
referred AS (
    SELECT r.*, c.election FROM casefiles_referral r JOIN casefiles_casefile c ON c.id = r.casefile_id
    WHERE r.to_agency_id = ANY(ARRAY(SELECT agency_id FROM report WHERE subject = 'sanctions'))
        AND r.purpose IN ('acknowledge', 'follow_up', 'deliver') AND r.status <> 'voided'
),
decided AS MATERIALIZED (
    SELECT o.agency, o.casefile, o.election, (said.one->'decision'->>'date')::date AS decided_on
    FROM (SELECT DISTINCT to_agency_id AS agency, casefile_id AS casefile, election FROM referred) o
    JOIN casefiles_casefile c ON c.id = o.casefile AND c.addressee_id = o.agency
    JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version
    CROSS JOIN LATERAL (
        SELECT p.facts->'sanction' UNION ALL
        SELECT jsonb_array_elements(coalesce(p.facts->'sanction_versions', '[]'))
    ) AS said (one)
    WHERE jsonb_typeof(said.one) = 'object'
),
contradicted (report, casefile, because) AS (
    SELECT z.id, c.id, 'finding-in-period'
    FROM report z
    JOIN agencies_agency o ON z.subject = 'findings' AND {is_or_above("z.agency_id", "o")}
    JOIN casefiles_finding f ON f.office_id = o.id AND f.registered_on BETWEEN z.period_from AND z.period_until
        AND z.election IN ('', f.election)
    JOIN casefiles_casefile c ON c.finding_id = f.id
    UNION ALL
    SELECT z.id, r.casefile_id, 'referral-in-period'
    FROM report z
    JOIN referred r ON z.subject = 'sanctions' AND r.to_agency_id = z.agency_id AND z.election IN ('', r.election)
        AND (r.opened_at AT TIME ZONE z.time_zone)::date <= z.period_until
        AND (r.answered_at IS NULL OR (r.answered_at AT TIME ZONE z.time_zone)::date >= z.period_from)
    UNION ALL
    SELECT z.id, d.casefile, 'sanction-in-period'
    FROM report z
    JOIN decided d ON z.subject = 'sanctions' AND d.agency = z.agency_id AND z.election IN ('', d.election)
        AND d.decided_on BETWEEN z.period_from AND z.period_until
),
each AS (SELECT DISTINCT ON (report, casefile) * FROM contradicted ORDER BY report, casefile, because)
"""  # noqa: S608 - composed of constants only


def _contradictions(actor: Actor, report: UUID) -> tuple[tuple[Contradiction, ...], int]:
    """The casefiles that contradict a report, of those that the actor sees the first by number, and how many in all."""
    visible, parameters = _visible(actor)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_CONTRADICTED} SELECT e.because, m.id, c.number, count(*) OVER () "  # noqa: S608 - constants
            f"FROM each e JOIN casefiles_casefile c ON c.id = e.casefile LEFT JOIN ({visible}) m ON m.id = c.id "
            "ORDER BY m.id IS NULL, length(c.number), c.number LIMIT %s",
            [[report], *parameters, MOST_NAMED],
        )
        rows = cursor.fetchall()
    named = tuple(Contradiction(because, ident, number) for because, ident, number, _ in rows if ident is not None)
    return named, rows[0][3] if rows else 0


def contradicted(reports: Iterable[UUID], *, actor: Actor) -> dict[UUID, int]:
    """How many casefiles that the actor sees contradict each of the reports now, in one statement."""
    visible, parameters = _visible(actor)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_CONTRADICTED} SELECT e.report, count(*) FROM each e JOIN ({visible}) m ON m.id = e.casefile "  # noqa: S608 - constants
            "GROUP BY e.report",
            [list(reports), *parameters],
        )
        return dict(cursor.fetchall())


def _visible(actor: Actor) -> tuple[str, tuple[Any, ...]]:
    sql, parameters = Casefile.objects.visible_to(actor).values("id").query.sql_with_params()
    return sql, tuple(parameters)


@dataclass(frozen=True, kw_only=True)
class ZeroReportFilters:
    """The filters of the list."""

    agency: Annotated[AgencyCode, Doc(id="Instansi", en="Agency")] | None = None
    subject: Annotated[Subject, Doc(id="Pokok", en="Subject", example="sanctions")] | None = None
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election")] | None = None
    covers: (
        Annotated[Date, Doc(id="Periodenya mencakup hari ini", en="Its period covers this day", example="2024-10-15")]
        | None
    ) = None
    withdrawn: (
        Annotated[bool, Doc(id="Hanya yang ditarik, atau hanya yang berlaku", en="Withdrawn ones only, or none")] | None
    ) = None


def visible_reports(actor: Actor, *, now: datetime) -> ZeroReportQuerySet:
    """The zero reports that the actor sees today, where it sits, each with its agency and who reported it."""
    rows: ZeroReportQuerySet = ZeroReport.objects.visible_to(actor, on=local_day(now, actor.time_zone))
    return rows.with_withdrawal().select_related("agency", "reported_by")


def reports_seen(actor: Actor, asked: ZeroReportFilters, *, now: datetime) -> ZeroReportQuerySet:
    """Those of them that match what was asked."""
    conditions: dict[str, Any] = {
        "agency__code": asked.agency,
        "subject": asked.subject,
        "election": asked.election,
        "period_from__lte": asked.covers,
        "period_until__gte": asked.covers,
    }
    if asked.withdrawn is not None:
        conditions["withdrawal__isnull"] = not asked.withdrawn
    matching = {path: value for path, value in conditions.items() if value is not None}
    return visible_reports(actor, now=now).filter(**matching)


# --- what was said --------------------------------------------------------------------------------------------------


def content_of(report: UUID, *, whole: bool) -> dict[str, Any]:
    """Letter, official and text of a report, and its withdrawal where there is one; empty once erased.

    The officials' NIPs are masked unless `whole`.
    """
    rows = Payload.objects.filter(zero_report=report, seq__in=(1, 2), given__isnull=False)
    contents: dict[int, dict[str, Any]] = {row.seq: _shown_to(dict(row.given or {}), whole=whole) for row in rows}
    content = contents.get(1, {})
    return content if 2 not in contents else {**content, "withdrawal": contents[2]}


def _shown_to(content: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    official = content.get("official")
    return {**content, "official": nip.masked_in(official)} if official is not None and not whole else content
