#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every benchmark of a build briefly: each must print results, one JSON object a line. Prints TAP, with the results of
what runs a whole realm.

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

# What is no program of the build, but runs those of a realm, where the build has the daemon that it is about; with sizes
# that take some seconds.
REALMS = (
    ("ra/auth-ra", "tests/ra/bench_ra.py", "--documents", "500", "--batches", "2", "--approvals", "20"),
    ("lra/auth-lra", "tests/lra/bench_lra.py", "--enrolments", "5000"),
)
ROOT = Path(__file__).resolve().parent.parent
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


def check_benchmark(command: list[str], build: Path, shows: bool = False) -> Iterator[str]:
    environment = {**os.environ, "AUTH_BUILD": str(build)}
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, env=environment)
    except subprocess.TimeoutExpired:
        yield f"it ran longer than {TIMEOUT_S} s"
        return
    if shows:
        for line in result.stdout.splitlines():
            print(f"# {line}", flush=True)
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
    build = Path(arguments[0]).resolve()
    for program in find_benchmarks(build):
        tap.report(program.name, check_benchmark([str(program), "--seconds", SECONDS], build))
    for daemon, name, *options in REALMS:
        command = [sys.executable, "-B", str(ROOT / name), *options]
        if (build / daemon).exists():
            tap.report(Path(name).name, check_benchmark(command, build, shows=True))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
