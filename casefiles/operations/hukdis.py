"""What goes to SIASN: the records of a casefile's sanction, and what was handed over.

That a record was handed over is a row of its own with an entry of the log, and no step of the casefile: no state and no
clock depends on it, and it may be told of a closed case. The digest of what was handed over and the id that SIASN gave
it lie in the erasable place. An id that is known makes the next payload of that version an update.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from django.db import connection

from agencies.actor import Actor
from audit import ledger
from audit.ids import uuid7
from audit.ledger import Sealed
from audit.requests import RequestFacts
from casefiles import references
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.law import local_day
from casefiles.catalogue.siasn import HukdisRecord, records
from casefiles.errors import Erased, Fault, InvalidGiven, NotVisible
from casefiles.file import CaseFile
from casefiles.flow import Party, WrongParty
from casefiles.flow.parties import ROLE_OF
from casefiles.shapes import Between, Doc, Sha256, Text
from casefiles.transitions import committing

OFFERED_TO: Final = (Party.EMPLOYER, Party.CIVIL_SERVICE_AGENCY)
"""The employer keeps the officer's record in SIASN, the civil service agency keeps SIASN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HukdisHandedOver:
    """POST /casefiles/{id}/hukdis: that version of the sanction was handed to SIASN."""

    sanction_version: Annotated[
        int,
        Between(1, 1000),
        Doc(id="Versi hukuman yang diserahkan", en="The version of the sanction", example=1),
    ]
    digest: Annotated[
        Sha256,
        Doc(
            id="digest muatan yang diserahkan, sebagaimana diberikan GET",
            en="The digest of the payload that was handed over, as GET gave it",
            example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    ]
    siasn_id: (
        Annotated[
            str,
            Text(64, pattern=r"[0-9A-Za-z-]+"),
            Doc(
                id="Id riwayat yang diberikan SIASN; dapat dikirim kemudian, dan yang terakhir berlaku",
                en="The id of the record that SIASN gave; it may be sent later, and the last one holds",
                example="8ae483a87c5e6f01017c5f2b9a1d0c44",
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """One hand-over; `digest` and `siasn_id` are None once erased, `index` while the log has no place for it."""

    id: UUID
    sanction_version: int
    version: int
    agency: str
    agency_name: str
    at: datetime
    digest: str | None
    siasn_id: str | None
    index: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A casefile with its records for SIASN; `index` and `leaf_hash` name the entry of that version."""

    casefile: UUID
    version: int
    facts: CaseFile
    index: int | None
    leaf_hash: str
    records: tuple[HukdisRecord, ...]
    handed_over: tuple[HandedOver, ...]


def digest_of(record: HukdisRecord) -> str:
    """SHA-256 over the RFC 8785 form of the payload, as hexadecimal digits."""
    return ledger.digest_of(record.payload).hex()


_HANDED_OVER: Final = """
(
    SELECT coalesce(json_agg(json_build_object('id', h.id, 'sanction_version', h.sanction_version,
        'version', h.version, 'agency', a.code, 'agency_name', a.name, 'at', h.created_at,
        'digest', w.given->>'digest', 'siasn_id', w.given->>'siasn_id', 'index', hl.index)
        ORDER BY h.created_at, h.id), '[]')
    FROM casefiles_hukdishandover h
    JOIN agencies_agency a ON a.id = h.agency_id
    LEFT JOIN casefiles_payload w ON w.hukdis_id = h.id AND w.seq = 1
    LEFT JOIN audit_entry he ON he.stream = h.id AND he.seq = 1
    LEFT JOIN audit_leaf hl ON hl.entry_id = he.id
    WHERE h.casefile_id = c.id
)
"""
_SELECTED: Final = f"""
SELECT c.id, c.version, p.facts::text, coalesce(o.time_zone, 'Asia/Jakarta'), l.index, encode(e.leaf_hash, 'hex'),
    {_HANDED_OVER}::text
FROM casefiles_casefile c
JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
JOIN casefiles_transition t ON t.casefile_id = c.id AND t.seq = c.version
JOIN audit_entry e ON e.id = t.entry_id
LEFT JOIN audit_leaf l ON l.entry_id = e.id
LEFT JOIN agencies_agency o ON o.id = c.employer_id
"""  # noqa: S608 - composed of constants only
_ONE: Final = f"{_SELECTED} WHERE c.id = %(casefile)s"
# A casefile with a sanction was written to since then, or handed over to SIASN.
_SINCE: Final = f"""
{_SELECTED}
WHERE (
        c.updated_at >= %(since)s
        OR EXISTS (SELECT FROM casefiles_hukdishandover w WHERE w.casefile_id = c.id AND w.created_at >= %(since)s)
    ) AND c.id > %(after)s AND p.facts->'sanction' IS NOT NULL
    AND jsonb_typeof(p.facts->'sanction') = 'object' AND (%(employer)s::text IS NULL OR o.code = %(employer)s)
ORDER BY c.id LIMIT %(limit)s
"""


def held(casefile: UUID, *, now: datetime) -> Held:
    """The records of one casefile, in one statement; the caller has asked for sight.

    Raises `NotVisible` where there is none, `Erased` where the content is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ONE, {"casefile": casefile})
        row = cursor.fetchone()
    if row is None:
        raise NotVisible
    if row[2] is None:
        raise Erased
    return _held(row, now=now)


def held_since(since: datetime, *, employer: str | None, now: datetime, batch: int = 200) -> Iterator[Sequence[Held]]:
    """The casefiles with a sanction that were written to or handed over since then, of that employer or of all.

    Batch by batch, in the order of their ids.
    """
    after = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SINCE, {"since": since, "after": after, "employer": employer, "limit": batch})
            rows = cursor.fetchall()
        if not rows:
            return
        after = rows[-1][0]
        yield [_held(row, now=now) for row in rows]


def _held(row: Sequence[Any], *, now: datetime) -> Held:
    casefile, version, facts_text, time_zone, index, leaf_hash, handed_text = row
    facts: CaseFile = orjson.loads(facts_text)
    handed_over = tuple(_handed_over(orjson.loads(handed_text)))
    return Held(
        casefile=casefile,
        version=version,
        facts=facts,
        index=index,
        leaf_hash=leaf_hash,
        records=records(facts, known=_known(handed_over), catalogue=load_catalogue(), today=local_day(now, time_zone)),
        handed_over=handed_over,
    )


def _handed_over(rows: Iterable[Mapping[str, Any]]) -> Iterator[HandedOver]:
    for row in rows:
        yield HandedOver(**{**row, "id": UUID(row["id"]), "at": datetime.fromisoformat(row["at"])})


def _known(handed_over: Iterable[HandedOver]) -> dict[int, str]:
    """The newest id that SIASN gave to each version."""
    return {one.sanction_version: one.siasn_id for one in handed_over if one.siasn_id is not None}


def offered_to(actor: Actor, found: Held) -> None:
    """Raise `WrongParty` unless the actor is the officer's employer or the civil service agency."""
    is_employer = found.facts.get("employer") == actor.agency_code
    if not is_employer and ROLE_OF[Party.CIVIL_SERVICE_AGENCY] not in actor.roles:
        raise WrongParty("hukdis", OFFERED_TO)


def record(
    *, actor: Actor, casefile: UUID, given: HukdisHandedOver, now: datetime, request: RequestFacts | None = None
) -> Sealed:
    """Store that the record was handed over, inside the caller's transaction; returns its entry.

    The caller has asked for sight. Raises `WrongParty`, `InvalidGiven`, `Erased`; nothing is stored then.
    """
    with connection.cursor() as cursor:
        # An erasure takes this lock as well: what is recorded beside it would be left behind.
        cursor.execute("SELECT FROM casefiles_casefile WHERE id = %s FOR SHARE", [casefile])
    found = held(casefile, now=now)
    offered_to(actor, found)
    _refuse_another_payload(found, given)
    ident, salt = uuid7(now), committing.fresh_salt()
    content = {"digest": given.digest, "siasn_id": given.siasn_id}
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "id": ident,
                "casefile": casefile,
                "version": found.version,
                "sanction_version": given.sanction_version,
                "agency": actor.agency_id,
                "now": now,
                "content": references.as_json(content),
                "salt": salt,
            },
        )
    return committing.recorded("hukdis", ident, salt=salt, actor=actor, now=now, request=request)


_INSERT: Final = """
WITH handover AS (
    INSERT INTO casefiles_hukdishandover (id, casefile_id, version, sanction_version, agency_id, created_at)
    VALUES (%(id)s, %(casefile)s, %(version)s, %(sanction_version)s, %(agency)s, %(now)s)
)
INSERT INTO casefiles_payload (hukdis_id, seq, given, facts_salt, nip, name_key, created_at)
VALUES (%(id)s, 1, %(content)s::jsonb, %(salt)s, '', '', %(now)s)
"""


def _refuse_another_payload(found: Held, given: HukdisHandedOver) -> None:
    by_version = {one.sanction_version: one for one in found.records}
    if (wanted := by_version.get(given.sanction_version)) is None:
        raise InvalidGiven(
            (
                Fault(
                    "unknown-sanction-version",
                    "#/sanction_version",
                    f"Perkara ini tidak mempunyai versi hukuman itu; yang ada: {_listed(by_version)}.",
                    f"This casefile has no such version of a sanction; there are: {_listed(by_version)}.",
                ),
            )
        )
    if digest_of(wanted) != given.digest:
        raise InvalidGiven(
            (
                Fault(
                    "hukdis-differs",
                    "#/digest",
                    "Bukan digest muatan versi ini sebagaimana adanya sekarang. Baca GET hukdis lagi, serahkan muatan "
                    "itu ke SIASN, lalu catat dengan digest-nya.",
                    "Not the digest of this version's payload as it is now. Read GET hukdis again, hand that payload "
                    "to SIASN, and record it with its digest.",
                ),
            )
        )


def _listed(versions: Iterable[int]) -> str:
    return ", ".join(map(str, versions)) or "-"
