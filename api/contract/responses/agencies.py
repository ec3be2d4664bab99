"""Answers about who takes part: agencies and mandates."""

from __future__ import annotations

from agencies.entries import CERTAINTIES, SUCCESSIONS
from api.contract.responses.casefiles import AGENCY, agency
from api.contract.responses.grammar import code, component, day, flag, many, maybe, object_of, page, text, word

page(
    "AgencyPage",
    component(
        "Agency",
        object_of(
            "Instansi peserta / An agency that takes part",
            code=text("Kode; jangan diurai / Code; never parsed", "pemkot-padang"),
            name=text("Nama / Name", "Pemerintah Kota Padang"),
            roles=many(code("Peran / Role", "agency_roles", "employer"), "Peran / Roles"),
            level=code("Tingkat / Level", "agency_levels", "city"),
            region=maybe(text("Wilayah / Region", "13.71")),
            parent=maybe(AGENCY, shown=False),
            time_zone=text("Zona waktu / Time zone", "Asia/Jakarta"),
            valid_from=day("Berlaku sejak / Valid from", "1956-03-29"),
            valid_until=maybe(day("Tidak lagi sejak / No longer from", "2030-01-01"), shown=False),
            former_names=many(
                object_of(
                    "Nama terdahulu / A former name",
                    name=text("Nama / Name", "Kementerian Komunikasi dan Informatika"),
                    until=day("Hari pertama nama berikutnya / First day of the next name", "2024-10-21"),
                ),
                "Nama terdahulu, yang terlama dahulu / Former names, oldest first",
                example=[],
            ),
            heirs=many(
                object_of(
                    "Penerus / An heir",
                    agency=agency("kemdiktisaintek", "Kementerian Pendidikan Tinggi, Sains, dan Teknologi"),
                    kind=word("Cara / How", SUCCESSIONS, "split"),
                    on=day("Sejak / From", "2024-10-21"),
                ),
                "Siapa meneruskan tugasnya, seluruhnya atau sebagian / Who took over its work, all or a part of it",
                example=[],
            ),
            legal_basis=maybe(text("Dasar hukum / Legal basis", "UU 23/2014 pasal 2")),
            source=maybe(text("Dari mana diketahui / How this is known", "Kepmendagri 300.2.2-2430/2025")),
            certainty=maybe(word("Kepastian / How well founded", CERTAINTIES, "code")),
        ),
    ),
    "Halaman instansi menurut kode / A page of agencies by code",
)
component(
    "Mandates",
    object_of(
        "Siapa pemeriksa, sejak kapan sampai kapan / Who examines, from when until when",
        data=many(
            component(
                "Mandate",
                object_of(
                    "Mandat pemeriksa / An examining mandate",
                    code=text("Kode / Code", "examining-2024"),
                    agency=agency("bkn", "Badan Kepegawaian Negara"),
                    valid_from=day("Berlaku sejak / Valid from", "2024-09-04"),
                    valid_until=maybe(day("Tidak lagi sejak / No longer from", "2030-01-01"), shown=False),
                    legal_basis=text("Dasar hukum / Legal basis", "UU 20/2023"),
                    caretaker=flag("Sementara / Caretaker", example=False),
                    verification_required=flag("Verifikasi bersama wajib / Joint verification", example=False),
                ),
            )
        ),
    ),
)
