# SPDX-License-Identifier: Apache-2.0
"""Do keys that auth makes in a PKCS#11 token work for others' tools, and theirs for auth, with
SoftHSM2 as the token?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import NO, YES, Answer, call, must, openssl

PIN = "1234"
LABEL = "interop"
P11TOOL_TYPES = {"p256": ("ecdsa", "--curve=secp256r1"), "p384": ("ecdsa", "--curve=secp384r1"),
                 "rsa": ("rsa", "--bits=2048")}


@dataclass(frozen=True)
class Token:
    auth: Path
    configuration: Path
    pin: Path
    module: str

    def uri(self, name: str) -> str:
        return f"pkcs11:token={LABEL};object={name}?module-name=softhsm2"

    def run(self, *words: str | Path) -> Answer:
        return call(self.auth, *words, SOFTHSM2_CONF=str(self.configuration))

    def other(self, program: str, *words: str | Path) -> Answer:
        return must(program, *words, SOFTHSM2_CONF=str(self.configuration), GNUTLS_PIN=PIN)

    def public(self, name: str) -> str:
        answer = self.run("key", "show", "--public", "--passphrase-file", self.pin, self.uri(name))
        assert answer.exit_code == YES, answer.error
        return answer.text


@pytest.fixture
def token(build: Path, tmp_path: Path) -> Token:
    (tmp_path / "tokens").mkdir()
    configuration = tmp_path / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tmp_path}/tokens\n", encoding="utf-8")
    pin = tmp_path / "pin"
    pin.write_text(PIN + "\n", encoding="utf-8")
    pin.chmod(0o600)
    must("softhsm2-util", "--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "12345678",
         SOFTHSM2_CONF=str(configuration))
    module = "/usr/lib/softhsm/libsofthsm2.so"
    return Token(build / "cli/auth", configuration, pin, module)


@pytest.mark.parametrize("kind", P11TOOL_TYPES)
def test_others_see_our_key(token: Token, tmp_path: Path, kind: str) -> None:
    words = ("key", "new", "--type", kind, "--token", token.uri("ours"), "--passphrase-file", token.pin)
    answer = token.run(*words)
    assert answer.exit_code == YES, answer.error
    assert token.run(*words).exit_code == NO
    exported = tmp_path / "public.pem"
    token.other("p11tool", "--provider", token.module, "--login", "--export-pubkey", "--outfile", exported,
                f"pkcs11:token={LABEL};object=ours;type=private")
    assert openssl("pkey", "-pubin", "-in", exported, "-pubout").text == token.public("ours")
    listed = token.other("pkcs11-tool", "--module", token.module, "--login", "--pin", PIN, "--list-objects",
                         "--type", "privkey").text
    assert "never extractable" in listed and "sensitive" in listed
    assert listed.partition("Usage:")[2].splitlines()[0].strip() == "sign"


@pytest.mark.parametrize("kind", P11TOOL_TYPES)
def test_we_use_the_key_of_others(token: Token, tmp_path: Path, kind: str) -> None:
    algorithm, size = P11TOOL_TYPES[kind]
    token.other("p11tool", "--provider", token.module, "--login", f"--generate-privkey={algorithm}", size,
                "--label", "theirs", "--outfile", tmp_path / "public.pem", f"pkcs11:token={LABEL}")
    assert openssl("pkey", "-pubin", "-in", tmp_path / "public.pem", "-pubout").text == token.public("theirs")
    request = tmp_path / "request.pem"
    answer = token.run("csr", "new", "--key", token.uri("theirs"), "--passphrase-file", token.pin, "--out", request)
    assert answer.exit_code == YES, answer.error
    openssl("req", "-in", request, "-verify", "-noout")


def test_a_wrong_pin_is_told_and_does_not_lock_the_token(token: Token, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("0000\n", encoding="utf-8")
    wrong.chmod(0o600)
    answer = token.run("key", "new", "--token", token.uri("k"), "--passphrase-file", wrong)
    assert answer.exit_code == NO and "PIN is wrong" in answer.error
    assert token.run("key", "new", "--token", token.uri("k"), "--passphrase-file", token.pin).exit_code == YES
