# SPDX-License-Identifier: Apache-2.0
"""Is a server that has the realm's certificate and yet lies, floods or breaks off kept from doing harm, and is a line
that breaks no hindrance?"""

from __future__ import annotations

import http.client
import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import FAULT, NO, YES, Auth
from offices import Office, running

ROW = {
    "id": "019a8f0e-4c7a-7c1e-9d52-6b1f0c9a3e77", "kind": "enrol", "office": "centre", "state": "submitted", "items": 1,
    "revision": 1, "created": "2026-01-31T00:00:00Z", "expires": "2026-02-01T00:00:00Z",
    "submitted": "2026-01-31T00:00:00Z", "decided": None, "reason": None, "detail": None,
}  # fmt: skip
PAGE = {"requests": [ROW], "next": None}


@pytest.fixture(scope="module")
def office(auth: Auth) -> Iterator[Office]:
    with running(auth) as made:
        made.appoint("wang", "clerk")
        made.appoint("zhao", "approver")
        yield made


class Answer:
    """What the stand-in says to a question: a status, a type and a body; None: it breaks off."""

    def __init__(self, body: bytes | str | object = b"", status: int = 200, kind: str = "application/json") -> None:
        if isinstance(body, str):
            body = body.encode()
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.kind = kind


@contextmanager
def stand_in(office: Office, answers: list[Answer | None], realm: bytes = b"") -> Iterator[tuple[str, list[str]]]:
    """Serves the answers in their order, the last one for good; /realm is answered with what is given."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if self.path == "/realm":
                answer: Answer | None = Answer(realm)
            else:
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Location", "https://localhost:1/elsewhere")
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = handle_one

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Who asked may break off; that is what some tests are about."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(office.realm / "tls/ra.cer", office.realm / "keys/ra.pem")
    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask_the_real_one(office: Office, path: str) -> bytes:
    context = ssl.create_default_context()
    pem = ssl.DER_cert_to_PEM_cert((office.realm / "authorities/root.cer").read_bytes())
    context.load_verify_locations(cadata=pem)
    cert = office.place / "zhao-cert.pem"
    cert.write_text(ssl.DER_cert_to_PEM_cert((office.place / "zhao.cer").read_bytes()), encoding="ascii")
    context.load_cert_chain(cert, office.place / "zhao.pem")
    connection = http.client.HTTPSConnection("localhost", int(office.server.rpartition(":")[2]), context=context)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return body


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(b" " * (17 << 20)), "the answer of https://localhost"),
        (Answer("<html>"), "is no JSON"),
        (Answer('{"requests":[],"requests":[]}'), "is no JSON"),
        (Answer("{}" * 2), "is no JSON"),
        (Answer(b"\xff"), "is no JSON"),
        (Answer("", 302), "HTTP status 302"),
        (Answer("", 500), "HTTP status 500"),
        (Answer({"title": "No.", "detail": "because \x1b[2J so"}, 403, "application/problem+json"), "because ?[2J so"),
        (Answer({"title": "No."}, 403, "application/problem+json"), "No."),
        (Answer({"detail": "it is old", "reason": "expired"}, 422), "expired: it is old"),
    ],
)
def test_what_is_no_answer(office: Office, answer: Answer, told: str) -> None:
    with stand_in(office, [answer]) as (server, asked):
        got = office("zhang", "request", "list", "--server", server)
    assert got.exit_code in (NO, FAULT) and told in got.error, got.error
    assert "\x1b" not in got.error and got.out == b""
    assert asked == ["GET /requests?limit=100"]


def test_texts_of_a_server_do_not_reach_the_terminal_raw(office: Office) -> None:
    row = {**ROW, "reason": "a\x1b]0;b\x07c\u202ed\r"}
    with stand_in(office, [Answer({"requests": [row], "next": None})]) as (server, _):
        got = office("zhang", "request", "list", "--server", server)
    assert got.exit_code == YES
    assert "a?]0;b?c?d?" in got.text and not any(c in got.text for c in "\x1b\x07\u202e\r")


def test_a_list_that_never_ends_is_ended(office: Office) -> None:
    """A server that gives the same page again and again."""
    page = Answer({"requests": [ROW], "next": ROW["id"]})
    with stand_in(office, [page]) as (server, asked):
        got = office("zhang", "request", "list", "--all", "--server", server, "--json")
    assert got.exit_code == YES and len(got.objects) == 2 and len(asked) == 2


@pytest.mark.parametrize("fault", [None, Answer({"title": "Busy."}, 503, "application/problem+json")])
def test_what_is_safe_to_repeat_is_repeated(office: Office, fault: Answer | None) -> None:
    with stand_in(office, [fault, fault, Answer(PAGE)]) as (server, asked):
        got = office("zhang", "request", "list", "--server", server, "--json")
    assert got.exit_code == YES and got.objects == [ROW]
    assert len(asked) == 3
    with stand_in(office, [fault]) as (server, asked):
        got = office("zhang", "request", "list", "--server", server)
    assert got.exit_code == FAULT and len(asked) == 4


def test_another_document_is_not_signed(office: Office) -> None:
    """The approver asked for one request; a server that gives her another to sign is found out."""
    realm = ask_the_real_one(office, "/realm")
    asked = [
        office.enrol("wang", "--number-file", office.number(), "--key-out", office.place / f"other-{i}.pem")["id"]
        for i in range(2)
    ]
    paths = [office.place / f"document-{i}" for i in range(2)]
    for id, path in zip(asked, paths):
        assert office("zhao", "request", "show", "--document", path, id).exit_code == YES
        assert path.stat().st_mode & 0o077 == 0
    documents = [path.read_bytes() for path in paths]
    with stand_in(office, [Answer(documents[1], kind="application/jose+json")], realm) as (server, questions):
        got = office("zhao", "request", "approve", "--yes", "--server", server, asked[0])
    assert got.exit_code == NO and "another document" in got.error
    assert questions == ["GET /realm", f"GET /requests/{asked[0]}/document"]
    # Of another realm, or what is no document at all.
    renamed = realm.replace(b'"realm":"shaanxi"', b'"realm":"elsewhere"')
    assert renamed != realm
    for body, facts in ((documents[0], renamed), (b"{}", realm), (documents[0][:-20], realm)):
        with stand_in(office, [Answer(body, kind="application/jose+json")], facts) as (server, questions):
            got = office("zhao", "request", "approve", "--yes", "--server", server, "--realm", "shaanxi", asked[0])
        assert got.exit_code == NO, got.error
        assert not any(question.startswith("POST") for question in questions)


def test_a_daemon_that_keeps_says_so(office: Office) -> None:
    """What auth-lra answers while its registry is away."""
    realm = ask_the_real_one(office, "/realm")
    kept = {**{name: ROW[name] for name in ("id", "kind", "office", "revision")}, "state": "kept", "known": False,
            "needs": [], "kept": True, "text": "kept here, not yet delivered"}  # fmt: skip
    with stand_in(office, [Answer(kept, 202)], realm) as (server, asked):
        got = office(
            "wang", "enrol", "--name", "Li", "--evidence", office.record(), "--number-file", office.number(),
            "--key-out", office.place / "kept.pem", "--server", server,
        )  # fmt: skip
    assert got.exit_code == YES and "kept here, not yet delivered" in got.text, got.error
    assert asked == ["GET /realm", "POST /requests"]
    assert Path(office.place / "kept.pem").exists()
