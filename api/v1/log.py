"""`/log/*`: checkpoints, proofs and entries, for whoever wants to check the log on their own."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse

from api.contract.operations import TEXT, Operation
from api.http import preconditions, rendering
from api.http.language import Wording
from api.http.problems import ErrorItem, Problem
from api.http.queries import DEFAULT_LIMIT
from api.http.view import DoorRequest, DoorView, answer
from api.v1 import casefile_answers
from api.v1.presenting import API
from audit import reading
from audit.ledger import instant
from audit.reading import Entries
from casefiles.operations.log_readers import reader_of, streams_named
from casefiles.shapes import Between, Doc, Ref, Sha256

RECEIPTS = f"{API}/log/entries/"
WAIT = {"Retry-After": "2"}
PROMISED = timedelta(seconds=60)
_INDEX = re.compile("0|[1-9][0-9]{0,17}")
_HIGHEST = 10**15 - 1


class CheckpointView(DoorView):
    """The tree as it was signed last."""

    required_scopes: ClassVar = {"get": None}
    authentication_classes = ()
    produces: ClassVar = (TEXT, "application/json")
    operations: ClassVar = {
        "get": Operation(
            "read_checkpoint",
            tag="log",
            id="Titik periksa terbaru",
            en="The newest checkpoint",
            description=(
                "C2SP tlog-checkpoint: ukuran dan akar pohon, ditandatangani kunci log, beserta tanda tangan para "
                "saksi. Terbaru yang disaksikan cukup banyak saksi; bila tidak ada, yang terbaru.\n\n"
                "C2SP tlog-checkpoint: size and root of the tree, signed by the log's key, with the witnesses' "
                "cosignatures. The newest that enough witnesses have seen; else the newest."
            ),
            answer="CheckpointNote",
            media_type=TEXT,
            tagged=True,
            refuses=("not-sequenced-yet", "try-again", "temporarily-unavailable"),
        )
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """The note."""
        signed = reading.checkpoint()
        if signed is None:
            raise Problem("not-sequenced-yet", headers=WAIT)
        return _tagged(request, signed.text.encode(), media_type=f"{TEXT}; charset=utf-8", kept="public, no-cache")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyQuery:
    """GET /log/consistency."""

    first: Annotated[int, Between(0, _HIGHEST), Doc(id="Ukuran terdahulu", en="The earlier size", example=10480)]
    second: Annotated[int, Between(0, _HIGHEST), Doc(id="Ukuran kemudian", en="The later size", example=10490)]


class ConsistencyView(DoorView):
    """That the log only grew."""

    required_scopes: ClassVar = {"get": None}
    authentication_classes = ()
    queries: ClassVar = {"get": ConsistencyQuery}
    operations: ClassVar = {
        "get": Operation(
            "prove_consistency",
            tag="log",
            id="Bukti bahwa log hanya bertambah",
            en="Proof that the log only grew",
            description=(
                "RFC 9162, 2.1.4: pohon `first` daun adalah awal dari pohon `second` daun / "
                "The tree of `first` leaves is the beginning of that of `second`."
            ),
            answer="ConsistencyProof",
            tagged=True,
            refuses=("beyond-head", "try-again", "temporarily-unavailable"),
        )
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """The proof, hash by hash."""
        asked = request.asked(ConsistencyQuery)
        if asked.first > asked.second:
            raise Problem("invalid-query", errors=[ErrorItem("runs-backwards", parameter="second")])
        size = reading.size()
        if asked.second > size:
            raise Problem("beyond-head", params={"head": size - 1})
        proof = reading.consistency(asked.first, asked.second)
        answered = {
            "first": asked.first,
            "second": asked.second,
            "proof": [base64.b64encode(step).decode() for step in proof],
        }
        return _tagged(request, rendering.dumps(answered), kept="public, max-age=300")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesQuery:
    """GET /log/entries."""

    first: (
        Annotated[int, Between(0, _HIGHEST), Doc(id="Mulai dari nomor ini", en="From this index on", example=0)] | None
    ) = None
    limit: (
        Annotated[
            int, Between(1, 500), Doc(id="Butir per halaman (100), bersama first", en="Items per page, with first")
        ]
        | None
    ) = None
    casefile: Annotated[UUID, Ref("casefile"), Doc(id="Entri perkara ini", en="Entries of this casefile")] | None = None
    stream: (
        Annotated[
            Literal["mandates", "calendar", "catalogue", "log", "agency", "people", "erasures", "holds", "ended-reads"],
            Doc(
                id="Entri tentang mandat, kalender kerja, katalog, log sendiri, instansi Anda (klien, kunci, "
                "delegasi), orang-orangnya, atau (bagi auditor) perintah penghapusan, penahanan hukum, dan bulan "
                "catatan pembacaan yang berakhir, beserta isinya",
                en="The entries on the mandates, the working calendar, the catalogue, the log itself, your agency "
                "(clients, keys, delegations), its people or (for auditors) the orders of erasure, legal holds and the "
                "months of reads that ended, opened",
                example="calendar",
            ),
        ]
        | None
    ) = None
    leaf_hash: (
        Annotated[Sha256, Doc(id="Entri dengan daun ini (tanda terima)", en="The entry of that leaf (receipt)")] | None
    ) = None


class EntriesView(DoorView):
    """The entries of the log: every hash for everybody, content for who had sight of it."""

    quota: ClassVar = "proofs"
    required_scopes: ClassVar = {"get": None}
    queries: ClassVar = {"get": EntriesQuery}
    operations: ClassVar = {
        "get": Operation(
            "list_log_entries",
            tag="log",
            id="Entri log",
            en="Entries of the log",
            description=(
                "Tepat satu dari `first`, `casefile`, `stream`, `leaf_hash`. Nomor dan hash untuk semua; isi (`body`) "
                "untuk yang melihatnya ketika itu. `stream`: siapa mengubah hari libur, baris katalog, atau mandat, "
                "kapan, atas keputusan apa (`opened`). `leaf_hash` menagih tanda terima.\n\n"
                "Exactly one of `first`, `casefile`, `stream`, `leaf_hash`. Index and hash for all; content (`body`) "
                "for who had sight of it then, null for others. `stream`: who changed a day off, a row of the "
                "catalogue or a mandate, when, on what decree (`opened`). `leaf_hash` redeems a receipt."
            ),
            answer="LogEntryPage",
            refuses=("beyond-head", "not-found", "not-sequenced-yet"),
        )
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """A range, a casefile's entries, those of a public stream, or one by its leaf."""
        asked = request.asked(EntriesQuery)
        _refuse_mixtures(asked)
        if asked.casefile is not None:
            casefile_answers.reading(request, asked.casefile)
            page = reading.entries_of(asked.casefile, reader=reader_of(request.actor), receipts=RECEIPTS)
            return answer(_body(page))
        if asked.stream is not None:
            streams = streams_named(asked.stream, request.actor)
            if streams is None:
                raise Problem("not-found")
            reader = reader_of(request.actor).with_streams(streams)
            return answer(_body(reading.opened_entries_of(streams, reader=reader, receipts=RECEIPTS)))
        if asked.leaf_hash is not None:
            return answer(_body(_redeemed(bytes.fromhex(asked.leaf_hash), request)))
        first, limit = asked.first or 0, asked.limit or DEFAULT_LIMIT
        page = reading.entries(reader=reader_of(request.actor), first=first, limit=limit, receipts=RECEIPTS)
        if first > page.size:
            raise Problem("beyond-head", params={"head": page.size - 1})
        following = {"first": first + page.count} | ({"limit": limit} if limit != DEFAULT_LIMIT else {})
        more = f"{request.path}?{urlencode(following)}" if first + page.count < page.size else None
        return answer(_body(page, next_first=first + page.count, link=more))


class ReceiptView(DoorView):
    """The proof that an entry is in the tree, to be kept: it verifies offline for ever."""

    quota: ClassVar = "proofs"
    required_scopes: ClassVar = {"get": None}
    produces: ClassVar = (TEXT, "application/json")
    operations: ClassVar = {
        "get": Operation(
            "read_receipt",
            tag="log",
            id="Bukti sebuah entri",
            en="The proof of an entry",
            description=(
                "C2SP tlog-proof: nomor, jalur, dan titik periksa; `extra` (isi entri) bila Anda melihatnya ketika "
                "itu. Simpan berkas ini; `lintas-verify receipt` memeriksanya tanpa kami.\n\n"
                "C2SP tlog-proof: index, path and checkpoint; `extra` (the entry's bytes) where you had sight of it. "
                "Keep the file; `lintas-verify receipt` checks it without us."
            ),
            answer="ProofFile",
            media_type=TEXT,
            tagged=True,
            refuses=("not-sequenced-yet",),
        )
    }

    def get(self, request: DoorRequest, index: str) -> HttpResponse:
        """The proof file."""
        if not _INDEX.fullmatch(index):
            raise Problem("not-found")
        proof = reading.receipt(int(index), reader=reader_of(request.actor))
        if proof is None:
            raise Problem("not-sequenced-yet", headers=WAIT)
        response = _tagged(request, proof.encode(), media_type=f"{TEXT}; charset=utf-8", kept="private, no-cache")
        response["Content-Disposition"] = f'attachment; filename="{index}.tlog-proof"'
        return response


def _refuse_mixtures(asked: EntriesQuery) -> None:
    names = ("first", "casefile", "stream", "leaf_hash")
    given = [name for name in names if getattr(asked, name) is not None]
    params = {"names": ", ".join(names)}
    if not given:
        raise Problem("invalid-query", errors=[ErrorItem("exactly-one-of", params=params)])
    errors = [ErrorItem("exactly-one-of", parameter=name, params=params) for name in given] if len(given) > 1 else []
    if asked.limit is not None and "first" not in given:
        errors.append(ErrorItem("only-together-with", parameter="limit", params={"name": "first"}))
    if errors:
        raise Problem("invalid-query", errors=errors)


def _redeemed(leaf: bytes, request: DoorRequest) -> Entries:
    try:
        entries = reading.entry_of(leaf, reader=reader_of(request.actor), receipts=RECEIPTS)
    except reading.NotSequenced as pending:
        raise Problem("not-sequenced-yet", detail=_late(pending.since, now=request.now), headers=WAIT) from pending
    if entries is None:
        raise Problem("not-found")
    return entries


def _late(since: datetime, *, now: datetime) -> Wording | None:
    if now - since <= PROMISED:
        return None
    when = instant(since)
    return Wording(
        f"Entri ini diterima {when} dan belum bernomor, lebih lama dari 60 detik yang dijanjikan. Simpan tanda "
        "terimanya: itulah bukti Anda.",
        f"This entry was accepted at {when} and has no place in the tree yet, longer than the 60 seconds promised. "
        "Keep its receipt: it is your proof.",
    )


def _body(page: Entries, *, next_first: int | None = None, link: str | None = None) -> bytes:
    following = "null" if next_first is None else str(next_first)
    linked = "null" if link is None else f'"{link}"'
    return (f'{{"data": {page.items}, "next": {linked}, "next_first": {following}, "size": {page.size}}}').encode()


def _tagged(request: DoorRequest, body: bytes, *, kept: str, media_type: str = "application/json") -> HttpResponse:
    """The bytes with an ETag over them, or 304 where the caller has them already."""
    tag = preconditions.etag(1, body)
    if preconditions.is_unchanged(request.headers.get("If-None-Match"), tag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type=media_type)
    response["ETag"] = tag
    response["Cache-Control"] = kept
    return response
