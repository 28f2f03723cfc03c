# SPDX-License-Identifier: Apache-2.0
"""Runs stages in the order of the table, two at a time where they do not depend on each other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from execution import StageResult
from model import Counts, Stage

SLOTS = 2


def with_needs(stages: Iterable[Stage], names: Iterable[str]) -> list[Stage]:
    """Selects the named stages and what they need, in the order of the table."""
    table = {stage.name: stage for stage in stages}
    wanted: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in wanted:
            wanted.add(name)
            left.extend(table[name].needs)
    return [stage for name, stage in table.items() if name in wanted]


@dataclass
class Report:
    """What is told while stages run."""

    started: Callable[[Stage], None]
    ended: Callable[[StageResult], None]


class Schedule:
    def __init__(
        self, stages: list[Stage], run: Callable[[Stage], StageResult], report: Report
    ) -> None:
        self._waiting = list(stages)
        self._run = run
        self._report = report
        self._running: list[Stage] = []
        self._good: set[str] = set()
        self._bad: set[str] = set()
        self._ended: queue.Queue[StageResult] = queue.Queue()

    def run(self) -> Counts:
        counts = Counts()
        while self._waiting or self._running:
            counts += self._skip_hopeless()
            self._start_ready()
            if self._running:
                counts += self._wait()
        return counts

    def _skip_hopeless(self) -> Counts:
        """Gives up stages that need one that failed."""
        hopeless = [stage for stage in self._waiting if self._bad & set(stage.needs)]
        for stage in hopeless:
            self._waiting.remove(stage)
            self._bad.add(stage.name)
            self._report.ended(StageResult(stage, Counts(skipped=1), 0.0))
        return Counts(skipped=len(hopeless))

    def _fits(self, stage: Stage) -> bool:
        if not set(stage.needs) <= self._good:
            return False
        if any(running.uses_all_cores for running in self._running):
            return False
        return len(self._running) < (1 if stage.uses_all_cores else SLOTS)

    def _start_ready(self) -> None:
        for stage in [stage for stage in self._waiting]:
            if self._fits(stage):
                self._waiting.remove(stage)
                self._running.append(stage)
                self._report.started(stage)
                threading.Thread(target=self._work, args=(stage,), daemon=True).start()

    def _work(self, stage: Stage) -> None:
        try:
            result = self._run(stage)
        except Exception as error:  # a broken report, a full disk: the stage did not pass
            result = StageResult(stage, Counts(failed=1), 0.0, failed_output=f"{error!r}\n")
        self._ended.put(result)

    def _wait(self) -> Counts:
        result = self._ended.get()
        self._running.remove(result.stage)
        (self._bad if result.counts.failed else self._good).add(result.stage.name)
        self._report.ended(result)
        return result.counts
