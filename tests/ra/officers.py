# SPDX-License-Identifier: Apache-2.0
"""A realm that runs, and officers who speak to its daemons: keys, documents, connections."""

from __future__ import annotations

import base64
import datetime
import http.client
import json
import os
import secrets
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from openapi import api

# For machines that are busy with other things: what is waited for comes, or the test has failed.
PATIENCE_S = 60.0
IDLE_S = 5.0
DOCUMENT = "application/jose+json"
JSON = "application/json"

ANSWERS = """\
name = shaanxi
base = http://pki.example:8080
centre-name = Centre
region = 610000
admin-1-id = zhang
admin-1-name = Zhang San
admin-1-number = 11010519491231002X
admin-2-id = li
admin-2-name = Li Si
admin-2-number = 440524188001010014
"""

Key = ec.EllipticCurvePrivateKey


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def now_text(seconds: int = 0) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id() -> str:
    """A UUID version 7."""
    text = f"{int(time.time() * 1000):012x}7{secrets.token_hex(2)[:3]}8{secrets.token_hex(8)[:15]}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def csr_of(key: Key) -> str:
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return base64url(made.public_bytes(serialization.Encoding.DER))


def private_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@dataclass
class Signer:
    """A key and the certificate that goes with it."""

    key: Key
    certificate: bytes  # DER

    @property
    def serial(self) -> str:
        text = f"{x509.load_der_x509_certificate(self.certificate).serial_number:x}"
        return text.zfill(len(text) + len(text) % 2)

    def sign(self, payload: bytes, when: int | None = None) -> dict[str, str]:
        header = {
            "alg": "ES256",
            "typ": "auth-request+jws",
            "x5c": [base64.b64encode(self.certificate).decode("ascii")],
            "iat": int(time.time()) if when is None else when,
        }
        protected = base64url(json.dumps(header, separators=(",", ":")).encode())
        signed = f"{protected}.{base64url(payload)}".encode("ascii")
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return {"protected": protected, "signature": base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))}


def payload_of(kind: str, items: Sequence[dict[str, Any]], profile: str = "", **changes: Any) -> bytes:
    members: dict[str, Any] = {"version": 1, "id": new_id(), "realm": "shaanxi", "kind": kind, "office": "centre"}
    if profile:
        members["profile"] = profile
    members |= {"created": now_text(), "expires": now_text(3600), "items": list(items)}
    members |= changes
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()


def id_of(payload: bytes) -> str:
    found = json.loads(payload)["id"]
    assert isinstance(found, str)
    return found


def document(payload: bytes, *signers: Signer) -> bytes:
    signatures = [signer.sign(payload) for signer in signers]
    return json.dumps({"payload": base64url(payload), "signatures": signatures}, separators=(",", ":")).encode()


def passport(number: int, name: str = "Wang Wu") -> dict[str, str]:
    """A person whom nobody is: of a state without passports."""
    return {"type": "passport", "number": f"ZZ{number:07}", "name": name}


def evidence() -> list[dict[str, str]]:
    return [{"method": "id-card-read", "digest": base64url(secrets.token_bytes(32))}]


def enrolment(number: int, key: Key, name: str = "Wang Wu") -> dict[str, Any]:
    return {"person": passport(number, name), "csr": csr_of(key), "evidence": evidence()}


def enrol(number: int, key: Key, name: str = "Wang Wu", **changes: Any) -> bytes:
    return payload_of("enrol", [enrolment(number, key, name)], "citizen-signing", **changes)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json", self.body
        found = self.json
        assert isinstance(found, dict) and found["status"] == self.status
        return found


@dataclass
class Officer(Signer):
    """An officer with a connection of her own."""

    folder: Path
    name: str
    office: str = "centre"
    api: str = "ra"
    used: float = 0.0
    connections: dict[int, http.client.HTTPSConnection] = field(default_factory=dict)

    @property
    def files(self) -> tuple[Path, Path]:
        certificate, key = self.folder / f"{self.name}.pem", self.folder / f"{self.name}.key"
        if not certificate.exists():
            pem = x509.load_der_x509_certificate(self.certificate).public_bytes(serialization.Encoding.PEM)
            certificate.write_bytes(pem)
            key.write_bytes(private_pem(self.key))
        return certificate, key

    def connect(self, port: int) -> http.client.HTTPSConnection:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(*self.files)
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE_S, context=context)

    def close(self) -> None:
        for connection in self.connections.values():
            connection.close()
        self.connections.clear()

    def ask(
        self, port: int, method: str, target: str, body: bytes | None = None, kind: str = DOCUMENT, **headers: str
    ) -> Answer:
        connection = self.connections.get(port)
        # A daemon ends connections on which nothing was said for ten seconds.
        if connection is not None and time.monotonic() - self.used > IDLE_S:
            self.close()
            connection = None
        self.used = time.monotonic()
        if connection is None:
            connection = self.connections[port] = self.connect(port)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            named.setdefault("Content-Type", kind)
        try:
            connection.request(method, target, body, named)
            answer = connection.getresponse()
            found = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException):
            connection.close()
            del self.connections[port]
            raise
        # Whatever a test is about: each answer is one that the API describes.
        api(self.api).check(method, target, found.status, found.headers["content-type"], found.body)
        return found


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert isinstance(port, int)
        return port


@dataclass
class Realm:
    """A realm with its registry and daemons, in a folder of its own."""

    folder: Path
    build: Path
    ports: dict[str, int] = field(default_factory=dict)
    officers: dict[str, Officer] = field(default_factory=dict)
    persons: int = 0
    before: dict[str, bytes] = field(default_factory=dict)  # what a test left for others

    @property
    def dir(self) -> Path:
        return self.folder / "realm"

    def auth(self, *words: str | Path, is_good: bool = True) -> str:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [self.build / "cli/auth", *words], capture_output=True, env=environment, timeout=180, check=False
        )
        assert not is_good or done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        return done.stdout.decode()

    def make(self) -> None:
        self.folder.chmod(0o711)
        (self.folder / "answers").write_text(ANSWERS, encoding="utf-8")
        self.auth("realm", "init", "--answers", self.folder / "answers", self.dir)
        self.ports = {name: free_port() for name in ("ra", "lra", "ocsp")}
        conf = self.dir / "realm.conf"
        lines = [line for line in conf.read_text().splitlines() if not line.startswith(("ra-", "ocsp-"))]
        lines += [f"ra-listen = 127.0.0.1:{self.ports['ra']}", f"ocsp-listen = 127.0.0.1:{self.ports['ocsp']}"]
        conf.write_text("\n".join(lines) + "\n")
        for name in ("zhang", "li"):
            self.officers[name] = self.first_admin(name)

    def first_admin(self, name: str) -> Officer:
        """One of the two whom the ceremony appointed."""
        folder = self.dir / "officers"
        key = serialization.load_pem_private_key((folder / f"{name}.pem").read_bytes(), None)
        text = (folder / f"{name}.cer").read_bytes()
        is_pem = text.startswith(b"-----")
        found = x509.load_pem_x509_certificate(text) if is_pem else x509.load_der_x509_certificate(text)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return Officer(key, found.public_bytes(serialization.Encoding.DER), self.folder, name)

    def up(self) -> None:
        self.auth("up", self.dir)

    def down(self) -> None:
        for officer in self.officers.values():
            officer.close()
        self.auth("down", self.dir)
        # Nothing but lines of JSON is in the log: what a sanitizer has to say would be none.
        if (self.dir / "log/ra.log").exists():
            assert self.log()

    def ask(self, who: str, method: str, target: str, body: bytes | None = None, **more: str) -> Answer:
        return self.officers[who].ask(self.ports["ra"], method, target, body, **more)

    def person(self) -> int:
        self.persons += 1
        return self.persons

    def outcome(self, who: str, name: str) -> dict[str, Any]:
        """Waits until a request is decided."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = self.ask(who, "GET", f"/requests/{name}/outcome?wait=30")
            assert found.status == 200, found.body
            if found.json["state"] not in ("submitted", "approved", "waiting"):
                assert isinstance(found.json, dict)
                return found.json
        raise AssertionError(f"{name} is not decided")

    def obey(self, payload: bytes, *signers: Signer, who: str = "zhang") -> dict[str, Any]:
        """Sends a document with all its signatures and waits for what becomes of it."""
        sent = self.ask(who, "POST", "/requests", document(payload, *signers))
        assert sent.status == 201, sent.body
        assert sent.json["state"] == "approved", sent.body
        return self.outcome(who, sent.json["id"])

    def appoint(self, name: str, role: str, office: str = "centre") -> Officer:
        key = new_key()
        item = {"person": passport(self.person(), name), "csr": csr_of(key), "officer": name, "role": role}
        payload = payload_of("appoint", [item], "officer", office=office)
        found = self.obey(payload, self.officers["zhang"], self.officers["li"])
        assert found["state"] == "done", found
        answer = self.ask("zhang", "GET", f"/certificates/{found['items'][0]['certificate']}")
        assert answer.status == 200 and answer.headers["content-type"] == "application/pkix-cert"
        officer = Officer(key, answer.body, self.folder, name, office)
        self.officers[name] = officer
        return officer

    def open_office(self, name: str, region: str = "610100", parent: str = "centre") -> None:
        item = {"opened": {"office": name, "region": region, "name": name.title()}}
        payload = payload_of("open-office", [item], office=parent)
        found = self.obey(payload, self.officers["zhang"], self.officers["li"])
        assert found["state"] == "done", found

    def enrol(self, clerk: str, approver: str, name: str = "Wang Wu", **changes: Any) -> tuple[Signer, dict[str, Any]]:
        """Enrols a new person, and gives her with what became of the request."""
        key = new_key()
        payload = enrol(self.person(), key, name, **changes)
        found = self.obey(payload, self.officers[clerk], self.officers[approver], who=approver)
        assert found["state"] == "done", found
        answer = self.ask(approver, "GET", f"/certificates/{found['items'][0]['certificate']}")
        assert answer.status == 200
        return Signer(key, answer.body), found

    def fsck(self, *more: str | Path) -> None:
        anchor = self.dir / "journal/ledger.heads"
        end = time.monotonic() + PATIENCE_S
        while not anchor.exists():
            assert time.monotonic() < end, "the anchor does not come"
            time.sleep(0.05)
        self.auth("fsck", "--dir", self.dir / "registry", "--anchor", anchor, *more)

    def sql(self, text: str) -> str:
        """Asks the registry's database itself, as its owner."""
        folder = self.dir / "registry"
        found = folder / "socket"
        host = found.read_text(encoding="utf-8").strip() if found.exists() else str(folder / "run")
        words = ("psql", "-qXtA", "-v", "ON_ERROR_STOP=1", "-h", host, "-U", "auth_owner", "-c", text, "auth")
        return subprocess.run(words, check=True, timeout=60, capture_output=True, text=True).stdout.strip()

    def entries(self, event: str) -> list[str]:
        """The entries of an event in the ledger."""
        lines = self.auth("ledger", "tail", "--lines", "1000", "--dir", self.dir / "registry").splitlines()
        return [line for line in lines if f'"event":"{event}"' in line]

    def events(self, event: str, program: str = "ra") -> int:
        """How often the log has an event."""
        return len([line for line in self.log(program) if line["event"] == event])

    def log(self, program: str = "ra") -> list[dict[str, Any]]:
        lines = (self.dir / f"log/{program}.log").read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def process(self, program: str = "ra") -> int:
        return int((self.dir / f"run/{program}.pid").read_text(encoding="ascii").split()[0])


def wait_for(what: Callable[[], object], seconds: float = PATIENCE_S) -> object:
    """Waits until something is so, and tells what it was."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.01)

