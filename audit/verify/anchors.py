"""What the verifier trusts because a person gave it: log keys, a policy of witnesses, receipt keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from ..tlog import notes, policy
from ..tlog.notes import LOG, BadNote, Checkpoint, Note, VerifierKey
from .report import CannotDecide

HOW_TO_GET_A_KEY = (
    "No log key was given. Ask the operator, a witness or another agency for the log's vkey (`manage.py open_log` "
    "prints it, the witnesses have it in their policy) and give --key or --policy. --trust-genesis takes it from the "
    "log itself, which proves that the log is whole, not whose it is."
)


@dataclass(frozen=True, slots=True)
class Anchors:
    """The log keys (one for each origin that the log ever had), and the witnesses' policy, if any."""

    keys: tuple[VerifierKey, ...] = ()
    policy: policy.Policy | None = None

    def with_keys(self, keys: Iterable[VerifierKey]) -> Anchors:
        """These and more."""
        return replace(self, keys=(*self.keys, *keys))


def read_anchors(*, keys: Iterable[str], policy_file: Path | None) -> Anchors:
    """Anchors from the command line. Raises `CannotDecide` where one cannot be read."""
    try:
        found = [notes.read_vkey(key) for key in keys]
    except BadNote as why:
        raise CannotDecide(f"--key: {why}") from None
    if any(key.type != LOG for key in found):
        raise CannotDecide("--key takes the key of a log; witnesses belong into a --policy file.")
    if policy_file is None:
        return Anchors(keys=tuple(found))
    try:
        rules = policy.read_policy(read_text(policy_file))
    except policy.BadPolicy as why:
        raise CannotDecide(f"{policy_file}: {why}") from None
    return Anchors(keys=(*found, *rules.logs), policy=rules)


def stated_keys(state: Any) -> tuple[VerifierKey, ...]:
    """The log keys that an entry of the log's own stream states (`log_key`, `former_log_keys`)."""
    if not isinstance(state, Mapping):
        return ()
    former = state.get("former_log_keys")
    texts = [state.get("log_key"), *(former if isinstance(former, list) else ())]
    found = []
    for text in texts:
        try:
            found.append(notes.read_vkey(str(text)))
        except BadNote:
            continue
    return tuple(key for key in found if key.type == LOG)


def open_kept(file: Path, anchors: Anchors) -> Checkpoint:
    """A checkpoint that the auditor kept, signed by one of the keys. Raises `CannotDecide`."""
    try:
        return notes.open_checkpoint(read_text(file), keys=anchors.keys)[0]
    except BadNote as why:
        raise CannotDecide(f"{file}: {why}") from None


def fits(note: Note, key: VerifierKey) -> bool | None:
    """Whether the key's signature is there and fits; None where there is none."""
    try:
        return None if note.signed_by(key) is None else True
    except BadNote:
        return False


# -- receipt keys ------------------------------------------------------------------------------------------------------


def read_jwks(file: Path) -> dict[str, ec.EllipticCurvePublicKey]:
    """The P-256 keys of a JWKS file by their RFC 7638 thumbprint, whatever `kid` they bear. Raises `CannotDecide`."""
    document = read_json(file)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise CannotDecide(f"{file}: this is no JWKS (an object with a list `keys`).")
    found = {}
    for jwk in listed:
        if isinstance(jwk, dict) and jwk.get("kty") == "EC" and jwk.get("crv") == "P-256":
            try:
                x, y = (int.from_bytes(unbase64url(str(jwk[part]))) for part in "xy")
                found[thumbprint(jwk)] = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
            except (KeyError, ValueError):
                raise CannotDecide(f"{file}: a key in it is no point of P-256.") from None
    return found


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638, for EC keys."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    digest = sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def unbase64url(text: str) -> bytes:
    """Bytes from base64url without padding. Raises ValueError for any second spelling."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise ValueError("this base64 has a second spelling")
    return raw


# -- files -------------------------------------------------------------------------------------------------------------


def read_text(file: Path) -> str:
    """A file's text. Raises `CannotDecide`."""
    try:
        return file.read_bytes().decode()
    except OSError as why:
        raise CannotDecide(f"{file}: {why.strerror or why}") from None
    except UnicodeDecodeError:
        raise CannotDecide(f"{file}: this is not UTF-8.") from None


def read_json(file: Path) -> Any:
    """A file's JSON. Raises `CannotDecide`."""
    try:
        return json.loads(read_text(file))
    except (ValueError, RecursionError):
        raise CannotDecide(f"{file}: this is not JSON.") from None
