"""A certificate authority of the trial's own, and server certificates by its word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """The authority; `file` is what clients trust."""

    file: Path
    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def kept(cls, folder: Path) -> Authority:
        """The one of the last time, or a new one."""
        file, private = folder / "ca.pem", folder / "ca.key"
        if not private.exists():
            return cls.drawn(folder)
        key = serialization.load_pem_private_key(private.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - we wrote it
        return cls(file=file, name=x509.load_pem_x509_certificate(file.read_bytes()).subject, key=key)

    @classmethod
    def drawn(cls, folder: Path) -> Authority:
        """A new one."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lintas trial CA")])
        now = datetime.now(UTC)
        made = (
            _builder(name, name, key, begins=now - timedelta(hours=1), ends=now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        file = folder / "ca.pem"
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        _write_key(folder / "ca.key", key)
        return cls(file=file, name=name, key=key)

    def issue(
        self, folder: Path, *hosts: str, ends: timedelta = timedelta(days=90), stem: str = "server"
    ) -> tuple[Path, Path]:
        """The files of a certificate for those hosts, which ends so long from now (or ended), and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        made = (
            _builder(name, self.name, key, begins=now - timedelta(days=100), ends=now + ends)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        certificate, private = folder / f"{stem}.pem", folder / f"{stem}.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        _write_key(private, key)
        return certificate, private


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
