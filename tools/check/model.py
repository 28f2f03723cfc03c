# SPDX-License-Identifier: Apache-2.0
"""What a stage of ./check is: named steps, each a command whose outcome is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    exit_code: int
    output: str


Counter = Callable[[Outcome], Counts]


@dataclass(frozen=True)
class Step:
    command: tuple[str, ...]
    count: Counter | None
    """None: it prepares for what is counted; only its failure counts, and ends the stage"""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    name: str
    summary: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    is_quick: bool = False
    """part of --quick"""
    is_on_request: bool = False
    """run only when it is named"""
    uses_all_cores: bool = False
    """nothing else runs beside it"""
    timeout_s: int = 600


@dataclass(frozen=True)
class Tree:
    """Where things are."""

    root: Path

    def build(self, name: str) -> Path:
        return self.root / "build" / name

    @property
    def results(self) -> Path:
        return self.build("check")

    def tool(self, name: str) -> str:
        return str(self.root / "tools" / name)
