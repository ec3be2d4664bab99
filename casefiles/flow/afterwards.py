"""Afterwards: a closed case is opened again, and a recorded fact is corrected, by whoever recorded it.

What was decided stays in the history: a case that is opened again keeps its former outcome under `reopened`, and a
corrected fact its former value in the versions before. No correction moves a state. UU 30/2014 art. 63; UU 27/2022
art. 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated

from casefiles.file import CaseFile, Corrected, there
from casefiles.flow import chronology, correcting, corrections, ladder, replacing, valuing, versions
from casefiles.flow.binding import not_bound
from casefiles.flow.corrections import FactName
from casefiles.flow.given import Act, AmendReason
from casefiles.flow.grammar import (
    CaseView,
    Changes,
    Clock,
    NewDue,
    Party,
    Referral,
    Refusal,
    State,
    Target,
    Transition,
)
from casefiles.flow.guards import foreseen
from casefiles.flow.reopening import (
    Reopening,
    by_ground,
    goes_on_where_it_can,
    not_merged,
    reopened,
    sanction_to_appeal,
    undoes_no_ruling,
    whose_officer_it_never_was,
)
from casefiles.shapes import Between, Doc, DocumentId, Text

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Act):
    """correct: one recorded fact, its right value, and why it was wrong."""

    fact: Annotated[
        FactName,
        Doc(id="Fakta, dari daftar di docs/flow.md", en="The fact, from the list in docs/flow.md", example="#/unit"),
    ]
    violation: (
        Annotated[int, Between(1, 100), Doc(id="Nomor pelanggaran, untuk #/violations/*/…", en="Violation's number")]
        | None
    ) = None
    value: (
        Annotated[
            str,
            Text(8000),
            Doc(
                id="Nilai yang benar: teks, kode, id dokumen, atau tanggal TTTT-BB-HH; beberapa kode dipisah koma; "
                "null: kosong",
                en="The right value: text, a code, a document's id, or a date YYYY-MM-DD; several codes with commas; "
                "null: none",
                example="Direktorat Wasdal",
            ),
        ]
        | None
    )
    replaces: (
        Annotated[
            DocumentId,
            Doc(
                id="Dokumen berkas yang digantikan, untuk #/documents/*; penggantinya pada value",
                en="The document of the file that is replaced, for #/documents/*; the new one is the value",
            ),
        ]
        | None
    ) = None
    reason: Annotated[
        AmendReason,
        Doc(
            id="Alasan; dengan identity_updated perkara tetap ditemukan dengan NIP yang lama",
            en="Reason; with identity_updated the case is found by the former NIP, too",
            example={"code": "clerical_error"},
        ),
    ]
    document: Annotated[DocumentId, Doc(id="Dokumen pendukung", en="Supporting document")] | None = None


# --- correct: what it requires --------------------------------------------------------------------------------------


def by_its_author(case: CaseView, given: Correction) -> Refusal | None:
    """A fact is corrected by whoever had to state it."""
    if given.fact in corrections.CHANGED_BY:
        return None
    if corrections.authors(case, given.fact) & case.acts_as:
        return None
    if corrections.CORRECTABLE[given.fact].author == "decree" and Party.ADDRESSEE in case.acts_as:
        return not_bound(case, given)
    whose_id, whose_en = corrections.AUTHORS[corrections.CORRECTABLE[given.fact].author]
    return Refusal(
        "not-the-author",
        f"Fakta ini dibetulkan oleh {whose_id}. Sampaikan kepadanya dengan note.",
        f"This fact is corrected by {whose_en}. Tell them with a note.",
        pointer="#/fact",
        resolve_with=("note",),
    )


def of_a_violation_of_the_file(case: CaseView, given: Correction) -> Refusal | None:
    """A fact of a violation says of which; any other fact says of none."""
    numbers = sorted(one["number"] for one in case.facts["violations"])
    listed = ", ".join(map(str, numbers))
    if not corrections.of_violation(given.fact) and given.violation is not None:
        return Refusal(
            "violation-unwanted",
            "Fakta ini bukan bagian dari suatu pelanggaran; kosongkan violation.",
            "This fact belongs to no violation; leave violation out.",
            pointer="#/violation",
        )
    if not corrections.of_violation(given.fact) or given.violation in numbers:
        return None
    return Refusal(
        "violation-unknown",
        f"Sebut nomor pelanggaran perkara ini pada violation. Nomornya: {listed}.",
        f"Name a violation of this casefile under violation. It has: {listed}.",
        pointer="#/violation",
    )


def already_recorded(case: CaseView, given: Correction) -> Refusal | None:
    """Only what was recorded can be corrected; what is missing is recorded by its act."""
    if given.fact in {*corrections.CHANGED_BY, corrections.DOCUMENT}:
        return None
    if of_a_violation_of_the_file(case, given) or corrections.is_there(case, given.fact, given.violation):
        return None
    of_the_finding = corrections.of_violation(given.fact) or corrections.of_the_finding(given.fact)
    acts = () if of_the_finding else corrections.first_recorded_by(given.fact)
    return Refusal(
        "fact-not-there",
        "Fakta ini belum tercatat pada perkara, sehingga tidak ada yang dibetulkan.",
        "This fact is not recorded in the casefile yet, so there is nothing to correct.",
        pointer="#/fact",
        resolve_with=acts,
    )


@dataclass(frozen=True, slots=True)
class _Named:
    fact: str
    violation: int | None


def _facts_of_the_file(case: CaseView) -> Iterator[_Named]:
    """Every fact of the list, for each violation; those first that the acting party may state."""
    owns_one = any(document["owner"] == case.acting.code for document in case.facts["documents"])
    for fact in sorted(corrections.CORRECTABLE, key=lambda one: not corrections.authors(case, one) & case.acts_as):
        if fact == corrections.DOCUMENT and not owns_one:
            continue
        of_each = corrections.of_violation(fact)
        numbers = [one["number"] for one in case.facts["violations"]] if of_each else [None]
        yield from (_Named(fact, number) for number in numbers)


some_fact_is_theirs = foreseen(_facts_of_the_file, by_its_author, already_recorded)


def value_keeps_the_rules(case: CaseView, given: Correction) -> Refusal | None:
    """The value is held to the rules of the field in which the fact was first given."""
    if given.fact in {*corrections.CHANGED_BY, corrections.DOCUMENT}:
        return None
    value = valuing.valued(case, given.fact, given.value)
    return value if isinstance(value, Refusal) else None


def changes_something(case: CaseView, given: Correction) -> Refusal | None:
    """The right value differs from the recorded one."""
    if given.fact == corrections.DOCUMENT or not _may_be_written(case, given):
        return None
    recorded = corrections.read(case.facts, given.fact, given.violation)
    if valuing.valued(case, given.fact, given.value) != recorded:
        return None
    return Refusal(
        "nothing-to-correct",
        "Fakta ini sudah tercatat dengan nilai itu.",
        "The fact is recorded with that value already.",
        pointer="#/value",
    )


def dates_stay_in_order(case: CaseView, given: Correction) -> Iterable[Refusal]:
    """No corrected day newly contradicts one that is certain; two that were told are corrected in any order."""
    if not _may_be_written(case, given):
        return ()
    after: CaseFile = {**case.facts, **_written(case, given)}
    return chronology.newly_contradicted(case.facts, after, pointer="#/value", in_order=corrections.IN_THE_ROW)


# --- correct: what becomes of the file ------------------------------------------------------------------------------


def corrected(case: CaseView, given: Correction) -> Changes:
    """The fact, whatever is computed from it, and that it was corrected; its values are told by the timeline."""
    made: Corrected = {
        "fact": given.fact,
        "violation": given.violation,
        "by": case.acting.code,
        "on": case.today.isoformat(),
        "reason": {"code": given.reason.code, "text": given.reason.text},
    }
    changes: Changes = {**_written(case, given), "corrections": [*case.facts.get("corrections", ()), made]}
    moved = due_as_it_would_have_been(case, given)
    if moved is not None and moved.clock_from is not None and case.facts.get("ladder"):
        changes["ladder"] = ladder.followed(case, moved.clock_from)
    return changes


def _may_be_written(case: CaseView, given: Correction) -> bool:
    judged = (
        correcting.not_another_act_s,
        of_a_violation_of_the_file,
        already_recorded,
        value_keeps_the_rules,
        replacing.replaces_one_of_the_file,
    )
    return not any(guard(case, given) for guard in judged) and not any(replacing.by_another_of_its_type(case, given))


def _written(case: CaseView, given: Correction) -> Changes:
    """The changed part of the file: class, day of effect and whatever is warned of follow the fact they rest on."""
    if given.fact == corrections.DOCUMENT:
        return replacing.replaced(case, given)
    value = valuing.valued(case, given.fact, given.value)
    changes = corrections.written(case.facts, given.fact, given.violation, value)
    if correcting.of_the_class(given.fact):
        changes["violations"] = [
            correcting.judged_anew(case, one) if one["number"] == given.violation else one
            for one in changes["violations"]
        ]
    if given.fact == "#/received_on" and case.facts.get("served"):
        changes["served"] = {**there(case.facts["served"]), "delivered_on": value}
    if given.fact == "#/subject/nip":
        changes["subject"] = {**changes["subject"], **correcting.former_nips(case, given.reason.code, value)}
    if given.fact in correcting.OF_THE_EFFECT:
        changes["sanction"] = versions.in_effect(case, there(changes["sanction"]))
    warnings = correcting.warnings(case, given.fact, {**case.facts, **changes})
    if warnings != [*case.facts.get("warnings", ())]:
        changes["warnings"] = warnings
    return changes


def appeal_board_where_it_may_be_called_after_all(case: CaseView, given: Correction) -> tuple[Party, ...]:
    """The board sees the file once a correction shows that the sanction may be appealed."""
    if given.fact not in correcting.OF_THE_REMEDY:
        return ()
    after = replace(case, facts={**case.facts, **_written(case, given)})
    return (Party.APPEAL_BOARD,) if versions.remedy_in_force(after) == "appeal" else ()


def due_as_it_would_have_been(case: CaseView, given: Correction) -> NewDue | None:
    """The day the open clock starts after was corrected: it ends as it would have, and keeps what was granted since."""
    referral = case.referral
    if referral is None:
        return None
    before = correcting.clock_starts(case, case.facts)
    after = correcting.clock_starts(case, {**case.facts, **_written(case, given)})
    if after is None or before != referral.clock_from or after == before:
        return None
    rule, mandate = referral.rule["code"], case.facts["mandate"]
    old, _ = case.law.counted(rule, start=before, time_zone=referral.time_zone, mandate=mandate)
    new, stated = case.law.counted(rule, start=after, time_zone=referral.time_zone, mandate=mandate)
    granted = max(timedelta(0), referral.due_on - old)
    stated = {**stated, "resumed": referral.rule["resumed"]}
    for pause in referral.rule["pauses"]:
        stated = case.law.extended(stated, **{**pause, "until": date.fromisoformat(pause["until"])})
    return NewDue(new + granted, rule=stated, clock_from=after)


# --- the rows -------------------------------------------------------------------------------------------------------

AFTERWARDS = (
    Transition(
        name="reopen",
        title_id="Perkara dibuka kembali",
        title_en="Reopened",
        source=(State.CLOSED,),
        target=by_ground,
        target_states=tuple(state for state in State if state not in {State.CLOSED, State.CONTESTED}),
        by=(Party.EXAMINER,),
        takes=Reopening,
        requires=(not_merged,),
        weighs=(sanction_to_appeal, goes_on_where_it_can, undoes_no_ruling),
        records=reopened,
        opens=Referral(again=Clock.RESUMES),
        ends=whose_officer_it_never_was,
        announces="casefile.reopened",
        article="UU 30/2014",
    ),
    Transition(
        name="correct",
        title_id="Fakta dibetulkan",
        title_en="Fact corrected",
        source=tuple(State),
        target=Target.SAME,
        by=(Party.SUBMITTER, Party.EXAMINER, Party.EMPLOYER, Party.ADDRESSEE),
        takes=Correction,
        requires=(some_fact_is_theirs,),
        weighs=(
            correcting.not_another_act_s,
            by_its_author,
            of_a_violation_of_the_file,
            already_recorded,
            value_keeps_the_rules,
            valuing.contest_exists,
            replacing.replaces_one_of_the_file,
            replacing.by_another_of_its_type,
            changes_something,
            dates_stay_in_order,
            correcting.number_is_free,
        ),
        records=corrected,
        moves=due_as_it_would_have_been,
        grants=appeal_board_where_it_may_be_called_after_all,
        announces="casefile.corrected",
        article="UU 30/2014 pasal 63; UU 27/2022 pasal 6",
    ),
)
