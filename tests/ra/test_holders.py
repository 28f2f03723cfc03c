# SPDX-License-Identifier: Apache-2.0
"""Does a holder renew with her own key and activate an enrolment with two codes, without an officer, and is nobody else let
do it? Do officers reject and withdraw?"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import ssl
import threading
from typing import Any

from openapi import api
from officers import (
    DOCUMENT,
    JSON,
    PATIENCE_S,
    Answer,
    Officer,
    Realm,
    Signer,
    base64url,
    csr_of,
    document,
    enrol,
    enrolment,
    id_of,
    new_id,
    new_key,
    passport,
    payload_of,
    evidence,
    wait_for,
)


def ask(
    realm: Realm, method: str, target: str, body: bytes | None = None, kind: str = DOCUMENT, host: str = "127.0.0.1"
) -> Answer:
    """Without a certificate, and from an address of this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(
        "127.0.0.1", realm.ports["ra"], timeout=PATIENCE_S, context=context, source_address=(host, 0)
    )
    try:
        connection.request(method, target, body, {"Content-Type": kind} if body is not None else {})
        answer = connection.getresponse()
        found = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        api("ra").check(method, target, found.status, found.headers["content-type"], found.body)
        return found
    finally:
        connection.close()


def renewal(holder: Signer, serial: str | None = None) -> tuple[bytes, Any]:
    key = new_key()
    item = {"serial": serial or holder.serial, "csr": csr_of(key)}
    return payload_of("renew", [item], "citizen-signing"), key


def test_a_holder_renews(realm: Realm) -> None:
    holder, _ = realm.enrol("clerk", "approver")
    payload, key = renewal(holder)
    sent = ask(realm, "POST", "/renewals", document(payload, holder))
    assert sent.status == 201 and sent.json["state"] == "approved", sent.body
    again = ask(realm, "POST", "/renewals", document(payload, holder))
    assert again.status == 200 and again.json["known"] is True
    target = f"/renewals/{id_of(payload)}/outcome?wait=30"
    found = wait_for(lambda: (answer := ask(realm, "GET", target)).json["state"] == "done" and answer)
    assert isinstance(found, Answer)
    renewed = Signer(key, base64.b64decode(found.json["certificate"]))
    assert renewed.serial == found.json["items"][0]["certificate"] != holder.serial
    # What was replaced is replaced: its key renews nothing more.
    realm.fsck()


def test_what_is_no_renewal_of_a_holder(realm: Realm) -> None:
    holder, _ = realm.enrol("clerk", "approver")
    other, _ = realm.enrol("clerk", "approver")
    stranger = Signer(new_key(), holder.certificate)
    payload, _ = renewal(holder)
    cases = [
        ("bad-signature", document(payload, stranger)),
        ("subject", document(payload, other)),
        ("signer-kind", document(payload, realm.officers["clerk"])),
        ("signer-kind", document(enrol(realm.person(), new_key()), realm.officers["clerk"])),
        ("document", b"{}"),
    ]
    for reason, body in cases:
        answer = ask(realm, "POST", "/renewals", body)
        assert answer.status == 422 and answer.problem["reason"] == reason, (reason, answer.body)
    assert ask(realm, "POST", "/renewals", b"x" * 65537).status == 413
    assert ask(realm, "GET", f"/renewals/{id_of(payload)}/outcome").status == 404


def test_an_enrolment_is_no_secret_of_anybody(realm: Realm) -> None:
    _, found = realm.enrol("clerk", "approver")
    assert ask(realm, "GET", f"/renewals/{found['id']}/outcome").status == 404
    for target in ("/requests", f"/requests/{found['id']}", "/realm", "/offices", "/statistics"):
        assert ask(realm, "GET", target).status == 403


def activation_hash(first: str, second: str) -> str:
    return base64url(hashlib.sha256(f"auth-activation\0{first}\0{second}".encode()).digest())


def waiting_enrolment(realm: Realm) -> tuple[str, tuple[str, str]]:
    codes = ("counter-7Q2M", "letter-88XY")
    item = {"person": passport(realm.person()), "activation": activation_hash(*codes), "evidence": evidence()}
    payload = payload_of("enrol", [item], "citizen-signing")
    body = document(payload, realm.officers["clerk"], realm.officers["approver"])
    assert realm.ask("clerk", "POST", "/requests", body).status == 201
    name = id_of(payload)
    assert wait_for(lambda: realm.ask("clerk", "GET", f"/requests/{name}/outcome").json["state"] == "waiting")
    return name, codes


def activate(
    realm: Realm, name: str, codes: tuple[str, str], csr: str, item: int = 0, host: str = "127.0.0.1"
) -> Answer:
    body = {"request": name, "item": item, "codes": list(codes), "csr": csr}
    return ask(realm, "POST", "/activations", json.dumps(body).encode(), JSON, host)


def test_two_codes_activate(realm: Realm) -> None:
    name, codes = waiting_enrolment(realm)
    key = new_key()
    sent = activate(realm, name, codes, csr_of(key))
    assert sent.status == 201, sent.body
    target = f"/renewals/{name}/outcome?wait=30"
    found = wait_for(lambda: (answer := ask(realm, "GET", target)).json["state"] == "done" and answer)
    assert isinstance(found, Answer)
    assert Signer(key, base64.b64decode(found.json["certificate"])).serial == found.json["items"][0]["certificate"]
    realm.fsck()


def test_wrong_codes_are_few_and_tell_nothing(realm: Realm) -> None:
    name, codes = waiting_enrolment(realm)
    csr = csr_of(new_key())
    wrong = activate(realm, name, (codes[0], "letter-88XZ"), csr)
    nowhere = activate(realm, "01a215a7-d4a2-74ff-845f-ddd1f8b6bb13", codes, csr)
    no_item = activate(realm, name, codes, csr, item=1)
    for answer in (wrong, nowhere, no_item):
        assert answer.status == 403 and answer.problem["detail"] == wrong.problem["detail"]
    not_held = csr[:-8] + ("AAAAAAAA" if csr[-8:] != "AAAAAAAA" else "BBBBBBBB")
    possession = activate(realm, name, codes, not_held)
    assert possession.status == 422 and possession.problem["reason"] == "possession"
    for _ in range(4):
        assert activate(realm, name, ("counter-7Q2N", codes[1]), csr).status == 403
    # Too often in this hour: the right ones are no longer looked at.
    assert activate(realm, name, codes, csr).status == 403
    for body in (b"{}", b'{"request":1}', json.dumps({"request": name, "item": 0, "codes": ["a"], "csr": ""}).encode()):
        assert ask(realm, "POST", "/activations", body, JSON).status == 422


def shared_enrolment(realm: Realm, count: int) -> tuple[str, list[tuple[str, str]]]:
    """Of some with codes, and behind them one who brought her key."""
    codes = [(f"counter-7Q2M-{i}", f"letter-88XY-{i}") for i in range(count)]
    items = [
        {"person": passport(realm.person()), "activation": activation_hash(*pair), "evidence": evidence()}
        for pair in codes
    ]
    items.append(enrolment(realm.person(), new_key()))
    payload = payload_of("enrol", items, "citizen-signing")
    body = document(payload, realm.officers["clerk"], realm.officers["approver"])
    assert realm.ask("clerk", "POST", "/requests", body).status == 201
    name = id_of(payload)
    assert wait_for(lambda: realm.ask("clerk", "GET", f"/requests/{name}/outcome").json["state"] == "waiting")
    return name, codes


def test_a_holder_learns_of_her_own_item_alone(realm: Realm) -> None:
    name, codes = shared_enrolment(realm, 2)
    assert activate(realm, name, codes[1], csr_of(new_key()), item=1).status == 201
    target = f"/renewals/{name}/outcome"
    found = wait_for(lambda: (a := ask(realm, "GET", f"{target}?item=1").json)["certificate"] and a)
    assert isinstance(found, dict) and [row["item"] for row in found["items"]] == [1]
    other = ask(realm, "GET", f"{target}?item=0").json
    assert [row["item"] for row in other["items"]] == [0] and other["certificate"] is None
    assert found["items"][0]["certificate"] not in json.dumps(other)
    # Who was enrolled with her key at the counter is nobody's business; nor is there a fourth.
    for item in (2, 3):
        assert ask(realm, "GET", f"{target}?item={item}").status == 404
    assert ask(realm, "GET", target).json["items"] == other["items"]


def test_right_codes_do_not_count_and_wrong_ones_lock_one_item(realm: Realm) -> None:
    name, codes = shared_enrolment(realm, 2)
    csr = csr_of(new_key())
    not_held = csr[:-8] + ("AAAAAAAA" if csr[-8:] != "AAAAAAAA" else "BBBBBBBB")
    for _ in range(6):
        assert activate(realm, name, codes[0], not_held).status == 422
    # Her neighbour, who takes the wrong number, guesses nothing; others do, and are counted there.
    for _ in range(6):
        assert activate(realm, name, codes[1], csr, item=0).status == 403
    assert activate(realm, name, codes[0], not_held).status == 422
    for _ in range(6):
        assert activate(realm, name, (codes[1][0], codes[0][1]), csr, item=0).status == 403
    assert activate(realm, name, codes[0], csr).status == 403
    assert activate(realm, name, codes[1], csr, item=1).status == 201


def test_one_address_does_not_use_up_the_tries_of_others(realm: Realm) -> None:
    """Three of the five wrong pairs in an hour; and all together have five."""
    name, codes = shared_enrolment(realm, 2)
    csr = csr_of(new_key())
    wrong = (codes[0][0], "letter-88XZ")
    for _ in range(6):
        assert activate(realm, name, wrong, csr, host="127.0.0.2").status == 403
    assert activate(realm, name, codes[0], csr, host="127.0.0.2").status == 403
    assert activate(realm, name, wrong, csr, host="127.0.0.3").status == 403
    assert activate(realm, name, codes[0], csr, host="127.0.0.3").status == 201
    for host in ("127.0.0.2",) * 3 + ("127.0.0.3",) * 2:
        assert activate(realm, name, wrong, csr, item=1, host=host).status == 403
    for host in ("127.0.0.3", "127.0.0.4"):
        assert activate(realm, name, codes[1], csr, item=1, host=host).status == 403


def test_a_second_key_is_told_that_it_is_not_the_one(realm: Realm) -> None:
    name, codes = shared_enrolment(realm, 2)
    key = new_key()
    csr = csr_of(key)
    assert activate(realm, name, codes[0], csr).status == 201
    # The same, or another request for the same key: ECDSA signs anew each time.
    for again in (activate(realm, name, codes[0], csr), activate(realm, name, codes[0], csr_of(key))):
        assert again.status == 200 and again.json["known"] is True
    other = activate(realm, name, codes[0], csr_of(new_key()))
    assert other.status == 409 and "another key" in other.problem["detail"]


def test_a_document_that_does_not_open_tells_nothing(realm: Realm) -> None:
    """It is as if it were not there, and those who run the daemon read of it."""
    name, codes = waiting_enrolment(realm)
    csr = csr_of(new_key())
    nowhere = activate(realm, "01a215a7-d4a2-74ff-845f-ddd1f8b6bb13", codes, csr)
    where = f"WHERE request_id = '{name}'"
    sealed = realm.sql(f"SELECT encode(document, 'hex') FROM registry.request {where}")
    changed = sealed[:-2] + ("00" if sealed[-2:] != "00" else "01")
    before = realm.events("activation-unopened")
    realm.sql(f"UPDATE registry.request SET document = decode('{changed}', 'hex') {where}")
    answer = activate(realm, name, codes, csr)
    realm.sql(f"UPDATE registry.request SET document = decode('{sealed}', 'hex') {where}")
    assert (answer.status, answer.problem["detail"]) == (403, nowhere.problem["detail"])
    assert wait_for(lambda: realm.events("activation-unopened") == before + 1)
    assert activate(realm, name, codes, csr).status == 201


def fill_with_waits(realm: Realm, target: str, count: int, status: int) -> None:
    """Asks about as many ids that there are not, and waits for none of them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", realm.ports["ra"], timeout=PATIENCE_S, context=context)
    try:
        for _ in range(count):
            connection.request("GET", target.format(new_id()))
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status
    finally:
        connection.close()


def test_waiting_for_nothing_takes_nobodys_place(realm: Realm) -> None:
    """Of two who wait at the same time, the one whose request waits for its holder from now on is answered first."""
    fill_with_waits(realm, "/renewals/{}/outcome?wait=30", 2100, 404)
    open_name = id_of(submitted(realm))
    waiting = Officer(realm.officers["clerk"].key, realm.officers["clerk"].certificate, realm.folder, "clerk")
    codes = ("counter-7Q2M", "letter-88XY")
    item = {"person": passport(realm.person()), "activation": activation_hash(*codes), "evidence": evidence()}
    payload = payload_of("enrol", [item], "citizen-signing")
    assert realm.ask("clerk", "POST", "/requests", document(payload, realm.officers["clerk"])).status == 201
    name = id_of(payload)
    answers: list[str] = []

    def poll(who: Officer, of: str, wait_s: int) -> None:
        answers.append(who.ask(realm.ports["ra"], "GET", f"/requests/{of}/outcome?wait={wait_s}").json["state"])

    other = Officer(realm.officers["approver"].key, realm.officers["approver"].certificate, realm.folder, "approver")
    threads = [
        threading.Thread(target=poll, args=(waiting, name, 30)),
        threading.Thread(target=poll, args=(other, open_name, 20)),
    ]
    for thread in threads:
        thread.start()
    body = document(payload, realm.officers["approver"])
    signed = realm.ask("approver", "POST", f"/requests/{name}/signatures", body)
    assert signed.status == 200, signed.body
    assert wait_for(lambda: answers)
    assert answers[0] == "waiting"
    # So that nobody waits on.
    assert reject(realm, "approver", open_name).status == 200
    for thread in threads:
        thread.join()
    assert answers == ["waiting", "rejected"]
    # Asked again, it is answered at once: the holder may take days.
    assert realm.ask("clerk", "GET", f"/requests/{name}/outcome?wait=30").json["state"] == "waiting"
    waiting.close()
    other.close()


def reject(realm: Realm, who: str, name: str, detail: str = "the photograph is another person's") -> Answer:
    return realm.ask(who, "POST", f"/requests/{name}/rejection", json.dumps({"detail": detail}).encode(), kind=JSON)


def submitted(realm: Realm) -> bytes:
    payload = payload_of("enrol", [enrolment(realm.person(), new_key())], "citizen-signing")
    assert realm.ask("clerk", "POST", "/requests", document(payload, realm.officers["clerk"])).status == 201
    return payload


def test_an_approver_rejects_and_a_clerk_takes_back(realm: Realm) -> None:
    for who in ("approver", "clerk", "zhang"):
        payload = submitted(realm)
        answer = reject(realm, who, id_of(payload))
        assert answer.status == 200 and answer.json["state"] == "rejected"
        assert reject(realm, who, id_of(payload)).json["known"] is True
        found = realm.ask("clerk", "GET", f"/requests/{id_of(payload)}").json
        assert (found["state"], found["reason"]) == ("rejected", "withdrawn")
        assert found["detail"] == "the photograph is another person's"
        body = document(payload, realm.officers["approver"])
        late = realm.ask("approver", "POST", f"/requests/{id_of(payload)}/signatures", body)
        assert late.status == 409 and late.problem["reason"] == "state"
    realm.fsck()


def test_what_cannot_be_rejected(realm: Realm) -> None:
    realm.appoint("other-clerk", "clerk")
    name = id_of(submitted(realm))
    assert reject(realm, "other-clerk", name).status == 403
    assert reject(realm, "auditor", name).status == 403
    numbers = (
        "number 110105 19491231 002 of hers",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105\u300019491231\u3000002X",
        "１１０１０５－１９４９１２３１",
        "110105\u00a019491231",
        "\u0661\u0661\u0660\u0661\u0660\u0665\u0661\u0669\u0664\u0669\u0661\u0662",
        "H110105A19491231",
    )
    for detail in ("", "x" * 201, *numbers):
        assert reject(realm, "approver", name, detail).status == 422, detail
    _, found = realm.enrol("clerk", "approver")
    assert reject(realm, "approver", found["id"]).status == 409
    # A day and an hour, and a telephone number, are none.
    assert reject(realm, "approver", id_of(submitted(realm)), "2026-01-31 14:30, call 13800138000").status == 200
    assert realm.ask("clerk", "GET", f"/requests/{name}").json["state"] == "submitted"
