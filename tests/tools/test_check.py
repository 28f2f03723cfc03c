# SPDX-License-Identifier: Apache-2.0
"""Does ./check do what it is asked, say what happened in its last line, and mean its exit code?"""

from __future__ import annotations

import fcntl
import os
import re
import select
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from conftest import Run

LAST_LINE = re.compile(r"\d+ passed, \d+ failed, \d+ skipped")


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """A copy of the sources, in a folder whose name has a space."""
    target = tmp_path / "a copy"
    ignored = shutil.ignore_patterns("build", ".git", "__pycache__")
    shutil.copytree(root, target, ignore=ignored)
    return target


def test_help_names_every_option(run: Run, root: Path) -> None:
    result = run(root / "check", "--help")
    assert result.returncode == 0
    for word in ("STAGE", "--quick", "--list", "--fuzz SECONDS", "--help"):
        assert word in result.stdout


def test_the_list_has_a_line_a_stage(run: Run, root: Path) -> None:
    result = run(root / "check", "--list")
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert all(re.fullmatch(r"[a-z0-9-]+ {2,}\S.*", line) for line in lines)
    assert {"build-gcc", "unit", "static", "e2e", "fuzz"} <= {line.split()[0] for line in lines}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nosuch",), "there is no stage 'nosuch'; ./check --list shows those there are"),
        (("--nosuch",), "unrecognized arguments: --nosuch"),
        (("--qui",), "unrecognized arguments: --qui"),
        (("--fuzz",), "argument --fuzz: expected one argument"),
        (("--fuzz", "0"), "'0' is no number of seconds above 0"),
        (("--fuzz", "-1"), "argument --fuzz"),
        (("--fuzz", "soon"), "'soon' is no number of seconds above 0"),
    ],
)
def test_wrong_usage_is_told(run: Run, root: Path, words: tuple[str, ...], message: str) -> None:
    result = run(root / "check", *words)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("usage: ./check")
    assert message in result.stderr


def test_stages_that_pass(run: Run, copy: Path) -> None:
    result = run(copy / "check", "layers", "shell")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "2 passed, 0 failed, 0 skipped"
    assert [line for line in result.stdout.splitlines() if LAST_LINE.fullmatch(line)] == [
        "2 passed, 0 failed, 0 skipped"
    ]
    assert (copy / "build/check/layers.log").is_file()


def test_a_stage_that_fails_is_shown(run: Run, copy: Path) -> None:
    (copy / "cli/version.c").write_text("#include <curl/curl.h>\n")
    result = run(copy / "check", "layers")
    assert result.returncode == 1
    assert "    | cli/version.c:1: cli may not include curl/curl.h" in result.stdout
    assert str(copy / "build/check/layers.log") in result.stdout
    assert result.stdout.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"


@pytest.mark.parametrize(
    ("file", "text", "stage", "finding"),
    [
        ("cli/version.c", "int  x;\n", "format", "cli/version.c:1:4: error: code should be clang-f"),
        ("tools/x.sh", "#!/bin/sh\necho $1\n", "shell", "SC2086"),
        ("tools/noext", "#!/usr/bin/env bash\necho $1\n", "shell", "SC2086"),
        ("README.md", "This is t" "eh end.\n", "spell", "eh ==> the"),
        ("tools/tap.py", "def f(x): return x\n", "python", "missing a type annotation"),
    ],
)
def test_every_linter_finds_a_planted_fault(
    run: Run, copy: Path, file: str, text: str, stage: str, finding: str
) -> None:
    (copy / file).write_text(text)
    result = run(copy / "check", stage)
    assert result.returncode == 1
    assert finding in result.stdout
    assert result.stdout.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"


def test_two_runs_in_one_tree_are_refused(run: Run, copy: Path) -> None:
    (copy / "build/check").mkdir(parents=True)
    with (copy / "build/check/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = run(copy / "check", "layers")
    assert result.returncode == 1
    assert result.stderr == f"./check: another ./check runs in {copy}; wait for its end\n"


def test_a_signal_ends_what_runs(copy: Path) -> None:
    fifo = copy.parent / "fifo"
    os.mkfifo(fifo)
    stages = copy / "tools/check/stages.py"
    command = f"""("sh", "-c", "echo $$ > '{fifo}'; exec tail -f /dev/null")"""
    row = f"""Stage("endless", "never ends", (Step({command}, counting.once),)),"""
    text = stages.read_text()
    stages.write_text(text.replace("    return [\n", f"    return [\n        {row}\n", 1))

    check = subprocess.Popen([copy / "check", "endless"], stdout=subprocess.DEVNULL)
    started = int(fifo.read_text())
    for _ in range(2):
        check.send_signal(signal.SIGTERM)
    assert check.wait(timeout=60) == 128 + signal.SIGTERM
    # It is a child of nobody now: gone once its place in /proc is.
    pidfd = os.pidfd_open(started) if Path(f"/proc/{started}").exists() else None
    assert pidfd is None or select.select([pidfd], [], [], 60)[0]


def test_ci_runs_what_a_person_runs(run: Run, copy: Path) -> None:
    result = run(copy / ".ci/run", "layers")
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1] == "1 passed, 0 failed, 0 skipped"
    assert run(copy / ".ci/run", "nosuch").returncode == 2
