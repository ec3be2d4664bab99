"""The block of personnel data: what the civil service agency suspends while a recommendation is not followed.

Salary goes on; promotion, transfer and pension may not. The block outlives the case until the same agency lifts it,
whoever examines, and whatever closes the file reminds of it. Perpres 116/2022 art. 20(4); Peraturan BKN 1/2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from casefiles.file import Warned, there
from casefiles.flow.dates import Tells
from casefiles.flow.examination import letter_of
from casefiles.flow.given import Act, BlockReason, Letter, UnblockReason
from casefiles.flow.grammar import OPEN, CaseView, Changes, Facts, Party, Refusal, State, Target, Transition
from casefiles.flow.ladder import is_overdue
from casefiles.shapes import Code, Doc, Items

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DataBlock(Act):
    """block-data: the civil service agency suspends personnel data or services of the officer."""

    letter: Annotated[Letter, Tells("blocked"), Doc(id="Surat", en="Letter")]
    reason: Annotated[BlockReason, Doc(id="Alasan", en="Reason")]
    scope: Annotated[str, Code("block_scope"), Doc(id="Luasnya", en="Extent", example="partial")]
    services: Annotated[
        tuple[Annotated[str, Code("blocked_services")], ...],
        Items(0, 20, unique=True),
        Doc(id="Layanan yang diblokir, bila sebagian", en="The services, where it is a part", example=["promotion"]),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataUnblock(Act):
    """unblock-data: the block is lifted, whole."""

    letter: Annotated[Letter, Tells("unblocked"), Doc(id="Surat", en="Letter")]
    reason: Annotated[UnblockReason, Doc(id="Alasan", en="Reason")]


# --- what each requires ---------------------------------------------------------------------------------------------


def not_blocked_yet(case: CaseView, given: Any) -> Refusal | None:
    """One block at a time."""
    if case.facts["data_block"] != "active":
        return None
    return Refusal(
        "blocked-already",
        "Data pegawai ini sudah diblokir dalam perkara ini. Buka dahulu dengan unblock-data.",
        "The officer's data are blocked in this case already. Lift that block first with unblock-data.",
        pointer="#/data_block",
        resolve_with=("unblock-data",),
    )


def ground_of_the_block_is_there(case: CaseView, given: DataBlock) -> Refusal | None:
    """`no_follow_up` needs an addressee who is late, `partial_follow_up` a sanction that was reported."""
    late = is_overdue(case) and case.referral is not None and case.referral.party is Party.ADDRESSEE
    if given.reason.code == "no_follow_up" and not late:
        return Refusal(
            "addressee-not-late",
            "Instansi tujuan belum melewati tenggatnya.",
            "The addressee is not past its due day.",
            pointer="#/reason/code",
        )
    if given.reason.code == "partial_follow_up" and case.facts.get("sanction") is None:
        return Refusal(
            "nothing-followed-up",
            "Belum ada hukuman yang dilaporkan; pilih no_follow_up bila tenggatnya lewat.",
            "No sanction has been reported yet; choose no_follow_up once it is overdue.",
            pointer="#/reason/code",
        )
    return None


# Before it was accepted, nobody has examined the case.
UNEXAMINED = frozenset({State.SUBMITTED, State.IDENTITY_REQUESTED})


def unexamined_says_why(case: CaseView, given: DataBlock) -> Refusal | None:
    """Whoever blocks the data of an officer whose case nobody has examined says why in words."""
    state = case.came_from if case.state is State.RETURNED else case.state
    if state not in UNEXAMINED or (given.reason.text or "").strip():
        return None
    return Refusal(
        "reason-text-missing",
        "Perkara ini belum diperiksa siapa pun; jelaskan pada reason.text mengapa datanya sudah diblokir.",
        "Nobody has examined this case yet; say under reason.text why the data are blocked already.",
        pointer="#/reason/text",
    )


def services_fit_the_scope(case: CaseView, given: DataBlock) -> Refusal | None:
    """A part names its services; the whole names none."""
    if (given.scope == "partial") is bool(given.services):
        return None
    return Refusal(
        "services-do-not-fit",
        "Pemblokiran sebagian (partial) menyebut layanannya; pemblokiran penuh (full) tidak.",
        "A partial block names its services, a full one names none.",
        pointer="#/services",
    )


def blocked_now(case: CaseView, given: Any) -> Refusal | None:
    """Only an active block is lifted."""
    if case.facts["data_block"] == "active":
        return None
    return Refusal(
        "not-blocked",
        "Tidak ada pemblokiran yang berlaku dalam perkara ini.",
        "No block is active in this case.",
        pointer="#/data_block",
    )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def blocked(case: CaseView, given: DataBlock) -> Changes:
    """The block, with its letter, reason and extent."""
    return {
        "data_block": "active",
        "block": {
            "scope": given.scope,
            "services": list(given.services),
            "reason": {"code": given.reason.code, "text": given.reason.text},
            "letter": letter_of(given.letter),
            "on": case.today.isoformat(),
            "lifted": None,
        },
    }


def unblocked(case: CaseView, given: DataUnblock) -> Changes:
    """The block was lifted; nothing reminds of it any more."""
    return {
        "data_block": "lifted",
        "block": {
            **there(case.facts["block"]),
            "lifted": {
                "reason": {"code": given.reason.code, "text": given.reason.text},
                "letter": letter_of(given.letter),
                "on": case.today.isoformat(),
            },
        },
        "warnings": [one for one in case.facts["warnings"] if one["code"] != "block-active"],
    }


def reminded_of_block(facts: Facts) -> list[Warned]:
    """The file's warnings when it closes: a block that is still active is named, and hinders nothing."""
    others = [one for one in facts["warnings"] if one["code"] != "block-active"]
    if facts["data_block"] != "active":
        return others
    reminder: Warned = {
        "code": "block-active",
        "pointer": "#/data_block",
        "id": "Data pegawai masih diblokir. Instansi kepegawaian pusat membukanya dengan unblock-data.",
        "en": "The officer's data are still blocked. The civil service agency lifts the block with unblock-data.",
    }
    return [*others, reminder]


# --- the rows -------------------------------------------------------------------------------------------------------

BLOCKING = (
    Transition(
        name="block-data",
        title_id="Data pegawai diblokir",
        title_en="Personnel data blocked",
        source=OPEN,
        target=Target.SAME,
        by=(Party.CIVIL_SERVICE_AGENCY,),
        takes=DataBlock,
        requires=(not_blocked_yet,),
        weighs=(ground_of_the_block_is_there, unexamined_says_why, services_fit_the_scope),
        records=blocked,
        announces="casefile.data_blocked",
        article="Perpres 116/2022 pasal 20 ayat (4); Peraturan BKN 1/2023",
    ),
    Transition(
        name="unblock-data",
        title_id="Blokir data dibuka",
        title_en="Personnel data unblocked",
        source=tuple(State),
        target=Target.SAME,
        by=(Party.CIVIL_SERVICE_AGENCY,),
        takes=DataUnblock,
        requires=(blocked_now,),
        records=unblocked,
        announces="casefile.data_unblocked",
        article="Peraturan BKN 1/2023",
    ),
)
