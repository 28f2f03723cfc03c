# SPDX-License-Identifier: Apache-2.0
"""Do others understand the OCSP requests and answers made here and we theirs, and refuse altered
ones?

OpenSSL, GnuTLS, python3-cryptography and, for SM2 as well, Bouncy Castle.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from conftest import (
    COMMON_KINDS,
    KINDS,
    Answer,
    Authority,
    altered,
    call,
    generate_key,
    must,
    openssl,
    verifying_options,
)
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.x509 import ocsp

SERIAL = "1234"
NONCE = "7f" + "5a" * 31
RESPONDER = "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored"
STATUSES = ("good", "keyCompromise", "unspecified", "unknown")
Tool = Callable[..., Answer]
Java = Callable[..., Answer]


def said(status: str) -> str:
    """How status_tool and Status.java print a status."""
    return f"{status}\n" if status in ("good", "unknown") else f"revoked {status}\n"


@dataclass(frozen=True)
class Responder:
    kind: str
    key: Path
    issuer_key: Path
    cert: Path  # DER, as are the others without "pem"
    cert_pem: Path
    issuer: Path
    issuer_pem: Path
    leaf_pem: Path


@pytest.fixture(scope="module")
def tool(build: Path) -> Tool:
    def run(*words: str | Path) -> Answer:
        return call(build / "tests/interop/status_tool", *words)

    return run


@pytest.fixture(scope="module")
def responders(
    authorities: dict[str, Authority], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Responder]:
    """A responder that the root of each kind certified, and a certificate to ask about."""
    return {kind: make_responder(authorities[kind], tmp_path_factory.mktemp(f"ocsp-{kind}")) for kind in KINDS}


def make_responder(authority: Authority, folder: Path) -> Responder:
    key, csr = folder / "responder.pem", folder / "responder.csr"
    generate_key(authority.kind, key)
    signing = ["-sm3", "-sigopt", "distid:1234567812345678"] if authority.kind == "sm2" else []
    openssl("req", "-new", "-key", key, "-subj", "/CN=responder", "-out", csr, *signing)
    verifying = verifying_options(authority.kind)
    cert = authority.sign(csr, RESPONDER, *verifying)
    leaf = authority.sign(csr, "", "-set_serial", f"0x{SERIAL}", *verifying)
    ders = []
    for name, pem in (("responder", cert), ("issuer", authority.cert)):
        ders.append(folder / f"{name}.der")
        openssl("x509", "-in", pem, "-outform", "der", "-out", ders[-1])
    return Responder(authority.kind, key, authority.key, ders[0], cert, ders[1], authority.cert, leaf)


def now() -> str:
    return str(int(time.time()))


def ask(
    tool: Tool, responder: Responder, folder: Path, digest: str = "sha1", nonce: str = NONCE
) -> Path:
    out = folder / f"{digest}.req"
    answer = tool("ocsp-ask", responder.issuer, SERIAL, digest, nonce, out)
    assert answer.exit_code == 0, answer.error
    return out


def respond(
    tool: Tool, responder: Responder, request: Path, status: str, *, delegated: bool = True
) -> Path:
    out = request.with_suffix(f".{status}.der")
    key, cert = (responder.key, responder.cert) if delegated else (responder.issuer_key, responder.issuer)
    answer = tool("ocsp-answer", key, cert, responder.issuer, request, now(), status, out)
    assert answer.exit_code == 0, answer.error
    return out


def check(tool: Tool, responder: Responder, answer: Path, nonce: str = NONCE) -> Answer:
    return tool("ocsp-check", answer, responder.issuer, SERIAL, now(), nonce)


def with_other_serial(answer: Path) -> Path:
    """The answer with the serial number that it speaks of changed."""
    der = answer.read_bytes()
    out = answer.with_name(f"altered-{answer.name}")
    out.write_bytes(altered(der, der.index(bytes.fromhex("0202" + SERIAL)) + 3))
    return out


def with_other_time(answer: Path) -> Path:
    """The answer with the second of its producedAt changed."""
    der = answer.read_bytes()
    out = answer.with_name(f"altered-{answer.name}")
    out.write_bytes(altered(der, der.index(b"\x18\x0f") + 15))
    return out


def assert_checked_here(
    tool: Tool, responder: Responder, answer: Path, status: str, nonce: str = NONCE
) -> None:
    good = check(tool, responder, answer, nonce)
    assert (good.exit_code, good.text) == (0, said(status)), good.error
    for change in (with_other_serial, with_other_time):
        refused = check(tool, responder, change(answer), nonce)
        assert refused.exit_code == 1
        assert refused.error.startswith("untrusted:"), refused.error


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", KINDS)
def test_we_believe_our_own(
    kind: str, status: str, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    request = ask(tool, responders[kind], tmp_path)
    assert_checked_here(tool, responders[kind], respond(tool, responders[kind], request, status), status)


# OpenSSL


@pytest.mark.parametrize("delegated", [True, False])
@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_openssl_believes_ours(
    kind: str, delegated: bool, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    responder = responders[kind]
    request = ask(tool, responder, tmp_path)

    def verify(answer: Path) -> str:
        words = ("ocsp", "-respin", answer, "-reqin", request, "-issuer", responder.issuer_pem)
        ended = call("openssl", *words, "-CAfile", responder.issuer_pem, "-resp_text")
        return ended.text + ended.error

    for status, line in (("good", "Cert Status: good"), ("keyCompromise", "keyCompromise"), ("never", "1970")):
        answer = respond(tool, responder, request, status, delegated=delegated)
        shown = verify(answer)
        assert "Response verify OK" in shown
        assert line in shown
        assert "OCSP Nonce" in shown
        assert "Nonce Verify error" not in shown
        assert "Response verify OK" not in verify(with_other_time(answer))


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sm3"])
def test_openssl_reads_our_request(
    digest: str, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    request = ask(tool, responders["p256"], tmp_path, digest)
    shown = openssl("ocsp", "-reqin", request, "-req_text").text
    assert f"Hash Algorithm: {digest}" in shown
    assert f"Serial Number: {SERIAL}" in shown
    assert NONCE.upper() in shown.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sm3", "sha512"])
def test_we_read_openssl_s_request(
    digest: str, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    request = tmp_path / "openssl.req"
    issuer = responders["p256"].issuer_pem
    openssl("ocsp", f"-{digest}", "-issuer", issuer, "-serial", f"0x{SERIAL}", "-serial", "5", "-reqout", request)
    serials_and_nonce = tool("ocsp-read", request).text.split()
    assert serials_and_nonce[:2] == [SERIAL, "05"]
    assert len(serials_and_nonce) == 3


@pytest.mark.parametrize("kind", [kind for kind in COMMON_KINDS if kind != "ed25519"])
def test_we_believe_openssl_s(
    kind: str, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    responder = responders[kind]
    request = ask(tool, responder, tmp_path)
    for status, row in (("good", "V\t351231235900Z\t"), ("superseded", "R\t351231235900Z\t250101000000Z,superseded")):
        (tmp_path / "index.txt").write_text(f"{row}\t{SERIAL}\tunknown\t/CN=leaf\n")
        answer = tmp_path / f"{status}.der"
        openssl(
            *("ocsp", "-index", tmp_path / "index.txt", "-CA", responder.issuer_pem, "-rsigner", responder.cert_pem),
            *("-rkey", responder.key, "-reqin", request, "-nmin", "10", "-respout", answer, "-noverify"),
        )
        assert_checked_here(tool, responder, answer, status)


# GnuTLS


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_gnutls_believes_ours(
    kind: str, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    responder = responders[kind]
    request = ask(tool, responder, tmp_path)

    def verify(answer: Path) -> str:
        words = ("--verify-response", "--load-response", answer, "--load-trust", responder.issuer_pem)
        ended = call("ocsptool", *words)
        return ended.text + ended.error

    answer = respond(tool, responder, request, "keyCompromise")
    success = "Verifying OCSP Response: Success."
    assert success in verify(answer)
    assert "Certificate Status: revoked" in must("ocsptool", "--response-info", "--infile", answer).text
    assert success not in verify(with_other_time(answer))


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_we_read_gnutls_s_request(
    kind: str, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    request = tmp_path / "gnutls.req"
    responder = responders[kind]
    must(
        *("ocsptool", "--generate-request", "--load-issuer", responder.issuer_pem),
        *("--load-cert", responder.leaf_pem, "--outfile", request),
    )
    assert tool("ocsp-read", request).text.split() == [SERIAL]
    assert_checked_here(tool, responder, respond(tool, responder, request, "good"), "good", "-")


# python3-cryptography


def is_signed(answer: ocsp.OCSPResponse, key: object) -> bool:
    signed, signature = answer.tbs_response_bytes, answer.signature
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, signed)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(answer.signature_hash_algorithm))  # type: ignore[arg-type]
        else:
            key.verify(signature, signed, padding.PKCS1v15(), answer.signature_hash_algorithm)  # type: ignore[attr-defined]
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_cryptography_reads_ours(
    kind: str, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    responder = responders[kind]
    path = respond(tool, responder, ask(tool, responder, tmp_path, "sha256"), "keyCompromise")
    answer = ocsp.load_der_ocsp_response(path.read_bytes())
    assert answer.certificate_status == ocsp.OCSPCertStatus.REVOKED
    assert answer.revocation_reason == x509.ReasonFlags.key_compromise
    assert answer.serial_number == int(SERIAL, 16)
    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce.hex() == NONCE
    key = answer.certificates[0].public_key()
    assert is_signed(answer, key)
    changed = ocsp.load_der_ocsp_response(with_other_serial(path).read_bytes())
    assert not is_signed(changed, key)


@pytest.mark.parametrize("by_name", [True, False])
@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_we_believe_cryptography_s(
    kind: str, by_name: bool, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    responder = responders[kind]
    issuer, cert, leaf = (
        x509.load_pem_x509_certificate(path.read_bytes())
        for path in (responder.issuer_pem, responder.cert_pem, responder.leaf_pem)
    )
    key = serialization.load_pem_private_key(responder.key.read_bytes(), None)
    time_now = datetime.now(timezone.utc).replace(tzinfo=None)
    encoding = ocsp.OCSPResponderEncoding.NAME if by_name else ocsp.OCSPResponderEncoding.HASH
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    answer = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            leaf, issuer, hashes.SHA256(), ocsp.OCSPCertStatus.REVOKED, time_now - timedelta(minutes=1),
            time_now + timedelta(hours=1), time_now - timedelta(days=1), x509.ReasonFlags.superseded,
        )
        .responder_id(encoding, cert)
        .certificates([cert])
        .sign(key, digest)  # type: ignore[arg-type]
    )
    path = tmp_path / "answer.der"
    path.write_bytes(answer.public_bytes(serialization.Encoding.DER))
    assert_checked_here(tool, responder, path, "superseded", "-")


# Bouncy Castle


@pytest.mark.parametrize("kind", KINDS)
def test_bouncy_castle_believes_ours(
    kind: str, java: Java, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    responder = responders[kind]
    for digest, status, delegated in (("sha1", "good", True), ("sm3", "keyCompromise", False)):
        request = ask(tool, responder, tmp_path, digest)
        answer = respond(tool, responder, request, status, delegated=delegated)
        good = java("Status", "ocsp-check", answer, responder.issuer, SERIAL)
        assert (good.exit_code, good.text) == (0, said(status)), good.error
    assert java("Status", "ocsp-check", with_other_time(answer), responder.issuer, SERIAL).exit_code != 0
    assert java("Status", "ocsp-read", request).text.strip() == SERIAL


@pytest.mark.parametrize("kind", KINDS)
def test_we_believe_bouncy_castle_s(
    kind: str, java: Java, tool: Tool, responders: dict[str, Responder], tmp_path: Path
) -> None:
    responder = responders[kind]
    request, answer = tmp_path / "bc.req", tmp_path / "bc.der"
    digest = "sm3" if kind == "sm2" else "sha256"
    asked = java("Status", "ocsp-ask", responder.issuer, SERIAL, digest, NONCE, request)
    assert asked.exit_code == 0, asked.error
    assert tool("ocsp-read", request).text.split() == [SERIAL, NONCE]
    made = java(
        "Status", "ocsp-answer", responder.key, responder.cert, responder.issuer, request, "superseded", answer
    )
    assert made.exit_code == 0, made.error
    assert_checked_here(tool, responder, answer, "superseded")
