"""Judges what a partner's integration does while the simulator answers it well, badly and not at all.

`run` drives the scenarios, `judging` asks every assertion what it has seen, `reports` writes the verdicts down.
"""

from lintas_conformance.acts import Act, Outcome
from lintas_conformance.judging import Result, run

__all__ = ["Act", "Outcome", "Result", "run"]
