# SPDX-License-Identifier: Apache-2.0
"""Is a client nobody until its certificate was judged, and no longer what it was once that changes?"""

from __future__ import annotations

import ctypes
import re
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from conftest import Echo, Installed, request, wait_for
from credentials import Pair, load_key, make_pair, write_pair


def test_without_a_certificate(echo: Echo) -> None:
    with echo.connect("https") as client:
        assert client.connection.version() == "TLSv1.3"  # type: ignore[attr-defined]
        assert client.get("/hello").status == 200
        for target in ("/whoami", "/clerk", "/admin"):
            assert client.get(target).status == 403


def test_a_certificate_that_is_judged_good(echo: Echo) -> None:
    with echo.connect("https", pair=echo.credentials.officer) as client:
        assert client.get("/whoami").body == b"clerk-7"
        assert client.get("/clerk").body == b"clerk-7"
        assert client.get("/admin").status == 403
        assert client.get("/hello").status == 200


def test_any_chain_comes_to_the_judge(echo: Echo) -> None:
    """Trust is not TLS's to decide."""
    with echo.connect("https", pair=echo.credentials.self_signed) as client:
        assert client.get("/clerk").body == b"clerk-7"


def test_a_certificate_that_is_refused(installed: Installed) -> None:
    with installed.start() as echo:
        (echo.folder / "judge").write_text("n", encoding="utf-8")
        with echo.connect("https", pair=echo.credentials.officer) as client:
            answer = client.get("/whoami")
            assert answer.status == 403
            assert answer.problem["detail"] == (
                "certificate: it is not taken here; ask the office for another"
            )
            assert client.get("/hello").status == 200
        assert echo.events("peer-refused")


@pytest.mark.parametrize("version", (ssl.TLSVersion.TLSv1_2,))
def test_older_versions_are_refused(echo: Echo, version: ssl.TLSVersion) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        echo.connect("https", version=version)


def test_plain_http_at_the_tls_port(echo: Echo) -> None:
    with socket.create_connection(("127.0.0.1", echo.ports["https"]), timeout=20) as plain:
        plain.sendall(request("GET", "/hello"))
        received = b""
        try:
            while octets := plain.recv(4096):
                received += octets
        except ConnectionResetError:
            pass
        assert b"HTTP" not in received
    with echo.connect("https") as client:
        assert client.get("/hello").status == 200


class GnuTLS:
    """A client that shows a certificate whose key it does not have."""

    CLIENT, CERTIFICATE, PEM, SKIP_KEY_CERT_MATCH = 2, 1, 1, 1

    def __init__(self) -> None:
        self.library = ctypes.CDLL("libgnutls.so.30")
        self.library.gnutls_transport_set_int2.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        self.library.gnutls_record_recv.restype = ctypes.c_ssize_t
        self.library.gnutls_record_send.restype = ctypes.c_ssize_t

    def whoami(self, pair: Pair, folder: Path, plain: socket.socket) -> bytes:
        """What /whoami answers; empty when the server ends the connection."""
        write_pair(pair, folder, "other")
        library = self.library
        credentials, session = ctypes.c_void_p(), ctypes.c_void_p()
        assert library.gnutls_certificate_allocate_credentials(ctypes.byref(credentials)) == 0
        library.gnutls_certificate_set_flags(credentials, self.SKIP_KEY_CERT_MATCH)
        files = [str(folder / f"other.{suffix}").encode() for suffix in ("pem", "key")]
        assert library.gnutls_certificate_set_x509_key_file(credentials, *files, self.PEM) >= 0
        assert library.gnutls_init(ctypes.byref(session), self.CLIENT) == 0
        library.gnutls_set_default_priority(session)
        library.gnutls_credentials_set(session, self.CERTIFICATE, credentials)
        library.gnutls_transport_set_int2(session, plain.fileno(), plain.fileno())
        answer = b""
        if library.gnutls_handshake(session) == 0:
            sent = request("GET", "/whoami", "Connection: close")
            library.gnutls_record_send(session, sent, ctypes.c_size_t(len(sent)))
            room = ctypes.create_string_buffer(65536)
            got = library.gnutls_record_recv(session, room, ctypes.c_size_t(65536))
            answer = room.raw[: max(got, 0)]
        library.gnutls_deinit(session)
        library.gnutls_certificate_free_credentials(credentials)
        return answer


def test_possession_of_the_key_is_proved(echo: Echo, tmp_path: Path) -> None:
    officer, other = echo.credentials.officer, echo.credentials.self_signed
    for key, expected in ((officer.key, True), (other.key, False)):
        plain = socket.create_connection(("127.0.0.1", echo.ports["https"]))
        with plain:
            answer = GnuTLS().whoami(Pair(officer.certificate, key), tmp_path, plain)
        assert answer.endswith(b"clerk-7") is expected
    assert wait_for(lambda: echo.metric('daemon_tls_handshakes_total{outcome="bad"}') > 0)


def test_a_dismissed_officer_s_connections_end(installed: Installed) -> None:
    with installed.start() as echo:
        officer = echo.credentials.officer
        idle, waiting = (echo.connect("https", pair=officer) for _ in range(2))
        nobody = echo.connect("https")
        assert idle.get("/clerk").status == waiting.get("/clerk").status == 200
        assert nobody.get("/hello").status == 200
        waiting.send(request("GET", "/peer-notes?after=9"))
        assert wait_for(lambda: echo.metric("daemon_requests_waiting") == 1)
        (echo.folder / "judge").write_text("n", encoding="utf-8")
        with echo.connect() as other:
            began = time.monotonic()
            assert other.ask(request("POST", "/recheck")).status == 200
        assert idle.is_ended() and waiting.is_ended()
        assert time.monotonic() - began < 1.0
        assert nobody.get("/hello").status == 200
        assert wait_for(lambda: echo.metric("daemon_requests_waiting") == 0)
        for client in (idle, waiting, nobody):
            client.connection.close()


def test_busy_workers_do_not_keep_an_officer(installed: Installed) -> None:
    """Every worker sleeps in a handler; the verdict comes all the same."""
    with installed.start("--workers=2") as echo:
        idle = echo.connect("https", pair=echo.credentials.officer)
        assert idle.get("/clerk").status == 200
        busy = [echo.connect() for _ in range(4)]
        for client in busy:
            client.send(request("GET", "/slow?ms=5000"))
        assert wait_for(lambda: echo.metric("daemon_requests_queued") == 2)
        (echo.folder / "judge").write_text("n", encoding="utf-8")
        with echo.connect() as other:
            began = time.monotonic()
            assert other.ask(request("POST", "/recheck")).status == 200
        assert idle.is_ended()
        assert time.monotonic() - began < 1.0
        for client in (idle, *busy):
            client.connection.close()


def test_who_is_still_good_notices_nothing(installed: Installed) -> None:
    with installed.start() as echo, echo.connect() as other:
        with echo.connect("https", pair=echo.credentials.officer) as client:
            for _ in range(50):
                assert other.ask(request("POST", "/recheck")).status == 200
                assert client.get("/clerk").status == 200
        judged = echo.metric('daemon_peers_judged_total{outcome="good"}')
        assert judged > 1


def shown(echo: Echo) -> bytes:
    """The certificate that a new connection sees."""
    with echo.connect("https") as client:
        der = client.connection.getpeercert(True)  # type: ignore[attr-defined]
        assert isinstance(der, bytes)
        return der


def replace(echo: Echo, chain: bytes) -> int:
    with echo.connect() as client:
        return client.ask(request("POST", "/chain", body=chain)).status


def test_another_chain_for_the_same_key(installed: Installed) -> None:
    with installed.start() as echo, echo.connect("https") as old:
        before = shown(echo)
        issuer = make_pair("staff")
        renewed = make_pair("localhost", ("staff", load_key(issuer.key)), echo.credentials.server.key)
        assert replace(echo, renewed.certificate + issuer.certificate) == 200
        assert shown(echo) == ssl.PEM_cert_to_DER_cert(renewed.certificate.decode()) != before
        assert old.get("/hello").status == 200
        with echo.connect() as client:
            answer = client.get("/chain").body.decode()
        assert answer.count("BEGIN CERTIFICATE") == 2
        first = answer[: answer.index("-----END")] + "-----END CERTIFICATE-----\n"
        assert ssl.PEM_cert_to_DER_cert(first) == shown(echo)
        echo.signal(signal.SIGHUP)
        assert wait_for(lambda: echo.events("reloaded"))
        assert shown(echo) == before


def test_a_chain_that_is_not_taken_changes_nothing(installed: Installed) -> None:
    with installed.start() as echo:
        before = shown(echo)
        for chain in (make_pair("localhost").certificate, b"no certificate", b"x" * 70000):
            assert replace(echo, chain) in (400, 413, 422)
            assert shown(echo) == before


def test_without_https_there_is_no_chain(installed: Installed) -> None:
    with installed.start(has_tls=False) as echo, echo.connect() as client:
        assert client.get("/chain").status == 404
        assert replace(echo, make_pair("localhost").certificate) == 404


def test_no_session_is_resumed(echo: Echo) -> None:
    context = echo.credentials.client()
    for _ in range(2):
        plain = socket.create_connection(("127.0.0.1", echo.ports["https"]))
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            secure.sendall(request("GET", "/hello"))
            assert secure.recv(4096)
            assert secure.session is None or not secure.session.has_ticket
            assert not secure.session_reused


def test_openssl_s_client_connects(echo: Echo, tmp_path: Path) -> None:
    write_pair(echo.credentials.officer, tmp_path, "officer")
    result = subprocess.run(
        ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{echo.ports['https']}",
         "-cert", str(tmp_path / "officer.pem"), "-key", str(tmp_path / "officer.key")],
        input=request("GET", "/clerk", "Connection: close"), capture_output=True, timeout=60,
    )
    assert result.stdout.endswith(b"clerk-7")


def test_answers_are_sent_while_requests_come(echo: Echo, tmp_path: Path) -> None:
    write_pair(echo.credentials.officer, tmp_path, "officer")
    count = 2000
    sent = [request("POST", ("/echo", "/blocking")[i % 2], body=b"%d" % i) for i in range(count)]
    result = subprocess.run(
        ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{echo.ports['https']}",
         "-cert", str(tmp_path / "officer.pem"), "-key", str(tmp_path / "officer.key")],
        input=b"".join(sent) + request("GET", "/clerk", "Connection: close"), capture_output=True, timeout=60,
    )
    bodies = re.findall(rb"\r\n\r\n(\d+)HTTP/1\.1 ", result.stdout)
    assert [int(body) for body in bodies] == list(range(count))
    assert result.stdout.endswith(b"clerk-7")
