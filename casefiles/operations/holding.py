"""What legal holds reach: casefiles with their whole finding, the months of reads that showed them; and how to set one.

A hold on an agency reaches every casefile to which that agency is party, or of which it has or had sight. A hold on a
span reaches every casefile that was open in it. A finding is one text about all its subjects, so whoever holds one of
its casefiles holds them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from agencies import personal_numbers
from agencies.models import Agency
from audit import holds, months
from audit.holds import Asked, Hold, HoldRefused
from casefiles.models import Casefile
from casefiles.operations import named_casefile

# Whether one of the holds in `parameters` reaches the casefile `c`.
REACHES: Final = """(
    c.id = ANY(%(held_casefiles)s::uuid[])
    OR EXISTS (SELECT FROM agencies_agency a WHERE a.code = ANY(%(held_agencies)s::text[]) AND (
        a.id IN (c.submitter_id, c.examiner_id, c.employer_id, c.addressee_id)
        OR EXISTS (SELECT FROM casefiles_casefilegrant g WHERE g.content_object_id = c.id AND g.agency_id = a.id)))
    OR EXISTS (SELECT FROM unnest(%(held_begins)s::timestamptz[], %(held_beyond)s::timestamptz[]) AS s (begins, beyond)
        WHERE c.created_at < s.beyond AND (c.state <> 'closed' OR c.updated_at >= s.begins))
)"""
_REACHES_FINDING: Final = (
    f"SELECT EXISTS (SELECT FROM casefiles_casefile c WHERE c.finding_id = %(finding)s AND {REACHES})"  # noqa: S608 - constants
)
_FINDINGS: Final = f"SELECT c.finding_id FROM casefiles_casefile c WHERE {REACHES}"  # noqa: S608 - constants

# A read shows a casefile, its finding, or a document that is attached to it.
_SHOWN: Final = f"""
WITH held AS (SELECT k.id, k.finding_id FROM casefiles_casefile k WHERE k.finding_id IN ({_FINDINGS}))
SELECT EXISTS (SELECT FROM {{part}} p WHERE p.shown && ARRAY(
    SELECT id FROM held UNION SELECT finding_id FROM held
    UNION SELECT t.document_id FROM casefiles_attachment t JOIN held ON held.id = t.casefile_id
))
"""  # noqa: S608 - constants
_OF_AGENCY: Final = """
SELECT EXISTS (SELECT FROM {part} p JOIN agencies_agency a ON a.id = p.agency
    WHERE a.code = ANY(%(held_agencies)s::text[]))
"""
_IN_SPAN: Final = """
SELECT EXISTS (SELECT FROM {part} p
    JOIN unnest(%(held_begins)s::timestamptz[], %(held_beyond)s::timestamptz[]) AS s (begins, beyond)
    ON p.at >= s.begins AND p.at < s.beyond)
"""


def set_hold(
    *,
    casefile: str | None,
    agency: str | None,
    begins: date | None,
    until: date | None,
    reason: str,
    letter: str,
    by: str,
    now: datetime,
) -> Hold:
    """Hold a casefile (its number or id), an agency (its code) or a span, in one transaction. The owner's role.

    Raises `HoldRefused` and changes nothing where there is no such casefile or agency, or the letter names a person.
    """
    row = None if casefile is None else _found(casefile)
    if agency is not None and not Agency.objects.filter(code=agency).exists():
        raise HoldRefused("unknown-agency", f"There is no agency {agency}. `GET /agencies` tells the codes.")
    _names_nobody(letter)
    asked = Asked(
        casefile=None if row is None else row.pk,
        agency=agency,
        begins=begins,
        until=until,
        reason=reason,
        letter=letter,
        by=by,
    )
    with transaction.atomic():
        return holds.set_hold(asked, now=now)


def lift(number: int, *, letter: str, by: str, now: datetime) -> Hold:
    """End a hold, in one transaction. The owner's role. Raises `HoldRefused`."""
    _names_nobody(letter)
    with transaction.atomic():
        return holds.lift(number, letter=letter, by=by, now=now)


def on_finding(finding: UUID, among: Iterable[Hold]) -> list[Hold]:
    """Those of the holds that reach a casefile of that finding."""
    return [hold for hold in among if _asked(_REACHES_FINDING, {**parameters([hold]), "finding": finding})]


def on_part(part: months.Part, among: Iterable[Hold]) -> list[Hold]:
    """Those of the holds for which that part of the record of reads has to stay."""
    return [hold for hold in among if any(_asked(query, parameters([hold])) for query in _queries(hold, part))]


def told(among: Sequence[Hold]) -> str:
    """The holds as a refusal names them."""
    return ", ".join(f"hold {hold.number} ({hold.reason}, {hold.letter})" for hold in among)


def _queries(hold: Hold, part: months.Part) -> Iterable[str]:
    """What is asked of a part for one hold, cheapest first."""
    if hold.agency is not None:
        yield _written(_OF_AGENCY, part)
    if hold.span is not None:
        yield _written(_IN_SPAN, part)
    yield _written(_SHOWN, part)


def _written(query: str, part: months.Part) -> str:
    with connection.cursor() as cursor:
        name = sql.Identifier(part.name).as_string(cursor.connection)
    return query.replace("{part}", name)


def parameters(among: Iterable[Hold]) -> dict[str, Any]:
    """The parameters of `REACHES` for these holds."""
    found = list(among)
    spans = [hold.span for hold in found if hold.span is not None]
    return {
        "held_casefiles": [hold.casefile for hold in found if hold.casefile is not None],
        "held_agencies": [hold.agency for hold in found if hold.agency is not None],
        "held_begins": [begins for begins, _ in spans],
        "held_beyond": [beyond for _, beyond in spans],
    }


def _asked(query: str, values: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return bool(cursor.fetchone()[0])


def _found(casefile: str) -> Casefile:
    row = named_casefile.find(casefile)
    if row is None:
        raise HoldRefused("unknown-casefile", "There is no casefile of that number or id.")
    return row


def _names_nobody(letter: str) -> None:
    if personal_numbers.is_in(letter):
        raise HoldRefused("personal-number", "The letter's number holds what reads as a NIP or NIK; it stays for ever.")
