# SPDX-License-Identifier: Apache-2.0
"""Does auth-lra serve the officers of its office and nobody else, and take nothing but requests in?"""

from __future__ import annotations

import http.client
import json
import re
import ssl

from counter import Counter
from officers import Officer, document, enrol, enrolment, id_of, new_key, now_text, payload_of, wait_for


def test_a_document_comes_in_and_is_seen_at_the_ra(counter: Counter) -> None:
    payload = counter.enrolment()
    sent = counter.post("chen", counter.signed(payload))
    assert sent.status == 201 and sent.json["state"] == "submitted" and sent.json["kept"] is False
    again = counter.post("chen", counter.signed(payload))
    assert again.status == 200 and again.json["known"] is True
    name = id_of(payload)
    target = f"/requests/{name}"
    for seen in (counter.ask("chen", "GET", target), counter.ask("guo", "GET", target), counter.realm.ask("zhang", "GET", target)):
        assert seen.status == 200 and seen.json["state"] == "submitted", seen.body
    # The approver decides at the RA, and the counter hears of it.
    guo = counter.realm.officers["guo"]
    signed = counter.realm.ask("guo", "POST", f"/requests/{name}/signatures", document(payload, guo))
    assert signed.status == 200 and signed.json["state"] == "approved", signed.body
    outcome = counter.ask("chen", "GET", f"/requests/{name}/outcome?wait=30")
    assert outcome.status == 200 and outcome.json["state"] == "done", outcome.body
    serial = outcome.json["items"][0]["certificate"]
    assert counter.ask("chen", "GET", f"/certificates/{serial}").status == 200
    assert counter.ask("fan", "GET", f"/certificates/{serial}/status").json["status"] == "good"
    assert counter.ask("chen", "GET", "/realm").json["you"]["office"] == "xian"
    # All that may be looked at, and of this office alone.
    for target in ("/offices/xian", "/officers/guo", f"/requests/{name}/document"):
        assert counter.ask("chen", "GET", target).status == 200, target
    assert [row["id"] for row in counter.ask("fan", "GET", "/offices").json["offices"]] == ["xian"]
    officers = counter.ask("fan", "GET", "/officers?office=xian").json["officers"]
    assert {row["id"] for row in officers} >= {"chen", "guo", "he", "fan"}
    assert counter.ask("fan", "GET", "/officers/zhang").status == 404
    for target, body in (("/requests/search", {"serial": serial}), ("/certificates/search", {"request": name})):
        found = counter.ask("chen", "POST", target, json.dumps(body).encode(), kind="application/json")
        assert found.status == 200, found.body


def test_who_may_do_what(counter: Counter) -> None:
    payload = counter.enrolment()
    name = id_of(payload)
    assert counter.post("fan", counter.signed(payload)).status == 403
    assert counter.post("chen", counter.signed(payload)).status == 201
    for who in ("chen", "guo", "he", "fan"):
        assert counter.ask(who, "GET", f"/requests/{name}").status == 200
        assert counter.ask(who, "GET", "/requests").status == 200
    # It approves nothing: there is no such route.
    for target in (f"/requests/{name}/signatures", f"/requests/{name}/rejection"):
        assert counter.ask("guo", "POST", target, counter.signed(payload, "guo")).status == 404
    assert counter.ask("he", "GET", "/statistics").status == 404


def test_an_officer_of_another_office_is_refused(counter: Counter) -> None:
    for who in ("zhang", "li"):
        answer = counter.ask(who, "GET", "/requests")
        assert answer.status == 403
        assert "your office is not served here" in answer.problem["detail"]


def test_a_document_of_another_office_is_refused(counter: Counter) -> None:
    payload = enrol(counter.realm.person(), new_key())
    answer = counter.post("chen", counter.signed(payload))
    assert answer.status == 422 and answer.problem["reason"] in ("scope", "office-closed")


def test_who_is_nobody(counter: Counter) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=root_of(counter))
    connection = http.client.HTTPSConnection("localhost", counter.port, context=context, timeout=30)
    connection.request("GET", "/requests")
    assert connection.getresponse().status == 403
    connection.close()
    citizen, _ = counter.realm.enrol("chen", "guo", office="xian")
    stranger = Officer(citizen.key, citizen.certificate, counter.realm.folder, "citizen", api="lra")
    answer = stranger.ask(counter.port, "GET", "/requests")
    stranger.close()
    assert answer.status == 403 and "no officer's of this realm" in answer.problem["detail"]


def root_of(counter: Counter) -> bytes:
    return (counter.realm.dir / "authorities/root.cer").read_bytes()


def test_a_dismissed_officer_is_out_at_once(counter: Counter) -> None:
    for officer in counter.realm.officers.values():
        officer.close()
    counter.realm.appoint("lu", "clerk", "xian")
    gone = counter.officer("lu")
    assert counter.ask("lu", "GET", "/requests").status == 200
    item = {"officer": "lu", "comment": "left"}
    payload = payload_of("dismiss", [item], office="xian")
    done = counter.obey(payload, "zhang", "li")
    assert done["state"] == "done", done

    def is_out() -> bool:
        try:
            return gone.ask(counter.port, "GET", "/requests").status == 403
        except (OSError, http.client.HTTPException):
            return True

    assert wait_for(is_out)
    answer = gone.ask(counter.port, "GET", "/requests")
    assert answer.status == 403 and "dismissed" in answer.problem["detail"]
    # Without the registry he stays out: what it said last is remembered, within a second.
    known = counter.spool / "known"
    assert wait_for(lambda: re.search(r" lu clerk \d+ bad$", known.read_text(encoding="utf-8"), flags=re.M))
    counter.registry_down()
    counter.wait_away()
    gone.close()
    answer = gone.ask(counter.port, "GET", "/requests?state=kept")
    assert answer.status == 403 and "does not count" in answer.problem["detail"]
    gone.close()


def test_no_person_number_is_told(counter: Counter) -> None:
    item = enrolment(1, new_key()) | {
        "person": {"type": "citizen", "number": "11010519491231002X", "name": "Zhang San"}
    }
    payload = payload_of("enrol", [item], "citizen-signing", office="xian", created=now_text(-7200), expires=now_text(-1))
    answer = counter.post("chen", counter.signed(payload))
    assert answer.status == 422
    assert b"110105" not in answer.body
    assert "110105" not in counter.log_file.read_text(encoding="utf-8")
    assert "110105" not in json.dumps(counter.admin("/metrics")[1])
