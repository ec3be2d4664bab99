"""Routing: whom a recommendation obliges, by rule, and whose desk it must never reach.

In April 2018 a recommendation on the secretary of a city was posted to the city and never reached its acting mayor:
the office that opens the letters was the secretary's own (dossier 11.6). So the addressee follows from what the
officer is (`/catalogue/routing`), and no office that the officer leads, or led at the time, is asked, obliged or sent
anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from casefiles.file import Warned
from casefiles.flow.grammar import AgencyView, CaseView, Party, Refusal
from casefiles.flow.guards import ended
from casefiles.flow.offices import above

SECRETARY, ACTING_HEAD = "regional_secretary", "acting_regional_head"
# Whoever leads an office, or keeps its letters, is never asked about themselves by way of that office.
HEADS_HIS_OFFICE = frozenset({SECRETARY, ACTING_HEAD})
REGIONAL = frozenset({"province", "regency", "city"})


@dataclass(frozen=True, slots=True)
class Routed:
    """Whom the rule names: `kind` as the catalogue says it, and the agency, where it is registered."""

    kind: str
    agency: AgencyView | None


def routed(case: CaseView, *, employer: AgencyView | None = None) -> Routed:
    """The addressee by rule, for the officer as known and the employer (or the one the officer is moving to).

    An acting head whose home agency is the government led goes by the rows of a secretary, and so does a head of whom
    no employer is known but a workplace; of whom neither is known, home affairs is the one that surely is above.
    """
    roles = _roles(case)
    employer = employer or case.parties.get(Party.EMPLOYER)
    workplace = case.agencies.get(case.facts["subject"].get("workplace") or "") if HEADS_HIS_OFFICE & roles else None
    government = employer or workplace
    if government is None:
        kind = "home_affairs" if HEADS_HIS_OFFICE & roles else "employer"
        return Routed(kind, _of_role(case, kind))
    kind = case.law.routing(tuple(roles), government.level, on=case.today)
    if kind == "employer" and government.code in led(case, employer=employer):
        kind = case.law.routing((SECRETARY,), government.level, on=case.today)
    if kind == "employer":
        return Routed(kind, employer)
    if kind == "province_above":
        above = (one for one in case.agencies.values() if one.in_force and is_province_above(one, government))
        return Routed(kind, next(above, None))
    return Routed(kind, _of_role(case, kind))


def _of_role(case: CaseView, role: str) -> AgencyView | None:
    return next((one for one in case.agencies.values() if one.in_force and role in one.roles), None)


def _roles(case: CaseView) -> frozenset[str]:
    return frozenset(case.facts["subject"].get("position_roles") or ())


def is_province_above(agency: AgencyView, other: AgencyView) -> bool:
    """Whether the agency is the government of the province in which the other governs a regency or city."""
    return (
        agency.level == "province"
        and "employer" in agency.roles
        and bool(agency.region)
        and other.region.startswith(f"{agency.region}.")
    )


# --- the officer's own desk -----------------------------------------------------------------------------------------


def led(case: CaseView, *, employer: AgencyView | None = None) -> frozenset[str]:
    """The offices that the officer leads or led at the time, as far as the file knows; none for anybody else.

    A head leads the workplace, a secretary also the office that employs them and any that did before they moved. While
    another agency is asked who they are, their own is the one claimed.
    """
    roles, facts = _roles(case), case.facts
    if not HEADS_HIS_OFFICE & roles:
        return frozenset()
    codes = {facts["subject"].get("workplace")}
    if SECRETARY in roles:
        own = facts.get("claimed_employer") or facts.get("employer")
        codes |= {own, *facts.get("former_employers", ()), employer.code if employer else None}
    return frozenset(code for code in codes if code)


def own_desk(case: CaseView, code: str, *, employer: AgencyView | None = None) -> bool:
    """Whether what is sent to that agency lands on the officer's own desk: they lead it, or an office above it."""
    offices = led(case, employer=employer)
    return code in offices or any(one.code in offices for one in above(case.agencies.get(code), case.agencies.values()))


def may_be_own_desk(case: CaseView, code: str) -> bool:
    """Whether that may be the government an acting head leads, while it is not on record which that is.

    It may be any regional government, but for the province above the regency or city that employs the officer.
    """
    if ACTING_HEAD not in _roles(case) or case.facts["subject"].get("workplace"):
        return False
    agency, employer = case.agencies.get(code), case.parties.get(Party.EMPLOYER)
    if agency is None:
        return False
    regional = any(one.level in REGIONAL for one in (agency, *above(agency, case.agencies.values())))
    return regional and not (employer is not None and is_province_above(agency, employer))


def not_to_the_subject(case: CaseView, given: Any) -> Refusal | None:
    """No letter of those who oversee goes to an office that the officer leads."""
    if not own_desk(case, given.addressed_to):
        return None
    return Refusal(
        "addressee-is-the-subject",
        "Terlapor memimpin atau menjabat Sekda pada instansi ini; surat akan sampai ke mejanya sendiri.",
        "The officer heads that agency or is its secretary: the letter would land on their own desk.",
        pointer="#/addressed_to",
    )


# --- whom a recommendation obliges ----------------------------------------------------------------------------------


def addressee_by_rule(case: CaseView, given: Any) -> Refusal | None:
    """The rule's addressee is registered, or another is named; never an office that the officer leads or led."""
    if given.addressee is not None:
        return _named_addressee(case, given.addressee)
    if ACTING_HEAD in _roles(case) and not case.facts["subject"].get("workplace"):
        return _workplace_unknown()
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
    if not found.agency.in_force and found.agency.ended_on:
        return ended(found.agency, pointer="#/addressee", resolve_with=("transfer",))
    if own_desk(case, found.agency.code):
        return Refusal(
            "addressee-is-the-subject",
            "Menurut aturan surat ini akan sampai ke meja terlapor sendiri. Sebut addressee lain.",
            "By rule this letter would land on the subject's own desk. Name another addressee.",
            pointer="#/addressee",
        )
    return None


def _named_addressee(case: CaseView, code: str) -> Refusal | None:
    """Whoever is named is no office that the officer leads or led."""
    if own_desk(case, code):
        return Refusal(
            "addressee-is-the-subject",
            "Terlapor memimpin atau menjabat Sekda pada instansi ini; rekomendasi akan sampai ke mejanya sendiri. "
            "Kosongkan addressee agar aturan yang menentukan, atau sebut instansi lain.",
            "The officer heads that agency or is its secretary: the letter would land on their own desk. Leave "
            "addressee out so that the rule decides, or name another agency.",
            pointer="#/addressee",
        )
    return _workplace_unknown() if may_be_own_desk(case, code) else None


def _workplace_unknown() -> Refusal:
    """Of an acting head it is on record which government they lead, before a regional one is obliged."""
    return Refusal(
        "workplace-unknown",
        "Terlapor penjabat kepala daerah, tetapi pemerintah yang dipimpinnya belum tercatat (subject.workplace), "
        "sehingga tidak dapat dipastikan bahwa surat tidak sampai kepadanya. Catat dahulu dengan correct, atau sebut "
        "instansi pusat pada addressee.",
        "The officer is an acting regional head, but the government they lead is not on record (subject.workplace): "
        "nobody can make sure that the letter does not reach them. Record it with correct first, or name a central "
        "agency as the addressee.",
        pointer="#/addressee",
        resolve_with=("correct",),
    )


def addressee_of(case: CaseView, given: Any) -> str:
    """The code of the agency that the recommendation obliges: the one named, else the rule's."""
    if given.addressee is not None:
        return str(given.addressee)
    found = routed(case).agency
    if found is None:
        raise ValueError("the guard lets no recommendation through without an addressee")
    return found.code


def addressee_warning(case: CaseView, given: Any) -> list[Warned]:
    """Whoever names another addressee than the rule does is told so, and so is everybody who reads the file.

    Also where the agency of the rule is not registered: then the warning says what it is.
    """
    found = routed(case)
    if given.addressee is None or (found.agency is not None and given.addressee == found.agency.code):
        return []
    whom_id = found.agency.code if found.agency else f"{found.kind}, yang belum terdaftar"
    whom_en = found.agency.code if found.agency else f"{found.kind}, which is not registered"
    return [
        {
            "code": "addressee-not-by-rule",
            "pointer": "#/addressee",
            "id": f"Menurut aturan (/catalogue/routing) rekomendasi ditujukan kepada {whom_id}.",
            "en": f"By rule (/catalogue/routing) the recommendation goes to {whom_en}.",
        }
    ]
