# SPDX-License-Identifier: Apache-2.0
"""Do clients that are slow, many or greedy cost only themselves?"""

from __future__ import annotations

import resource
import socket
import tempfile
import threading
import time
from pathlib import Path

import pytest

from conftest import Client, Echo, Installed, request, wait_for

QUICK = (
    "--idle-timeout=1s", "--header-timeout=600ms", "--request-timeout=1500ms", "--write-timeout=1s",
)


def seconds_until_end(client: Client) -> float:
    began = time.monotonic()
    while client.fill():
        pass
    return time.monotonic() - began


@pytest.mark.parametrize("kind", ("http", "https"))
def test_silent_connections_end(installed: Installed, kind: str) -> None:
    with installed.start(*QUICK) as echo:
        with echo.connect(kind) as client:
            assert 0.9 < seconds_until_end(client) < 3
            assert client.buffer == b""
        with echo.connect(kind) as client:
            client.get("/hello")
            assert 0.9 < seconds_until_end(client) < 3


@pytest.mark.parametrize("kind", ("http", "https"))
def test_a_head_must_come_in_time(installed: Installed, kind: str) -> None:
    """An octet now and then does not help."""
    with installed.start(*QUICK) as echo, echo.connect(kind) as client:
        began = time.monotonic()
        client.connection.settimeout(0.1)
        for octet in b"GET /hello HTTP/1.1\r\nHost: here\r\n" + b"X: 1\r\n" * 1000:
            try:
                client.send(bytes([octet]))
                client.buffer += client.connection.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                break
            if client.buffer:
                break
        client.connection.settimeout(5)
        answer = client.read()
        assert answer is not None and answer.status == 408
        assert 0.5 < time.monotonic() - began < 3


def test_a_body_must_come_in_time(installed: Installed) -> None:
    with installed.start(*QUICK) as echo, echo.connect() as client:
        began = time.monotonic()
        client.send(request("POST", "/echo", "Content-Length: 100") + b"x")
        answer = client.read()
        assert answer is not None and answer.status == 408
        assert 1.3 < time.monotonic() - began < 4


def test_a_handshake_must_come_in_time(installed: Installed) -> None:
    with installed.start(*QUICK) as echo:
        with socket.create_connection(("127.0.0.1", echo.ports["https"]), timeout=10) as silent:
            began = time.monotonic()
            assert silent.recv(1) == b""
            assert 0.5 < time.monotonic() - began < 3


@pytest.mark.parametrize("kind", ("http", "https"))
def test_who_does_not_read_is_cut(installed: Installed, kind: str) -> None:
    with installed.start(*QUICK) as echo, echo.connect(kind) as client:
        client.send(request("GET", "/large"))
        assert wait_for(lambda: echo.metric("daemon_connections_cut_total") == 1, 10)
        assert wait_for(lambda: echo.metric("daemon_connections") == 1, 10)


def test_who_reads_a_little_now_and_then_is_cut(installed: Installed) -> None:
    with installed.start(*QUICK) as echo:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", echo.ports["http"]))
        with Client(slow) as client:
            client.send(request("GET", "/large"))
            began = time.monotonic()
            while echo.metric("daemon_connections_cut_total") == 0:
                assert time.monotonic() - began < 15
                client.connection.recv(1000)
                time_passes(0.05)


def test_a_large_answer_arrives_whole(echo: Echo) -> None:
    for kind in ("http", "https"):
        with echo.connect(kind) as client:
            assert client.get("/large").body == bytes(16 << 20)


def test_a_gibibyte_is_cut_at_the_limit(installed: Installed, echo: Echo) -> None:
    before = echo.status("VmHWM")
    for target, status in (("/echo", 413), ("/nothing", 404)):
        with echo.connect() as client:
            client.send(request("POST", target, f"Content-Length: {1 << 30}"))
            sent = 0
            try:
                while sent < 1 << 30:
                    client.connection.sendall(bytes(1 << 20))
                    sent += 1 << 20
            except OSError:
                pass
            assert sent < 64 << 20
            answer = client.read()
            assert answer is None or answer.status == status
    assert installed.is_sanitized or echo.status("VmHWM") - before < 4096


def test_memory_for_bodies_is_limited_in_all(installed: Installed) -> None:
    with installed.start("--max-body-memory=2MiB") as echo:
        half = request("POST", "/echo", f"Content-Length: {1 << 20}") + bytes((1 << 20) - 1)
        clients = [echo.connect() for _ in range(8)]
        try:
            for client in clients:
                try:
                    client.send(half)
                except OSError:
                    pass
            refused = wait_for(lambda: echo.metric('daemon_requests_total{class="5xx"}') >= 5)
            assert refused
            assert echo.metric("daemon_body_octets") <= 2 << 20
        finally:
            for client in clients:
                client.connection.close()
        assert wait_for(lambda: echo.metric("daemon_body_octets") == 0)


def test_connections_are_limited_in_all(installed: Installed) -> None:
    with installed.start("--max-connections=10") as echo:
        clients = [echo.connect() for _ in range(10)]
        for client in clients:
            assert client.get("/hello").status == 200
        with echo.connect() as one_more:
            assert one_more.is_ended()
        assert echo.metric('daemon_connections_turned_away_total{reason="all"}') == 1
        clients.pop().connection.close()
        assert wait_for(lambda: echo.metric("daemon_connections") == 10)
        with echo.connect() as one_more:
            assert one_more.get("/hello").status == 200
        for client in clients:
            client.connection.close()


def test_connections_are_limited_by_address(installed: Installed) -> None:
    with installed.start("--max-connections-per-address=5", "--listen=127.0.0.1:0") as echo:
        def from_address(address: str) -> Client:
            at = ("127.0.0.1", echo.ports["http"])
            return Client(socket.create_connection(at, 10, source_address=(address, 0)))

        clients = [from_address("127.0.0.1") for _ in range(5)]
        for client in clients:
            assert client.get("/hello").status == 200
        with from_address("127.0.0.1") as one_more:
            assert one_more.is_ended()
        assert echo.metric('daemon_connections_turned_away_total{reason="address"}') == 1
        with from_address("127.0.0.2") as another:
            assert another.get("/hello").status == 200
        for client in clients:
            client.connection.close()
        assert wait_for(lambda: echo.metric("daemon_connections") == 1)
        with from_address("127.0.0.1") as again:
            assert again.get("/hello").status == 200


def test_ten_thousand_silent_connections(installed: Installed) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = 10000
    if hard < count + 200:
        pytest.skip(f"the machine lets a process have {hard} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    limits = (f"--max-connections={count + 100}", f"--max-connections-per-address={count + 100}")
    with installed.start("--idle-timeout=60s", *limits) as echo:
        before = echo.status("VmRSS")
        silent = [socket.create_connection(("127.0.0.1", echo.ports["http"])) for _ in range(count)]
        try:
            assert wait_for(lambda: echo.metric("daemon_connections") == count + 1)
            began = time.monotonic()
            with echo.connect() as client:
                for _ in range(100):
                    assert client.get("/hello").status == 200
            assert time.monotonic() - began < 5
            assert installed.is_sanitized or echo.status("VmRSS") - before < 64 << 10
            used = echo.processor_s()
            time_passes(1.0)
            assert echo.processor_s() - used < 0.3
        finally:
            for each in silent:
                each.close()
        assert wait_for(lambda: echo.metric("daemon_connections") == 1)


def time_passes(seconds: float) -> None:
    """For figures per time, which need some."""
    threading.Event().wait(seconds)


def test_used_up_descriptors_cost_no_processor(installed: Installed) -> None:
    with installed.start(descriptors=64) as echo:
        clients = []
        for _ in range(100):
            clients.append(echo.connect())
        assert wait_for(lambda: echo.events("descriptors-full"))
        used = echo.processor_s()
        time_passes(2.0)
        assert echo.processor_s() - used < 0.4
        assert clients[0].get("/hello").status == 200
        for client in clients:
            client.connection.close()
        assert wait_for(lambda: echo.metric("daemon_connections") == 1)
        with echo.connect() as client:
            assert client.get("/hello").status == 200
        assert echo.end() == 0


def test_honest_clients_among_slow_ones(installed: Installed) -> None:
    with installed.start("--max-connections-per-address=4096") as echo:
        slow = [echo.connect() for _ in range(500)]
        for client in slow:
            client.send(b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Le")
        with echo.connect() as client:
            times = []
            for _ in range(500):
                began = time.monotonic()
                assert client.get("/hello").status == 200
                times.append(time.monotonic() - began)
        assert sorted(times)[len(times) * 99 // 100] < 0.25
        for client in slow:
            client.connection.close()


def test_long_polls_are_limited(installed: Installed) -> None:
    with installed.start("--max-waiting=3") as echo:
        waiting = [echo.connect() for _ in range(3)]
        for client in waiting:
            client.send(request("GET", "/notes?after=5"))
        assert wait_for(lambda: echo.metric("daemon_requests_waiting") == 3)
        with echo.connect() as client:
            began = time.monotonic()
            assert client.get("/notes?after=5").body == b"0\n"
            assert time.monotonic() - began < 1
        for client in waiting:
            client.connection.close()


def test_requests_for_workers_are_limited(installed: Installed) -> None:
    with installed.start("--workers=1", "--max-queued=2") as echo:
        clients = [echo.connect() for _ in range(8)]
        for client in clients:
            client.send(request("GET", "/slow?ms=300"))
        statuses = []
        for client in clients:
            answer = client.read()
            assert answer is not None
            statuses.append(answer.status)
            client.connection.close()
        assert statuses.count(503) >= 4 and statuses.count(200) >= 2


def test_a_million_requests_use_no_more_memory(installed: Installed, echo: Echo) -> None:
    """A part of a million: what leaks a request leaks here."""
    batch = request("GET", "/hello") * 200

    def go(batches: int) -> None:
        with echo.connect() as client:
            for _ in range(batches):
                client.send(batch)
                for _ in range(200):
                    assert client.read() is not None

    go(20)
    before = echo.status("VmRSS")
    go(100)
    assert installed.is_sanitized or echo.status("VmRSS") - before < 1024


def test_a_connection_serves_so_many_requests(echo: Echo) -> None:
    batch, size = request("HEAD", "/hello") * 1000, 1000
    served = 0
    with echo.connect() as client:
        while served < 110000:
            try:
                client.send(batch)
            except OSError:
                break
            ended = False
            for _ in range(size):
                answer = client.read(is_head=True)
                ended = answer is None
                if answer is None:
                    break
                served += 1
            if ended:
                break
    assert served == 100000


def test_memory_that_runs_out_ends_requests_and_not_the_daemon(installed: Installed) -> None:
    shim = installed.folder / "libfailing_memory.so"
    if installed.is_sanitized or not shim.exists():
        pytest.skip("sanitizers have a memory of their own")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        flag = Path(folder) / "fail"
        extra = {"LD_PRELOAD": str(shim), "FAILING_MEMORY": str(flag)}
        with installed.start("--max-waiting=4", extra=extra) as echo:
            flag.touch()
            outcomes = [try_once(echo, i) for i in range(1500)]
            flag.unlink()
            assert echo.is_running()
            assert outcomes.count("answer") > 100
            assert outcomes.count("refusal") + outcomes.count("end") > 50
            wait_for(lambda: all(try_once(echo, i) == "answer" for i in range(5)))
            for i in range(100):
                assert try_once(echo, i) == "answer"
            assert echo.end() == 0


def try_once(echo: Echo, turn: int) -> str:
    targets = (
        request("GET", "/hello"), request("POST", "/echo", body=bytes(20000)),
        request("POST", "/blocking", body=b"x"), request("GET", "/segment/a?tag=b"),
        request("GET", "/prebuilt"),
    )
    try:
        with echo.connect("https" if turn % 7 == 0 else "http") as client:
            client.send(targets[turn % len(targets)])
            answer = client.read()
    except OSError:
        return "end"
    if answer is None:
        return "end"
    return "answer" if answer.status == 200 else "refusal"
