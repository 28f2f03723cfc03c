# SPDX-License-Identifier: Apache-2.0
"""Is what is not quite HTTP refused on every kind of listener, in every request of a connection, and
do others notice nothing of it?"""

from __future__ import annotations

import pytest

from conftest import Echo, request

KINDS = ("http", "unix", "https", "admin")
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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests_end_their_connection(echo: Echo, kind: str, name: str) -> None:
    status, octets = MALFORMED[name]
    with echo.connect(kind) as other, echo.connect(kind) as client:
        assert other.ask(GOOD).status == 404
        answer = client.ask(octets)
        assert (answer.status, answer.headers["connection"]) == (status, "close")
        assert answer.problem["title"]
        assert client.is_ended()
        assert other.ask(GOOD).status == 404


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MALFORMED)
def test_a_later_request_is_read_as_strictly(echo: Echo, kind: str, name: str) -> None:
    status, octets = MALFORMED[name]
    with echo.connect(kind) as client:
        assert client.ask(GOOD).status == 404
        client.send(GOOD + octets)
        first, second = client.read(), client.read()
        assert first is not None and first.status == 404
        assert second is not None and second.status == status
        assert client.is_ended()


def test_nothing_is_wrong_with_what_is_right(echo: Echo) -> None:
    for kind in KINDS:
        with echo.connect(kind) as client:
            for headers in ((), ("X: \t a\tb ",), ("X:",), ("Accept: a", "Accept: b")):
                assert client.ask(request("GET", "/%41//?a=%20&b", *headers)).status == 404


def test_each_octet_in_a_segment_of_its_own(echo: Echo) -> None:
    octets = request("POST", "/echo", "X-Y: z", body=b"hello")
    with echo.connect() as client:
        for octet in octets:
            client.send(bytes([octet]))
        answer = client.read()
        assert answer is not None and answer.body == b"hello"


def test_refusals_are_counted_and_logged_without_what_was_sent(echo: Echo) -> None:
    before = echo.metric('daemon_malformed_total{rule="header-name"}')
    with echo.connect() as client:
        client.ask(HEAD + b"440524188001010014 : 440524188001010014\r\n\r\n")
    assert echo.metric('daemon_malformed_total{rule="header-name"}') == before + 1
    assert echo.events("request-malformed")
    assert "44052418800101" not in echo.log_file.read_text(encoding="utf-8")
