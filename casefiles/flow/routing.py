"""Routing: whom a recommendation obliges, by rule, and whose desk it must never reach.

In April 2018 a recommendation on the secretary of a city was posted to the city and never reached its acting mayor:
the office that opens the letters was the secretary's own (dossier 11.6). So the addressee follows from what the
officer is (`/catalogue/routing`), and neither he nor the office he leads is asked, obliged or sent anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from casefiles.flow.grammar import AgencyView, CaseView, Party, Refusal

# Whoever leads an office, or keeps its letters, is never asked about himself by way of that office.
HEADS_HIS_OFFICE = frozenset({"regional_secretary", "acting_regional_head"})


@dataclass(frozen=True, slots=True)
class Routed:
    """Whom the rule names: `kind` as the catalogue says it, and the agency, where it is registered."""

    kind: str
    agency: AgencyView | None


def routed(case: CaseView, *, employer: AgencyView | None = None) -> Routed:
    """The addressee by rule, for the officer as he is known and his employer (or the one he is moving to)."""
    employer = employer or case.parties.get(Party.EMPLOYER)
    if employer is None:
        return Routed("employer", None)
    roles = tuple(case.facts["subject"].get("position_roles") or ())
    kind = case.law.routing(roles, employer.level, on=case.today)
    if kind == "employer":
        return Routed(kind, employer)
    if kind == "province_above":
        found = (one for one in case.agencies.values() if is_province_above(one, employer))
    else:
        found = (one for one in case.agencies.values() if kind in one.roles)
    return Routed(kind, next((one for one in found if one.in_force), None))


def is_province_above(agency: AgencyView, other: AgencyView) -> bool:
    """Whether the agency is the government of the province in which the other governs a regency or city."""
    return (
        agency.level == "province"
        and "employer" in agency.roles
        and bool(agency.region)
        and other.region.startswith(f"{agency.region}.")
    )


def own_desk(case: CaseView, code: str) -> bool:
    """Whether what is sent to that agency lands on the subject's own desk: he leads it, or it is a unit of it."""
    subject = case.facts["subject"]
    roles = set(subject.get("position_roles") or ())
    if not HEADS_HIS_OFFICE & roles:
        return False
    # A secretary leads the office that employs him; an acting head the government he was sent to.
    led = {subject.get("workplace")} if "acting_regional_head" in roles else set()
    if "regional_secretary" in roles:
        led.add(case.facts.get("employer") or case.facts.get("claimed_employer"))
    led.discard(None)
    agency = case.agencies.get(code)
    above = {one.pk for one in case.agencies.values() if one.code in led}
    return code in led or (agency is not None and agency.parent in above)


def addressee_by_rule(case: CaseView, given: Any) -> Refusal | None:
    """The rule's addressee is registered, or another is named; never the subject's own desk."""
    if given.addressee is not None:
        if not own_desk(case, given.addressee):
            return None
        return Refusal(
            "addressee-is-the-subject",
            "Terlapor memimpin atau menjabat Sekda pada instansi ini; rekomendasi akan sampai ke mejanya sendiri. "
            "Kosongkan addressee agar aturan yang menentukan, atau sebut instansi lain.",
            "The subject heads that agency or is its secretary: the letter would land on his own desk. Leave addressee "
            "out so that the rule decides, or name another agency.",
            pointer="#/addressee",
        )
    roles = set(case.facts["subject"].get("position_roles") or ())
    if "acting_regional_head" in roles and not case.facts["subject"].get("workplace"):
        return Refusal(
            "workplace-unknown",
            "Terlapor penjabat kepala daerah, tetapi pemerintah yang dipimpinnya belum tercatat (subject.workplace), "
            "sehingga aturan tidak dapat memastikan surat tidak sampai kepadanya. Sebut addressee.",
            "The subject is an acting regional head, but the government he leads is not on record "
            "(subject.workplace): the rule cannot make sure that the letter does not reach himself. Name an addressee.",
            pointer="#/addressee",
        )
    found = routed(case)
    if found.agency is None:
        return Refusal(
            "addressee-not-registered",
            f"Menurut aturan, rekomendasi ditujukan kepada {found.kind} (lihat /catalogue/routing), tetapi instansi "
            "itu belum terdaftar. Sebut addressee, atau minta operator mendaftarkannya.",
            f"By rule the recommendation goes to {found.kind} (see /catalogue/routing), but that agency is not "
            "registered. Name an addressee, or ask the operator to register it.",
            pointer="#/addressee",
        )
    if own_desk(case, found.agency.code):
        return Refusal(
            "addressee-is-the-subject",
            "Menurut aturan surat ini akan sampai ke meja terlapor sendiri. Sebut addressee lain.",
            "By rule this letter would land on the subject's own desk. Name another addressee.",
            pointer="#/addressee",
        )
    return None


def addressee_of(case: CaseView, given: Any) -> str:
    """The code of the agency that the recommendation obliges: the one named, else the rule's."""
    if given.addressee is not None:
        return str(given.addressee)
    found = routed(case).agency
    if found is None:
        raise ValueError("the guard lets no recommendation through without an addressee")
    return found.code


def addressee_warning(case: CaseView, given: Any) -> list[dict[str, str]]:
    """Whoever names another addressee than the rule does is told so, and so is everybody who reads the file."""
    found = routed(case).agency
    if given.addressee is None or found is None or given.addressee == found.code:
        return []
    return [
        {
            "code": "addressee-not-by-rule",
            "pointer": "#/addressee",
            "id": f"Menurut aturan (/catalogue/routing) rekomendasi ditujukan kepada {found.code}.",
            "en": f"By rule (/catalogue/routing) the recommendation goes to {found.code}.",
        }
    ]
