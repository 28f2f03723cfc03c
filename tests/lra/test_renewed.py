# SPDX-License-Identifier: Apache-2.0
"""Do auth-ra and auth-lra show the certificates that auth-ca makes anew without a restart, while connections of before go
on and no request fails? The daemons live 61 days ahead, where their certificates are in the last third of their time."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from counter import ACCOUNT
from officers import (
    PATIENCE_S, Officer, Realm, Signer, base64url, enrol, free_port, id_of, new_key, now_text, wait_for,
)

AHEAD_S = 61 * 86400
# Both look once a minute, and each round waits a second at the most.
ROUNDS = 120


@dataclass
class Daemon:
    """One that a test started by hand."""

    realm: Realm
    name: str
    process: subprocess.Popen[bytes]
    log_file: Path
    port: int = 0

    def count(self, event: str) -> int:
        return self.log_file.read_bytes().count(f'"event":"{event}"'.encode())


@contextlib.contextmanager
def ahead(realm: Realm, name: str, *words: str, port: int = 0) -> Iterator[Daemon]:
    """Runs a daemon 61 days ahead, as the account of the realm, until it is told to end."""
    log = realm.folder / f"{name}-ahead.log"
    (library,) = Path("/usr/lib").glob("*-linux-gnu/faketime/libfaketimeMT.so.1")
    environment = {
        "LD_PRELOAD": str(library), "FAKETIME": f"+{AHEAD_S}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1", "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"],
    }
    command = [
        str(realm.build / name / f"auth-{name}"), f"--realm={realm.dir}",
        f"--admin-socket=unix:{realm.dir}/run/{name}.ahead", "--log-format=json", *words,
    ]
    settings: dict[str, Any] = {}
    if os.getuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        settings = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with log.open("wb") as out:
        process = subprocess.Popen(command, stderr=out, env=environment, **settings)
    made = Daemon(realm, name, process, log, port)
    try:
        assert wait_for(lambda: made.count("ready") or process.poll() is not None)
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield made
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextlib.contextmanager
def server(realm: Realm, name: str) -> Iterator[Daemon]:
    port = free_port()
    words = (
        f"--listen-tls=127.0.0.1:{port}", f"--tls-certificate={realm.dir}/tls/{name}.cer",
        f"--tls-key={realm.dir}/keys/{name}.pem",
    )
    with ahead(realm, name, *words, port=port) as made:
        yield made


def read(path: Path) -> x509.Certificate:
    octets = path.read_bytes()
    is_pem = octets.startswith(b"-----")
    return x509.load_pem_x509_certificate(octets) if is_pem else x509.load_der_x509_certificate(octets)


def shown(officer: Officer, port: int) -> x509.Certificate:
    """What the server showed when the officer's open connection began."""
    line = officer.connections[port].sock
    assert isinstance(line, ssl.SSLSocket)
    found = line.getpeercert(binary_form=True)
    assert found is not None
    return x509.load_der_x509_certificate(found)


def check_chain(realm: Realm, port: int, new: x509.Certificate) -> None:
    """Its issuer is sent with it, and the realm's root alone stands behind both; it is not valid yet here and now."""
    root = read(realm.dir / "authorities/root.cer").public_bytes(Encoding.PEM).decode("ascii")
    context = ssl.create_default_context(cadata=root)
    context.load_cert_chain(*realm.officers["chen"].files)
    flags = context.verify_flags
    context.verify_flags = flags | ssl.VerifyFlags(0x200000)  # X509_V_FLAG_NO_CHECK_TIME
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
        with context.wrap_socket(line, server_hostname="localhost") as client:
            assert client.getpeercert(binary_form=True) == new.public_bytes(Encoding.DER)


def new_enrolment(realm: Realm) -> bytes:
    times = {"created": now_text(AHEAD_S), "expires": now_text(AHEAD_S + 3600)}
    return enrol(realm.person(), new_key(), office="xian", **times)


def signed(payload: bytes, signer: Signer) -> bytes:
    signature = signer.sign(payload, int(time.time()) + AHEAD_S)
    return json.dumps({"payload": base64url(payload), "signatures": [signature]}).encode()


class Client:
    """Chen at one of the two, on a line that stays and on new ones."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.certificate = daemon.realm.dir / f"tls/{daemon.name}.cer"
        self.old = read(self.certificate)
        self.before = self.connect()
        assert self.before.ask(daemon.port, "GET", "/realm").status == 200
        self.line = self.before.connections[daemon.port]
        assert shown(self.before, daemon.port) == self.old

    def connect(self) -> Officer:
        it = self.daemon.realm.officers["chen"]
        return Officer(it.key, it.certificate, it.folder, it.name, it.office, self.daemon.name)

    def round(self) -> x509.Certificate:
        """A document on a new line, and somebody who waits for it on the line of before; what the new one was shown."""
        now, port = self.connect(), self.daemon.port
        payload = new_enrolment(self.daemon.realm)
        sent = now.ask(port, "POST", "/requests", signed(payload, now))
        assert sent.status == 201, sent.body
        found = shown(now, port)
        now.close()
        waited = self.before.ask(port, "GET", f"/requests/{id_of(payload)}/outcome?wait=1")
        assert waited.status == 200 and waited.json["state"] == "submitted", waited.body
        return found

    def check(self, new: x509.Certificate) -> None:
        spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert new.not_valid_after > self.old.not_valid_after and new.subject == self.old.subject
        assert new.public_key().public_bytes(*spki) == self.old.public_key().public_bytes(*spki)
        check_chain(self.daemon.realm, self.daemon.port, new)
        # The line of before is the same, and goes on.
        assert self.before.connections[self.daemon.port] is self.line
        assert shown(self.before, self.daemon.port) == self.old
        assert self.before.ask(self.daemon.port, "GET", "/realm").status == 200
        self.before.close()
        # A start has the new one at once.
        assert read(self.certificate) == new
        assert self.daemon.count("certificate-renewed") == 1
        assert self.daemon.count("task-failed") == self.daemon.count("renewal-failed") == 0


def test_new_certificates_are_shown_without_a_restart(realm: Realm) -> None:
    realm.down()
    realm.auth("registry", "embed", realm.dir / "registry")
    with server(realm, "ra") as ra, server(realm, "lra") as lra:
        clients = [Client(ra), Client(lra)]
        assert [client.round() for client in clients] == [client.old for client in clients]
        with ahead(realm, "ca"):
            for _ in range(ROUNDS):
                new = [client.round() for client in clients]
                if all(found != client.old for client, found in zip(clients, new)):
                    break
            for client, found in zip(clients, new):
                client.check(found)
    realm.fsck()
