"""What a ruling binds: once the appeal board or a court has ruled, nothing else changes the sanction in force.

The ruling is kept on the version of the sanction that it binds (`bound_by`), be it a new one or the one that it upheld.
Every row that could change or replace that sanction, its remedy or its standing asks here. Left open are the court,
delivery, execution and the end of the case. PP 79/2021 art. 16; UU 30/2014 art. 77; UU 5/1986.
"""

from __future__ import annotations

from typing import Any

from casefiles.file import BoundBy, Decision, there
from casefiles.flow.grammar import CaseView, Facts, Refusal

# What was withdrawn, or was not admitted as late, was not ruled on: the sanction stays what its author made it.
ON_THE_MERITS = frozenset({"upheld", "lightened", "aggravated", "changed", "annulled"})
DEEMED_GRANTED = "deemed_granted"
NOT_RULED_ON = frozenset({"withdrawn", "inadmissible_late"})


def binding(facts: Facts) -> BoundBy | None:
    """The ruling that binds the sanction in force: {kind, ruling, decision}; none while its author may change it."""
    return (facts.get("sanction") or {}).get("bound_by")


def bound_by(facts: Facts, *, ruling: str, decision: Decision) -> BoundBy | None:
    """What binds the sanction after that ruling on the open contest: the ruling itself, or whatever bound it before.

    A superior's decision on an objection is the agency's own and binds nobody; a grant by silence is the law's.
    """
    kind = there(facts["contest"])["kind"]
    if ruling == DEEMED_GRANTED or (kind in {"appeal", "lawsuit"} and ruling in ON_THE_MERITS):
        return {"kind": kind, "ruling": ruling, "decision": decision}
    return binding(facts)


def not_bound(case: CaseView, given: Any) -> Refusal | None:
    """No ruling binds the sanction in force."""
    bound = binding(case.facts)
    if bound is None:
        return None
    number, day = bound["decision"]["number"], bound["decision"]["date"]
    return Refusal(
        "bound-by-ruling",
        f"Hukuman ini terikat putusan {bound['kind']} nomor {number} tanggal {day} (amar {bound['ruling']}). Yang "
        "masih terbuka: gugatan ke pengadilan bila belum diputus (contest, kind lawsuit), penyampaian, pelaksanaan, "
        "dan close.",
        f"This sanction is bound by ruling {number} of {day} ({bound['kind']}: {bound['ruling']}). What is left: a "
        "lawsuit where none was decided (contest, kind lawsuit), delivery, execution, and close.",
        pointer="#/sanction/bound_by",
    )
