# SPDX-License-Identifier: Apache-2.0
"""Does auth-ra refuse what is not quite HTTP, and do honest officers notice nothing of it?"""

from __future__ import annotations

import ssl
import socket
from pathlib import Path

import pytest

from hostile_http import MALFORMED, check_malformed, check_malformed_later, check_slow
from http_client import Client
from officers import PATIENCE_S, Realm, document, enrol, new_key


def connect(realm: Realm) -> Client:
    officer = realm.officers["clerk"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(*officer.files)
    plain = socket.create_connection(("127.0.0.1", realm.ports["ra"]), timeout=PATIENCE_S)
    return Client(context.wrap_socket(plain))


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests_end_their_connection(realm: Realm, name: str) -> None:
    check_malformed(lambda: connect(realm), name)
    check_malformed_later(lambda: connect(realm), name)


def test_slow_clients_are_ended(realm: Realm) -> None:
    check_slow(lambda: connect(realm), 8, PATIENCE_S)


BODIES = {
    "nothing": b"",
    "a number": b"1e400",
    "deep": b"[" * 200000,
    "deep objects": b'{"a":' * 100000,
    "a member twice": b'{"payload":"e30","payload":"e30","signatures":[]}',
    "NUL": b'{"payload":"\\u0000","signatures":[]}',
    "a lone surrogate": b'{"payload":"\\ud800","signatures":[]}',
    "no UTF-8": b'{"payload":"\xff","signatures":[]}',
    "no signatures": b'{"payload":"e30","signatures":[]}',
    "many signatures": b'{"payload":"e30","signatures":[' + b"{}," * 5000 + b"{}]}",
    "compact": b"e30.e30.AAAA",
    "a byte order mark": b'\xef\xbb\xbf{"payload":"e30","signatures":[]}',
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_document(realm: Realm, name: str) -> None:
    answer = realm.ask("clerk", "POST", "/requests", BODIES[name])
    assert answer.status == 422 and answer.problem["reason"] == "document"


def test_a_body_of_another_kind_or_too_large(realm: Realm) -> None:
    body = document(enrol(realm.person(), new_key()), realm.officers["clerk"])
    assert realm.ask("clerk", "POST", "/requests", body, kind="text/plain").status == 415
    assert realm.ask("clerk", "POST", "/requests", body, Content_Encoding="gzip").status == 415
    with connect(realm) as client:
        head = b"POST /requests HTTP/1.1\r\nHost: here\r\nContent-Type: application/jose+json\r\n"
        answer = client.ask(head + b"Content-Length: 1073741824\r\n\r\n")
        assert answer.status == 413 and client.is_ended()


TARGETS = (
    "/requests/%00",
    "/requests/..%2f..%2fetc%2fpasswd",
    "/requests/01a215a7-d4a2-74ff-845f-ddd1f8b6bb1X",
    "/requests/%27%20OR%201%3D1",
    "/certificates/zz",
    "/certificates/" + "ab" * 21,
    "/certificates/0",
    "/offices/..",
    "/officers/%E5%BC%A0",
)


@pytest.mark.parametrize("target", TARGETS)
def test_a_part_of_a_path_that_is_none(realm: Realm, target: str) -> None:
    answer = realm.ask("clerk", "GET", target)
    assert answer.status in (400, 404) and answer.problem["title"]


def test_it_still_works(realm: Realm) -> None:
    assert Path(f"/proc/{realm.process()}").exists()
    _, found = realm.enrol("clerk", "approver")
    assert found["state"] == "done"
    realm.fsck()
