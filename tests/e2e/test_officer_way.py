# SPDX-License-Identifier: Apache-2.0
"""Do officers get a person's certificate with what auth offers them, from an appointment to a revocation, and is
each of them told in plain words what is missing or wrong?"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FAULT, NO, TIMEOUT_S, USAGE, YES, Auth
from offices import PERSONS, Office, check, running

ID = "019a8f0e-4c7a-7c1e-9d52-6b1f0c9a3e77"
SERIAL = "01e3" + "ab" * 16


@pytest.fixture(scope="module")
def office(auth: Auth) -> Iterator[Office]:
    with running(auth) as made:
        made.appoint("wang", "clerk")
        made.appoint("zhao", "approver")
        yield made


def test_the_new_officer_has_all_that_she_needs(office: Office) -> None:
    conf = office.conf("wang").read_text(encoding="utf-8")
    for line in ("trust = wang.trust", "certificate = wang.cer", "key = wang.pem", "realm = shaanxi"):
        assert line in conf.splitlines()
    assert f"server = {office.server}" in conf.splitlines()
    for ending in ("pem", "conf", "trust"):
        assert (office.place / f"wang.{ending}").stat().st_mode & 0o077 == 0
    shown = office.auth("cert", "show", office.place / "wang.cer")
    assert "CN=Wang,UID=wang,title=clerk,OU=centre,O=shaanxi" in shown.text


def test_a_person_from_the_counter_to_a_revocation(office: Office) -> None:
    number = office.number()
    asked = office(
        "wang", "enrol", "--name", "韩梅梅", "--evidence", office.record(), "--number-file", number,
        "--key-out", office.place / "han.pem",
    )
    assert asked.exit_code == YES, asked.error
    assert "submitted; needs 1 more approver: auth request approve " in asked.text
    id = asked.text.split(":")[0]
    shown = office("wang", "request", "show", id)
    clear = number.read_text(encoding="utf-8").strip()
    assert "韩梅梅" in shown.text and f"{clear[:6]}********{clear[-4:]}" in shown.text
    twice = office("wang", "request", "approve", "--yes", id)
    assert twice.exit_code == NO and "have the next one call this" in twice.error
    approved = office("zhao", "request", "approve", "--yes", id)
    assert approved.exit_code == YES, approved.error
    twice = office("zhao", "request", "approve", "--yes", id)
    assert twice.exit_code == NO and "has all signatures that it needs" in twice.error
    assert "韩梅梅" in approved.error and clear[:6] in approved.error
    found = re.search("done, certificate ([0-9a-f]+)", approved.text)
    assert found is not None
    serial = found[1]
    assert office("wang", "cert", "get", serial, "--out", office.place / "han.cer").exit_code == YES
    assert "CN=韩梅梅" in office.auth("cert", "show", office.place / "han.cer").text
    assert office("wang", "cert", "revoke", "--reason", "keyCompromise", serial).exit_code == YES
    again = office("wang", "cert", "revoke", "--reason", "superseded", serial)
    assert again.exit_code == NO and "state: " in again.text
    for answer in (asked, shown, approved, again):
        assert clear not in answer.text + answer.error
    logs = b"".join(path.read_bytes() for path in (office.realm / "log").iterdir())
    assert clear.encode() not in logs and logs != b""
    ledger = office.auth("ledger", "verify", "--dir", office.realm / "registry")
    assert ledger.exit_code == YES and "0 faults" in ledger.text


def test_suspended_and_resumed_by_two(office: Office) -> None:
    serial = office.certify("wang", "zhao", "suspended")
    assert office.done("wang", "cert", "suspend", serial)["state"] == "done"
    asked = office.done("wang", "cert", "resume", serial, "--comment", "the card was found")
    assert asked["state"] == "submitted" and asked["needs"][0]["roles"] == ["approver"]
    assert office.done("zhao", "request", "approve", "--yes", asked["id"])["state"] == "done"


def test_rekeyed_at_the_counter(office: Office) -> None:
    serial = office.certify("wang", "zhao", "worn")
    number = office.place / f"number-{office.used}"
    asked = office.done(
        "wang", "cert", "rekey", "--reason", "superseded", "--name", "李雷", "--evidence",
        office.record(), "--number-file", number, "--key-out", office.place / "worn-2.pem", serial,
    )
    done = office.done("zhao", "request", "approve", "--yes", asked["id"])
    assert done["items"][0]["certificate"] not in (None, serial)
    late = office("wang", "cert", "revoke", "--reason", "superseded", serial)
    assert late.exit_code == NO


def test_a_request_that_came_in_is_listed(office: Office) -> None:
    asked = office.enrol("wang", "--number-file", office.number(), "--key-out", office.place / "r.pem")
    listed = office("zhao", "request", "list", "--state", "submitted", "--kind", "enrol", "--json")
    assert listed.exit_code == YES
    for row in listed.objects:
        check("request-row.schema.json", row)
    assert asked["id"] in [row["id"] for row in listed.objects]
    assert office("zhao", "request", "reject", asked["id"]).exit_code == USAGE


def test_lists_go_on_where_they_ended(office: Office) -> None:
    whole = office("zhang", "request", "list", "--all", "--json").objects
    first = office("zhang", "request", "list", "--limit", "2", "--json")
    assert [row["id"] for row in first.objects] == [row["id"] for row in whole[:2]]
    assert f"--after {whole[1]['id']}" in first.error
    rest = office("zhang", "request", "list", "--after", whole[1]["id"], "--all", "--json").objects
    assert [row["id"] for row in rest] == [row["id"] for row in whole[2:]]
    assert "none" in office("zhang", "request", "list", "--before", "2020-01-01").text


def test_waiting_for_the_second_admin(office: Office) -> None:
    """One who waits hears of the outcome when the other has signed."""
    words = (
        "officer", "appoint", "sun", "--role", "auditor", "--name", "Sun Qi", "--number-file",
        office.number(), "--key-out", office.place / "sun.pem", "--json",
    )
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(office("zhang", *words, "--wait", "60")))
    waiting.start()
    found: list[str] = []
    while not found:
        rows = office("li", "request", "list", "--state", "submitted", "--kind", "appoint", "--json")
        found = [row["id"] for row in rows.objects]
    assert office("li", "request", "approve", "--yes", found[0]).exit_code == YES
    waiting.join(TIMEOUT_S)
    (answer,) = answers
    assert answer.exit_code == YES and answer.objects[0]["state"] == "done"
    assert (office.place / "sun.cer").exists()
    # Who reads everything signs nothing.
    refused = office("sun", "cert", "suspend", SERIAL)
    assert refused.exit_code == NO


def test_nobody_signs_twice_or_for_another_role(office: Office) -> None:
    asked = office.enrol("wang", "--number-file", office.number(), "--key-out", office.place / "t.pem")
    again = office("wang", "request", "approve", "--yes", asked["id"])
    assert again.exit_code == NO
    admin = office("zhang", "request", "approve", "--yes", asked["id"])
    assert admin.exit_code == NO and "role" in admin.error
    assert office.done("zhao", "request", "approve", "--yes", asked["id"])["state"] == "done"


def test_an_approver_sees_what_she_signs_and_may_say_no(office: Office) -> None:
    asked = office.enrol("wang", "--number-file", office.number(), "--key-out", office.place / "y.pem")
    refused = office("zhao", "request", "approve", asked["id"])
    assert refused.exit_code == NO and "--yes" in refused.error
    for word, code in (("no", NO), ("yes", YES)):
        terminal, end = pty.openpty()
        environment = {**office.auth.environment, "AUTH_OFFICER": str(office.conf("zhao"))}
        with subprocess.Popen(
            [office.auth.program, "request", "approve", asked["id"]],
            stdin=end, stderr=end, stdout=subprocess.PIPE, env=environment,
        ) as process:
            os.close(end)
            seen = ""
            while "sign this?" not in seen:
                seen += os.read(terminal, 4096).decode()
            os.write(terminal, f"{word}\n".encode())
            process.communicate(timeout=TIMEOUT_S)
        os.close(terminal)
        assert process.returncode == code
        assert "李雷" in seen and "id-card-read" in seen


def test_a_number_is_never_a_word_of_the_command_line(office: Office) -> None:
    answer = office("wang", "enrol", "--name", "Li", "--evidence", office.record(), "--activation", PERSONS[0])
    assert answer.exit_code != YES and PERSONS[0] not in answer.error
    answer = office("wang", "enrol", "--name", "Li", "--evidence", office.record(), "--activation")
    assert answer.exit_code == NO and "--number-file" in answer.error


def test_a_key_is_made_once_and_not_left_behind(office: Office) -> None:
    (office.place / "there.pem").write_text("mine\n", encoding="utf-8")
    words = ("enrol", "--name", "Li", "--evidence", office.record(), "--number-file", office.number())
    answer = office("wang", *words, "--key-out", office.place / "there.pem")
    assert answer.exit_code == NO and "is not overwritten" in answer.error
    assert (office.place / "there.pem").read_text(encoding="utf-8") == "mine\n"
    # What the daemon refuses leaves no key: an admin has no place in the quorum of an enrolment.
    answer = office("zhang", *words, "--key-out", office.place / "admin.pem")
    assert answer.exit_code == NO and "role" in answer.error
    assert not (office.place / "admin.pem").exists()


def test_keys_may_be_encrypted(office: Office) -> None:
    secret = office.place / "secret"
    secret.write_text("wonderland\n", encoding="utf-8")
    secret.chmod(0o600)
    office.appoint("qian", "clerk", "--key-passphrase-file", secret)
    answer = office("qian", "request", "list")
    assert answer.exit_code == NO and "--passphrase-file" in answer.error
    assert office("qian", "request", "list", "--passphrase-file", secret).exit_code == YES


def test_another_server_is_not_believed(office: Office) -> None:
    other = office.place / "other.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=somebody", "-keyout", office.place / "other.key", "-out", other],
        check=True, capture_output=True, timeout=TIMEOUT_S,
    )  # fmt: skip
    answer = office("zhang", "request", "list", "--trust", other)
    assert answer.exit_code == NO and "not to be believed" in answer.error
    # The name counts, also where the address is right.
    port = office.server.rpartition(":")[2]
    answer = office("zhang", "request", "list", "--server", f"https://127.0.0.2:{port}")
    assert answer.exit_code in (NO, FAULT)
    assert "not to be believed" in answer.error or "cannot be reached" in answer.error
    assert office("zhang", "request", "list", "--server", f"https://127.0.0.1:{port}").exit_code == YES


def test_doctor_finds_the_daemons_where_they_are(office: Office) -> None:
    found = office.auth("doctor", "--json", office.realm).objects
    assert "ports" not in [finding["check"] for finding in found], found


def test_a_daemon_that_is_away_is_said_so(office: Office) -> None:
    answer = office("zhang", "request", "list", "--server", "https://localhost:1")
    assert answer.exit_code == FAULT and "cannot be reached" in answer.error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("request", "list", "--server", "http://localhost:8441"), "https://HOST:PORT"),
        (("request", "list", "--server", "https://localhost/x"), "https://HOST:PORT"),
        (("request", "list", "--state", "a b"), "--state"),
        (("request", "list", "--from", "yesterday"), "2026-01-31"),
        (("cert", "revoke", "--reason", "superseded", "12"), "32 to 40"),
        (("cert", "revoke", "--reason", "superseded", "--since", "now", SERIAL), "--since"),
        (("officer", "appoint", "a", "--role", "clerk", "--name", "A", "--csr", "x.csr"), "--number-file"),
        (("cert", "get", SERIAL), "there is none of this serial number"),
        (("request", "show", ID), "request"),
    ],
)
def test_what_cannot_be_is_refused(office: Office, words: tuple[str, ...], told: str) -> None:
    answer = office("zhang", *words)
    assert answer.exit_code == NO, answer.error
    assert told in answer.error


@pytest.mark.parametrize(
    "words",
    [
        ("request", "show"),
        ("request", "show", "1"),
        ("request", "approve", ID[:-1]),
        ("request", "approve", "--wait", "1d", ID),
        ("request", "list", "--name", "x", "--serial", SERIAL),
        ("request", "list", "--limit", "0"),
        ("request", "list", "--after", "a b"),
        ("officer", "appoint", "a", "--role", "clerk", "--name", "A"),
        ("officer", "appoint", "a", "--role", "king", "--name", "A", "--key-out", "k"),
        ("officer", "dismiss", "a"),
        ("office", "open", "xian"),
        ("office", "close"),
        ("cert", "list"),
        ("cert", "get"),
        ("cert", "get", "--request", ID, SERIAL),
        ("cert", "revoke", SERIAL),
        ("cert", "revoke", "--reason", "superseded"),
        ("cert", "rekey", SERIAL),
        ("enrol", "--name", "A"),
        ("enrol", "--name", "A", "--evidence", "x=y", "--csr", "a", "--activation"),
        ("enrol", "--csv", "-"),
        ("enrol", "--csv", "t.csv", "--name", "A"),
        ("enrol", "--csv", "t.csv", "--batch", "1001"),
    ],
)
def test_wrong_usage(auth: Auth, words: tuple[str, ...]) -> None:
    answer = auth(*words)
    assert answer.exit_code == USAGE, answer.error


def test_files_that_are_not_there_are_named(office: Office) -> None:
    for option in ("--as", "--trust", "--certificate", "--key"):
        answer = office("zhang", "request", "list", option, "no-such-file")
        assert answer.exit_code in (NO, FAULT) and "no-such-file" in answer.error


def test_officer_conf_is_read_strictly(office: Office, tmp_path: Path) -> None:
    text = office.conf("zhang").read_text(encoding="utf-8")
    bad = tmp_path / "bad.conf"
    for line in ("colour = red", "server = https://a:1", "nothing"):
        bad.write_text(text + line + "\n", encoding="utf-8")
        answer = office.auth("request", "list", "--as", bad)
        assert answer.exit_code == NO and "line 8" in answer.error, answer.error
    answer = office.auth.with_environment(HOME=str(tmp_path))("request", "list")
    assert answer.exit_code == NO and "officer.conf" in answer.error
    home = tmp_path / ".config/auth"
    home.mkdir(parents=True)
    folder = office.realm / "officers"
    moved = text.replace("= zhang.", f"= {folder}/zhang.")
    (home / "officer.conf").write_text(moved, encoding="utf-8")
    assert office.auth.with_environment(HOME=str(tmp_path))("request", "list").exit_code == YES


def test_json_is_what_the_schemas_say(office: Office) -> None:
    (row,) = office("zhang", "request", "list", "--limit", "1", "--json").objects
    check("request-row.schema.json", row)
    assert json.dumps(row) != "{}"
