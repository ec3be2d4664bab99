"""Answers about reconciling two registers."""

from __future__ import annotations

from typing import get_args

from api.contract.responses.casefiles import CASEFILE_HREF, CASEFILE_ID, state
from api.contract.responses.grammar import (
    code,
    component,
    day,
    digest,
    flag,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    text,
    word,
)
from casefiles.statistics.reconciliations import BELIEFS, STATUSES, Role

_CASEFILE = {
    "id": ident("Id", CASEFILE_ID),
    "number": text("Nomor perkara / Number", "LTS/2026/000123"),
    "href": href("Alamat / Address", CASEFILE_HREF),
}

_LINE = component(
    "ReconciledLine",
    object_of(
        "Satu baris register pemanggil / One line of the caller's register",
        ref=text("Kunci baris milik pemanggil / The caller's own key", "SIKAP-17"),
        index=number("Letaknya dalam items, mulai 0 / Its place in items, from 0", 0),
        status=word("Hasilnya / What came of it", STATUSES, "different"),
        casefiles=many(
            object_of("Perkara / Casefile", **_CASEFILE),
            "Perkara yang dimaksud, paling banyak 10 / The casefiles it may mean, 10 at most",
        ),
        found=number("Jumlah perkara yang mungkin dimaksud / How many it may mean", 1),
        outside_scope=flag("Tidak satu pun dalam cakupan / None is in the scope", example=False),
        merged_into=maybe(
            object_of(
                "Yang menerima perkara yang disebut / What took in the casefile that was named",
                **{**_CASEFILE, "href": maybe(href("Null bila tak terlihat / Null where not seen", CASEFILE_HREF))},
            ),
            shown=False,
        ),
        differences=many(
            object_of(
                "Satu perbedaan / One difference",
                member=word("Isian / Member", BELIEFS, "state"),
                yours=text("Menurut pemanggil / By the caller's register", "awaiting_sanction"),
                ours=maybe(text("Menurut register ini / By this register", "sanction_reported")),
            )
        ),
    ),
)

component(
    "Reconciliation",
    object_of(
        "Dua register dicocokkan / Two registers compared",
        as_of=object_of(
            "Keadaan log saat dicocokkan, dibaca pada saat yang sama / The log's state, read at the same moment",
            index=maybe(number("Daun terakhir; null sebelum ada / Its last leaf; null before there is one", 10481)),
            waiting=number("Entri yang belum mendapat tempat / Entries that wait for their place", 0),
            at=instant("Saat dicocokkan / When"),
        ),
        scope=object_of(
            "Cakupan yang diminta / The scope that was asked",
            role=word("Peran / Part", get_args(Role), "employer"),
            election=maybe(code("Pemilihan / Election", "elections", "pilkada-2024")),
            submitted_from=maybe(day("Diteruskan sejak / Submitted from", "2024-09-01")),
            submitted_until=maybe(day("Diteruskan sampai / Submitted until", "2024-12-31")),
        ),
        counted=object_of(
            "yours = matched + different + ambiguous + unknown + repeated; ours = listed + missing",
            yours=number("Baris yang dikirim / Lines sent", 1),
            ours=number("Perkara dalam cakupan, tanpa yang digabung / Casefiles in the scope, merged ones not", 2),
            matched=number("Cocok / Matched", 0),
            different=number("Berbeda / Different", 1),
            ambiguous=number("Dapat berarti beberapa / May mean several", 0),
            unknown=number("Tidak dikenal / Unknown", 0),
            repeated=number("Mengulang baris terdahulu / Repeats an earlier line", 0),
            listed=number("Dari ours, yang disebut suatu baris / Of ours, those that a line names", 1),
            missing=number("Dari ours, yang tidak disebut / Of ours, those that none names", 1),
        ),
        items=many(_LINE, "Menurut urutan kiriman / In the order sent"),
        missing=many(
            object_of(
                "Perkara yang tidak didaftar / A casefile that was not listed",
                id=ident("Id", CASEFILE_ID),
                number=text("Nomor perkara / Number", "LTS/2026/000124"),
                register_number=text("Nomor register / Register number", "006/TM/PW/Kota/03.01/X/2024"),
                state=state(),
                href=href("Alamat / Address", CASEFILE_HREF),
            ),
            "Paling banyak 1.000, menurut id / 1,000 at most, by id",
        ),
        missing_capped=flag("Ada lebih banyak / There are more", example=False),
        digest=digest("SHA-256 bentuk RFC 8785 jawaban tanpa digest / of the answer's RFC 8785 form without digest"),
    ),
)
