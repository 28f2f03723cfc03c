# SPDX-License-Identifier: Apache-2.0
"""Do others accept the certificates of every ready profile and algorithm, and refuse altered ones?

Issued here by tests/golden/golden --export, with the profiles as they are installed. The programs
are OpenSSL, GnuTLS, NSS, python3-cryptography and, for SM2 too, Bouncy Castle.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import jsonschema
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
BOUNCY_CASTLE = "/usr/share/java/bcprov.jar:/usr/share/java/bcpkix.jar"
ALGORITHMS = ["p256", "p384", "rsa", "ed25519", "sm2"]
AUTHORITIES = {"root", "issuing"}


def run(*command: str | Path, ok: bool = True) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode == 0) == ok, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every certificate, DER and PEM."""
    folder = tmp_path_factory.mktemp("issued")
    run(BUILD / "tests/golden/golden", "--export", folder, str(int(time.time())))
    for der in sorted(folder.glob("*.der")):
        run("openssl", "x509", "-inform", "der", "-in", der, "-out", der.with_suffix(".pem"))
    return folder


def cases(*, sm2: bool, authorities: bool = False) -> list[str]:
    """All "profile-algorithm", by what the profiles say that they take."""
    names = []
    for path in sorted((ROOT / "schemas/profiles").glob("*.json")):
        profile = json.loads(path.read_text())
        if profile["name"] in AUTHORITIES and not authorities:
            continue
        for key in profile["keys"]:
            if sm2 or key["type"] != "sm2":
                names.append(f"{profile['name']}-{key['type']}")
    return names


def chain(issued: Path, case: str, suffix: str = ".pem") -> tuple[Path, Path, Path]:
    algorithm = case.rsplit("-", 1)[1]
    return (
        issued / f"{case}{suffix}",
        issued / f"issuing-{algorithm}{suffix}",
        issued / f"root-{algorithm}{suffix}",
    )


def altered(path: Path, folder: Path) -> Path:
    """The certificate with one bit of its subject's country turned."""
    der = bytearray(path.with_suffix(".der").read_bytes())
    at = der.rfind(b"CN")
    der[at + 1] ^= 1
    out = folder / f"altered-{path.stem}.der"
    out.write_bytes(der)
    run("openssl", "x509", "-inform", "der", "-in", out, "-out", out.with_suffix(".pem"))
    return out.with_suffix(".pem")


def test_every_profile_and_algorithm_is_there(issued: Path) -> None:
    expected = set(cases(sm2=True, authorities=True))
    assert {path.stem for path in issued.glob("*.der")} == expected


@pytest.mark.parametrize("case", cases(sm2=False))
def test_openssl_verifies(issued: Path, case: str, tmp_path: Path) -> None:
    leaf, authority, root = chain(issued, case)
    command = ["openssl", "verify", "-x509_strict", "-check_ss_sig", "-CAfile", root, "-untrusted"]
    run(*command, authority, leaf)
    run(*command, authority, altered(leaf, tmp_path), ok=False)


@pytest.mark.parametrize("case", cases(sm2=True, authorities=True))
def test_openssl_writes_the_same_octets(issued: Path, case: str) -> None:
    der = issued / f"{case}.der"
    again = issued / f"{case}.again"
    run("openssl", "x509", "-in", issued / f"{case}.pem", "-outform", "der", "-out", again)
    assert again.read_bytes() == der.read_bytes()


@pytest.mark.parametrize("case", [case for case in cases(sm2=True) if case.endswith("-sm2")])
def test_openssl_verifies_sm2_one_level(issued: Path, case: str, tmp_path: Path) -> None:
    """Its -vfyopt reaches the last certificate only (OpenSSL 3.0), so each level is asked alone."""
    command = ["openssl", "verify", "-partial_chain", "-vfyopt", "distid:1234567812345678"]
    leaf, authority, root = chain(issued, case)
    run(*command, "-trusted", authority, leaf)
    run(*command, "-trusted", root, authority)
    run(*command, "-trusted", authority, altered(leaf, tmp_path), ok=False)


@pytest.mark.parametrize("case", cases(sm2=False))
def test_gnutls_verifies(issued: Path, case: str, tmp_path: Path) -> None:
    leaf, authority, root = chain(issued, case)
    for first, ok in ((leaf, True), (altered(leaf, tmp_path), False)):
        bundle = tmp_path / "bundle.pem"
        bundle.write_text(first.read_text() + authority.read_text())
        run("certtool", "--verify", "--load-ca-certificate", root, "--infile", bundle, ok=ok)


@pytest.mark.parametrize("case", cases(sm2=False, authorities=True))
def test_python_reads_every_extension(issued: Path, case: str) -> None:
    certificate = x509.load_der_x509_certificate((issued / f"{case}.der").read_bytes())
    profile = json.loads((ROOT / f"schemas/profiles/{case.rsplit('-', 1)[0]}.json").read_text())
    asked = profile["extensions"]
    found = {extension.oid for extension in certificate.extensions}
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    period = certificate.not_valid_after - certificate.not_valid_before
    assert certificate.version is x509.Version.v3
    assert certificate.serial_number.bit_length() <= 159
    assert period.total_seconds() + 1 == profile["validity"]["days"] * 86400
    assert usage.critical
    assert usage.value.key_cert_sign == ("keyCertSign" in asked["keyUsage"]["bits"])
    assert (ExtensionOID.EXTENDED_KEY_USAGE in found) == ("extKeyUsage" in asked)
    assert (ExtensionOID.FRESHEST_CRL in found) == ("freshestCRL" in asked)
    assert (ExtensionOID.OCSP_NO_CHECK in found) == ("ocspNoCheck" in asked)
    assert ExtensionOID.SUBJECT_KEY_IDENTIFIER in found
    assert ExtensionOID.AUTHORITY_KEY_IDENTIFIER in found


NSS_USAGE = {"server": "V", "client": "C", "citizen-authentication": "C", "officer": "C"}
# It takes no Ed25519 certificates, and asks servers with RSA for keyEncipherment, that is for key
# transport as in TLS 1.2, which our profiles do not allow.
NSS_KNOWS_NOT = ("-ed25519", "-server-rsa")


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in cases(sm2=False)
        if not case.endswith(NSS_KNOWS_NOT) and any(word in case for word in NSS_USAGE)
    ],
)
def test_nss_verifies(issued: Path, case: str, tmp_path: Path) -> None:
    """NSS wants to know what a certificate is for."""
    leaf, authority, root = chain(issued, case)
    store = f"sql:{tmp_path}"
    usage = next(letter for word, letter in NSS_USAGE.items() if word in case)
    run("certutil", "-N", "-d", store, "--empty-password")
    run("certutil", "-A", "-d", store, "-n", "root", "-t", "CT,C,C", "-i", root)
    run("certutil", "-A", "-d", store, "-n", "authority", "-t", ",,", "-i", authority)
    run("certutil", "-A", "-d", store, "-n", "leaf", "-t", ",,", "-i", leaf)
    assert "valid" in run("certutil", "-V", "-d", store, "-n", "leaf", "-u", usage, "-e")


@pytest.fixture(scope="module")
def bouncy_castle(issued: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What it says of each leaf, and of one altered leaf an algorithm, by path."""
    folder = tmp_path_factory.mktemp("java")
    source = ROOT / "tests/interop/java/CheckIssued.java"
    run("javac", "-cp", BOUNCY_CASTLE, "-d", folder, source)
    chains: list[Path] = []
    for case in cases(sm2=True):
        chains += chain(issued, case, ".der")
    for algorithm in ALGORITHMS:
        leaf, authority, root = chain(issued, f"officer-{algorithm}", ".der")
        chains += (altered(leaf, folder).with_suffix(".der"), authority, root)
    said = run("java", "-cp", f"{BOUNCY_CASTLE}:{folder}", "CheckIssued", *chains)
    return {Path(line.split()[-1]).stem: line for line in said.splitlines()}


@pytest.mark.parametrize("case", cases(sm2=True))
def test_bouncy_castle_verifies(bouncy_castle: dict[str, str], case: str) -> None:
    assert bouncy_castle[case].startswith("ok "), bouncy_castle[case]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_bouncy_castle_refuses_altered(bouncy_castle: dict[str, str], algorithm: str) -> None:
    said = bouncy_castle[f"altered-officer-{algorithm}"]
    assert said.startswith("refused: signature does not verify"), said


def test_openssl_reads_the_identity(issued: Path) -> None:
    text = run("openssl", "asn1parse", "-inform", "der", "-in", issued / "citizen-signing-p256.der")
    assert "A014131231313031303531393439313233313030325" in text.replace(":", "").upper()


@pytest.mark.parametrize("path", sorted((ROOT / "schemas/profiles").glob("*.json")), ids=str)
def test_profiles_fit_their_schema(path: Path) -> None:
    schema = json.loads((ROOT / "schemas/profile.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(json.loads(path.read_text()), schema)


def test_the_schema_refuses_what_libauth_refuses() -> None:
    schema = json.loads((ROOT / "schemas/profile.schema.json").read_text())
    good = json.loads((ROOT / "schemas/profiles/officer.json").read_text())
    for change in (
        {"colour": 1},
        {"version": 1},
        {"name": "Officer"},
        {"keys": []},
        {"keys": [{"type": "rsa", "min_bits": 1024}]},
        {"validity": {"days": 1, "seconds": 1}},
        {"validity": {"days": 1, "max_backdate_seconds": 301}},
        {"extensions": {}},
        {"extensions": {"keyUsage": {"bits": []}}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, **change}, schema)


def test_programs_are_there() -> None:
    """A peer that is not installed must not look like one that agrees."""
    for program in ("openssl", "certtool", "certutil", "javac", "java"):
        assert shutil.which(program) is not None, program
