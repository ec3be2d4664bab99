"""Closing: whether the remedy has passed, and how the examiner judges what was imposed.

The row stands in `sanction`. SKB 2/2022; UU 20/2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from casefiles.flow.binding import binding
from casefiles.flow.dates import Tells
from casefiles.flow.days import doubts_a_remedy
from casefiles.flow.given import Act, LighterReason
from casefiles.flow.grammar import CaseView, Changes, Refusal
from casefiles.flow.versions import (
    remedy_in_force_ends,
)
from casefiles.shapes import Code, Date, Doc, DocumentId, NotAfterToday, Text

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """The officer gave up the remedy in writing."""

    on: Annotated[
        Date,
        NotAfterToday(),
        Tells("waived"),
        Doc(id="Tanggal pernyataan", en="Day of the waiver", example="2024-11-20"),
    ]
    document: Annotated[DocumentId, Doc(id="Surat pernyataan", en="The statement")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing(Act):
    """close: the examiner's judgment of what was imposed."""

    conformity: Annotated[
        str, Code("reasons/close-conformity"), Doc(id="Kesesuaian", en="Conformity", example="in_line")
    ]
    note: Annotated[str, Text(4000), Doc(id="Catatan", en="Note")] | None = None
    reason: (
        Annotated[LighterReason, Doc(id="Alasan menerima yang lebih ringan", en="Why lighter is accepted")] | None
    ) = None
    contest_waived: Annotated[Waiver, Doc(id="Pelepasan upaya hukum", en="Waived remedy")] | None = None
    remedy_judged: (
        Annotated[
            str,
            Text(4000),
            Doc(
                id="Mengapa upaya hukum dinilai sudah lewat meskipun berkas meragukan tanggal keputusan atau "
                "penyampaiannya",
                en="Why the remedy is held to be over although the file doubts the day of the decree or its delivery",
            ),
        ]
        | None
    ) = None


# --- what each requires ---------------------------------------------------------------------------------------------


def delivered(case: CaseView, given: Any) -> Refusal | None:
    """Nothing is closed before the officer holds the decree."""
    if (case.facts.get("sanction") or {}).get("delivered_on") is not None:
        return None
    return Refusal(
        "not-delivered",
        "Keputusan belum disampaikan kepada pegawai. Instansi mencatatnya dengan record-delivery.",
        "The decree has not reached the officer yet. The officer's agency records it with record-delivery.",
        pointer="#/sanction/delivered_on",
        resolve_with=("record-delivery",),
    )


def remedy_is_over(case: CaseView, given: Closing) -> Refusal | None:
    """The window for objection or appeal has passed, or was waived in writing."""
    sanction = case.facts.get("sanction") or {}
    if sanction.get("delivered_on") is None or given.contest_waived is not None:
        return None
    ends = remedy_in_force_ends(case)
    if ends is None or case.today > ends:
        return None
    return Refusal(
        "remedy-still-open",
        f"Upaya hukum pegawai masih terbuka sampai {ends.isoformat()}. Tutup sesudah itu, atau lampirkan pernyataan "
        "pelepasan pada contest_waived.",
        f"The officer's remedy is open until {ends.isoformat()}. Close after that day, or bring the waiver under "
        "contest_waived.",
        pointer="#/contest_waived",
    )


def remedy_is_not_doubtful(case: CaseView, given: Closing) -> Refusal | None:
    """Where the file doubts the day a remedy is counted from, the examiner says why it is over all the same."""
    doubts = [one for one in case.facts.get("warnings", ()) if doubts_a_remedy(one)]
    sanction = case.facts.get("sanction") or {}
    if not doubts or given.contest_waived is not None or given.remedy_judged is not None:
        return None
    if sanction.get("delivered_on") is None or remedy_in_force_ends(case) is None:
        return None
    return Refusal(
        "remedy-doubtful",
        "Hari yang menjadi awal upaya hukum diragukan: "
        + " ".join(one["id"] for one in doubts)
        + " Minta instansi membetulkannya dengan correct, lampirkan contest_waived, atau jelaskan pada remedy_judged "
        "mengapa upaya hukum tetap sudah lewat.",
        "The day from which the remedy is counted is doubtful: "
        + " ".join(one["en"] for one in doubts)
        + " Have the agency correct it, bring contest_waived, or say under remedy_judged why the remedy is over all "
        "the same.",
        pointer="#/remedy_judged",
        resolve_with=("correct",),
    )


def judged_as_compared(case: CaseView, given: Closing) -> Refusal | None:
    """`in_line` is said of an equal or heavier sanction only, `lighter_accepted` of any other."""
    in_line = (case.facts.get("sanction") or {}).get("comparison") in {"equal", "heavier"}
    if given.conformity == "lighter_accepted" and in_line:
        return Refusal(
            "not-lighter",
            "Hukuman ini tidak lebih ringan daripada yang direkomendasikan: pilih in_line.",
            "This sanction is not lighter than recommended: choose in_line.",
            pointer="#/conformity",
        )
    if given.conformity != "in_line" or in_line:
        return None
    return Refusal(
        "not-in-line",
        "Hukuman ini lebih ringan atau lain jenis daripada yang direkomendasikan: pilih lighter_accepted atau "
        "not_in_line_noted.",
        "This sanction is lighter than recommended or of another kind: choose lighter_accepted or not_in_line_noted.",
        pointer="#/conformity",
    )


def accepted_lighter_has_its_reason(case: CaseView, given: Closing) -> Refusal | None:
    """Accepting a lighter sanction needs a reason, unless a ruling ordered or upheld it: then that is the reason."""
    if (case.facts.get("sanction") or {}).get("ruling") is not None or binding(case.facts) is not None:
        return None
    if given.conformity != "lighter_accepted" or given.reason is not None:
        return None
    return Refusal(
        "reason-missing",
        "Menerima hukuman yang lebih ringan harus disertai alasan pada reason.",
        "Accepting a lighter sanction has to say why, under reason.",
        pointer="#/reason",
    )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def closed(case: CaseView, given: Closing) -> Changes:
    """The examiner's judgment."""
    return {
        "closing": {
            "conformity": given.conformity,
            "note": given.note,
            "reason": {"code": given.reason.code, "text": given.reason.text} if given.reason else None,
            "contest_waived": (
                {"on": given.contest_waived.on.isoformat(), "document": str(given.contest_waived.document)}
                if given.contest_waived
                else None
            ),
            "remedy_judged": given.remedy_judged,
        }
    }
