"""What is held on one officer, and who was shown it: for the answer that UU 27/2022 gives them within three days.

The officer is the subject of casefiles, one of a finding's subjects, named in preventions, or an official who decided
or received something in somebody else's case, or answers for a zero report. Of these last two only what names them is
theirs to see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db.models import QuerySet

from agencies import system
from agencies.models import Agency
from audit import access, ledger
from audit.models import Access
from casefiles import nip as nips
from casefiles.file.reading import INTERNAL
from casefiles.identifiers import number_order
from casefiles.intake import preventions
from casefiles.models import (
    Casefile,
    Document,
    Finding,
    HukdisHandover,
    Payload,
    Prevention,
    Transition,
    ZeroReport,
)
from casefiles.operations.officers import Officer, traces
from casefiles.queries import by_number
from casefiles.sight import projection

FORMAT: Final = "lintas-subject-export/1"
PURPOSE: Final = "subject_request"


Contents = Callable[[Sequence[UUID]], Mapping[UUID, Mapping[str, Any]]]
"""Of documents by id: what is kept of their contents."""


def export(officer: Officer, *, reference: str, now: datetime, contents: Contents = lambda _: {}) -> dict[str, Any]:
    """Everything that is held on the officer; recorded as a read, in the caller's transaction.

    `contents` tells which of the documents' files are kept; whoever keeps them knows (`contents.keeping`).
    """
    found = traces(officer)
    kept = contents(sorted(found.documents))
    record(found.ids, command="manage.py export_subject", now=now)
    return {
        "format": FORMAT,
        "made_at": ledger.instant(now),
        "reference": reference,
        "casefiles": [_casefile(row) for row in Casefile.objects.filter(pk__in=found.casefiles).order_by(*by_number())],
        "findings": [
            _finding(row, found.casefiles) for row in Finding.objects.filter(pk__in=found.findings).order_by("pk")
        ],
        "preventions": [_prevention(row, officer) for row in Prevention.objects.filter(pk__in=found.preventions)],
        "documents": [_document(row, kept) for row in Document.objects.filter(pk__in=found.documents).order_by("pk")],
        "as_official": [
            {"number": row.number, "facts": _naming(Payload.objects.filter(casefile=row.pk), officer, record=row.pk)}
            for row in Casefile.objects.filter(pk__in=found.mentioned_in).order_by(*by_number())
        ],
        "zero_reports": [
            _zero_report(row, officer)
            for row in ZeroReport.objects.filter(pk__in=found.zero_reports).select_related("agency").order_by("pk")
        ],
        "reads": Access.objects.filter(shown__overlap=list(found.ids)).count() if found.ids else 0,
    }


def readers(officer: Officer, *, since: datetime, until: datetime, now: datetime) -> list[dict[str, Any]]:
    """Who was shown something of that officer from `since` on and before `until`; itself recorded as a read."""
    found = traces(officer)
    rows = []
    if found.ids:
        named = Access.objects.filter(shown__overlap=list(found.ids), at__gte=since, at__lt=until)
        rows = list(named.order_by("at", "pk"))
    record(found.ids, command="manage.py who_saw", now=now)
    agencies = {row.pk: row for row in Agency.objects.filter(pk__in={row.agency for row in rows})}
    numbers = dict(Casefile.objects.filter(pk__in=found.casefiles | found.mentioned_in).values_list("pk", "number"))
    return [
        {
            "at": ledger.instant(row.at),
            "agency": {"code": agencies[row.agency].code, "name": agencies[row.agency].name},
            "client": row.client,
            "route": row.route,
            "purpose": row.purpose,
            "request_id": str(row.request_id),
            "shown": sorted(
                (numbers.get(ident, str(ident)) for ident in row.shown if ident in found.ids), key=number_order
            ),
        }
        for row in rows
    ]


def record(shown: Collection[UUID], *, command: str, now: datetime) -> None:
    """Note that the operator was shown these records for a person's request, in the caller's transaction."""
    access.record(
        at=now,
        request_id=uuid4(),
        agency=system.operator(command).agency_id,
        client=command,
        route=command,
        purpose=PURPOSE,
        shown=sorted(shown),
    )


def _casefile(row: Casefile) -> dict[str, Any]:
    """Every version of one casefile. Reporter and witnesses are in none; other persons' NIPs are masked."""
    steps = {step.seq: step for step in Transition.objects.filter(casefile=row.pk).select_related("agency")}
    kept = Payload.objects.filter(casefile=row.pk, seq__gte=1).order_by("seq")
    return {
        "number": row.number,
        "state": row.state,
        "outcome": row.outcome or None,
        "versions": [
            {
                "version": payload.seq,
                "at": ledger.instant(payload.created_at),
                "step": steps[payload.seq].name,
                "by": steps[payload.seq].agency.code,
                "given": _given(payload.given),
                "file": _without_internals(payload.facts),
                "erased": payload.erased_at is not None,
            }
            for payload in kept
        ],
        "handed_to_siasn": [_handed_over(one) for one in _hand_overs(row)],
    }


def _hand_overs(row: Casefile) -> QuerySet[HukdisHandover]:
    """What was handed to SIASN of that casefile, oldest first."""
    return HukdisHandover.objects.filter(casefile=row.pk).select_related("agency").order_by("created_at", "pk")


def _handed_over(row: HukdisHandover) -> dict[str, Any]:
    kept = Payload.objects.filter(hukdis=row.pk, seq=1).first()
    given: Mapping[str, Any] = (kept.given if kept else None) or {}
    return {
        "at": ledger.instant(row.created_at),
        "by": row.agency.code,
        "sanction_version": row.sanction_version,
        "digest": given.get("digest"),
        "siasn_id": given.get("siasn_id"),
    }


def _given(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    shown = {name: value for name, value in given.items() if name not in projection.INTERNAL_GIVEN}
    for name in projection.OFFICIALS:
        if shown.get(name) is not None:
            shown[name] = nips.masked_in(shown[name])
    return shown


def _without_internals(facts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The file, without what the flow keeps for itself and without other officers' cases."""
    if facts is None:
        return None
    hidden = INTERNAL | {"not_duplicate_of"}
    return {name: value for name, value in facts.items() if name not in hidden}


def _finding(row: Finding, casefiles: Collection[UUID]) -> dict[str, Any]:
    """What was forwarded about this officer: their entry, their violations, nothing of the other subjects.

    Their entry is the one that opened a casefile of theirs: it may name no NIP yet, or one that was corrected since.
    """
    last = Payload.objects.filter(finding=row.pk, answer__isnull=True, seq__gte=1).order_by("-seq").first()
    content: Mapping[str, Any] = (last.given if last else None) or {}
    begun = Payload.objects.filter(casefile__in=casefiles, casefile__finding=row.pk, seq=1)
    opened_by = [subject for first in begun for subject in (first.given or {}).get("subjects", ())]
    mine = [subject for subject in content.get("subjects", ()) if subject in opened_by]
    numbers = {number for subject in mine for number in subject["violations"]}
    return {
        "register_number": row.register_number,
        "registered_on": row.registered_on.isoformat(),
        "subjects": mine,
        "violations": [violation for violation in content.get("violations", ()) if violation["number"] in numbers],
    }


def _prevention(row: Prevention, officer: Officer) -> dict[str, Any]:
    content, officers = preventions.content_of(row.pk)
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "held_on": row.held_on.isoformat(),
        "text": content.get("text"),
        "officers": [one for one in officers if officer.is_named_by(one, record=row.pk)],
    }


def _document(row: Document, contents: Mapping[UUID, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "type": row.type,
        "number": row.number or None,
        "date": row.date.isoformat() if row.date else None,
        "sha256": row.sha256,
        "content": contents.get(row.pk),
    }


def _zero_report(row: ZeroReport, officer: Officer) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "agency": row.agency.code,
        "subject": row.subject,
        "period": {"from": row.period_from.isoformat(), "until": row.period_until.isoformat()},
        "facts": _naming(Payload.objects.filter(zero_report=row.pk), officer, record=row.pk),
    }


def _naming(rows: QuerySet[Payload], officer: Officer, *, record: UUID) -> list[dict[str, Any]]:
    """The objects in one record that name the officer, with their places and versions, and nothing around them."""
    return [
        {"version": payload.seq, "pointer": pointer, "value": value}
        for payload in rows.filter(seq__gte=1).order_by("seq")
        for root, content in (("given", payload.given), ("file", payload.facts))
        for pointer, value in _holders(content, f"#/{root}", lambda one: officer.is_named_by(one, record=record))
    ]


def _holders(value: Any, at: str, names: Callable[[Mapping[str, Any]], bool]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        if names(value):
            yield at, {name: inner for name, inner in value.items() if not isinstance(inner, Mapping | list)}
        for name, inner in value.items():
            yield from _holders(inner, f"{at}/{name}", names)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _holders(inner, f"{at}/{place}", names)
