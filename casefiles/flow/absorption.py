"""Taking in: what a casefile keeps of another that was merged into it, who sees it for that, and what leaves again.

The rows stand in `joining`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from casefiles.file import Absorbed
from casefiles.file import Withheld as WithheldHeld
from casefiles.flow.dates import DEADLINE, Tells
from casefiles.flow.examination import Withheld
from casefiles.flow.given import Act, WithholdReason
from casefiles.flow.grammar import (
    AgencyView,
    CaseView,
    Changes,
    Facts,
)
from casefiles.flow.offices import above
from casefiles.shapes import AgencyCode, Date, Doc, DocumentId, Items, Ref, Text

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorption(Act):
    """absorb: what the casefile that takes another one in is told of it. `release` is told the same."""

    casefile: Annotated[UUID, Ref("casefile"), Doc(id="Perkara yang digabungkan", en="The casefile merged into it")]
    number: Annotated[str, Text(40), Doc(id="Nomornya", en="Its number", example="LTS/2026/000124")]
    on: Annotated[Date, Tells(DEADLINE), Doc(id="Tanggal", en="Day", example="2026-11-20")]
    submitters: Annotated[
        tuple[AgencyCode, ...],
        Items(1, 100),
        Doc(id="Kantor pengirimnya", en="Its submitters", example=["bawaslu-kota-padang"]),
    ]
    brought: Annotated[tuple[DocumentId, ...], Items(0, 1000), Doc(id="Dokumennya", en="Its documents")] = ()
    kept_back: Annotated[
        tuple[Withheld, ...], Items(0, 1000), Doc(id="Di antaranya tidak dibagikan", en="Not shared among them")
    ] = ()
    shown_to: Annotated[AgencyCode, Doc(id="Instansi yang melihatnya", en="Whom they were shared with")] | None = None
    unshared: Annotated[
        tuple[DocumentId, ...], Items(0, 1000), Doc(id="Belum dibagikan kepadanya", en="Not yet shared with it")
    ] = ()


# --- what becomes of the files --------------------------------------------------------------------------------------


def told(case: CaseView, given: Any) -> Absorption:
    """What the casefile that takes this one in is told of it: the evidence follows the matter, and what of it is not
    shared with the addressee stays so.

    Evidence is shared with a recommendation, when the examiner says what is withheld.
    """
    is_recommended = case.facts.get("recommendation") is not None
    return replace(
        told_again(case, given),
        brought=tuple(UUID(document["id"]) for document in case.facts["documents"]),
        kept_back=tuple(
            Withheld(document=UUID(item["document"]), reason=WithholdReason(code=item["reason"]))
            for item in case.facts.get("withheld_documents", ())
        ),
        shown_to=case.facts["addressee"] if is_recommended else None,
        unshared=tuple(UUID(document) for document in case.facts.get("unshared_documents", ())),
    )


def _waiting(case: CaseView, given: Absorption) -> list[str]:
    """What came into a file that was recommended before, and waits for the next recommendation to be shared.

    What the same addressee saw in the other file it sees here, too.
    """
    if case.facts.get("recommendation") is None:
        return []
    seen_there = given.shown_to is not None and given.shown_to == case.facts["addressee"]
    here = {document["id"] for document in case.facts["documents"]}
    return [str(one) for one in (given.unshared if seen_there else given.brought) if str(one) not in here]


def told_again(case: CaseView, given: Any) -> Absorption:
    """What the other casefile is told: which this is, and who forwarded it, and whatever it had taken in before."""
    joined = [code for item in absorbed_by(case.facts) for code in item["submitters"]]
    return Absorption(
        casefile=UUID(case.id),
        number=case.number,
        on=case.today,
        submitters=tuple(dict.fromkeys((case.facts["submitter"], *joined))),
    )


def absorbed_by(facts: Facts) -> list[Absorbed]:
    """The casefiles that were merged into this one and not parted from it since."""
    return [item for item in facts.get("absorbed", ()) if item["released_on"] is None]


def absorbed(case: CaseView, given: Absorption) -> Changes:
    """One more casefile that was taken in, and who sees this one for its sake."""
    joined = {code for item in absorbed_by(case.facts) for code in item["sighted"]}
    sees_anyway = case.sees - joined
    its_own = {document["id"] for document in case.facts["documents"]} - _came_with(absorbed_by(case.facts))
    withheld: list[WithheldHeld] = [
        {"document": str(item.document), "reason": item.reason.code} for item in given.kept_back
    ]
    taken: Absorbed = {
        "casefile": str(given.casefile),
        "number": given.number,
        "on": given.on.isoformat(),
        "released_on": None,
        "submitters": list(given.submitters),
        "sighted": [agency.code for agency in side_of(case, given) if agency.code not in sees_anyway],
        "documents": [str(document) for document in given.brought if str(document) not in its_own],
    }
    changes: Changes = {"absorbed": [*case.facts.get("absorbed", ()), taken]}
    if withheld:
        kept_back = case.facts.get("withheld_documents", [])
        changes["withheld_documents"] = [*kept_back, *(item for item in withheld if item["document"] not in its_own)]
    if waiting := _waiting(case, given):
        changes["unshared_documents"] = [*case.facts.get("unshared_documents", ()), *waiting]
    return changes


def _came_with(items: Iterable[Absorbed]) -> set[str]:
    """The documents that the file has only because they came with those casefiles."""
    return {document for item in items for document in item.get("documents", ())}


def taken_for_its_own(facts: Facts, mentioned: Container[str]) -> Changes:
    """What an act on the file mentions is the file's own from then on, whichever casefile it came with."""
    if not any(document in mentioned for document in _came_with(absorbed_by(facts))):
        return {}
    return {
        "absorbed": [
            {**item, "documents": [one for one in item.get("documents", ()) if one not in mentioned]}
            for item in facts["absorbed"]
        ],
        **_still_unshared(facts, mentioned),
    }


def _still_unshared(facts: Facts, gone: Container[str]) -> Changes:
    """Which documents wait for the next recommendation once these are shared, or have left."""
    waiting = facts.get("unshared_documents")
    return {"unshared_documents": [one for one in waiting if one not in gone]} if waiting else {}


def side_of(case: CaseView, given: Absorption) -> tuple[AgencyView, ...]:
    """The offices that forwarded the casefile taken in, and those above them."""
    submitters = (case.agencies[code] for code in given.submitters)
    side = (office for one in submitters for office in (one, *above(one, case.agencies.values())))
    return tuple({office.pk: office for office in side}.values())


def released(case: CaseView, given: Absorption) -> Changes:
    """The casefile taken in has gone again, and its documents with it; that it was there is kept."""
    gone = str(given.casefile)
    live = absorbed_by(case.facts)
    leaves = _came_with(item for item in live if item["casefile"] == gone)
    leaves -= _came_with(item for item in live if item["casefile"] != gone)
    kept_back = case.facts.get("withheld_documents", [])
    return {
        "documents": [document for document in case.facts["documents"] if document["id"] not in leaves],
        **({"withheld_documents": [one for one in kept_back if one["document"] not in leaves]} if kept_back else {}),
        **_still_unshared(case.facts, leaves),
        "absorbed": [
            {**item, "released_on": given.on.isoformat()}
            if item["casefile"] == gone and item["released_on"] is None
            else item
            for item in case.facts.get("absorbed", ())
        ],
    }


def seen_for_its_sake(case: CaseView, given: Absorption) -> tuple[AgencyView, ...]:
    """Whose sight ends with the release: theirs who had it for the sake of that casefile, and of no other taken in."""
    live = absorbed_by(case.facts)
    others = {code for item in live if item["casefile"] != str(given.casefile) for code in item["sighted"]}
    codes = [code for item in live if item["casefile"] == str(given.casefile) for code in item["sighted"]]
    return tuple(case.agencies[code] for code in codes if code not in others and code in case.agencies)
