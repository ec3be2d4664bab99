"""One casefile as a PDF: what its page shows, and the entries and proofs of its steps as an attachment.

The compiler holds it to PDF/UA-1 (whoever cannot see it hears it in order) and PDF/A-3a (it can be read in fifty years;
A-2a, which is stricter, allows no attachment). Everything goes in as data; a character that the fonts that come along
do not have is written by its number.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit import access
from casefiles import exporting
from casefiles.catalogue.book import load as load_catalogue
from casefiles.errors import Erased
from casefiles.sight import projection
from casefiles.sight.casefiles import sight_of
from casefiles.sight.first_readings import openings_of
from casefiles.sight.projection import Viewer
from casefiles.sight.versions import Wanted, kept_versions
from console import verifier
from console.exports.tables import Reading, Refused
from console.pages import casefile as page

TEMPLATE: Final = Path(__file__).with_name("dossier.typ")
STANDARDS: Final[tuple[Literal["ua-1", "a-3a"], ...]] = ("ua-1", "a-3a")
_UNKNOWN: Final = re.compile(r'(?:the text|codepoint) `"(.*?)"`', re.S)
_NUMBERED: Final = re.compile(r"\\u\{([0-9a-f]+)\}")
MOST_UNKNOWN: Final = 40
"""Characters that are looked for one by one; then every one beyond Latin is written by its number."""


def data_of(ident: UUID, reading: Reading, *, read: access.Read, opens_content: bool) -> tuple[dict[str, Any], bytes]:
    """What the page shows, as plain text, and the attachment. Raises `Refused`.

    The statement that reads the versions records the read.
    """
    sight = sight_of(reading.actor, ident)
    if sight is None:
        raise Refused("not-seen")
    try:
        versions = kept_versions(ident, Wanted(first=1, most=page.MOST_VERSIONS, until=sight.until), read=read)
    except Erased:
        raise Refused("erased") from None
    openings = openings_of(ident)
    said = page.told(reading.actor, versions, sight, None, openings=openings, now=reading.now)
    viewer = projection.viewer_of(reading.actor, versions[-1].facts)

    def opens(facts: Mapping[str, Any], given: Mapping[str, Any], by: str) -> bool:
        return opens_content and sees_whole(facts, given, by=by, viewer=viewer)

    attachment = exporting.exported(ident, now=reading.now, until=sight.until, opens=opens)
    return said, json.dumps(attachment, ensure_ascii=False, indent=1).encode()


def sees_whole(facts: Mapping[str, Any], given: Mapping[str, Any], *, by: str, viewer: Viewer) -> bool:
    """Whether that version may be opened to the reader: its content is one commitment, opened whole or not at all.

    To auditors, who read all but reporter and witnesses, and then only where nothing of it is withheld from them. A
    party never sees what the flow notes for itself, which the commitment holds as well.
    """
    whole: Any = facts
    withheld = projection.project(whole, viewer=viewer, catalogue=load_catalogue())[1]
    return viewer.is_auditor and not withheld and projection.project_given(given, viewer=viewer, by=by) == given


def write(path: Path, said: Mapping[str, Any], attachment: bytes, *, about: Sequence[tuple[str, str]]) -> str:
    """Write the PDF; returns the SHA-256 of the attachment, which is printed in it."""
    digest = hashlib.sha256(attachment).hexdigest()
    named = dict(about)
    head = [
        *(_turn(said["turn"]) if said["turn"] else []),
        (_("Versi"), str(said["seen"]["version"])),
        *about,
        (_("Sidik lampiran (SHA-256)"), digest),
        (_("Sidik halaman verifikasi (SHA-256)"), verifier.digest()),
    ]
    data = {
        "title": said["number"],
        "author": named.get(_("Diambil oleh"), ""),
        "person": named.get(_("Diambil oleh"), ""),
        "footer": named.get(_("Saat"), ""),
        "lang": get_language() or "id",
        "state": " · ".join(filter(None, [str(said["state"]), str(said["outcome"] or "")])),
        "head": _plain(head),
        "parts": [
            _parties(said), _stages(said), _sanctions(said), _violations(said), _documents(said), _steps(said),
        ],
        "words": {"attachment": _("Entri, bukti dan isi perkara, untuk lintas-verify case")},
    }  # fmt: skip
    path.write_bytes(compiled(data, attachment))
    return digest


def compiled(data: Mapping[str, Any], attachment: bytes) -> bytes:
    """The PDF. Characters that no font has are told by number, so that no name stops a file, and none is lost."""
    text, unknown = json.dumps(data, ensure_ascii=False), set[str]()
    while True:
        try:
            made = typst.compile(
                TEMPLATE, root=TEMPLATE.parent, format="pdf", pdf_standards=[*STANDARDS], ignore_system_fonts=True,
                sys_inputs={"data": text, "attachment": attachment.decode()},
            )  # fmt: skip
        except typst.TypstError as why:
            named = set().union(*map(_characters, _UNKNOWN.findall(str(why))))
            if not named:
                raise
            # Of a letter with a mark that no font has, the letter is named; and the keys are letters, too.
            signs = {one for one in named if not " " <= one <= "~"} - unknown
            found = signs or _marks(text) or _beyond_latin(text)
            if not found:
                raise
            unknown |= found
            if len(unknown) > MOST_UNKNOWN:
                unknown |= _beyond_latin(text)
            text = json.dumps(data, ensure_ascii=False)
            for one in unknown:
                text = text.replace(one, f"[U+{ord(one):04X}]").replace(json.dumps(one)[1:-1], f"[U+{ord(one):04X}]")
        else:
            return made


def _characters(quoted: str) -> set[str]:
    return set(_NUMBERED.sub(lambda one: chr(int(one[1], 16)), quoted))


def _marks(text: str) -> set[str]:
    """The signs that stand on the one before."""
    return {one for one in text if unicodedata.category(one).startswith("M")}


def _beyond_latin(text: str) -> set[str]:
    return {one for one in text if ord(one) > 0x24F}


# -- parts -------------------------------------------------------------------------------------------------------------


def _plain(rows: Sequence[tuple[Any, Any]]) -> list[list[str]]:
    return [[str(label), str(value)] for label, value in rows if value not in (None, "")]


def _part(title: str, **said: Any) -> dict[str, Any]:
    return {"title": title, "note": "", "facts": [], "heads": [], "rows": [], "widths": [], "items": [], **said}


def _turn(turn: Mapping[str, Any]) -> list[tuple[str, str]]:
    late = _("lewat %(days)s hari") % {"days": turn["late"]} if turn["late"] else _("dalam tenggat")
    return [
        (_("Giliran"), f"{turn['agency']} ({turn['party']})"),
        (_("Untuk"), str(turn["purpose"])),
        (_("Sejak"), turn["since"]),
        (_("Tenggat"), f"{turn['due_on']} ({late})"),
    ]


def _parties(said: Mapping[str, Any]) -> dict[str, Any]:
    subject = said["subject"]
    rows = [
        (_("Terlapor"), subject.get("name") or _("belum dikenali")),
        ("NIP", f"{subject['nip']} ({_('disamarkan')})" if subject.get("nip") else ""),
        (_("Jenis pegawai"), subject.get("employment")),
        (_("Jabatan"), subject.get("position")),
        *said["parties"],
    ]
    return _part(_("Para pihak"), facts=_plain(rows))


def _stages(said: Mapping[str, Any]) -> dict[str, Any]:
    heads = [_("Untuk"), _("Instansi"), _("Sejak"), _("Dijawab"), _("Tenggat"), _("Hari"), _("Lewat")]
    rows = [
        [
            one.label, one.agency, one.since, one.until or _("belum"), one.due_on,
            _("%(days)s dari %(given)s") % {"days": one.days, "given": one.limit}, str(one.late),
        ]
        for one in said["stages"]
    ]  # fmt: skip
    return _part(_("Lama setiap giliran"), heads=heads, rows=rows, widths=[5, 5, 3, 3, 3, 3, 2])


def _sanctions(said: Mapping[str, Any]) -> dict[str, Any]:
    recommended, imposed = said["recommended"], said["imposed"]
    rows: list[tuple[str, Any]] = [
        (_("Direkomendasikan"), recommended["what"] if recommended else _("belum ada rekomendasi")),
        (_("Dijatuhkan"), imposed["what"] if imposed else _("belum ada hukuman")),
    ]
    if recommended:
        rows.insert(1, (_("Nomor"), f"{recommended['letter'].get('number') or ''} {recommended['on']}".strip()))
    if imposed:
        rows += [
            (_("Keputusan"), f"{imposed['decision'].get('number') or ''} {imposed['on']}".strip()),
            (_("Dibanding rekomendasi"), imposed["comparison"]),
            (_("Disampaikan"), imposed["delivered_on"]),
            (_("Berlaku sejak"), imposed["effective_on"]),
        ]
    return _part(_("Rekomendasi dan hukuman"), facts=_plain(rows))


def _violations(said: Mapping[str, Any]) -> dict[str, Any]:
    items = [
        {
            "title": f"{one['number']}. {one['form']}",
            "facts": _plain(
                [
                    (_("Tanggal perbuatan"), " - ".join(filter(None, [one["act_date"], one["act_until"]]))),
                    (_("Saluran"), one["channel"]),
                    (_("Uraian"), one.get("description")),
                    (_("Golongan"), one["class"]),
                    (_("Butir"), one.get("annex_item")),
                    (_("Mengapa"), one["why"]),
                    (_("Dasar hukum"), one["basis"]),
                ]
            ),
            "heads": [],
            "rows": [],
        }
        for one in said["violations"]
    ]
    return _part(_("Pelanggaran dan golongannya"), items=items)


def _documents(said: Mapping[str, Any]) -> dict[str, Any]:
    hidden = _("tidak dibagikan kepada instansi Anda")
    rows = [
        [
            one["type"],
            one.get("number") or "—",
            one["date"] or "—",
            one["owner"] or "—",
            _wrapped(one["sha256"]) or hidden,
        ]
        for one in said["documents"]
    ]  # fmt: skip
    heads = [_("Jenis"), _("Nomor"), _("Tanggal"), _("Pemilik"), "SHA-256"]
    return _part(_("Dokumen"), heads=heads, rows=rows, widths=[4, 4, 3, 4, 5])


def _steps(said: Mapping[str, Any]) -> dict[str, Any]:
    items = []
    for step in said["timeline"]:
        title = f"{step.seq}. {step.what}" + (f" → {step.to}" if step.to and step.to != step.what else "")
        proof = _("entri %(index)s") % {"index": step.index} if step.index is not None else _("menunggu tempatnya")
        facts = _plain(
            [
                (_("Oleh"), f"{step.agency} ({step.by})"),
                (_("Dibuka pertama kali"), "; ".join(step.opened)),
                (_("Terjadi"), step.occurred),
                (_("Dicatat"), step.recorded),
                (_("Dasar hukum"), step.basis),
                (_("Bukti"), f"{proof}, {_wrapped(step.leaf)}"),
            ]
        )
        rows = [[change.label, change.before or "—", change.after or "—"] for change in step.changes]
        heads = [_("Apa"), _("Semula"), _("Menjadi")] if rows else []
        items.append({"title": title, "facts": facts, "heads": heads, "rows": rows})
    return _part(_("Riwayat"), items=items)


def _wrapped(digest: str | None) -> str:
    """A digest that may be broken over lines, every eight digits."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8)) if digest else ""
