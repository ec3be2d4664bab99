"""A document of the file is replaced: a draft by its signed version, a bad scan by a good one.

The new one takes the old one's place in the list and wherever the file refers to it, and is seen as its type says. The
old one is in the versions before, stays attached, and is withheld from whomever it was withheld from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from casefiles.file import Attached, Withheld
from casefiles.flow.corrections import DOCUMENT
from casefiles.flow.grammar import CaseView, Changes, DocumentView, Refusal

if TYPE_CHECKING:
    from casefiles.flow.afterwards import Correction

# What of the file stands as it is. Earlier versions, contests that were settled and measures are history.
REFERS = ("recommendation", "sanction", "verification", "served", "contest", "closing", "block")


def named_document(given: Any) -> UUID | None:
    """The document that a correction puts in another's place, if it does."""
    if getattr(given, "fact", None) != DOCUMENT or given.value is None:
        return None
    try:
        return UUID(given.value)
    except ValueError:
        return None


def replaces_one_of_the_file(case: CaseView, given: Correction) -> Refusal | None:
    """A document of the file is replaced by its owner; any other fact replaces none."""
    if given.fact != DOCUMENT:
        if given.replaces is None:
            return None
        return Refusal(
            "replaces-unwanted",
            "Hanya fakta #/documents/* yang mengganti dokumen; kosongkan replaces.",
            "Only the fact #/documents/* replaces a document; leave replaces out.",
            pointer="#/replaces",
        )
    old = _in_file(case, given.replaces)
    if old is None:
        return Refusal(
            "document-not-in-file",
            "Sebut pada replaces id dokumen berkas ini yang digantikan (lihat documents).",
            "Name under replaces the id of the document of this file that is replaced (see documents).",
            pointer="#/replaces",
        )
    if old["owner"] == case.acting.code:
        return None
    return Refusal(
        "not-the-author",
        f"Dokumen ini diganti oleh pemiliknya, {old['owner']}. Sampaikan kepadanya dengan note.",
        f"This document is replaced by its owner, {old['owner']}. Tell them with a note.",
        pointer="#/replaces",
        resolve_with=("note",),
    )


def by_another_of_its_type(case: CaseView, given: Correction) -> Iterator[Refusal]:
    """What takes its place is the owner's, of the same type, and not in the file yet."""
    if given.fact != DOCUMENT:
        return
    new = _new(case, given)
    if new is None:
        yield Refusal(
            "value-not-a-document",
            "Nilai ini harus id dokumen Anda sendiri. Daftarkan dahulu lewat POST /api/v1/documents.",
            "This value has to be the id of a document of your own. Register it first with POST /api/v1/documents.",
            pointer="#/value",
        )
        return
    if _in_file(case, UUID(new.id)) is not None:
        yield Refusal(
            "document-in-file-already",
            "Dokumen ini sudah ada dalam berkas. Sebut dokumen lain.",
            "This document is in the file already. Name another one.",
            pointer="#/value",
        )
    old = _in_file(case, given.replaces)
    if old is not None and old["type"] != new.type:
        yield Refusal(
            "document-of-another-type",
            f"Dokumen yang digantikan berjenis {old['type']}, yang ini {new.type}. Daftarkan dengan jenis yang sama.",
            f"The document that is replaced is of type {old['type']}, this one is {new.type}. Register it as the same.",
            pointer="#/value",
        )


def replaced(case: CaseView, given: Correction) -> Changes:
    """The file with the new document wherever it named the old one."""
    new, old = _new(case, given), str(given.replaces)
    if new is None:
        raise ValueError("the guards let no correction through without the new document")
    found: Any = {
        "documents": [new.listed if one["id"] == old else one for one in case.facts["documents"]],
    }
    finding = case.facts["finding"]
    if (assessed_on := _assessed_on(case, old, new)) != finding.get("assessed_on"):
        found["finding"] = {**finding, "assessed_on": assessed_on}
    for name in REFERS:
        after = _put(case.facts.get(name), old, new.id)
        if after != case.facts.get(name):
            found[name] = after
    changes: Changes = found
    withheld = case.facts.get("withheld_documents", ())
    also: list[Withheld] = [{"document": new.id, "reason": one["reason"]} for one in withheld if one["document"] == old]
    if also:
        changes["withheld_documents"] = [*withheld, *also]
    return changes


def _assessed_on(case: CaseView, old: str, new: DocumentView) -> str | None:
    """The date of the assessment that was forwarded, where its document is the one that is replaced."""
    told = case.facts["finding"].get("assessed_on")
    if told is None or new.date is None:
        return told
    dated = {
        document["id"]: document["date"]
        for document in case.facts["documents"]
        if document["type"] == "assessment" and document["date"]
    }
    if dated.pop(old, None) != told:
        return told
    return max([new.date.isoformat(), *(day for day in dated.values() if day <= told)])


def _in_file(case: CaseView, document: UUID | None) -> Attached | None:
    return next((one for one in case.facts["documents"] if one["id"] == str(document)), None)


def _new(case: CaseView, given: Correction) -> DocumentView | None:
    named = named_document(given)
    document = case.documents.get(str(named)) if named else None
    return document if document is not None and document.owner == case.acting.code else None


def _put(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {name: _put(held, old, new) for name, held in value.items()}
    if isinstance(value, list):
        return [_put(held, old, new) for held in value]
    return new if value == old else value
