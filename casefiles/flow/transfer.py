"""Transfer: the officer moves to another agency, and with them the turn, the clock and the sight.

The row stands in `custody`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from casefiles.flow.dates import OneOf, Tells
from casefiles.flow.given import Act, TransferReason
from casefiles.flow.grammar import (
    AgencyView,
    CaseView,
    Changes,
    Clock,
    Party,
    Referral,
    Refusal,
    State,
)
from casefiles.flow.ladder import is_overdue
from casefiles.flow.routing import may_be_own_desk, own_desk, routed
from casefiles.shapes import AgencyCode, Code, Date, Doc, DocumentId, NotAfterToday

# --- what each transition takes -------------------------------------------------------------------------------------

# Whoever was never the agency's officer came to the other one at any time: the file was addressed wrongly.
MOVED = OneOf(("moved", "never_there"), lambda given: "never_there" if given.reason.code == "misaddressed" else "moved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Act):
    """transfer: another agency is the officer's employer from now on, and has the turn where the old one had it."""

    employer: Annotated[
        AgencyCode, Doc(id="Instansi pegawai yang baru", en="The new employer", example="pemprov-sumatera-barat")
    ]
    moved_on: (
        Annotated[
            Date,
            NotAfterToday(),
            Tells(MOVED),
            Doc(
                id="Sejak tanggal (TMT); kosong bila salah alamat, sebab tidak ada yang berpindah",
                en="Since that day; left out where it was misaddressed and nobody moved",
                example="2024-10-28",
            ),
        ]
        | None
    ) = None
    reason: Annotated[TransferReason, Doc(id="Alasan", en="Reason", example={"code": "inter_agency_move"})]
    decree: Annotated[DocumentId, Doc(id="Keputusan mutasi", en="Decree")] | None = None
    clock: Annotated[
        str, Code("uphold_clock"), Doc(id="Tenggat: berjalan terus atau baru", en="Clock", example="fresh")
    ] = "fresh"


# --- what each requires ---------------------------------------------------------------------------------------------


def moves_to_another_agency(case: CaseView, given: Transfer) -> Refusal | None:
    """Nobody moves to where they are; only what was sent to a wrong address may go to the agency that has them."""
    if given.employer != case.facts.get("employer") or addressee_after(case, given) != case.facts.get("addressee"):
        return None
    return Refusal(
        "same-employer",
        "Instansi ini sudah tercatat sebagai instansi pegawai. Sebut instansi yang baru.",
        "That agency is the employer already. Name the new one.",
        pointer="#/employer",
    )


def moved_on_a_day(case: CaseView, given: Transfer) -> Refusal | None:
    """Whoever moved did so on a day; where the case was misaddressed nobody moved."""
    if given.moved_on is not None or given.reason.code == "misaddressed":
        return None
    return Refusal(
        "moved-on-missing",
        "Sebutkan tanggal mulai (TMT) pada moved_on. Hanya bila salah alamat (misaddressed) tidak ada yang berpindah.",
        "Say under moved_on since which day. Only where the case was misaddressed has nobody moved.",
        pointer="#/moved_on",
    )


def no_addressee_follows_the_subject(case: CaseView, given: Transfer) -> Refusal | None:
    """What is asked of the addressee never moves to an office that the officer leads or led."""
    addressee, employer = addressee_after(case, given), case.agencies.get(given.employer)
    if addressee is None or addressee == case.facts.get("addressee"):
        return None
    if not own_desk(case, addressee, employer=employer) and not may_be_own_desk(case, addressee):
        return None
    return Refusal(
        "addressee-is-the-subject",
        "Terlapor memimpin atau menjabat Sekda, dan rekomendasi akan ikut pindah ke mejanya sendiri. Rekomendasi itu "
        "perlu lebih dahulu ditujukan kepada instansi lain.",
        "The officer heads that agency or is its secretary, and the recommendation would follow them to their own "
        "desk. It has to be addressed to another agency first.",
        pointer="#/employer",
    )


def wrong_address_starts_afresh(case: CaseView, given: Transfer) -> Refusal | None:
    """The days of a wrong addressee count for nobody: they are not the right one's either."""
    if given.reason.code != "misaddressed" or given.clock == Clock.FRESH:
        return None
    return Refusal(
        "clock-of-a-wrong-address",
        "Hari yang berjalan pada instansi yang salah alamat tidak dihitung bagi siapa pun: pilih clock fresh.",
        "The days that ran with an agency addressed wrongly count for nobody: choose clock fresh.",
        pointer="#/clock",
    )


def excuses_no_delay_of_its_own(case: CaseView, given: Transfer) -> Refusal | None:
    """An agency that is late does not void its own delay; the examiner says whether it was addressed wrongly.

    Late is whoever says so late: an act dated back would excuse everybody.
    """
    is_late = case.referral is not None and (is_overdue(case) or case.now >= case.referral.due_at)
    late = is_late and turn_follows(case, given)
    if given.reason.code != "misaddressed" or Party.EXAMINER in case.acts_as or not late:
        return None
    return Refusal(
        "late-and-misaddressed",
        "Tenggat sudah lewat. Hanya pemeriksa yang dapat menyatakan salah alamat sekarang; sampaikan keberatan dengan "
        "dispute.",
        "The deadline has passed. Only the examiner may call it wrongly addressed now; object with dispute.",
        pointer="#/reason/code",
        resolve_with=("dispute",),
    )


# --- who follows, who stands above ----------------------------------------------------------------------------------


def addressee_follows(case: CaseView) -> bool:
    """Whether the old employer is obliged too: then its successor is."""
    return case.facts.get("addressee") is not None and case.facts["addressee"] == case.facts.get("employer")


def addressee_after(case: CaseView, given: Transfer) -> str | None:
    """Whom the recommendation obliges after the transfer; none while there is no addressee.

    An addressee that is the employer is followed by the new one. Any other stays, unless it was addressed wrongly: then
    the rule says who it should have been, for an officer of the agency named.
    """
    addressee: str | None = case.facts.get("addressee")
    if addressee is None:
        return None
    if given.reason.code == "misaddressed":
        by_rule = routed(case, employer=case.agencies.get(given.employer)).agency
        return by_rule.code if by_rule is not None else addressee
    return given.employer if addressee_follows(case) else addressee


def addressee_changes(case: CaseView, given: Transfer) -> bool:
    """Whether another agency is obliged after the transfer."""
    return addressee_after(case, given) != case.facts.get("addressee")


def turn_follows(case: CaseView, given: Transfer) -> bool:
    """Whether the open referral waits for an agency whose place another takes."""
    waits_for = case.referral.party if case.referral else None
    if waits_for is Party.EMPLOYER:
        return bool(given.employer != case.facts.get("employer"))
    return waits_for is Party.ADDRESSEE and addressee_changes(case, given)


# --- what becomes of the file ---------------------------------------------------------------------------------------


def transferred(case: CaseView, given: Transfer) -> Changes:
    """The new agency takes the old one's place; while the old one is asked who the officer is, a recall leaves the new.

    Where an officer really moved, the agency left behind is remembered: what it was theirs to lead stays so.
    """
    changes: Changes = {"employer": given.employer}
    before = case.facts.get("employer")
    if before is not None and given.reason.code != "misaddressed":
        changes["former_employers"] = [*case.facts.get("former_employers", ()), before]
    if addressee_changes(case, given):
        changes |= {"addressee": addressee_after(case, given), **_received_by_the_next(case, given)}
    if case.state is State.IDENTITY_REQUESTED:
        changes["claimed_employer"] = given.employer
    return changes


def _received_by_the_next(case: CaseView, given: Transfer) -> Changes:
    """Who is obliged now receives the recommendation with the transfer: that the one before had it is not its receipt.

    A clock that runs on keeps the day from which it runs.
    """
    waits = case.state in {State.AWAITING_SANCTION, State.DISPUTED} and case.facts.get("received_on") is not None
    if not waits or (given.clock == Clock.RUNS_ON and turn_follows(case, given)):
        return {}
    return {"received_on": case.today.isoformat(), **({"served": None} if case.facts.get("served") else {})}


def turn_moves_along(case: CaseView, given: Transfer) -> Referral | None:
    """The same is asked of the new agency, by a fresh clock unless the examiner or the old one lets it run on."""
    if case.referral is None or not turn_follows(case, given):
        return None
    return Referral(
        to=case.referral.party, purpose=case.referral.purpose, clock=Clock(given.clock), again=Clock.RESUMES
    )


def was_addressed_wrongly(case: CaseView, given: Transfer) -> bool:
    """The delay of a wrong addressee counts for nobody."""
    return given.reason.code == "misaddressed"


def sight_moves_along(case: CaseView, given: Transfer) -> tuple[AgencyView, ...]:
    """The new agency sees what the old one saw; where that was nothing yet, nobody is tipped off."""
    pairs = [(Party.EMPLOYER, given.employer)]
    if addressee_changes(case, given):
        pairs.append((Party.ADDRESSEE, str(addressee_after(case, given))))
    return tuple(
        case.agencies[code]
        for party, code in pairs
        if (before := case.parties.get(party)) is not None and before.code in case.sees
    )


def sight_left_behind(case: CaseView, given: Transfer) -> tuple[Party, ...]:
    """The sight of whoever's place another takes ends, unless it blocks data in this case, whoever employs."""
    left = []
    if given.employer != case.facts.get("employer"):
        left.append(Party.EMPLOYER)
    if addressee_changes(case, given):
        left.append(Party.ADDRESSEE)
    blocks = bool(case.facts.get("recommendation"))
    return tuple(
        party
        for party in left
        if (agency := case.parties.get(party)) is not None and not (blocks and "civil_service_agency" in agency.roles)
    )
