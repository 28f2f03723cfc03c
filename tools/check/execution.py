# SPDX-License-Identifier: Apache-2.0
"""Runs the steps of a stage: output into its log, no longer than its time."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from model import Counts, Outcome, Stage, Step, Tree

GRACE_S = 10
TIME_IS_UP = 124


@dataclass(frozen=True)
class StageResult:
    stage: Stage
    counts: Counts
    duration_s: float
    log: Path | None = None
    failed_output: str = ""
    """the output of the steps that failed"""


def environment_of(step: Step) -> dict[str, str]:
    """Messages are English and nothing of the user's Python gets in."""
    environment = dict(os.environ)
    for name in ("LANGUAGE", "AUTH_LOCALEDIR", "PYTHONPATH", "PYTHONHOME", "DESTDIR"):
        environment.pop(name, None)
    environment.update(
        LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1", PYTHONNOUSERSITE="1", **step.environment
    )
    return environment


class Executor:
    """Runs stages of one tree; may be used by several threads."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._is_cancelled = False

    def cancel(self) -> None:
        """Ends everything that this executor started."""
        with self._lock:
            self._is_cancelled = True
            for group in self._groups:
                signal_group(group, signal.SIGTERM)

    def run(self, stage: Stage) -> StageResult:
        start = time.monotonic()
        counts = Counts()
        failed_output = ""
        path = self._tree.results / f"{stage.name}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w+b", buffering=0) as log:
            for step in stage.steps:
                left_s = stage.timeout_s - (time.monotonic() - start)
                outcome = self._run_step(step, log, left_s)
                step_counts = count(step, outcome)
                counts += step_counts
                if step_counts.failed > 0:
                    failed_output += f"$ {describe(step)}\n{outcome.output}"
                    if step.count is None:
                        break
        return StageResult(stage, counts, time.monotonic() - start, path, failed_output)

    def _run_step(self, step: Step, log: FileIO, left_s: float) -> Outcome:
        """Appends a command and what it prints to the log."""
        log.write(f"$ {describe(step)}\n".encode())
        start = log.tell()
        exit_code = self._execute(step, log, left_s)
        if exit_code is None:
            log.write(b"\nThe time of this stage is up.\n")
        log.seek(start)
        output = log.read().decode(errors="replace")
        return Outcome(TIME_IS_UP if exit_code is None else exit_code, output)

    def _execute(self, step: Step, log: FileIO, left_s: float) -> int | None:
        """Tells the exit code; None when the time was up."""
        if left_s <= 0:
            return None
        with self._lock:
            if self._is_cancelled:
                return 1
            try:
                process = subprocess.Popen(
                    step.command,
                    cwd=self._tree.root,
                    env=environment_of(step),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                log.write(f"cannot start {step.command[0]}: {error}\n".encode())
                return 127
            self._groups.add(process.pid)
        try:
            return process.wait(left_s)
        except subprocess.TimeoutExpired:
            end_group(process)
            return None
        finally:
            with self._lock:
                self._groups.discard(process.pid)


def count(step: Step, outcome: Outcome) -> Counts:
    if step.count is not None:
        return step.count(outcome)
    return Counts() if outcome.exit_code == 0 else Counts(failed=1)


def describe(step: Step) -> str:
    settings = [f"{name}={shlex.quote(value)}" for name, value in step.environment.items()]
    return " ".join([*settings, shlex.join(step.command)])


def signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Ends a command and what it started: politely first."""
    signal_group(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
