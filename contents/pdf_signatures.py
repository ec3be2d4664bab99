"""What the signatures in a PDF are worth: `python -m contents.pdf_signatures FOLDER NOW < file` prints it as JSON.

It runs as a child (`contents.children`), like what looks for flags, and asks no network: whether a certificate was
revoked is not checked, and each fact says so. FOLDER holds the roots that the operator trusts. A fact names the
authority that issued the certificate and no signer: who signed stands in the file, for those who may read it.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, TypedDict

from contents import children

VALID, CHANGED, UNTRUSTED, EXPIRED, UNREADABLE = "valid", "changed", "untrusted", "expired", "unreadable"
Status = Literal["valid", "changed", "untrusted", "expired", "unreadable"]
STATUSES: Final = (VALID, CHANGED, UNTRUSTED, EXPIRED, UNREADABLE)
"""Holds, by a root that the operator trusts; what was signed is not what is there; no such root; the certificate was
out of date and no trusted timestamp says that the signature is older; nothing could be made of it.
"""
NOT_CHECKED: Final = "not_checked"
MOST: Final = 20
"""Signatures of one file that are looked at."""
ENDINGS: Final = (".pem", ".crt", ".cer", ".der")
"""Of the files in the folder of roots."""
_MARK: Final = b"/ByteRange"
_LONGEST: Final = 200


class SignatureFact(TypedDict):
    """One signature: what it is worth, whether it covers the whole file, its time and who vouches for that, who issued
    the certificate, and whether anybody asked if that was revoked.
    """

    status: Status
    covers_file: bool | None
    signed_at: str | None
    timestamped: bool
    issuer: str | None
    revocation: str


NOTHING: Final[SignatureFact] = {
    "status": "unreadable",
    "covers_file": None,
    "signed_at": None,
    "timestamped": False,
    "issuer": None,
    "revocation": NOT_CHECKED,
}


def signatures_of(parts: Iterable[bytes], *, roots: Path, now: datetime) -> list[SignatureFact]:
    """The facts about a PDF's signatures at that moment, in their order.

    One that says `unreadable` where the child found no way through the file.
    """
    whole = list(parts)
    if not any(_MARK in part for part in _overlapping(whole)):
        return []
    said = children.output_of("contents.pdf_signatures", str(roots.resolve()), now.isoformat(), parts=whole)
    if said is None:
        return [NOTHING]
    found: list[SignatureFact] = json.loads(said)
    return found


def roots_in(folder: Path) -> list[Path]:
    """The files of the roots. Raises OSError."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)


def found_in(data: bytes, roots: list[Any], *, now: datetime) -> list[SignatureFact]:
    """The facts about these bytes, in this very process; `roots` are certificates as pyHanko loads them."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        embedded = PdfFileReader(io.BytesIO(data), strict=False).embedded_regular_signatures[:MOST]
    except (PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return [NOTHING]
    return [_fact(one, roots, now=now) for one in embedded]


def _fact(embedded: Any, roots: list[Any], *, now: datetime) -> SignatureFact:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.validation.errors import SignatureValidationError

    try:
        status = _validated(embedded, roots, at=now)
        stamp = status.timestamp_validity
        is_stamped = stamp is not None and stamp.intact and stamp.valid and stamp.trusted
        worth = _worth(status)
        if worth == EXPIRED and is_stamped:
            worth = _worth(_validated(embedded, roots, at=stamp.timestamp))
        at = stamp.timestamp if is_stamped else status.signer_reported_dt
        return {
            "status": worth,
            "covers_file": status.coverage is not None and status.coverage.name == "ENTIRE_FILE",
            "signed_at": None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z",
            "timestamped": is_stamped,
            "issuer": _issuer(status.signing_cert),
            "revocation": NOT_CHECKED,
        }
    except (PdfError, SignatureValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError,
            RecursionError, NotImplementedError):  # fmt: skip
        return NOTHING


def _validated(embedded: Any, roots: list[Any], *, at: datetime) -> Any:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy

    def context() -> Any:
        return ValidationContext(
            trust_roots=roots,
            moment=at,
            allow_fetching=False,
            revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=NO_REVOCATION),
        )

    return validate_pdf_signature(embedded, context(), ts_validation_context=context())


def _worth(status: Any) -> Status:
    """What was signed comes first: a signature that does not hold is nobody's."""
    if not (status.intact and status.valid) or status.docmdp_ok is False:
        return "changed"
    if status.modification_level is not None and status.modification_level.name == "OTHER":
        return "changed"
    if status.trusted:
        return "valid"
    problem = getattr(status.trust_problem_indic, "name", "")
    return "expired" if problem.startswith(("OUT_OF_BOUNDS", "EXPIRED")) else "untrusted"


def _issuer(certificate: Any) -> str:
    """The authority's organisation and name: an office, no person."""
    names = certificate.issuer.native
    said = [names[part] for part in ("organization_name", "common_name") if isinstance(names.get(part), str)]
    return ", ".join(" ".join(one.split()) for one in said)[:_LONGEST]


def _overlapping(parts: list[bytes]) -> Iterator[bytes]:
    """Each part with the end of the one before, so that nothing is missed between two."""
    before = b""
    for part in parts:
        yield before + part
        before = part[-len(_MARK) :]


def main() -> int:
    """Read the file from stdin under limits, print the facts."""
    from pyhanko import keys

    load: Any = keys.load_certs_from_pemder
    roots = list(load([str(path) for path in roots_in(Path(sys.argv[1]))]))
    children.limit()
    sys.stdout.write(json.dumps(found_in(sys.stdin.buffer.read(), roots, now=datetime.fromisoformat(sys.argv[2]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
