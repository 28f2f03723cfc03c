# SPDX-License-Identifier: Apache-2.0
"""Do nginx and Apache httpd, with the configurations of docs/relying-parties, let a citizen in, keep her out while her
certificate is suspended, and for good once it is revoked?"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from world import Holder, World, as_account, free_port, give, must, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = ROOT / "docs/relying-parties"
NGINX = """daemon off;
worker_processes 1;
pid nginx.pid;
error_log nginx.log info;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate server.pem;
        ssl_certificate_key server.key;
        include nginx.conf;
        location / {{ return 200 "in\\n"; }}
    }}
}}
"""
HTTPD = """ServerRoot {folder}
PidFile {folder}/httpd.pid
ServerName localhost
Listen 127.0.0.1:{port}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
DefaultRuntimeDir {folder}
Mutex file:{folder}
ErrorLog {folder}/httpd.log
LogLevel warn ssl:info
DocumentRoot {folder}/files
<VirtualHost 127.0.0.1:{port}>
    SSLEngine on
    SSLCertificateFile server.pem
    SSLCertificateKeyFile server.key
    Include httpd.conf
</VirtualHost>
"""


def logs(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.log"))


@contextlib.contextmanager
def serving(folder: Path, port: int, words: list[str]) -> Iterator[int]:
    process = subprocess.Popen(words, cwd=folder, stderr=subprocess.DEVNULL, **as_account())

    def is_there() -> bool:
        assert process.poll() is None, logs(folder)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_for(is_there)
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Iterator[Path]:
    """With the shipped files, as they stand, and what they ask for."""
    place = world.folder / f"server-{tmp_path.name}"
    (place / "files").mkdir(parents=True)
    (place / "files/index.html").write_text("in\n", encoding="ascii")
    for file in SHIPPED.iterdir():
        shutil.copy(file, place)
    (place / "authorities.pem").write_text(
        world.pem("citizens").read_text(encoding="ascii") + world.pem("root").read_text(encoding="ascii"),
        encoding="ascii",
    )
    must("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", place / "server.key", "-out", place / "server.pem")
    give(place)
    yield place
    shutil.rmtree(place)


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[int]:
    port = free_port()
    (folder / "main.conf").write_text(NGINX.format(port=port), encoding="ascii")
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
    words = [program, "-p", str(folder), "-c", str(folder / "main.conf"), "-e", str(folder / "nginx.log")]
    with serving(folder, port, words) as serving_port:
        yield serving_port


@contextlib.contextmanager
def httpd(folder: Path) -> Iterator[int]:
    port = free_port()
    (folder / "main.conf").write_text(HTTPD.format(folder=folder, port=port), encoding="ascii")
    with serving(folder, port, ["/usr/sbin/apache2", "-X", "-f", str(folder / "main.conf")]) as serving_port:
        yield serving_port


def is_let_in(port: int, holder: Holder | None) -> bool:
    """Connects anew and asks for a page with a holder's certificate, or without one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if holder is not None:
        pem = must("openssl", "x509", "-inform", "der", "-in", holder.certificate)
        chain = holder.certificate.with_suffix(".chain")
        chain.write_text(pem, encoding="ascii")
        context.load_cert_chain(chain, holder.key)
    try:
        with socket.create_connection(("127.0.0.1", port), 30) as line:
            with context.wrap_socket(line, server_hostname="localhost") as peer:
                peer.sendall(b"GET /index.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = b""
                while octets := peer.recv(65536):
                    answer += octets
    except (ssl.SSLError, ConnectionError):
        return False
    return answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"in\n")


def wait_until_known(world: World, serial: str, status: str) -> None:
    serials = world.serials_file([serial], f"one-{serial}")
    wait_for(lambda: world.load(serials, "--count", "1", "--connections", "1")[status] == 1)


@pytest.mark.parametrize("server", [nginx, httpd], ids=["nginx", "httpd"])
def test_a_citizen_is_let_in_until_her_certificate_is_revoked(
    world: World, folder: Path, server: Callable[[Path], contextlib.AbstractContextManager[int]]
) -> None:
    holder, other = world.enrol(2)
    with server(folder) as port:
        assert is_let_in(port, holder), logs(folder)
        assert is_let_in(port, other)
        assert not is_let_in(port, None)
        world.act("suspend", holder.serial)
        wait_until_known(world, holder.serial, "suspended")
        assert not is_let_in(port, holder)
        world.act("resume", holder.serial)
        wait_until_known(world, holder.serial, "good")
        assert is_let_in(port, holder)
        world.act("revoke", holder.serial)
        wait_until_known(world, holder.serial, "revoked")
        assert not is_let_in(port, holder)
        assert is_let_in(port, other)


@pytest.mark.parametrize("server", [nginx, httpd], ids=["nginx", "httpd"])
def test_nobody_is_let_in_when_the_responder_does_not_answer(
    world: World, folder: Path, server: Callable[[Path], contextlib.AbstractContextManager[int]]
) -> None:
    (holder,) = world.enrol(1)
    with server(folder) as port:
        assert is_let_in(port, holder)
        world.down()
        try:
            assert not is_let_in(port, holder)
        finally:
            world.counter.end()
            world.up()
            world.counter = world.open_counter("hello")
        assert is_let_in(port, holder)


def test_the_page_shows_what_is_shipped() -> None:
    page = (ROOT / "docs/relying-parties.md").read_text(encoding="utf-8")
    for file in os.listdir(SHIPPED):
        assert f"relying-parties/{file}" in page
