"""Answers about who has said nothing, and about the numbers that a register skips."""

from __future__ import annotations

from typing import get_args

from api.contract.responses.casefiles import agency
from api.contract.responses.grammar import (
    component,
    day,
    flag,
    many,
    maybe,
    number,
    object_of,
    page,
    text,
    word,
)
from casefiles.register_number import ELECTIONS, KINDS, LEVELS
from casefiles.sight.silent import Subject

page(
    "SilentAgencyPage",
    component(
        "SilentAgency",
        object_of(
            "Satu instansi dan lama diamnya / An agency, and how long it has said nothing",
            agency=agency("pemkot-padang", "Pemerintah Kota Padang"),
            subject=word("Pokok / Subject", get_args(Subject), "sanctions"),
            acted_on=maybe(day("Temuan atau jawaban terakhir / Last finding or answer", "2024-10-22")),
            reported_until=maybe(day("Hari terakhir laporan nihil terakhir / Last day reported empty", "2024-09-30")),
            never=flag("Tidak pernah ada kabar / Never said anything", example=False),
            silent_since=day("Hari pertama tanpa kabar / First day without a word", "2024-10-23"),
            weeks=number("Pekan penuh sejak itu / Full weeks since then", 4),
            waiting=number("Rujukan yang menunggunya / Referrals that wait for it", 2),
            overdue=number("Di antaranya lewat tenggat / Of these, overdue", 1),
            oldest_due_on=maybe(day("Tenggat tertua di antaranya / The oldest due day of these", "2024-11-05")),
        ),
    ),
    "Halaman instansi menurut kode / A page of agencies, by code",
    counted=False,
)
component(
    "RegisterGaps",
    object_of(
        "Nomor register yang terlewat / Numbers that a register skips",
        office=agency("bawaslu-kota-padang", "Bawaslu Kota Padang"),
        series=many(
            object_of(
                "Satu deret nomor / A series of numbers",
                kind=word("Jenis / Kind", KINDS, "TM"),
                election=word("Pemilihan / Election", ELECTIONS, "PW"),
                level=word("Tingkat / Level", (level.letters for level in LEVELS.values()), "Kota"),
                bawaslu_place=object_of(
                    "Tempat menurut penomoran Bawaslu / Place in Bawaslu's own numbering",
                    of_bawaslu=text("Nomor / Number", "03.01"),
                ),
                year=number("Tahun / Year", 2024),
                first=number("Nomor urut terkecil di sini / Lowest sequence that is here", 2),
                last=number("Nomor urut terbesar di sini / Highest sequence that is here", 9),
                present=number("Nomor yang ada / Numbers that are here", 6),
                missing=number("Nomor di antaranya yang tidak ada / Numbers between that are not", 2),
                ranges=many(
                    object_of(
                        "Nomor yang tidak ada, keduanya termasuk / Numbers that are not here, both included",
                        from_=number("Dari / From", 4),
                        until=number("Sampai / Until", 5),
                    ),
                    "500 yang pertama / The first 500",
                ),
                repeated=many(number("Nomor urut / Sequence", 7), "Yang ada lebih dari sekali / More than once"),
            )
        ),
        unread=number("Nomor berbentuk lain, dari tahun mana pun / Numbers of another form, of any year", 0),
    ),
)
