"""The content of a casefile as types: what its steps store, member by member, and who is told what of it.

`CaseFile` and its parts are plain dicts at run time; the types are read by mypy, which names a misspelt fact, and by
`reading`, from which follow the order of members, what answers pass through, the OpenAPI components, what is internal,
what lists leave out and what the timeline compares.

`papers`, `violations`, `sanctions` and `parts` hold the parts, `casefile` the whole, `marks` what a member may bear.
"""

from __future__ import annotations

from casefiles.file.casefile import CaseFile, Changes, Standing, there
from casefiles.file.papers import AgencyNamed, Attached, Decision, Letter, Reason, Warned
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
    Protected,
    Reached,
    Recommendation,
    Reopened,
    Returned,
    ReturnedItem,
    Served,
    Subject,
    Turn,
    Verification,
    Withheld,
)
from casefiles.file.sanctions import (
    AnnulledBy,
    BoundBy,
    ByContest,
    Examination,
    Execution,
    Imposition,
    OpenContest,
    Sanction,
    SettledContest,
    Superseded,
    SupersededBy,
)
from casefiles.file.violations import (
    Classified,
    ClassReasoning,
    Contest,
    Designation,
    Stage,
    Violation,
    ViolationStated,
)

__all__ = (
    "Absorbed",
    "AgencyNamed",
    "AnnulledBy",
    "Attached",
    "Block",
    "BoundBy",
    "ByContest",
    "CaseFile",
    "Changes",
    "ClassReasoning",
    "Classified",
    "Closing",
    "Contest",
    "Corrected",
    "Decision",
    "Designation",
    "Examination",
    "Execution",
    "Extension",
    "Finding",
    "HandedOver",
    "Imposition",
    "Letter",
    "Measure",
    "Merged",
    "OpenContest",
    "Protected",
    "Reached",
    "Reason",
    "Recommendation",
    "Reopened",
    "Returned",
    "ReturnedItem",
    "Sanction",
    "Served",
    "SettledContest",
    "Stage",
    "Standing",
    "Subject",
    "Superseded",
    "SupersededBy",
    "Turn",
    "Verification",
    "Violation",
    "ViolationStated",
    "Warned",
    "Withheld",
    "there",
)
