# SPDX-License-Identifier: Apache-2.0
"""Is content that has a version sent when it must be and not again when it is there, in parts as they are asked for; and
does a request that another thread answers get its answer, whatever happens meanwhile?"""

from __future__ import annotations

import contextlib
import signal
import threading

import pytest

from conftest import Answer, Echo, Installed, request, wait_for

ETAG = '"first"'
MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"
KEPT = "max-age=100, public, no-transform, must-revalidate"


def get(echo: Echo, *headers: str, method: str = "GET") -> Answer:
    with echo.connect() as client:
        return client.ask(request(method, "/document", *headers))


def test_the_whole(echo: Echo) -> None:
    answer = get(echo)
    assert (answer.status, answer.body) == (200, b"0123456789")
    assert answer.headers["etag"] == ETAG and answer.headers["last-modified"] == MODIFIED
    assert answer.headers["cache-control"] == KEPT


@pytest.mark.parametrize(
    "header",
    [
        f"If-None-Match: {ETAG}", 'If-None-Match: W/"first"', f'If-None-Match: "other", {ETAG}', "If-None-Match: *",
        f"If-Modified-Since: {MODIFIED}",
    ],
)
def test_what_is_there_is_not_sent_again(echo: Echo, header: str) -> None:
    answer = get(echo, header)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["etag"] == ETAG and answer.headers["cache-control"] == KEPT
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        ('If-None-Match: "other"',), ("If-None-Match: first",), ("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT",),
        ("If-Modified-Since: yesterday",), ('If-None-Match: "other"', f"If-Modified-Since: {MODIFIED}"),
    ],
)
def test_what_is_not_there_is_sent(echo: Echo, headers: tuple[str, ...]) -> None:
    assert get(echo, *headers).body == b"0123456789"


@pytest.mark.parametrize(
    ("asked", "body", "told"),
    [
        ("0-3", b"0123", "bytes 0-3/10"), ("4-", b"456789", "bytes 4-9/10"), ("-3", b"789", "bytes 7-9/10"),
        ("9-99", b"9", "bytes 9-9/10"), ("-99", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_a_part(echo: Echo, asked: str, body: bytes, told: str) -> None:
    answer = get(echo, f"Range: bytes={asked}")
    assert (answer.status, answer.body, answer.headers["content-range"]) == (206, body, told)
    assert answer.headers["etag"] == ETAG and answer.headers["content-type"] == "text/plain"


@pytest.mark.parametrize("asked", ["10-", "10-11", "-0", "99999999999999-"])
def test_a_part_that_is_not_there(echo: Echo, asked: str) -> None:
    answer = get(echo, f"Range: bytes={asked}")
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */10")


@pytest.mark.parametrize("asked", ["bytes=3-2", "bytes=-", "bytes=a-b", "bytes=0-1,4-5", "lines=1-2", "bytes=1", "bytes="])
def test_a_range_that_is_none_is_passed_over(echo: Echo, asked: str) -> None:
    assert (get(echo, f"Range: {asked}").status, get(echo, f"Range: {asked}").body) == (200, b"0123456789")


def test_a_part_of_another_version_is_the_whole(echo: Echo) -> None:
    assert get(echo, "Range: bytes=0-3", f"If-Range: {ETAG}").body == b"0123"
    assert get(echo, "Range: bytes=0-3", f"If-Range: {MODIFIED}").body == b"0123"
    assert get(echo, "Range: bytes=0-3", 'If-Range: "other"').body == b"0123456789"
    assert get(echo, "Range: bytes=0-3", f"If-None-Match: {ETAG}").status == 304


def test_head_has_no_range(echo: Echo) -> None:
    with echo.connect() as client:
        client.send(request("HEAD", "/document", "Range: bytes=0-3") + request("GET", "/hello"))
        head = client.read(is_head=True)
        assert head is not None and (head.status, head.headers["content-length"]) == (200, "10")
        hello = client.read()
        assert hello is not None and hello.body == b"hello\n"


def release(echo: Echo) -> int:
    with echo.connect() as client:
        return int(client.ask(request("POST", "/release", "Content-Length: 0")).body)


def release_all(echo: Echo, wanted: int) -> None:
    released = 0

    def are_released() -> bool:
        nonlocal released
        released += release(echo)
        return released == wanted

    wait_for(are_released)


def test_parked_requests_are_answered(echo: Echo) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(echo.connect()) for _ in range(7)]
        for client in clients:
            client.send(request("GET", "/parked") + request("GET", "/hello"))
        release_all(echo, len(clients))
        for client in clients:
            parked, behind = client.read(), client.read()
            assert parked is not None and parked.body == b"released\n"
            assert behind is not None and behind.body == b"hello\n"


def test_a_parked_request_whose_client_is_gone_hurts_nobody(echo: Echo) -> None:
    before = echo.metric("daemon_connections")
    for _ in range(20):
        with echo.connect() as client:
            client.send(request("GET", "/parked"))
    release_all(echo, 20)
    wait_for(lambda: echo.metric("daemon_connections") <= before + 1)


def test_a_parked_request_gets_an_answer_in_time(installed: Installed) -> None:
    with installed.start("--request-timeout=300ms") as echo:
        with echo.connect() as client:
            assert client.get("/parked").status == 503
        # It comes back to a connection that has its answer.
        assert release(echo) == 1
        assert echo.is_running()


def test_parked_requests_are_answered_at_the_end(installed: Installed) -> None:
    with installed.start() as echo, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(echo.connect()) for _ in range(3)]
        for client in clients:
            client.send(request("GET", "/parked"))
        answers: list[Answer | None] = []
        threads = [threading.Thread(target=lambda c=client: answers.append(c.read())) for client in clients]
        for thread in threads:
            thread.start()
        echo.signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        # One that is read after the daemon has begun to end may find nobody who would answer it later.
        assert len(answers) == 3 and all(answer is not None and answer.status in (200, 503) for answer in answers)
        assert echo.end() == 0
