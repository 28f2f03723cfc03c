# SPDX-License-Identifier: Apache-2.0
"""Does an officer whose key stays in a PKCS#11 token reach her daemon and sign, as one with a file does?"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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


def uri_of(officer: str) -> str:
    return f"pkcs11:token=desk;object={officer}?module-name=softhsm2"


def appoint(office: Office, officer: str, kind: str, *bits: str) -> Path:
    """Makes the key in the token; gives the officer's configuration."""
    pin = office.auth.environment["PIN"]
    made = office.auth("key", "new", "--type", kind, *bits, "--token", f"{uri_of(officer)}&pin-source={pin}")
    assert made.exit_code == YES, made.error
    return appoint_with_key(office, officer)


def appoint_with_key(office: Office, officer: str) -> Path:
    pin, uri = office.auth.environment["PIN"], uri_of(officer)
    request = office.place / f"{officer}.csr"
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


KINDS = {"p256": ("p256",), "p384": ("p384",), "rsa-2048": ("rsa", "--bits", "2048"), "rsa-3072": ("rsa", "--bits", "3072")}


@pytest.mark.parametrize("kind", KINDS)
def test_a_clerk_with_a_token_enrols(office: Office, kind: str) -> None:
    officer = f"clerk-{kind}"
    conf = appoint(office, officer, *KINDS[kind])
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


def test_a_token_that_cannot_sign_for_tls_is_told(office: Office) -> None:
    """TLS 1.3 wants RSASSA-PSS of an RSA key, and not every token does that."""
    subprocess.run(
        ["pkcs11-tool", "--module", "/usr/lib/softhsm/libsofthsm2.so", "--token-label", "desk", "--login", "--pin", "1234",
         "--keypairgen", "--key-type", "rsa:2048", "--label", "aged", "--id", "a9ed", "--allowed-mechanisms", "RSA-PKCS"],
        check=True, capture_output=True, env=office.auth.environment, timeout=TIMEOUT_S,
    )  # fmt: skip
    appoint_with_key(office, "aged")
    answer = office("aged", "request", "list")
    assert answer.exit_code in (NO, FAULT) and "RSASSA-PSS" in answer.error, answer.error
    assert "see that the daemon runs" not in answer.error


@pytest.fixture(scope="module")
def rsa(office: Office) -> str:
    """An officer whose token holds an RSA key."""
    appoint(office, "old", "rsa", "--bits", "2048")
    return "old"


class Server:
    """An OpenSSL server for one connection, which wants a certificate of the realm's staff."""

    def __init__(self, office: Office, *words: str) -> None:
        place = office.place
        if not (place / "server.pem").exists():
            self.run(
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                place / "server.key", "-out", place / "server.pem", "-subj", "/CN=localhost", "-days", "2",
                "-addext", "subjectAltName=DNS:localhost",
            )  # fmt: skip
            self.run("openssl", "x509", "-in", office.realm / "authorities/staff.cer", "-out", place / "staff.pem")
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-key", place / "server.key", "-cert",
             place / "server.pem", "-Verify", "3", "-verify_return_error", "-partial_chain", "-CAfile",
             place / "staff.pem", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.seen = b""
        self.port = self.read_until(b"ACCEPT").split(b":")[-1].strip().decode()

    @staticmethod
    def run(*words: str | Path) -> None:
        subprocess.run(words, check=True, capture_output=True, timeout=TIMEOUT_S)

    def read_until(self, start: bytes) -> bytes:
        """The next line that begins so; nothing when the server ends before."""
        assert self.process.stdout is not None
        while True:
            line = self.process.stdout.readline()
            self.seen += line
            if not line or line.startswith(start):
                return line

    def answer(self, text: bytes) -> None:
        """To a question that has no body, when it was read."""
        assert self.process.stdin is not None
        if self.read_until(b"GET "):
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
            self.process.stdin.write(head.encode() + text)
            self.process.stdin.flush()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate(timeout=TIMEOUT_S)


@pytest.mark.parametrize(
    ("version", "algorithm", "told"),
    [
        ("-tls1_3", "rsa_pss_rsae_sha256", b"RSA-PSS"),
        ("-tls1_2", "rsa_pss_rsae_sha256", b"RSA-PSS"),
        ("-tls1_2", "RSA+SHA256", b"RSA"),
        # A digest that signers do not have ends the handshake.
        ("-tls1_3", "rsa_pss_rsae_sha512", b""),
    ],
)
def test_rsa_signs_as_each_version_of_tls_wants(
    office: Office, rsa: str, version: str, algorithm: str, told: bytes
) -> None:
    with Server(office, version, "-client_sigalgs", algorithm) as server, ThreadPoolExecutor(1) as pool:
        where = ("--server", f"https://localhost:{server.port}", "--trust", office.place / "server.pem")
        asked = pool.submit(office, rsa, "request", "list", "--json", *where)
        server.answer(b'{"requests":[],"next":null}')
        listed = asked.result(TIMEOUT_S)
    if told:
        assert listed.exit_code == YES, listed.error
        assert b"Peer signature type: " + told + b"\n" in server.seen
    else:
        assert listed.exit_code in (NO, FAULT) and listed.error and b"GET " not in server.seen
