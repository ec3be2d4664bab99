"""Answers about the log: the feed, its event types, checkpoints, proofs and entries."""

from __future__ import annotations

from api.contract.operations import catalogue_operation
from api.contract.responses.casefiles import party, state
from api.contract.responses.grammar import (
    component,
    digest,
    flag,
    free,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    optional,
    text,
    word,
)
from casefiles.sight.feed import EVERY

_CASEFILE = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10"
_TYPE = "lintas.casefile.recommended"

EVENT = component(
    "Event",
    object_of(
        "Satu peristiwa (CloudEvents 1.0) / An event",
        specversion=text("CloudEvents", "1.0"),
        id=ident("Id entri / Id of the entry", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3b01"),
        source=href(
            "Log asal; berubah setelah fork / The log; changes with a fork",
            "https://lintas.example.go.id/log/1",
        ),
        type=word("Jenis; lihat /catalogue/events / Type", EVERY, _TYPE),
        subject=text("Pokok / Subject", f"casefiles/{_CASEFILE}"),
        time=instant("Saat dicatat / When it was recorded"),
        logindex=number("Nomor dalam log / Index in the log", 10481),
        previous=maybe(number("Nomor butir Anda sebelumnya / Index of your item before", 10477)),
        data=object_of(
            "Ringkas; baca perkaranya lewat href / Thin; read the casefile at href",
            casefile=ident("Perkara / Casefile", _CASEFILE),
            number=text("Nomor perkara / Number", "LTS/2026/000123"),
            version=number("Versi sesudahnya; yang dibuka / Version after it; the one opened", 9, least=1),
            transition=maybe(
                text("Transisi; null: versi itu dibuka / Transition; null: that version was opened", "recommend")
            ),
            state=state(),
            turn=maybe(
                object_of(
                    "Giliran sesudahnya, atau yang membuka; null bila selesai atau bila hak lihat Anda berakhir / "
                    "Whose turn it became, or who opened it; null where closed, or where your sight ended",
                    party=party(),
                    agency=text("Kode instansi / Code of the agency", "pemkot-padang"),
                )
            ),
            href=href("Alamat perkara / The casefile", f"/api/v1/casefiles/{_CASEFILE}"),
        ),
    ),
)

component(
    "EventPage",
    object_of(
        "Halaman peristiwa dalam urutan log / A page of events in the order of the log",
        data=many(EVENT),
        next_after=number("Untuk after berikutnya / For the next after", 10483, least=-1),
        next=href("Alamat berikutnya, selalu ada / The next address, always there", "/api/v1/events?after=10483"),
        head=number("Nomor terbaru log; -1: kosong / Newest index of the log; -1: empty", 10490, least=-1),
    ),
)

component(
    str(catalogue_operation("events").answer),
    object_of(
        "Jenis peristiwa / The types of events",
        list=text("Nama daftar / Name of the list", "events"),
        catalogue_version=text("Versi katalog / Catalogue version", "2026.2"),
        digest=digest("SHA-256 tabel alur / Digest of the flow table"),
        data=many(
            component(
                "EventType",
                object_of(
                    "Satu jenis / A type",
                    type=word("Jenis / Type", EVERY, _TYPE),
                    transition=maybe(text("Transisi; null: pembacaan / Transition; null: a reading", "recommend")),
                    states=many(text("Tahap sesudahnya, atau same / State after it, or same", "recommended")),
                    title_id=text("Judul / Title", "Rekomendasi diterbitkan"),
                    title_en=text("Judul (Inggris) / Title", "Recommended"),
                    gives_sight=flag("Dapat memberi hak lihat / May give sight", example=True),
                    ends_sight=flag("Dapat mengakhiri hak lihat / May end sight", example=False),
                    received_by_id=text("Siapa menerima / Who gets it", "Semua yang melihat perkara ini saat itu."),
                    received_by_en=text("Siapa menerima (Inggris) / Who gets it", "All who saw the casefile then."),
                ),
            )
        ),
    ),
)

_NOTE = (
    "lintas.example.go.id/log/1\n10490\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— lintas.example.go.id/log/1 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeM"
    "cTOAYQ8=\n"
)

component(
    "CheckpointNote",
    {"type": "string", "description": "C2SP tlog-checkpoint", "example": _NOTE},
)
component(
    "ProofFile",
    {
        "type": "string",
        "description": "C2SP tlog-proof",
        "example": f"c2sp.org/tlog-proof@v1\nindex 10481\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n{_NOTE}",
    },
)
component(
    "ConsistencyProof",
    object_of(
        "Bukti bahwa log hanya bertambah (RFC 9162, 2.1.4) / Proof that the log only grew",
        first=number("Ukuran terdahulu / The earlier size", 10480),
        second=number("Ukuran kemudian / The later size", 10490),
        proof=many(text("Hash, base64", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="), "Jalur / The path"),
    ),
)
component(
    "LogEntryPage",
    object_of(
        "Entri log / Entries of the log",
        data=many(
            component(
                "LogEntry",
                object_of(
                    "Satu entri; isinya null bagi yang tidak melihatnya / An entry; null where you had no sight",
                    index=number("Nomor / Index", 10481),
                    leaf_hash=digest("SHA-256 daun / Hash of the leaf"),
                    entry=maybe(ident("Id entri / Id of the entry", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3b01")),
                    kind=maybe(text("Jenis / Kind", "recommend")),
                    stream=maybe(ident("Aliran; untuk perkara: id-nya / Stream; a casefile's is its id", _CASEFILE)),
                    seq=maybe(number("Urutan dalam aliran / Number within the stream", 9, least=1)),
                    body=maybe(text("Isi kanonis (RFC 8785) / Canonical bytes", '{"format":"lintas-entry/1"}')),
                    proof=href("Buktinya / Its proof", "/api/v1/log/entries/10481/receipt"),
                    opened=optional(
                        object_of(
                            "Hanya dengan stream: apa yang dikomitkan entri itu; SHA-256 atas garam lalu bentuk RFC "
                            "8785-nya adalah payload dan after / With stream only: what the entry commits to; SHA-256 "
                            "over the salt, then its RFC 8785 form, is payload and after",
                            given=free("Yang diberikan / What was given", {"decree": "SKB 3 Menteri 1/2026"}),
                            given_salt=digest("Garam, heksadesimal / Salt"),
                            state=free("Keadaan sesudahnya / The state after it", {"version": "2026.2"}),
                            state_salt=digest("Garam, heksadesimal / Salt"),
                        )
                    ),
                ),
            )
        ),
        next=maybe(href("Alamat halaman berikutnya / The next page", "/api/v1/log/entries?first=10490"), shown=False),
        next_first=maybe(number("Untuk first berikutnya / For the next first", 10490)),
        size=number("Jumlah daun / How many leaves there are", 10491),
    ),
)

_BASE = (
    '"@method": POST\n"@authority": lintas.example.go.id\n"@path": /api/v1/casefiles/'
    f'{_CASEFILE}/recommend\n"@signature-params": ("@method" "@authority" "@path");created=1795143845;keyid="bkn-1";'
    'tag="lintas-v1"'
)
component(
    "Evidence",
    object_of(
        "Bukti tanda tangan satu langkah / What proves the signature of a step",
        format=word("Bentuk / Format", ("lintas-evidence/1",), "lintas-evidence/1"),
        casefile=ident("Perkara / Casefile", _CASEFILE),
        seq=number("Versi / Version", 9, least=1),
        index=maybe(number("Nomor dalam log, null bila belum / Index in the log, null while there is none", 10481)),
        leaf_hash=digest("SHA-256 daun / Hash of the leaf"),
        body=text("Isi kanonis entri (RFC 8785) / Canonical bytes of the entry", '{"format":"lintas-entry/1"}'),
        proof=maybe(text("C2SP tlog-proof", f"c2sp.org/tlog-proof@v1\nindex 10481\n\n{_NOTE}")),
        evidence=object_of(
            "Yang dikomit request.signature: SHA-256 atas garam lalu bentuk RFC 8785 dari yang lain / What "
            "request.signature commits to: SHA-256 over the salt, then the RFC 8785 form of the others",
            base=text("Dasar tanda tangan (RFC 9421) / Signature base", _BASE),
            signature=text("Tanda tangan, base64 / Signature", "MEUCIQDzlVXqJTyV7w7mGm9lJ0RjZ9s2w1m3QmM0Yl0c6v9w5g=="),
            alg=word("Algoritme / Algorithm", ("ES256", "Ed25519", "PS256", "rsa-pss-sha512"), "ES256"),
            jwk=free("Kunci publik (RFC 7517) / Public key", {"kty": "EC", "crv": "P-256", "x": "…", "y": "…"}),
            salt=digest("Garam, heksadesimal / Salt"),
        ),
        parties=many(
            free(
                "Entri aliran instansi yang bertindak, beserta isinya / An entry of the stream of who acted, opened",
                {"index": 12, "body": "{}", "given": {}, "state": {}},
            )
        ),
    ),
)
