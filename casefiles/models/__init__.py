"""What is stored of a matter, in chapters: the cases, the records beside them, who sees them, the register itself."""

from casefiles.models.cases import Casefile, Finding, Referral, Transition
from casefiles.models.records import Attachment, Document, HukdisHandover, Payload, Prevention, ZeroReport
from casefiles.models.register import CatalogueVersion, Tick
from casefiles.models.sight import CasefileGrant, FirstReading, LiveGrant
from casefiles.models.snapshots import Snapshot

__all__ = [
    "Attachment",
    "Casefile",
    "CasefileGrant",
    "CatalogueVersion",
    "Document",
    "Finding",
    "FirstReading",
    "HukdisHandover",
    "LiveGrant",
    "Payload",
    "Prevention",
    "Referral",
    "Snapshot",
    "Tick",
    "Transition",
    "ZeroReport",
]
