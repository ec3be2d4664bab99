"""Erasure: the personal content of one casefile goes, its number, its transitions and the log stay.

All of it lies in `casefiles_payload`, which only the owner of the tables may change; no append-only table is touched.
The entries commit to what is gone through salts that go with it, so the log verifies as before, and nobody can tell
from a digest whose NIP it was. The erasure itself is an entry in the stream `STREAM`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from audit import evidence, holds, ledger
from audit.holds import Hold
from audit.ledger import Sealed
from audit.models import Entry
from audit.tlog.notes import VerifierKey
from casefiles.identifiers import names_a_person
from casefiles.models import Attachment, Casefile, Document, HukdisHandover, Payload, Prevention
from casefiles.operations import holding, named_casefile
from casefiles.operations.erasers import ErasureRefused, Order, check_signatures, make_order
from casefiles.sight import protected
from casefiles.transitions import committing

# All erasures share one stream of the log: what was erased, when and on whose word is one question.
STREAM: Final = UUID("65726173-7572-4573-8000-000000000001")
KIND: Final = "casefile.erased"

# What replaces the erased person's name or NIP in a text that stays because it is about others as well.
BLACKED_OUT: Final = "[dihapus]"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did. `erased_through` is the last version whose content is gone."""

    casefile: UUID
    number: str
    erased_through: int
    documents: int
    whole_finding: bool
    entry: Sealed


def order(*, casefile: str, reason: str, basis: str, origin: str, now: datetime) -> Order:
    """An unsigned order to erase the casefile of that number or id, as it stands now.

    Raises `ErasureRefused`, for the same reasons for which `perform_order` would.
    """
    row = _found(casefile)
    _may_be_erased(row, holds.standing())
    _names_nobody(basis, row.pk)
    return make_order(
        ident=uuid4(),
        origin=origin,
        casefile=row.pk,
        number=row.number,
        version=row.version,
        reason=reason,
        basis=basis,
        now=now,
    )


def perform_order(
    order: Order,
    *,
    erasers: Mapping[str, VerifierKey],
    origin: str,
    now: datetime,
    forget: Callable[[Sequence[int], Sequence[UUID]], None],
    destroy: Callable[[Sequence[UUID]], object],
    was_performed: bool = False,
) -> Erasure:
    """Erase what the order names, in one transaction, and append its entry. Needs the owner's role.

    `forget` is called in it with the numbers of the kept answers that were erased, and the ids of what they are about:
    whoever keeps digests of those requests or answers forgets them (`api.http.idempotency.forget`). `destroy` is called
    in it with the documents that concern nobody else: whoever keeps their contents destroys them
    (`contents.erasing.destroy`). `was_performed` says that the order was performed on this register before an older
    backup of it was restored: then its term is not asked again.

    Raises `ErasureRefused` and changes nothing unless two of the `erasers` signed it for this log, it is in time, and
    the casefile is closed, not held, not erased, and at the version the order names.
    """
    check_signatures(order, erasers, origin=origin, now=now, was_performed=was_performed)
    with transaction.atomic():
        standing = holds.wait_for_holds()
        # One erasure at a time: each one decides whether a finding or a document still concerns others.
        _hold(f"stream:{STREAM}")
        finding = _found(order.casefile).finding_id
        _hold(f"finding:{finding}")  # as `findings.add_subjects` does
        row = Casefile.objects.select_for_update().get(pk=order.casefile)
        _may_be_erased(row, standing)
        if row.number != order.number:
            raise ErasureRefused("other-casefile", f"The order names {order.number}, its casefile is {row.number}.")
        if row.version != order.version:
            raise ErasureRefused(
                "changed",
                f"{row.number} is at version {row.version}, the order names {order.version}. Make a new order.",
            )
        _names_nobody(order.basis, row.pk)
        documents = _concerns_nobody_else(row.pk)
        answers, whole_finding = _erase(row, documents=documents, now=now)
        touched = _touched(row, documents=documents, now=now)
        _no_prevention_is_held([ident for noun, ident in touched if noun == "prevention"], standing)
        for noun, ident in touched:
            committing.redacted(noun, ident, now=now)
        erased = _streams_erased(row, documents=documents, now=now)
        forget(answers, erased)
        destroy(documents)
        proofs = evidence.erase(erased, now=now)
        entry = ledger.append_open(
            stream=STREAM,
            kind=KIND,
            given=order.plain(),
            state={
                "casefile": order.casefile,
                "number": row.number,
                "erased_through": row.version,
                "orders": Entry.objects.filter(stream=STREAM).count() + 1,
                # Signed requests whose evidence was erased, too: the digest of the body is about the person.
                **({"evidence": proofs} if proofs else {}),
            },
            now=now,
        )
    return Erasure(
        casefile=row.pk,
        number=row.number,
        erased_through=row.version,
        documents=len(documents),
        whole_finding=whole_finding,
        entry=entry,
    )


# --- may it be erased -----------------------------------------------------------------------------------------------


def _found(casefile: str) -> Casefile:
    row = named_casefile.find(casefile)
    if row is None:
        raise ErasureRefused("unknown-casefile", "There is no casefile of that number or id.")
    return row


def _may_be_erased(row: Casefile, standing: Sequence[Hold]) -> None:
    if Payload.objects.filter(casefile=row.pk, seq__gte=1, erased_at__isnull=False).exists():
        raise ErasureRefused("already-erased", f"{row.number} is already erased.")
    if row.state != "closed":
        raise ErasureRefused("not-closed", f"{row.number} is not closed: it is {row.state}. Close it first.")
    if row.legal_hold:
        raise ErasureRefused("legal-hold", f"{row.number} is under legal hold, which must be lifted first.")
    if held_by := holding.on_finding(row.finding_id, standing):
        raise ErasureRefused(
            "legal-hold",
            f"{row.number}, or another casefile of its finding, is under legal hold: {holding.told(held_by)}. "
            "It must be lifted first (manage.py hold lift).",
        )


def _no_prevention_is_held(preventions: Sequence[UUID], standing: Iterable[Hold]) -> None:
    """Preventions that name the officer lose the name with the last casefile: not while their agency or day is held."""
    for hold in standing:
        of_agency = Q(office__code=hold.agency) | Q(addressed__code=hold.agency) if hold.agency else Q(pk=None)
        in_span = Q(held_on__gte=hold.begins, held_on__lt=hold.until) if hold.span else Q(pk=None)
        if Prevention.objects.filter(of_agency | in_span, pk__in=preventions).exists():
            raise ErasureRefused(
                "legal-hold", f"A prevention that names the officer is under legal hold: {holding.told([hold])}."
            )


def _names_nobody(basis: str, casefile: UUID) -> None:
    """The basis stays in the log for ever. Refuse a basis that names the person who is to be erased."""
    if any(pattern.search(basis) for pattern in _patterns(casefile)):
        raise ErasureRefused("basis-names-person", "The legal basis names the officer; it stays in the log for ever.")


def numbers_that_name(casefile: str) -> list[str]:
    """The finding and the documents, by id, whose numbers stay and name the officer, or hold what may be their NIP.

    The door refuses a NIP there, and cannot know a name; a register of an earlier release may hold either.
    """
    row = _found(casefile)
    patterns = _patterns(row.pk)
    numbers = {f"finding {row.finding_id}": row.finding.register_number}
    for document in Document.objects.filter(attachments__casefile=row.pk).distinct().order_by("pk"):
        numbers[f"document {document.pk}"] = document.number
    return [
        place
        for place, number in numbers.items()
        if names_a_person(number) or any(pattern.search(number) for pattern in patterns)
    ]


def _hold(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])


# --- what goes ------------------------------------------------------------------------------------------------------


def _erase(row: Casefile, *, documents: Sequence[UUID], now: datetime) -> tuple[list[int], bool]:
    """Erase the casefile's content and what of its finding and documents is its own.

    Returns the numbers of the kept answers that went with it, and whether the finding went as a whole.
    """
    of_the_finding = Payload.objects.filter(finding=row.finding_id)
    others = Casefile.objects.filter(finding=row.finding_id).exclude(pk=row.pk)
    whole_finding = not others.filter(Exists(_content(OuterRef("pk")))).exists()
    going = Payload.objects.filter(casefile=row.pk) | Payload.objects.filter(document__in=documents)
    going |= Payload.objects.filter(hukdis__casefile=row.pk)
    going |= _of_preventions(row.pk)
    if whole_finding:
        going |= of_the_finding
    else:
        # A kept answer shows all of the finding's subjects. The same request replayed answers 410, a GET the rest.
        going |= of_the_finding.filter(seq=0)
        _take_out(row)
    numbers = list(going.filter(erased_at__isnull=True).values_list("pk", "seq"))
    Payload.objects.filter(pk__in=[number for number, _ in numbers]).update(
        given=None,
        given_salt=None,
        facts=None,
        facts_salt=None,
        attachments=None,
        answer=None,
        nip="",
        name_key="",
        reference_keys=[],
        erased_at=now,
    )
    return [number for number, seq in numbers if seq == 0], whole_finding


def _touched(row: Casefile, *, documents: Sequence[UUID], now: datetime) -> list[tuple[committing.Noun, UUID]]:
    """The records whose content this erasure changed or took away: each says in the log what is left of it."""
    preventions = Payload.objects.filter(prevention__isnull=False, erased_at=now).values_list("prevention", flat=True)
    found: list[tuple[committing.Noun, UUID]] = [("finding", row.finding_id)]
    found += [("document", document) for document in documents]
    handed_over = HukdisHandover.objects.filter(casefile=row.pk).order_by("pk").values_list("pk", flat=True)
    found += [("hukdis", ident) for ident in handed_over]
    return found + [("prevention", ident) for ident in sorted(set(preventions))]


def _streams_erased(row: Casefile, *, documents: Sequence[UUID], now: datetime) -> list[UUID]:
    """The streams whose requests told of the person: of the casefile, and of what went with it."""
    return [row.pk, *(ident for _, ident in _touched(row, documents=documents, now=now))]


def _content(casefile: Any) -> Any:
    """The versions of that casefile whose content is still there."""
    return Payload.objects.filter(casefile=casefile, seq__gte=1, erased_at__isnull=True)


def _concerns_nobody_else(casefile: UUID) -> list[UUID]:
    """The documents of this casefile that are attached to no other whose content is still there."""
    elsewhere = Attachment.objects.live().filter(document=OuterRef("document")).exclude(casefile=casefile)
    mine = Attachment.objects.filter(casefile=casefile).exclude(
        Exists(elsewhere.filter(Exists(_content(OuterRef("casefile")))))
    )
    return list(mine.values_list("document", flat=True).distinct())


def _take_out(row: Casefile) -> None:
    """Take one subject out of a finding that concerns others too.

    With them go the violations that only they were said to have committed; the texts about all lose their name and NIP.
    """
    versions = list(Payload.objects.filter(finding=row.finding_id, seq__gte=1, given__isnull=False).order_by("seq"))
    first: Any = Payload.objects.get(casefile=row.pk, seq=1).given
    (subject,) = first["subjects"]
    patterns = _patterns(row.pk)
    for version in versions:
        content: Any = version.given
        subjects = list(content["subjects"])
        if subject in subjects:
            subjects.remove(subject)
        still_named = {number for remaining in subjects for number in remaining["violations"]}
        only_his = set(subject["violations"]) - still_named
        kept = {
            **content,
            "violations": [violation for violation in content["violations"] if violation["number"] not in only_his],
        }
        texts = {name: value for name, value in kept.items() if name not in {"subjects", *protected.WHO}}
        version.given = {**kept, **_without(texts, patterns), "subjects": subjects}
        version.save(update_fields=["given"])


def _of_preventions(casefile: UUID) -> QuerySet[Payload]:
    """The officer's own rows in preventions that named them, and the kept answers of those; none while they have
    another casefile, whose examiner may still have to know of the warning. The texts lose what the officer is called.
    """
    nips = set(Payload.objects.filter(casefile=casefile, seq__gte=1).values_list("nip", flat=True)) - {""}
    elsewhere = Payload.objects.filter(casefile__isnull=False, nip__in=nips).exclude(casefile=casefile)
    nips -= set(elsewhere.values_list("nip", flat=True))
    own = Payload.objects.filter(Q(nip__in=nips) | _named_without_nip(casefile), prevention__isnull=False)
    rows = list(own.values_list("prevention", "given"))
    preventions = {prevention for prevention, _ in rows}
    patterns = _patterns(casefile, also=[officer["name"] for _, officer in rows if officer])
    for content in Payload.objects.filter(prevention__in=preventions, seq=1, given__isnull=False):
        content.given = _without(content.given, patterns)
        content.save(update_fields=["given"])
    return own | Payload.objects.filter(prevention__in=preventions, seq=0)


def _named_without_nip(casefile: UUID) -> Q:
    """Rows of preventions that name the officer without a NIP, by name and agency, unless another file has the name."""
    known = Payload.objects.filter(casefile=casefile, seq__gte=1).exclude(name_key="")
    keys = set(known.values_list("name_key", flat=True))
    elsewhere = Payload.objects.filter(casefile__isnull=False, name_key__in=keys).exclude(casefile=casefile)
    keys -= set(elsewhere.values_list("name_key", flat=True))
    employers = [employer for employer in known.values_list("facts__employer", flat=True) if employer]
    of_his_agency = Q(given__employer__in=employers) | Q(given__employer=None)
    return Q(nip="", name_key__in=keys) & of_his_agency


def _patterns(casefile: UUID, *, also: Iterable[str] = ()) -> list[re.Pattern[str]]:
    """What finds the subject in a text: each NIP and name of any version of the file, and the names in `also`."""
    spellings = {" ".join(name.split()) for name in also}
    for facts in Payload.objects.filter(casefile=casefile, seq__gte=1).values_list("facts", flat=True):
        subject = (facts or {}).get("subject") or {}
        spellings |= {" ".join(str(subject[name]).split()) for name in ("nip", "name") if subject.get(name)}
    # A name of one or two letters would black out half the text.
    words = sorted((spelling for spelling in spellings if len(spelling) > 2), key=len, reverse=True)
    return [_pattern(spelling) for spelling in words]


def _pattern(spelling: str) -> re.Pattern[str]:
    # A NIP is often written in groups, a name broken over two lines.
    spelled = r"[\s.]*".join(spelling) if spelling.isdecimal() else r"\s+".join(map(re.escape, spelling.split()))
    return re.compile(rf"(?<!\w){spelled}(?!\w)", re.IGNORECASE)


def _without(value: Any, patterns: Sequence[re.Pattern[str]]) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(item, patterns) for name, item in value.items()}
    if isinstance(value, list):
        return [_without(item, patterns) for item in value]
    if isinstance(value, str):
        for pattern in patterns:
            value = pattern.sub(BLACKED_OUT, value)
    return value
