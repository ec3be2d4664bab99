"""The two cases, as stories. Offices, codes and rules are real; persons, their NIPs, papers and days are invented.

West Sumatra, 2023: a lecturer accompanies a candidate for the DPD to the registration, as Padangkita told on 25 May
2023. Kotawaringin Timur, 2024: an officer likes, comments and shares on Facebook, as Borneonews warned on 9 June 2023.
"""

from __future__ import annotations

from demo.lecturer import read_back, west_sumatra
from demo.officer import kotawaringin_timur
from demo.printing import Said
from demo.story import EXAMINER_THEN, SUPERVISOR
from demo.walk import Walk


def walk_everything(walk: Walk) -> None:
    """Both cases, one after the other."""
    who_is_calling(walk)
    lecturer = west_sumatra(walk)
    read_back(walk, lecturer)
    kotawaringin_timur(walk)


def who_is_calling(walk: Walk) -> None:
    """The first call of every integrator."""
    walk.screen.chapter(Said("Siapa yang memanggil", "Who is calling"))
    walk.reads(
        SUPERVISOR,
        "/me",
        Said("Bawaslu provinsi menukar asersi bertanda tangan dengan token", "A signed assertion buys a token"),
        lambda me: {"agency": (me["agency"]["code"], SUPERVISOR), "parties": (me["parties"], ["submitter"])},
        shows=lambda me: [f"{me['client']}: {', '.join(me['scopes'])}"],
    )
    walk.reads(
        SUPERVISOR,
        "/mandates",
        Said("Siapa pemeriksa pada Mei 2023? Mandat menjawab", "Who examined in May 2023? The mandate says"),
        lambda page: {"examiner": ([row["agency"]["code"] for row in page["data"]], [EXAMINER_THEN])},
        shows=lambda page: [f"{row['code']}: {row['agency']['name']}" for row in page["data"]],
        in_force_on="2023-05-22",
    )
