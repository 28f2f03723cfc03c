# SPDX-License-Identifier: Apache-2.0
"""A responder in Python that can be told to answer wrongly, to see whether auth-load notices."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DER = serialization.Encoding.DER


def now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Pki:
    """An authority with a responder; leaves are made up when they are asked about."""

    issuer: x509.Certificate
    issuer_key: ec.EllipticCurvePrivateKey
    responder: x509.Certificate
    responder_key: ec.EllipticCurvePrivateKey

    def leaf(self, serial: int) -> x509.Certificate:
        return certify(name("leaf"), self.responder_key, self.issuer.subject, self.issuer_key, serial)


def certify(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    serial: int,
    *extensions: tuple[x509.ExtensionType, bool],
    days: int = 30,
) -> x509.Certificate:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    builder = builder.public_key(key.public_key()).serial_number(serial)
    builder = builder.not_valid_before(now() - timedelta(days=1))
    builder = builder.not_valid_after(now() + timedelta(days=days))
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(issuer_key, hashes.SHA256())


def usage(**what: bool) -> tuple[x509.ExtensionType, bool]:
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{one: what.get(one, False) for one in every}), True


def make_pki() -> Pki:
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = certify(
        name("root"), root_key, name("root"), root_key, 1, usage(key_cert_sign=True, crl_sign=True),
        (x509.BasicConstraints(True, None), True),
    )
    responder = certify(
        name("responder"), key, name("root"), root_key, 2, usage(digital_signature=True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False), (x509.OCSPNoCheck(), False),
    )
    return Pki(root, root_key, responder, key)


def answer(pki: Pki, request: ocsp.OCSPRequest, fault: str) -> bytes:
    serial = request.serial_number + (1 if fault == "other-serial" else 0)
    age = timedelta(days=2) if fault == "expired" else timedelta(0)
    life = timedelta(days=60) if fault == "outlives" else timedelta(hours=1)
    builder = ocsp.OCSPResponseBuilder().add_response(
        pki.leaf(serial), pki.issuer,
        hashes.SHA256() if fault == "other-hash" else request.hash_algorithm,
        ocsp.OCSPCertStatus.GOOD, now() - age, now() - age + life, None, None,
    )
    signer = make_pki() if fault == "other-key" else pki
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.responder)
    builder = builder.certificates([signer.responder])
    for extension in request.extensions:
        nonce = extension.value.nonce
        if fault == "other-nonce":
            nonce = bytes([nonce[0] ^ 1]) + nonce[1:]
        if fault != "no-nonce":
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    der = builder.sign(signer.responder_key, hashes.SHA256()).public_bytes(DER)
    at = der.rindex(b"\x18\x0f") + 15
    return der[:at] + bytes([der[at] ^ 1]) + der[at + 1 :] if fault == "altered" else der


@contextmanager
def serving(pki: Pki, fault: str = "") -> Iterator[int]:
    """Answers POST on a port of loopback until it is no longer needed."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            der = self.rfile.read(int(self.headers["Content-Length"]))
            body = answer(pki, ocsp.load_der_ocsp_request(der), fault)
            self.send_response(200)
            self.send_header("Content-Type", "application/ocsp-response")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_targets(pki: Pki, folder: Path, count: int) -> tuple[Path, Path]:
    """The issuer's certificate and a file of serial numbers, for auth-load."""
    issuer, serials = folder / "issuer.cer", folder / "serials"
    issuer.write_bytes(pki.issuer.public_bytes(DER))
    serials.write_text("".join(f"{0x1000 + i:04x}\n" for i in range(count)), encoding="ascii")
    return issuer, serials
