# SPDX-License-Identifier: Apache-2.0
"""Do the steps of a stage run as they should: logged, counted, ended when their time is up?"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import counting
import pytest
from execution import Executor
from model import Counter, Counts, Stage, Step, Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def sh(script: str, count: Counter | None = counting.once, **environment: str) -> Step:
    return Step(("sh", "-c", script), count, environment)


def stage(*steps: Step, timeout_s: int = 60) -> Stage:
    return Stage("sample", "", steps, timeout_s=timeout_s)


def test_every_step_is_logged_with_its_command(tree: Tree) -> None:
    result = Executor(tree).run(stage(sh("echo one", A="b c"), sh("echo two >&2")))
    assert result.counts == Counts(passed=2)
    assert result.log == tree.results / "sample.log"
    assert result.log.read_text() == "$ A='b c' sh -c 'echo one'\none\n$ sh -c 'echo two >&2'\ntwo\n"
    assert result.failed_output == ""


def test_only_what_failed_is_shown(tree: Tree) -> None:
    result = Executor(tree).run(stage(sh("echo good"), sh("echo bad; exit 4"), sh("echo fine")))
    assert result.counts == Counts(passed=2, failed=1)
    assert result.failed_output == "$ sh -c 'echo bad; exit 4'\nbad\n"


def test_a_step_counts_its_own_output_only(tree: Tree) -> None:
    tap = sh("echo ok 1; echo 1..1", counting.tap)
    assert Executor(tree).run(stage(tap, tap)).counts == Counts(passed=2)


def test_a_stage_ends_where_its_preparation_fails(tree: Tree) -> None:
    result = Executor(tree).run(stage(sh("exit 1", None), sh("echo never")))
    assert result.counts == Counts(failed=1)
    assert result.log is not None and "never" not in result.log.read_text()


def test_preparation_that_succeeds_is_not_counted(tree: Tree) -> None:
    assert Executor(tree).run(stage(sh("true", None), sh("true"))).counts == Counts(passed=1)


def test_a_command_that_is_not_there_fails(tree: Tree) -> None:
    result = Executor(tree).run(stage(Step(("no-such-command-anywhere",), counting.once)))
    assert result.counts == Counts(failed=1)
    assert "cannot start no-such-command-anywhere" in result.failed_output


def is_alive(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def test_a_step_is_ended_with_its_children_when_the_time_is_up(tree: Tree) -> None:
    pids = tree.root / "pids"
    script = f"tail -f /dev/null & echo $! > '{pids}'; echo $$ >> '{pids}'; wait"
    result = Executor(tree).run(stage(sh(script), sh("echo late"), timeout_s=1))
    assert result.counts == Counts(failed=2)
    assert "The time of this stage is up." in result.failed_output
    child, parent = (int(line) for line in pids.read_text().split())
    assert not is_alive(parent)
    assert not is_alive(child)


def test_cancelling_ends_what_runs(tree: Tree) -> None:
    fifo = tree.root / "fifo"
    os.mkfifo(fifo)
    executor = Executor(tree)
    results = []
    steps = stage(sh(f"echo begun > '{fifo}'; tail -f /dev/null"), sh("echo never"))
    thread = threading.Thread(target=lambda: results.append(executor.run(steps)))
    thread.start()
    assert fifo.read_text() == "begun\n"
    executor.cancel()
    thread.join(timeout=60)
    assert results[0].counts == Counts(failed=2)
    assert "\nnever" not in results[0].failed_output


def test_messages_are_english_and_foreign_python_stays_out(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    script = 'test "$LC_ALL" = C.UTF-8 && test -z "$LANGUAGE$PYTHONPATH"'
    assert Executor(tree).run(stage(sh(script))).counts == Counts(passed=1)
