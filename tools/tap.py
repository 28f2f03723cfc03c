# SPDX-License-Identifier: Apache-2.0
"""Reports tests in TAP, as they are done."""

from __future__ import annotations

from collections.abc import Iterable


class Tap:
    def __init__(self) -> None:
        self._count = 0
        self._failed = 0

    def report(self, name: str, faults: Iterable[str]) -> None:
        """One test: it passed when there are no faults."""
        lines = [line for fault in faults for line in fault.splitlines()]
        self._count += 1
        self._failed += int(bool(lines))
        print(f"{'not ok' if lines else 'ok'} {self._count} - {name}")
        for line in lines:
            print(f"# {line}", flush=True)

    def finish(self) -> int:
        """Ends the report; tells the exit code."""
        print(f"1..{self._count}", flush=True)
        return 1 if self._failed or not self._count else 0
