# SPDX-License-Identifier: Apache-2.0
"""Runs the auth of a build as people and programs do. AUTH_BUILD names the build folder."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
VECTORS = ROOT / "tests/data/citizen_id.tsv"
# A program that takes longer hangs; a loaded machine is slow.
TIMEOUT_S = 120

YES, NO, USAGE, FAULT = 0, 1, 2, 3


@dataclass(frozen=True)
class Answer:
    exit_code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def error(self) -> str:
        return self.err.decode()

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects of the output, one a line."""
        return [json.loads(line) for line in self.text.splitlines()]


@dataclass(frozen=True)
class Auth:
    """Calls auth with an environment of its own: English, no colours asked for or forbidden."""

    program: Path
    environment: dict[str, str]

    def with_environment(self, **changes: str) -> Auth:
        return Auth(self.program, {**self.environment, **changes})

    def __call__(
        self,
        *words: str | bytes | Path,
        stdin: bytes = b"",
        stdout: IO[bytes] | int = subprocess.PIPE,
    ) -> Answer:
        result = subprocess.run(
            [self.program, *words],
            input=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=self.environment,
            timeout=TIMEOUT_S,
        )
        return Answer(result.returncode, result.stdout or b"", result.stderr)


def free_ports(realm: Path) -> None:
    """Lets the daemons of a realm listen where nobody else does: several realms run at once here."""
    with (realm / "realm.conf").open("a", encoding="utf-8") as conf:
        for name in ("ra", "lra", "ocsp"):
            conf.write(f"{name}-listen = 127.0.0.1:0\n")


@dataclass(frozen=True)
class Vector:
    number: str
    is_valid: bool
    reason: str
    birth_date: str
    sex: str
    region: str

    @property
    def is_legacy(self) -> bool:
        return self.reason.startswith("ok-legacy15")


def read_vectors() -> Iterator[Vector]:
    with VECTORS.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        assert next(rows)[0] == "number"
        for number, valid, reason, birth_date, sex, region in rows:
            yield Vector(number, valid == "1", reason, birth_date, sex, region)


@pytest.fixture(scope="session")
def build() -> Path:
    folder = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    if not (folder / "cli/auth").exists():
        pytest.fail(f"there is no auth in {folder}; build it, and name the folder in AUTH_BUILD")
    return folder


@pytest.fixture(scope="session")
def auth(build: Path) -> Auth:
    return Auth(build / "cli/auth", {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def vectors() -> list[Vector]:
    return list(read_vectors())


@pytest.fixture(scope="session")
def subcommands(auth: Auth) -> list[str]:
    """The names that auth help lists."""
    _, _, listed = auth("help").text.partition("\nSubcommands:\n")
    lines = listed.partition("\n\n")[0].splitlines()
    names = [line.strip().partition("  ")[0] for line in lines]
    assert "id check" in names and "help" in names
    return names


@pytest.fixture(scope="session")
def options(auth: Auth, subcommands: list[str]) -> dict[str, list[str]]:
    """The options that the help of each subcommand lists, with what their value is called."""
    table = {}
    for name in subcommands:
        _, _, listed = auth(*name.split(), "--help").text.partition("\nOptions:\n")
        lines = listed.partition("\n\n")[0].splitlines()
        table[name] = [line.strip().partition("  ")[0] for line in lines if line.startswith("  --")]
    return table
