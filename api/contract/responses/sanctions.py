"""Answers about sanctions: the decree in force, its earlier versions, and what was filed against them."""

from __future__ import annotations

from api.contract.responses.file import part
from casefiles import file

LETTER = part("LetterRead", file.Letter)
SANCTION = part("SanctionRead", file.Sanction)
SUPERSEDED = part("SupersededSanction", file.Superseded)
OPEN_CONTEST = part("Contest", file.OpenContest)
SETTLED_CONTEST = part("SettledContest", file.SettledContest)
