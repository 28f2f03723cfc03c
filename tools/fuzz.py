#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every fuzz target of a build for a while. Prints TAP.

Usage: fuzz.py BUILD-FOLDER RESULT-FOLDER SECONDS

A target fuzz_NAME begins with the kept inputs in tests/fuzz/corpus/NAME, which stay as they are.
Inputs that reach new code go to RESULT-FOLDER/NAME/corpus, which the next run begins with as well;
an input that crashes goes to RESULT-FOLDER/NAME. As many targets run at a time as there are cores.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tap import Tap

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests/fuzz/corpus"
# For the start, and for the input that it is at when the time is up.
EXTRA_S = 120
# Of one input.
TIMEOUT_S = 10
MEMORY_MB = 2048
TAIL_LINES = 40


def find_targets(build: Path) -> list[Path]:
    programs = (build / "tests/fuzz").glob("fuzz_*")
    return sorted(path for path in programs if path.is_file() and os.access(path, os.X_OK))


def fuzz(target: Path, results: Path, seconds: int) -> list[str]:
    """Tells what is wrong with a target; nothing when it ran to its end."""
    name = target.name.removeprefix("fuzz_")
    found = results / name / "corpus"
    found.mkdir(parents=True, exist_ok=True)
    kept = [str(CORPUS / name)] if (CORPUS / name).is_dir() else []
    options = {
        "max_total_time": seconds,
        "timeout": TIMEOUT_S,
        "rss_limit_mb": MEMORY_MB,
        "artifact_prefix": f"{results / name}/",
        "print_final_stats": 1,
    }
    command = [str(target), *(f"-{key}={value}" for key, value in options.items())]
    log = results / name / "log"
    with log.open("w", encoding="utf-8") as output:
        try:
            exit_code = subprocess.run(
                [*command, str(found), *kept],
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds + EXTRA_S,
            ).returncode
        except subprocess.TimeoutExpired:
            return [f"it did not end within {seconds + EXTRA_S} s; see {log}"]
    return [*describe_failure(log, exit_code)] if exit_code else []


def describe_failure(log: Path, exit_code: int) -> Iterator[str]:
    yield f"exit code {exit_code}; {log} has all of this:"
    yield from log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]


def main(arguments: list[str]) -> int:
    if len(arguments) != 3 or not arguments[2].isdecimal():
        print(__doc__, file=sys.stderr)
        return 2
    build, results = Path(arguments[0]).resolve(), Path(arguments[1]).resolve()
    targets = find_targets(build)
    tap = Tap()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        faults = pool.map(lambda target: fuzz(target, results, int(arguments[2])), targets)
        for target, lines in zip(targets, faults):
            tap.report(target.name, lines)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
