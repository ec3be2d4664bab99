"""What a signature in a PDF is worth: signed by authorities made here, and read by the child that the worker runs."""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from django.core.management import CommandError, call_command
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator import registry

from contents import children, clamd, pdf_signatures, scanning
from contents.clamd import Verdict
from contents.models import Content
from tests.contents.conftest import Kept, pdf, put, registered
from tests.partner import said

CertificateStore: Any = registry.SimpleCertificateStore
NOW = datetime.now(UTC).replace(microsecond=0)
SIGNER = "Dewi Rekaan"


@dataclass(frozen=True)
class Held:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def asn1(self) -> Any:
        return asn1_x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))

    @property
    def asn1_key(self) -> Any:
        return asn1_keys.PrivateKeyInfo.load(
            self.key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


def issued(
    name: str, *, by: Held | None = None, since: timedelta = timedelta(days=-400), days: int = 800, stamps: bool = False
) -> Held:
    """A certificate from `since` (from now) on for so many days: an authority's own, or one that it issued."""
    # The library's timestamping stand-in signs with RSA only.
    key = rsa.generate_private_key(65537, 2048) if stamps else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Balai Rekaan"), x509.NameAttribute(NameOID.COMMON_NAME, name),
    ])  # fmt: skip
    issuer = by or Held.__new__(Held)
    usage = dict.fromkeys(
        (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        ),
        False,
    )  # fmt: skip
    usage |= {"key_cert_sign": True} if by is None else {"digital_signature": True, "content_commitment": True}
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + since)
        .not_valid_after(NOW + since + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    if stamps:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
    return Held(builder.sign(key if by is None else by.key, hashes.SHA256()), key)


def signed(data: bytes, *, by: Held, root: Held, field: str = "Sig1", stamper: Any = None) -> bytes:
    """The PDF with one more signature."""
    store: Any = CertificateStore()
    store.register(root.asn1)
    signer = signers.SimpleSigner(signing_cert=by.asn1, signing_key=by.asn1_key, cert_registry=store)
    meta = signers.PdfSignatureMetadata(field_name=field, subfilter=fields.SigSeedSubFilter.PADES, name=SIGNER)
    written = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), meta, signer=signer, timestamper=stamper)
    return bytes(written.getvalue())


@dataclass(frozen=True)
class Authorities:
    """One that is trusted and one that is not, with a signer each; and the folder of roots."""

    root: Held
    signer: Held
    other: Held
    stranger: Held
    roots: Path


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Authorities:
    root, other = issued("Akar Rekaan"), issued("Akar Lain")
    roots = tmp_path_factory.mktemp("roots")
    (roots / "akar.pem").write_bytes(root.certificate.public_bytes(serialization.Encoding.PEM))
    (roots / "README").write_text("no certificate")
    return Authorities(root, issued(SIGNER, by=root), other, issued("Orang Lain", by=other), roots)


def worth(data: bytes, roots: Path) -> list[tuple[str, bool | None, bool]]:
    """Status, whether it covers the file, and whether it is timestamped, of each signature; by the child."""
    found = pdf_signatures.signatures_of([data[:50], data[50:]], roots=roots, now=datetime.now(UTC))
    assert {one["revocation"] for one in found} <= {"not_checked"}
    assert SIGNER not in str(found), "the entry of the log is taken over it"
    return [(one["status"], one["covers_file"], one["timestamped"]) for one in found]


def test_a_signature_holds_until_the_file_is_changed(authorities: Authorities) -> None:
    whole = signed(pdf(b"SK 12"), by=authorities.signer, root=authorities.root)
    (fact,) = pdf_signatures.signatures_of([whole], roots=authorities.roots, now=datetime.now(UTC))
    assert (fact["status"], fact["covers_file"], fact["timestamped"]) == ("valid", True, False)
    assert fact["issuer"] == "Balai Rekaan, Akar Rekaan"
    assert fact["signed_at"] is not None
    assert abs(datetime.fromisoformat(fact["signed_at"]) - datetime.now(UTC)) < timedelta(minutes=5)
    assert worth(whole.replace(b"SK 12", b"SK 21"), authorities.roots) == [("changed", True, False)]
    # A page that is exchanged by an update behind the signature: the signed bytes are as they were.
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(whole))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT /F 12 Tf (SK 99) Tj ET"))
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(whole)
    assert worth(out.getvalue(), authorities.roots) == [("changed", False, False)]


def test_two_signatures_and_one_of_a_stranger(authorities: Authorities) -> None:
    once = signed(pdf(), by=authorities.signer, root=authorities.root)
    twice = signed(once, by=authorities.stranger, root=authorities.other, field="Sig2")
    assert worth(twice, authorities.roots) == [("valid", False, False), ("untrusted", True, False)]
    assert worth(pdf(), authorities.roots) == []


def test_an_expired_certificate_counts_where_a_trusted_timestamp_is_older(authorities: Authorities) -> None:
    old = issued(SIGNER, by=authorities.root, since=timedelta(days=-90), days=60)
    assert worth(signed(pdf(), by=old, root=authorities.root), authorities.roots) == [("expired", True, False)]
    clock = issued("Jam Rekaan", by=authorities.root, stamps=True)
    stamper = DummyTimeStamper(
        tsa_cert=clock.asn1, tsa_key=clock.asn1_key, fixed_dt=NOW - timedelta(days=45), certs_to_embed=None
    )
    stamped = signed(pdf(), by=old, root=authorities.root, stamper=stamper)
    assert worth(stamped, authorities.roots) == [("valid", True, True)]
    stranger = issued("Jam Lain", by=authorities.other, stamps=True)
    stamper = DummyTimeStamper(
        tsa_cert=stranger.asn1, tsa_key=stranger.asn1_key, fixed_dt=NOW - timedelta(days=45), certs_to_embed=None
    )
    doubtful = signed(pdf(), by=old, root=authorities.root, stamper=stamper)
    assert worth(doubtful, authorities.roots) == [("expired", True, False)], "anybody may say that it is older"


def test_what_cannot_be_read_is_said(authorities: Authorities, monkeypatch: pytest.MonkeyPatch) -> None:
    garbage = b"%PDF-1.7\n/ByteRange [0 1 2 3]\n" + b"\0" * 100
    assert worth(garbage, authorities.roots) == [("unreadable", None, False)]
    whole = signed(pdf(), by=authorities.signer, root=authorities.root)
    place = whole.index(b"/Contents <") + 200
    assert worth(whole[:place] + b"00" * 20 + whole[place + 40 :], authorities.roots)[0][0] in {"unreadable", "changed"}
    monkeypatch.setattr(children, "WALL_S", 0.05)
    assert worth(whole, authorities.roots) == [("unreadable", None, False)]
    assert not subprocess.run(["pgrep", "-f", str(authorities.roots)], capture_output=True, check=False).stdout


def test_the_worth_stands_beside_the_descriptor_and_in_the_log(
    kept: Kept, authorities: Authorities, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clamd, "scan", lambda parts: Verdict(is_clean=bool(b"".join(parts))))
    shown = []
    for roots in (None, authorities.roots):
        settings.LINTAS_PADES_ROOTS = roots
        data = signed(pdf(str(roots).encode()), by=authorities.signer, root=authorities.root)
        document = registered(kept.owner, data)
        assert put(kept.owner, document, data).status_code == 201
        ident = Content.objects.get(document=UUID(document)).pk
        assert scanning.scan(ident, now=lambda: datetime.now(UTC)) == "clean"
        shown.append(said(kept.owner.get(f"/documents/{document}"))["content"]["signatures"])
    assert shown[0] is None, "nobody looked"
    assert [one["status"] for one in shown[1]] == ["valid"]


def test_the_operator_is_told_whose_signatures_count(kept: Kept, settings: Any, tmp_path: Path) -> None:
    settings.LINTAS_PADES_ROOTS = tmp_path / "nowhere"
    with pytest.raises(CommandError, match="nowhere"):
        call_command("open_contents")
    settings.LINTAS_PADES_ROOTS.mkdir()
    with pytest.raises(CommandError, match="holds no certificate"):
        call_command("open_contents")
