#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy on every file that a build compiles, as .clang-tidy says. Prints TAP.

Usage: tidy.py BUILD-FOLDER CACHE-FOLDER

A file that passed is not read again until it, what it includes, its compiler options or the
configuration change.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tap import Tap

ROOT = Path(__file__).resolve().parent.parent
CLANG_TIDY = "clang-tidy-14"
CLANG = "clang-14"


@dataclass(frozen=True)
class Unit:
    """A file with the compiler options that it is read with."""

    source: Path
    folder: Path
    options: tuple[str, ...]


def options_of(command: str) -> tuple[str, ...]:
    """What a compile command says besides compiler, input and outputs."""
    words = iter(shlex.split(command))
    options = []
    for word in words:
        if word in ("-o", "-MF", "-MQ", "-c"):
            next(words)
        elif word.startswith("-") and word not in ("-MD", "-fcolor-diagnostics"):
            options.append(word)
    return tuple(options)


def read_units(build: Path) -> list[Unit]:
    database = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    units: dict[Path, Unit] = {}
    for entry in database:
        folder = Path(entry["directory"])
        source = Path(os.path.normpath(folder / entry["file"]))
        units.setdefault(source, Unit(source, folder, options_of(entry["command"])))
    return sorted(units.values(), key=lambda unit: unit.source)


def run(command: list[str], folder: Path = ROOT) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, cwd=folder, capture_output=True)


def read_configuration() -> bytes:
    """What the outcome depends on besides a file and what it includes."""
    version = run([CLANG_TIDY, "--version"]).stdout
    files = [ROOT / ".clang-tidy"]
    for folders in ("libauth", "libauth/*", "cli", "tests", "tests/*"):
        files += sorted(ROOT.glob(f"{folders}/.clang-tidy"))
    return version + b"".join(path.read_bytes() for path in files)


def fingerprint(unit: Unit, configuration: bytes) -> str:
    """All that the outcome for a file depends on, as a hash."""
    # Comments are kept, since some speak to clang-tidy.
    preprocessed = run([CLANG, *unit.options, "-E", "-CC", str(unit.source)], unit.folder)
    known = [configuration, repr(unit).encode(), preprocessed.stdout, preprocessed.stderr]
    return hashlib.sha256(b"\0".join(known)).hexdigest()


def check(unit: Unit, configuration: bytes, cache: Path) -> list[str]:
    """Tells what clang-tidy finds in a file."""
    passed = cache / fingerprint(unit, configuration)
    if passed.exists():
        return []
    command = [CLANG_TIDY, "--quiet", "--use-color=false", str(unit.source), "--", *unit.options]
    result = run(command, unit.folder)
    if result.returncode == 0:
        passed.touch()
        return []
    return (result.stdout + result.stderr).decode(errors="replace").splitlines()


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    build, cache = Path(arguments[0]).resolve(), Path(arguments[1]).resolve()
    cache.mkdir(parents=True, exist_ok=True)
    units = read_units(build)
    configuration = read_configuration()
    tap = Tap()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        faults = pool.map(lambda unit: check(unit, configuration, cache), units)
        for unit, lines in zip(units, faults):
            tap.report(os.path.relpath(unit.source, ROOT), lines)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
