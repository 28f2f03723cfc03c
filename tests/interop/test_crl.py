# SPDX-License-Identifier: Apache-2.0
"""Do others accept the CRLs made here and we theirs, with the same entries, and refuse altered
ones?

OpenSSL, GnuTLS, NSS, python3-cryptography and, for SM2 as well, Bouncy Castle.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from conftest import COMMON_KINDS, KINDS, Answer, Authority, altered, call, must, openssl
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

ENTRIES = {
    "05": "keyCompromise",
    "00ff01": "certificateHold",
    "7f000000000000000000000000000000000001": "unspecified",
}
ABSENT = "06"
Tool = Callable[..., Answer]
Java = Callable[..., Answer]


@pytest.fixture(scope="module")
def tool(build: Path) -> Tool:
    return lambda *words: call(build / "tests/interop/status_tool", *words)


@pytest.fixture(scope="module")
def roots(authorities: dict[str, Authority]) -> dict[str, Path]:
    """The roots' certificates, DER."""
    found = {}
    for kind, authority in authorities.items():
        found[kind] = authority.cert.with_suffix(".der")
        openssl("x509", "-in", authority.cert, "-outform", "der", "-out", found[kind])
    return found


@pytest.fixture(scope="module")
def ours(
    tool: Tool, authorities: dict[str, Authority], roots: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A CRL of ours of each kind, DER."""
    made = {}
    for kind in KINDS:
        made[kind] = tmp_path_factory.mktemp("crl") / f"{kind}.crl"
        rows = [f"{serial}={reason}" for serial, reason in ENTRIES.items()]
        words = (authorities[kind].key, roots[kind], str(int(time.time())), "0180", "-")
        answer = tool("crl-make", *words, made[kind], *rows)
        assert answer.exit_code == 0, answer.error
    return made


def with_other_entry(crl: Path, folder: Path) -> Path:
    """The CRL with the serial number 05 turned into 04."""
    der = crl.read_bytes()
    out = folder / f"altered-{crl.name}"
    out.write_bytes(altered(der, der.index(b"\x02\x01\x05\x17") + 2))
    return out


def in_pem(crl: Path, folder: Path) -> Path:
    out = folder / f"{crl.stem}.pem"
    openssl("crl", "-inform", "der", "-in", crl, "-out", out)
    return out


def assert_read_here(tool: Tool, crl: Path, root: Path) -> None:
    for serial, reason in ENTRIES.items():
        answer = tool("crl-find", crl, root, serial)
        assert (answer.exit_code, answer.text) == (0, f"{reason}\n"), answer.error
    assert tool("crl-find", crl, root, ABSENT).text == "not revoked\n"


def assert_refused_here(tool: Tool, crl: Path, root: Path) -> None:
    answer = tool("crl-find", crl, root, ABSENT)
    assert answer.exit_code == 1
    assert answer.error.startswith("untrusted:")


@pytest.mark.parametrize("kind", KINDS)
def test_we_read_our_own(
    kind: str, tool: Tool, ours: dict[str, Path], roots: dict[str, Path], tmp_path: Path
) -> None:
    assert_read_here(tool, ours[kind], roots[kind])
    assert_refused_here(tool, with_other_entry(ours[kind], tmp_path), roots[kind])


# OpenSSL


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_openssl_verifies_ours(
    kind: str, authorities: dict[str, Authority], ours: dict[str, Path], tmp_path: Path
) -> None:
    def verify(crl: Path) -> Answer:
        words = ("crl", "-inform", "der", "-in", crl, "-CAfile", authorities[kind].cert)
        return call("openssl", *words, "-text", "-noout")

    good = verify(ours[kind])
    assert "verify OK" in good.error
    for line in ("CRL Number", "384", "Serial Number: 05", "Key Compromise", "Certificate Hold"):
        assert line in good.text
    assert "verify failure" in verify(with_other_entry(ours[kind], tmp_path)).error


@pytest.mark.parametrize("kind", KINDS)
def test_we_read_openssl_s(
    kind: str, tool: Tool, authorities: dict[str, Authority], roots: dict[str, Path], tmp_path: Path
) -> None:
    rows = []
    for serial, reason in ENTRIES.items():
        why = "" if reason == "unspecified" else f",{reason}"
        rows.append(f"R\t351231235900Z\t250101000000Z{why}\t{serial}\tunknown\t/CN={serial}\n")
    (tmp_path / "index.txt").write_text("".join(rows))
    (tmp_path / "number").write_text("05\n")
    config = tmp_path / "openssl.cnf"
    config.write_text(
        f"[ca]\ndefault_ca=here\n[here]\ndatabase={tmp_path}/index.txt\n"
        f"crlnumber={tmp_path}/number\ndefault_crl_days=1\n[crl]\nauthorityKeyIdentifier=keyid:always\n"
    )
    digest = {"ed25519": "null", "sm2": "sm3"}.get(kind, "sha256")
    identity: list[str] = ["-sigopt", "distid:1234567812345678"] if kind == "sm2" else []
    pem, crl = tmp_path / "crl.pem", tmp_path / "crl.der"
    authority = authorities[kind]
    openssl(
        *("ca", "-gencrl", "-config", config, "-cert", authority.cert, "-keyfile", authority.key),
        *("-md", digest, "-crlexts", "crl", "-out", pem),
        *identity,
    )
    openssl("crl", "-in", pem, "-outform", "der", "-out", crl)
    assert_read_here(tool, crl, roots[kind])
    assert_refused_here(tool, with_other_entry(crl, tmp_path), roots[kind])


# GnuTLS


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_gnutls_verifies_ours(
    kind: str, authorities: dict[str, Authority], ours: dict[str, Path], tmp_path: Path
) -> None:
    def verify(crl: Path) -> Answer:
        words = ("--verify-crl", "--load-ca-certificate", authorities[kind].cert)
        return call("certtool", *words, "--infile", in_pem(crl, tmp_path))

    good = verify(ours[kind])
    assert good.exit_code == 0, good.error + good.text
    assert "Verified" in good.text
    assert verify(with_other_entry(ours[kind], tmp_path)).exit_code != 0


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_we_read_gnutls_s(
    kind: str, tool: Tool, authorities: dict[str, Authority], roots: dict[str, Path], tmp_path: Path
) -> None:
    authority = authorities[kind]
    csr = tmp_path / "leaf.csr"
    openssl("req", "-new", "-key", authority.key, "-subj", "/CN=leaf", "-out", csr)
    leaf = authority.sign(csr, "", "-set_serial", "5")
    template = tmp_path / "template"
    template.write_text("crl_next_update = 1\ncrl_number = 5\n")
    crl = tmp_path / "crl.der"
    must(
        *("certtool", "--generate-crl", "--load-ca-privkey", authority.key),
        *("--load-ca-certificate", authority.cert, "--load-certificate", leaf),
        *("--template", template, "--outder", "--outfile", crl),
    )
    assert tool("crl-find", crl, roots[kind], "05").text == "unspecified\n"
    assert tool("crl-find", crl, roots[kind], ABSENT).text == "not revoked\n"
    assert_refused_here(tool, with_other_entry(crl, tmp_path), roots[kind])


# NSS, which has no Ed25519


@pytest.mark.parametrize("kind", [kind for kind in COMMON_KINDS if kind != "ed25519"])
def test_nss_takes_ours(
    kind: str, authorities: dict[str, Authority], ours: dict[str, Path], tmp_path: Path
) -> None:
    database = f"sql:{tmp_path}"
    must("certutil", "-N", "-d", database, "--empty-password")
    root = authorities[kind].cert
    must("certutil", "-A", "-d", database, "-n", "root", "-t", "CT,C,C", "-i", root)
    changed = with_other_entry(ours[kind], tmp_path)
    assert call("crlutil", "-I", "-d", database, "-i", changed).exit_code != 0
    must("crlutil", "-I", "-d", database, "-i", ours[kind])
    listed = must("crlutil", "-L", "-d", database, "-n", "root").text
    for line in ("Serial Number: 5 (0x5)", "Data: 384 (0x180)"):
        assert line in listed


# python3-cryptography


def private_key(path: Path) -> object:
    return serialization.load_pem_private_key(path.read_bytes(), None)


def is_signed(crl: x509.CertificateRevocationList, key: object) -> bool:
    """is_signature_valid does not know Ed25519 in python3-cryptography 38."""
    if not isinstance(key, ed25519.Ed25519PublicKey):
        return crl.is_signature_valid(key)  # type: ignore[arg-type]
    try:
        key.verify(crl.signature, crl.tbs_certlist_bytes)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_cryptography_verifies_ours(
    kind: str, authorities: dict[str, Authority], ours: dict[str, Path], tmp_path: Path
) -> None:
    key = private_key(authorities[kind].key).public_key()  # type: ignore[attr-defined]
    crl = x509.load_der_x509_crl(ours[kind].read_bytes())
    assert is_signed(crl, key)
    for serial, reason in ENTRIES.items():
        entry = crl.get_revoked_certificate_by_serial_number(int(serial, 16))
        assert entry is not None
        if reason == "unspecified":
            assert not list(entry.extensions)
        else:
            extension = entry.extensions.get_extension_for_class(x509.CRLReason)
            assert extension.value.reason.value == reason
    assert crl.get_revoked_certificate_by_serial_number(int(ABSENT, 16)) is None
    changed = x509.load_der_x509_crl(with_other_entry(ours[kind], tmp_path).read_bytes())
    assert not is_signed(changed, key)


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_we_read_cryptography_s(
    kind: str, tool: Tool, authorities: dict[str, Authority], roots: dict[str, Path], tmp_path: Path
) -> None:
    issuer = x509.load_pem_x509_certificate(authorities[kind].cert.read_bytes())
    key = private_key(authorities[kind].key)
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now)
        .next_update(now + timedelta(hours=1))
        .add_extension(x509.CRLNumber(7), critical=False)
    )
    for serial, reason in ENTRIES.items():
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16))
        entry = entry.revocation_date(now)
        if reason != "unspecified":
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    crl = tmp_path / "crl.der"
    signed = builder.sign(key, digest)  # type: ignore[arg-type]
    crl.write_bytes(signed.public_bytes(serialization.Encoding.DER))
    assert_read_here(tool, crl, roots[kind])
    assert_refused_here(tool, with_other_entry(crl, tmp_path), roots[kind])


# Bouncy Castle


@pytest.mark.parametrize("kind", KINDS)
def test_bouncy_castle_verifies_ours(
    kind: str, java: Java, ours: dict[str, Path], roots: dict[str, Path], tmp_path: Path
) -> None:
    answer = java("Status", "crl-find", ours[kind], roots[kind], *ENTRIES, ABSENT)
    assert answer.exit_code == 0, answer.error
    assert answer.text.splitlines() == [*ENTRIES.values(), "not revoked"]
    changed = with_other_entry(ours[kind], tmp_path)
    assert java("Status", "crl-find", changed, roots[kind], ABSENT).exit_code != 0


@pytest.mark.parametrize("kind", KINDS)
def test_we_read_bouncy_castle_s(
    kind: str, java: Java, tool: Tool, authorities: dict[str, Authority], roots: dict[str, Path], tmp_path: Path
) -> None:
    crl = tmp_path / "crl.der"
    rows = [f"{serial}={reason}" for serial, reason in ENTRIES.items()]
    made = java("Status", "crl-make", authorities[kind].key, roots[kind], crl, *rows)
    assert made.exit_code == 0, made.error
    assert_read_here(tool, crl, roots[kind])
    assert_refused_here(tool, with_other_entry(crl, tmp_path), roots[kind])
