# SPDX-License-Identifier: Apache-2.0
"""Do officers find what is there, end what should not be, and open and close offices; and do holders renew and
activate by themselves?"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FAULT, NO, USAGE, YES, Auth
from offices import Office, check, running


@pytest.fixture(scope="module")
def office(auth: Auth) -> Iterator[Office]:
    with running(auth) as made:
        made.appoint("wang", "clerk")
        made.appoint("zhao", "approver")
        yield made


def rows(office: Office, schema: str, officer: str, *words: str | Path) -> list[dict[str, object]]:
    answer = office(officer, *words, "--json")
    assert answer.exit_code == YES, answer.error
    for row in answer.objects:
        check(schema, row)
    return answer.objects


def test_a_request_that_came_in_is_rejected_with_a_reason(office: Office) -> None:
    asked = office.enrol("wang", "--number-file", office.number(), "--key-out", office.place / "r.pem")
    assert office("zhao", "request", "reject", asked["id"]).exit_code == USAGE
    rejected = office("zhao", "request", "reject", "--detail", "the picture is of somebody else", asked["id"])
    assert rejected.exit_code == YES, rejected.error
    assert "rejected" in rejected.text
    assert office("zhao", "request", "approve", "--yes", asked["id"]).exit_code == NO
    shown = office("wang", "request", "show", "--json", asked["id"]).objects[0]
    assert shown["state"] == "rejected" and shown["detail"] == "the picture is of somebody else"
    # What is rejected stays so, with the first reason.
    office("zhao", "request", "reject", "--detail", "once more", asked["id"])
    shown = office("wang", "request", "show", "--json", asked["id"]).objects[0]
    assert shown["detail"] == "the picture is of somebody else"


def test_an_officer_withdraws_her_own(office: Office) -> None:
    asked = office.enrol("wang", "--number-file", office.number(), "--key-out", office.place / "w.pem")
    withdrawn = office("wang", "request", "reject", "--detail", "entered for the wrong person", asked["id"])
    assert withdrawn.exit_code == YES, withdrawn.error


def test_requests_and_certificates_of_a_person_are_found(office: Office) -> None:
    serial = office.certify("wang", "zhao", "found")
    number = office.place / f"number-{office.used}"
    found = rows(office, "request-row.schema.json", "wang", "request", "list", "--number-file", number)
    assert [row["kind"] for row in found] == ["enrol"]
    by_name = rows(office, "request-row.schema.json", "wang", "request", "list", "--name", "李雷", "--all")
    assert found[0]["id"] in [row["id"] for row in by_name]
    certificates = rows(office, "certificate-row.schema.json", "wang", "cert", "list", "--number-file", number)
    assert [(row["serial"], row["status"]) for row in certificates] == [(serial, "good")]
    assert office("wang", "cert", "suspend", serial).exit_code == YES
    by_serial = rows(office, "request-row.schema.json", "wang", "request", "list", "--serial", serial)
    assert "suspend" in [row["kind"] for row in by_serial]
    by_request = rows(
        office, "certificate-row.schema.json", "wang", "cert", "list", "--request", str(found[0]["id"])
    )
    assert [(row["serial"], row["status"]) for row in by_request] == [(serial, "suspended")]
    clear = number.read_text(encoding="utf-8").strip()
    log = (office.realm / "log/ra.log").read_text(encoding="utf-8")
    assert clear not in log
    of_officer = rows(office, "certificate-row.schema.json", "zhang", "cert", "list", "--officer", "wang")
    assert [row["profile"] for row in of_officer] == ["officer"]
    text = office("wang", "cert", "list", "--number-file", number).text
    assert serial in text and "suspended" in text and clear not in text


def test_offices_are_opened_used_and_closed(office: Office) -> None:
    asked = office.done("zhang", "office", "open", "xian", "--region", "610100", "--name", "西安")
    assert asked["needs"][0]["roles"] == ["admin"]
    office.done("li", "request", "approve", "--yes", asked["id"])
    listed = {row["id"]: row for row in rows(office, "office-row.schema.json", "zhang", "office", "list")}
    assert listed["xian"]["parent"] == "centre" and listed["xian"]["region"] == "610100"
    office.appoint("sun", "clerk", "--office", "xian")
    officers = rows(office, "officer-row.schema.json", "zhang", "officer", "list", "--office", "xian")
    assert [(row["id"], row["role"], row["dismissed"]) for row in officers] == [("sun", "clerk", None)]
    # A clerk of the city enters, an approver above it approves.
    serial = office.certify("sun", "zhao", "city")
    (row,) = rows(
        office, "certificate-row.schema.json", "zhao", "cert", "list", "--number-file",
        office.place / f"number-{office.used}",
    )  # fmt: skip
    assert (row["serial"], row["office"]) == (serial, "xian")
    taken = office("zhang", "office", "open", "xian", "--region", "610100", "--name", "西安")
    if taken.exit_code == YES:
        id = taken.text.split(":")[0]
        assert office("li", "request", "approve", "--yes", id).exit_code == NO
    dismissed = office.done("zhang", "officer", "dismiss", "sun", "--office", "xian", "--comment", "has moved")
    office.done("li", "request", "approve", "--yes", dismissed["id"])
    late = office("sun", "request", "list")
    assert late.exit_code in (NO, FAULT), late.text
    closed = office.done("zhang", "office", "close", "xian")
    office.done("li", "request", "approve", "--yes", closed["id"])
    listed = {row["id"]: row for row in rows(office, "office-row.schema.json", "zhang", "office", "list")}
    assert listed["xian"]["closed"] is not None
    assert "xian" in office("zhang", "office", "list").text


def test_a_holder_renews_with_her_own_key(office: Office) -> None:
    serial = office.certify("wang", "zhao", "holder")
    old = office.place / "holder.cer"
    assert office("wang", "cert", "get", serial, "--out", old).exit_code == YES
    words: tuple[str | Path, ...] = (
        "cert", "renew", "--server", office.server, "--trust", office.realm / "authorities/root.cer",
        "--realm", "shaanxi", "--office", "centre", "--certificate", old, "--key", office.place / "holder.pem",
    )  # fmt: skip
    nobody = office.auth.with_environment(HOME=str(office.place))
    answer = nobody(*words, "--key-out", office.place / "next.pem")
    assert answer.exit_code == YES, answer.error + answer.text
    shown = office.auth("cert", "show", office.place / "next.cer")
    assert shown.exit_code == YES and serial not in shown.text and "CN=李雷" in shown.text
    # The old certificate has been replaced: what it signs counts no more.
    again = nobody(*words, "--key-out", office.place / "third.pem")
    assert again.exit_code == NO, again.text
    # Somebody else's key is none of hers.
    other = nobody(*words[:-1], office.place / "next.pem", "--key-out", office.place / "fourth.pem")
    assert other.exit_code == NO
    assert not (office.place / "third.pem").exists() and not (office.place / "fourth.pem").exists()


def test_a_holder_activates_at_home(office: Office) -> None:
    answer = office(
        "wang", "enrol", "--name", "韩梅梅", "--evidence", office.record(), "--number-file", office.number(),
        "--activation",
    )  # fmt: skip
    assert answer.exit_code == YES, answer.error
    id = answer.text.split(":")[0]
    codes = [line.rpartition(" ")[2] for line in answer.error.splitlines() if line.startswith("  ")]
    assert len(set(codes)) == 2 and all(len(code) == 19 for code in codes)
    approved = office("zhao", "request", "approve", "--yes", id)
    assert approved.exit_code == YES and "waiting" in approved.text
    nobody = office.auth.with_environment(HOME=str(office.place))
    words: tuple[str | Path, ...] = (
        "cert", "activate", "--server", office.server, "--trust", office.realm / "authorities/root.cer", id,
    )  # fmt: skip
    wrong = office.place / "wrong"
    wrong.write_text(f"{codes[1]}\n{codes[0]}\n", encoding="utf-8")
    refused = nobody(*words, "--codes-file", wrong, "--key-out", office.place / "home.pem")
    assert refused.exit_code == NO and not (office.place / "home.pem").exists(), refused.error
    right = office.place / "right"
    right.write_text("\n".join(codes) + "\n", encoding="utf-8")
    done = nobody(*words, "--codes-file", right, "--key-out", office.place / "home.pem")
    assert done.exit_code == YES, done.error + done.text
    assert f"the certificate is in {office.place / 'home.cer'}\n" in done.error
    assert "CN=韩梅梅" in office.auth("cert", "show", office.place / "home.cer").text
    short = office.place / "short"
    short.write_text("abc\ndef\n", encoding="utf-8")
    answer = nobody(*words, "--codes-file", short, "--key-out", office.place / "short.pem")
    assert answer.exit_code == NO and "8 to 64" in answer.error


def test_codes_of_a_table_open_their_items(office: Office) -> None:
    path = office.place / "codes.csv"
    office.record()
    numbers = [office.number().read_text(encoding="utf-8").strip() for _ in range(2)]
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["number", "name", "evidence-method", "evidence-file"])
        for i, number in enumerate(numbers):
            table.writerow([number, f"Person {i}", "id-card-read", "record.xml"])
    assert office("wang", "enrol", "--csv", path).exit_code == YES
    with path.with_name("codes.csv.codes.csv").open(encoding="utf-8", newline="") as file:
        codes = list(csv.DictReader(file))
    assert office("zhao", "request", "approve", "--yes", codes[0]["request"]).exit_code == YES
    nobody = office.auth.with_environment(HOME=str(office.place))
    for row in codes:
        secret = office.place / f"codes-{row['item']}"
        secret.write_text(f"{row['first']}\n{row['second']}\n", encoding="utf-8")
        key = office.place / f"item-{row['item']}.pem"
        done = nobody(
            "cert", "activate", "--server", office.server, "--trust", office.realm / "authorities/root.cer",
            "--item", row["item"], "--codes-file", secret, "--key-out", key, row["request"],
        )  # fmt: skip
        assert done.exit_code == YES, done.error + done.text
        shown = office.auth("cert", "show", key.with_suffix(".cer"))
        assert f"CN=Person {row['item']}" in shown.text
    summary = office("wang", "enrol", "--csv", path, "--json").objects[0]
    assert (summary["done"], summary["waiting"]) == (2, 0), json.dumps(summary)
