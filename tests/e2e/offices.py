# SPDX-License-Identifier: Apache-2.0
"""A realm that runs, with officers who have keys: what the tests of the officers' commands begin with."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import]
from conftest import ROOT, YES, Answer, Auth, free_ports, read_vectors

ANSWERS = """\
name = shaanxi
base = http://pki.example:8080
centre-name = 省中心
region = 610000
admin-1-id = zhang
admin-1-name = 张三
admin-1-number = 11010519491231002X
admin-2-id = li
admin-2-name = Li Si
admin-2-number = 440524188001010014
"""
# Persons who cannot be: their county was no more, or not yet, when they were born.
PERSONS = [
    vector.number
    for vector in read_vectors()
    if vector.is_valid and not vector.is_legacy and vector.number not in ANSWERS
]


def check(schema: str, value: Any) -> None:
    jsonschema.validate(value, json.loads((ROOT / "schemas" / schema).read_text(encoding="utf-8")))


@dataclass
class Office:
    """The realm's folder and the server's address; the officers by the names of their files."""

    auth: Auth
    place: Path
    used: int = 0

    @property
    def realm(self) -> Path:
        return self.place / "realm"

    @property
    def server(self) -> str:
        (found,) = self.auth("status", "--json", self.realm).objects
        return "https://localhost:" + found["addresses"]["auth-ra"].rpartition(":")[2]

    def conf(self, officer: str) -> Path:
        first = self.realm / f"officers/{officer}.conf"
        return first if first.exists() else self.place / f"{officer}.conf"

    def __call__(self, officer: str, *words: str | Path, stdin: bytes = b"") -> Answer:
        """Calls auth as an officer: the name of a subcommand first."""
        called = self.auth.with_environment(AUTH_OFFICER=str(self.conf(officer)), HOME=str(self.place))
        return called(*words, stdin=stdin)

    def done(self, officer: str, *words: str | Path) -> dict[str, Any]:
        """The one JSON object of a call that has to succeed."""
        answer = self(officer, *words, "--json")
        assert answer.exit_code == YES, answer.error + answer.text
        (found,) = answer.objects
        check("request-answer.schema.json", found)
        return found

    def number(self) -> Path:
        """The file of a person whom nobody else got."""
        self.used += 1
        path = self.place / f"number-{self.used}"
        path.write_text(PERSONS[self.used - 1] + "\n", encoding="utf-8")
        return path

    def appoint(self, officer: str, role: str, *words: str | Path) -> None:
        asked = self.done(
            "zhang", "officer", "appoint", officer, "--role", role, "--name", officer.title(),
            "--number-file", self.number(), "--key-out", self.place / f"{officer}.pem", *words,
        )
        self.done("li", "request", "approve", "--yes", asked["id"])
        answer = self(
            "zhang", "cert", "get", "--request", asked["id"], "--out", self.place / f"{officer}.cer"
        )
        assert answer.exit_code == YES, answer.error

    def record(self) -> str:
        path = self.place / "record.xml"
        path.write_text("what the card reader said\n", encoding="utf-8")
        return f"id-card-read={path}"

    def enrol(self, clerk: str, *words: str | Path) -> dict[str, Any]:
        return self.done(
            clerk, "enrol", "--name", "李雷", "--evidence", self.record(), *words
        )

    def certify(self, clerk: str, approver: str, name: str) -> str:
        """Enrols a person and gives the serial number; her key is NAME.pem."""
        words = ("--number-file", self.number(), "--key-out", self.place / f"{name}.pem")
        asked = self.enrol(clerk, *words)
        done = self.done(approver, "request", "approve", "--yes", asked["id"])
        serial: str = done["items"][0]["certificate"]
        return serial


@contextmanager
def running(auth: Auth, *words: str) -> Iterator[Office]:
    with tempfile.TemporaryDirectory(prefix="auth-e2e-") as name:
        place = Path(name)
        place.chmod(0o711)
        (place / "answers").write_text(ANSWERS, encoding="utf-8")
        office = Office(auth, place)
        answer = auth("realm", "init", "--answers", place / "answers", *words, office.realm)
        assert answer.exit_code == YES, answer.error
        free_ports(office.realm)
        try:
            answer = auth("up", office.realm)
            assert answer.exit_code == YES, answer.error
            for officer in ("zhang", "li"):
                path = office.conf(officer)
                text = path.read_text(encoding="utf-8")
                path.write_text(text.replace("https://localhost:8441", office.server), encoding="utf-8")
            yield office
        finally:
            auth("down", office.realm)
