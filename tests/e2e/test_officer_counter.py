# SPDX-License-Identifier: Apache-2.0
"""Does a clerk of a city work through auth-lra by the same commands, also while the registry is away?"""

from __future__ import annotations

import csv
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import NO, YES, Answer, Auth
from offices import Office, check, running
from tables import HEAD, Table, facts_of, kill_at

DEADLINE_S = 90


@dataclass
class City:
    """The realm, and the address of the auth-lra of xian, whose clerk is sun."""

    office: Office
    server: tuple[str, str]

    def introduce(self, who: str) -> None:
        """Lets auth-lra know an officer by its registry."""

        def is_known() -> bool:
            return self.office(who, "request", "list", *self.server).exit_code == YES

        self.wait(is_known, "the registry knows no " + who)

    def stop_registry(self) -> None:
        answer = self.office.auth("registry", "stop", self.office.realm / "registry")
        assert answer.exit_code == YES, answer.error

    def up(self) -> None:
        answer = self.office.auth("up", self.office.realm)
        assert answer.exit_code == YES, answer.error

    def sun(self, *words: str | Path) -> Answer:
        return self.office("sun", *words, *self.server)

    def wait(self, is_so: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + DEADLINE_S
        while not is_so():
            assert time.monotonic() < end, what

    def wait_for_ra(self) -> None:
        """Until auth-ra, too, has found its registry again."""
        self.wait(lambda: self.office("zhao", "request", "list").exit_code == YES, "auth-ra finds no registry")


@pytest.fixture(scope="module")
def city(auth: Auth) -> Iterator[City]:
    with running(auth) as office:
        office.appoint("zhao", "approver")
        asked = office.done("zhang", "office", "open", "xian", "--region", "610100", "--name", "西安")
        office.done("li", "request", "approve", "--yes", asked["id"])
        office.appoint("sun", "clerk", "--office", "xian")
        office.record()
        with (office.realm / "realm.conf").open("a", encoding="utf-8") as conf:
            conf.write("lra-office = xian\n")
        up = auth("up", office.realm)
        assert up.exit_code == YES and "auth-lra: runs as process" in up.text, up.error
        where = auth("status", "--json", office.realm).objects[0]["addresses"]["auth-lra"]
        yield City(office, ("--server", "https://localhost:" + where.rpartition(":")[2]))


def test_a_counter_goes_on_without_the_registry(city: City) -> None:
    office = city.office
    server = city.server
    entered = office.enrol("sun", *server, "--number-file", office.number(), "--key-out", office.place / "1.pem")
    assert (entered["state"], entered["kept"]) == ("submitted", False)
    city.stop_registry()
    kept = office.enrol("sun", *server, "--number-file", office.number(), "--key-out", office.place / "2.pem")
    assert (kept["state"], kept["kept"]) == ("kept", True)
    told = city.sun(
        "enrol", "--name", "Li", "--evidence", office.record(), "--number-file", office.number(),
        "--key-out", office.place / "3.pem",
    )  # fmt: skip
    assert told.exit_code == YES and "kept" in told.text, told.error
    city.up()
    city.wait(lambda: office("zhao", "request", "show", kept["id"]).exit_code == YES, "what was kept is not delivered")
    done = office.done("zhao", "request", "approve", "--yes", kept["id"])
    assert done["state"] == "done" and done["items"][0]["certificate"]


def test_one_who_is_refused_later_leaves_the_others_of_her_document(city: City) -> None:
    """Two documents are kept; of one the registry refuses a person later, whom nobody at the counter could know: the clerk
    herself. The same call, once more, names her and enters the others, though it is killed wherever a document changes
    hands; nobody gets codes before they can be of use."""
    office = city.office
    table = Table(office, "later")
    clerk = (office.place / "number-2").read_text(encoding="utf-8").strip()
    table.rows = [[f"EE{i:07d}", f"Person {i}", "id-card-read", "record.xml", "", "passport"] for i in range(10)]
    table.rows.insert(2, ["EE12?", "Wrong", "id-card-read", "record.xml", "", "passport"])
    table.rows.insert(8, [clerk, "Sun", "id-card-read", "record.xml", "", ""])
    wrong, own = 4, 10
    city.introduce("sun")
    table.write([*HEAD, "type"])
    words = ("enrol", *city.server, "--csv", table.path, "--batch", "6")
    state = table.beside(".state")
    city.stop_registry()
    first = office("sun", *words)
    assert first.exit_code == NO and "11 of them are kept" in first.text, first.error + first.text
    assert facts_of(state) == ["batch", "taken", "batch", "taken"]
    (summary,) = office("sun", *words, "--json").objects
    check("enrol-table.schema.json", summary)
    assert (summary["lines"], summary["refused"], summary["open"], summary["kept"]) == (12, 1, 11, 11)
    assert [row["line"] for row in table.report()] == [str(wrong)]
    assert not summary["has_codes"] and not table.beside(".codes.csv").exists()
    good, bad = table.documents()
    city.up()
    city.wait_for_ra()
    city.wait(lambda: office("zhao", "request", "show", good).exit_code == YES, "what was kept is not delivered")
    # The document was refused because of the clerk alone, and who looks at it is told so.
    told = city.sun("request", "show", bad, "--json")
    assert told.exit_code == YES, told.error
    (shown,) = told.objects
    check("request-answer.schema.json", shown)
    assert (shown["state"], shown["reason"], shown["item"]) == ("refused", "own-case", 1)
    assert "item 1: it is refused because of this one alone" in city.sun("request", "show", bad).text
    before = ["batch", "taken", "batch", "taken"]
    for facts in ([*before, "split"], [*before, "split", "batch"]):
        kill_at(office, "sun", words, state, facts)
        assert facts_of(state)[: len(facts)] == facts
    again = office("sun", *words, "--json")
    assert again.exit_code == NO, again.error
    assert facts_of(state) == [*before, "split", "batch", "taken"]
    (summary,) = again.objects
    assert (summary["lines"], summary["refused"], summary["open"], summary["kept"]) == (12, 2, 10, 0)
    report = {int(row["line"]): row for row in table.report()}
    assert sorted(report) == [wrong, own]
    assert report[own]["detail"].startswith("own-case: ")
    new = table.documents()[2]
    for each in (good, new):
        assert office("zhao", "request", "approve", "--yes", each).exit_code == YES
    assert office("zhao", "request", "show", bad).exit_code != YES
    (summary,) = office("sun", *words, "--wait", "60", "--json").objects
    assert (summary["waiting"], summary["refused"], summary["open"]) == (10, 2, 0)
    with table.beside(".codes.csv").open(encoding="utf-8", newline="") as file:
        codes = list(csv.DictReader(file))
    assert {row["request"] for row in codes} == {good, new}
    assert sorted(int(row["line"]) for row in codes) == [n for n in range(2, 14) if n not in report]
    everything = again.text + again.error + table.beside(".report.csv").read_text(encoding="utf-8")
    assert clerk not in everything


def test_a_document_that_is_refused_as_a_whole_is_not_entered_again(city: City) -> None:
    """What is refused later because of its signer, who was dismissed meanwhile, is reported with all of its lines."""
    office = city.office
    office.appoint("tang", "clerk", "--office", "xian")
    city.introduce("tang")
    table = Table(office, "whole")
    table.rows = [[f"EF{i:07d}", f"Person {i}", "id-card-read", "record.xml", "", "passport"] for i in range(3)]
    codes = table.beside(".codes.csv")
    table.write([*HEAD, "type"])
    words = ("enrol", *city.server, "--csv", table.path)
    state = table.beside(".state")
    city.stop_registry()
    kept = office("tang", *words)
    assert kept.exit_code == YES and "3 of them are kept" in kept.text, kept.error
    pid = office.auth("status", "--json", office.realm).objects[0]["daemons"]["auth-lra"]
    # It is to hear of the dismissal before it can deliver.
    os.kill(pid, signal.SIGSTOP)
    try:
        assert office.auth("registry", "embed", office.realm / "registry").exit_code == YES
        city.wait_for_ra()
        asked = office.done("zhang", "officer", "dismiss", "tang", "--office", "xian", "--comment", "left")
        office.done("li", "request", "approve", "--yes", asked["id"])
    finally:
        os.kill(pid, signal.SIGCONT)
    (document,) = table.documents()

    def is_refused() -> bool:
        answer = city.sun("request", "show", document, "--json")
        return answer.exit_code == YES and answer.objects[0]["state"] == "refused"

    city.wait(is_refused, "what was kept is not delivered")
    assert "item" not in city.sun("request", "show", document, "--json").objects[0]
    told = office("sun", *words)
    assert told.exit_code == NO and "0 not decided yet, 3 refused" in told.text, told.error + told.text
    assert facts_of(state) == ["batch", "taken"]
    report = table.report()
    assert [row["line"] for row in report] == ["2", "3", "4"]
    assert {row["request"] for row in report} == {document} and all(row["reason"] and row["detail"] for row in report)
    # Nobody is to carry home what opens nothing.
    assert not codes.exists() or document not in codes.read_text(encoding="utf-8")


def test_a_document_that_the_spool_lost_is_sent_again(city: City) -> None:
    """A file that was damaged while it waited is set aside, and nobody knows its document any more."""
    office = city.office
    city.introduce("sun")
    table = Table(office, "lost")
    table.rows = [[f"EG{i:07d}", f"Person {i}", "id-card-read", "record.xml", "", "passport"] for i in range(4)]
    table.write([*HEAD, "type"])
    words = ("enrol", *city.server, "--csv", table.path, "--batch", "2")
    state = table.beside(".state")
    city.stop_registry()
    kept = office("sun", *words)
    assert kept.exit_code == YES and "4 of them are kept" in kept.text, kept.error
    lost, good = table.documents()
    (file,) = (office.realm / "spool/new").glob(f"{lost}.*")
    octets = bytearray(file.read_bytes())
    octets[100] ^= 1
    file.write_bytes(bytes(octets))
    city.up()
    city.wait_for_ra()
    city.wait(lambda: office("zhao", "request", "show", good).exit_code == YES, "what was kept is not delivered")
    assert list((office.realm / "spool/bad").glob(f"{lost}.*"))
    assert city.sun("request", "show", lost).exit_code == NO
    again = office("sun", *words, "--json")
    assert again.exit_code == YES, again.error
    assert (again.objects[0]["open"], again.objects[0]["kept"], again.objects[0]["refused"]) == (4, 0, 0)
    assert facts_of(state) == ["batch", "taken", "batch", "taken", "taken"]
    shown = city.sun("request", "show", lost, "--json")
    assert shown.exit_code == YES and shown.objects[0]["state"] == "submitted", shown.error
