"""The whole file: what its steps may change, and what the engine alone says of where it stands.

A member that a step never wrote is absent, and one that a step took back is null: both stay as they are stored.
"""

from __future__ import annotations

from typing import Annotated, TypedDict, TypeVar

from casefiles.file.marks import (
    AtLeast,
    Day,
    Id,
    Internal,
    InTimeline,
    NotInLists,
    NotInTimeline,
    Seldom,
    Word,
)
from casefiles.file.papers import Attached, Warned
from casefiles.file.parts import (
    Absorbed,
    Block,
    Closing,
    Corrected,
    Extension,
    Finding,
    HandedOver,
    Measure,
    Merged,
    Reached,
    Recommendation,
    Reopened,
    Returned,
    Served,
    Subject,
    Turn,
    Verification,
    Withheld,
)
from casefiles.file.sanctions import OpenContest, Sanction, SettledContest, Superseded
from casefiles.file.violations import Violation
from casefiles.shapes import Code, Doc


class Standing(TypedDict):
    """Where the file stands; the engine writes it at every step, and no row of the flow does."""

    number: Annotated[str, Doc(id="Nomor perkara", en="Number", example="LTS/2026/000123"), NotInTimeline()]
    version: Annotated[
        int, AtLeast(1), Doc(id="Versi; pakai dalam If-Match", en="Version; for If-Match", example=9), NotInTimeline()
    ]
    state: Annotated[str, Word("states"), Doc(id="Keadaan", en="State", example="recommended")]
    outcome: Annotated[str | None, Word("outcomes"), Doc(id="Hasil, bila closed", en="Outcome, once closed")]
    turn: Turn | None
    steps: Annotated[dict[str, int], Internal()]


class Changes(TypedDict, total=False):
    """What a step may change of a file."""

    finding: Finding
    submitter: str
    examiner: str
    employer: str | None
    addressee: str | None
    mandate: Annotated[str | None, Doc(id="Mandat pemeriksa", en="Mandate", example="examining-2024")]
    examiner_reference: Annotated[
        str | None, Doc(id="Nomor pada pemeriksa", en="Examiner's number", example="W-112/2024")
    ]
    subject: Subject
    violations: list[Violation]
    recommendation: Recommendation | None
    served: Annotated[Served | None, Seldom()]
    sanction: Annotated[Sanction | None, Seldom()]
    sanction_versions: Annotated[
        list[Superseded], Doc(id="Versi terdahulu", en="Earlier versions, oldest first", example=[]), NotInLists()
    ]
    contest: Annotated[OpenContest | None, Seldom()]
    contests: Annotated[
        list[SettledContest], Doc(id="Upaya terdahulu", en="Settled contests, oldest first", example=[]), NotInLists()
    ]
    overdue_level: Annotated[int, Doc(id="Jenjang eskalasi", en="Escalation level", example=0)]
    ladder: Annotated[list[Reached], Doc(id="Jenjang yang tercapai", en="Levels reached", example=[]), NotInLists()]
    measures: Annotated[list[Measure], Doc(id="Tindakan yang diambil", en="Measures taken", example=[]), NotInLists()]
    data_block: Annotated[str, Code("data_block"), Doc(id="Blokir data", en="Data block", example="none")]
    block: Annotated[Block | None, Seldom(), NotInLists()]
    legal_hold: Annotated[
        bool,
        Doc(
            id="Ditahan dari pemusnahan oleh langkah perkara ini (yang ditahan pengelola tercatat di log)",
            en="Kept from erasure by a step of the case (what the operator holds stands in the log)",
            example=False,
        ),
    ]
    extensions: Annotated[
        list[Extension], Doc(id="Perpanjangan, tertua dahulu", en="Extensions, oldest first", example=[])
    ]
    returned: Annotated[Returned | None, Seldom()]
    closing: Annotated[Closing | None, Seldom(), NotInLists()]
    handed_over: Annotated[
        list[HandedOver],
        Doc(
            id="Serah terima antarotoritas pemeriksa, yang terdahulu di depan",
            en="Hand-overs between examining authorities, oldest first",
            example=[],
        ),
        NotInLists(),
    ]
    merged: Annotated[Merged | None, Seldom()]
    absorbed: Annotated[list[Absorbed], Doc(id="", en="", example=[])]
    reopened: Annotated[list[Reopened], Doc(id="", en="", example=[]), NotInLists()]
    corrections: Annotated[list[Corrected], Doc(id="", en="", example=[]), NotInLists()]
    documents: Annotated[list[Attached], NotInLists()]
    warnings: Annotated[list[Warned], Doc(id="", en="", example=[]), NotInLists(), NotInTimeline()]
    unit: Annotated[str | None, InTimeline()]
    accepted_on: Annotated[Day, InTimeline()]
    verification: Annotated[Verification | None, InTimeline()]
    not_duplicate_of: Annotated[list[Id], InTimeline()]
    received_on: Annotated[Day | None, InTimeline()]
    closed_on: Annotated[Day, InTimeline()]
    closed_from: Annotated[str, Internal()]
    closed_came_from: Annotated[str | None, Internal()]
    claimed_employer: Annotated[str | None, Internal()]
    former_employers: Annotated[list[str], Internal()]
    withheld_documents: Annotated[list[Withheld], Internal()]
    unshared_documents: Annotated[list[str], Internal()]
    ladder_exhausted: Annotated[bool, Internal()]
    voided_referrals: Annotated[list[str], Internal()]
    reference_keys: Annotated[list[str], Internal()]


class CaseFile(Standing, Changes):
    """Satu terlapor dalam satu perkara, menurut yang boleh dilihat pemanggil / One officer in one matter, as the
    caller may see it.
    """


P = TypeVar("P")


def there(part: P | None) -> P:
    """A part that the state of the file says is there. Raises `ValueError` where it is not: a fault of ours."""
    if part is None:
        raise ValueError("the file lacks what its state says it holds")
    return part
