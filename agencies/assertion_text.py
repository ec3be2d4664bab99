"""Taking a client assertion apart, as far as it goes: what can be said of its text, header and signature, all at once.

Pure, and nothing here is believed. A text that is refused is still read as its sender probably meant it (quotation
marks dropped, padding removed, the standard alphabet turned into base64url), so that what is wrong inside it is told in
the same answer. Whatever was read so carries at least one fault, and is never accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from joserfc.util import urlsafe_b64decode

from agencies import keys

MAX_LENGTH: Final = 8192

# They let the sender choose the key, or say which rules the reader has to know.
FORBIDDEN_HEADERS: Final = ("jwk", "jku", "x5u", "x5c", "crit", "b64", "zip")

_FORM: Final = "client_assertion"
_QUOTES: Final = "\"'`\u2018\u2019\u201c\u201d"
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]*")
_BEARER: Final = re.compile(r"\s*(?:authorization\s*:\s*(?:bearer\s+)?|bearer\s+)", re.IGNORECASE)
# What the names of these signatures promise of their length in bytes (RFC 7518, 3.4; RFC 8037; RSA of 3072 to 4096).
_BYTES: Final[Mapping[str, tuple[int, int]]] = {"ES256": (64, 64), "Ed25519": (64, 64), "PS256": (384, 512)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason against an assertion, or against the form that brings it.

    `code` is stable; `facts` fill the sentence that the door says about it; `parameter` names the form's parameter.
    No fact is taken from the assertion except differences between clocks, counts, and names of ours that it uses.
    """

    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    parameter: str = _FORM


@dataclass(frozen=True, slots=True)
class Parts:
    """An assertion taken apart. `header` and `claims` are None where they are no JSON objects."""

    header: Mapping[str, Any] | None
    claims: Mapping[str, Any] | None
    faults: tuple[Reason, ...]


def take_apart(token: str) -> Parts:
    """The parts of an assertion, and every fault of its text, its header and the shape of its signature."""
    if len(token) > MAX_LENGTH:
        return Parts(None, None, (Reason("too-long", {"limit": MAX_LENGTH}),))
    if mistaken := _something_else(token):
        return Parts(None, None, (Reason(mistaken),))
    faults = list(_faults_of_text(token))
    segments = _as_meant(token).split(".")
    if len(segments) != 3:
        faults.append(Reason("not-three-parts", {"parts": len(segments)}))
    header, claims = (_json_object(segments[place]) if len(segments) > place else None for place in (0, 1))
    if len(segments) in (2, 3):
        absent = {"header-not-json": header is None, "claims-not-json": claims is None}
        faults += [Reason(code) for code, is_absent in absent.items() if is_absent]
    if header is not None:
        faults += _faults_of_header(header)
    if len(segments) == 3:
        faults += _faults_of_signature(segments[2], alg=_alg(header))
    return Parts(header, claims, tuple(faults))


def _something_else(token: str) -> str | None:
    """What was sent instead of an assertion, where it shows at first sight."""
    begins = token.lstrip(f"{_QUOTES} \t\r\n")
    if begins.startswith("-----BEGIN") or (begins.startswith("MI") and "." not in begins):
        return "is-a-key"
    if begins.startswith(("{", "[")):
        return "is-json"
    if "." not in token and re.fullmatch(r"[A-Za-z0-9_-]{43}", token):
        return "is-a-token"
    return None


def _faults_of_text(token: str) -> Iterator[Reason]:
    """What is wrong with the characters, whatever they say."""
    bare = token
    if any(quote in bare for quote in _QUOTES):
        yield Reason("quoted")
        bare = bare.translate(dict.fromkeys(map(ord, _QUOTES)))
    if _BEARER.match(bare):
        yield Reason("bearer-prefix")
        bare = _BEARER.sub("", bare)
    if re.search(r"[\r\n]", bare):
        yield Reason("line-breaks")
        bare = re.sub(r"[\r\n]", "", bare)
    if "%" in bare:
        yield Reason("percent-encoded")
        bare = bare.replace("%", "")
    if re.search(r"[ \t]", bare):
        yield Reason("blanks")
        bare = re.sub(r"[ \t]", "", bare)
    if "=" in bare:
        yield Reason("padded")
        bare = bare.replace("=", "")
    if "+" in bare or "/" in bare:
        yield Reason("standard-base64")
        bare = bare.replace("+", "").replace("/", "")
    if not all(_SEGMENT.fullmatch(segment) for segment in bare.split(".")):
        yield Reason("not-base64url")


def _as_meant(token: str) -> str:
    """The text as its sender probably meant it; the same text where nothing is wrong with it."""
    bare = _BEARER.sub("", token.translate(dict.fromkeys(map(ord, _QUOTES))), count=1)
    for written, meant in (("%3D", ""), ("%2B", "-"), ("%2F", "_"), ("%2E", ".")):
        bare = re.sub(written, meant, bare, flags=re.IGNORECASE)
    bare = re.sub(r"[\r\n\t=]", "", bare).strip(" ")
    # A plus sign in a form that was not encoded arrives as a blank.
    return bare.replace(" ", "-").replace("+", "-").replace("/", "_")


def _json_object(segment: str) -> Mapping[str, Any] | None:
    raw = _bytes(segment)
    try:
        # orjson refuses NaN, infinities, lone surrogates, deep nesting and anything that is not UTF-8.
        value = orjson.loads(raw) if raw else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _bytes(segment: str) -> bytes | None:
    try:
        return bytes(urlsafe_b64decode(segment.encode("ascii")))
    except ValueError:
        return None


def _faults_of_header(header: Mapping[str, Any]) -> Iterator[Reason]:
    if forbidden := [name for name in FORBIDDEN_HEADERS if name in header]:
        yield Reason("header-forbidden", {"header": ", ".join(forbidden)})
    if _alg(header) is None:
        yield Reason("alg-not-allowed", {"allowed": ", ".join(keys.ALGORITHMS)})
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= 100 or not kid.isascii() or not kid.isprintable():
        yield Reason("kid-missing")


def _alg(header: Mapping[str, Any] | None) -> str | None:
    """The algorithm that the header names, in our spelling; None where it is none of ours."""
    named = header.get("alg") if header is not None else None
    return keys.SPELLINGS.get(named) if isinstance(named, str) else None


def _faults_of_signature(segment: str, *, alg: str | None) -> Iterator[Reason]:
    """What shows in the bytes of a signature without any key."""
    if not segment:
        yield Reason("signature-missing")
        return
    signature = _bytes(segment)
    if signature is None:
        yield Reason("signature-not-base64url")
        return
    if alg is None:
        if _is_der(signature):
            yield Reason("signature-is-der", {"bytes": len(signature)})
        return
    least, most = _BYTES[alg]
    if least <= len(signature) <= most:
        return
    if alg == "ES256" and _is_der(signature):
        yield Reason("signature-is-der", {"bytes": len(signature)})
    elif _decoded_once_more(signature, least, most):
        yield Reason("signature-encoded-twice", {"alg": alg})
    else:
        wanted = str(least) if least == most else f"{least}-{most}"
        yield Reason("signature-length", {"alg": alg, "wanted": wanted, "bytes": len(signature)})


def _is_der(signature: bytes) -> bool:
    """Whether these bytes are an ECDSA signature as OpenSSL writes it: SEQUENCE { INTEGER r, INTEGER s }."""
    if not 8 <= len(signature) <= 72 or signature[0] != 0x30 or signature[1] != len(signature) - 2:
        return False
    if signature[2] != 0x02 or not 1 <= signature[3] <= 33:
        return False
    second = 4 + signature[3]
    return (
        second + 2 < len(signature)
        and signature[second] == 0x02
        and second + 2 + signature[second + 1] == len(signature)
    )


def _decoded_once_more(signature: bytes, least: int, most: int) -> bool:
    """Whether the bytes are a text (hexadecimal, base64) that holds a signature of the length expected."""
    if not signature.isascii():
        return False
    written = signature.decode("ascii").strip()
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", written) and least <= len(written) // 2 <= most:
        return True
    inner = _bytes(written.rstrip("=").replace("+", "-").replace("/", "_"))
    return inner is not None and (least <= len(inner) <= most or _is_der(inner))
