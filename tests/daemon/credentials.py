# SPDX-License-Identifier: Apache-2.0
"""Certificates for the daemon and its clients, made for one run."""

from __future__ import annotations

import datetime
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Pair:
    certificate: bytes
    key: bytes


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def make_pair(
    subject: str,
    issuer: tuple[str, ec.EllipticCurvePrivateKey] | None = None,
    former: bytes | None = None,
) -> Pair:
    """For a new key, or for that of a former pair."""
    key = ec.generate_private_key(ec.SECP256R1()) if former is None else load_key(former)
    issuer_name, issuer_key = issuer or (subject, key)
    now = datetime.datetime.utcnow()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name_of(subject))
        .issuer_name(name_of(issuer_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return Pair(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


@dataclass(frozen=True)
class Credentials:
    server: Pair
    officer: Pair
    self_signed: Pair

    def write(self, folder: Path) -> None:
        """Where the daemon reads them."""
        write_pair(self.server, folder, "server")

    def client(
        self,
        pair: Pair | None = None,
        version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        if pair is not None:
            with tempfile.TemporaryDirectory() as folder:
                write_pair(pair, Path(folder), "client")
                context.load_cert_chain(f"{folder}/client.pem", f"{folder}/client.key")
        return context


def write_pair(pair: Pair, folder: Path, name: str) -> None:
    for suffix, octets in (("pem", pair.certificate), ("key", pair.key)):
        path = folder / f"{name}.{suffix}"
        path.write_bytes(octets)
        path.chmod(0o644)


def make_credentials() -> Credentials:
    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = ("staff", authority)
    return Credentials(
        make_pair("localhost", issuer), make_pair("officer 7", issuer), make_pair("nobody known")
    )
