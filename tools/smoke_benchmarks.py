#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every benchmark of a build briefly: each must print results, one JSON object a line. Prints TAP.

Usage: smoke_benchmarks.py BUILD-FOLDER
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tap import Tap

SECONDS = "1"
TIMEOUT_S = 120


def check_output(output: str) -> Iterator[str]:
    lines = output.splitlines()
    if not lines:
        yield "it printed no result"
    for number, line in enumerate(lines, 1):
        try:
            is_object = isinstance(json.loads(line), dict)
        except ValueError:
            is_object = False
        if not is_object:
            yield f"line {number} is no JSON object: {line}"


def check_benchmark(program: Path) -> Iterator[str]:
    command = [str(program), "--seconds", SECONDS]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        yield f"it was asked for {SECONDS} s and ran longer than {TIMEOUT_S} s"
        return
    if result.returncode != 0:
        yield f"exit code {result.returncode}"
        yield result.stderr
    yield from check_output(result.stdout)


def find_benchmarks(build: Path) -> list[Path]:
    programs = (build / "tests/bench").glob("bench_*")
    return sorted(path for path in programs if path.is_file() and os.access(path, os.X_OK))


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    tap = Tap()
    for program in find_benchmarks(Path(arguments[0]).resolve()):
        tap.report(program.name, check_benchmark(program))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
