"""Versions of the sanction: what one holds, when it takes effect, what took its place, what may still be filed.

Every decree that imposes a sanction and every ruling that changes one makes a version; the version before stays, whole,
with the day and the decision that took its place. PP 94/2021; PP 79/2021; Peraturan BKN 6/2022 art. 50.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from casefiles.file import (
    BoundBy,
    ByContest,
    Changes,
    Examination,
    Execution,
    Reason,
    Sanction,
    Superseded,
    SupersededBy,
    Warned,
    there,
)
from casefiles.file import Decision as DecisionHeld
from casefiles.file import Imposition as ImpositionHeld
from casefiles.flow.given import Decree, Imposition
from casefiles.flow.grammar import CaseView, Facts

# From light to heavy; within a family the catalogue's rank decides.
FAMILIES = ("moral", "discipline", "dismissal")


def decree_of(given: Decree) -> DecisionHeld:
    """A decree or ruling as the file holds it."""
    return {
        "number": given.number,
        "date": given.date.isoformat(),
        "legal_basis": given.legal_basis,
        "document": str(given.document),
    }


def decision_of(given: Imposition) -> ImpositionHeld:
    """The decree that imposes a sanction, and whose it is."""
    return {**decree_of(given), "imposed_by": given.imposed_by}


def comparison(case: CaseView, sanction: str) -> str:
    """The imposed sanction against the recommendation in force."""
    return case.law.compare(there(case.facts["recommendation"])["sanction"], sanction)


def imposed(
    case: CaseView,
    *,
    sanction: str,
    decision: Imposition,
    stated_on: date | None,
    delivered_on: date | None,
    examination: Examination | None,
    reason: Reason | None,
    ruling: ByContest | None = None,
    bound_by: BoundBy | None = None,
) -> Sanction:
    """The next version: compared with the recommendation; `ruling` says which contest made it, if one did."""
    earlier = case.facts.get("sanction")
    # A decree of the agency is a new one, whatever was filed against the last; a ruling settles its kind of contest.
    done = {*settled(case.facts), ruling["kind"]} if ruling else frozenset[str]()
    return in_effect(
        case,
        {
            "version": earlier["version"] + 1 if earlier else 1,
            "sanction": sanction,
            "comparison": comparison(case, sanction),
            "reason": reason,
            "ruling": ruling,
            "bound_by": bound_by,
            "decision": decision_of(decision),
            "examination": examination,
            "delivered_on": delivered_on.isoformat() if delivered_on else None,
            "effective_stated": stated_on.isoformat() if stated_on else None,
            "executions": [],
            "annulled_on": None,
            "annulled_by": None,
        },
        done,
    )


def in_effect(case: CaseView, sanction: Sanction, done: Iterable[str] | None = None) -> Sanction:
    """The version with the days that are counted for it, as far as the facts are known.

    `effective_on` is the day it takes effect by its rule, `remedy_until` the last day of its remedy. `done` are the
    kinds of contest that were settled before this version came, by default those that the file tells.
    """
    carried_out = [one["executed_on"] for one in sanction.get("executions") or () if counts(one)]
    effective = case.law.effective_on(
        sanction["sanction"],
        _day(sanction["delivered_on"]),
        _day(sanction.get("effective_stated")),
        _day(carried_out[0]) if carried_out else None,
    )
    if done is None:
        done = settled(case.facts, before=sanction["version"])
    until = _remedy_until(case, sanction, done)
    return {
        **sanction,
        "effective_on": effective.isoformat() if effective else None,
        "remedy_until": until.isoformat() if until else None,
    }


def _remedy_until(case: CaseView, sanction: Sanction, done: Iterable[str]) -> date | None:
    if sanction["delivered_on"] is None or sanction.get("bound_by") is not None:
        return None
    return remedy_ends(
        case,
        sanction["sanction"],
        received_on=date.fromisoformat(sanction["delivered_on"]),
        decided_on=date.fromisoformat(sanction["decision"]["date"]),
        settled=done,
        imposed_by=sanction["decision"].get("imposed_by"),
    )


def review_counted_from(sanction: Sanction) -> date | None:
    """The day after which the review of that version starts: the last of its remedy, else that of the delivery."""
    return _day(sanction.get("remedy_until") or sanction["delivered_on"])


# A statement on the notice board or in the press is made whether the officer is there or not.
WITHOUT_HIM = frozenset({"notice_board", "mass_media"})


def counts(execution: Execution) -> bool:
    """Whether the sanction was carried out: with the officer there, or in a form that does not need them."""
    return bool(execution["attended"]) or execution["form"] in WITHOUT_HIM


def superseded(case: CaseView, *, kind: str, decision: Decree) -> list[Superseded]:
    """The earlier versions, the one in force until now included, which that decision supersedes."""
    before = [*case.facts.get("sanction_versions", ())]
    sanction = case.facts.get("sanction")
    if sanction is None:
        return before
    by: SupersededBy = {"kind": kind, "decision": decree_of(decision)}
    return [*before, {**sanction, "superseded_on": decision.date.isoformat(), "superseded_by": by}]


# --- what may still be filed ----------------------------------------------------------------------------------------


def settled(facts: Facts, *, before: int | None = None) -> frozenset[str]:
    """The kinds of contest that were settled, be it `before` that version of the sanction.

    A decree reported after a correction is a new one: it counts afresh.
    An annulment settles only while it stands: it ends the case, and a case that goes on was opened again.
    """
    corrected = [
        earlier["version"]
        for earlier in facts.get("sanction_versions", ())
        if earlier["superseded_by"]["kind"] == "correction"
    ]
    since = max(corrected, default=0)
    return frozenset(
        one["kind"]
        for one in facts.get("contests", ())
        if since < one["sanction_version"] < (before or one["sanction_version"] + 1) and one["ruling"] != "annulled"
    )


def remedy_of(case: CaseView, sanction: str, *, decided_on: date, imposed_by: str | None) -> str:
    """`objection`, `appeal` or `none`, by the catalogue: it depends on the day of the decision and on who made it."""
    return case.law.remedy(sanction, decided_on=decided_on, imposed_by=imposed_by)


def remedy_in_force(case: CaseView) -> str:
    """The same for the sanction in force."""
    sanction = there(case.facts["sanction"])
    decision = sanction["decision"]
    decided_on = date.fromisoformat(decision["date"])
    return remedy_of(case, sanction["sanction"], decided_on=decided_on, imposed_by=decision.get("imposed_by"))


def remedy_ends(
    case: CaseView,
    sanction: str,
    *,
    received_on: date,
    decided_on: date,
    settled: Iterable[str],
    imposed_by: str | None,
) -> date | None:
    """Last day on which the sanction's remedy may be filed; none where it has none, or that kind was settled."""
    if remedy_of(case, sanction, decided_on=decided_on, imposed_by=imposed_by) in settled:
        return None
    return case.law.contest_ends(sanction, received_on, decided_on, imposed_by)


def remedy_in_force_ends(case: CaseView) -> date | None:
    """The same for the sanction in force, which was delivered; what a ruling binds has none left but the court."""
    return _remedy_until(case, there(case.facts["sanction"]), settled(case.facts))


def weight(case: CaseView, sanction: str) -> tuple[int, int]:
    """How heavy a sanction is: by its family, then by its rank; a heavier one is greater."""
    row = case.law.sanction(sanction)
    return FAMILIES.index(row["family"]), int(row["rank"])


# --- what the file warns of -----------------------------------------------------------------------------------------


def warned(facts: Facts | Changes, codes: Iterable[str], found: Iterable[Warned] = ()) -> list[Warned]:
    """The file's warnings, those of these codes replaced by what was found now."""
    dropped = frozenset(codes)
    return [*(one for one in facts.get("warnings", ()) if one["code"] not in dropped), *found]


EFFECT_WARNINGS = ("effect-differs", "effect-not-stated", "imposer-not-stated")


def effect_warnings(case: CaseView, sanction: Sanction) -> list[Warned]:
    """What is doubtful about the day of effect, and about what may be filed against the sanction."""
    return [*_day_doubted(case, sanction), *_remedy_doubted(case, sanction)]


def _remedy_doubted(case: CaseView, sanction: Sanction) -> list[Warned]:
    """Nobody said who imposed it, and against the personnel authority's decision something else may be filed."""
    decision = sanction["decision"]
    if decision.get("imposed_by") is not None:
        return []
    code, decided_on = sanction["sanction"], date.fromisoformat(decision["date"])
    assumed, of_the_authority = (
        remedy_of(case, code, decided_on=decided_on, imposed_by=imposer) for imposer in (None, "personnel_authority")
    )
    if assumed == of_the_authority:
        return []
    return [
        {
            "code": "imposer-not-stated",
            "pointer": "#/sanction/decision/imposed_by",
            "id": f"Upaya terhadap hukuman ini bergantung pada pejabat yang menjatuhkannya. Selama tidak disebut pada "
            f"decision.imposed_by, upayanya dibaca {assumed}; terhadap keputusan PPK upayanya {of_the_authority}.",
            "en": f"What may be filed against this sanction depends on who imposed it. While decision.imposed_by does "
            f"not say so it is read as {assumed}; against a decision of the personnel authority it is "
            f"{of_the_authority}.",
        }
    ]


def _day_doubted(case: CaseView, sanction: Sanction) -> list[Warned]:
    """The decree states another day of effect than the rule, or none where it has to."""
    computed, stated = sanction["effective_on"], sanction.get("effective_stated")
    if stated is None and case.law.sanction(sanction["sanction"]).get("effect") == "as_decree_states":
        return [
            {
                "code": "effect-not-stated",
                "pointer": "#/sanction/effective_on",
                "id": "Hukuman ini berlaku sejak tanggal yang disebut keputusannya (TMT), tetapi tanggal itu tidak "
                "dilaporkan pada decision.effective_on.",
                "en": "This sanction takes effect on the day its decree states, and decision.effective_on does not "
                "give that day.",
            }
        ]
    if computed is None or stated is None or computed == stated:
        return []
    return [
        {
            "code": "effect-differs",
            "pointer": "#/sanction/effective_stated",
            "id": f"Keputusan menyebut berlaku sejak {stated}; menurut aturannya hukuman berlaku sejak {computed}.",
            "en": f"The decree states that it takes effect on {stated}; by its rule the sanction does on {computed}.",
        }
    ]


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None
