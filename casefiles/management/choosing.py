"""About whom a data-protection officer asks on the command line, and the list to choose from where no NIP says it.

Names and NIPs come in files: every user of a machine can read a command line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from agencies.models import Agency
from casefiles import nip as nips
from casefiles import register_time
from casefiles.identifiers import shows_nothing
from casefiles.operations import officers, subjects
from casefiles.operations.officers import Officer, Place

KINDS: Final = {
    "subject": "terlapor / subject",
    "official": "pejabat / official",
    "prevention": "pencegahan / prevention",
    "zero_report": "laporan nihil / zero report",
}
_PICKED: Final = re.compile("([0-9a-f]{6}):([0-9]{1,4}(?:,[0-9]{1,4})*)")


def add_whom(parser: CommandParser) -> None:
    """The arguments that say whom it is about."""
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--nip-file", type=Path, help="a file that holds the NIP; - is stdin")
    whom.add_argument("--casefile", help="of whom no NIP is known: the number or id of their casefile")
    whom.add_argument("--finding", help="the id of a finding; lists its subjects to choose from (--pick)")
    whom.add_argument(
        "--name-file", type=Path, help="a file that holds the name; with --employer; lists what to choose"
    )
    parser.add_argument("--employer", help="the code of the agency whose officer or official bears the name")
    parser.add_argument("--pick", help="what was chosen from the list, as it says: 4f2a91:1,3")


def whom(options: Mapping[str, Any], *, command: str, write: Callable[[str], object]) -> Officer | None:
    """The officer; None where a list was written first, to choose from. Raises `CommandError`.

    Whoever is shown such a list, or asks about a name that stands nowhere, is recorded as a reader.
    """
    if (options["employer"] is not None) != (options["name_file"] is not None):
        raise CommandError(
            "--employer menyertai --name-file, dan sebaliknya. / "
            "--employer goes with --name-file, and the other way round."
        )
    if options["nip_file"] is not None:
        if options["pick"] is not None:
            raise CommandError("NIP sudah menunjuk orangnya; hapus --pick. / A NIP says who it is; leave --pick out.")
        return officers.by_nip(nip_in(options["nip_file"]))
    places = _places(options)
    if not places:
        _note((), command=command)
        raise CommandError(
            "Tidak ditemukan. Nama dibandingkan tanpa gelar, tanda baca dan huruf besar, pada instansi itu saja. / "
            "Found nowhere. Names are compared without titles, signs and capitals, and with that agency only."
        )
    if options["casefile"] is not None and options["pick"] is None:
        return _officer(places, write=write)
    if options["pick"] is None:
        _note(places, command=command)
        for line in listed(places):
            write(line)
        return None
    return _officer(_picked(places, options["pick"]), write=write)


def listed(places: Sequence[Place]) -> list[str]:
    """The places as lines to choose from."""
    warning = (
        f"{len(places)} tempat. Nama yang sama bukan bukti orang yang sama: periksa dahulu, lalu pilih. / "
        f"{len(places)} places. The same name is no proof of the same person: check first, then choose."
    )
    lines = [warning]
    for number, place in enumerate(places, start=1):
        known = ", ".join(nips.masked(nip) for nip in sorted(place.nips)) or "tidak ada / none"
        agency = place.agency or "instansi belum diketahui / agency not known yet"
        lines.append(f"{number:4}  {KINDS[place.kind]}  {place.number}  {agency}  {place.facts}  NIP: {known}")
    everything = ",".join(str(number) for number in range(1, len(places) + 1))
    lines.append(f"Ulangi dengan / Repeat with: --pick {officers.mark(places)}:{everything}")
    return lines


def nip_in(file: Path) -> str:
    """The NIP in that file. Raises `CommandError`."""
    try:
        return nips.read(_read(file))
    except ValueError as why:
        raise CommandError(
            f"Berkas itu tidak memuat NIP 18 angka. / The file holds no NIP of 18 digits ({why})."
        ) from None


def _places(options: Mapping[str, Any]) -> tuple[Place, ...]:
    if options["casefile"] is not None:
        return officers.of_casefile(options["casefile"])
    if options["finding"] is not None:
        try:
            return officers.of_finding(UUID(options["finding"]))
        except ValueError:
            raise CommandError("--finding adalah id (UUID). / --finding is an id (UUID).") from None
    name = _read(options["name_file"]).strip()
    if shows_nothing(name):
        raise CommandError("Berkas itu tidak memuat nama. / The file holds no name.")
    if not Agency.objects.filter(code=options["employer"]).exists():
        raise CommandError("Tidak ada instansi dengan kode itu. / No agency has that code.")
    # The limit of a statement is lifted for this one only.
    with transaction.atomic():
        return officers.named(name, agency=options["employer"])


def _picked(places: Sequence[Place], pick: str) -> list[Place]:
    said = _PICKED.fullmatch(pick)
    if said is None:
        raise CommandError("--pick ditulis seperti / is written like 4f2a91:1,3")
    if said[1] != officers.mark(places):
        raise CommandError(
            "Daftarnya sudah berubah; lihat lagi tanpa --pick. / The list has changed; look again, without --pick."
        )
    numbers = sorted({int(number) for number in said[2].split(",")})
    if numbers[0] < 1 or numbers[-1] > len(places):
        raise CommandError(f"Nomor dari 1 sampai {len(places)}. / Numbers go from 1 to {len(places)}.")
    return [places[number - 1] for number in numbers]


def _officer(places: Sequence[Place], *, write: Callable[[str], object]) -> Officer:
    try:
        officer = officers.chosen(places)
    except officers.TwoPersons:
        raise CommandError(
            "Yang dipilih memuat NIP yang berlainan: itu dua orang. / "
            "What was chosen holds different NIPs: those are two persons."
        ) from None
    if officer.nips:
        write("NIP-nya ada di sana; dicari juga menurut NIP. / Their NIP stands there; it is searched for as well.")
    else:
        write("Tanpa NIP: hanya yang dipilih yang diperiksa. / Without a NIP: only what was chosen is looked at.")
    return officer


def _note(places: Sequence[Place], *, command: str) -> None:
    shown = {place.ident for place in places}
    with transaction.atomic():
        subjects.record(shown, command=command, now=register_time.now())


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        said = why.strerror if isinstance(why, OSError) else "UTF-8"
        raise CommandError(f"{file} tidak dapat dibaca / cannot be read: {said}") from why
