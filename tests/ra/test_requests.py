# SPDX-License-Identifier: Apache-2.0
"""Does a document come in, gather its signatures and become a certificate, and is whatever is wrong with it refused by
name, with an entry in the ledger and nothing changed?"""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from officers import (
    Answer,
    Officer,
    Realm,
    Signer,
    base64url,
    document,
    enrol,
    enrolment,
    id_of,
    new_id,
    new_key,
    now_text,
    payload_of,
)


def submit(realm: Realm, who: str, payload: bytes, *signers: str) -> Answer:
    return realm.ask(who, "POST", "/requests", document(payload, *(realm.officers[name] for name in signers)))


def sign(realm: Realm, who: str, payload: bytes, *signers: str) -> Answer:
    body = document(payload, *(realm.officers[name] for name in signers))
    return realm.ask(who, "POST", f"/requests/{id_of(payload)}/signatures", body)


def denials(realm: Realm) -> list[str]:
    """The entries of refused documents in the ledger."""
    return realm.entries("denied")


def new_enrolment(at: Realm, **changes: Any) -> bytes:
    return enrol(at.person(), new_key(), **changes)


def test_from_a_clerk_to_a_certificate(realm: Realm) -> None:
    payload = new_enrolment(realm)
    sent = submit(realm, "clerk", payload, "clerk")
    assert sent.status == 201
    assert sent.json == {
        "id": id_of(payload),
        "kind": "enrol",
        "office": "centre",
        "state": "submitted",
        "revision": 1,
        "known": False,
        "needs": [{"roles": ["approver"], "count": 1, "scope": "subtree"}],
        "kept": False,
    }
    again = submit(realm, "clerk", payload, "clerk")
    assert again.status == 200 and again.json == {**sent.json, "known": True}
    stored = realm.ask("approver", "GET", f"/requests/{id_of(payload)}/document")
    assert stored.headers["content-type"] == "application/jose+json"
    assert json.loads(stored.body)["payload"] == base64url(payload)
    signed = sign(realm, "approver", payload, "approver")
    assert signed.status == 200
    assert (signed.json["state"], signed.json["revision"], signed.json["needs"]) == ("approved", 2, [])
    found = realm.outcome("clerk", id_of(payload))
    item = found["items"][0]
    assert found["state"] == "done" and item["status"] == "ok"
    shown = realm.ask("clerk", "GET", f"/certificates/{item['certificate']}/status").json
    assert shown["status"] == "good" and shown["request"] == id_of(payload)
    chain = realm.ask("clerk", "GET", f"/certificates/{item['certificate']}", Accept="application/pem-certificate-chain")
    assert chain.body.count(b"-----BEGIN CERTIFICATE-----") == 3
    once_more = submit(realm, "clerk", payload, "clerk")
    assert once_more.status == 200 and once_more.json["state"] == "done"
    realm.fsck()


def test_a_request_as_it_is_shown(realm: Realm) -> None:
    number = realm.person()
    payload = enrol(number, new_key(), "欧阳 修")
    assert submit(realm, "clerk", payload, "clerk").status == 201
    answer = realm.ask("auditor", "GET", f"/requests/{id_of(payload)}")
    assert answer.status == 200 and answer.body.count(b'"items"') == 1
    assert f"ZZ{number:07}".encode() not in answer.body
    shown = answer.json
    assert shown["persons"] == [{"item": 0, "type": "passport", "number": f"ZZ*****{number % 100:02}", "name": "欧阳 修"}]
    assert [each["officer"] for each in shown["signatures"]] == ["clerk"]
    assert shown["signatures"][0]["serial"] == realm.officers["clerk"].serial
    assert shown["items"] == [
        {"item": 0, "serial": None, "status": None, "reason": None, "detail": None, "certificate": None, "at": None}
    ]
    assert shown["needs"] == [{"roles": ["approver"], "count": 1, "scope": "subtree"}]
    assert realm.ask("auditor", "GET", f"/requests/{id_of(payload)}/document").status == 403


def test_an_outcome_is_waited_for(realm: Realm) -> None:
    payload = new_enrolment(realm)
    assert submit(realm, "clerk", payload, "clerk").status == 201
    waiting = Officer(realm.officers["clerk"].key, realm.officers["clerk"].certificate, realm.folder, "clerk")
    answers: list[tuple[Answer, float]] = []

    def wait() -> None:
        answer = waiting.ask(realm.ports["ra"], "GET", f"/requests/{id_of(payload)}/outcome?wait=30")
        answers.append((answer, time.monotonic()))

    thread = threading.Thread(target=wait)
    thread.start()
    began = time.monotonic()
    assert sign(realm, "approver", payload, "approver").status == 200
    thread.join()
    waiting.close()
    answer, ended = answers[0]
    # Not by the poll's end: it came when there was something to tell.
    assert answer.json["state"] == "done" and ended - began < 25
    at_once = realm.ask("clerk", "GET", f"/requests/{id_of(payload)}/outcome")
    assert at_once.json["state"] == "done"


def test_the_present_state_is_told_when_the_time_is_over(realm: Realm) -> None:
    payload = new_enrolment(realm)
    assert submit(realm, "clerk", payload, "clerk").status == 201
    answer = realm.ask("clerk", "GET", f"/requests/{id_of(payload)}/outcome?wait=1")
    assert answer.status == 200 and answer.json["state"] == "submitted"
    assert realm.ask("clerk", "GET", f"/requests/{id_of(payload)}/outcome?wait=31").status == 422
    assert realm.ask("clerk", "GET", f"/requests/{new_id()}/outcome?wait=1").status == 404


def test_a_batch_has_an_outcome_for_each(realm: Realm) -> None:
    items = [enrolment(realm.person(), new_key()) for _ in range(40)]
    payload = payload_of("enrol", items, "citizen-authentication")
    found = realm.obey(payload, realm.officers["clerk"], realm.officers["approver"])
    assert [each["status"] for each in found["items"]] == ["ok"] * 40
    assert len({each["certificate"] for each in found["items"]}) == 40


def test_many_at_once_come_in_once_each(realm: Realm) -> None:
    payloads = [new_enrolment(realm) for _ in range(48)]
    bodies = [document(each, realm.officers["clerk"]) for each in payloads]
    statuses: list[tuple[int, int]] = []

    def send(which: int) -> None:
        clerk = realm.officers["clerk"]
        own = Officer(clerk.key, clerk.certificate, realm.folder, "clerk")
        for place in range(len(bodies)):
            index = (place * 7 + which * 11) % len(bodies)
            answer = own.ask(realm.ports["ra"], "POST", "/requests", bodies[index])
            statuses.append((index, answer.status))
        own.close()

    threads = [threading.Thread(target=send, args=(which,)) for which in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(len(bodies)):
        found = sorted(status for place, status in statuses if place == index)
        assert found == [200] * 5 + [201]
    realm.fsck()


def test_requests_are_listed_in_pages(realm: Realm) -> None:
    for _ in range(5):
        assert submit(realm, "clerk", new_enrolment(realm), "clerk").status == 201
    seen: list[str] = []
    target = "/requests?state=submitted,done&kind=enrol&limit=2"
    after = ""
    while True:
        page = realm.ask("clerk", "GET", target + after)
        assert page.status == 200 and len(page.json["requests"]) <= 2
        for row in page.json["requests"]:
            assert row["kind"] == "enrol" and row["state"] in ("submitted", "done")
        seen += [row["id"] for row in page.json["requests"]]
        if page.json["next"] is None:
            break
        after = f"&after={page.json['next']}"
    whole = realm.ask("clerk", "GET", "/requests?limit=1000").json["requests"]
    expected = [row["id"] for row in whole if row["kind"] == "enrol" and row["state"] in ("submitted", "done")]
    assert seen == expected == sorted(expected) and len(seen) >= 5
    later = realm.ask("clerk", "GET", f"/requests?from={now_text(3600)}")
    assert later.json == {"requests": [], "next": None}


@pytest.mark.parametrize(
    "target, name",
    [
        ("/requests?state=lost", "state"),
        ("/requests?state=done,done", "state"),
        ("/requests?state=", "state"),
        ("/requests?kind=marry", "kind"),
        ("/requests?limit=0", "limit"),
        ("/requests?limit=1001", "limit"),
        ("/requests?limit=-1", "limit"),
        ("/requests?after=1", "after"),
        ("/requests?from=yesterday", "from"),
        ("/requests?office=No_One", "office"),
    ],
)
def test_a_wrong_parameter_is_named(realm: Realm, target: str, name: str) -> None:
    answer = realm.ask("clerk", "GET", target)
    assert answer.status == 422 and answer.problem["detail"].startswith(f"{name}: ")


def corrupt(body: bytes) -> bytes:
    """One character of the last signature is another one."""
    found = json.loads(body)
    text = found["signatures"][-1]["signature"]
    found["signatures"][-1]["signature"] = ("B" if text[0] == "A" else "A") + text[1:]
    return json.dumps(found).encode()


def test_what_is_wrong_with_a_document_has_a_name(realm: Realm) -> None:
    officers = realm.officers
    stranger = Signer(new_key(), officers["clerk"].certificate)
    other_key = csr_of_another()
    good = new_enrolment(realm)
    person = realm.person()
    taken = new_enrolment(realm)
    assert submit(realm, "clerk", taken, "clerk").status == 201
    changed = json.dumps({**json.loads(taken), "expires": now_text(1800)}).encode()
    cases: list[tuple[str, bytes]] = [
        ("document", b"{}"),
        ("document", b"[" * 100000),
        ("document", document(b'{"version":1}', officers["clerk"])),
        ("document", document(new_enrolment(realm, extra=1), officers["clerk"])),
        ("realm", document(new_enrolment(realm, realm="gansu"), officers["clerk"])),
        ("expired", document(new_enrolment(realm, created=now_text(-9000), expires=now_text(-3600)), officers["clerk"])),
        ("not-yet", document(new_enrolment(realm, created=now_text(3600), expires=now_text(7200)), officers["clerk"])),
        ("lifetime", document(new_enrolment(realm, expires=now_text(40 * 86400)), officers["clerk"])),
        ("replayed", document(changed, officers["clerk"])),
        ("profile", document(payload_of("enrol", [enrolment(person, new_key())], "citizen-flying"), officers["clerk"])),
        ("office-closed", document(new_enrolment(realm, office="nowhere"), officers["clerk"])),
        ("bad-signature", corrupt(document(good, officers["clerk"]))),
        ("bad-signature", document(good, stranger)),
        ("role", document(good, officers["auditor"])),
        ("role", document(good, officers["zhang"])),
        ("possession", document(payload_of("enrol", [other_key], "citizen-signing"), officers["clerk"])),
    ]
    before = len(denials(realm))
    for reason, body in cases:
        answer = realm.ask("clerk", "POST", "/requests", body)
        assert answer.status == 422, (reason, answer.body)
        assert answer.problem["reason"] == reason, answer.body
        assert answer.problem["detail"], reason
    assert len(denials(realm)) == before + len(cases)
    assert realm.ask("clerk", "GET", f"/requests/{id_of(good)}").status == 404
    assert realm.ask("clerk", "GET", f"/requests/{id_of(taken)}").json["revision"] == 1
    realm.fsck()


def csr_of_another() -> dict[str, Any]:
    """A certification request whose signature is not that of its key."""
    item = enrolment(9999999, new_key())
    wrong = item["csr"][:-8] + ("AAAAAAAA" if item["csr"][-8:] != "AAAAAAAA" else "BBBBBBBB")
    return {**item, "csr": wrong}


def test_signatures_that_are_not_taken(realm: Realm) -> None:
    payload = new_enrolment(realm)
    assert submit(realm, "clerk", payload, "clerk").status == 201
    twice = sign(realm, "clerk", payload, "clerk")
    assert twice.status == 409 and twice.problem["reason"] == "same-signer"
    wrong_role = sign(realm, "zhang", payload, "zhang")
    assert wrong_role.status == 422 and wrong_role.problem["reason"] == "role"
    body = document(new_enrolment(realm), realm.officers["approver"])
    other = realm.ask("approver", "POST", f"/requests/{id_of(payload)}/signatures", body)
    assert other.status == 422 and other.problem["reason"] == "document"
    missing = sign(realm, "approver", new_enrolment(realm), "approver")
    assert missing.status == 404
    assert realm.ask("clerk", "GET", f"/requests/{id_of(payload)}").json["revision"] == 1
    assert sign(realm, "approver", payload, "approver").json["state"] == "approved"
    late = sign(realm, "approver", payload, "zhang")
    assert late.status == 409 and late.problem["reason"] == "state"
    realm.outcome("clerk", id_of(payload))
    realm.fsck()


def test_the_same_signature_again_is_no_fault(realm: Realm) -> None:
    payload = new_enrolment(realm)
    assert submit(realm, "clerk", payload, "clerk").status == 201
    body = document(payload, realm.officers["approver"])
    target = f"/requests/{id_of(payload)}/signatures"
    assert realm.ask("approver", "POST", target, body).json["known"] is False
    again = realm.ask("approver", "POST", target, body)
    assert again.status == 200 and again.json["known"] is True
    realm.outcome("clerk", id_of(payload))


def test_problems_speak_chinese_to_who_asks(realm: Realm) -> None:
    answer = realm.ask("clerk", "POST", "/requests", b"{}", Accept_Language="zh-CN,zh;q=0.9")
    assert answer.headers["content-language"] == "zh"
    assert answer.problem["reason"] == "document"


def test_no_person_is_in_the_log(realm: Realm) -> None:
    text = json.dumps(realm.log("ra")) + json.dumps(realm.log("ca"))
    assert "ZZ00" not in text and "Wang Wu" not in text
