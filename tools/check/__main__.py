# SPDX-License-Identifier: Apache-2.0
"""./check: runs the stages and tells what passed."""

from __future__ import annotations

import argparse
import fcntl
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, NoReturn

from execution import Executor, StageResult
from model import Stage, Tree
from schedule import Report, Schedule, with_needs
from stages import table

TAIL_LINES = 40
LINE_WIDTH = 400
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Of TAP, ninja and meson: what went well.
DULL_LINE = re.compile(r"ok \d+ - |\[\d+/\d+\] |.*: YES( |$)")
DEFAULT_FUZZ_SECONDS = 60

DESCRIPTION = """\
Installs what the checks need, runs them and ends with a line of counts. Without arguments all
stages run, except those on request. The log of a stage is build/check/STAGE.log."""


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds above 0")
    return int(text)


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./check",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("stages", metavar="STAGE", nargs="*", help="run these and what they need")
    parser.add_argument("--quick", action="store_true", help="what takes less than two minutes")
    parser.add_argument("--list", action="store_true", help="list the stages")
    parser.add_argument(
        "--fuzz", metavar="SECONDS", type=positive, help="run all fuzz targets that long each"
    )
    return parser


def select(
    parser: argparse.ArgumentParser, options: argparse.Namespace, stages: list[Stage]
) -> list[str]:
    known = {stage.name for stage in stages}
    unknown = [name for name in options.stages if name not in known]
    if unknown:
        parser.error(f"there is no stage '{unknown[0]}'; ./check --list shows those there are")
    names = list(options.stages)
    if options.quick:
        names += [stage.name for stage in stages if stage.is_quick]
    if options.fuzz:
        names.append("fuzz")
    return names or [stage.name for stage in stages if not stage.is_on_request]


def print_list(stages: list[Stage]) -> None:
    for stage in stages:
        mark = " (quick)" if stage.is_quick else " (on request)" if stage.is_on_request else ""
        print(f"{stage.name:12}  {stage.summary}{mark}")


def print_start(stage: Stage) -> None:
    print(f"      {stage.name} ...", flush=True)


def print_failure(result: StageResult) -> None:
    """Shows the end of what the failed steps printed, without what went well."""
    lines = [line for line in result.failed_output.splitlines() if not DULL_LINE.match(line)]
    if len(lines) > TAIL_LINES:
        print(f"    | ({len(lines) - TAIL_LINES} lines are left out here)")
    for line in lines[-TAIL_LINES:]:
        print(f"    | {line if len(line) <= LINE_WIDTH else line[:LINE_WIDTH] + ' ...'}")
    print(f"    all of it: {result.log}", flush=True)


def print_end(result: StageResult) -> None:
    if result.log is None and result.counts.skipped:
        print(f"skip  {result.stage.name}: what it needs failed", flush=True)
        return
    word = "FAIL" if result.counts.failed else "ok"
    print(f"{word:4}  {result.stage.name:12} {result.duration_s:7.1f} s  {result.counts}", flush=True)
    if result.counts.failed:
        print_failure(result)


def install_packages(tree: Tree) -> None:
    lists = [tree.tool(f"packages/{name}.txt") for name in ("build", "test")]
    exit_code = subprocess.call([tree.tool("packages/install"), *lists])
    if exit_code != 0:
        sys.exit(exit_code)


def lock(tree: Tree) -> IO[str]:
    """Two runs in one tree would build in the same folders."""
    tree.results.mkdir(parents=True, exist_ok=True)
    file = (tree.results / "lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        sys.exit(f"./check: another ./check runs in {tree.root}; wait for its end")
    return file


def stop(number: int, frame: object) -> NoReturn:
    """Leaves, once: some who send a signal send it twice."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def run(tree: Tree, stages: list[Stage]) -> int:
    executor = Executor(tree)
    start = time.monotonic()
    for each in SIGNALS:
        signal.signal(each, stop)
    try:
        counts = Schedule(stages, executor.run, Report(print_start, print_end)).run()
    except SystemExit:
        executor.cancel()
        raise
    print(f"{len(stages)} stages in {time.monotonic() - start:.0f} s")
    print(counts, flush=True)
    return 1 if counts.failed or not counts.passed else 0


def main(arguments: list[str]) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    tree = Tree(Path(__file__).resolve().parent.parent.parent)
    stages = table(tree, options.fuzz or DEFAULT_FUZZ_SECONDS)
    names = select(parser, options, stages)
    if options.list:
        print_list(stages)
        return 0
    install_packages(tree)
    with lock(tree):
        return run(tree, with_needs(stages, names))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
