"""A receipt as a PDF: what was recorded, which entry of the log it is, and where its proof is, also as a QR code.

The signed promise, which `lintas-verify receipt` reads, is a file of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import qrcode
import typst
from django.conf import settings
from django.utils.translation import gettext as _

from console import telling, verifier, words

PAGE: Final = Path(__file__).with_name("receipt.typ")


def made(receipt: Mapping[str, Any], *, what: str, number: str, by: str) -> bytes:
    """The PDF (accessible, and fit for an archive: UA-1 and A-2a)."""
    address = f"{settings.LINTAS_BASE_URL}/api/v1/log/entries?leaf_hash={receipt['leaf_hash']}"
    rows = [
        (_("Nomor perkara"), number, False),
        (_("Langkah"), what, False),
        (_("Dicatat"), telling.instant(receipt["accepted_at"]), False),
        (_("Oleh"), by, False),
        (_("Versi berkas"), str(receipt["seq"]), False),
        (_("Entri log"), receipt["entry"], True),
        (_("Sidik daun"), _broken(receipt["leaf_hash"]), True),
        (_("Masuk pohon paling lambat"), telling.instant(receipt["in_tree_by"]), False),
        (_("Sidik halaman verifikasi (SHA-256)"), _broken(verifier.digest()), True),
    ]
    said = {
        "title": _("Tanda terima"),
        "language": "en" if words.is_english() else "id",
        "lead": _("Langkah ini tercatat dalam register Lintas. Operator berjanji bahwa entrinya ada di log.")
        if receipt["jws"]
        else _("Langkah ini tercatat dalam register Lintas. Janji operator TIDAK ditandatangani: tanyakan kepadanya."),
        "rows": [{"label": label, "value": value, "mono": mono} for label, value, mono in rows],
        "code": _picture(address),
        "code_says": _("Tempat bukti entri ini di log:"),
        "address": address,
        "foot": _foot()
        if receipt["jws"]
        else _(
            "Konsol ini tidak mempunyai kunci tanda terima. Berkas receipt.json karena itu tidak membuktikan apa pun."
        ),
    }
    pdf = typst.compile(
        PAGE,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(said, ensure_ascii=False)},
        pdf_standards=["ua-1", "a-2a"],
        timestamp=int(datetime.fromisoformat(receipt["accepted_at"]).timestamp()),
    )
    return bytes(pdf)


def _foot() -> str:
    return _(
        "Janji yang ditandatangani ada dalam berkas receipt.json, yang disimpan di samping lembar ini; "
        "lintas-verify memeriksanya tanpa operator. Lembar ini sendiri tidak bertanda tangan."
    )


def _broken(digest: str) -> str:
    """A digest in groups, so that it fits a line and can be read out."""
    return " ".join(digest[place : place + 8] for place in range(0, len(digest), 8))


def _picture(address: str) -> str:
    """The QR code as SVG."""
    code = qrcode.QRCode(border=2)
    code.add_data(address)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    box = f"0 0 {len(rows)} {len(rows)}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><path d="{path}"/></svg>'
