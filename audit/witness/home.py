"""A witness's directory: `key.pem` (0600), `witness.conf` (its name and the logs it trusts), `state.sqlite3`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ..tlog import notes
from ..tlog.notes import BadNote, Signer, VerifierKey
from .store import Store, Unusable

KEY = "key.pem"
CONFIG = "witness.conf"
STATE = "state.sqlite3"

_PREAMBLE = """\
# Log yang disaksikan, satu vkey per baris; beberapa kunci untuk satu log boleh. Setelah mengubah: SIGHUP.
# The logs witnessed, one vkey a line; several keys of one log are allowed. After a change: SIGHUP.
"""


class Trouble(Exception):
    """The witness cannot go on; said in Indonesian and in English."""

    def __init__(self, indonesian: str, english: str) -> None:
        super().__init__(f"{indonesian}\n{english}")


@dataclass(frozen=True, slots=True)
class Config:
    """What witness.conf says."""

    name: str
    logs: tuple[VerifierKey, ...]


def read_log_key(vkey: str) -> VerifierKey:
    """A log's vkey. Raises `Trouble`."""
    try:
        key = notes.read_vkey(vkey)
    except BadNote as why:
        raise Trouble(f"Ini bukan vkey sebuah log: {vkey}", f"This is no vkey of a log ({why}): {vkey}") from None
    if key.type != notes.LOG:
        raise Trouble(f"Ini vkey saksi, bukan log: {vkey}", f"This is a witness's vkey, not a log's: {vkey}")
    return key


def begin(directory: Path, *, name: str, logs: Sequence[VerifierKey], now: int) -> Signer:
    """Draw a key and write a new witness's directory. Raises `Trouble`."""
    signer = Signer(name=name, type=notes.COSIGNER, private=Ed25519PrivateKey.generate())
    try:
        vkey = signer.vkey
    except BadNote as why:
        raise Trouble(f"Nama ini tidak dapat dipakai: {name}", f"This name cannot be used: {why}") from None
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in (KEY, CONFIG, STATE):
        if (directory / part).exists():
            raise Trouble(
                f"Sudah ada {directory / part}; pilih direktori lain.",
                f"{directory / part} exists already; choose another directory.",
            )
    pem = signer.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(directory / CONFIG, (_PREAMBLE + f"name {name}\n" + "".join(f"log {key}\n" for key in logs)).encode())
    Store.create(directory / STATE, witness=str(vkey), now=now)
    _write(directory / KEY, pem)
    return signer


def begin_anew(directory: Path, *, now: int) -> None:
    """Give a witness whose state file is lost an empty memory. Raises `Trouble`."""
    signer = read_signer(directory, read_config(directory).name)
    try:
        Store.create(directory / STATE, witness=str(signer.vkey), now=now)
    except FileExistsError:
        raise Trouble(
            f"{directory / STATE} masih ada; tidak ada yang diubah.", f"{directory / STATE} is there; nothing changed."
        ) from None


def trust(directory: Path, key: VerifierKey) -> bool:
    """Add a log's key to the configuration; False if it is there already. Raises `Trouble`."""
    if key in read_config(directory).logs:
        return False
    path = directory / CONFIG
    text = path.read_text(encoding="utf-8")
    _write(path, (text + ("" if text.endswith("\n") else "\n") + f"log {key}\n").encode())
    return True


def read_config(directory: Path) -> Config:
    """The directory's configuration. Raises `Trouble`."""
    path = directory / CONFIG
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        raise Trouble(
            f"{path} tidak terbaca. Buat saksi dengan: lintas-witness init --dir {directory}",
            f"{path} cannot be read ({type(why).__name__}). Make a witness with: lintas-witness init --dir {directory}",
        ) from None
    names: list[str] = []
    logs: list[VerifierKey] = []
    for number, line in enumerate(text.splitlines(), start=1):
        match line.split():
            case []:
                continue
            case [word, *_] if word.startswith("#"):
                continue
            case ["name", name]:
                names.append(name)
            case ["log", vkey]:
                logs.append(read_log_key(vkey))
            case _:
                raise Trouble(
                    f"{path}, baris {number}: harus `name NAMA` atau `log VKEY`.",
                    f"{path}, line {number}: must be `name NAME` or `log VKEY`.",
                )
    if len(names) != 1:
        raise Trouble(f"{path}: harus ada tepat satu `name`.", f"{path}: there must be exactly one `name`.")
    return Config(name=names[0], logs=tuple(dict.fromkeys(logs)))


def read_signer(directory: Path, name: str) -> Signer:
    """The witness's private key under its name. Raises `Trouble`."""
    path = directory / KEY
    try:
        if path.stat().st_mode & 0o077:
            raise Trouble(
                f"{path} dapat dibaca orang lain. Ketik: chmod 600 {path}",
                f"Others can read {path}. Type: chmod 600 {path}",
            )
        private = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("not Ed25519")
        signer = Signer(name=name, type=notes.COSIGNER, private=private)
        _ = signer.vkey  # a name that cannot stand in a note is found here, not with the first checkpoint
    except (OSError, ValueError, TypeError) as why:
        raise Trouble(
            f"Kunci di {path} tidak dapat dipakai.", f"The key in {path} cannot be used ({type(why).__name__})."
        ) from None
    return signer


def open_state(directory: Path, signer: Signer) -> Store:
    """The witness's memory. Raises `Trouble`."""
    path = directory / STATE
    try:
        return Store(path, witness=str(signer.vkey))
    except Unusable as why:
        raise Trouble(
            f"Ingatan saksi {path} tidak dapat dipakai. Jangan pulihkan salinan lama: baca bagian 'Losing the state'"
            " pada deploy/witness/README.md.",
            f"The witness's memory {path} cannot be used: {why}. Do not restore an old copy: read 'Losing the state'"
            " in deploy/witness/README.md.",
        ) from None


def _write(path: Path, content: bytes) -> None:
    """Write a file 0600, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
