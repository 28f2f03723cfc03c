# SPDX-License-Identifier: Apache-2.0
"""Is everybody in a table enrolled once, whatever breaks in the middle, and is each line that cannot be told with its
place and reason?"""

from __future__ import annotations

import csv
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FAULT, NO, TIMEOUT_S, YES, Auth
from offices import PERSONS, Office, check, running
from tables import CITIZENS, HEAD, Table, facts_of, kill_at


@pytest.fixture(scope="module")
def office(auth: Auth) -> Iterator[Office]:
    with running(auth) as made:
        made.appoint("wang", "clerk")
        made.appoint("zhao", "approver")
        made.record()
        made.used = len(PERSONS)
        yield made


def requests(office: Office) -> dict[str, dict[str, object]]:
    rows = office("zhang", "request", "list", "--kind", "enrol", "--all", "--json").objects
    return {row["id"]: row for row in rows}


def approve_all(office: Office, ids: list[str]) -> None:
    for id in ids:
        assert office("zhao", "request", "approve", "--yes", id).exit_code == YES


def test_a_table_of_all_sorts(office: Office) -> None:
    table = Table(office, "sorts")
    good = table.persons(3)
    table.persons(2, key=False)
    spare = CITIZENS[-6:]
    mistakes = [
        ([good[0][:-1] + "?", "Wrong", "id-card-read", "record.xml", ""], "1", "number"),
        ([good[0], "Twice", "id-card-read", "record.xml", ""], "1", "before"),
        ([spare[0], "Lost", "id-card-read", "no-such-file", ""], "4", "no-such-file"),
        ([spare[1], "Guessed", "guess", "record.xml", ""], "3", "id-card-read"),
        ([spare[2], "I am 110105194912310020", "id-card-read", "record.xml", ""], "2", "digits"),
        ([spare[3], "", "id-card-read", "record.xml", ""], "2", "name"),
        ([spare[4], "Short"], "", "5"),
        ([spare[5], "No request", "id-card-read", "record.xml", "record.xml"], "5", "record.xml"),
    ]
    table.rows += [row for row, _, _ in mistakes]
    table.write()
    answer = office("wang", "enrol", "--csv", table.path, "--batch", "2", "--json")
    assert answer.exit_code == NO, answer.error
    (summary,) = answer.objects
    check("enrol-table.schema.json", summary)
    assert (summary["lines"], summary["refused"], summary["open"], summary["unsigned"]) == (13, 8, 5, 3)
    report = table.report()
    assert [row["line"] for row in report] == [str(7 + i) for i in range(8)]
    for row, (_, column, told) in zip(report, mistakes):
        assert row["column"] == column and told in row["detail"], row
    assert len(table.documents()) == 3
    told = office("wang", "enrol", "--csv", table.path, "--batch", "2").text
    assert "documents that lack a signature: 3;" in told
    assert f"the first is signed by 'auth request approve {table.documents()[0]}'" in told
    assert "correct those lines in a new table of their own" in told
    approve_all(office, table.documents())
    again = office("wang", "enrol", "--csv", table.path, "--batch", "2", "--json")
    (summary,) = again.objects
    assert summary["unsigned"] == 0
    assert (summary["done"], summary["waiting"], summary["open"], summary["refused"]) == (3, 2, 0, 8)
    with table.beside(".codes.csv").open(encoding="utf-8", newline="") as file:
        codes = list(csv.DictReader(file))
    assert [row["line"] for row in codes] == ["5", "6"]
    assert len({row[which] for row in codes for which in ("first", "second")}) == 4
    for ending in (".state", ".codes.csv", ".report.csv"):
        assert table.beside(ending).stat().st_mode & 0o077 == 0
    for number in (*good, *spare):
        assert number not in answer.text + answer.error + table.beside(".report.csv").read_text("utf-8")


def test_killed_at_any_moment_it_goes_on(office: Office) -> None:
    table = Table(office, "killed")
    numbers = table.persons(10)
    table.write()
    before = set(requests(office))
    words = (office.auth.program, "enrol", "--csv", table.path, "--batch", "1")
    environment = {**office.auth.environment, "AUTH_OFFICER": str(office.conf("wang"))}
    state = table.beside(".state")
    kills = 0
    size = 0
    while True:
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            # Each time a little later: before the document is written, before it is sent, before that is noted.
            while process.poll() is None and (not state.exists() or state.stat().st_size <= size):
                os.sched_yield()
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=TIMEOUT_S)
        if process.returncode == YES:
            break
        assert process.returncode == -signal.SIGKILL
        kills += 1
        size = state.stat().st_size
        # Part of a line is no fact, and is no hindrance.
        if kills % 3 == 0:
            with state.open("a", encoding="utf-8") as file:
                file.write("batch 019a8f0e")
    assert kills >= 5
    new = {id: row for id, row in requests(office).items() if id not in before}
    assert sorted(new) == sorted(table.documents())
    assert sum(int(str(row["items"])) for row in new.values()) == len(numbers)
    approve_all(office, list(new))
    answer = office("wang", "enrol", "--csv", table.path, "--batch", "1", "--wait", "60", "--json")
    assert answer.exit_code == YES and answer.objects[0]["done"] == len(numbers)


def test_bad_lines_leave_the_others_of_a_thousand(office: Office) -> None:
    """A number that cannot be, a request that proves nothing, a person who has a certificate, and the clerk herself: each
    is told with its line, and the others come in once, though the call is killed wherever a document changes hands."""
    table = Table(office, "thousand")
    numbers = table.persons(2)
    table.write()
    first = office("wang", "enrol", "--csv", table.path, "--batch", "1")
    assert first.exit_code == YES, first.error
    approve_all(office, table.documents())
    assert office("wang", "enrol", "--csv", table.path, "--wait", "60", "--json").objects[0]["done"] == 2
    table = Table(office, "thousand-2")
    passports = [[f"EE{i:07d}", f"Person {i}", "id-card-read", "record.xml", "", "passport"] for i in range(996)]
    (key,) = table.persons(1)
    damaged = bytearray((office.place / "thousand-2-0.csr").read_bytes())
    last = damaged.rindex(b"\n-----END") - 8
    damaged[last] = ord("A") if damaged[last] != ord("A") else ord("B")
    (office.place / "damaged.csr").write_bytes(damaged)
    clerk = (office.place / "number-1").read_text(encoding="utf-8").strip()
    bad = {
        100: ([numbers[0][:-1] + "?", "Wrong", "id-card-read", "record.xml", "", ""], "line", "number"),
        300: ([key, "Damaged", "id-card-read", "record.xml", "damaged.csr", ""], "line", "signature"),
        500: ([clerk, "Wang", "id-card-read", "record.xml", "", ""], "line", "own-case"),
        700: ([numbers[1], "Had one", "id-card-read", "record.xml", "thousand-2-0.csr", ""], "has-certificate", ""),
    }
    table.rows = passports
    for line in sorted(bad):
        table.rows.insert(line - 2, bad[line][0])
    table.write([*HEAD, "type"])
    before = set(requests(office))
    words = ("enrol", "--csv", table.path, "--batch", "1000")
    state = table.beside(".state")
    for facts in (["batch"], ["batch", "split"], ["batch", "split", "batch"]):
        kill_at(office, "wang", words, state, facts)
        assert facts_of(state)[: len(facts)] == facts
    assert office("wang", *words).exit_code == NO
    assert facts_of(state) == ["batch", "split", "batch", "taken"]
    new = {id: row for id, row in requests(office).items() if id not in before}
    refused, taken = table.documents()
    assert list(new) == [taken] and new[taken]["items"] == 997
    # Of this document the authority refuses one item alone.
    approved = office("zhao", "request", "approve", "--yes", taken)
    assert approved.exit_code == NO and "has-certificate" in approved.text
    answer = office("wang", *words, "--wait", "60", "--json")
    assert answer.exit_code == NO, answer.error
    (summary,) = answer.objects
    check("enrol-table.schema.json", summary)
    assert (summary["lines"], summary["waiting"], summary["refused"]) == (1000, 996, 4)
    report = {int(row["line"]): row for row in table.report()}
    assert sorted(report) == sorted(bad)
    for line, (_, reason, told) in bad.items():
        assert report[line]["reason"] == reason and told in report[line]["detail"], report[line]
    with table.beside(".codes.csv").open(encoding="utf-8", newline="") as file:
        codes = list(csv.DictReader(file))
    assert {row["request"] for row in codes} == {taken}
    assert sorted(int(row["line"]) for row in codes) == [n for n in range(2, 1002) if n not in bad]
    for number in (*numbers, key, clerk):
        assert number not in answer.text + answer.error + table.beside(".report.csv").read_text("utf-8")
    shown = office("zhang", "ledger", "verify", "--dir", office.realm / "registry")
    assert shown.exit_code == YES and "0 faults" in shown.text
    assert refused not in new


def test_a_person_whose_line_was_refused_comes_by_another_one(office: Office) -> None:
    """Also in a second call, and when the others of her document are asked for anew."""
    table = Table(office, "anew")
    first, second = table.persons(2, key=False)
    clerk = (office.place / "number-1").read_text(encoding="utf-8").strip()
    table.rows = [
        [first, "No record", "id-card-read", "no-such-file", ""],
        [first, "First", "id-card-read", "record.xml", ""],
        [clerk, "Wang", "id-card-read", "record.xml", ""],
        [second, "Second", "id-card-read", "record.xml", ""],
    ]
    table.write()
    state = table.beside(".state")
    words = ("enrol", "--csv", table.path)
    answer = office("wang", *words)
    assert answer.exit_code == NO and facts_of(state) == ["batch", "split", "batch", "taken"], answer.error
    assert [row["line"] for row in table.report()] == ["2", "4"]
    # As it was when a crash came behind the first refusal.
    lines = state.read_text(encoding="utf-8").splitlines(keepends=True)
    state.write_text("".join(lines[:2]), encoding="utf-8")
    before = set(requests(office))
    assert office("wang", *words).exit_code == NO
    assert [row["line"] for row in table.report()] == ["2", "4"]
    (new,) = set(requests(office)) - before
    assert requests(office)[new]["items"] == 2


def test_a_daemon_that_goes_away_loses_nothing(office: Office) -> None:
    table = Table(office, "away")
    table.persons(2)
    table.write()
    away = office("wang", "enrol", "--csv", table.path, "--batch", "1", "--server", "https://localhost:1")
    assert away.exit_code == FAULT and "cannot be reached" in away.error
    assert not table.beside(".state").exists()
    # Written and not sent, as by a call that was killed in between.
    assert office("wang", "enrol", "--csv", table.path, "--batch", "1").exit_code == YES
    state = table.beside(".state")
    lines = state.read_text(encoding="utf-8").splitlines(keepends=True)
    state.write_text("".join(line for line in lines if not line.startswith("taken")), encoding="utf-8")
    before = requests(office)
    again = office("wang", "enrol", "--csv", table.path, "--batch", "1")
    assert again.exit_code == YES, again.error
    assert requests(office).keys() == before.keys()


def test_progress_is_shown_on_a_terminal_alone(office: Office) -> None:
    table = Table(office, "progress")
    table.rows = [[CITIZENS[-4], "short"], [CITIZENS[-5], "short"]]
    table.write()
    terminal, end = pty.openpty()
    environment = {**office.auth.environment, "AUTH_OFFICER": str(office.conf("wang"))}
    words = (office.auth.program, "enrol", "--csv", table.path)
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=end) as process:
        os.close(end)
        out, _ = process.communicate(timeout=TIMEOUT_S)
    shown = os.read(terminal, 4096).decode()
    os.close(terminal)
    assert "[" + "#" * 15 + "." * 15 + "] 1/2" in shown and "[" + "#" * 30 + "] 2/2" in shown
    assert b"2 refused" in out
    assert "#" not in office("wang", "enrol", "--csv", table.path).error


def test_another_table_under_the_name_is_refused(office: Office) -> None:
    table = Table(office, "other")
    table.persons(1)
    table.write()
    assert office("wang", "enrol", "--csv", table.path).exit_code == YES
    table.rows[0][1] = "Somebody"
    table.write()
    answer = office("wang", "enrol", "--csv", table.path)
    assert answer.exit_code == NO and "was begun with another table" in answer.error
    state = table.beside(".state")
    for line in ("nothing", "taken 1", "batch x y z", "refused one 2 three", "codes a 1 b"):
        table.rows[0][1] = line
        table.write()
        state.unlink()
        assert office("wang", "enrol", "--csv", table.path).exit_code == YES
        with state.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        answer = office("wang", "enrol", "--csv", table.path)
        assert answer.exit_code == NO and "did not write" in answer.error, line
    state.write_text("a shopping list\n", encoding="utf-8")
    assert "no file of this program" in office("wang", "enrol", "--csv", table.path).error


def test_two_calls_at_once_are_refused(office: Office) -> None:
    table = Table(office, "twice")
    table.rows = [[CITIZENS[-1], "A", "id-card-read", "record.xml", ""]]
    table.write()
    state = table.beside(".state")
    with subprocess.Popen(["flock", state, "cat"], stdin=subprocess.PIPE) as holder:
        while subprocess.run(["flock", "-n", state, "true"], timeout=TIMEOUT_S).returncode == 0:
            os.sched_yield()
        answer = office("wang", "enrol", "--csv", table.path)
        assert answer.exit_code == NO and "another call works on this table" in answer.error
        holder.communicate()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("number,name\n", "evidence-method"),
        ("number,name,evidence-method\n", "evidence-file"),
        ("number,name,evidence-method,evidence-file,evidence-digest\n", "only one"),
        ("number,name,evidence-method,evidence-file,colour\n", "line 1, column 5"),
        ("number,number,name,evidence-method,evidence-file\n", "line 1, column 2"),
        ('number,name,evidence-method,evidence-file\n"1,x\n', "line 2, character 1"),
        ('number,name,evidence-method,evidence-file\n1,"x"y,z,a\n', "line 2, character 6"),
        ('number,name,evidence-method,evidence-file\n1,x"y",z,a\n', "line 2, character 4"),
        ("number,name,evidence-method,evidence-file\n1,\rx,z,a\n", "line 2, character 3"),
        ("number,name,evidence-method,evidence-file\n1,\0,z,a\n", "line 2, character 3"),
        (",".join("abcdefghijklmnopq") + "\n", "line 1"),
    ],
)
def test_what_is_no_table_is_told_and_nothing_happens(office: Office, text: str, told: str) -> None:
    path = office.place / "no.csv"
    path.write_text(text, encoding="utf-8", newline="")
    answer = office("wang", "enrol", "--csv", path)
    assert answer.exit_code == NO and told in answer.error, answer.error
    assert not path.with_name("no.csv.state").exists()


def test_whose_signature_has_no_place_is_told_before(office: Office) -> None:
    path = office.place / "role.csv"
    path.write_text("number,name,evidence-method,evidence-file\n", encoding="utf-8")
    answer = office("zhang", "enrol", "--csv", path)
    assert answer.exit_code == NO and "admin" in answer.error
    assert not path.with_name("role.csv.state").exists()


def test_forms_of_csv(office: Office) -> None:
    """A mark at the beginning, ends of lines of either kind, empty lines, digests instead of files, quotes in quotes."""
    digest = "00" * 32
    path = office.place / "forms.csv"
    number = CITIZENS[-2]
    text = (
        "\ufeffname,evidence-digest,evidence-method,type,number\r\n\r\n"
        f'"O""Neill, A\nB",{digest},document-seen,citizen,{number}\n\n'
        f'"Li",{digest},document-seen,passport,{CITIZENS[-3]}'
    )
    path.write_text(text, encoding="utf-8", newline="")
    answer = office("wang", "enrol", "--csv", path, "--json")
    assert answer.exit_code == NO
    (summary,) = answer.objects
    with path.with_name("forms.csv.report.csv").open(encoding="utf-8", newline="") as file:
        report = list(csv.DictReader(file))
    # A name has no line feed in it; a number of eighteen digits is none of a passport.
    assert summary["lines"] == summary["refused"] == 2
    assert [(row["line"], row["column"]) for row in report] == [("3", "1"), ("6", "5")]
