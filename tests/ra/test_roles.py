# SPDX-License-Identifier: Apache-2.0
"""The whole table of who may do what: every call of the API, by every role and by nobody, on what lies in the officer's
office, below it, beside it and above it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from officers import JSON, Answer, Officer, Realm, Signer, document, enrol, id_of, new_key, passport, wait_for
from openapi import api

ROLES = ("clerk", "approver", "admin", "auditor")
# Officers work in these; the tree is centre - xian - yanta, and centre - baoji.
WORKING = ("centre", "xian")
OFFICES = ("centre", "xian", "baoji", "yanta")
SEES = {"centre": OFFICES, "xian": ("xian", "yanta")}


@dataclass
class Subject:
    """What an office has, for others to look at."""

    office: str
    officer: str
    person: int
    name: str
    submitted: bytes
    rejected: str
    done: str
    holder: Signer


@dataclass
class World:
    realm: Realm
    subjects: dict[str, Subject]


def make_subject(realm: Realm, office: str) -> Subject:
    clerk, approver = realm.officers[f"{office}-clerk"], realm.officers["centre-approver"]
    name = f"Resident of {office}"
    holder, done = realm.enrol(clerk.name, approver.name, name, office=office)
    person = realm.persons
    submitted, rejected = (enrol(realm.person(), new_key(), name, office=office) for _ in range(2))
    signed = document(submitted, clerk)
    for each in (signed, document(rejected, clerk)):
        assert realm.ask(clerk.name, "POST", "/requests", each).status == 201
    body = json.dumps({"detail": "as an example"}).encode()
    assert realm.ask("zhang", "POST", f"/requests/{id_of(rejected)}/rejection", body, kind=JSON).status == 200
    return Subject(office, clerk.name, person, name, signed, id_of(rejected), done["id"], holder)


@pytest.fixture(scope="module")
def world(realm: Realm) -> Iterator[World]:
    realm.open_office("xian")
    realm.open_office("baoji")
    realm.open_office("yanta", parent="xian")
    for office in WORKING:
        for role in ROLES:
            realm.appoint(f"{office}-{role}", role, office)
    for office in ("baoji", "yanta"):
        realm.appoint(f"{office}-clerk", "clerk", office)
    yield World(realm, {office: make_subject(realm, office) for office in OFFICES})


def submitted_id(subject: Subject) -> str:
    text = json.loads(subject.submitted)["payload"]
    found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))["id"]
    assert isinstance(found, str)
    return found


@dataclass(frozen=True)
class Call:
    """A call about a subject: what is sent, what it gives in reach, and out of it."""

    target: Callable[[Subject], str]
    body: Callable[[Subject], bytes] | None = None
    kind: str = JSON
    out: int = 404
    # Of answers with rows: how many there are in reach; out of it there are none.
    rows: str | None = None
    # Roles that may do it to what is their own only.
    own_only: tuple[str, ...] = ()


def asked(**members: object) -> Callable[[Subject], bytes]:
    return lambda of: json.dumps({k: v(of) if callable(v) else v for k, v in members.items()}).encode()


def person(of: Subject) -> dict[str, str]:
    return {"type": "passport", "number": passport(of.person)["number"]}


CALLS: dict[tuple[str, str], Call] = {
    ("post", "/requests"): Call(lambda of: "/requests", lambda of: of.submitted, "application/jose+json", 422),
    ("get", "/requests"): Call(lambda of: f"/requests?office={of.office}", rows="requests"),
    ("post", "/requests/search"): Call(lambda of: "/requests/search", asked(person=person), out=200, rows="requests"),
    ("get", "/requests/{id}"): Call(lambda of: f"/requests/{of.done}"),
    ("get", "/requests/{id}/document"): Call(lambda of: f"/requests/{of.done}/document"),
    ("post", "/requests/{id}/signatures"): Call(
        lambda of: f"/requests/{submitted_id(of)}/signatures", lambda of: of.submitted, "application/jose+json"
    ),
    ("post", "/requests/{id}/rejection"): Call(
        lambda of: f"/requests/{of.rejected}/rejection", asked(detail="once more"), own_only=("clerk",)
    ),
    ("get", "/requests/{id}/outcome"): Call(lambda of: f"/requests/{of.done}/outcome?wait=1"),
    ("post", "/certificates/search"): Call(
        lambda of: "/certificates/search", asked(request=lambda of: of.done), out=200, rows="certificates"
    ),
    ("get", "/certificates/{serial}"): Call(lambda of: f"/certificates/{of.holder.serial}"),
    # The status of every certificate is there for all; where it came from is not.
    ("get", "/certificates/{serial}/status"): Call(lambda of: f"/certificates/{of.holder.serial}/status", out=200),
    ("get", "/offices"): Call(lambda of: "/offices?limit=1000", out=200),
    ("get", "/offices/{id}"): Call(lambda of: f"/offices/{of.office}"),
    ("get", "/officers"): Call(lambda of: f"/officers?office={of.office}", rows="officers"),
    ("get", "/officers/{id}"): Call(lambda of: f"/officers/{of.officer}"),
    ("get", "/statistics"): Call(lambda of: f"/statistics?office={of.office}"),
    ("get", "/realm"): Call(lambda of: "/realm", out=200),
}


def callers() -> dict[tuple[str, str], list[str] | None]:
    paths = api("ra").document["paths"]
    found = {}
    for path, methods in paths.items():
        for method, call in methods.items():
            found[method, path] = call["security"][0]["officer"] if call["security"] else None
    return found


def make(world: World, who: Officer, key: tuple[str, str], subject: Subject) -> Answer:
    call = CALLS[key]
    body = call.body and call.body(subject)
    return who.ask(world.realm.ports["ra"], key[0].upper(), call.target(subject), body, kind=call.kind)


def test_every_call_for_officers_is_in_the_table() -> None:
    for_officers = {key for key, roles in callers().items() if roles is not None}
    assert for_officers == CALLS.keys()


def test_a_refusal_leaves_one_record(world: World) -> None:
    """With the officer's name. First of all here: of many refusals in a second the log has some, and their number."""
    before = world.realm.log()
    name = "xian-auditor"
    who = Officer(world.realm.officers[name].key, world.realm.officers[name].certificate, world.realm.folder, name)
    assert make(world, who, ("post", "/requests"), world.subjects["xian"]).status == 403
    who.close()
    assert wait_for(lambda: len(records(world.realm, name)) == len([line for line in before if mine(line, name)]) + 1)
    assert records(world.realm, name)[-1]["code"] == 403


def mine(line: dict[str, Any], name: str) -> bool:
    return line["event"] == "request-refused" and line.get("peer") == name


def records(realm: Realm, name: str) -> list[dict[str, Any]]:
    return [line for line in realm.log() if mine(line, name)]


@pytest.mark.parametrize("office", WORKING)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("key", CALLS, ids=" ".join)
def test_who_may_do_what_where(world: World, key: tuple[str, str], role: str, office: str) -> None:
    call = CALLS[key]
    roles = callers()[key]
    who = world.realm.officers[f"{office}-{role}"]
    for subject in world.subjects.values():
        answer = make(world, who, key, subject)
        is_near = subject.office in SEES[office]
        if roles is not None and role not in roles:
            expected, expected_rows = 403, 0
        elif not is_near:
            expected, expected_rows = call.out, 0
        elif role in call.own_only and subject.officer != who.name:
            expected, expected_rows = 403, 0
        else:
            expected, expected_rows = 200, 1
        assert answer.status == expected, (subject.office, answer.body)
        if call.rows and answer.status == 200:
            assert (len(answer.json[call.rows]) > 0) == bool(expected_rows), subject.office


@pytest.mark.parametrize("key", CALLS, ids=" ".join)
def test_nobody_may_do_anything(world: World, key: tuple[str, str]) -> None:
    subject = world.subjects["centre"]
    who = Officer(subject.holder.key, subject.holder.certificate, world.realm.folder, "citizen")
    assert make(world, who, key, subject).status == 403
    who.close()


def test_what_is_seen_of_a_status_from_outside(world: World) -> None:
    who = world.realm.officers["xian-clerk"]
    found = who.ask(world.realm.ports["ra"], "GET", f"/certificates/{world.subjects['baoji'].holder.serial}/status").json
    assert found["status"] == "good" and found["office"] is None and found["request"] is None


def test_an_office_cannot_ask_for_another(world: World) -> None:
    clerk = world.realm.officers["xian-clerk"]
    for office in ("centre", "baoji"):
        payload = enrol(world.realm.person(), new_key(), office=office)
        answer = clerk.ask(world.realm.ports["ra"], "POST", "/requests", document(payload, clerk))
        assert answer.status == 422 and answer.problem["reason"] == "scope"
    # Nor above it: an approver of the city has no say in the centre.
    approver = world.realm.officers["xian-approver"]
    payload = enrol(world.realm.person(), new_key())
    body = document(payload, world.realm.officers["centre-clerk"], approver)
    answer = world.realm.ask("centre-clerk", "POST", "/requests", body)
    assert answer.status == 422 and answer.problem["reason"] == "scope"


def test_an_approver_above_approves(world: World) -> None:
    clerk, approver = world.realm.officers["yanta-clerk"], world.realm.officers["xian-approver"]
    payload = enrol(world.realm.person(), new_key(), office="yanta")
    assert world.realm.ask("yanta-clerk", "POST", "/requests", document(payload, clerk)).status == 201
    answer = world.realm.ask(
        "xian-approver", "POST", f"/requests/{id_of(payload)}/signatures", document(payload, approver)
    )
    assert answer.status == 200 and answer.json["state"] == "approved"
    assert world.realm.outcome("yanta-clerk", id_of(payload))["state"] == "done"


def test_nothing_of_all_that_is_left_behind(world: World) -> None:
    world.realm.fsck()
