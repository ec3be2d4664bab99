"""Contesting: which remedy is open against a sanction, who records it, and how late it was filed.

The row stands in `remedy`. A late filing is flagged and left to whoever rules. PP 79/2021; UU 5/1986.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from casefiles.file import OpenContest, Warned, there
from casefiles.flow.binding import binding, not_bound
from casefiles.flow.dates import FILINGS, OneOf, Tells
from casefiles.flow.examination import letter_of
from casefiles.flow.given import Act, Letter
from casefiles.flow.grammar import CaseView, Changes, Party, Referral, Refusal
from casefiles.flow.guards import foreseen
from casefiles.flow.silence import (
    RULES,
    decide_by,
)
from casefiles.flow.versions import (
    remedy_in_force,
    remedy_in_force_ends,
    settled,
    warned,
)
from casefiles.shapes import Code, Date, Doc, DocumentId, Items, NotAfterToday

# --- what each transition takes -------------------------------------------------------------------------------------

FILED = OneOf(tuple(FILINGS.values()), lambda given: FILINGS[given.kind])


@dataclass(frozen=True, slots=True, kw_only=True)
class Contesting(Act):
    """contest: an objection, an appeal or a lawsuit was filed against the sanction."""

    kind: Annotated[str, Code("contest_kind"), Doc(id="Jenis upaya", en="Kind of contest", example="objection")]
    filed_on: Annotated[
        Date, NotAfterToday(), Tells(FILED), Doc(id="Tanggal pengajuan", en="Day of filing", example="2024-11-18")
    ]
    letter: (
        Annotated[Letter, Tells("contest_letter"), Doc(id="Surat keberatan, banding, atau gugatan", en="The letter")]
        | None
    ) = None
    documents: Annotated[tuple[DocumentId, ...], Items(0, 50), Doc(id="Dokumen", en="Documents")] = ()


# --- what each requires ---------------------------------------------------------------------------------------------


def lodged_where_it_belongs(case: CaseView, given: Contesting) -> Refusal | None:
    """The appeal board lodges appeals; objections and lawsuits are recorded by the addressee."""
    if given.kind == "appeal" or Party.ADDRESSEE in case.acts_as:
        return None
    return Refusal(
        "not-yours-to-lodge",
        "BPASN hanya mencatat banding administratif; keberatan dan gugatan dicatat oleh instansi penerima rekomendasi.",
        "The appeal board records appeals only; objections and lawsuits are recorded by the addressee.",
        pointer="#/kind",
    )


def not_settled_before(case: CaseView, given: Contesting) -> Refusal | None:
    """No second contest of a kind that was settled."""
    if given.kind not in settled(case.facts):
        return None
    return Refusal(
        "contested-already",
        "Upaya jenis ini sudah diajukan dan diputus untuk hukuman ini.",
        "A contest of this kind was filed against this sanction and settled already.",
        pointer="#/kind",
    )


def something_may_still_be_filed(case: CaseView, given: Any) -> Refusal | None:
    """Against what a ruling binds there is the court alone: its suit is recorded by the addressee, and once."""
    if "lawsuit" in settled(case.facts) or Party.ADDRESSEE not in case.acts_as:
        return not_bound(case, given)
    return None


def only_a_court_after_a_ruling(case: CaseView, given: Contesting) -> Refusal | None:
    """No objection and no appeal against what the appeal board or a court has ruled."""
    if given.kind == "lawsuit" or given.kind in settled(case.facts) or something_may_still_be_filed(case, given):
        return None
    return not_bound(case, given)


def kind_is_the_remedy(case: CaseView, given: Contesting) -> Refusal | None:
    """The sanction's own remedy first; a court once that was settled, or at once where there is none."""
    if binding(case.facts) is not None:
        return None
    remedy = remedy_in_force(case)
    done = settled(case.facts)
    if given.kind in done or given.kind == remedy or (given.kind == "lawsuit" and (remedy == "none" or done)):
        return None
    first = "lawsuit" if remedy == "none" or remedy in done else remedy
    return Refusal(
        "not-the-remedy",
        f"Upaya yang terbuka terhadap hukuman ini adalah {first}.",
        f"What may be filed against this sanction now is: {first}.",
        pointer="#/kind",
    )


def there_is_a_board(case: CaseView, given: Contesting) -> Refusal | None:
    """An appeal lies before an appeal board, and one takes part on that day."""
    if given.kind != "appeal" or any("appeal_board" in one.roles and one.in_force for one in case.agencies.values()):
        return None
    return Refusal(
        "no-appeal-board",
        "Tidak ada badan banding yang terdaftar dan berlaku pada hari ini. Minta operator mendaftarkannya, lalu catat "
        "banding ini.",
        "No appeal board is registered and in force on this day. Ask the operator to register it; then record the "
        "appeal.",
        pointer="#/kind",
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    kind: str


some_remedy_is_open = foreseen(
    lambda case: [_Kind(kind) for kind in RULES],
    lodged_where_it_belongs,
    not_settled_before,
    kind_is_the_remedy,
    there_is_a_board,
)

# --- what becomes of the file ---------------------------------------------------------------------------------------


def timed(case: CaseView, contest: OpenContest) -> OpenContest:
    """The contest with what is counted for it: the last day of its window, by how much it is late, when it is decided.

    A court judges its own time limit.
    """
    last_day = None if contest["kind"] == "lawsuit" else remedy_in_force_ends(case)
    days_late = max(0, (date.fromisoformat(contest["filed_on"]) - last_day).days) if last_day else 0
    decided = decide_by(case, contest)
    return {
        **contest,
        "late": bool(days_late),
        "days_late": days_late,
        "last_day": last_day.isoformat() if last_day else None,
        "decide_by": decided.isoformat() if decided else None,
    }


LATE_WARNINGS = ("contest-late",)


def late_warning(contest: OpenContest) -> list[Warned]:
    """What the file warns of where the contest was filed late."""
    if not contest["late"]:
        return []
    days, last_day = contest["days_late"], contest["last_day"]
    return [
        {
            "code": "contest-late",
            "pointer": "#/contest/filed_on",
            "id": f"Diajukan {days} hari sesudah hari terakhir ({last_day}); pihak yang memutus menilai akibatnya.",
            "en": f"Filed {days} day(s) after the last day ({last_day}); whoever rules on it judges what follows.",
        }
    ]


def contested(case: CaseView, given: Contesting) -> Changes:
    """The contest that is open; a late one is flagged, with its last day."""
    contest = timed(
        case,
        {
            "kind": given.kind,
            "sanction_version": there(case.facts["sanction"])["version"],
            "filed_on": given.filed_on.isoformat(),
            "letter": letter_of(given.letter) if given.letter else None,
        },
    )
    return {"contest": contest, "warnings": warned(case.facts, LATE_WARNINGS, late_warning(contest))}


def opened_by_contest(case: CaseView, given: Contesting) -> Referral:
    """Whoever rules on it has the turn, from the day of filing, by the rule of that kind."""
    return Referral(
        to=Party.APPEAL_BOARD if given.kind == "appeal" else Party.ADDRESSEE,
        purpose="settle",
        rule=lambda given: RULES[given.kind],
        runs_from=lambda case, given: given.filed_on,
    )
