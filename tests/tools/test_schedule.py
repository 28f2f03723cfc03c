# SPDX-License-Identifier: Apache-2.0
"""Do stages run in an order that respects their needs, and no more of them than may?"""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from execution import StageResult
from model import Counts, Stage, Tree
from schedule import Report, Schedule, with_needs
from stages import table


def stage(name: str, *needs: str, uses_all_cores: bool = False) -> Stage:
    return Stage(name, name, (), needs=needs, uses_all_cores=uses_all_cores)


class Watch:
    """Runs stages that do nothing, and sees which run together."""

    def __init__(self, bad: set[str], together: int = 0) -> None:
        self.bad = bad
        self.order: list[str] = []
        self.skipped: list[str] = []
        self.running: set[str] = set()
        self.seen_together: set[frozenset[str]] = set()
        self.lock = threading.Lock()
        self.meeting = threading.Barrier(together) if together else None

    def run(self, stage: Stage) -> StageResult:
        with self.lock:
            self.running.add(stage.name)
            self.order.append(stage.name)
            self.seen_together.add(frozenset(self.running))
        if self.meeting:
            self.meeting.wait(timeout=30)
        with self.lock:
            self.running.remove(stage.name)
        counts = Counts(failed=1) if stage.name in self.bad else Counts(passed=1)
        return StageResult(stage, counts, 0.0, Path("log"))

    def ended(self, result: StageResult) -> None:
        if result.log is None:
            self.skipped.append(result.stage.name)


def play(stages: list[Stage], bad: tuple[str, ...] = (), together: int = 0) -> tuple[Watch, Counts]:
    watch = Watch(set(bad), together)
    counts = Schedule(stages, watch.run, Report(lambda stage: None, watch.ended)).run()
    return watch, counts


def test_a_stage_waits_for_what_it_needs() -> None:
    watch, counts = play([stage("last", "first", "second"), stage("first"), stage("second", "first")])
    assert watch.order == ["first", "second", "last"]
    assert counts == Counts(passed=3)


def test_two_independent_stages_run_together() -> None:
    # Each waits for the other: one after the other, they would never end.
    watch, counts = play([stage("one"), stage("two")], together=2)
    assert frozenset({"one", "two"}) in watch.seen_together
    assert counts == Counts(passed=2)


def test_never_more_than_two_run_together() -> None:
    watch, counts = play([stage(str(i)) for i in range(8)])
    assert max(len(names) for names in watch.seen_together) <= 2
    assert counts == Counts(passed=8)


def test_nothing_runs_beside_a_stage_that_uses_all_cores() -> None:
    stages = [stage(str(i), uses_all_cores=i % 2 == 0) for i in range(8)]
    watch, counts = play(stages)
    assert all(len(names) == 1 for names in watch.seen_together if {"0", "2", "4", "6"} & names)
    assert counts == Counts(passed=8)


def test_what_needs_a_failed_stage_is_skipped_and_the_rest_runs() -> None:
    stages = [stage("bad"), stage("after", "bad"), stage("far", "after"), stage("other")]
    watch, counts = play(stages, bad=("bad",))
    assert sorted(watch.order) == ["bad", "other"]
    assert watch.skipped == ["after", "far"]
    assert counts == Counts(passed=1, failed=1, skipped=2)


def test_a_stage_that_breaks_the_runner_failed() -> None:
    def run(stage: Stage) -> StageResult:
        raise OSError("disk full")

    ended: list[StageResult] = []
    report = Report(lambda stage: None, ended.append)
    assert Schedule([stage("one")], run, report).run() == Counts(failed=1)
    assert "disk full" in ended[0].failed_output


def test_needs_are_selected_with_a_stage() -> None:
    stages = [stage("a"), stage("b", "a"), stage("c", "b"), stage("d")]
    assert [s.name for s in with_needs(stages, ["c"])] == ["a", "b", "c"]
    assert [s.name for s in with_needs(stages, ["d", "b", "b"])] == ["a", "b", "d"]


@pytest.fixture
def stages(root: Path) -> list[Stage]:
    return table(Tree(root), fuzz_seconds=1)


def test_every_row_of_the_table_needs_rows_that_there_are(stages: list[Stage]) -> None:
    names = [stage.name for stage in stages]
    assert len(set(names)) == len(names)
    for row in stages:
        assert set(row.needs) <= set(names)
        assert row.summary and row.steps and row.timeout_s > 0


def test_every_row_of_the_table_counts_something(stages: list[Stage]) -> None:
    assert [row.name for row in stages if not any(step.count for step in row.steps)] == []


def test_a_quick_run_is_what_it_is_said_to_be(stages: list[Stage]) -> None:
    quick = [stage.name for stage in stages if stage.is_quick]
    assert sorted(quick) == ["api", "build-gcc", "e2e", "format", "layers", "unit"]
    assert [s.name for s in with_needs(stages, quick)] == quick
