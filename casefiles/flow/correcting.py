"""What a correction needs beside its row, and what follows from a corrected fact: warnings, clocks, former NIPs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from casefiles import nip, register_number
from casefiles.file import CaseFile, Subject, Violation, Warned, there
from casefiles.flow import corrections, replacing, versions
from casefiles.flow.examination import OUTSIDE_THE_ANNEX, level_warnings
from casefiles.flow.grammar import CaseView, Facts, Refusal

if TYPE_CHECKING:
    from casefiles.flow.afterwards import Correction

# --- what is named, and what is required ----------------------------------------------------------------------------


def agencies_named(given: Any) -> tuple[str, ...]:
    """Agencies that a correction names as its value: they have to come along to be judged."""
    is_one = getattr(given, "fact", None) == "#/subject/workplace" and given.value is not None
    return (str(given.value),) if is_one else ()


def documents_named(given: Any) -> tuple[UUID, ...]:
    """Documents that a correction names as its value."""
    named = replacing.named_document(given)
    return (named,) if named else ()


def not_another_act_s(case: CaseView, given: Correction) -> Refusal | None:
    """What another act changes is not corrected: that act moves turn, sight and remedies along."""
    acts = corrections.CHANGED_BY.get(given.fact)
    if acts is None:
        return None
    listed = ", ".join(acts)
    return Refusal(
        "changed-by-another-act",
        f"Ini bukan fakta yang dibetulkan, melainkan diubah dengan langkahnya sendiri: {listed}.",
        f"This is no fact to be corrected: it is changed by acts of its own: {listed}.",
        pointer="#/fact",
        resolve_with=acts,
    )


def number_is_free(case: CaseView, given: Correction) -> Refusal | None:
    """The office of origin uses a register number for one finding only."""
    if given.fact != corrections.REGISTER_NUMBER or not case.register_taken:
        return None
    return Refusal(
        "register-number-taken",
        "Kantor asal sudah memakai nomor register ini untuk temuan lain. Cari dengan GET "
        "/api/v1/findings?register_number=",
        "The office of origin uses this register number for another finding. Search with GET "
        "/api/v1/findings?register_number=",
        pointer="#/value",
    )


# --- what follows ---------------------------------------------------------------------------------------------------

# Facts that a doubt about the NIP rests on, and those that the day of effect does.
OF_THE_NIP = frozenset({"#/subject/nip", "#/subject/employment_kind", "#/violations/*/act_date"})
OF_THE_EFFECT = frozenset(
    {
        "#/sanction/delivered_on",
        "#/sanction/effective_stated",
        "#/sanction/decision/date",
        "#/sanction/decision/imposed_by",
    }
)
# What may be filed against a sanction follows from these.
OF_THE_REMEDY = frozenset({"#/sanction/decision/date", "#/sanction/decision/imposed_by"})
# A register number bears month and year, so its doubts rest on the day of registration too.
OF_THE_NUMBER = frozenset({corrections.REGISTER_NUMBER, corrections.REGISTERED})
UNFIT, LATE, BEFORE_THE_STAGE = "sanction-unfit", "late-finding", "act-before-stage"


def of_the_class(fact: str) -> bool:
    """Whether the class of a violation, and the stage of its contest, rest on that fact."""
    return fact.startswith(("#/violations/*/act_", "#/violations/*/contest/"))


def former_nips(case: CaseView, reason: str, now: str) -> Subject:
    """A NIP that was right until another took its place stays a way to find the case; one that was wrong does not."""
    subject = case.facts["subject"]
    former = set(subject.get("former_nips") or ())
    if reason == "identity_updated" and (nip_so_far := subject.get("nip")):
        former.add(nip_so_far)
    former.discard(now)
    return {"former_nips": sorted(former)} if former or "former_nips" in subject else {}


def judged_anew(case: CaseView, violation: Violation) -> Violation:
    """The violation with its class, and the stage of its contest, as they are by what it says now."""
    finding = case.facts["finding"]
    return {
        **violation,
        **case.law.classify(violation, finding),
        "stage_at_act": case.law.stage_at_act(violation, finding),
    }


def warnings(case: CaseView, fact: str, after: CaseFile) -> list[Warned]:
    """The file's warnings, those that rest on the corrected fact judged anew."""
    judged: dict[str, list[Warned]] = {}
    if fact in OF_THE_NIP:
        judged[nip.CODE] = nip.warnings(
            after["subject"].get("nip"),
            employment_kind=after["subject"].get("employment_kind"),
            violations=after["violations"],
        )
    if fact in OF_THE_NUMBER:
        judged[register_number.CODE] = register_number.warnings(after["finding"], pointer=corrections.REGISTER_NUMBER)
    if fact in corrections.IN_THE_ROW:
        judged[LATE] = case.law.late_warnings(after["finding"])
    if fact.endswith("/region") or fact == corrections.REGISTER_NUMBER:
        judged |= {code: [] for code in corrections.OF_PLACES}
        judged[corrections.OF_PLACES[0]] = case.law.place_warnings(after["violations"], after["finding"])
    if of_the_class(fact):
        judged[BEFORE_THE_STAGE] = case.law.stage_warnings(after["violations"], after["finding"])
        if (recommended := after.get("recommendation")) is not None:
            judged[OUTSIDE_THE_ANNEX] = level_warnings(case, after["violations"], recommended["sanction"])
    if fact == "#/subject/employment_kind":
        judged[UNFIT] = _unfit(case, after)
    if fact in OF_THE_EFFECT:
        judged |= {code: [] for code in versions.EFFECT_WARNINGS}
        judged[versions.EFFECT_WARNINGS[0]] = versions.effect_warnings(case, there(after["sanction"]))
    return versions.warned(case.facts, judged, (warning for found in judged.values() for warning in found))


def _unfit(case: CaseView, after: Facts) -> list[Warned]:
    """What was recommended or imposed and does not exist for the kind of employment that the officer has."""
    kind = there(after["subject"]["employment_kind"])
    recommendation, sanction = after.get("recommendation"), after.get("sanction")
    judged = {
        "recommendation": (recommendation["sanction"], recommendation["letter"].get("date"))
        if recommendation
        else None,
        "sanction": (sanction["sanction"], sanction["decision"]["date"]) if sanction else None,
    }
    return [
        {
            "code": UNFIT,
            "pointer": f"#/{name}/sanction",
            "id": f"Hukuman ini tidak tersedia untuk {kind}. Lihat /catalogue/sanctions.",
            "en": f"This sanction does not exist for {kind}. See /catalogue/sanctions.",
        }
        for name, (code, day) in ((name, told) for name, told in judged.items() if told)
        if day and not case.law.fits_employment(code, kind, date.fromisoformat(day))
    ]


def clock_starts(case: CaseView, facts: Facts) -> date | None:
    """The recorded day after which the open referral's clock starts; none where it starts after the act itself."""
    purpose = case.referral.purpose if case.referral else ""
    sanction = facts.get("sanction") or {}
    day: str | None = None
    if purpose == "follow_up":
        day = facts.get("received_on")
    elif purpose == "deliver":
        day = sanction["decision"]["date"]
    elif purpose == "review" and sanction.get("delivered_on"):
        return versions.review_counted_from(sanction)
    return date.fromisoformat(day) if day else None
