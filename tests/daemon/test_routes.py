# SPDX-License-Identifier: Apache-2.0
"""Does the table of routes decide alone what reaches a handler, and is every refusal one that a client
can work with?"""

from __future__ import annotations

import json
import time

import pytest

from conftest import Echo, Installed, request, wait_for

KINDS = ("http", "unix", "https")


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_is_answered(echo: Echo, kind: str) -> None:
    with echo.connect(kind) as client:
        answer = client.get("/hello")
        assert (answer.status, answer.body) == (200, b"hello\n")
        assert answer.headers["content-type"] == "text/plain"
        assert answer.headers["date"].endswith(" GMT")
        assert "connection" not in answer.headers


@pytest.mark.parametrize("kind", KINDS)
def test_head_is_get_without_content(echo: Echo, kind: str) -> None:
    with echo.connect(kind) as client:
        client.send(request("HEAD", "/prebuilt") + request("GET", "/hello"))
        head, get = client.read(is_head=True), client.read()
        assert head is not None and head.headers["content-length"] == "500"
        assert get is not None and get.body == b"hello\n"


def test_options_tell_the_methods(echo: Echo) -> None:
    with echo.connect() as client:
        answer = client.ask(request("OPTIONS", "/notes"))
        assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
        assert client.ask(request("OPTIONS", "/hello")).headers["allow"] == "GET, HEAD, OPTIONS"
        assert client.ask(request("OPTIONS", "*")).status == 204
        assert client.ask(request("OPTIONS", "/nothing")).status == 404


def test_what_the_table_does_not_have(echo: Echo) -> None:
    with echo.connect() as client:
        assert client.get("/nothing").problem["type"] == "urn:auth:problem:not-found"
        assert client.get("/healthz").status == 404
        answer = client.ask(request("DELETE", "/hello"))
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
        assert answer.problem["type"] == "urn:auth:problem:method-not-allowed"
        assert client.get("/hello").status == 200


def test_what_only_peers_may(echo: Echo) -> None:
    with echo.connect() as client:
        for target in ("/whoami", "/clerk", "/admin"):
            assert client.get(target).problem["type"] == "urn:auth:problem:denied"


def test_bodies_have_a_limit_and_a_type(echo: Echo) -> None:
    with echo.connect() as client:
        good = request("POST", "/json", "Content-Type: application/json", body=b"{}")
        assert client.ask(good).body == b"{}"
        typed = request("POST", "/json", "Content-Type: Application/JSON; charset=utf-8", body=b"{}")
        assert client.ask(typed).status == 200
    for headers, status in (
        (("Content-Type: text/plain",), 415),
        (("Content-Type: application/jsonx",), 415),
        ((), 415),
        (("Content-Type: application/json", "Content-Encoding: gzip"), 415),
    ):
        with echo.connect() as client:
            answer = client.ask(request("POST", "/json", *headers, body=b"{}"))
            assert answer.status == status and answer.headers["connection"] == "close"
            assert client.is_ended()
    with echo.connect() as client:
        full = request("POST", "/json", "Content-Type: application/json", body=b"x" * 4096)
        assert client.ask(full).status == 200
        more = request("POST", "/json", "Content-Type: application/json", body=b"x" * 4097)
        answer = client.ask(more)
        assert answer.status == 413 and "4096" in str(answer.problem["detail"])
        assert client.is_ended()
    with echo.connect() as client:
        assert client.ask(request("GET", "/hello", body=b"x")).status == 413


def test_what_the_client_accepts(echo: Echo) -> None:
    with echo.connect() as client:
        for accept in ("text/plain", "*/*", "text/*;q=0.1", "a/b, text/plain;q=0.5"):
            assert client.get("/hello", f"Accept: {accept}").status == 200
        for accept in ("text/html", "text/plain;q=0", "textual/*"):
            assert client.get("/hello", f"Accept: {accept}").status == 406


def test_targets_are_decoded_once(echo: Echo) -> None:
    with echo.connect() as client:
        answer = client.get("/segment/%E4%B8%AD%2F%2541?x=1&tag=a+b%26c")
        assert json.loads(answer.body) == {"name": "\u4e2d/%41", "tag": "a+b&c"}
        assert client.get("/segment/%00").problem["type"] == "urn:auth:problem:malformed"
        assert client.get("/segment/%ff").status == 400
        assert client.get("/segment/a?tag=1&tag=2").status == 400
        assert client.get("/segment/a/b").status == 404
        assert client.get("/segment/").status == 404
        assert client.get("/rest/a//b/%2F+=?c").body == b"a//b/%2F+="


def test_problems_are_in_the_client_s_language(installed: Installed, echo: Echo) -> None:
    with echo.connect() as client:
        english = client.get("/conflict").problem
        assert english["detail"] == "note: it is there already; read it first"
        assert english["title"] == "It contradicts what is already there."
        answer = client.get("/conflict", "Accept-Language: zh-CN, en;q=0.5")
        assert answer.headers["content-language"] == "zh"
        # A build of one program alone has no catalogue.
        if (installed.folder / "po").exists():
            assert answer.problem["title"] == "与已有内容相冲突。"
            title = client.get("/nothing", "Accept-Language: zh").problem["title"]
            assert title == "查无此项。"


def test_faults_of_the_machine_are_logged_and_not_told(echo: Echo) -> None:
    with echo.connect() as client:
        answer = client.get("/broken")
        problem = answer.problem
        assert answer.status == 503 and problem["retryable"] is True
        assert b"secret detail" not in answer.body
    instance = str(problem["instance"]).rpartition(":")[2]
    (line,) = [line for line in echo.events("request-failed") if line["request"] == instance]
    assert "secret detail" in str(line["detail"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", ("/echo", "/blocking"))
def test_bodies_come_back(echo: Echo, kind: str, target: str) -> None:
    with echo.connect(kind) as client:
        for size in (0, 1, 4000, 4096, 16384, 20000, 1 << 20):
            body = bytes(i % 251 for i in range(size))
            assert client.ask(request("POST", target, body=body)).body == body


@pytest.mark.parametrize("kind", KINDS)
def test_pipelined_requests_are_answered_in_turn(echo: Echo, kind: str) -> None:
    count = 500
    with echo.connect(kind) as client:
        sent = [request("POST", ("/echo", "/blocking")[i % 2], body=b"%d" % i) for i in range(count)]
        client.send(b"".join(sent))  # no second thread: a TLS session of Python 3.11 is for one at a time
        for i in range(count):
            answer = client.read()
            assert answer is not None and answer.body == b"%d" % i


def test_expect_asks_before_the_body(echo: Echo) -> None:
    def head(target: str, length: int) -> bytes:
        return request("POST", target, "Expect: 100-continue", f"Content-Length: {length}")

    for kind in KINDS:
        with echo.connect(kind) as client:
            answer = client.ask(head("/echo", 5))
            assert answer.status == 100
            assert client.ask(b"hello").body == b"hello"
            # Who does not wait gets no word between.
            assert client.ask(head("/echo", 5) + b"there").body == b"there"
    with echo.connect() as client:
        assert client.ask(head("/echo", 1 << 30)).status == 413
        assert client.is_ended()
    with echo.connect() as client:
        assert client.ask(head("/nothing", 5)).status == 404
        assert client.is_ended()


def test_http_1_0_and_close_end_the_connection(echo: Echo) -> None:
    for octets in (
        b"GET /hello HTTP/1.0\r\n\r\n",
        b"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        request("GET", "/hello", "Connection: x, close"),
    ):
        with echo.connect() as client:
            answer = client.ask(octets)
            assert (answer.status, answer.headers["connection"]) == (200, "close")
            assert client.is_ended()


def test_a_client_that_sent_all_may_close_its_side(echo: Echo) -> None:
    with echo.connect() as client:
        client.send(request("GET", "/slow?ms=200"))
        client.connection.shutdown(1)
        answer = client.read()
        assert answer is not None and answer.body == b"slept\n"


def test_a_handler_that_waits_holds_nobody_up(echo: Echo) -> None:
    with echo.connect() as slow, echo.connect() as quick:
        began = time.monotonic()
        slow.send(request("GET", "/slow?ms=1000"))
        for _ in range(20):
            assert quick.get("/hello").status == 200
        assert time.monotonic() - began < 1.0
        answer = slow.read()
        assert answer is not None and answer.body == b"slept\n"


def test_a_handler_that_takes_too_long(echo: Echo) -> None:
    with echo.connect() as client:
        answer = client.get("/slow?ms=3000")
        assert answer.status == 503 and answer.headers["connection"] == "close"
        assert client.is_ended()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", ("/notes", "/blocking-notes"))
def test_a_long_poll_is_woken(echo: Echo, kind: str, target: str) -> None:
    with echo.connect(kind) as waiting, echo.connect() as other:
        known = int(waiting.get(f"{target}?after=0").body) if echo.metric("echo_notes_total") else 0
        waiting.send(request("GET", f"{target}?after={known}"))
        assert wait_for(lambda: echo.metric("daemon_requests_waiting") > 0)
        began = time.monotonic()
        assert other.ask(request("POST", "/notes")).status == 201
        answer = waiting.read()
        assert answer is not None and int(answer.body) == known + 1
        assert time.monotonic() - began < 1.0
        assert echo.metric("daemon_requests_waiting") == 0


def test_no_event_of_a_long_poll_is_missed(echo: Echo) -> None:
    """A hundred notes one after another, each told to who asks for what comes after the last."""
    with echo.connect() as waiting, echo.connect() as other:
        other.ask(request("POST", "/notes"))
        known = int(waiting.get("/notes?after=0").body)
        for _ in range(100):
            waiting.send(request("GET", f"/blocking-notes?after={known}"))
            other.ask(request("POST", "/notes"))
            answer = waiting.read()
            assert answer is not None and int(answer.body) == known + 1
            known += 1


def test_a_long_poll_ends_without_an_event(echo: Echo) -> None:
    with echo.connect() as client:
        began = time.monotonic()
        assert client.get("/notes?after=1000000").status == 200
        assert 2.9 < time.monotonic() - began < 10
        assert client.get("/hello").status == 200


def test_a_client_that_left_does_not_wait(echo: Echo) -> None:
    with echo.connect() as client:
        client.send(request("GET", "/notes?after=1000000"))
        assert wait_for(lambda: echo.metric("daemon_requests_waiting") > 0)
    began = time.monotonic()
    while echo.metric("daemon_requests_waiting") > 0:
        assert time.monotonic() - began < 2.0


def test_the_admin_socket(echo: Echo) -> None:
    with echo.connect("admin") as client:
        assert client.get("/healthz").body == b"alive\n"
        assert client.get("/readyz").body == b"ready\n"
        assert client.get("/hello").status == 404
        answer = client.get("/metrics")
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert b"\ndaemon_request_seconds_count " in answer.body
    assert (echo.folder / "admin").stat().st_mode & 0o777 == 0o600
