"""The content of a document: brought once by its owner, in quarantine until it is clean, read by who sees it."""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Access, Entry
from casefiles.flow import State
from casefiles.flow.finding import Assessment
from contents import clamd as scanner
from contents import scanning
from contents.errors import Unreadable
from contents.models import CLEAN, INFECTED, QUARANTINED, Content
from tests.api.answers import assert_answers
from tests.contents.conftest import EICAR, Kept, assembled, content_digest, fetched, pdf, put, registered
from tests.factories import BKN, PADANG, PEMKOT, casefile_at
from tests.partner import Partner, said

OTHER = "bawaslu-kab-kotawaringin-timur"


def right_now() -> datetime:
    return datetime.now(UTC)


def judged_clean(document: str) -> None:
    """As if a scanner had called it clean."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "scan", _heard)
        scanning.scan(Content.objects.get(document_id=document).pk, now=right_now)


def _heard(parts: Any) -> scanner.Verdict:
    assert b"".join(parts)
    return scanner.Verdict(is_clean=True)


def refused(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, said(answer)["code"]


# -- the whole story ---------------------------------------------------------------------------------------------------


def test_a_content_is_brought_scanned_and_read(kept: Kept, settings: Any, clamd: str) -> None:
    settings.LINTAS_CONTENTS_SCANNER = clamd
    data = pdf()
    document = registered(kept.owner, data)
    assert said(kept.owner.get(f"/documents/{document}"))["content"]["status"] == "absent"

    brought = put(kept.owner, document, data)
    assert_answers(brought, "upload_content")
    assert brought.status_code == 201
    assert said(brought)["content"]["status"] == QUARANTINED
    content = Content.objects.get(document_id=document)
    entry = Entry.objects.get(stream=content.pk)
    assert said(brought)["receipt"]["stream"] == str(content.pk)
    assert b'"kind":"content.uploaded"' in bytes(entry.body)

    waiting, _ = fetched(kept.owner, document)
    assert refused(waiting) == (409, "content-not-clean")
    assert waiting.headers["Retry-After"]

    assert scanning.scan(content.pk, now=right_now) == CLEAN
    answer, got = fetched(kept.owner, document)
    assert (answer.status_code, got) == (200, data)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(len(data))
    assert answer.headers["Repr-Digest"] == content_digest(data)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Content-Disposition"].endswith("filename*=UTF-8''Kajian%20dugaan%20pelanggaran.pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    assert said(kept.owner.get(f"/documents/{document}"))["content"]["status"] == CLEAN
    assert_answers(kept.owner.get(f"/documents/{document}"), "read_document")
    assert Entry.objects.filter(stream=content.pk).count() == 2


def test_who_read_it_is_recorded_with_the_purpose(kept: Kept) -> None:
    data = pdf()
    document = registered(kept.owner, data)
    put(kept.owner, document, data)
    fetched(kept.owner, document)
    assert not Access.objects.filter(route="/documents/{id}/content").exists()
    judged_clean(document)
    fetched(kept.owner, document, **{"Lintas-Purpose": "audit"})
    read = Access.objects.get(route="/documents/{id}/content")
    assert (read.shown, read.purpose) == ([UUID(document)], "audit")


def test_nothing_readable_is_on_the_disk(kept: Kept) -> None:
    data = pdf(b"a-secret-word " * 9000)
    document = registered(kept.owner, data)
    put(kept.owner, document, data)
    (file,) = kept.files()
    sealed = file.read_bytes()
    assert b"a-secret-word" not in sealed
    assert not sealed.startswith(b"%PDF")
    assert hashlib.sha256(data).hexdigest() not in str(file)
    # The worker reads it through the group; nobody else does, and nobody but the web writes.
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o640, 0o750)


def test_the_same_bytes_again_change_nothing_and_other_bytes_are_refused(kept: Kept) -> None:
    data = pdf()
    document = registered(kept.owner, data)
    assert put(kept.owner, document, data).status_code == 201
    again = put(kept.owner, document, data)
    assert (again.status_code, again.content) == (204, b"")
    assert refused(put(kept.owner, document, pdf(b"another"))) == (409, "content-differs")
    assert len(kept.files()) == 1
    assert Content.objects.count() == 1


# -- what is refused, with nothing left of it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "headers", "expected"),
    [
        (pdf(), {"Content-Digest": ""}, (400, "upload-digest-missing")),
        (pdf(), {"Content-Digest": "sha-256=" + hashlib.sha256(pdf()).hexdigest()}, (400, "upload-digest-malformed")),
        (pdf(), {"Content-Digest": "md5=:AAAA:"}, (400, "upload-digest-malformed")),
        (pdf(), {"Content-Digest": "sha-256=:AAAA:"}, (400, "upload-digest-malformed")),
        (pdf(), {"Content-Digest": "sha-256=::"}, (400, "upload-digest-malformed")),
        (pdf(), {"Content-Digest": content_digest(b"other")}, (409, "content-differs")),
        (pdf(b"decrew"), {}, (409, "content-differs")),
        (pdf(b"decrew"), {"Content-Digest": content_digest(pdf())}, (400, "content-damaged")),
        (pdf() + b"x", {"Content-Digest": content_digest(pdf())}, (409, "content-differs")),
        (pdf()[:-1], {"Content-Digest": content_digest(pdf())}, (409, "content-differs")),
        (pdf(), {"Content-Encoding": "gzip"}, (415, "content-not-accepted")),
        (pdf(), {"Content-Type": "application/json"}, (415, "content-not-accepted")),
        (pdf(), {"Content-Type": "multipart/form-data; boundary=x"}, (415, "content-not-accepted")),
    ],
)  # fmt: skip
def test_what_is_not_the_content_is_refused(
    kept: Kept, sent: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    document = registered(kept.owner, pdf())
    answer = put(kept.owner, document, sent, **headers)
    assert_answers(answer, "upload_content")
    assert refused(answer) == expected
    assert kept.files() == []
    assert not Content.objects.exists()
    assert put(kept.owner, document, pdf()).status_code == 201


ZIP = b"PK\x03\x04" + bytes(26) + b"evil" + b"PK\x05\x06" + bytes(18)


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("application/pdf", b"<html><script>alert(1)</script>" + pdf()),
        ("application/pdf", b"MZ\x90\x00" + pdf()),
        ("application/pdf", ZIP + pdf()),
        ("application/pdf", b"\n" + pdf()),
        ("image/jpeg", pdf()),
        ("image/png", b"\xff\xd8\xff\xe0" + bytes(40) + b"\xff\xd9"),
        ("image/png", b"\x89PNG\n\x1a\n" + bytes(40)),
        ("application/pdf", b"%PD"),
    ],
)
def test_a_file_of_another_kind_is_refused(kept: Kept, media_type: str, data: bytes) -> None:
    document = registered(kept.owner, data, media_type=media_type)
    answer = put(kept.owner, document, data, **{"Content-Type": media_type})
    assert refused(answer) == (422, "content-not-what-it-says")
    assert kept.files() == []


@pytest.mark.parametrize(
    ("media_type", "data", "flags"),
    [
        ("application/pdf", pdf() + ZIP, ["trailing_data"]),
        ("application/pdf", pdf() + b"\r\n\r\n", []),
        ("image/jpeg", b"\xff\xd8\xff\xe0" + bytes(40) + b"\xff\xd9", []),
        ("image/jpeg", b"\xff\xd8\xff\xe0" + bytes(40) + b"\xff\xd9" + ZIP, ["trailing_data"]),
        ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(40) + b"IEND\xaeB`\x82", []),
    ],
)
def test_a_second_file_behind_the_first_is_flagged(kept: Kept, media_type: str, data: bytes, flags: list[str]) -> None:
    document = registered(kept.owner, data, media_type=media_type)
    answer = put(kept.owner, document, data, **{"Content-Type": media_type})
    assert answer.status_code == 201, answer.content
    assert said(answer)["content"]["flags"] == flags


def test_what_is_too_large_or_of_no_kind_is_refused_before_it_is_sent(kept: Kept) -> None:
    large = registered(kept.owner, pdf(), size=51 * 1024 * 1024)
    assert refused(put(kept.owner, large, pdf())) == (413, "content-too-large")
    archive = registered(kept.owner, pdf(), media_type="application/zip")
    assert refused(put(kept.owner, archive, pdf())) == (415, "content-not-accepted")


def test_each_agency_has_a_quota(kept: Kept, settings: Any) -> None:
    settings.LINTAS_CONTENTS_QUOTA_MB = 1
    first, second = pdf(b"a" * 600_000), pdf(b"b" * 600_000)
    assert put(kept.owner, registered(kept.owner, first), first).status_code == 201
    document = registered(kept.owner, second)
    assert refused(put(kept.owner, document, second)) == (507, "content-over-quota")
    assert len(kept.files()) == 1
    other = Partner(OTHER)
    assert put(other, registered(other, second), second).status_code == 201


def test_a_full_disk_leaves_nothing_half_stored_and_reads_go_on(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full in the middle: of every write in turn."""
    here, data = pdf(), pdf(b"x" * 300_000)
    read = registered(kept.owner, here)
    put(kept.owner, read, here)
    judged_clean(read)
    document, write = registered(kept.owner, data), os.write
    for failing in range(5):
        left = [failing]

        def full(handle: int, part: Any, left: list[int] = left) -> int:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(28, "No space left on device")
            return write(handle, part)

        monkeypatch.setattr(os, "write", full)
        answer = put(kept.owner, document, data)
        assert refused(answer) == (507, "content-no-room")
        assert len(kept.files()) == 1
        assert fetched(kept.owner, read)[1] == here
        monkeypatch.undo()
    assert put(kept.owner, document, data).status_code == 201


def test_names_are_drawn_and_a_path_names_nothing(kept: Kept) -> None:
    for path in ("..%2F..%2Fetc%2Fpasswd", "../../x", "....//x", "%2e%2e", "contents.keys"):
        answer = put(kept.owner, path, pdf())
        assert answer.status_code == 404, path
        assert kept.owner.get(f"/documents/{path}/content").status_code == 404
    document = registered(kept.owner, pdf(), title='../../../etc/passwd" X-Evil: 1')
    put(kept.owner, document, pdf())
    judged_clean(document)
    answer, _ = fetched(kept.owner, document)
    assert answer.headers["Content-Disposition"].endswith("filename*=UTF-8''etc%20passwd%20X-Evil%201.pdf")


def test_where_contents_are_not_kept_it_says_so(kept: Kept, settings: Any) -> None:
    document = registered(kept.owner, pdf())
    settings.LINTAS_CONTENTS = ""
    assert refused(put(kept.owner, document, pdf())) == (404, "content-not-offered")
    assert refused(fetched(kept.owner, document)[0]) == (404, "content-not-offered")
    assert said(kept.owner.get(f"/documents/{document}"))["content"] is None
    assert said(kept.owner.get(""))["contents"] is None


# -- sight -------------------------------------------------------------------------------------------------------------


def test_the_same_file_asked_by_every_role(kept: Kept) -> None:
    """An attached assessment: as much as the descriptor shows of it, each role gets of the content."""
    data = pdf()
    document = registered(kept.owner, data)
    assert put(kept.owner, document, data).status_code == 201
    judged_clean(document)
    casefile_at(State.RECOMMENDED, assessment=Assessment(summary="Kajian.", documents=(UUID(document),)))
    got = {}
    for agency in (PADANG, BKN, PEMKOT, OTHER, "bpk"):
        partner = Partner(agency)
        descriptor = partner.get(f"/documents/{document}")
        answer, content = fetched(partner, document)
        got[agency] = answer.status_code
        if descriptor.status_code == 404 or "#/sha256" in said(descriptor)["withheld"]:
            assert refused(answer) == (404, "not-found"), agency
        else:
            assert content == data, agency
        if agency not in (PADANG, "bpk"):
            code = "not-found" if descriptor.status_code == 404 else "not-your-document"
            assert refused(put(partner, document, data))[1] == code, agency
    assert got[PADANG] == got[BKN] == 200
    assert got[OTHER] == 404


def test_a_list_asks_as_often_with_contents_as_without(kept: Kept) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert kept.owner.get("/documents").status_code == 200
        return sum("SAVEPOINT" not in query["sql"] and "ratebucket" not in query["sql"] for query in seen)

    data = pdf()
    document = registered(kept.owner, data)
    kept.owner.get("/documents")
    without = statements()
    put(kept.owner, document, data)
    registered(kept.owner, pdf(b"another"))
    assert statements() == without


# -- reading a part ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-65535", 0, 65536),
        ("bytes=65535-65536", 65535, 65537),
        ("bytes=65536-", 65536, 200_000),
        ("bytes=-7", 199_993, 200_000),
        ("bytes=131071-131072", 131071, 131073),
        ("bytes=199999-999999999", 199_999, 200_000),
        ("bytes=-999999999", 0, 200_000),
    ],
)
def test_a_range_is_what_a_slice_is(kept: Kept, asked: str, start: int, stop: int) -> None:
    data = of_size(200_000)
    document = registered(kept.owner, data)
    put(kept.owner, document, data)
    judged_clean(document)
    answer, got = fetched(kept.owner, document, Range=asked)
    assert got == data[start:stop]
    whole = (start, stop) == (0, len(data))
    assert answer.status_code == (200 if whole else 206)
    assert answer.headers["Content-Length"] == str(stop - start)
    assert answer.headers.get("Content-Range") == (None if whole else f"bytes {start}-{stop - 1}/{len(data)}")
    for ignored in ("bytes=5-3", "bytes=0-1,3-4", "lines=0-1", "bytes=-", "bytes=a-b"):
        assert fetched(kept.owner, document, Range=ignored)[1] == data
    beyond, _ = fetched(kept.owner, document, Range=f"bytes={len(data)}-")
    assert refused(beyond) == (416, "range-not-satisfiable")
    assert beyond.headers["Content-Range"] == f"bytes */{len(data)}"
    tag = answer.headers["ETag"]
    assert fetched(kept.owner, document, Range=asked, **{"If-Range": '"other"'})[0].status_code == 200
    assert fetched(kept.owner, document, **{"If-None-Match": tag})[0].status_code == 304


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 131_072, 131_073])
def test_a_content_of_any_length_comes_back(kept: Kept, size: int) -> None:
    data = of_size(size)
    document = registered(kept.owner, data)
    put(kept.owner, document, data)
    judged_clean(document)
    assert fetched(kept.owner, document)[1] == data


def of_size(size: int) -> bytes:
    body = bytes(range(256)) * (size // 256 + 1)
    return (b"%PDF-1.7\n" + body)[: size - 6] + b"%%EOF\n"


# -- a store that was tampered with ------------------------------------------------------------------------------------


@pytest.mark.parametrize("hurt", ["flip", "cut", "swap", "gone", "key"])
def test_a_changed_file_is_never_given_out(kept: Kept, hurt: str, settings: Any, tmp_path: Path) -> None:
    data = of_size(200_000)
    document = registered(kept.owner, data)
    put(kept.owner, document, data)
    judged_clean(document)
    (file,) = kept.files()
    sealed = bytearray(file.read_bytes())
    if hurt == "flip":
        sealed[70_000] ^= 1
    elif hurt == "cut":
        del sealed[-(65_536 + 16) :]
    elif hurt == "swap":
        sealed[:65_552], sealed[65_552:131_104] = sealed[65_552:131_104], sealed[:65_552]
    file.write_bytes(sealed)
    if hurt == "gone":
        file.unlink()
    if hurt == "key":
        (tmp_path / "other").write_text(f"k1 {base64.b64encode(bytes(32)).decode()}\n")
        settings.LINTAS_CONTENTS_KEY_FILE = tmp_path / "other"
    if hurt in {"flip", "cut"}:
        with pytest.raises(Unreadable):
            fetched(kept.owner, document)
    else:
        assert refused(fetched(kept.owner, document)[0]) == (503, "temporarily-unavailable")


# -- the scanner's word ------------------------------------------------------------------------------------------------


def test_what_the_scanner_names_never_leaves(kept: Kept, settings: Any, clamd: str) -> None:
    settings.LINTAS_CONTENTS_SCANNER = clamd
    data = pdf(b"x" * 70_000 + EICAR)
    document = registered(kept.owner, data)
    put(kept.owner, document, data)
    content = Content.objects.get(document_id=document)
    assert scanning.scan(content.pk, now=right_now) == INFECTED
    shown = said(kept.owner.get(f"/documents/{document}"))["content"]
    assert (shown["status"], shown["finding"]) == (INFECTED, "Eicar-Test-Signature.UNOFFICIAL")
    answer, _ = fetched(kept.owner, document)
    assert refused(answer) == (409, "content-not-clean")
    assert said(answer)["status_of_content"] == INFECTED
    assert scanning.scan(content.pk, now=right_now) == INFECTED
    assert Entry.objects.filter(stream=content.pk).count() == 2


def test_without_a_scanner_everything_stays_in_quarantine(kept: Kept, settings: Any) -> None:
    data = pdf()
    document = registered(kept.owner, data)
    put(kept.owner, document, data)
    content = Content.objects.get(document_id=document)
    for where in (settings.LINTAS_CONTENTS_SCANNER, "tcp:127.0.0.1", "tcp::3310", "clamd"):
        settings.LINTAS_CONTENTS_SCANNER = where
        with pytest.raises(scanner.ScannerDown):
            scanning.scan(content.pk, now=right_now)
    assert scanning.waiting() == [content.pk]
    assert Entry.objects.filter(stream=content.pk).count() == 1


ACTIVE = {
    "javascript": b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>",
    "launch": b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(cmd.exe)>>>>",
    "embedded_files": b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[]>>>>>>",
}


@pytest.mark.parametrize("flag", sorted(ACTIVE))
def test_what_a_pdf_holds_besides_pages_is_flagged(kept: Kept, flag: str) -> None:
    data = assembled(ACTIVE[flag], b"<</Type/Pages/Kids[]/Count 0>>")
    document = registered(kept.owner, data)
    put(kept.owner, document, data)
    judged_clean(document)
    shown = said(kept.owner.get(f"/documents/{document}"))["content"]
    assert (shown["status"], shown["flags"]) == (CLEAN, [flag])
