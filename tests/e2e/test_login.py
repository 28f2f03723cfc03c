# SPDX-License-Identifier: Apache-2.0
"""Does a citizen log in by `auth login` and at the example's website, until she is suspended or revoked?

The certificates, the revocation list and the responder are openssl's.
"""

from __future__ import annotations

import http.client
import os
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import FAULT, NO, USAGE, YES, Answer, Auth

ORIGIN = "https://tax.example.cn"
# More challenges than are made in a minute: a wait that ends, whatever the machine.
ATTEMPTS = 3000
SECRET = "0123456789abcdef0123456789abcdef\n"

CONFIG = """
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[server]
basicConstraints = critical,CA:false
subjectAltName = IP:127.0.0.1
[holder]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[responding]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[list]
database = root.index
crlnumber = root.number
default_md = sha256
default_crl_days = 30
crl_extensions = crl
[crl]
authorityKeyIdentifier = keyid
"""


@dataclass
class Pki:
    """A root, an authority, its responder, two citizens and the server of a website."""

    folder: Path
    port: int = 0

    def __call__(self, *words: str | Path) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=120)

    def certify(self, name: str, section: str, issuer: str = "", extra: str = "", serial: str = "") -> None:
        (self.folder / "this.cnf").write_text(CONFIG.replace(f"[{section}]", f"[{section}]\n{extra}"))
        self("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")
        os.chmod(self.folder / f"{name}.key", 0o600)
        request = ["req", "-new", "-config", "this.cnf", "-key", f"{name}.key", "-utf8", "-subj", f"/CN={name}"]
        if not issuer:
            self(*request, "-x509", "-extensions", section, "-days", "3650", "-out", f"{name}.pem")
            return
        self(*request, "-out", "request")
        self("x509", "-req", "-in", "request", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-set_serial",
             serial, "-days", "365", "-extfile", "this.cnf", "-extensions", section, "-out", f"{name}.pem")  # fmt: skip

    def tell(self, serial: str, state: str = "V", revoked: str = "") -> None:
        """What the responder says of a serial number from now on."""
        (self.folder / "authority.index.new").write_text(
            f"{state}\t351231235959Z\t{revoked}\t{serial}\tunknown\t/CN=holder\n"
        )
        (self.folder / "authority.index.new").rename(self.folder / "authority.index")
        if self.port != 0:
            # It looks for a new index before it waits for a question: the next one still gets the old.
            self("ocsp", "-issuer", "authority.pem", "-serial", "0x99", "-noverify", "-url",
                 f"http://127.0.0.1:{self.port}/")  # fmt: skip


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def pki(tmp_path: Path) -> Iterator[Pki]:
    made = Pki(tmp_path)
    made.certify("root", "ca")
    made.certify("authority", "ca", "root", serial="0x10")
    made.certify("other", "ca", "root", serial="0x11")
    made.certify("responder", "responding", "authority", serial="0x12")
    made.certify("server", "server", "root", serial="0x13")
    (tmp_path / "root.index").write_text("")
    (tmp_path / "root.number").write_text("01\n")
    (tmp_path / "list.cnf").write_text(CONFIG)
    made("ca", "-gencrl", "-config", "list.cnf", "-name", "list", "-keyfile", "root.key", "-cert", "root.pem",
         "-out", "root.crl")  # fmt: skip
    made.tell("21")
    process = subprocess.Popen(
        ["openssl", "ocsp", "-index", "authority.index", "-CA", "authority.pem", "-rsigner", "responder.pem",
         "-rkey", "responder.key", "-port", "0", "-ndays", "1"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        while line and b"ACCEPT" not in line:
            line = process.stdout.readline()
        made.port = int(line.split()[1].split(b":")[-1])
        address = f"authorityInfoAccess = OCSP;URI:http://127.0.0.1:{made.port}/"
        made.certify("Li Ting", "holder", "authority", address, "0x21")
        made.certify("clerk", "holder", "other", address, "0x22")
        (tmp_path / "challenge.key").write_text(SECRET)
        (tmp_path / "pairwise.key").write_text(SECRET[::-1].strip() + "\n")
        for name in ("challenge.key", "pairwise.key"):
            os.chmod(tmp_path / name, 0o600)
        (tmp_path / "policy.json").write_text('{"version":1,"name":"now","mode":"max-age","max_age_s":1}')
        (tmp_path / "replay").mkdir(mode=0o700)
        yield made
    finally:
        end(process)


def challenge(auth: Auth, pki: Pki, *words: str) -> str:
    answer = auth("login", "challenge", "--audience", ORIGIN, "--challenge-key", pki.folder / "challenge.key", *words)
    assert answer.exit_code == YES, answer.error
    return answer.text.strip()


def respond(auth: Auth, pki: Pki, text: str, who: str = "Li Ting", audience: str = ORIGIN) -> Path:
    chain = pki.folder / "chain"
    issuer = "authority" if who == "Li Ting" else "other"
    chain.write_bytes((pki.folder / f"{who}.pem").read_bytes() + (pki.folder / f"{issuer}.pem").read_bytes())
    answer = auth("login", "respond", "--key", pki.folder / f"{who}.key", "--cert", chain, "--audience", audience,
                  "--out", pki.folder / "response", text)  # fmt: skip
    assert answer.exit_code == YES, answer.error
    return pki.folder / "response"


def verify(auth: Auth, pki: Pki, response: Path, *words: str | Path) -> Answer:
    folder = pki.folder
    return auth("login", "verify", "--json", "--trust", folder / "root.pem", "--authority", folder / "authority.pem",
                "--audience", ORIGIN, "--challenge-key", folder / "challenge.key", "--policy",
                folder / "policy.json", "--host", f"127.0.0.1:{pki.port}", "--private-hosts", "--snapshot",
                folder / "root.crl", "--replay", folder / "replay", "--pairwise-key", folder / "pairwise.key",
                *words, response)  # fmt: skip


def test_a_citizen_logs_in_once(auth: Auth, pki: Pki) -> None:
    response = respond(auth, pki, challenge(auth, pki))
    answer = verify(auth, pki, response, "--language", "zh-CN")
    assert answer.exit_code == YES, answer.text + answer.error
    verdict = answer.objects[0]
    assert (verdict["accepted"], verdict["reason"], verdict["name"]) == (True, "ok", "Li Ting")
    assert verdict["sentence"] == "登录成功。"
    assert (verdict["authority"], verdict["serial"]) == ("CN=authority", "21")
    assert (verdict["status"]["source"], verdict["status"]["evidence"]) == ("ocsp", "ocsp")
    assert verdict["policy"] == {"name": "now", "mode": "max-age", "max_age_s": 1, "soft": False}
    assert len(verdict["pseudonym"]) == 64
    again = verify(auth, pki, response)
    assert (again.exit_code, again.objects[0]["reason"]) == (NO, "replay")
    other = verify(auth, pki, respond(auth, pki, challenge(auth, pki))).objects[0]
    assert other["pseudonym"] == verdict["pseudonym"]


def test_a_stored_challenge_from_standard_input(auth: Auth, pki: Pki) -> None:
    text = auth("login", "challenge", "--audience", ORIGIN).text.strip()
    folder = pki.folder
    answer = auth("login", "respond", "--key", folder / "Li Ting.key", "--cert", folder / "Li Ting.pem", "--audience",
                  ORIGIN, "-", stdin=text.encode() + b"\n")  # fmt: skip
    assert answer.exit_code == YES, answer.error
    (folder / "response").write_bytes(answer.out)
    verdict = auth("login", "verify", "--trust", folder / "root.pem", "--authority", folder / "authority.pem",
                   "--audience", ORIGIN, "--challenge", text, "--host", f"127.0.0.1:{pki.port}", "--private-hosts",
                   "--snapshot", folder / "root.crl", folder / "response")  # fmt: skip
    assert verdict.exit_code == YES, verdict.text + verdict.error
    assert verdict.text.startswith("ok: You are logged in.\n")
    assert "Li Ting" in verdict.text


@pytest.mark.parametrize(
    ("reason", "made", "exit_code"),
    [
        ("audience", lambda a, p: respond(a, p, challenge(a, p), audience="https://fishing.example.cn"), NO),
        ("challenge-foreign", lambda a, p: respond(a, p, challenge(a, p, "--session", "another")), NO),
        ("challenge-expired", lambda a, p: respond(a, p, challenge(a, p, "--at", "2026-01-01T00:00:00Z")), NO),
        ("authority-wrong", lambda a, p: respond(a, p, challenge(a, p), who="clerk"), NO),
        ("malformed", lambda a, p: p.folder / "root.pem", NO),
    ],
)
def test_a_response_that_is_not_good_gets_its_reason(
    auth: Auth, pki: Pki, reason: str, made: Callable[[Auth, Pki], Path], exit_code: int
) -> None:
    answer = verify(auth, pki, made(auth, pki))
    assert (answer.objects[0]["reason"], answer.exit_code) == (reason, exit_code)
    assert answer.objects[0]["name"] is None


def test_an_outage_is_no_yes(auth: Auth, pki: Pki) -> None:
    response = respond(auth, pki, challenge(auth, pki))
    (pki.folder / "root.crl").unlink()
    answer = verify(auth, pki, response)
    assert (answer.objects[0]["reason"], answer.exit_code) == ("authority-status", FAULT)
    assert answer.objects[0]["outcome"] == "outage"


@pytest.mark.parametrize(
    "words",
    [
        ("challenge",),
        ("challenge", "--audience", "a b"),
        ("challenge", "--audience", ORIGIN, "--lifetime", "0"),
        ("challenge", "--audience", ORIGIN, "--lifetime", "3601"),
        ("respond", "--audience", ORIGIN, "text"),
        ("respond", "--audience", ORIGIN, "--key", "k", "--cert", "c"),
        ("verify", "--trust", "t", "--audience", ORIGIN, "response"),
        ("verify", "--trust", "t", "--audience", ORIGIN, "--challenge", "a", "--challenge-key", "b", "response"),
        ("verify", "--audience", ORIGIN, "--challenge", "a", "response"),
    ],
)
def test_wrong_words_are_refused(auth: Auth, words: tuple[str, ...]) -> None:
    answer = auth("login", *words)
    assert answer.exit_code == USAGE, answer.error


class Website:
    """The example, and a citizen's browser with her program."""

    def __init__(self, auth: Auth, pki: Pki, program: Path) -> None:
        self.auth, self.pki = auth, pki
        folder = pki.folder
        self.process = subprocess.Popen(
            [program, "0", ORIGIN, "server.pem", "server.key", "root.pem", "authority.pem", f"127.0.0.1:{pki.port}",
             "root.crl"],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rsplit(b":", 1)[1])
        self.tls = ssl.create_default_context(cafile=str(folder / "root.pem"))

    def ask(self, method: str, path: str, body: bytes = b"", cookie: str = "") -> tuple[int, str, str]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=60)
        try:
            headers = {"Cookie": cookie, "Accept-Language": "en"} if cookie else {}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), (answer.getheader("Set-Cookie") or "").split(";")[0]
        finally:
            connection.close()

    def log_in(self) -> tuple[int, str]:
        _, text, cookie = self.ask("GET", "/challenge")
        response = respond(self.auth, self.pki, text.strip())
        code, page, _ = self.ask("POST", "/login", response.read_bytes().strip(), cookie)
        return code, page

    def log_in_until(self, code: int) -> str:
        for _ in range(ATTEMPTS):
            answer, page = self.log_in()
            if answer == code:
                return page
        pytest.fail(f"no login was answered with {code}")


@pytest.fixture
def website(auth: Auth, pki: Pki) -> Iterator[Website]:
    site = Website(auth, pki, auth.program.parent.parent / "examples/login_service")
    try:
        yield site
    finally:
        end(site.process)


def test_the_website_greets_by_name_and_refuses_after_a_revocation(website: Website, pki: Pki) -> None:
    code, page = website.log_in()
    assert (code, "欢迎，Li Ting" in page) == (200, True), page
    pki.tell("21", "R", "260101000000Z,certificateHold")
    assert "suspended" in website.log_in_until(403)
    pki.tell("21")
    assert "Li Ting" in website.log_in_until(200)
    pki.tell("21", "R", "260101000000Z,keyCompromise")
    assert "revoked" in website.log_in_until(403)


def test_the_website_takes_a_response_in_its_own_session_only(website: Website) -> None:
    _, text, _ = website.ask("GET", "/challenge")
    _, _, other = website.ask("GET", "/")
    response = respond(website.auth, website.pki, text.strip()).read_bytes().strip()
    code, page, _ = website.ask("POST", "/login", response, other)
    assert (code, "no longer valid" in page) == (403, True)
    code, _, _ = website.ask("GET", "/elsewhere")
    assert code == 404
