"""Execution: the sanction is carried out, a moral one read out; that may happen after the case was closed.

A moral sanction takes effect on that day; any other keeps its own, and what was done is only recorded. PP 42/2004
art. 15; PP 94/2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from casefiles.file import Execution as ExecutionHeld
from casefiles.file import there
from casefiles.flow.dates import Tells
from casefiles.flow.given import Act
from casefiles.flow.grammar import CaseView, Changes, Party, Refusal, State, Target, Transition
from casefiles.flow.versions import EFFECT_WARNINGS, counts, effect_warnings, in_effect, warned
from casefiles.shapes import Code, Date, Doc, DocumentId, NotAfterToday, Text

# --- what it takes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution(Act):
    """record-execution: the sanction was carried out, with its proof; `form` for a moral sanction only."""

    executed_on: Annotated[
        Date,
        NotAfterToday(),
        Tells("carried_out"),
        Doc(id="Tanggal pelaksanaan", en="Day it was carried out", example="2024-12-02"),
    ]
    proof: Annotated[DocumentId, Doc(id="Bukti pelaksanaan", en="Proof")]
    form: (
        Annotated[str, Code("moral_form"), Doc(id="Bentuk pernyataan moral", en="Form", example="ceremony")] | None
    ) = None
    attended: Annotated[bool, Doc(id="Pegawai hadir?", en="Was the officer there?", example=True)] = True
    place: Annotated[str, Text(200), Doc(id="Tempat", en="Place", example="Halaman balai kota")] | None = None


# --- what it requires -----------------------------------------------------------------------------------------------


def a_sanction_stands(case: CaseView, given: Any) -> Refusal | None:
    """On a closed casefile only a sanction that stood is carried out."""
    if case.state is not State.CLOSED or case.facts.get("outcome") == "sanctioned":
        return None
    return Refusal(
        "not-sanctioned",
        "Perkara ini tidak ditutup dengan hukuman; tidak ada yang dilaksanakan.",
        "This casefile was not closed with a sanction: there is nothing to carry out.",
        pointer="#/outcome",
    )


def not_carried_out_yet(case: CaseView, given: Any) -> Refusal | None:
    """Once for each version; again only where it could not be done for want of the officer."""
    sanction = case.facts.get("sanction") or {}
    if not any(counts(one) for one in sanction.get("executions") or ()):
        return None
    return Refusal(
        "executed-already",
        "Pelaksanaan hukuman ini sudah tercatat.",
        "That this sanction was carried out is recorded already.",
        pointer="#/sanction/executions",
    )


def form_fits_the_sanction(case: CaseView, given: Execution) -> Refusal | None:
    """A moral sanction says its form, a closed one a closed room; others have none (PP 42/2004 art. 15)."""
    sanction = case.facts.get("sanction") or {}
    code = sanction.get("sanction") or ""
    if case.law.sanction(code).get("family") != "moral":
        if given.form is None:
            return None
    elif given.form is not None and (given.form == "closed_room") is (code == "moral_closed"):
        return None
    return Refusal(
        "form-does-not-fit",
        "Sanksi moral menyebut bentuk pernyataannya pada form: closed_room untuk yang tertutup, bentuk lain untuk yang "
        "terbuka. Hukuman lain tidak memakai form.",
        "A moral sanction says under form how it was stated: closed_room if it is a closed one, another form if it is "
        "open. Other sanctions have no form.",
        pointer="#/form",
    )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def carried_out(case: CaseView, given: Execution) -> Changes:
    """One more execution; a moral sanction takes effect with the first that counts."""
    sanction = there(case.facts["sanction"])
    execution: ExecutionHeld = {
        "executed_on": given.executed_on.isoformat(),
        "form": given.form,
        "attended": given.attended,
        "place": given.place,
        "proof": str(given.proof),
    }
    executed = in_effect(case, {**sanction, "executions": [*(sanction.get("executions") or ()), execution]})
    return {
        "sanction": executed,
        "warnings": warned(case.facts, EFFECT_WARNINGS, effect_warnings(case, executed)),
    }


# --- the row --------------------------------------------------------------------------------------------------------


EXECUTION = (
    Transition(
        name="record-execution",
        title_id="Hukuman dilaksanakan",
        title_en="Sanction carried out",
        source=(State.SANCTION_REPORTED, State.CLOSED),
        target=Target.SAME,
        by=(Party.ADDRESSEE,),
        takes=Execution,
        requires=(a_sanction_stands, not_carried_out_yet),
        weighs=(form_fits_the_sanction,),
        records=carried_out,
        announces="casefile.executed",
        article="PP 42/2004 pasal 15; PP 94/2021",
    ),
)
