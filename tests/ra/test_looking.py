# SPDX-License-Identifier: Apache-2.0
"""Are requests and certificates found by what people know of them, and the offices, officers and counts of a realm told, each
to those who may see them?"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from officers import (
    JSON,
    Answer,
    Officer,
    Realm,
    Signer,
    base64url,
    document,
    enrol,
    evidence,
    id_of,
    new_key,
    now_text,
    passport,
    payload_of,
)


def search(realm: Realm, what: str, who: str = "clerk", **asked: Any) -> Answer:
    return realm.ask(who, "POST", f"/{what}/search", json.dumps(asked).encode(), kind=JSON)


@pytest.fixture(scope="module")
def citizen(realm: Realm) -> Iterator[tuple[Signer, int, str]]:
    """Enrolled, with a name that nobody else has."""
    holder, found = realm.enrol("clerk", "approver", "诸葛 亮")
    yield holder, realm.persons, found["id"]


def person_of(number: int) -> dict[str, str]:
    return {"type": "passport", "number": passport(number)["number"]}


def test_requests_by_person(realm: Realm, citizen: tuple[Signer, int, str]) -> None:
    _, number, name = citizen
    found = search(realm, "requests", person=person_of(number))
    assert found.status == 200
    assert [row["id"] for row in found.json["requests"]] == [name] and found.json["next"] is None
    assert search(realm, "requests", person=person_of(8888888)).json == {"requests": [], "next": None}
    later = search(realm, "requests", person=person_of(number), **{"from": now_text(3600)})
    assert later.json["requests"] == []


def test_requests_by_name(realm: Realm, citizen: tuple[Signer, int, str]) -> None:
    found = search(realm, "requests", name="诸葛")
    assert [row["id"] for row in found.json["requests"]] == [citizen[2]]
    assert search(realm, "requests", name="司马").json["requests"] == []


def test_requests_by_serial(realm: Realm, citizen: tuple[Signer, int, str]) -> None:
    holder, _, name = citizen
    item = {"serial": holder.serial, "reason": "superseded"}
    payload = payload_of("revoke", [item])
    sent = realm.ask("auditor", "POST", "/requests", document(payload, realm.officers["clerk"]))
    assert sent.status == 403
    holder_2, found_2 = realm.enrol("clerk", "approver")
    revocation = payload_of("revoke", [{"serial": holder_2.serial, "reason": "superseded"}])
    assert realm.obey(revocation, realm.officers["clerk"], who="clerk")["state"] == "done"
    found = search(realm, "requests", serial=holder_2.serial)
    assert [row["id"] for row in found.json["requests"]] == [found_2["id"], id_of(revocation)]
    shown = realm.ask("clerk", "GET", f"/certificates/{holder_2.serial}/status").json
    assert shown["status"] == "revoked" and shown["reason"] == "superseded"
    assert [row["id"] for row in search(realm, "requests", serial=holder.serial).json["requests"]] == [name]


def test_certificates_by_person_officer_and_request(realm: Realm, citizen: tuple[Signer, int, str]) -> None:
    holder, number, name = citizen
    expected = {"serial": holder.serial, "profile": "citizen-signing", "office": "centre", "status": "good"}
    by_person = search(realm, "certificates", person=person_of(number)).json
    by_request = search(realm, "certificates", request=name).json
    assert by_person == by_request and by_person["next"] is None
    assert {key: by_person["certificates"][0][key] for key in expected} == expected
    by_officer = search(realm, "certificates", officer="clerk").json["certificates"]
    assert [row["serial"] for row in by_officer] == [realm.officers["clerk"].serial]
    assert search(realm, "certificates", person=person_of(8888888)).json["certificates"] == []


@pytest.mark.parametrize(
    "what, body, path",
    [
        ("requests", b"{}", "$"),
        ("requests", b"[]", "search"),
        ("requests", b"{", "search"),
        ("requests", b'{"name":"a","name":"b"}', "search"),
        ("requests", b'{"name":""}', "$.name"),
        ("requests", b'{"name":7}', "$.name"),
        ("requests", b'{"name":"' + b"x" * 65 + b'"}', "$.name"),
        ("requests", b'{"name":"a","serial":"01"}', "$"),
        ("requests", b'{"officer":"clerk"}', "$.officer"),
        ("requests", b'{"serial":"XY"}', "$.serial"),
        ("requests", b'{"name":"a","limit":0}', "$.limit"),
        ("requests", b'{"name":"a","after":"x"}', "$.after"),
        ("requests", b'{"name":"a","from":"x"}', "$.from"),
        ("requests", b'{"name":"a","more":1}', "$"),
        ("requests", b'{"person":{"type":"passport"}}', "$.person.number"),
        ("requests", b'{"person":{"type":"wizard","number":"ZZ0000001"}}', "$.person.type"),
        ("requests", b'{"person":{"type":"citizen","number":"110105194912310020"}}', "person number"),
        ("requests", b'{"name":' * 30000, "search"),
        ("certificates", b'{"name":"a"}', "$.name"),
        ("certificates", b'{"request":"1"}', "$.request"),
    ],
)
def test_a_search_that_cannot_be(realm: Realm, what: str, body: bytes, path: str) -> None:
    answer = realm.ask("clerk", "POST", f"/{what}/search", body, kind=JSON)
    assert answer.status in (400, 413, 422)
    if answer.status != 413:
        assert answer.problem["detail"].startswith(path + ":"), answer.body
    assert b"110105194912310020" not in answer.body


def test_a_search_goes_through_pages(realm: Realm) -> None:
    key = new_key()
    for _ in range(3):
        payload = enrol(realm.person(), new_key(), "Page Turner")
        assert realm.ask("clerk", "POST", "/requests", document(payload, realm.officers["clerk"])).status == 201
    assert key
    first = search(realm, "requests", name="Page Turner", limit=2).json
    assert len(first["requests"]) == 2 and first["next"]
    second = search(realm, "requests", name="Page Turner", limit=2, after=first["next"]).json
    assert len(second["requests"]) == 1 and second["next"] is None


def test_offices_and_officers(realm: Realm) -> None:
    realm.open_office("xian")
    offices = realm.ask("clerk", "GET", "/offices").json
    assert [row["id"] for row in offices["offices"]] == ["centre", "xian"] and offices["next"] is None
    assert realm.ask("clerk", "GET", "/offices?limit=1").json["next"] == "centre"
    assert [row["id"] for row in realm.ask("clerk", "GET", "/offices?limit=1&after=centre").json["offices"]] == ["xian"]
    xian = realm.ask("clerk", "GET", "/offices/xian").json
    assert xian["parent"] == "centre" and xian["path"] == "/centre/xian/" and xian["closed"] is None
    assert realm.ask("clerk", "GET", "/offices/nowhere").status == 404
    realm.appoint("xian-clerk", "clerk", "xian")
    officers = realm.ask("zhang", "GET", "/officers?office=xian").json["officers"]
    assert [(row["id"], row["role"], row["name"]) for row in officers] == [("xian-clerk", "clerk", "xian-clerk")]
    names = [row["id"] for row in realm.ask("zhang", "GET", "/officers").json["officers"]]
    assert names == ["approver", "auditor", "clerk", "li", "zhang"]
    assert realm.ask("zhang", "GET", "/officers/li").json["name"] == "Li Si"
    # An officer of the city sees the city.
    assert [row["id"] for row in realm.ask("xian-clerk", "GET", "/offices").json["offices"]] == ["xian"]
    for target in ("/offices/centre", "/officers/zhang", "/officers?office=centre", "/requests?office=centre"):
        assert realm.ask("xian-clerk", "GET", target).status == 404, target


def test_statistics(realm: Realm, citizen: tuple[Signer, int, str]) -> None:
    before = realm.ask("auditor", "GET", "/statistics").json
    realm.enrol("clerk", "approver")
    payload = enrol(realm.person(), new_key())
    assert realm.ask("clerk", "POST", "/requests", document(payload, realm.officers["clerk"])).status == 201
    after = realm.ask("auditor", "GET", "/statistics").json

    def count(of: dict[str, Any], kind: str, state: str) -> int:
        return sum(row["count"] for row in of["requests"] if (row["kind"], row["state"]) == (kind, state))

    assert count(after, "enrol", "done") == count(before, "enrol", "done") + 1
    assert count(after, "enrol", "submitted") == count(before, "enrol", "submitted") + 1
    assert after["certificates"]["issued"] == before["certificates"]["issued"] + 1
    assert after["oldest_waiting"] is not None
    assert realm.ask("auditor", "GET", f"/statistics?from={now_text(60)}").json["requests"] == []
    assert realm.ask("clerk", "GET", "/statistics?office=nowhere").status == 404


def many(realm: Realm, count: int, last: str) -> str:
    """A document about many, of whom the last has a name of her own."""
    items = []
    for i in range(count):
        number = realm.person()
        codes = hashlib.sha256(f"auth-activation\0counter-{number}\0letter-{number}".encode()).digest()
        person = passport(number, last if i == count - 1 else "Wang Wu")
        items.append({"person": person, "activation": base64url(codes), "evidence": evidence()})
    payload = payload_of("enrol", items, "citizen-signing")
    sent = realm.ask("clerk", "POST", "/requests", document(payload, realm.officers["clerk"]))
    assert sent.status == 201, sent.body
    return id_of(payload)


def test_a_name_is_found_in_large_documents_and_small_ones(realm: Realm) -> None:
    made = [many(realm, count, "Last Of Many") for count in (150, 1, 150, 201, 1, 1)]
    assert [row["id"] for row in search(realm, "requests", name="Last Of Many").json["requests"]] == made
    found, after = [], {}
    while True:
        page = search(realm, "requests", name="Last Of Many", limit=1, **after).json
        found += [row["id"] for row in page["requests"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == made


def test_few_search_by_name_at_the_same_time(realm: Realm) -> None:
    made = [many(realm, 1000, "Sought By All") for _ in range(4)]
    clerk = realm.officers["clerk"]
    searchers = [Officer(clerk.key, clerk.certificate, realm.folder, "clerk") for _ in range(8)]
    body = json.dumps({"name": "Sought By All"}).encode()
    answers: list[Answer] = []

    def sweep(who: Officer) -> None:
        answers.append(who.ask(realm.ports["ra"], "POST", "/requests/search", body, kind=JSON))

    for _ in range(20):
        threads = [threading.Thread(target=sweep, args=(who,)) for who in searchers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if any(answer.status == 503 for answer in answers):
            break
    for who in searchers:
        who.close()
    assert {answer.status for answer in answers} == {200, 503}
    for answer in answers:
        if answer.status == 503:
            assert "at work" in answer.problem["detail"]
        else:
            assert [row["id"] for row in answer.json["requests"]] == made
    # And after them, as before.
    assert [row["id"] for row in search(realm, "requests", name="Sought By All").json["requests"]] == made
