"""What hides behind a file, what is asked of one in quarantine, and a sender who leaves while it is written."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from typing import Any
from uuid import uuid4

import pytest

from contents import pdf_flags, scanning, storage
from contents.models import INFECTED, Content
from contents.receiving import Draft, Intent
from tests.contents.conftest import EICAR, Kept, assembled, fetched, pdf, put, registered
from tests.contents.test_contents import of_size, refused, right_now
from tests.partner import said

PAGES = b"<</Type/Pages/Kids[]/Count 0>>"
OPENS = b"<</Type/Catalog/Pages 2 0 R/OpenAction %s>>"
HIDDEN: dict[str, tuple[Any, ...]] = {
    "a name spelt in digits": (("launch",), OPENS % b"<</S/L#61unch/F(cmd.exe)>>", PAGES),
    "a name kept elsewhere": (("launch",), OPENS % b"<</S 3 0 R/F(cmd.exe)>>", PAGES, b"/Launch "),
    "an action after an action": (("launch",), OPENS % b"<</S/URI/URI(x)/Next[<</S/Launch/F(cmd.exe)>>]>>", PAGES),
    "an entry of the outline": (
        ("launch",),
        b"<</Type/Catalog/Pages 2 0 R/Outlines<</First 3 0 R/Last 3 0 R/Count 1>>>>",
        PAGES,
        b"<</Title(x)/A<</S/Launch/F(cmd.exe)>>>>",
    ),
    "a key of a field": (
        ("javascript",),
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[<</T(a)/FT/Tx/AA<</K<</S/JavaScript/JS(x)>>>>>>]>>>>",
        PAGES,
    ),
    "a form with scripts of its own": (("javascript",), b"<</Type/Catalog/Pages 2 0 R/AcroForm<</XFA(x)>>>>", PAGES),
    "a file that does not say that it is one": (
        ("embedded_files",),
        b"<</Type/Catalog/Pages 2 0 R/AF[3 0 R]>>",
        PAGES,
        b"<</Type/Filespec/F(a.exe)/EF<</F 4 0 R>>>>",
        b"<</Length 3>>stream\nabc\nendstream",
    ),
    "nothing but a page": ((), b"<</Type/Catalog/Pages 2 0 R>>", PAGES),
}


@pytest.mark.parametrize("where", HIDDEN)
def test_what_a_pdf_does_is_found_wherever_it_stands(where: str) -> None:
    flags, *objects = HIDDEN[where]
    assert sorted(pdf_flags.found_in(assembled(*objects))) == list(flags)


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_the_scanner_names_in_an_archive_behind_a_pdf_never_leaves(
    kept: Kept, settings: Any, clamd: str, packed: int
) -> None:
    """An archive by itself is refused; one that hides behind a PDF is flagged, and opened by the scanner."""
    settings.LINTAS_CONTENTS_SCANNER = clamd
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", packed) as made:
        made.writestr("surat.txt", EICAR)
    data = pdf() + archive.getvalue()
    document = registered(kept.owner, data)
    assert said(put(kept.owner, document, data))["content"]["flags"] == ["trailing_data"]
    assert scanning.scan(Content.objects.get(document_id=document).pk, now=right_now) == INFECTED
    alone = registered(kept.owner, archive.getvalue())
    assert refused(put(kept.owner, alone, archive.getvalue())) == (422, "content-not-what-it-says")


def test_no_part_of_what_is_in_quarantine_is_read(kept: Kept) -> None:
    data = of_size(200_000)
    document = registered(kept.owner, data)
    tag = put(kept.owner, document, data).headers.get("ETag", '"1"')
    for headers in ({"Range": "bytes=0-0"}, {"Range": "bytes=-1"}, {"If-None-Match": tag}, {"If-None-Match": "*"}):
        answer, got = fetched(kept.owner, document, **headers)
        assert refused(answer) == (409, "content-not-clean"), headers
        assert data[:4] not in got
        assert "Content-Range" not in answer.headers


def test_a_draft_that_is_left_while_a_thread_writes_into_it_is_closed_after_that(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of a closed file may be another file's by the time that the thread writes."""
    intent = Intent(content=uuid4(), document=uuid4(), media_type="image/png", size=400_000, digest=b"x" * 32)
    draft = Draft(storage.opened(), intent)
    writing, goes_on, closed, write = threading.Event(), threading.Event(), threading.Event(), os.write

    def slowly(handle: int, part: Any) -> int:
        writing.set()
        assert goes_on.wait(20)
        return write(handle, part)

    def leaves() -> None:
        draft.discard()
        closed.set()

    monkeypatch.setattr(os, "write", slowly)
    taking = threading.Thread(target=draft.take, args=(b"\x89PNG\r\n\x1a\n" + b"x" * 300_000,))
    leaving = threading.Thread(target=leaves)
    taking.start()
    assert writing.wait(20)
    leaving.start()
    assert not closed.wait(0.1), "it was closed under the thread that writes"
    goes_on.set()
    for thread in (taking, leaving):
        thread.join(20)
    assert closed.is_set()
    assert not draft.path.exists()
    assert not draft.take(b"more"), "what was left takes nothing"
