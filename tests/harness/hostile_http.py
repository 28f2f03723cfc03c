# SPDX-License-Identifier: Apache-2.0
"""What clients send that is not quite HTTP, and how: the same cases for the port of every daemon."""

from __future__ import annotations

import time
from collections.abc import Callable

from http_client import Client, request

Connect = Callable[[], Client]

HEAD = b"POST /echo HTTP/1.1\r\nHost: here\r\n"
GOOD = request("GET", "/nothing-here")

MALFORMED = {
    "two lengths": (400, HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "two different lengths": (400, HEAD + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello"),
    "a list of lengths": (400, HEAD + b"Content-Length: 5, 5\r\n\r\nhello"),
    "a signed length": (400, HEAD + b"Content-Length: +5\r\n\r\nhello"),
    "a length with zeros": (400, HEAD + b"Content-Length: 005\r\n\r\nhello"),
    "two hosts": (400, HEAD + b"Host: there\r\n\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "both framings": (400, HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunked": (400, HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    "an unknown coding": (400, HEAD + b"Transfer-Encoding: xchunked\r\n\r\n"),
    "a coding with a tab": (400, HEAD + b"Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n"),
    "a blank before the colon": (400, HEAD + b"Content-Length : 5\r\n\r\nhello"),
    "a tab before the colon": (400, HEAD + b"Content-Length\t: 5\r\n\r\nhello"),
    "a name that is no token": (400, HEAD + b"X(Y): 1\r\n\r\n"),
    "no name": (400, HEAD + b": 1\r\n\r\n"),
    "no colon": (400, HEAD + b"X\r\n\r\n"),
    "a folded line": (400, HEAD + b"X: 1\r\n 2\r\n\r\n"),
    "a folded line with a tab": (400, HEAD + b"X: 1\r\n\t2\r\n\r\n"),
    "a folded length": (400, HEAD + b"X: 1\r\n Content-Length: 5\r\n\r\nhello"),
    "a line feed alone": (400, b"GET / HTTP/1.1\nHost: here\n\n"),
    "a carriage return alone": (400, HEAD + b"X: 1\rY: 2\r\n\r\n"),
    "NUL in a value": (400, HEAD + b"X: 1\x002\r\n\r\n"),
    "NUL in a name": (400, HEAD + b"X\x00: 1\r\n\r\n"),
    "NUL in the path": (400, b"GET /a\x00b HTTP/1.1\r\nHost: here\r\n\r\n"),
    "DEL in a value": (400, HEAD + b"X: \x7f\r\n\r\n"),
    "a blank in the path": (400, b"GET /a b HTTP/1.1\r\nHost: here\r\n\r\n"),
    "two blanks": (400, b"GET  / HTTP/1.1\r\nHost: here\r\n\r\n"),
    "tabs for blanks": (400, b"GET\t/\tHTTP/1.1\r\nHost: here\r\n\r\n"),
    "an empty line first": (400, b"\r\nGET / HTTP/1.1\r\nHost: here\r\n\r\n"),
    "a wrong percent-encoding": (400, b"GET /%zz HTTP/1.1\r\nHost: here\r\n\r\n"),
    "octets outside of ASCII": (400, b"GET /\xe4\xb8\xad HTTP/1.1\r\nHost: here\r\n\r\n"),
    "a fragment": (400, b"GET /#a HTTP/1.1\r\nHost: here\r\n\r\n"),
    "the absolute form": (400, b"GET http://here/ HTTP/1.1\r\nHost: here\r\n\r\n"),
    "another host in the absolute form": (400, b"GET http://x/ HTTP/1.1\r\nHost: here\r\n\r\n"),
    "a host with a path": (400, b"GET / HTTP/1.1\r\nHost: here/x\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /\r\n"),
    "HTTP/1.7": (505, b"GET / HTTP/1.7\r\nHost: here\r\n\r\n"),
    "HTTP/2": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "CONNECT": (501, b"CONNECT here:1 HTTP/1.1\r\nHost: here\r\n\r\n"),
    "TRACE": (501, b"TRACE / HTTP/1.1\r\nHost: here\r\n\r\n"),
    "another expectation": (417, HEAD + b"Expect: 200-ok\r\n\r\n"),
    "a long target": (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: here\r\n\r\n"),
    "a target without end": (414, b"GET /" + b"a" * 30000),
    "a large header": (431, HEAD + b"X: " + b"a" * 65536 + b"\r\n\r\n"),
    "65 headers": (431, HEAD + b"X: 1\r\n" * 65 + b"\r\n"),
    "10,000 headers": (431, HEAD + b"X: 1\r\n" * 10000 + b"\r\n"),
    "TLS or noise": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
}


def check_malformed(connect: Connect, name: str) -> None:
    """It gets its answer, the connection ends, and somebody else notices nothing."""
    status, octets = MALFORMED[name]
    with connect() as other, connect() as client:
        assert other.ask(GOOD).status == 404
        answer = client.ask(octets)
        assert (answer.status, answer.headers["connection"]) == (status, "close")
        assert answer.problem["title"]
        assert client.is_ended()
        assert other.ask(GOOD).status == 404


def check_malformed_later(connect: Connect, name: str) -> None:
    """A later request of a connection is read as strictly as the first."""
    status, octets = MALFORMED[name]
    with connect() as client:
        assert client.ask(GOOD).status == 404
        client.send(GOOD + octets)
        first, second = client.read(), client.read()
        assert first is not None and first.status == 404
        assert second is not None and second.status == status
        assert client.is_ended()


def check_slow(connect: Connect, count: int, seconds: float) -> None:
    """Clients that send an octet now and then are ended, all of them, and honest ones are served meanwhile."""
    octets = b"GET /nothing-here HTTP/1.1\r\nHost: here\r\n" + b"X: 1\r\n" * 1000
    slow = [connect() for _ in range(count)]
    end = time.monotonic() + seconds
    place = 0
    served = 0
    with connect() as honest:
        while slow:
            assert time.monotonic() < end, f"{len(slow)} slow clients are still there"
            left = []
            for client in slow:
                client.connection.settimeout(1.0 / count)
                try:
                    client.send(octets[place : place + 1])
                    is_open = client.fill() and b" 408 " not in client.buffer
                except TimeoutError:
                    is_open = True
                except OSError:
                    is_open = False
                if is_open:
                    left.append(client)
                else:
                    client.connection.close()
            slow, place = left, place + 1
            assert honest.ask(GOOD).status == 404
            served += 1
    assert served > 2


def check_idle(open_one: Callable[[], Client | None], connect: Connect, count: int) -> None:
    """Many connections of one address that say nothing cost others nothing. open_one gives None when it is turned
    away at once."""
    idle = []
    try:
        for _ in range(count):
            client = open_one()
            if client is not None:
                idle.append(client)
        began = time.monotonic()
        with connect() as honest:
            for _ in range(20):
                assert honest.ask(GOOD).status == 404
        assert time.monotonic() - began < 5
    finally:
        for client in idle:
            client.connection.close()
