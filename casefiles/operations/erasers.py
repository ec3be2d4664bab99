"""Who may erase, and the orders that two of them sign. Pure: no model, no clock, no file.

An order is a JSON object; what is signed (Ed25519) is its format (`lintas-erasure/1`: one casefile; `lintas-months/1`:
months of the record of reads), a newline and the RFC 8785 form of the order without its signatures. The persons are
named by pseudonyms, for the signed order goes into the log, which forgets nothing.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.ledger import canonical, instant
from audit.tlog.notes import LOG, BadNote, VerifierKey, decode, read_vkey

FORMAT: Final = "lintas-erasure/1"
MONTHS_FORMAT: Final = "lintas-months/1"
VALID_FOR: Final = timedelta(days=7)
PERSONS: Final = 2

# Code: what it means. The code alone goes into the log.
REASONS: Final[Mapping[str, str]] = {
    "retention_elapsed": "masa simpan berakhir / the retention period is over",
    "court_order": "perintah pengadilan / a court ordered it",
    "data_subject_request": "permintaan subjek data / the data subject asked for it",
    "mistaken_identity": "salah orang / the wrong person was named",
}

_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]{1,79}")
_NUMBER = re.compile(r"LTS/[0-9]{4}/[0-9]{6,12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MAX_BASIS = 300
_TEXTS = ("format", "id", "origin", "reason", "basis", "made_at", "expires_at")


class ErasureRefused(Exception):
    """Nothing was erased. `reason` is a stable code, the message says what is wrong and what to do."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's signature: `key` is the public key as a vkey (C2SP signed-note, type 0x01), `signature` base64."""

    name: str
    key: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOrder:
    """What every order says: for which log, why, and until when it is good. Instants are UTC text in milliseconds."""

    format: str
    id: str
    origin: str
    reason: str
    basis: str
    made_at: str
    expires_at: str
    signatures: tuple[Signature, ...] = ()

    def plain(self) -> dict[str, Any]:
        """The order as JSON, signatures included."""
        members = asdict(self)
        return {**members, "signatures": list(members["signatures"])}

    @property
    def signed_bytes(self) -> bytes:
        """What each person signs."""
        members = self.plain()
        del members["signatures"]
        return f"{self.format}\n".encode() + canonical(members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(SignedOrder):
    """The content of one casefile is to be erased; `version` is the casefile's."""

    format: str = FORMAT
    casefile: str
    number: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthsOrder(SignedOrder):
    """The reads of whole months are to end, from the oldest on.

    `until` is the first day whose reads stay (ISO 8601, UTC); `reads` how many end; `head` the digest (hex) of the list
    of the last sealed day among them, which is the newest link of the chain of seals that the persons let go.
    """

    format: str = MONTHS_FORMAT
    until: str
    reads: int
    head: str


# --- who may erase --------------------------------------------------------------------------------------------------


def read_erasers(text: str) -> Mapping[str, VerifierKey]:
    """The persons of an erasers' file by name. Each line: `name base64-of-the-32-bytes`, or a vkey; `#` comments.

    Raises `ErasureRefused` where a name or a key stands twice, or a line or key is unusable.
    """
    found: dict[str, VerifierKey] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not (words := line.split("#", 1)[0].split()):
            continue
        try:
            key = read_vkey(words[0]) if len(words) == 1 else VerifierKey(words[0], LOG, decode(words[1]))
        except BadNote as error:
            raise ErasureRefused("erasers-file", f"Line {number} of the erasers' file: {error}.") from error
        if len(words) > 2 or key.type != LOG or not _NAME.fullmatch(key.name):
            raise ErasureRefused(
                "erasers-file",
                f"Line {number} of the erasers' file must read `name key`, the name a pseudonym of a-z 0-9 . _ / -.",
            )
        if twin := next((known for known in found.values() if known.name == key.name or known.raw == key.raw), None):
            raise ErasureRefused(
                "erasers-file",
                f"Line {number} of the erasers' file repeats the name or the key of {twin.name}: two persons have two.",
            )
        found[key.name] = key
    return found


def draw_key(name: str) -> tuple[Ed25519PrivateKey, str]:
    """A fresh private key for that person, and the line for the erasers' file."""
    private = Ed25519PrivateKey.generate()
    return private, str(_public(name, private))


def _public(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    if not _NAME.fullmatch(name):
        raise ErasureRefused("name", "The name is a pseudonym of 2 to 80 characters: a-z 0-9 . _ / -")
    return VerifierKey(name, LOG, private.public_key().public_bytes_raw())


# --- orders ---------------------------------------------------------------------------------------------------------


def make_months_order(
    *, ident: UUID, origin: str, until: date, reads: int, head: str, reason: str, basis: str, now: datetime
) -> MonthsOrder:
    """An unsigned order to end reads, good for seven days."""
    order = MonthsOrder(
        id=str(ident),
        origin=origin,
        until=until.isoformat(),
        reads=reads,
        head=head,
        reason=reason,
        basis=" ".join(basis.split()),
        made_at=instant(now),
        expires_at=instant(now + VALID_FOR),
    )
    _check_months(order)
    return order


def make_order(
    *, ident: UUID, origin: str, casefile: UUID, number: str, version: int, reason: str, basis: str, now: datetime
) -> Order:
    """An unsigned order, good for seven days."""
    order = Order(
        id=str(ident),
        origin=origin,
        casefile=str(casefile),
        number=number,
        version=version,
        reason=reason,
        basis=" ".join(basis.split()),
        made_at=instant(now),
        expires_at=instant(now + VALID_FOR),
    )
    _check_erasure(order)
    return order


def read_order(text: str) -> Order | MonthsOrder:
    """The order in a file. Raises `ErasureRefused` unless every member is there, of its type, and nothing else."""
    try:
        members = json.loads(text, object_pairs_hook=_unique)
        marks = members.pop("signatures")
        kinds: dict[str, type[Order | MonthsOrder]] = {FORMAT: Order, MONTHS_FORMAT: MonthsOrder}
        order = kinds[members["format"]](**members, signatures=tuple(Signature(**mark) for mark in marks))
        if sorted(members) != sorted(name for name in order.plain() if name != "signatures"):
            raise ValueError("a member is missing")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ErasureRefused("order-malformed", "The file holds no erasure order, and none to end months.") from error
    if isinstance(order, MonthsOrder):
        _check_months(order)
    else:
        _check_erasure(order)
    return order


def _check_erasure(order: Order) -> None:
    _check(order, texts=(order.casefile, order.number))
    if type(order.version) is not int or not 1 <= order.version < 2**31 or not _NUMBER.fullmatch(order.number):
        raise ErasureRefused("order-malformed", "The order names no casefile's number and version.")
    if not _is_id(order.casefile):
        raise ErasureRefused("order-malformed", "The id of the order's casefile is not in its canonical form.")


def _check_months(order: MonthsOrder) -> None:
    _check(order, texts=(order.until, order.head))
    if type(order.reads) is not int or not 0 <= order.reads < 2**53 or not _DIGEST.fullmatch(order.head):
        raise ErasureRefused("order-malformed", "The order says no number of reads and no head of their seals.")
    try:
        until = date.fromisoformat(order.until)
    except ValueError as error:
        raise ErasureRefused("order-malformed", "The order's `until` is no day.") from error
    if until.day != 1 or until.isoformat() != order.until:
        raise ErasureRefused("order-malformed", "The order's `until` is not the first day of a month, as YYYY-MM-DD.")


def _check(order: SignedOrder, *, texts: tuple[Any, ...]) -> None:
    """Raise `ErasureRefused` unless each member that all orders have, and each other text, is what it must be."""
    members = order.plain()
    texts += tuple(members[name] for name in _TEXTS)
    texts += tuple(value for mark in members["signatures"] for value in mark.values())
    if not all(isinstance(value, str) and len(value) <= _MAX_BASIS and value.isprintable() for value in texts):
        raise ErasureRefused("order-malformed", f"The order's members are lines of up to {_MAX_BASIS} characters.")
    if order.reason not in REASONS:
        raise ErasureRefused("unknown-reason", f"The reason must be one of {', '.join(REASONS)}.")
    if not order.basis.strip():
        raise ErasureRefused("no-basis", "An order states its legal basis.")
    try:
        made, expires = _moments(order)
    except ValueError as error:
        raise ErasureRefused("order-malformed", "The order's instants cannot be read.") from error
    if not _is_id(order.id):
        raise ErasureRefused("order-malformed", "The order's id is not in its canonical form.")
    if not made < expires <= made + VALID_FOR:
        raise ErasureRefused("order-malformed", f"An order is good for at most {VALID_FOR.days} days.")


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


_AnOrder = TypeVar("_AnOrder", bound=SignedOrder)


def add_signature(order: _AnOrder, *, name: str, private: Ed25519PrivateKey) -> _AnOrder:
    """The order with that person's signature. Raises `ErasureRefused` where the name or the key has signed already."""
    key = _public(name, private)
    if any(mark.name == name or mark.key.endswith(f"+{_material(key)}") for mark in order.signatures):
        raise ErasureRefused("signed-already", f"{name}, or the same key under another name, has signed this order.")
    blob = base64.b64encode(private.sign(order.signed_bytes)).decode()
    return replace(order, signatures=(*order.signatures, Signature(name=name, key=str(key), signature=blob)))


def check_signatures(
    order: SignedOrder, erasers: Mapping[str, VerifierKey], *, origin: str, now: datetime, was_performed: bool = False
) -> None:
    """Raise `ErasureRefused` unless the order is for this log, in time, and signed by two authorised persons.

    Every signature must be good: one that is not makes the order suspect, however many others there are. An order that
    was performed before a backup was restored has kept its term then; its term is not asked again.
    """
    if order.origin != origin:
        raise ErasureRefused("other-origin", f"The order was made for the log {order.origin}; this one is {origin}.")
    made, expires = _moments(order)
    if now < made:
        raise ErasureRefused("not-yet", f"The order says it was made at {order.made_at}, which is still to come.")
    if now >= expires and not was_performed:
        raise ErasureRefused("expired", f"The order expired at {order.expires_at}. Make a new one.")
    signed: dict[bytes, str] = {}
    for mark in order.signatures:
        key = erasers.get(mark.name)
        if key is None:
            raise ErasureRefused("not-authorised", f"{mark.name} is not in the erasers' file.")
        if mark.key != str(key):
            raise ErasureRefused("other-key", f"{mark.name} signed with another key than the erasers' file names.")
        try:
            key.verify(decode(mark.signature), order.signed_bytes)
        except BadNote as error:
            raise ErasureRefused("bad-signature", f"The signature of {mark.name} does not fit this order.") from error
        signed[key.raw] = mark.name
    if len(signed) != len(order.signatures):
        raise ErasureRefused("signed-twice", "The same person or the same key has signed twice.")
    if len(set(signed.values())) < PERSONS:
        raise ErasureRefused("two-persons", f"The order needs the signatures of {PERSONS} different persons.")


def _moments(order: SignedOrder) -> tuple[datetime, datetime]:
    made, expires = datetime.fromisoformat(order.made_at), datetime.fromisoformat(order.expires_at)
    if (instant(made), instant(expires)) != (order.made_at, order.expires_at):
        raise ValueError("another spelling of an instant")
    return made, expires


def _material(key: VerifierKey) -> str:
    return str(key).split("+", 2)[2]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members
