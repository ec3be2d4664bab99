"""Signed notes, checkpoints and cosignatures: C2SP signed-note, tlog-checkpoint, tlog-cosignature.

A note is a text, an empty line, and signature lines `— <name> <base64(key id || signature)>`. A log signs its
checkpoint (origin, size, root) with Ed25519, type 0x01; a witness adds a timestamped Ed25519 signature, type 0x04.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG = 0x01
COSIGNER = 0x04

_NUMBER = re.compile("0|[1-9][0-9]{0,18}")
_NAME = re.compile(r"[^\s+]{1,200}")
MAX_NOTE = 64 * 1024

# RFC 8032, 5.1.3: a y that is not below the field's prime is no encoding of a point.
_P25519 = 2**255 - 19
# The eight points of small order in every spelling that decoders accept: with one of these for a key a constant
# signature fits every message.
_SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
)


class BadNote(ValueError):
    """A note, key or checkpoint is not what the format demands, or its signature does not fit."""


# -- keys --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name and what it signs: `LOG` (0x01) or `COSIGNER` (0x04). Written as a vkey."""

    name: str
    type: int
    raw: bytes

    def __post_init__(self) -> None:
        """Refuse names that cannot stand in a note, and keys that fit every message."""
        if not _NAME.fullmatch(self.name):
            raise BadNote("a key's name is not empty and holds no space and no plus")
        if self.type not in (LOG, COSIGNER):
            raise BadNote(f"keys of type 0x{self.type:02x} are not known here")
        _utf8(self.name)
        if len(self.raw) != 32 or self.raw in _SMALL_ORDER or int.from_bytes(self.raw, "little") % 2**255 >= _P25519:
            raise BadNote("this is no usable Ed25519 public key")

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.type]) + self.raw).decode()}"

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `BadNote` unless the 64 bytes are this key's signature of the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise BadNote(f"the signature of {self.name} does not fit") from None


def read_vkey(text: str) -> VerifierKey:
    """Read `<name>+<key id>+<base64(type || key)>`. Raises `BadNote`."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise BadNote("a vkey reads name+id+key")
    name, ident, encoded = parts
    material = decode(encoded)
    if not material:
        raise BadNote("the vkey holds no key")
    key = VerifierKey(name=name, type=material[0], raw=material[1:])
    if key.id.hex() != ident:
        raise BadNote("the vkey's id is not that of its key")
    return key


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key with its name: signs notes as a log, or cosigns them as a witness."""

    name: str
    type: int
    private: Ed25519PrivateKey

    @property
    def vkey(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(name=self.name, type=self.type, raw=self.private.public_key().public_bytes_raw())

    def sign(self, text: str, *, time: int | None = None) -> str:
        """The signature line over a note's text; a cosigner says at which POSIX second it saw it."""
        if self.type == LOG:
            blob = self.private.sign(text.encode())
        else:
            if time is None or not 0 <= time < 2**63:
                raise ValueError("a cosignature needs the time at which the checkpoint was seen")
            blob = time.to_bytes(8, "big") + self.private.sign(_cosigned(text, time))
        return f"— {self.name} {base64.b64encode(self.vkey.id + blob).decode()}"


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


# -- notes -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ending in a newline) and its signature lines, none of them verified."""

    text: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(line + "\n" for line in self.lines)

    def signed_by(self, key: VerifierKey) -> int | None:
        """Whether a line of this key is there and fits: the cosigner's time (0 for a log key), or None if no line.

        Raises `BadNote` where a line claims to be this key's and does not fit.
        """
        for line in self.lines:
            name, blob = _signature(line)
            if name != key.name or blob[:4] != key.id:
                continue
            if key.type == LOG:
                key.verify(blob[4:], self.text.encode())
                return 0
            if len(blob) != 76:
                raise BadNote(f"the cosignature of {name} is not 76 bytes long")
            time = int.from_bytes(blob[4:12], "big")
            if time >= 2**63:
                raise BadNote(f"the cosignature of {name} has an impossible time")
            key.verify(blob[12:], _cosigned(self.text, time))
            return time
        return None


def read_note(written: str | bytes) -> Note:
    """Take a signed note apart. Raises `BadNote`."""
    raw = written if isinstance(written, bytes) else _utf8(written)
    if len(raw) > MAX_NOTE:
        raise BadNote("the note is longer than 64 KB")
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise BadNote("the note is not UTF-8") from None
    if any(ord(sign) < 0x20 and sign != "\n" for sign in whole):
        raise BadNote("the note holds control characters")
    text, found, signatures = whole.rpartition("\n\n")
    if not found or not text or not signatures.endswith("\n"):
        raise BadNote("a note is a text, an empty line and signature lines, each ending in a newline")
    lines = tuple(signatures.split("\n")[:-1])
    if not 1 <= len(lines) <= 100:
        raise BadNote("a note has between 1 and 100 signatures")
    for line in lines:
        _signature(line)
    return Note(text=text + "\n", lines=lines)


def read_signature_lines(lines: str, *, text: str) -> Note:
    """The note of a text with the signature lines that a witness answered with. Raises `BadNote`."""
    note = read_note(text + "\n" + lines)
    if note.text != text:
        raise BadNote("the answer holds more than signature lines")
    return note


def _signature(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not _NAME.fullmatch(parts[1]):
        raise BadNote("a signature line reads: em dash, name, base64")
    blob = decode(parts[2])
    if len(blob) < 5:
        raise BadNote("a signature is shorter than its key id")
    return parts[1], blob


# -- checkpoints -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits to: its origin, the number of its leaves, and the root over them."""

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note's text."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extension)
        return "".join(line + "\n" for line in lines)

    def signed(self, signer: Signer) -> Note:
        """This checkpoint as a note, signed by the log."""
        return Note(text=self.text, lines=(signer.sign(self.text),))


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text states; its signatures are another matter. Raises `BadNote`."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or "" in lines[:-1]:
        raise BadNote("a checkpoint has an origin, a size and a root, each on its line")
    origin, size, root, *extension = lines[:-1]
    if not _NUMBER.fullmatch(size) or int(size) >= 2**63:
        raise BadNote("the checkpoint's size is no number, or larger than any log")
    digest = decode(root)
    if len(digest) != 32:
        raise BadNote("the checkpoint's root is not 32 bytes long")
    return Checkpoint(origin=origin, size=int(size), root=digest, extension=tuple(extension))


def open_checkpoint(written: str | bytes, *, keys: Iterable[VerifierKey]) -> tuple[Checkpoint, Note]:
    """A checkpoint that one of these log keys signed under its own origin. Raises `BadNote`."""
    note = read_note(written)
    checkpoint = read_checkpoint(note.text)
    known = [key for key in keys if key.name == checkpoint.origin and key.type == LOG]
    if not known:
        raise BadNote(f"no key is known for the log {checkpoint.origin}")
    # Every key is asked, so that the answer does not hang on their order: one line that does not fit is enough.
    signed = [note.signed_by(key) for key in known]
    if all(time is None for time in signed):
        raise BadNote(f"the checkpoint is not signed by {checkpoint.origin}")
    return checkpoint, note


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadNote("the text holds lone surrogates, which UTF-8 cannot spell") from None


def decode_hash(line: str) -> bytes:
    """A hash of 32 bytes from its base64. Raises `BadNote`."""
    digest = decode(line)
    if len(digest) != 32:
        raise BadNote("a hash is not 32 bytes long")
    return digest


def decode(text: str) -> bytes:
    """Bytes from their one base64 spelling. Raises `BadNote`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise BadNote("this is no base64") from None
    if base64.b64encode(raw).decode() != text:
        raise BadNote("this base64 has a second spelling")
    return raw
