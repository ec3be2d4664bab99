"""What the domain refuses, each class a sentence. The door's one table turns them into problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


class CasefileError(Exception):
    """The register refused."""


class NotVisible(CasefileError):
    """There is no such thing for this caller."""


class UnknownTransition(CasefileError):
    """No transition has that name."""


class StaleVersion(CasefileError):
    """The casefile has moved on since the version that was named."""

    def __init__(self, current: int) -> None:
        super().__init__(current)
        self.current = current


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was given, where (`pointer`), in both languages; `near` is a nearest known value."""

    code: str
    pointer: str
    id: str
    en: str
    near: str | None = None


class InvalidGiven(CasefileError):
    """What was given names things that do not exist or contradicts itself."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults


class FindingExists(CasefileError):
    """This office has used that register number before."""

    def __init__(self, finding: UUID) -> None:
        super().__init__(str(finding))
        self.finding = finding


class ZeroReportExists(CasefileError):
    """This agency has reported that period, about that subject, before."""

    def __init__(self, report: UUID) -> None:
        super().__init__(str(report))
        self.report = report


class SnapshotExists(CasefileError):
    """There is a snapshot of that name."""

    def __init__(self, snapshot: UUID) -> None:
        super().__init__(str(snapshot))
        self.snapshot = snapshot


class NotForThisRole(CasefileError):
    """Only agencies of these roles do that."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        super().__init__(", ".join(roles))
        self.roles = roles


class NearPublished(CasefileError):
    """One to four casefiles lie between these numbers and published ones, so that both together would tell of them."""


class NotInOffice(CasefileError):
    """Only the examiner whose mandate is in force does that; `office` names it, empty where none is."""

    def __init__(self, office: Sequence[str]) -> None:
        super().__init__("; ".join(office))
        self.office = tuple(office)


class WithdrawnAlready(CasefileError):
    """This report was withdrawn before."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A casefile that the caller sees and that speaks against a zero report, and why."""

    because: str
    id: UUID
    number: str


class RegisterSaysOtherwise(CasefileError):
    """The register itself shows something in a period of which nothing is to be reported."""

    def __init__(self, casefiles: tuple[Contradiction, ...], *, total: int) -> None:
        super().__init__(total)
        self.casefiles = casefiles
        self.total = total


class NotYourOffice(CasefileError):
    """The office named is neither the caller's nor below it."""


class NoMandate(CasefileError):
    """No mandate was ever registered, so there is nobody to examine."""


class CatalogueNotOnRecord(CasefileError):
    """The catalogue deployed here was never loaded, so what is decided under it could not be reproduced."""


class Erased(CasefileError):
    """The content was erased; the number and the transitions remain."""


class BeyondHead(CasefileError):
    """The log has no such index yet."""

    def __init__(self, head: int) -> None:
        super().__init__(head)
        self.head = head


class TooManyRows(CasefileError):
    """The answer would have more rows than one answer may have."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most
