# SPDX-License-Identifier: Apache-2.0
"""Does auth-ocsp stay small and go on answering, with clients that are slow, idle, many, or send rubbish?"""

from __future__ import annotations

import base64
import contextlib
import os
import random
import resource
import socket
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from world import Holder, Responder, World, must

IDLE = 10000
SLOW = 200
CONNECTIONS = ("--max-connections=12000", "--max-connections-per-address=12000")


@contextlib.contextmanager
def descriptors(count: int) -> Iterator[None]:
    kept = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert kept[1] >= count, f"this account may have {kept[1]} descriptors; the test needs {count}"
    resource.setrlimit(resource.RLIMIT_NOFILE, (kept[1], kept[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, kept)


def is_sanitized(world: World) -> bool:
    """Sanitizers keep memory that was given back, so that its size says nothing."""
    octets = (world.build / "ocsp/auth-ocsp").read_bytes()
    return b"__asan_init" in octets or b"__tsan_init" in octets


def check_all_good(world: World, path: Path, count: int, *words: str, port: int) -> None:
    found = world.load(path, "--count", str(count), "--connections", "4", *words, port=port, is_recorded=False)
    assert found["good"] == count, found


def test_ten_thousand_idle_connections(world: World) -> None:
    path = world.serials_file(world.enrol_many(50), "idle")
    with descriptors(IDLE + 1000), world.responder(*CONNECTIONS, "--idle-timeout=10min", "--nonce-rate=1000000") as responder:
        check_all_good(world, path, 200, port=responder.port)
        before = responder.resident_kib()
        idle = [socket.create_connection(("127.0.0.1", responder.port), 60) for _ in range(IDLE)]
        try:
            check_all_good(world, path, 2000, "--nonce", "5", port=responder.port)
            assert responder.metrics()["daemon_connections"] >= IDLE
            grown = responder.resident_kib() - before
            assert is_sanitized(world) or grown < 64 * 1024, f"{grown} KiB"
            # None of them was forgotten: each is answered when it asks at last.
            for one in idle[:: IDLE // 20]:
                one.sendall(b"GET /nothing HTTP/1.1\r\nHost: ocsp.example\r\n\r\n")
                assert one.recv(12) == b"HTTP/1.1 404"
        finally:
            for one in idle:
                one.close()


def test_slow_clients_take_nothing_from_others(world: World) -> None:
    path = world.serials_file(world.enrol_many(50), "slow")
    request = b"POST /ocsp HTTP/1.1\r\nHost: ocsp.example\r\nContent-Type: application/ocsp-request\r\n"
    with world.responder("--header-timeout=1s", "--request-timeout=1s", "--nonce-rate=1000000") as responder:
        slow = [socket.create_connection(("127.0.0.1", responder.port), 60) for _ in range(SLOW)]
        try:
            for one in slow:
                one.sendall(request[: random.randrange(1, len(request))])
            check_all_good(world, path, 2000, "--nonce", "5", port=responder.port)
            # Each was cut when its time was over, or told so.
            for one in slow:
                assert one.recv(12) in (b"", b"HTTP/1.1 408", b"HTTP/1.1 400")
        finally:
            for one in slow:
                one.close()
        check_all_good(world, path, 200, port=responder.port)


def test_memory_is_flat(world: World, is_full: bool) -> None:
    count = 5000000 if is_full else 50000
    path = world.serials_file(world.enrol_many(200), "flat")
    words = ("--depth", "8", "--get", "50", "--nonce", "5", "--expect", "5")
    with world.responder("--nonce-rate=1000000") as responder:
        check_all_good(world, path, count, *words, port=responder.port)
        before = responder.resident_kib()
        check_all_good(world, path, count, *words, port=responder.port)
        grown = responder.resident_kib() - before
        assert is_sanitized(world) or grown < 4096, f"{grown} KiB in {count} requests"


# Rubbish


def request_of(world: World, holder: Holder) -> bytes:
    out = world.folder / "shared/fuzzed.req"
    pem = holder.certificate.with_suffix(".fuzz.pem")
    pem.write_text(must("openssl", "x509", "-inform", "der", "-in", holder.certificate), encoding="ascii")
    must("openssl", "ocsp", "-issuer", world.pem(), "-cert", pem, "-reqout", out)
    return out.read_bytes()


def changed(octets: bytes, chance: random.Random) -> bytes:
    made = bytearray(octets)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(made) or 1)
        match chance.randrange(5):
            case 0:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del made[at : at + chance.randrange(1, 9)]
            case 2:
                made[at:at] = chance.randbytes(chance.randrange(1, 9))
            case 3:
                made[at:at] = made[at : at + chance.randrange(1, 33)]
            case 4:
                made[at : at + 1] = bytes([made[at] ^ (1 << chance.randrange(8))]) if made else b""
    return bytes(made)


def as_http(der: bytes, chance: random.Random) -> bytes:
    """A request that is right around what it carries, or nearly."""
    if chance.random() < 0.4:
        path = urllib.parse.quote(base64.b64encode(der).decode("ascii"), safe="/" if chance.random() < 0.5 else "")
        whole = f"GET /ocsp/{path} HTTP/1.1\r\nHost: ocsp.example\r\n\r\n".encode("ascii")
    else:
        length = len(der) + (chance.randrange(-3, 4) if chance.random() < 0.1 else 0)
        whole = (
            "POST /ocsp HTTP/1.1\r\nHost: ocsp.example\r\nContent-Type: application/ocsp-request\r\n"
            f"Content-Length: {max(length, 0)}\r\n\r\n"
        ).encode("ascii") + der
    return changed(whole, chance) if chance.random() < 0.2 else whole


def exchange(port: int, octets: bytes) -> tuple[int, bytes]:
    """Sends it and reads one answer; status 0 when the connection just ends."""
    with socket.create_connection(("127.0.0.1", port), 60) as line:
        with contextlib.suppress(ConnectionError):
            line.sendall(octets)
            line.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := line.recv(65536):
                answer += part
    if not answer:
        return 0, b""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 "), head
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")]
    return int(head.split(b" ")[1]), body[: int(lengths[0])] if lengths else body


def check_answer(status: int, body: bytes, good: set[int]) -> str:
    """What was answered has to be one of the things that may be."""
    if status != 200:
        assert status == 0 or status == 100 or 400 <= status < 500 or status in (501, 505), status
        return "http"
    if not body.startswith(b"\x30"):
        # A changed path may reach the index page, and a changed method its head alone.
        assert body.lstrip().startswith(b"<") or body == b"", body[:80]
        return "page"
    if len(body) == 5:
        assert ocsp.load_der_ocsp_response(body).response_status != ocsp.OCSPResponseStatus.SUCCESSFUL
        return "error"
    for single in ocsp.load_der_ocsp_response(body).responses:
        if single.certificate_status is ocsp.OCSPCertStatus.GOOD:
            assert single.serial_number in good, hex(single.serial_number)
    return "status"


def test_rubbish_breaks_nothing(world: World, is_full: bool) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    chance = random.Random(seed)
    holder, other = world.enrol(2)
    path = world.serials_file([holder.serial, other.serial], "fuzz")
    good = {int(holder.serial, 16), int(other.serial, 16)}
    seeds = [request_of(world, holder), request_of(world, other)]
    seen = dict.fromkeys(("http", "page", "error", "status"), 0)
    with world.responder("--max-connections-per-address=4000", "--nonce-rate=1000000") as responder:
        check_all_good(world, path, 1000, "--nonce", "10", port=responder.port)
        before = responder.resident_kib()
        end = time.monotonic() + (600 if is_full else 20)
        while time.monotonic() < end:
            octets = as_http(changed(chance.choice(seeds), chance), chance)
            status, body = exchange(responder.port, octets)
            seen[check_answer(status, body, good)] += 1
        assert min(seen["http"], seen["error"], seen["status"]) > 0, (seed, seen)
        check_all_good(world, path, 1000, "--nonce", "10", port=responder.port)
        grown = responder.resident_kib() - before
        assert is_sanitized(world) or grown < 8192, (seed, f"{grown} KiB")
        assert not [line for line in responder.log() if line["level"] == "error"], seed
        assert responder.end() == 0


def post(responder: Responder, body: bytes, kind: str = "application/ocsp-request") -> tuple[int, bytes]:
    head = (f"POST /ocsp HTTP/1.1\r\nHost: ocsp.example\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n")
    return exchange(responder.port, head.encode("ascii") + body)


MALFORMED, UNAUTHORIZED = b"\x30\x03\x0a\x01\x01", b"\x30\x03\x0a\x01\x06"


def test_answers_to_what_is_no_request(world: World) -> None:
    holder, other = world.enrol(2)
    request = request_of(world, holder)
    with world.responder() as responder:
        assert post(responder, request)[0] == 200
        # What was read as OCSP gets an error of OCSP; what was not gets one of HTTP.
        for wrong in (request + b"\x00", request[:-1], b"\x30\x00", bytes(100), b"\x00"):
            assert post(responder, wrong) == (200, MALFORMED), wrong
        assert post(responder, request, "text/plain")[0] == 415
        assert post(responder, bytes(100_000))[0] == 413
        assert exchange(responder.port, b"PUT /ocsp HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")[0] == 405
        assert exchange(responder.port, b"GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 404


def test_several_certificates_in_one_question(world: World) -> None:
    first, second = world.enrol(2)
    world.act("revoke", second.serial)
    pems = []
    for holder in (first, second):
        pems.append(holder.certificate.with_suffix(".several.pem"))
        pems[-1].write_text(must("openssl", "x509", "-inform", "der", "-in", holder.certificate), encoding="ascii")
    out = world.folder / "shared/several.req"
    must("openssl", "ocsp", "-issuer", world.pem(), "-cert", pems[0], "-cert", pems[1], "-reqout", out)
    with world.responder() as responder:
        status, body = post(responder, out.read_bytes())
        assert status == 200
        said = {one.serial_number: one.certificate_status for one in ocsp.load_der_ocsp_response(body).responses}
    assert said == {
        int(first.serial, 16): ocsp.OCSPCertStatus.GOOD, int(second.serial, 16): ocsp.OCSPCertStatus.REVOKED
    }


@pytest.mark.parametrize("digest", [hashes.SHA384(), hashes.SHA512()])
def test_a_hash_that_it_does_not_know(world: World, digest: hashes.HashAlgorithm) -> None:
    """Nobody can tell whose such a certificate is."""
    issuer = world.pem().read_bytes()
    (holder,) = world.enrol(1)
    certificate = x509.load_der_x509_certificate(holder.certificate.read_bytes())
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, x509.load_pem_x509_certificate(issuer), digest)
    with world.responder() as responder:
        assert post(responder, builder.build().public_bytes(Encoding.DER)) == (200, UNAUTHORIZED)
