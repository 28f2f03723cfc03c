# SPDX-License-Identifier: Apache-2.0
"""Does a counter go on without its registry, saying plainly what is kept, and is all of it delivered in order, exactly once
in effect, when the registry is back?"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import http.client
import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from counter import Counter
from officers import (
    Answer,
    Officer,
    Signer,
    base64url,
    document,
    enrol,
    enrolment,
    id_of,
    new_id,
    new_key,
    now_text,
    passport,
    payload_of,
    wait_for,
)


def test_documents_are_kept_and_delivered_in_order(counter: Counter) -> None:
    counter.introduce("chen", "guo")
    assert counter.admin("/readyz") == (200, "ready\n")
    counter.registry_down()
    ids = counter.keep(20)
    counter.wait_away()
    status, text = counter.admin("/readyz")
    assert status == 200 and text.startswith("ready: degraded: ")
    assert counter.metric("auth_lra_spool_waiting") == 20
    assert counter.metric("auth_lra_kept_total") == 20
    assert counter.metric("auth_lra_spool_oldest_seconds") < 60
    # What is kept is told as that, and everything else as not to be known now.
    for name in ids:
        seen = counter.ask("guo", "GET", f"/requests/{name}")
        assert seen.status == 200 and seen.json["state"] == "kept" and seen.json["kept"] is True
    outcome = counter.ask("chen", "GET", f"/requests/{ids[0]}/outcome?wait=1")
    assert outcome.status == 200 and outcome.json["state"] == "kept"
    listed = counter.ask("chen", "GET", "/requests?state=kept&limit=15").json
    assert [row["id"] for row in listed["requests"]] == sorted(ids)[:15]
    rest = counter.ask("chen", "GET", f"/requests?state=kept&after={listed['next']}").json
    assert [row["id"] for row in rest["requests"]] == sorted(ids)[15:] and rest["next"] is None
    for target in ("/requests", "/realm", f"/requests/{ids[0]}/document", "/certificates/01/status"):
        answer = counter.ask("chen", "GET", target)
        assert answer.status == 503 and "ask again when it is back" in answer.problem["detail"], answer.body
    counter.registry_up()
    counter.wait_delivered()
    assert [name for name in counter.rows() if name in ids] == sorted(ids)
    for name in ids:
        seen = counter.ask("chen", "GET", f"/requests/{name}")
        assert seen.status == 200 and seen.json["state"] == "submitted"
    assert len(counter.events("delivered")) == 20
    assert counter.admin("/readyz") == (200, "ready\n")


def test_the_answer_speaks_the_client_s_language(counter: Counter) -> None:
    counter.introduce()
    counter.registry_down()
    payload = counter.enrolment()
    answer = counter.post("chen", counter.signed(payload), Accept_Language="zh-CN, en;q=0.5")
    assert answer.status == 202 and answer.json["text"] == "已在本处保存，尚未送达登记库"
    answer = counter.post("chen", counter.signed(counter.enrolment()), Accept_Language="en")
    assert answer.json["text"] == "kept here, not yet delivered" and answer.json["state"] == "kept"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer.json["officer_known_at"])


def test_a_document_that_comes_again_is_one(counter: Counter) -> None:
    counter.introduce()
    counter.registry_down()
    payload = counter.enrolment()
    sent = counter.signed(payload)
    for _ in range(3):
        assert counter.post("chen", sent).status == 202
    assert len(list((counter.spool / "new").iterdir())) == 1
    # Another document under its id is none.
    other = json.loads(payload)
    other["items"][0]["person"] = passport(counter.realm.person())
    other_text = json.dumps(other, separators=(",", ":")).encode()
    assert counter.post("chen", counter.signed(other_text)).status == 409
    counter.registry_up()
    counter.wait_delivered()
    counter.wait_up()
    assert counter.post("chen", sent).status == 200
    assert counter.post("chen", counter.signed(other_text)).status == 422
    counter.registry_down()
    counter.wait_away()
    answer = counter.post("chen", sent)
    assert answer.status == 202 and answer.json["state"] == "delivered" and answer.json["kept"] is False
    counter.registry_up()
    counter.wait_up()
    assert counter.rows().count(id_of(payload)) == 1


def test_what_is_here_may_expire_before_it_comes_again(counter: Counter) -> None:
    """Who lost the answer hears that it is kept, and not that it is too late for it."""
    counter.introduce()
    counter.registry_down()
    ends = time.time() + 2
    sent = counter.signed(counter.enrolment(expires=now_text(2)))
    assert counter.post("chen", sent).status == 202
    wait_for(lambda: time.time() > ends + 1)
    assert counter.post("chen", sent).status == 202
    late = counter.post("chen", counter.signed(counter.enrolment(created=now_text(-7), expires=now_text(-5))))
    assert late.status == 422
    counter.registry_up()


def changed(payload: bytes, **members: Any) -> bytes:
    return json.dumps(json.loads(payload) | members, separators=(",", ":")).encode()


def tampered(counter: Counter) -> bytes:
    found = json.loads(counter.signed(counter.enrolment()))
    signature = found["signatures"][0]["signature"]
    found["signatures"][0]["signature"] = ("A" if signature[0] != "A" else "B") + signature[1:]
    return json.dumps(found, separators=(",", ":")).encode()


def without_possession(counter: Counter) -> bytes:
    item = enrolment(counter.realm.person(), new_key())
    octets = bytearray(base64.urlsafe_b64decode(item["csr"] + "=="))
    octets[-1] ^= 1
    item["csr"] = base64url(bytes(octets))
    return counter.signed(payload_of("enrol", [item], "citizen-signing", office="xian"))


def future_id() -> str:
    """As by a clock that is two hours ahead."""
    time_of = f"{int((time.time() + 7200) * 1000):012x}"
    return f"{time_of[:8]}-{time_of[8:]}{new_id()[13:]}"


REFUSED = {
    "no JSON": ("document", lambda c: b"{"),
    "an unknown member": ("document", lambda c: c.signed(changed(c.enrolment(), colour="red"))),
    "another realm": ("realm", lambda c: c.signed(c.enrolment(realm="yunnan"))),
    "another office": ("scope", lambda c: c.signed(enrol(c.realm.person(), new_key()))),
    "expired": ("expired", lambda c: c.signed(c.enrolment(created=now_text(-7200), expires=now_text(-60)))),
    "of the future": ("not-yet", lambda c: c.signed(c.enrolment(created=now_text(7200), expires=now_text(9000)))),
    "an id of the future": ("not-yet", lambda c: c.signed(c.enrolment(id=future_id()))),
    "too long a life": ("lifetime", lambda c: c.signed(c.enrolment(expires=now_text(400 * 86400)))),
    "an unknown profile": ("profile", lambda c: c.signed(changed(c.enrolment(), profile="officer"))),
    "a changed signature": ("bad-signature", tampered),
    "the same signer twice": ("document", lambda c: c.signed(c.enrolment(), "chen", "chen")),
    "an auditor's signature": ("role", lambda c: c.signed(c.enrolment(), "fan")),
    "no proof of possession": ("possession", without_possession),
}


def test_what_can_be_refused_without_the_registry_is(counter: Counter) -> None:
    counter.introduce()
    counter.registry_down()
    counter.keep(1)
    stranger = Signer(new_key(), counter.realm.officers["chen"].certificate)
    for name, (reason, make) in REFUSED.items():
        answer = counter.post("chen", make(counter))
        assert answer.status == 422, (name, answer.body)
        assert answer.problem["reason"] == reason, (name, answer.body)
    # Whose matter alone it is, clients are told.
    assert counter.post("chen", without_possession(counter)).problem["item"] == 0
    answer = counter.post("chen", document(counter.enrolment(), stranger))
    assert answer.problem["reason"] == "bad-signature"
    assert counter.metric("auth_lra_spool_waiting") == 1


def test_what_the_registry_refuses_later_is_told(counter: Counter) -> None:
    counter.introduce("chen", "he")
    counter.registry_down()
    # Nobody here can know that there is no such certificate.
    item = {"serial": "0165" + secrets.token_hex(16), "reason": "keyCompromise"}
    payload = payload_of("revoke", [item], office="xian")
    sent = counter.signed(payload, "he")
    answer = counter.post("he", sent)
    assert answer.status == 202, answer.body
    (good,) = counter.keep(1)
    counter.registry_up()
    counter.wait_delivered()
    assert good in counter.rows()
    name = id_of(payload)
    assert name not in counter.rows()
    for target in (f"/requests/{name}", f"/requests/{name}/outcome"):
        seen = counter.ask("chen", "GET", target)
        assert seen.status == 200 and seen.json["state"] == "refused", seen.body
        assert seen.json["reason"] == "subject" and seen.json["detail"] and seen.json["kept"] is False
    (event,) = counter.events("delivery-refused")
    assert event["reason"] == "subject"
    assert counter.metric("auth_lra_spool_refused") == 1
    assert any(name in line for line in counter.realm.entries("denied"))
    # It survives a restart without the registry.
    counter.stop()
    counter.registry_down()
    counter.start()
    assert counter.ask("chen", "GET", f"/requests/{name}").json["state"] == "refused"
    # Sent once more it is neither kept nor told as delivered.
    again = counter.post("he", sent)
    assert again.status == 422 and again.problem["reason"] == "subject", again.body
    assert again.problem["detail"] == seen.json["detail"]
    assert counter.metric("auth_lra_spool_waiting") == 0


def test_a_refusal_is_forgotten_when_the_document_is_taken_in(counter: Counter) -> None:
    """Whether it comes to the registry directly or by way of the spool."""
    counter.introduce("he")
    for officer, is_kept in (("mao", False), ("nie", True)):
        # Nobody can be dismissed who was not appointed yet.
        payload = payload_of("dismiss", [{"officer": officer, "comment": "left"}], office="xian")
        sent = counter.signed(payload, "he")
        name = id_of(payload)
        counter.registry_down()
        assert counter.post("he", sent).status == 202
        counter.registry_up()
        counter.wait_delivered()
        assert counter.ask("he", "GET", f"/requests/{name}").json["state"] == "refused"
        counter.wait_ra()
        counter.realm.appoint(officer, "clerk", "xian")
        if is_kept:
            counter.stop()
            # As if so many had been delivered since that this one is no longer known.
            shutil.rmtree(counter.spool / "sent")
            counter.registry_down()
            counter.start()
            assert counter.post("he", sent).status == 202
            counter.registry_up()
            counter.wait_delivered()
        else:
            assert counter.post("he", sent).status == 201
        counter.wait_up()
        assert counter.ask("he", "GET", f"/requests/{name}").json["state"] == "submitted"
        assert wait_for(lambda: counter.metric("auth_lra_spool_refused") == 0)
        counter.registry_down()
        counter.wait_away()
        assert counter.ask("he", "GET", f"/requests/{name}").status == 503
        counter.registry_up()
        counter.wait_up()


def test_each_refusal_of_a_delivery_is_in_the_ledger(counter: Counter) -> None:
    """However many there are at once: an officer whom auth-lra knew stands behind each."""
    counter.introduce("he")
    counter.registry_down()
    names = []
    # Twice as many as are told of strangers in a minute, and some: a minute may end between them.
    for _ in range(130):
        item = {"serial": "0165" + secrets.token_hex(16), "reason": "keyCompromise"}
        payload = payload_of("revoke", [item], office="xian")
        assert counter.post("he", counter.signed(payload, "he")).status == 202
        names.append(id_of(payload))
    counter.registry_up()
    counter.wait_delivered()
    assert counter.metric("auth_lra_spool_refused") == 130
    told = "\n".join(counter.realm.entries("denied"))
    assert [name for name in names if name not in told] == []


def test_a_restart_without_the_registry(counter: Counter) -> None:
    counter.introduce("chen", "guo")
    counter.stop()
    counter.registry_down()
    counter.start()
    (name,) = counter.keep(1)
    assert counter.ask("guo", "GET", f"/requests/{name}").json["state"] == "kept"
    # Of whom the registry was never asked here is not let in.
    answer = counter.ask("he", "GET", f"/requests/{name}")
    assert answer.status == 403 and "never been asked about you" in answer.problem["detail"]
    counter.registry_up()
    counter.wait_delivered()
    assert name in counter.rows()
    counter.officer("he").close()
    assert counter.ask("he", "GET", f"/requests/{name}").status == 200


def age_knowledge(spool: Path, seconds: int) -> None:
    """Makes all that is known older, as time would."""
    file = spool / "known"
    text = re.sub(
        r"^(office.*) (\d+)( good| bad)?$",
        lambda match: f"{match[1]} {int(match[2]) - seconds}{match[3] or ''}",
        file.read_text(encoding="utf-8").partition("\nend ")[0],
        flags=re.M,
    )
    sealed = f"{text}\n"
    file.write_text(f"{sealed}end {hashlib.sha256(sealed.encode()).hexdigest()}\n", encoding="utf-8")


def test_knowledge_that_is_too_old_counts_no_more(counter: Counter) -> None:
    counter.introduce()
    counter.stop()
    counter.registry_down()
    age_knowledge(counter.spool, 3500)
    counter.start("--offline-max=1h")
    counter.keep(1)
    counter.stop()
    age_knowledge(counter.spool, 200)
    counter.start("--offline-max=1h")
    answer = counter.post("chen", counter.signed(counter.enrolment()))
    assert answer.status == 403, answer.body
    assert "61 minutes old, which is more than 60" in answer.problem["detail"]


def test_without_any_knowledge_it_waits_for_the_registry(counter: Counter) -> None:
    counter.stop()
    counter.registry_down()
    counter.clear()
    counter.start()
    status, text = counter.admin("/readyz")
    assert status == 503 and "never reached" in text
    assert counter.post("chen", counter.signed(counter.enrolment())).status == 403
    counter.registry_up()
    counter.wait_up()
    counter.officer("chen").close()
    assert counter.post("chen", counter.signed(counter.enrolment())).status == 201


def test_damaged_knowledge_is_told_and_not_believed(counter: Counter) -> None:
    counter.introduce()
    counter.stop()
    file = counter.spool / "known"
    file.write_text(file.read_text(encoding="utf-8").replace(" chen ", " chan "), encoding="utf-8")
    counter.registry_down()
    counter.start()
    assert counter.events("knowledge-lost")
    assert counter.post("chen", counter.signed(counter.enrolment())).status == 403


def test_one_officer_does_not_fill_the_spool(counter: Counter) -> None:
    counter.introduce("chen", "guo")
    counter.stop()
    counter.registry_down()
    counter.start("--spool-max-documents=8")
    counter.keep(2)
    answer = counter.post("chen", counter.signed(counter.enrolment()))
    assert answer.status == 503, answer.body
    assert "2 documents of one officer wait" in answer.problem["detail"]
    assert "have another officer enter" in answer.problem["detail"]
    counter.keep(2, "guo")
    assert counter.admin("/readyz")[0] == 200


def test_a_full_spool_says_so(counter: Counter) -> None:
    counter.introduce("chen", "guo", "he")
    counter.stop()
    counter.registry_down()
    counter.start("--spool-max-documents=3")
    ids = [name for who in ("chen", "guo", "he") for name in counter.keep(1, who)]
    answer = counter.post("chen", counter.signed(counter.enrolment()))
    assert answer.status == 503, answer.body
    assert "it is full with 3 documents" in answer.problem["detail"]
    assert "bring the line to the registry back" in answer.problem["detail"]
    status, text = counter.admin("/readyz")
    assert status == 503 and "full" in text
    counter.registry_up()
    counter.wait_delivered()
    assert set(ids) <= set(counter.rows())
    counter.registry_down()
    counter.keep(1)


def test_a_damaged_file_is_set_aside_and_told(counter: Counter) -> None:
    counter.introduce()
    counter.registry_down()
    ids = counter.keep(3)
    victim = next(file for file in (counter.spool / "new").iterdir() if file.name.startswith(sorted(ids)[1]))
    octets = bytearray(victim.read_bytes())
    octets[40] ^= 1
    victim.write_bytes(octets)
    counter.registry_up()
    counter.wait_delivered()
    assert [name for name in counter.rows() if name in ids] == [sorted(ids)[0], sorted(ids)[2]]
    assert counter.metric("auth_lra_spool_bad") == 1
    assert counter.metric('auth_lra_spool_events_total{event="set-aside"}') == 1
    (event,) = counter.events("spool")
    assert event["what"] == "set-aside" and "SHA-256" in event["why"]
    found = counter.realm.auth("doctor", counter.realm.dir, is_good=False)
    assert "1 damaged documents are not delivered" in found
    # Asked for, it is not there; sent again, it is taken in.
    assert counter.ask("chen", "GET", f"/requests/{sorted(ids)[1]}").status == 404


def test_nothing_of_a_person_is_in_clear_on_the_disk(counter: Counter) -> None:
    counter.introduce()
    counter.registry_down()
    item = enrolment(1, new_key()) | {
        "person": {"type": "citizen", "number": "11010519491231002X", "name": "Zhang San"}
    }
    payload = payload_of("enrol", [item], "citizen-signing", office="xian")
    assert counter.post("chen", counter.signed(payload)).status == 202
    encoded = base64url(payload)
    for file in counter.spool.rglob("*"):
        if file.is_file():
            octets = file.read_bytes()
            for secret in (b"110105", b"Zhang San", encoded[:40].encode(), encoded[60:100].encode()):
                assert secret not in octets
    assert "110105" not in counter.log_file.read_text(encoding="utf-8")


def test_documents_that_come_while_others_wait_go_behind_them(counter: Counter) -> None:
    counter.introduce()
    counter.registry_down()
    ids = counter.keep(150)
    counter.registry_up()

    def is_direct() -> bool:
        payload = counter.enrolment()
        answer = counter.post("chen", counter.signed(payload))
        assert answer.status in (200, 201, 202), answer.body
        ids.append(id_of(payload))
        return answer.status == 201 and answer.json["kept"] is False

    assert wait_for(is_direct)
    counter.wait_delivered()
    assert [name for name in counter.rows() if name in ids] == sorted(ids)


def test_many_send_while_the_registry_comes_and_goes(counter: Counter) -> None:
    """Spool, link, delivery and those who send are at work at the same time: each document is there once in the end."""
    counter.introduce("chen")
    ended = threading.Event()

    def send(_: int) -> dict[str, int]:
        """Sends document after document on a line of its own; what each was answered with."""
        chen = dataclasses.replace(counter.officer("chen"), connections={})
        answers = {}

        def ask(method: str, target: str, body: bytes | None = None) -> Answer:
            """A line may have ended while it was idle, as when all wait for the registry."""
            try:
                return chen.ask(counter.port, method, target, body)
            except (OSError, http.client.HTTPException):
                return chen.ask(counter.port, method, target, body)

        while not ended.is_set():
            payload = counter.enrolment()
            sent = counter.signed(payload)
            answer = ask("POST", "/requests", sent)
            while answer.status == 503 and answer.json["retryable"]:  # slow machines have too much to do at times
                answer = ask("POST", "/requests", sent)
            assert answer.status in (200, 201, 202), answer.body
            # It is looked for while it is delivered.
            seen = ask("GET", f"/requests/{id_of(payload)}")
            assert seen.status in (200, 503), seen.body
            answers[id_of(payload)] = answer.status
        chen.close()
        return answers

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(send, number) for number in range(4)]

        def is_so(what: Callable[[], bool]) -> bool:
            """Waits for it; whatever ends a sender before ends this, too."""
            return bool(wait_for(lambda: what() or [each.result() for each in running if each.done()]))

        try:
            before = len(counter.rows())
            assert is_so(lambda: len(counter.rows()) > before + 20)
            for _ in range(3):
                kept = counter.metric("auth_lra_kept_total")
                counter.registry_down()
                assert is_so(lambda: counter.metric("auth_lra_kept_total") >= kept + 20)
                counter.registry_up()
                counter.wait_up()
                rows = len(counter.rows())
                assert is_so(lambda: len(counter.rows()) > rows + 20)
        finally:
            ended.set()
        answers = {name: status for each in running for name, status in each.result().items()}
    counter.wait_delivered()
    assert 201 in answers.values() and 202 in answers.values()
    rows = counter.rows()
    assert set(answers) <= set(rows) and len(rows) == len(set(rows))
    assert not counter.events("spool-damaged") and not counter.events("delivery-refused")


def test_a_registry_that_many_ask_at_once_is_not_away(counter: Counter) -> None:
    """All threads wait for a lock, longer than others wait for a thread; the registry answers all the time."""
    counter.introduce()
    officers = [dataclasses.replace(counter.officer("chen"), connections={}) for _ in range(24)]

    def ask(officer: Officer) -> int:
        return officer.ask(counter.port, "GET", "/requests").status

    assert {ask(officer) for officer in officers} == {200}
    with ThreadPoolExecutor(24) as pool, counter.hold("registry.request") as release:
        asked = [pool.submit(ask, officer) for officer in officers]
        # Those beyond the last thread are told that they had no answer; the others hear it later.
        assert wait_for(lambda: [each.result() for each in asked if each.done()].count(503) >= 4)
        assert counter.metric("auth_lra_registry_up") == 1
        release()
        assert {each.result() for each in asked} <= {200, 503}
    for officer in officers:
        officer.close()
    assert counter.post("chen", counter.signed(counter.enrolment())).status == 201
    assert counter.events("registry-away") == []


def test_a_registry_that_speaks_of_another_office_is_refused(counter: Counter) -> None:
    counter.stop()
    counter.sql("UPDATE registry.office_login SET office_no = 1 WHERE login = 'auth_lra'")
    try:
        counter.start(is_ready=False)
        assert counter.process is not None and counter.process.wait(60) == 3
        (event,) = counter.events("cannot-start")
        assert "auth registry assign" in event["detail"]
    finally:
        counter.process = None
        counter.realm.auth("registry", "assign", counter.realm.dir)


def test_who_only_looks_enters_nothing(counter: Counter) -> None:
    counter.introduce("fan")
    counter.registry_down()
    counter.wait_away()
    assert counter.post("fan", counter.signed(counter.enrolment())).status == 403
    assert counter.ask("fan", "GET", "/requests?state=kept").status == 200
