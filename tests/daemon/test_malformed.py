# SPDX-License-Identifier: Apache-2.0
"""Is what is not quite HTTP refused on every kind of listener, in every request of a connection, and
do others notice nothing of it?"""

from __future__ import annotations

import pytest

from conftest import Echo, request
from hostile_http import HEAD, MALFORMED, check_malformed, check_malformed_later

KINDS = ("http", "unix", "https", "admin")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests_end_their_connection(echo: Echo, kind: str, name: str) -> None:
    check_malformed(lambda: echo.connect(kind), name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MALFORMED)
def test_a_later_request_is_read_as_strictly(echo: Echo, kind: str, name: str) -> None:
    check_malformed_later(lambda: echo.connect(kind), name)


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
