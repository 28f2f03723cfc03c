# SPDX-License-Identifier: Apache-2.0
"""A client of the daemons that sends what it is told, right or wrong."""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

# For machines that are busy with other things: what is waited for comes, or the test has failed.
PATIENCE_S = 30.0


def wait_for(what: Callable[[], object], seconds: float = PATIENCE_S) -> object:
    """Waits until something is so, and tells what it was."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.01)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, object]:
        assert self.headers["content-type"] == "application/problem+json"
        document = json.loads(self.body)
        assert document["status"] == self.status
        assert re.fullmatch(r"urn:auth:request:[a-p]{24}", document["instance"])
        assert isinstance(document, dict)
        return document


class Client:
    """A connection that sends what it is told, right or wrong, and reads answers."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.connection.settimeout(PATIENCE_S)
        self.buffer = b""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def send(self, octets: bytes) -> None:
        self.connection.sendall(octets)

    def fill(self) -> bool:
        """Reads some more; false at the end."""
        try:
            got = self.connection.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLError):
            got = b""
        self.buffer += got
        return bool(got)

    def read(self, is_head: bool = False) -> Answer | None:
        """Reads one answer; None when the connection ends instead."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.fill():
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("ascii").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            assert name.lower() not in headers, f"{name} stands twice"
            headers[name.lower()] = value
        status = int(lines[0].split(" ")[1])
        assert lines[0].startswith(f"HTTP/1.1 {status} ")
        length = 0 if is_head else int(headers.get("content-length", "0"))
        while len(self.buffer) < length:
            if not self.fill():
                return None
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(status, headers, body)

    def ask(self, octets: bytes) -> Answer:
        self.send(octets)
        answer = self.read()
        assert answer is not None, "the connection ended without an answer"
        return answer

    def get(self, target: str, *headers: str) -> Answer:
        return self.ask(request("GET", target, *headers))

    def is_ended(self) -> bool:
        """Waits for the end; false when something comes instead."""
        return not self.buffer and not self.fill()


def request(method: str, target: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: here", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
