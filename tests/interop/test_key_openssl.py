# SPDX-License-Identifier: Apache-2.0
"""Do auth and the openssl command read each other's private keys, plain and encrypted, as the same
key? And does python3-cryptography read those of the types that it knows?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import COMMON_KINDS, KINDS, NO, YES, Answer, call, openssl
from cryptography.hazmat.primitives import serialization

PASSPHRASE = "correct horse"
GENERATE = {
    "p256": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p384": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "rsa": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    "ed25519": ("-algorithm", "ED25519"),
    "sm2": ("-algorithm", "SM2"),
}
# PKCS#8 encryption that openssl writes and we read.
SCHEMES = (
    ("-v2", "aes-256-cbc"),
    ("-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"),
    ("-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"),
    ("-v2", "sm4-cbc"),
    ("-v2", "aes-256-cbc", "-iter", "1"),
    ("-scrypt",),
)
# What is too old to be read.
OLD_SCHEMES = (("-v1", "PBE-SHA1-3DES"), ("-v1", "PBE-MD5-DES", "-provider", "legacy", "-provider", "default"))

AuthCall = Callable[..., Answer]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(PASSPHRASE + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def their_key(kind: str, folder: Path) -> Path:
    path = folder / "theirs.pem"
    openssl("genpkey", *GENERATE[kind], "-out", path)
    path.chmod(0o600)
    return path


def public_of(path: Path) -> str:
    return openssl("pkey", "-in", path, "-passin", f"pass:{PASSPHRASE}", "-pubout").text


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_reads_our_keys(auth: AuthCall, tmp_path: Path, secret: Path, kind: str) -> None:
    plain, encrypted = tmp_path / "plain.pem", tmp_path / "encrypted.pem"
    assert auth("key", "new", "--type", kind, "--out", plain).exit_code == YES
    options = ("--passphrase-file", secret)
    assert auth("key", "new", "--type", kind, "--out", encrypted, *options).exit_code == YES
    assert public_of(plain) == auth("key", "show", "--public", plain).text
    assert public_of(encrypted) == auth("key", "show", "--public", *options, encrypted).text
    assert encrypted.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    openssl("pkey", "-in", plain, "-check", "-noout")
    form = openssl("asn1parse", "-in", encrypted).text
    for part in ("PBES2", "PBKDF2", ":0927C0", "hmacWithSHA256", "aes-256-cbc"):
        assert part in form


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_cryptography_reads_our_keys(auth: AuthCall, tmp_path: Path, secret: Path, kind: str) -> None:
    path = tmp_path / "key.pem"
    options = ("--passphrase-file", secret)
    assert auth("key", "new", "--type", kind, "--out", path, *options).exit_code == YES
    key = serialization.load_pem_private_key(path.read_bytes(), PASSPHRASE.encode())
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert public == auth("key", "show", "--public", *options, path).out


@pytest.mark.parametrize("form", ["PEM", "DER"])
@pytest.mark.parametrize("kind", KINDS)
def test_we_read_keys_of_openssl(auth: AuthCall, tmp_path: Path, kind: str, form: str) -> None:
    theirs = their_key(kind, tmp_path)
    path = tmp_path / "form"
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", theirs, "-outform", form, "-out", path)
    path.chmod(0o600)
    answer = auth("key", "show", "--public", path)
    assert answer.text == public_of(theirs)


@pytest.mark.parametrize("scheme", SCHEMES, ids=" ".join)
@pytest.mark.parametrize("kind", ["p256", "sm2", "rsa"])
def test_we_read_encrypted_keys_of_openssl(
    auth: AuthCall, tmp_path: Path, secret: Path, kind: str, scheme: tuple[str, ...]
) -> None:
    theirs = their_key(kind, tmp_path)
    path = tmp_path / "encrypted.pem"
    openssl("pkcs8", "-topk8", "-in", theirs, "-out", path, "-passout", f"pass:{PASSPHRASE}", *scheme)
    path.chmod(0o600)
    answer = auth("key", "show", "--public", "--passphrase-file", secret, path)
    assert answer.text == public_of(theirs), answer.error
    wrong = tmp_path / "wrong"
    wrong.write_text("incorrect horse\n", encoding="utf-8")
    wrong.chmod(0o600)
    answer = auth("key", "show", "--passphrase-file", wrong, path)
    assert answer.exit_code == NO and "passphrase" in answer.error


@pytest.mark.parametrize("scheme", OLD_SCHEMES, ids=" ".join)
def test_old_encryption_is_refused_with_a_remedy(
    auth: AuthCall, tmp_path: Path, secret: Path, scheme: tuple[str, ...]
) -> None:
    theirs = their_key("p256", tmp_path)
    path = tmp_path / "encrypted.pem"
    openssl("pkcs8", "-topk8", "-in", theirs, "-out", path, "-passout", f"pass:{PASSPHRASE}", *scheme)
    path.chmod(0o600)
    answer = auth("key", "show", "--passphrase-file", secret, path)
    assert answer.exit_code == NO and "openssl pkcs8" in answer.error


@pytest.mark.parametrize(
    "words",
    [
        ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"),
        ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"),
        ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"),
        ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"),
        ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt", "rsa_keygen_pubexp:3"),
        ("-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"),
        ("-algorithm", "ED448"),
        ("-algorithm", "X25519"),
    ],
    ids=" ".join,
)
def test_other_keys_of_openssl_are_refused(auth: AuthCall, tmp_path: Path, words: tuple[str, ...]) -> None:
    path = tmp_path / "key.pem"
    openssl("genpkey", *words, "-out", path)
    path.chmod(0o600)
    answer = auth("key", "show", path)
    assert answer.exit_code == NO and answer.text == ""


def test_keys_of_the_old_form_are_refused_with_a_remedy(auth: AuthCall, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", path)
    path.chmod(0o600)
    answer = auth("key", "show", path)
    assert answer.exit_code == NO and "openssl pkcs8 -topk8" in answer.error


@pytest.mark.parametrize("kind", KINDS)
def test_key_identifiers_are_those_of_openssl(auth: AuthCall, tmp_path: Path, kind: str) -> None:
    path = their_key(kind, tmp_path)
    certificate = tmp_path / "cert.pem"
    words = ("req", "-x509", "-key", path, "-subj", "/CN=x", "-out", certificate)
    openssl(*words, *(() if kind == "ed25519" else ("-sm3",) if kind == "sm2" else ("-sha256",)))
    found = openssl("x509", "-in", certificate, "-noout", "-ext", "subjectKeyIdentifier").text
    key_id = found.splitlines()[1].strip().replace(":", "").lower()
    assert auth("key", "show", "--json", path).objects[0]["key_id"] == key_id


def test_a_damaged_key_is_refused_by_both(auth: AuthCall, tmp_path: Path) -> None:
    path = tmp_path / "key.der"
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", their_key("p256", tmp_path), "-outform", "DER", "-out", path)
    octets = bytearray(path.read_bytes())
    octets[40] ^= 1  # of the private number
    path.write_bytes(octets)
    path.chmod(0o600)
    assert call("openssl", "pkey", "-in", path, "-check", "-noout").exit_code != 0
    answer = auth("key", "show", path)
    assert answer.exit_code == NO and "does not belong" in answer.error
