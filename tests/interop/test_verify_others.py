# SPDX-License-Identifier: Apache-2.0
"""Do others' chains pass, SM2 at every level included, and do others' verdicts agree with ours?"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from verify_pki import DAY, NOW, ROOT, Case, Entity, at, names, new_root, pem, run_auth, subtrees
from verify_pki import key_usage, write_case

ID = "distid:1234567812345678"
JARS = "/usr/share/java/bcprov.jar:/usr/share/java/bcpkix.jar:/usr/share/java/bcutil.jar"
DER = serialization.Encoding.DER


def call(*words: str | Path, cwd: Path | None = None, check: bool = True) -> str:
    result = subprocess.run(
        words, capture_output=True, cwd=cwd, timeout=300, check=False, stdin=subprocess.DEVNULL
    )
    assert not check or result.returncode == 0, result.stderr.decode()
    return result.stdout.decode() + result.stderr.decode()


@pytest.fixture(scope="session")
def openssl_sm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root, an authority, a holder and CRLs in SM2, made by openssl with the national ID."""
    folder = tmp_path_factory.mktemp("sm2")
    (folder / "openssl.cnf").write_text(
        "[req]\ndistinguished_name = dn\n[dn]\n"
        "[ca]\nbasicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign,cRLSign\n"
        "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
        "[ee]\nbasicConstraints = CA:false\nkeyUsage = critical,digitalSignature\n"
        "extendedKeyUsage = clientAuth\nsubjectKeyIdentifier = hash\n"
        "authorityKeyIdentifier = keyid\n"
        "[own]\ndatabase = index\ncrlnumber = number\ndefault_md = sm3\n"
        "default_crl_days = 3650\ncrl_extensions = crl\n"
        "[crl]\nauthorityKeyIdentifier = keyid\n"
    )
    (folder / "index").write_text("")
    (folder / "number").write_text("01\n")
    issuer = ""
    for name, section in (("root", "ca"), ("authority", "ca"), ("holder", "ee")):
        key, pem_file = f"{name}.key", f"{name}.pem"
        call("openssl", "genpkey", "-algorithm", "SM2", "-out", key, cwd=folder)
        request = ["openssl", "req", "-new", "-config", "openssl.cnf", "-key", key, "-sm3",
                   "-sigopt", ID, "-subj", f"/CN={name}"]  # fmt: skip
        if not issuer:
            call(*request, "-x509", "-extensions", section, "-days", "3650", "-out", pem_file,
                 cwd=folder)  # fmt: skip
        else:
            call(*request, "-out", "request", cwd=folder)
            call("openssl", "x509", "-req", "-in", "request", "-vfyopt", ID, "-sm3", "-sigopt", ID,
                 "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial", "-days",
                 "3650", "-extfile", "openssl.cnf", "-extensions", section, "-out", pem_file,
                 cwd=folder)  # fmt: skip
        issuer = name
    for name in ("root", "authority"):
        call("openssl", "ca", "-gencrl", "-config", "openssl.cnf", "-name", "own", "-keyfile",
             f"{name}.key", "-cert", f"{name}.pem", "-sigopt", ID, "-out", f"{name}.crl",
             cwd=folder)  # fmt: skip
    return folder


def test_an_sm2_chain_of_openssl_is_valid(openssl_sm2: Path) -> None:
    words: list[str | Path] = ["--trust", openssl_sm2 / "root.pem", "--untrusted", openssl_sm2 / "authority.pem",
             "--purpose", "citizen-login"]  # fmt: skip
    assert run_auth(*words, openssl_sm2 / "holder.pem")["valid"]
    crls: list[str | Path] = ["--crl", openssl_sm2 / "root.crl", "--crl", openssl_sm2 / "authority.crl"]
    verdict = run_auth(*words, *crls, "--require-revocation", openssl_sm2 / "holder.pem")
    assert verdict["valid"] and verdict["revocation"]["unchecked"] == 0, verdict


def test_an_sm2_chain_without_the_national_id_is_refused(openssl_sm2: Path) -> None:
    call("openssl", "req", "-x509", "-new", "-key", "root.key", "-sm3", "-subj", "/CN=root",
         "-config", "openssl.cnf", "-extensions", "ca", "-out", "empty-id.pem",
         cwd=openssl_sm2)  # fmt: skip
    call("openssl", "x509", "-req", "-in", "request", "-vfyopt", ID, "-sm3", "-CA", "authority.pem",
         "-CAkey", "authority.key", "-CAcreateserial", "-out", "empty-id-holder.pem",
         cwd=openssl_sm2)  # fmt: skip
    words: list[str | Path] = ["--trust", openssl_sm2 / "root.pem", "--untrusted", openssl_sm2 / "authority.pem"]
    verdict = run_auth(*words, openssl_sm2 / "empty-id-holder.pem")
    assert verdict["reason"] == "signature", verdict


@pytest.fixture(scope="session")
def castle_sm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same by Bouncy Castle."""
    folder = tmp_path_factory.mktemp("castle")
    source = ROOT / "tests/interop/java/VerifySm2Chain.java"
    call("javac", "-cp", JARS, "-d", folder, source)
    call("java", "-cp", f"{JARS}:{folder}", "VerifySm2Chain", folder, str(int(NOW.timestamp())))
    return folder


def test_an_sm2_chain_of_bouncy_castle_is_judged(castle_sm2: Path) -> None:
    words: list[str | Path] = ["--trust", castle_sm2 / "root.der", "--untrusted", castle_sm2 / "authority.der",
             "--purpose", "citizen-login", "--at", at(NOW), "--crl", castle_sm2 / "root.crl",
             "--require-revocation"]  # fmt: skip
    leaf = castle_sm2 / "holder.der"
    verdict = run_auth(*words, "--crl", castle_sm2 / "authority.crl", leaf)
    assert verdict["valid"], verdict
    verdict = run_auth(*words, "--crl", castle_sm2 / "revoking.crl", leaf)
    assert verdict["reason"] == "revoked", verdict
    assert verdict["revocation"]["reason"] == "superseded"
    forged = bytearray((castle_sm2 / "authority.crl").read_bytes())
    forged[-1] ^= 1
    (castle_sm2 / "forged.crl").write_bytes(forged)
    verdict = run_auth(*words, "--crl", castle_sm2 / "forged.crl", leaf)
    assert verdict["reason"] == "crl-signature", verdict


def cases(root: Entity) -> Iterator[Case]:
    """What GnuTLS and NSS judge as well. They judge by the clock, so these are made by it."""
    now = root.now
    ca = root.issue("CA", ca=True)
    yield Case("good", True, ca.issue("EE"), [ca])
    yield Case("forged", False, Entity(ca.name, root.key, ca.cert).issue("EE"), [ca])
    yield Case("expired", False, ca.issue("EE", not_after=now - DAY), [ca])
    # NSS takes a day of slack.
    yield Case("not yet valid", False, ca.issue("EE", not_before=now + 3 * DAY), [ca])
    none = root.issue("No CA")
    yield Case("not an authority", False, none.issue("EE"), [none])
    short = root.issue("Short", ca=True, path_len=0)
    long = short.issue("Long", ca=True)
    yield Case("path length", False, long.issue("EE"), [long, short])
    deaf = root.issue("Deaf", ca=True, usage=key_usage("crl_sign"))
    yield Case("no keyCertSign", False, deaf.issue("EE"), [deaf])
    narrow = root.issue("Narrow", subtrees([x509.DNSName("example.com")]), ca=True)
    inside, outside = names(x509.DNSName("a.example.com")), names(x509.DNSName("a.example.org"))
    yield Case("inside", True, narrow.issue("a.example.com", inside), [narrow])
    yield Case("outside", False, narrow.issue("a.example.org", outside), [narrow])
    unknown = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0"), True)
    yield Case("critical extension", False, ca.issue("EE", unknown), [ca])


def ask_gnutls(case: Case, files: dict[str, Path], folder: Path) -> bool:
    chain = folder / "chain.pem"
    chain.write_bytes(pem([case.leaf.cert, *(row.cert for row in case.path)]))
    said = call("certtool", "--verify", "--load-ca-certificate", files["root"], "--infile",
                chain, check=False)  # fmt: skip
    assert "Chain verification output" in said, said
    return "Chain verification output: Verified" in said


def ask_nss(case: Case, folder: Path) -> bool:
    assert case.root is not None
    database = folder / f"nss-{case.name.replace(' ', '-')}"
    database.mkdir()
    call("certutil", "-N", "--empty-password", "-d", f"sql:{database}")
    rows = [("leaf", case.leaf), *((f"path{i}", row) for i, row in enumerate(case.path))]
    (database / "root.der").write_bytes(case.root.cert.public_bytes(DER))
    call("certutil", "-A", "-d", f"sql:{database}", "-n", "root", "-t", "CT,C,C", "-i",
         database / "root.der")  # fmt: skip
    files = []
    for name, row in rows:
        (database / f"{name}.der").write_bytes(row.cert.public_bytes(DER))
        files.append(database / f"{name}.der")
    said = call("vfychain", "-pp", "-d", f"sql:{database}", "-u", "0", *files, check=False)
    assert "Chain is" in said, said
    return "Chain is good!" in said


@pytest.mark.parametrize("kind", ["p256", "rsa"])
def test_gnutls_and_nss_agree(kind: str, tmp_path: Path) -> None:
    root = new_root(kind=kind, now=datetime.now(timezone.utc).replace(microsecond=0))
    wrong = []
    for case in cases(root):
        case.root = root
        files = write_case(case, tmp_path)
        words: list[str | Path] = ["--trust", files["root"], "--untrusted", files["path"]]
        verdict = run_auth(*words, files["leaf"])
        said = {
            "auth": verdict["valid"],
            "gnutls": ask_gnutls(case, files, tmp_path),
            "nss": ask_nss(case, tmp_path),
        }
        if set(said.values()) != {case.valid}:
            wrong.append(f"{case.name}: {said} {verdict['reason']}")
    assert not wrong, "\n".join(wrong)
