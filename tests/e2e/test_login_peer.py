# SPDX-License-Identifier: Apache-2.0
"""Do the examples for TLS client certificates greet a citizen, and refuse her once she is revoked?"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Auth
from test_login import ATTEMPTS, Pki, end, pki

__all__ = ["pki"]  # the fixture


def tls_of(pki: Pki, who: str | None) -> ssl.SSLContext:
    tls = ssl.create_default_context(cafile=str(pki.folder / "root.pem"))
    if who is not None:
        issuer = "other" if who == "clerk" else "authority"
        chain = pki.folder / f"{who}.chain"
        chain.write_bytes((pki.folder / f"{who}.pem").read_bytes() + (pki.folder / f"{issuer}.pem").read_bytes())
        tls.load_cert_chain(chain, pki.folder / f"{who}.key")
    return tls


@pytest.fixture
def tls_peer(auth: Auth, pki: Pki) -> Iterator[int]:
    process = subprocess.Popen(
        [auth.program.parent.parent / "examples/tls_peer", "0", "server.pem", "server.key", "root.pem",
         "authority.pem", f"127.0.0.1:{pki.port}", "root.crl"],
        cwd=pki.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline().rsplit(b":", 1)[1])
    finally:
        end(process)


def greeting(pki: Pki, port: int, who: str | None) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
        with tls_of(pki, who).wrap_socket(plain, server_hostname="127.0.0.1") as tls:
            return tls.makefile().readline()


def test_a_tls_client_is_greeted_by_name(pki: Pki, tls_peer: int) -> None:
    assert greeting(pki, tls_peer, "Li Ting") == "ok: welcome, Li Ting\n"
    assert greeting(pki, tls_peer, "clerk").startswith("authority-wrong: ")
    assert greeting(pki, tls_peer, "server").startswith("purpose: ")
    assert greeting(pki, tls_peer, None).startswith("no-certificate: ")


def test_a_tls_client_that_was_revoked_is_refused(pki: Pki, tls_peer: int) -> None:
    pki.tell("21", "R", "260101000000Z,keyCompromise")
    assert greeting(pki, tls_peer, "Li Ting").startswith("revoked: ")


class Nginx:
    def __init__(self, pki: Pki, root: Path, without: str = "nothing") -> None:
        self.pki = pki
        folder = pki.folder
        conf = (root / "examples/nginx/nginx.conf").read_text(encoding="utf-8")
        (folder / "nginx.conf").write_text(conf.replace(without, ""), encoding="utf-8")
        names = ("root", "authority", "other")
        (folder / "authorities.pem").write_bytes(b"".join((folder / f"{name}.pem").read_bytes() for name in names))
        self.process = subprocess.Popen(
            ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], cwd=folder, stderr=subprocess.PIPE
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        while line and b"start worker process " not in line:
            line = self.process.stderr.readline()

    def ask(self, who: str | None, path: str = "/") -> tuple[int, str]:
        with socket.socket(socket.AF_UNIX) as plain:
            plain.settimeout(60)
            plain.connect(str(self.pki.folder / "nginx.socket"))
            with tls_of(self.pki, who).wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                tls.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
                answer = http.client.HTTPResponse(tls)
                answer.begin()
                return answer.status, answer.read().decode()


    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate()


def test_nginx_asks_the_responder(pki: Pki, root: Path) -> None:
    nginx = Nginx(pki, root)
    try:
        assert nginx.ask("Li Ting") == (200, "welcome, CN=Li Ting\n")
        assert nginx.ask(None)[0] == 400
        pki.tell("21", "R", "260101000000Z,keyCompromise")
        assert nginx.ask("Li Ting")[0] == 400
    finally:
        nginx.stop()


def test_nginx_takes_no_certificate_of_another_authority(pki: Pki, root: Path) -> None:
    nginx = Nginx(pki, root, "ssl_ocsp leaf;")
    try:
        assert nginx.ask("Li Ting")[0] == 200
        assert nginx.ask("clerk")[0] == 403
    finally:
        nginx.stop()


class Postgres:
    """A cluster with the files of examples/postgres, run by somebody who is not root."""

    def __init__(self, pki: Pki, root: Path, folder: Path) -> None:
        self.pki, self.folder = pki, folder
        self.bin = Path("/usr/lib/postgresql/15/bin")
        self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres", "postgres")
        self.run(self.bin / "initdb", "-D", "cluster", "-U", "admin", "--auth=reject", "--no-sync", "-E", "UTF8")
        self.cluster = folder / "cluster"
        for name in ("pg_hba.conf", "pg_ident.conf"):
            self.put(name, (root / "examples/postgres" / name).read_bytes())
        self.put("login.conf", (root / "examples/postgres/postgresql.conf").read_bytes())
        with (self.cluster / "postgresql.conf").open("a") as conf:
            conf.write("include 'login.conf'\nunix_socket_directories = ''\nfsync = off\n")
        for name in ("server.pem", "server.key"):
            self.put(name, (pki.folder / name).read_bytes())
        self.put("authorities.pem", self.of("root.pem", "authority.pem"))
        self.put_lists()
        self.run(self.bin / "postgres", "--single", "-D", "cluster", "postgres", stdin=b"CREATE ROLE li_ting LOGIN\n")
        self.start()

    def of(self, *names: str) -> bytes:
        return b"".join((self.pki.folder / name).read_bytes() for name in names)

    def run(self, *words: str | Path, stdin: bytes = b"") -> None:
        subprocess.run([*self.user, *words], cwd=self.folder, input=stdin, check=True, capture_output=True, timeout=300)

    def put(self, name: str, octets: bytes) -> None:
        path = self.cluster / name
        path.write_bytes(octets)
        os.chmod(path, 0o600)
        if self.user:
            shutil.chown(path, "postgres", "postgres")

    def put_lists(self, *revoked: str) -> None:
        """The root's list and the authority's, on which these serial numbers are."""
        folder = self.pki.folder
        lines = [f"R\t351231235959Z\t260101000000Z\t{serial}\tunknown\t/CN=holder\n" for serial in revoked]
        (folder / "root.index").write_text("".join(lines))
        self.pki("ca", "-gencrl", "-config", "list.cnf", "-name", "list", "-keyfile", "authority.key", "-cert",
                 "authority.pem", "-out", "authority.crl")  # fmt: skip
        self.put("lists.pem", self.of("root.crl", "authority.crl"))

    def start(self) -> None:
        for _ in range(ATTEMPTS):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            options = f"-c listen_addresses=127.0.0.1 -c port={self.port}"
            try:
                self.run(self.bin / "pg_ctl", "-D", "cluster", "-w", "-s", "-l", "log", "-o", options, "start")
                return
            except subprocess.CalledProcessError:
                continue  # somebody else has the port by now

    def log_in(self, who: str, role: str = "li_ting") -> tuple[int, str]:
        folder = self.pki.folder
        tls_of(self.pki, who)
        words = (
            f"host=127.0.0.1 port={self.port} user={role} dbname=postgres sslmode=verify-ca "
            f"sslrootcert='{folder}/root.pem' sslcert='{folder}/{who}.chain' sslkey='{folder}/{who}.key'"
        )
        result = subprocess.run(["psql", "-XAtqc", "SELECT current_user", words], capture_output=True, text=True,
                                timeout=300)  # fmt: skip
        return result.returncode, result.stdout.strip() + result.stderr

    def stop(self) -> None:
        self.run(self.bin / "pg_ctl", "-D", "cluster", "-w", "-s", "-m", "immediate", "stop")


def test_postgres_lets_in_by_certificate_and_looks_at_the_lists(pki: Pki, root: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="auth-postgres-"))
    try:
        server = Postgres(pki, root, folder)
        try:
            assert server.log_in("Li Ting") == (0, "li_ting")
            assert server.log_in("Li Ting", "admin")[0] != 0
            assert server.log_in("clerk")[0] != 0
            server.put_lists("21")
            server.run(server.bin / "pg_ctl", "-D", "cluster", "-s", "reload")
            for _ in range(ATTEMPTS):
                code, text = server.log_in("Li Ting")
                if code != 0:
                    break
            assert "revoked" in text
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
