"""What an answer says of a violation: the act, the stage it fell into, its class and why."""

from __future__ import annotations

from api.contract.responses.file import Differs, described, part
from api.contract.responses.grammar import text
from casefiles import file

VIOLATION_STATED = described(file.ViolationStated)

CLASS_REASONING = described(
    file.ClassReasoning,
    Differs(
        name="reasoning",
        instead_of=("reasoning_id", "reasoning_en"),
        schema=text("Dalam kata-kata / In words", "Perbuatan 2024-09-29: terjadi sejak penetapan calon 2024-09-22."),
    ),
)

VIOLATION = part(
    "ViolationRead",
    file.Violation,
    Differs(name="class_reasoning", instead_of=("class",), schema=CLASS_REASONING),
)
