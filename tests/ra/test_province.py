# SPDX-License-Identifier: Apache-2.0
"""Does an auth-ra of a province serve its own part of the tree and those above it, and nobody and nothing else?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from officers import Officer, Realm, csr_of, document, enrol, id_of, new_key, passport, payload_of

OFFICERS = {
    "centre-approver": ("approver", "centre"),
    "xian-clerk": ("clerk", "xian"),
    "xian-approver": ("approver", "xian"),
    "yanta-clerk": ("clerk", "yanta"),
    "baoji-clerk": ("clerk", "baoji"),
}


@pytest.fixture(scope="module")
def province(realm: Realm) -> Iterator[Realm]:
    """The daemon speaks for xian from here on; there is a request of each office from before."""
    for office, parent in (("xian", "centre"), ("baoji", "centre"), ("yanta", "xian")):
        realm.open_office(office, parent=parent)
    for name, (role, office) in OFFICERS.items():
        realm.appoint(name, role, office)
    for clerk, office in (("clerk", "centre"), ("xian-clerk", "xian"), ("yanta-clerk", "yanta"), ("baoji-clerk", "baoji")):
        payload = enrol(realm.person(), new_key(), office=office)
        assert realm.ask(clerk, "POST", "/requests", document(payload, realm.officers[clerk])).status == 201
        realm.before[office] = payload
    realm.down()
    realm.up()
    realm.sql("UPDATE registry.office_login SET office_no = o.office_no FROM registry.office o"
               " WHERE o.office_id = 'xian' AND login = 'auth_ra'")
    realm.down()
    realm.up()
    yield realm


@pytest.mark.parametrize("who", ["zhang", "centre-approver", "clerk", "auditor"])
def test_who_works_above_sees_the_province(province: Realm, who: str) -> None:
    known = province.ask(who, "GET", "/realm").json
    assert known["office"] == "xian" and known["you"]["office"] == "centre"
    assert [row["id"] for row in province.ask(who, "GET", "/offices").json["offices"]] == ["xian", "yanta"]
    rows = province.ask(who, "GET", "/requests").json["requests"]
    assert {row["office"] for row in rows} == {"xian", "yanta"}
    for office, status in (("xian", 200), ("yanta", 200), ("centre", 404), ("baoji", 404)):
        assert province.ask(who, "GET", f"/requests/{id_of(province.before[office])}").status == status
    assert province.ask(who, "GET", "/officers/zhang").status == 404
    assert province.ask(who, "GET", f"/certificates/{province.officers['zhang'].serial}").status == 404


def test_another_province_is_not_served(province: Realm) -> None:
    answer = province.ask("baoji-clerk", "GET", "/realm")
    assert answer.status == 403 and "certificate: " in answer.problem["detail"]


def test_offices_of_elsewhere_are_not_served(province: Realm) -> None:
    for office in ("centre", "baoji"):
        payload = enrol(province.person(), new_key(), office=office)
        body = document(payload, province.officers["clerk"])
        answer = province.ask("clerk", "POST", "/requests", body)
        assert answer.status == 422 and answer.problem["reason"] in ("scope", "untrusted-signer")


def test_those_above_and_within_sign_together(province: Realm) -> None:
    payload = province.before["yanta"]
    body = document(payload, province.officers["centre-approver"])
    answer = province.ask("centre-approver", "POST", f"/requests/{id_of(payload)}/signatures", body)
    assert answer.status == 200 and answer.json["state"] == "approved", answer.body
    assert province.outcome("yanta-clerk", id_of(payload))["state"] == "done"
    item = {"person": passport(province.person()), "csr": csr_of(new_key()), "officer": "xian-new", "role": "clerk"}
    appoint = payload_of("appoint", [item], "officer", office="xian")
    found = province.obey(appoint, province.officers["zhang"], province.officers["li"])
    assert found["state"] == "done"


def test_the_city_does_not_see_the_province(province: Realm) -> None:
    assert [row["id"] for row in province.ask("yanta-clerk", "GET", "/offices").json["offices"]] == ["yanta"]
    assert province.ask("yanta-clerk", "GET", f"/requests/{id_of(province.before['xian'])}").status == 404


def test_who_is_dismissed_above_is_cut_off_here(province: Realm) -> None:
    approver = province.officers["centre-approver"]
    assert approver.ask(province.ports["ra"], "GET", "/realm").status == 200
    approver.close()
    revoke = payload_of("revoke", [{"serial": province.officers["xian-approver"].serial, "reason": "superseded"}])
    answer = province.ask("zhang", "POST", "/requests", document(revoke, province.officers["zhang"]))
    assert answer.status == 422 and answer.problem["reason"] in ("scope", "subject")
    revoke = payload_of(
        "revoke", [{"serial": province.officers["xian-approver"].serial, "reason": "superseded"}], office="xian"
    )
    assert province.obey(revoke, province.officers["zhang"])["state"] == "done"
    gone = province.officers["xian-approver"]
    fresh = Officer(gone.key, gone.certificate, province.folder, gone.name)
    assert fresh.ask(province.ports["ra"], "GET", "/realm").status == 403
    fresh.close()
    province.fsck()
