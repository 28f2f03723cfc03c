# SPDX-License-Identifier: Apache-2.0
"""Are requests that auth makes good for others, those of others good for auth, and altered ones
good for nobody?"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from conftest import (
    COMMON_KINDS,
    FAULT,
    KINDS,
    NO,
    USAGE,
    YES,
    Answer,
    altered,
    call,
    certtool,
    generate_key,
    openssl,
    signing_options,
    verifying_options,
)
from cryptography import x509

Run = Callable[..., Answer]

SUBJECT = ["--subject", "C=CN", "--subject", "O=Interop, a/b=c", "--subject", "CN=李雷"]


@pytest.fixture(scope="session")
def requests(auth: Run, keys: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A request by auth of each kind, PEM and DER."""
    folder = tmp_path_factory.mktemp("requests")
    for kind in KINDS:
        for form in ("pem", "der"):
            words = ["--der"] if form == "der" else []
            answer = auth(
                *("csr", "new", "--key", keys[kind], *SUBJECT, *words),
                *("--out", folder / f"{kind}.{form}"),
            )
            assert answer.exit_code == YES, answer.error
    return folder


def is_good_for_openssl(kind: str, csr: Path) -> bool:
    form = "PEM" if csr.suffix == ".pem" else "DER"
    answer = call(
        *("openssl", "req", "-in", csr, "-inform", form, "-verify", "-noout"),
        *verifying_options(kind),
    )
    return "verify OK" in answer.error + answer.text and answer.exit_code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_accepts_ours(requests: Path, kind: str) -> None:
    assert is_good_for_openssl(kind, requests / f"{kind}.pem")
    assert is_good_for_openssl(kind, requests / f"{kind}.der")
    pem = openssl("req", "-in", requests / f"{kind}.der", "-inform", "DER").out
    assert pem.count(b"BEGIN CERTIFICATE REQUEST") == 1
    text = openssl(
        *("req", "-in", requests / f"{kind}.pem", "-noout", "-subject", "-nameopt"),
        "RFC2253,utf8,-esc_msb",
    ).text
    assert text.strip() == "subject=CN=李雷,O=Interop\\, a/b=c,C=CN"


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_gnutls_and_cryptography_accept_ours(requests: Path, kind: str) -> None:
    text = certtool("--crq-info", "--infile", requests / f"{kind}.pem").text
    assert "Self signature: verified" in text
    csr = x509.load_der_x509_csr((requests / f"{kind}.der").read_bytes())
    assert csr.is_signature_valid
    assert [a.value for a in csr.subject] == ["CN", "Interop, a/b=c", "李雷"]


@pytest.mark.parametrize("kind", KINDS)
def test_bouncy_castle_accepts_ours(java: Run, requests: Path, kind: str) -> None:
    answer = java("Requests", "verify", requests / f"{kind}.pem")
    assert answer.text.splitlines()[-1] == "good", answer.error


@pytest.mark.parametrize("kind", KINDS)
def test_altered_ones_are_refused_by_both(
    auth: Run, requests: Path, kind: str, tmp_path: Path
) -> None:
    der = (requests / f"{kind}.der").read_bytes()
    # A letter of the organisation, and the last octet of the signature.
    for at in (der.index(b"Interop") + 1, len(der) - 1):
        bad = tmp_path / "bad.der"
        bad.write_bytes(altered(der, at))
        assert not is_good_for_openssl(kind, bad)
        answer = auth("csr", "show", "--json", bad)
        assert answer.exit_code == NO
        assert answer.objects[0]["possession"] is False
        assert "RFC 2986" in answer.objects[0]["possession_error"]


@pytest.mark.parametrize("kind", KINDS)
def test_those_of_openssl_are_accepted(auth: Run, kind: str, tmp_path: Path) -> None:
    key, csr = tmp_path / "key.pem", tmp_path / "csr.pem"
    generate_key(kind, key)
    openssl(
        *("req", "-new", "-key", key, "-subj", "/C=CN/CN=them", "-out", csr),
        *("-addext", "keyUsage=critical,digitalSignature", "-addext", "subjectAltName=DNS:a.cn"),
        *signing_options(kind),
    )
    answer = auth("csr", "show", "--json", csr)
    assert answer.exit_code == YES, answer.error
    shown = answer.objects[0]
    assert shown["subject"] == "CN=them,C=CN"
    assert shown["public_key"]["type"] == kind
    assert [(e["name"], e["critical"], e["text"]) for e in shown["extensions"]] == [
        ("keyUsage", True, "digitalSignature"),
        ("subjectAltName", False, "DNS:a.cn"),
    ]


def test_sm2_without_the_id_proves_nothing(auth: Run, keys: dict[str, Path]) -> None:
    """OpenSSL signs with an empty ID unless it is told another."""
    pem = openssl("req", "-new", "-key", keys["sm2"], "-subj", "/CN=x", "-sm3").out
    answer = auth("csr", "show", "--json", "-", stdin=pem)
    assert answer.exit_code == NO
    assert "1234567812345678" in answer.objects[0]["possession_error"]


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_those_of_gnutls_are_accepted(
    auth: Run, keys: dict[str, Path], kind: str, tmp_path: Path
) -> None:
    template = tmp_path / "template"
    template.write_text("cn = them\ncountry = CN\ntls_www_client\nsigning_key\n", encoding="utf-8")
    pem = certtool("--generate-request", "--load-privkey", keys[kind], "--template", template).out
    answer = auth("csr", "show", "--json", "-", stdin=pem)
    assert answer.exit_code == YES, answer.error
    shown = answer.objects[0]
    assert shown["public_key"]["type"] == kind
    assert "clientAuth" in {e["name"]: e["text"] for e in shown["extensions"]}["extKeyUsage"]


@pytest.mark.parametrize("kind", KINDS)
def test_those_of_bouncy_castle_are_accepted(auth: Run, java: Run, kind: str) -> None:
    made = java("Requests", "make", kind, "C=CN,CN=them")
    answer = auth("csr", "show", "--json", "-", stdin=made.out)
    assert answer.exit_code == YES, answer.error + made.error
    shown = answer.objects[0]
    assert shown["subject"] == "CN=them,C=CN"
    assert shown["public_key"]["type"] == kind
    assert [e["text"] for e in shown["extensions"]] == ["digitalSignature"]


def test_a_request_shows_by_its_schema(auth: Run, requests: Path, root: Path) -> None:
    schema = json.loads((root / "schemas/csr.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for kind in KINDS:
        for shown in auth("csr", "show", "--json", requests / f"{kind}.pem").objects:
            validator.validate(shown)


def test_several_requests_in_a_file(auth: Run, requests: Path, tmp_path: Path) -> None:
    """PEM with text between, DER back to back; a key in between is left alone."""
    pem = b"explained\n".join((requests / f"{kind}.pem").read_bytes() for kind in KINDS)
    der = b"".join((requests / f"{kind}.der").read_bytes() for kind in KINDS)
    key = openssl("genpkey", "-algorithm", "ED25519").out
    for octets in (pem, der, key + pem.replace(b"\n", b"\r\n")):
        answer = auth("csr", "show", "--json", "-", stdin=octets)
        assert answer.exit_code == YES, answer.error
        assert [o["public_key"]["type"] for o in answer.objects] == list(KINDS)
    bad = tmp_path / "bad"
    bad.write_bytes(der + b"\n")
    answer = auth("csr", "show", bad)
    assert answer.exit_code == NO
    assert f"{bad}: object {len(KINDS) + 1}: " in answer.error


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (["--subject", "CN=x"], USAGE, "--key is needed"),
        (["--key", "KEY", "--subject", "CN"], USAGE, "TYPE=VALUE"),
        (["--key", "KEY", "--subject", "=x"], USAGE, "TYPE=VALUE"),
        (["--key", "KEY", "--subject", "cn=x"], USAGE, "no such attribute type"),
        (["--key", "KEY", "--subject", "C=CHN"], USAGE, "C: more than 2"),
        (["--key", "KEY", "--subject", "CN="], USAGE, "CN: 0 characters"),
        (["--key", "KEY", "--subject", "CN=a\u202eb"], USAGE, "CN: character 2 "),
        (["--key", "KEY", "more"], USAGE, "nothing may follow"),
        (["--key", "/nowhere/key"], NO, "/nowhere/key"),
        (["--key", "KEY", "--out", "/nowhere/csr"], FAULT, "/nowhere/csr"),
    ],
)
def test_a_wrong_call_says_what_to_do(
    auth: Run, keys: dict[str, Path], words: list[str], exit_code: int, says: str
) -> None:
    answer = auth("csr", "new", *[str(keys["p256"]) if word == "KEY" else word for word in words])
    assert answer.exit_code == exit_code, answer.error
    assert says in answer.error
    assert answer.out == b""


def test_an_encrypted_key_needs_its_passphrase(auth: Run, tmp_path: Path) -> None:
    key, secret = tmp_path / "key.pem", tmp_path / "passphrase"
    openssl(
        *("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256"),
        *("-pass", "pass:correct horse", "-out", key),
    )
    key.chmod(0o600)
    secret.write_text("correct horse\n", encoding="utf-8")
    secret.chmod(0o600)
    words = ("csr", "new", "--key", key, "--subject", "CN=x")
    answer = auth(*words)
    assert answer.exit_code == NO and "--passphrase-file" in answer.error
    answer = auth(*words, "--passphrase-file", secret)
    assert answer.exit_code == YES, answer.error
    assert auth("csr", "show", "-", stdin=answer.out).exit_code == YES
    secret.write_text("incorrect horse\n", encoding="utf-8")
    answer = auth(*words, "--passphrase-file", secret)
    assert answer.exit_code == NO and answer.error.startswith("auth csr new: --key: ")
    assert answer.out == b"" and "incorrect horse" not in answer.error


def test_a_key_that_others_may_read_is_refused(
    auth: Run, keys: dict[str, Path], tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(keys["p256"].read_bytes())
    key.chmod(0o644)
    answer = auth("csr", "new", "--key", key, "--subject", "CN=x")
    assert answer.exit_code == NO
    assert str(key) in answer.error


def test_a_file_appears_whole_or_not_at_all(
    auth: Run, keys: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "csr.pem"
    out.write_bytes(b"before")
    answer = auth("csr", "new", "--key", keys["p256"], "--subject", "CN=x", "--out", out)
    assert answer.exit_code == YES and out.read_bytes().startswith(b"-----BEGIN")
    assert os.listdir(tmp_path) == ["csr.pem"]
    folder = tmp_path / "folder"
    folder.mkdir()
    answer = auth("csr", "new", "--key", keys["p256"], "--subject", "CN=x", "--out", folder)
    assert answer.exit_code == FAULT and str(folder) in answer.error
    assert os.listdir(folder) == []
    answer = auth("csr", "new", "--key", keys["p256"], "--out", "/dev/stdout")
    assert answer.out.startswith(b"-----BEGIN")
