"""Afterwards: a closed case is opened again, and a recorded fact is corrected, by whoever recorded it.

What was decided stays in the history: a case that is opened again keeps its former outcome under `reopened`, and a
corrected fact its former value in the versions before. No correction moves a state. UU 30/2014 art. 63; UU 27/2022
art. 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from casefiles import nip
from casefiles.flow import corrections, ladder, versions
from casefiles.flow.corrections import FactName
from casefiles.flow.given import Act, AmendReason, Letter, Official, ReopenReason
from casefiles.flow.grammar import (
    CaseView,
    Changes,
    Facts,
    NewDue,
    Party,
    Referral,
    Refusal,
    Stage,
    Target,
    Transition,
)
from casefiles.flow.guards import foreseen
from casefiles.shapes import Between, Doc, DocumentId, Text

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening(Act):
    """reopen: on what ground, by which letter, decided by whom. The ground says where the case goes on."""

    ground: Annotated[ReopenReason, Doc(id="Dasar", en="Ground", example={"code": "new_evidence"})]
    letter: Annotated[Letter, Doc(id="Surat", en="Letter")]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]


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
                id="Nilai yang benar: teks, kode, atau tanggal TTTT-BB-HH; beberapa kode dipisah koma; null: kosong",
                en="The right value: text, a code, or a date YYYY-MM-DD; several codes with commas; null: none",
                example="Direktorat Wasdal",
            ),
        ]
        | None
    )
    reason: Annotated[AmendReason, Doc(id="Alasan", en="Reason", example={"code": "clerical_error"})]
    document: Annotated[DocumentId, Doc(id="Dokumen pendukung", en="Supporting document")] | None = None


# --- reopen: what it requires ---------------------------------------------------------------------------------------


def not_merged(case: CaseView, given: Any) -> Refusal | None:
    """What was merged is parted again, not reopened."""
    if case.facts.get("outcome") != "merged":
        return None
    return Refusal(
        "merged-not-reopened",
        "Perkara ini digabungkan, bukan diputus. Batalkan penggabungannya dengan unmerge.",
        "This casefile was merged, not decided. Undo the merge with unmerge.",
        pointer="#/outcome",
        resolve_with=("unmerge",),
    )


def sanction_to_appeal(case: CaseView, given: Reopening) -> Refusal | None:
    """An appeal that became known late needs a sanction it is made against."""
    if given.ground.code != "late_appeal" or case.facts.get("sanction") is not None:
        return None
    return Refusal(
        "no-sanction",
        "Pada perkara ini tidak ada hukuman yang dilaporkan, sehingga tidak ada yang dapat digugat. Pilih dasar lain.",
        "No sanction was reported in this casefile, so there is nothing to appeal. Choose another ground.",
        pointer="#/ground/code",
    )


# What a file must hold for its turn in that stage to be somebody's.
NEEDS: dict[Stage, tuple[str, ...]] = {
    Stage.IDENTITY_REQUESTED: ("employer",),
    Stage.RETURNED: ("returned",),
    Stage.RECOMMENDED: ("addressee", "recommendation"),
    Stage.AWAITING_SANCTION: ("addressee", "recommendation"),
    Stage.DISPUTED: ("addressee", "recommendation"),
    Stage.SANCTION_REPORTED: ("addressee", "recommendation", "sanction"),
}


def goes_on_where_it_can(case: CaseView, given: Reopening) -> Refusal | None:
    """The file holds what the stage it goes on in needs: whose turn it is, and what he is to act on."""
    stage = by_ground(case, given)
    # Without a sanction a late appeal is refused for that reason already.
    if sanction_to_appeal(case, given) or all(case.facts.get(name) for name in NEEDS.get(stage, ())):
        return None
    return Refusal(
        "target-incomplete",
        f"Dengan dasar ini perkara berlanjut pada tahap {stage}, tetapi berkasnya tidak memuat yang diperlukan di "
        "sana. Pilih dasar lain, misalnya new_evidence.",
        f"On this ground the case would go on in the state {stage}, but the file lacks what is needed there. Choose "
        "another ground, for example new_evidence.",
        pointer="#/ground/code",
    )


def by_ground(case: CaseView, given: Reopening) -> Stage:
    """Where the case goes on: for an error where it was, for a wrong person at the beginning, else examined again."""
    imposed = case.facts.get("sanction") is not None
    match given.ground.code:
        case "closure_error" | "misaddressed_closure":
            stood = Stage(case.facts.get("closed_from") or Stage.SUBMITTED)
            # A remedy that was pending is filed anew.
            return Stage.SANCTION_REPORTED if stood is Stage.CONTESTED else stood
        case "wrong_person":
            return Stage.SUBMITTED
        case "late_appeal":
            return Stage.SANCTION_REPORTED
        case "ruling" if imposed:
            return Stage.SANCTION_REPORTED
        case _:
            return Stage.UNDER_EXAMINATION if was_accepted(case.facts) else Stage.SUBMITTED


def was_accepted(facts: Facts) -> bool:
    """Whether the case had been accepted when it was closed: what never was is verified first, as any other."""
    before = {str(Stage.SUBMITTED), str(Stage.IDENTITY_REQUESTED)}
    stood = facts.get("closed_from")
    return (facts.get("closed_came_from") if stood == str(Stage.RETURNED) else stood) not in before


# --- reopen: what becomes of the file -------------------------------------------------------------------------------


def reopened(case: CaseView, given: Reopening) -> Changes:
    """The former outcome and how it came about stay under `reopened`; the case itself is undecided again."""
    former = {
        "ground": given.ground.code,
        "outcome": case.facts.get("outcome"),
        "closing": case.facts.get("closing"),
        "on": case.today.isoformat(),
    }
    changes: dict[str, Any] = {"closing": None, "reopened": [*case.facts.get("reopened", ()), former]}
    if case.facts.get("contest"):
        # What was pending when the case ended is filed anew.
        changes |= {"contest": None, "warnings": versions.warned(case.facts, ("contest-late",))}
    if given.ground.code == "wrong_person":
        return changes | _nobody_yet(case)
    sanction = case.facts.get("sanction") or {}
    if sanction.get("annulled_on") and by_ground(case, given) is Stage.SANCTION_REPORTED:
        # The annulment fell, so the sanction stands; how it was annulled stays among the contests.
        changes["sanction"] = {**sanction, "annulled_on": None, "annulled_by": None}
    if "recommendation" in NEEDS.get(by_ground(case, given), ()):
        # A retraction had taken back what the recommendation, now in force again, confirms.
        found = case.facts["recommendation"]["violations"]
        changes["violations"] = [{**one, "confirmed": one["number"] in found} for one in case.facts["violations"]]
    return changes


# What a file says of the officer and his agencies besides: whoever is identified next has no part in it.
OF_THE_WRONG_ONE = ("served", "contest")
LISTS_OF_THE_WRONG_ONE = ("contests", "sanction_versions", "measures", "ladder", "not_duplicate_of", "former_employers")


def _nobody_yet(case: CaseView) -> dict[str, Any]:
    """The file without the officer it was wrongly about, and without what was recommended and imposed on him.

    A block of his data stays until it is lifted.
    """
    return {
        **{name: None for name in OF_THE_WRONG_ONE if case.facts.get(name)},
        **{name: [] for name in LISTS_OF_THE_WRONG_ONE if case.facts.get(name)},
        "subject": {
            "identified": False,
            "position_roles": [],
            "violations": case.facts["subject"].get("violations", []),
        },
        "employer": None,
        "claimed_employer": None,
        "addressee": None,
        "recommendation": None,
        "received_on": None,
        "sanction": None,
        "withheld_documents": [],
        "violations": [{**one, "confirmed": None} for one in case.facts["violations"]],
        "warnings": [],
    }


def whose_officer_it_never_was(case: CaseView, given: Reopening) -> tuple[Party, ...]:
    """The wrong person's employer, and whoever had to act on him, have no part in the case any more."""
    return (Party.EMPLOYER, Party.ADDRESSEE) if given.ground.code == "wrong_person" else ()


# --- correct: what it requires --------------------------------------------------------------------------------------


def by_its_author(case: CaseView, given: Correction) -> Refusal | None:
    """A fact is corrected by whoever had to state it."""
    if corrections.authors(case, given.fact) & case.acts_as:
        return None
    whose_id, whose_en = corrections.AUTHORS[corrections.CORRECTABLE[given.fact].author]
    return Refusal(
        "not-the-author",
        f"Fakta ini dibetulkan oleh {whose_id}. Sampaikan kepadanya dengan note.",
        f"This fact is corrected by {whose_en}. Tell him with a note.",
        pointer="#/fact",
        resolve_with=("note",),
    )


def of_a_violation_of_the_file(case: CaseView, given: Correction) -> Refusal | None:
    """A fact of a violation says of which; any other fact says of none."""
    numbers = sorted(one["number"] for one in case.facts["violations"])
    listed = ", ".join(map(str, numbers))
    if "*" not in given.fact and given.violation is not None:
        return Refusal(
            "violation-unwanted",
            "Fakta ini bukan bagian dari suatu pelanggaran; kosongkan violation.",
            "This fact belongs to no violation; leave violation out.",
            pointer="#/violation",
        )
    if "*" not in given.fact or given.violation in numbers:
        return None
    return Refusal(
        "violation-unknown",
        f"Sebut nomor pelanggaran perkara ini pada violation. Nomornya: {listed}.",
        f"Name a violation of this casefile under violation. It has: {listed}.",
        pointer="#/violation",
    )


def already_recorded(case: CaseView, given: Correction) -> Refusal | None:
    """Only what was recorded can be corrected; what is missing is recorded by its act."""
    if of_a_violation_of_the_file(case, given) or corrections.is_there(case, given.fact, given.violation):
        return None
    acts = () if "*" in given.fact else corrections.first_recorded_by(given.fact)
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
    for fact in sorted(corrections.CORRECTABLE, key=lambda one: not corrections.authors(case, one) & case.acts_as):
        numbers = [one["number"] for one in case.facts["violations"]] if "*" in fact else [None]
        yield from (_Named(fact, number) for number in numbers)


some_fact_is_theirs = foreseen(_facts_of_the_file, by_its_author, already_recorded)


def value_keeps_the_rules(case: CaseView, given: Correction) -> Refusal | None:
    """The value is held to the rules of the field in which the fact was first given."""
    value = corrections.valued(case, given.fact, given.value)
    return value if isinstance(value, Refusal) else None


def changes_something(case: CaseView, given: Correction) -> Refusal | None:
    """The right value differs from the recorded one."""
    if not _may_be_written(case, given):
        return None
    recorded = corrections.read(case.facts, given.fact, given.violation)
    if corrections.valued(case, given.fact, given.value) != recorded:
        return None
    return Refusal(
        "nothing-to-correct",
        "Fakta ini sudah tercatat dengan nilai itu.",
        "The fact is recorded with that value already.",
        pointer="#/value",
    )


def dates_stay_in_order(case: CaseView, given: Correction) -> Iterator[Refusal]:
    """No corrected date comes before what it follows, or after what follows it."""
    pairs = [pair for pair in IN_ORDER if given.fact in pair]
    if not pairs or not _may_be_written(case, given):
        return
    after = {**case.facts, **_written(case, given)}
    for pair in pairs:
        first, second = (corrections.read(after, fact, given.violation) for fact in pair)
        if first and second and first > second:
            yield Refusal(
                "dates-run-backwards",
                f"Dengan tanggal ini urutannya terbalik: {first} seharusnya tidak sesudah {second}.",
                f"With this date the order is reversed: {first} should not come after {second}.",
                pointer="#/value",
            )


# Days that may not run backwards, earlier first.
IN_ORDER = (
    ("#/violations/*/act_date", "#/violations/*/act_until"),
    ("#/violations/*/act_date", "#/finding/known_on"),
    ("#/recommendation/letter/date", "#/received_on"),
    ("#/sanction/decision/date", "#/sanction/delivered_on"),
)


# --- correct: what becomes of the file ------------------------------------------------------------------------------


def corrected(case: CaseView, given: Correction) -> Changes:
    """The fact, whatever is computed from it, and that it was corrected; its values are told by the timeline."""
    made = {
        "fact": given.fact,
        "violation": given.violation,
        "by": case.acting.code,
        "on": case.today.isoformat(),
        "reason": {"code": given.reason.code, "text": given.reason.text},
    }
    changes = {**_written(case, given), "corrections": [*case.facts.get("corrections", ()), made]}
    moved = due_as_it_would_have_been(case, given)
    if moved is not None and moved.clock_from is not None and case.facts.get("ladder"):
        changes["ladder"] = ladder.followed(case, moved.clock_from)
    return changes


def _may_be_written(case: CaseView, given: Correction) -> bool:
    judged = (of_a_violation_of_the_file, already_recorded, value_keeps_the_rules)
    return not any(guard(case, given) for guard in judged)


def _written(case: CaseView, given: Correction) -> dict[str, Any]:
    """The changed part of the file: class, doubts about the NIP and day of effect follow the fact they rest on."""
    value = corrections.valued(case, given.fact, given.value)
    changes = corrections.written(case.facts, given.fact, given.violation, value)
    if given.fact.startswith(("#/violations/*/act_", "#/violations/*/contest/")):
        changes["violations"] = [
            {**one, **case.law.classify(one, case.facts["finding"])} if one["number"] == given.violation else one
            for one in changes["violations"]
        ]
    if given.fact == "#/received_on" and case.facts.get("served"):
        changes["served"] = {**case.facts["served"], "delivered_on": value}
    if given.fact in {"#/subject/nip", "#/violations/*/act_date"}:
        after = {**case.facts, **changes}
        changes["warnings"] = [
            *(one for one in case.facts.get("warnings", ()) if one["code"] != nip.CODE),
            *nip.warnings(
                after["subject"].get("nip"),
                employment_kind=after["subject"].get("employment_kind"),
                violations=after["violations"],
            ),
        ]
    if given.fact == "#/sanction/delivered_on":
        changes["sanction"] = versions.in_effect(case, changes["sanction"])
    return changes


def due_as_it_would_have_been(case: CaseView, given: Correction) -> NewDue | None:
    """The day the open clock starts after was corrected: it ends as it would have, and keeps what was granted since."""
    referral = case.referral
    if referral is None:
        return None
    before = _clock_starts(case, case.facts)
    after = _clock_starts(case, {**case.facts, **_written(case, given)})
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


def _clock_starts(case: CaseView, facts: Facts) -> date | None:
    """The recorded day after which the open referral's clock starts; none where it starts after the act itself."""
    purpose = case.referral.purpose if case.referral else ""
    sanction = facts.get("sanction") or {}
    day: str | None = None
    if purpose == "follow_up":
        day = facts.get("received_on")
    elif purpose == "deliver":
        day = sanction["decision"]["date"]
    elif purpose == "review" and sanction.get("delivered_on"):
        delivered, decided = (
            date.fromisoformat(one) for one in (sanction["delivered_on"], sanction["decision"]["date"])
        )
        return case.law.contest_ends(sanction["sanction"], delivered, decided) or delivered
    return date.fromisoformat(day) if day else None


# --- the rows -------------------------------------------------------------------------------------------------------

AFTERWARDS = (
    Transition(
        name="reopen",
        title_id="Perkara dibuka kembali",
        title_en="Reopened",
        source=(Stage.CLOSED,),
        target=by_ground,
        target_stages=tuple(stage for stage in Stage if stage not in {Stage.CLOSED, Stage.CONTESTED}),
        by=(Party.EXAMINER,),
        takes=Reopening,
        requires=(not_merged,),
        weighs=(sanction_to_appeal, goes_on_where_it_can),
        records=reopened,
        opens=Referral(),
        ends=whose_officer_it_never_was,
        announces="casefile.reopened",
        article="UU 30/2014",
    ),
    Transition(
        name="correct",
        title_id="Fakta dibetulkan",
        title_en="Fact corrected",
        source=tuple(Stage),
        target=Target.SAME,
        by=(Party.SUBMITTER, Party.EXAMINER, Party.EMPLOYER, Party.ADDRESSEE),
        takes=Correction,
        requires=(some_fact_is_theirs,),
        weighs=(
            by_its_author,
            of_a_violation_of_the_file,
            already_recorded,
            value_keeps_the_rules,
            changes_something,
            dates_stay_in_order,
        ),
        records=corrected,
        moves=due_as_it_would_have_been,
        announces="casefile.corrected",
        article="UU 30/2014 pasal 63; UU 27/2022 pasal 6",
    ),
)
