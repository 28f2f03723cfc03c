# SPDX-License-Identifier: Apache-2.0
"""What officers must not be able to do with what is theirs: approve themselves, approve once for two, change what was
approved, race each other."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from officers import (
    JSON,
    Answer,
    Officer,
    Realm,
    base64url,
    csr_of,
    document,
    enrol,
    enrolment,
    id_of,
    new_key,
    passport,
    payload_of,
)


def reason(realm: Realm, body: bytes, who: str = "clerk") -> str:
    answer = realm.ask(who, "POST", "/requests", body)
    assert answer.status == 422, answer.body
    found = answer.problem["reason"]
    assert isinstance(found, str)
    return found


def test_an_approval_is_for_one_document(realm: Realm) -> None:
    clerk, approver = realm.officers["clerk"], realm.officers["approver"]
    first, second = (enrol(realm.person(), new_key()) for _ in range(2))
    approved = json.loads(document(first, clerk, approver))
    moved = {"payload": base64url(second), "signatures": [clerk.sign(second), approved["signatures"][1]]}
    assert reason(realm, json.dumps(moved).encode()) == "bad-signature"
    edited = json.loads(first)
    edited["items"][0]["person"]["name"] = "Somebody Else"
    payload = json.dumps(edited, separators=(",", ":")).encode()
    assert reason(realm, json.dumps({**approved, "payload": base64url(payload)}).encode()) == "bad-signature"


def test_nobody_approves_himself(realm: Realm) -> None:
    clerk, approver, admin = (realm.officers[name] for name in ("clerk", "approver", "zhang"))
    payload = enrol(realm.person(), new_key())
    assert reason(realm, document(payload, clerk, clerk)) in ("document", "same-signer")
    # An admin has no place in an enrolment.
    assert reason(realm, document(payload, admin, approver)) == "role"
    person = {"type": "citizen", "number": "11010519491231002X", "name": "Zhang San"}
    appointed = realm.appoint("a-clerk-himself", "clerk")
    again = {**enrolment(0, new_key()), "person": passport(realm.persons, "A Clerk")}
    mine = payload_of("enrol", [again], "citizen-signing")
    assert reason(realm, document(mine, appointed, approver)) == "own-case"
    # It is the matter of this item alone, and is told as that; the other person may be enrolled.
    other = {**enrolment(0, new_key()), "person": passport(realm.person(), "Another")}
    both = payload_of("enrol", [other, {**again, "csr": csr_of(new_key())}], "citizen-signing")
    refused = realm.ask("approver", "POST", "/requests", document(both, appointed, approver)).problem
    assert (refused["reason"], refused["item"]) == ("own-case", 1)
    signed_twice = realm.ask("clerk", "POST", "/requests", document(payload, clerk, clerk)).problem
    assert "item" not in signed_twice
    item = {"person": person, "csr": csr_of(new_key()), "officer": "zhang-2", "role": "clerk"}
    own = payload_of("appoint", [item], "officer")
    assert reason(realm, document(own, admin, realm.officers["li"]), "zhang") == "own-case"


def test_an_approval_of_another_time_does_not_count(realm: Realm) -> None:
    clerk, approver = realm.officers["clerk"], realm.officers["approver"]
    now = int(time.time())
    for when in (now - 7200, now + 7200):
        payload = enrol(realm.person(), new_key())
        signatures = [clerk.sign(payload), approver.sign(payload, when)]
        body = json.dumps({"payload": base64url(payload), "signatures": signatures}).encode()
        assert reason(realm, body) == "signed-at"


def test_one_person_has_one_role(realm: Realm) -> None:
    person = passport(realm.person(), "Twice")
    outcomes = []
    for name in ("twice-1", "twice-2"):
        item = {"person": person, "csr": csr_of(new_key()), "officer": name, "role": "clerk"}
        payload = payload_of("appoint", [item], "officer")
        outcomes.append(realm.obey(payload, realm.officers["zhang"], realm.officers["li"])["items"][0])
    assert [each["status"] for each in outcomes] == ["ok", "conflict"] and outcomes[1]["reason"] == "name-taken"


def race(realm: Realm, acts: list[tuple[str, str, bytes, str]]) -> list[Answer]:
    """Makes calls at the same time, each on a connection of its own."""
    barrier = threading.Barrier(len(acts))
    answers: list[Answer] = []

    def run(who: str, target: str, body: bytes, kind: str) -> None:
        officer = realm.officers[who]
        own = Officer(officer.key, officer.certificate, realm.folder, who)
        own.ask(realm.ports["ra"], "GET", "/realm")
        barrier.wait()
        answers.append(own.ask(realm.ports["ra"], "POST", target, body, kind=kind))
        own.close()

    threads = [threading.Thread(target=run, args=each) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def submitted(realm: Realm) -> bytes:
    payload = enrol(realm.person(), new_key())
    assert realm.ask("clerk", "POST", "/requests", document(payload, realm.officers["clerk"])).status == 201
    return payload


def test_of_two_approvals_one_is_it(realm: Realm) -> None:
    realm.appoint("second-approver", "approver")
    for _ in range(8):
        payload = submitted(realm)
        target = f"/requests/{id_of(payload)}/signatures"
        names = ("approver", "second-approver")
        acts = [(who, target, document(payload, realm.officers[who]), "application/jose+json") for who in names]
        answers = race(realm, acts)
        assert sorted(answer.status for answer in answers) == [200, 409]
        found = realm.outcome("clerk", id_of(payload))
        assert found["state"] == "done"
        shown = realm.ask("clerk", "GET", f"/requests/{id_of(payload)}").json
        assert len(shown["signatures"]) == shown["revision"] == 2
    realm.fsck()


def test_approval_and_rejection_do_not_both_happen(realm: Realm) -> None:
    states = set()
    for _ in range(8):
        payload = submitted(realm)
        body: dict[str, Any] = {"detail": "not hers"}
        acts = [
            (
                "approver",
                f"/requests/{id_of(payload)}/signatures",
                document(payload, realm.officers["approver"]),
                "application/jose+json",
            ),
            ("zhang", f"/requests/{id_of(payload)}/rejection", json.dumps(body).encode(), JSON),
        ]
        assert sorted(answer.status for answer in race(realm, acts)) == [200, 409]
        states.add(realm.outcome("clerk", id_of(payload))["state"])
    assert states <= {"done", "rejected"}
    realm.fsck()


def test_one_document_from_many_at_once_is_one_request(realm: Realm) -> None:
    payload = enrol(realm.person(), new_key())
    body = document(payload, realm.officers["clerk"], realm.officers["approver"])
    acts = [(who, "/requests", body, "application/jose+json") for who in ("clerk", "approver") * 4]
    answers = race(realm, acts)
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    found = realm.outcome("clerk", id_of(payload))
    assert [each["status"] for each in found["items"]] == ["ok"]
    realm.fsck()


def test_two_documents_for_one_person_give_one_certificate(realm: Realm) -> None:
    number = realm.person()
    payloads = [enrol(number, new_key()) for _ in range(6)]
    officers = realm.officers["clerk"], realm.officers["approver"]
    acts = [("clerk", "/requests", document(each, *officers), "application/jose+json") for each in payloads]
    assert [answer.status for answer in race(realm, acts)] == [201] * 6
    items = [realm.outcome("clerk", id_of(each))["items"][0] for each in payloads]
    assert sorted(each["status"] for each in items) == ["conflict"] * 5 + ["ok"]
    assert {each["reason"] for each in items if each["status"] == "conflict"} == {"has-certificate"}
    realm.fsck()


def reject(realm: Realm, who: str, name: str) -> Answer:
    return realm.ask(who, "POST", f"/requests/{name}/rejection", b'{"detail":"not so"}', kind=JSON)


def half_signed(realm: Realm, kind: str, item: dict[str, Any], profile: str = "") -> str:
    """A request that lacks the signature of a second admin."""
    payload = payload_of(kind, [item], profile)
    sent = realm.ask("zhang", "POST", "/requests", document(payload, realm.officers["zhang"]))
    assert sent.status == 201 and sent.json["state"] == "submitted", sent.body
    return id_of(payload)


def refused(answer: Answer) -> str:
    assert answer.status == 403, answer.body
    found = answer.problem["reason"]
    assert isinstance(found, str)
    return found


def test_what_admins_sign_admins_reject(realm: Realm) -> None:
    realm.open_office("to-be-closed")
    realm.appoint("leaver", "approver")
    appointed = {"person": passport(realm.person()), "csr": csr_of(new_key()), "officer": "a-new-one", "role": "clerk"}
    opened = {"opened": {"office": "to-be-opened", "region": "610100", "name": "New"}}
    names = [
        half_signed(realm, "dismiss", {"officer": "leaver", "comment": "left"}),
        half_signed(realm, "appoint", appointed, "officer"),
        half_signed(realm, "open-office", opened),
        half_signed(realm, "close-office", {"closed": "to-be-closed"}),
    ]
    for name in names:
        for who in ("approver", "leaver", "clerk"):
            assert refused(reject(realm, who, name)) == "role", (who, name)
        assert realm.ask("clerk", "GET", f"/requests/{name}").json["state"] == "submitted"
        assert reject(realm, "li", name).status == 200
    realm.fsck()


def test_nobody_rejects_a_request_about_himself(realm: Realm) -> None:
    realm.appoint("boss", "admin")
    name = half_signed(realm, "dismiss", {"officer": "boss", "comment": "left"})
    assert refused(reject(realm, "boss", name)) == "own-case"
    assert realm.ask("boss", "GET", f"/requests/{name}").json["state"] == "submitted"
    # Others do, and who submitted it.
    assert reject(realm, "zhang", name).status == 200


def test_approvers_reject_what_they_sign(realm: Realm) -> None:
    """That a suspended certificate of somebody else is made good again, too."""
    holder, _ = realm.enrol("clerk", "approver")
    suspended = payload_of("suspend", [{"serial": holder.serial}])
    assert realm.obey(suspended, realm.officers["clerk"], who="clerk")["state"] == "done"
    payload = payload_of("resume", [{"serial": holder.serial}])
    assert realm.ask("clerk", "POST", "/requests", document(payload, realm.officers["clerk"])).status == 201
    assert reject(realm, "approver", id_of(payload)).status == 200
