# SPDX-License-Identifier: Apache-2.0
"""Tables of persons, as a clerk has them enrolled."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
from pathlib import Path

from conftest import TIMEOUT_S
from offices import PERSONS, Office

HEAD = ["number", "name", "evidence-method", "evidence-file", "csr"]
# Those of the officers come first.
CITIZENS = PERSONS[4:]


class Table:
    """A table of persons; each test takes those whom no other test has."""

    taken = 0

    def __init__(self, office: Office, name: str) -> None:
        self.office = office
        self.path = office.place / f"{name}.csv"
        self.rows: list[list[str]] = []

    def persons(self, count: int, key: bool = True) -> list[str]:
        numbers = CITIZENS[Table.taken : Table.taken + count]
        assert len(numbers) == count, "there are no more persons who cannot be"
        Table.taken += count
        for i, number in enumerate(numbers):
            place = self.office.place / f"{self.path.stem}-{len(self.rows)}"
            if key:
                self.office.auth("key", "new", "--out", f"{place}.pem")
                self.office.auth("csr", "new", "--key", f"{place}.pem", "--out", f"{place}.csr")
            self.rows.append(
                [number, f"Person, {chr(65 + i)}", "id-card-read", "record.xml", f"{place.name}.csr" if key else ""]
            )
        return numbers

    def write(self, head: list[str] = HEAD) -> None:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *self.rows])

    def beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    def report(self) -> list[dict[str, str]]:
        with self.beside(".report.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def documents(self) -> list[str]:
        """The ids of the documents that the state knows."""
        lines = self.beside(".state").read_text(encoding="utf-8").splitlines()
        return [line.split(" ")[1] for line in lines if line.startswith("batch ")]


def kill_at(office: Office, who: str, words: tuple[str | Path, ...], state: Path, facts: list[str]) -> None:
    """Calls auth as an officer, and kills it as soon as the state has these facts, whatever it does then."""
    environment = {**office.auth.environment, "AUTH_OFFICER": str(office.conf(who))}
    with subprocess.Popen(
        [office.auth.program, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while process.poll() is None and facts_of(state) != facts:
            os.sched_yield()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=TIMEOUT_S)


def facts_of(state: Path) -> list[str]:
    """The kinds of what became of documents, in their order."""
    lines = state.read_text(encoding="utf-8").splitlines(keepends=True) if state.exists() else []
    kinds = [line.partition(" ")[0] for line in lines if line.endswith("\n")]
    return [kind for kind in kinds if kind in ("batch", "split", "taken", "denied")]
