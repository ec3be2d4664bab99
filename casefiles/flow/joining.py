"""Joining: the same matter of the same officer reached the authority twice, through two channels or two offices.

One casefile is merged into the one that is at least as far along; it closes, and the other absorbs it: whoever
forwarded the first follows the second from then on. Both numbers stay findable. Within thirty days a merge may be
undone, and each goes on as it was. Nothing is merged once a sanction was reported: then the other case is terminated
as `already_sanctioned`. SKB 2/2022; UU 30/2014.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from casefiles import nip
from casefiles.file import there
from casefiles.flow.absorption import Absorption, absorbed, released, seen_for_its_sake, side_of, told, told_again
from casefiles.flow.dates import Tells
from casefiles.flow.given import Act, Letter, UnmergeReason
from casefiles.flow.grammar import (
    OPEN,
    CaseView,
    Changes,
    Clock,
    Facts,
    Pair,
    Party,
    Referral,
    Refusal,
    State,
    Target,
    Transition,
)
from casefiles.flow.judging import AWAY, reasons_of
from casefiles.names import name_key
from casefiles.shapes import Doc, Ref, Text

# Days within which a merge may be undone, the day after the merge being the first.
UNDONE_WITHIN = 30

# How far along a case is. Away from its examiner or in dispute it is as far as where it came from.
ALONG = (
    State.SUBMITTED,
    State.UNDER_EXAMINATION,
    State.RECOMMENDED,
    State.AWAITING_SANCTION,
    State.SANCTION_REPORTED,
)
MERGEABLE = (
    State.SUBMITTED,
    State.IDENTITY_REQUESTED,
    State.RETURNED,
    State.UNDER_EXAMINATION,
    State.RECOMMENDED,
    State.AWAITING_SANCTION,
    State.DISPUTED,
)

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging(Act):
    """merge: into which casefile this one goes."""

    into: Annotated[
        UUID,
        Ref("casefile"),
        Doc(
            id="Id perkara yang menerima: pegawai yang sama, tahapnya sama atau lebih jauh",
            en="Id of the casefile that takes it in: the same officer, as far along or further",
        ),
    ]
    text: Annotated[str, Text(4000), Doc(id="Penjelasan", en="Explanation", example="Temuan yang sama.")] | None = None
    letter: Annotated[Letter, Tells("office_letter"), Doc(id="Surat", en="Letter")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerging(Act):
    """unmerge: the merge is undone, and why."""

    reason: Annotated[UnmergeReason, Doc(id="Alasan", en="Reason", example={"code": "not_the_same_act"})]
    letter: Annotated[Letter, Tells("parted"), Doc(id="Surat", en="Letter")] | None = None


# --- what each requires ---------------------------------------------------------------------------------------------


def examiner_of_both(case: CaseView, given: Any) -> Refusal | None:
    """Whoever joins or parts two casefiles examines both."""
    if case.other is None or Party.EXAMINER in case.other.acts_as:
        return None
    return Refusal(
        "not-your-casefile",
        "Perkara yang menerima diperiksa instansi lain. Hanya pemeriksa kedua perkara yang dapat menggabungkan atau "
        "memisahkannya.",
        "The other casefile is examined by another agency. Only the examiner of both may join or part them.",
        pointer="#/into" if hasattr(given, "into") else "#/merged",
    )


def same_officer(case: CaseView, given: Merging) -> Refusal | None:
    """Both are about one officer: by NIP; where one has none yet by name, and by employer where both name one."""
    if case.other is None or is_same_officer(case.facts, case.other.facts):
        return None
    return _another_subject()


def _another_subject() -> Refusal:
    """Both are about one officer: by NIP; where one has none yet by name, and by employer where both name one."""
    return Refusal(
        "another-subject",
        "Kedua perkara bukan tentang pegawai yang sama menurut NIP, atau menurut nama dan instansi bila NIP belum "
        "diketahui. Lengkapi identitasnya dahulu dengan identify.",
        "The two casefiles are not about one officer, by NIP, or by name and employer while a NIP is not known. "
        "Identify the officer first.",
        pointer="#/into",
        resolve_with=("identify", "request-identity"),
    )


def some_casefile_takes_it(case: CaseView, given: Any) -> tuple[Refusal, ...]:
    """Before a casefile is named: there is one of the same officer that may take this one in."""
    if given is not None or case.others is None:
        return ()
    fewest: tuple[Refusal, ...] = (_another_subject(),)
    for number, other in enumerate(case.others):
        pair = replace(case, other=other)
        into = Merging(into=UUID(other.id))
        judged = (examiner_of_both, same_officer, into_an_open_casefile, into_one_that_is_as_far)
        reasons = tuple(reason for one in judged for reason in reasons_of(one(pair, into)))
        if not reasons:
            return ()
        if number == 0 or len(reasons) < len(fewest):
            fewest = reasons
    return fewest


def is_same_officer(facts: Facts, other: Facts) -> bool:
    """Whether two files name the same officer."""
    mine, theirs = facts["subject"], other["subject"]
    if nip.all_of(mine) and nip.all_of(theirs):
        return bool(nip.all_of(mine) & nip.all_of(theirs))
    name, other_name = mine.get("name"), theirs.get("name")
    if not name or not other_name or name_key(name) != name_key(other_name):
        return False
    employers = {one.get("employer") for one in (facts, other)} - {None}
    return len(employers) < 2


def into_an_open_casefile(case: CaseView, given: Merging) -> Refusal | None:
    """The casefile that takes another in is open, and no remedy against its sanction is pending."""
    if case.other is None or case.other.state not in {State.CLOSED, State.CONTESTED}:
        return None
    if case.other.facts.get("outcome") == "merged":
        return Refusal(
            "target-merged",
            "Perkara itu sendiri sudah digabungkan. Sebut perkara yang menerimanya (merged.into).",
            "That casefile was merged itself. Name the one it was merged into (merged.into).",
            pointer="#/into",
        )
    return Refusal(
        "target-not-open",
        "Perkara itu sudah ditutup atau hukumannya sedang digugat. Bila pegawai sudah dihukum atas perbuatan yang "
        "sama, akhiri perkara ini dengan terminate, alasan already_sanctioned.",
        "That casefile is closed, or its sanction is contested. If the officer was sanctioned for the same act, "
        "terminate this one, reason already_sanctioned.",
        pointer="#/into",
        resolve_with=("terminate", "reopen"),
    )


def into_one_that_is_as_far(case: CaseView, given: Merging) -> Refusal | None:
    """The casefile that takes another in is at least as far along."""
    if case.other is None or case.other.state in {State.CLOSED, State.CONTESTED} or along(case.other) >= along(case):
        return None
    return Refusal(
        "target-behind",
        "Perkara itu belum sejauh perkara ini. Gabungkan sebaliknya: perkara itu ke dalam perkara ini.",
        "That casefile is not as far along as this one. Merge the other way round: that one into this one.",
        pointer="#/into",
        resolve_with=("merge",),
    )


def along(case: CaseView) -> int:
    """How far along a case is, as a number to compare."""
    state = case.came_from if case.state in AWAY else case.state
    return ALONG.index(state or State.SUBMITTED)


def nothing_imposed_yet(case: CaseView, given: Any) -> Refusal | None:
    """No sanction was reported in the casefile that is to be merged, not even one that is being corrected."""
    if case.facts.get("sanction") is None:
        return None
    return Refusal(
        "sanction-reported",
        "Pada perkara ini sudah dilaporkan hukuman, sehingga tidak dapat digabungkan. Gabungkan perkara lain ke "
        "dalamnya, atau akhiri dengan terminate.",
        "A sanction was reported in this casefile, so it cannot be merged. Merge the other into it, or terminate it.",
        pointer="#/sanction",
        resolve_with=("terminate",),
    )


def was_merged(case: CaseView, given: Any) -> Refusal | None:
    """Only a casefile that was closed by a merge is parted again."""
    if case.facts.get("outcome") == "merged":
        return None
    return Refusal(
        "not-merged",
        "Perkara ini tidak ditutup karena digabungkan. Perkara yang ditutup dengan cara lain dibuka dengan reopen.",
        "This casefile was not closed by a merge. What was closed in another way is opened with reopen.",
        pointer="#/outcome",
        resolve_with=("reopen",),
    )


def merged_lately(case: CaseView, given: Any) -> Refusal | None:
    """A merge is undone within thirty days of the day it happened."""
    merged = case.facts.get("merged")
    if merged is None or (case.today - date.fromisoformat(merged["on"])).days <= UNDONE_WITHIN:
        return None
    return Refusal(
        "too-late",
        f"Penggabungan hanya dapat dibatalkan dalam {UNDONE_WITHIN} hari; perkara ini digabungkan pada {merged['on']}.",
        f"A merge may be undone within {UNDONE_WITHIN} days only; this casefile was merged on {merged['on']}.",
        pointer="#/merged/on",
    )


def other_is_still_there(case: CaseView, given: Any) -> Refusal | None:
    """The casefile that took it in can still be told: its content is there, and the examiner sees it."""
    if case.other is not None or case.facts.get("merged") is None:
        return None
    return Refusal(
        "target-gone",
        "Perkara yang menerima perkara ini sudah dihapus isinya atau tidak lagi diperiksa instansi Anda.",
        "The casefile that took this one in was erased, or is not your agency's any more.",
        pointer="#/merged/into",
    )


def other_was_not_merged_on(case: CaseView, given: Any) -> Refusal | None:
    """Of a chain of merges the last is undone first: those before it see where it led."""
    if case.other is None or case.other.facts.get("outcome") != "merged":
        return None
    return Refusal(
        "target-merged-on",
        "Perkara yang menerima perkara ini kemudian digabungkan juga. Batalkan dahulu penggabungan itu dengan unmerge.",
        "The casefile that took this one in was merged itself later. Undo that merge first, with unmerge.",
        pointer="#/merged/into",
        resolve_with=("unmerge",),
    )


# --- what becomes of the files --------------------------------------------------------------------------------------


def merged(case: CaseView, given: Merging) -> Changes:
    """Where it went, from which state, and when: it may come back."""
    if case.other is None:
        raise ValueError("a merge concerns two casefiles")
    return {
        "merged": {
            "into": str(given.into),
            "number": case.other.number,
            "from": str(case.state),
            "on": case.today.isoformat(),
        }
    }


def unmerged(case: CaseView, given: Unmerging) -> Changes:
    """It stands for itself again."""
    return {"merged": None}


def back_to_where_it_stood(case: CaseView, given: Unmerging) -> State:
    """The state it was merged from."""
    return State(there(case.facts["merged"])["from"])


def into_of(given: Merging, facts: Facts) -> str:
    """The casefile that takes this one in, as the body names it."""
    return str(given.into)


def merged_into(given: Unmerging, facts: Facts) -> str | None:
    """The casefile that took this one in, as the file has it."""
    into: str | None = (facts.get("merged") or {}).get("into")
    return into


# --- the rows -------------------------------------------------------------------------------------------------------

JOINING = (
    Transition(
        name="merge",
        title_id="Perkara digabungkan",
        title_en="Merged into another casefile",
        source=MERGEABLE,
        target=State.CLOSED,
        outcome="merged",
        by=(Party.EXAMINER,),
        takes=Merging,
        requires=(nothing_imposed_yet, some_casefile_takes_it),
        weighs=(examiner_of_both, same_officer, into_an_open_casefile, into_one_that_is_as_far),
        records=merged,
        pairs=Pair(which=into_of, row="absorb", tells=told),
        announces="casefile.merged",
        article="SKB 2/2022",
    ),
    Transition(
        name="absorb",
        title_id="Perkara lain diterima",
        title_en="Another casefile taken in",
        source=OPEN,
        target=Target.SAME,
        by=(Party.EXAMINER,),
        routed=False,
        takes=Absorption,
        records=absorbed,
        grants=side_of,
        announces="casefile.absorbed",
        article="SKB 2/2022",
    ),
    Transition(
        name="unmerge",
        title_id="Penggabungan dibatalkan",
        title_en="Merge undone",
        source=(State.CLOSED,),
        target=back_to_where_it_stood,
        target_states=MERGEABLE,
        by=(Party.EXAMINER,),
        takes=Unmerging,
        requires=(was_merged, merged_lately, other_is_still_there, examiner_of_both, other_was_not_merged_on),
        records=unmerged,
        opens=Referral(clock=Clock.RESUMES),
        pairs=Pair(which=merged_into, row="release", tells=told_again),
        announces="casefile.unmerged",
        article="UU 30/2014",
    ),
    Transition(
        name="release",
        title_id="Perkara lain dilepas",
        title_en="The other casefile released",
        source=tuple(State),
        target=Target.SAME,
        by=(Party.EXAMINER,),
        routed=False,
        takes=Absorption,
        records=released,
        ends=seen_for_its_sake,
        forgets=True,
        announces="casefile.released",
        article="UU 30/2014",
    ),
)
