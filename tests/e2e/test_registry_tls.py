# SPDX-License-Identifier: Apache-2.0
"""Is a registry on the network reached by TLS with a verified server, and by nothing less?"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import FAULT, YES, Auth

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "not-a-secret"


def run(*words: str | Path) -> str:
    """Runs a program, as the server's account where we are root, which PostgreSQL refuses to be."""
    account = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    result = subprocess.run([*account, *words], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, f"{words}: {result.stderr}{result.stdout}"
    return result.stdout


def make_authority(folder: Path, name: str) -> Path:
    certificate = folder / f"{name}.pem"
    words = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    key = folder / f"{name}.key"
    run("openssl", "req", "-x509", *words, "-subj", f"/CN={name}", "-keyout", key, "-out", certificate)
    return certificate


def make_server(folder: Path, authority: Path) -> None:
    key, request, names = folder / "server.key", folder / "server.csr", folder / "names"
    words = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server")
    run("openssl", "req", *words, "-keyout", key, "-out", request)
    run("sh", "-c", f"echo subjectAltName=DNS:localhost > {names}")
    issuer = ("-CA", authority, "-CAkey", authority.with_suffix(".key"), "-CAcreateserial")
    certificate = folder / "server.pem"
    run("openssl", "x509", "-req", "-in", request, *issuer, "-extfile", names, "-out", certificate)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    folder: Path
    port: int
    authority: Path

    def line(self, **changes: str | Path) -> str:
        """The connection string of the network, with changes."""
        words = {
            "host": "localhost", "port": self.port, "user": "auth_ca", "dbname": "auth",
            "password": PASSWORD, "sslmode": "verify-full", "sslrootcert": self.authority, **changes,
        }
        return " ".join(f"{name}='{value}'" for name, value in words.items())

    def local(self, database: str) -> str:
        return f"host='{self.folder}' port={self.port} user=postgres dbname={database}"


SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
ssl = on
ssl_cert_file = '{folder}/server.pem'
ssl_key_file = '{folder}/server.key'
fsync = off
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of somebody else's, on the loopback, that asks for a password and offers TLS."""
    with tempfile.TemporaryDirectory(prefix="auth-tls-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        made = Server(folder, free_port(), make_authority(folder, "authority"))
        make_server(folder, made.authority)
        data = folder / "data"
        run(PROGRAMS / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        settings = SETTINGS.format(folder=folder, port=made.port)
        hba = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        run("sh", "-c", f"cat >> {data}/postgresql.conf <<'END'\n{settings}END")
        run("sh", "-c", f"printf '%s' '{hba}' > {data}/pg_hba.conf")
        run(PROGRAMS / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "start")
        try:
            yield made
        finally:
            run(PROGRAMS / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@pytest.fixture(scope="module")
def registry(auth: Auth, server: Server) -> Server:
    words = ("--bootstrap", server.local("postgres"), "--connect", server.local("auth"))
    answer = auth("registry", "migrate", *words)
    assert answer.exit_code == YES, answer.error
    sql = f"ALTER ROLE auth_ca PASSWORD '{PASSWORD}'"
    run("psql", "-q", "-d", server.local("auth"), "-c", sql)
    return server


def ask(auth: Auth, line: str) -> tuple[int, str]:
    answer = auth("registry", "status", "--connect", line)
    assert PASSWORD not in answer.text + answer.error
    return answer.exit_code, answer.text + answer.error


def test_a_verified_server_is_reached(auth: Auth, registry: Server) -> None:
    exit_code, told = ask(auth, registry.line())
    assert exit_code == YES and "current" in told, told


def test_a_server_of_another_authority_is_refused(auth: Auth, registry: Server) -> None:
    stranger = make_authority(registry.folder, "stranger")
    exit_code, told = ask(auth, registry.line(sslrootcert=stranger))
    assert exit_code == FAULT and "certificate verify failed" in told, told


def test_a_server_of_another_name_is_refused(auth: Auth, registry: Server) -> None:
    exit_code, told = ask(auth, registry.line(host="127.0.0.1"))
    assert exit_code == FAULT and "does not match host name" in told, told


@pytest.mark.parametrize("mode", ["disable", "prefer", "require", "verify-ca"])
def test_a_line_that_is_not_verified_is_refused(auth: Auth, registry: Server, mode: str) -> None:
    exit_code, told = ask(auth, registry.line(sslmode=mode))
    assert exit_code != YES and "sslmode=verify-full" in told, told


def test_a_wrong_password_is_refused_and_not_shown(auth: Auth, registry: Server) -> None:
    exit_code, told = ask(auth, registry.line(password="guessed"))
    assert exit_code != YES and "guessed" not in told, told
