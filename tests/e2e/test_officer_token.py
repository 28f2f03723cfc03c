# SPDX-License-Identifier: Apache-2.0
"""Does an officer whose key stays in a PKCS#11 token reach her daemon and sign, as one with a file does?"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FAULT, NO, TIMEOUT_S, YES, Auth
from offices import Office, running


@pytest.fixture(scope="module")
def office(auth: Auth, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder}/tokens\n", encoding="utf-8")
    (folder / "pin").write_text("1234\n", encoding="utf-8")
    (folder / "pin").chmod(0o600)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "desk", "--pin", "1234", "--so-pin", "12345678"],
        check=True, capture_output=True, env={**auth.environment, "SOFTHSM2_CONF": str(conf)}, timeout=TIMEOUT_S,
    )  # fmt: skip
    with running(auth.with_environment(SOFTHSM2_CONF=str(conf), PIN=str(folder / "pin"))) as made:
        made.appoint("zhao", "approver")
        yield made


def appoint(office: Office, officer: str, kind: str, *bits: str) -> Path:
    """Makes the key in the token; gives the officer's configuration."""
    pin = office.auth.environment["PIN"]
    uri = f"pkcs11:token=desk;object={officer}?module-name=softhsm2"
    request = office.place / f"{officer}.csr"
    made = office.auth("key", "new", "--type", kind, *bits, "--token", f"{uri}&pin-source={pin}")
    assert made.exit_code == YES, made.error
    made = office.auth("csr", "new", "--key", uri, "--passphrase-file", pin, "--out", request)
    assert made.exit_code == YES, made.error
    asked = office.done(
        "zhang", "officer", "appoint", officer, "--role", "clerk", "--name", officer, "--number-file",
        office.number(), "--csr", request,
    )  # fmt: skip
    office.done("li", "request", "approve", "--yes", asked["id"])
    cert = office.place / f"{officer}.cer"
    assert office("zhang", "cert", "get", "--request", asked["id"], "--out", cert).exit_code == YES
    conf = office.place / f"{officer}.conf"
    conf.write_text(
        f"server = {office.server}\ntrust = {office.realm}/authorities/root.cer\ncertificate = {officer}.cer\n"
        f"key = {uri}\npassphrase-file = {pin}\n",
        encoding="utf-8",
    )
    return conf


@pytest.mark.parametrize("kind", ["p256", "p384"])
def test_a_clerk_with_a_token_enrols(office: Office, kind: str) -> None:
    officer = f"clerk-{kind}"
    conf = appoint(office, officer, kind)
    listed = office(officer, "request", "list", "--limit", "1")
    assert listed.exit_code == YES, listed.error
    office.certify(officer, "zhao", f"citizen-{kind}")
    # A certificate of another key is found before anything is sent.
    text = conf.read_text(encoding="utf-8")
    conf.write_text(text.replace(f"{officer}.cer", "zhao.cer"), encoding="utf-8")
    answer = office(officer, "request", "list")
    assert answer.exit_code == NO and "of another key" in answer.error


def test_a_wrong_pin_is_told(office: Office) -> None:
    conf = appoint(office, "forgetful", "p256")
    wrong = office.place / "wrong-pin"
    wrong.write_text("4321\n", encoding="utf-8")
    wrong.chmod(0o600)
    text = conf.read_text(encoding="utf-8")
    conf.write_text(text.replace(office.auth.environment["PIN"], str(wrong)), encoding="utf-8")
    answer = office("forgetful", "request", "list")
    assert answer.exit_code in (NO, FAULT) and "PIN" in answer.error


def test_rsa_in_a_token_is_refused_clearly(office: Office) -> None:
    appoint(office, "old", "rsa", "--bits", "2048")
    answer = office("old", "request", "list")
    assert answer.exit_code == NO and "P-256 and P-384" in answer.error
