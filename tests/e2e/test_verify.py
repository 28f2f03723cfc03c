# SPDX-License-Identifier: Apache-2.0
"""Does `auth verify` answer by its exit code and its JSON, whatever it is given?"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import FAULT, NO, USAGE, YES, Answer, Auth

@pytest.fixture(scope="session")
def schema(root: Path) -> Any:
    return json.loads((root / "schemas/verify.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def validator(schema: Any) -> Any:
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root, an authority, a holder and a CRL of each issuer, made by openssl."""
    folder = tmp_path_factory.mktemp("pki")
    (folder / "openssl.cnf").write_text(
        "[req]\ndistinguished_name = dn\n[dn]\n"
        "[ca]\nbasicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign,cRLSign\n"
        "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
        "[ee]\nbasicConstraints = CA:false\nkeyUsage = critical,digitalSignature\n"
        "extendedKeyUsage = clientAuth\nsubjectKeyIdentifier = hash\n"
        "authorityKeyIdentifier = keyid\n"
        "[root_ca]\ndatabase = index\ncrlnumber = number\ndefault_md = sha256\n"
        "default_crl_days = 36500\ncrl_extensions = crl\n"
        "[crl]\nauthorityKeyIdentifier = keyid\n"
    )
    (folder / "index").write_text("")
    config = folder / "openssl.cnf"
    issuer = ""
    for name, section in (("root", "ca"), ("authority", "ca"), ("holder", "ee")):
        subject = f"/CN={name}/serialNumber=PNOCN-11010519491231002X"
        key = folder / f"{name}.key"
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        request: list[str | Path] = ["req", "-new", "-config", config, "-key", key, "-subj", subject]
        if not issuer:
            openssl(*request, "-x509", "-extensions", section, "-days", "36500",
                    "-out", folder / f"{name}.pem")  # fmt: skip
        else:
            openssl(*request, "-out", folder / "request")
            openssl("x509", "-req", "-in", folder / "request", "-CA", folder / f"{issuer}.pem",
                    "-CAkey", folder / f"{issuer}.key", "-CAcreateserial", "-days", "36500",
                    "-extfile", config, "-extensions", section,
                    "-out", folder / f"{name}.pem")  # fmt: skip
        issuer = name
    for name in ("root", "authority"):
        (folder / "number").write_text("01\n")
        subprocess.run(
            ["openssl", "ca", "-gencrl", "-config", config, "-name", "root_ca", "-keyfile",
             folder / f"{name}.key", "-cert", folder / f"{name}.pem", "-out",
             folder / f"{name}.crl"],
            check=True, capture_output=True, cwd=folder, timeout=120,
        )  # fmt: skip
    (folder / "chain.pem").write_bytes(
        (folder / "holder.pem").read_bytes() + (folder / "authority.pem").read_bytes()
    )
    (folder / "junk").write_bytes(b"\x00\x01junk")
    (folder / "empty").write_bytes(b"")
    return folder


@pytest.fixture(scope="session")
def now() -> tuple[str, str]:
    """A time when what openssl made a moment ago is valid; its validity lasts a century."""
    return "--at", "2060-01-01T00:00:00Z"


def verdict_of(answer: Answer, validator: Any) -> dict[str, Any]:
    assert len(answer.objects) == 1, answer
    verdict = answer.objects[0]
    validator.validate(verdict)
    assert verdict["valid"] == (answer.exit_code == YES) == (verdict["reason"] == "ok")
    return verdict


def names_in(table: Path, macro: str) -> list[str]:
    rows = re.findall(rf"^{macro}\((.*)\)$", table.read_text(encoding="utf-8"), flags=re.M)
    return [row.split(",")[2].strip().strip('"') for row in rows]


def test_the_schema_lists_every_reason_and_purpose(root: Path, schema: Any) -> None:
    headers = root / "libauth/include/auth"
    reasons = names_in(headers / "verdict_reason.def", "AUTH_VERDICT_REASON_ROW")
    purposes = names_in(headers / "purpose.def", "AUTH_PURPOSE_ROW")
    assert "expired" in reasons and "citizen-login" in purposes
    assert schema["properties"]["reason"]["enum"] == reasons
    assert schema["properties"]["purpose"]["enum"] == purposes


def test_a_valid_certificate_is_told_with_its_chain(
    auth: Auth, pki: Path, now: tuple[str, str], validator: Any
) -> None:
    answer = auth("verify", "--json", *now, "--trust", pki / "root.pem", pki / "chain.pem")
    verdict = verdict_of(answer, validator)
    assert verdict["valid"] and len(verdict["chain"]) == 3
    assert verdict["revocation"]["source"] == "none" and verdict["revocation"]["unchecked"] == 2
    crls: list[str | Path] = ["--crl", pki / "root.crl", "--crl", pki / "authority.crl", "--require-revocation"]
    answer = auth("verify", "--json", *now, "--trust", pki / "root.pem", *crls, pki / "chain.pem")
    verdict = verdict_of(answer, validator)
    assert verdict["valid"], verdict
    assert verdict["revocation"]["source"] == "crl" and verdict["revocation"]["unchecked"] == 0


def test_a_person_number_is_never_shown(auth: Auth, pki: Path, now: tuple[str, str]) -> None:
    for words in ((), ("--json",)):
        for file in ("chain.pem", "holder.pem", "junk"):
            answer = auth("verify", *words, *now, "--trust", pki / "root.pem", pki / file)
            assert "1949" not in answer.text + answer.error, answer


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("holder.pem",), "issuer-unknown"),
        (("--at", "2000-01-01T00:00:00Z", "chain.pem"), "not-yet-valid"),
        (("--at", "2999-01-01T00:00:00Z", "chain.pem"), "expired"),
        (("--purpose", "daemon-server", "chain.pem"), "extended-key-usage"),
        (("--purpose", "ca", "chain.pem"), "not-an-authority"),
        (("--purpose", "citizen-login", "authority.pem"), "authority-as-end"),
        (("--require-revocation", "chain.pem"), "revocation-unknown"),
        (("--explicit-policy", "chain.pem"), "policy"),
        (("junk",), "malformed"),
        (("empty",), "malformed"),
        (("root.key",), "malformed"),
        (("--crl", "junk", "chain.pem"), "crl-malformed"),
        (("--ocsp", "junk", "chain.pem"), "ocsp-malformed"),
        (("--untrusted", "junk", "chain.pem"), "malformed"),
        (("--trust", "junk", "chain.pem"), "anchor"),
    ],
)
def test_a_refusal_tells_its_reason(
    auth: Auth, pki: Path, now: tuple[str, str], validator: Any, words: tuple[str, ...], reason: str
) -> None:
    given: list[str | Path] = [pki / word if (pki / word).exists() else word for word in words]
    answer = auth("verify", "--json", *now, "--trust", pki / "root.pem", *given)
    assert answer.exit_code == NO, answer
    assert verdict_of(answer, validator)["reason"] == reason
    text = auth("verify", *now, "--trust", pki / "root.pem", *given)
    assert text.exit_code == NO and text.text.startswith(f"invalid: {reason}: "), text


def test_what_cannot_be_read_is_a_fault(auth: Auth, pki: Path) -> None:
    root, leaf = pki / "root.pem", pki / "holder.pem"
    rows: list[list[str | Path]] = [
        ["--trust", pki / "none", leaf],
        ["--trust", root, pki / "none"],
        ["--trust", root, "--crl", pki / "none", leaf],
        ["--trust", root, "--ocsp", pki, leaf],
    ]
    for words in rows:
        answer = auth("verify", "--json", *words)
        assert answer.exit_code == FAULT and answer.text == "" and answer.error, answer


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("a", "b"),
        ("--purpose", "nothing", "a"),
        ("--at", "yesterday", "a"),
        ("--depth", "0", "a"),
        ("--depth", "33", "a"),
        ("--depth", "1x", "a"),
        ("--unknown", "a"),
    ],
)
def test_wrong_usage_is_told_apart(auth: Auth, words: tuple[str, ...]) -> None:
    answer = auth("verify", *words)
    assert answer.exit_code == USAGE and answer.text == "" and answer.error, answer


def test_a_policy_that_is_no_oid_is_wrong_usage(auth: Auth, pki: Path) -> None:
    answer = auth("verify", "--trust", pki / "root.pem", "--policy", "x", pki / "chain.pem")
    assert answer.exit_code == USAGE, answer


def test_der_and_standard_input_are_read(auth: Auth, pki: Path, now: tuple[str, str]) -> None:
    openssl("x509", "-in", pki / "authority.pem", "-outform", "DER", "-out", pki / "authority.der")
    answer = auth("verify", *now, "--trust", pki / "root.pem", pki / "authority.der")
    assert answer.exit_code == YES, answer
    answer = auth(
        "verify", *now, "--trust", pki / "root.pem", "-", stdin=(pki / "chain.pem").read_bytes()
    )
    assert answer.exit_code == YES and answer.text.startswith("valid for any"), answer


def test_a_bundle_may_hold_anchors_that_are_of_no_use(
    auth: Auth, pki: Path, now: tuple[str, str]
) -> None:
    openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=old", "-days", "36500",
            "-keyout", pki / "old.key", "-out", pki / "old.pem")  # fmt: skip
    old: list[str | Path] = ["--trust", pki / "old.pem"]
    answer = auth("verify", *now, *old, "--trust", pki / "root.pem", pki / "chain.pem")
    assert answer.exit_code == YES and "1 trust anchors" in answer.error, answer
    answer = auth("verify", "--json", *now, *old, pki / "chain.pem")
    assert answer.exit_code == NO and answer.objects[0]["reason"] == "anchor", answer
