"""Silence: an objection on which nobody decides in time is granted by the law, and nothing else is.

Twenty-one working days, and that silence grants, are rules from memory: the catalogue marks them so. The appeal board
decides on the evidence there is although the authority keeps silent. PP 79/2021 art. 13; UU 30/2014 art. 77.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from casefiles.file import OpenContest, Warned, there
from casefiles.flow.binding import DEEMED_GRANTED, NOT_RULED_ON
from casefiles.flow.grammar import CaseView, Refusal

# Who rules on which contest, and by which rule of the catalogue the days for it are counted.
RULES = {"objection": "objection_decision", "appeal": "appeal_decision", "lawsuit": "lawsuit_verdict"}


def decide_by(case: CaseView, contest: OpenContest) -> date | None:
    """The last day to decide on that contest by its rule, whatever is granted to whoever decides; none for a court.

    The officer's objection is granted by silence after it: no extension and no other clock puts that off.
    """
    if contest["kind"] == "lawsuit":
        return None
    last, _ = case.law.counted(
        RULES[contest["kind"]],
        start=date.fromisoformat(contest["filed_on"]),
        time_zone="Asia/Jakarta",
        mandate=case.facts.get("mandate"),
    )
    return last


def silence_has_lasted(case: CaseView, given: Any) -> Iterable[Refusal]:
    """Silence grants an objection once the days to decide on it have passed, and nothing else."""
    if given.ruling != DEEMED_GRANTED:
        return
    contest = there(case.facts["contest"])
    last = decide_by(case, contest)
    if contest["kind"] != "objection" or last is None:
        yield Refusal(
            "silence-grants-nothing",
            "Hanya keberatan yang dianggap dikabulkan karena tidak dijawab. BPASN memutus banding atas bukti yang ada "
            "walaupun PPK tidak menanggapi (PP 79/2021 pasal 13), dan pengadilan selalu memutus. Catat amarnya.",
            "Only an objection is granted by silence. The appeal board decides on the evidence there is although the "
            "authority does not reply (PP 79/2021 art. 13), and a court always rules. Record what was ruled.",
            pointer="#/ruling",
        )
        return
    if case.today <= last:
        yield Refusal(
            "not-silent-for-long-enough",
            f"Keberatan ini masih dapat diputus sampai {last.isoformat()}. Baru sesudah hari itu keberatan yang tidak "
            "diputus dianggap dikabulkan.",
            f"This objection may still be decided until {last.isoformat()}. Only after that day is it deemed granted "
            "for want of a decision.",
            pointer="#/ruling",
        )
    elif given.decision.date <= last:
        yield Refusal(
            "decided-in-time",
            f"Keputusan ini dibuat selambat-lambatnya pada hari terakhir ({last.isoformat()}), jadi keberatan diputus, "
            "bukan didiamkan. Catat amarnya, atau keputusan yang melaksanakan pengabulan.",
            f"This decision was made by the last day ({last.isoformat()}), so that the objection was decided, not left "
            "unanswered. Record what it says, or the decree that carries the grant out.",
            pointer="#/decision/date",
        )


SILENCE_WARNINGS = ("decided-after-silence",)


def silence_warning(case: CaseView, given: Any) -> list[Warned]:
    """An objection that was decided when its days were over may have been granted by then."""
    contest = there(case.facts["contest"])
    last = decide_by(case, contest)
    overdue = last is not None and given.decision.date > last and contest["kind"] == "objection"
    if last is None or not overdue or given.ruling in NOT_RULED_ON | {DEEMED_GRANTED}:
        return []
    return [
        {
            "code": "decided-after-silence",
            "pointer": f"#/contests/{len(case.facts.get('contests', ()))}/decision/date",
            "id": f"Keberatan ini harus diputus selambat-lambatnya {last.isoformat()}; sesudah hari itu keberatan "
            "dianggap dikabulkan (aturan dari ingatan, belum dikonfirmasi). Periksa apakah putusan ini masih sah.",
            "en": f"This objection was to be decided by {last.isoformat()}; after that day it is deemed granted (a "
            "rule from memory, not confirmed). Check whether this decision still stands.",
        }
    ]


def voids_by_silence(given: Any) -> bool:
    """Whether the silence undoes the sanction whole: no lighter one was asked for in its place."""
    return given.ruling == DEEMED_GRANTED and given.sanction is None
