# SPDX-License-Identifier: Apache-2.0
"""Does ./check count what was tested, and take nothing tested, or a crash, for a failure?"""

from __future__ import annotations

from pathlib import Path

import counting
import pytest
from conftest import Run
from model import Counts, Outcome


@pytest.mark.parametrize(
    ("output", "exit_code", "expected"),
    [
        ("ok 1 - a\nok 2 - b\n1..2\n", 0, Counts(2, 0, 0)),
        ("1..3\nok 1\nnot ok 2 - b\n# why\nok 3 # SKIP no tty\n", 1, Counts(1, 1, 1)),
        ("ok 1 - a\n1..1\n", 3, Counts(1, 1, 0)),
        ("ok 1 - a\n1..2\n", 0, Counts(1, 1, 0)),
        ("ok 1 - a\n", 0, Counts(1, 1, 0)),
        ("1..0\n", 0, Counts(0, 1, 0)),
        ("", 0, Counts(0, 1, 0)),
        ("okay 1\nnot okay\n1..0\n", 0, Counts(0, 1, 0)),
    ],
)
def test_tap(output: str, exit_code: int, expected: Counts) -> None:
    assert counting.tap(Outcome(exit_code, output)) == expected


def test_a_plain_command_is_one_test() -> None:
    assert counting.once(Outcome(0, "")) == Counts(passed=1)
    assert counting.once(Outcome(2, "")) == Counts(failed=1)


def run_pytest(run: Run, folder: Path, text: str) -> Counts:
    (folder / "test_x.py").write_text(text)
    report = folder / "report.xml"
    words = ("-I", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}")
    result = run("/usr/bin/python3", *words, folder)
    return counting.junit(report)(Outcome(result.returncode, result.stdout))


def test_what_pytest_ran(run: Run, tmp_path: Path) -> None:
    text = """
import pytest

@pytest.mark.parametrize("i", [1, 2, 3])
def test_good(i): pass

def test_bad(): assert False

@pytest.fixture
def broken(): raise OSError

def test_error(broken): pass

@pytest.mark.skip
def test_not(): pass
"""
    assert run_pytest(run, tmp_path, text) == Counts(3, 2, 1)


def test_a_file_that_pytest_cannot_read(run: Run, tmp_path: Path) -> None:
    assert run_pytest(run, tmp_path, "import no_such_module_of_anybody\n") == Counts(0, 1, 0)


def test_a_folder_without_tests(run: Run, tmp_path: Path) -> None:
    assert run_pytest(run, tmp_path, "x = 1\n") == Counts(0, 1, 0)


def test_a_report_that_was_never_written(tmp_path: Path) -> None:
    assert counting.junit(tmp_path / "none.xml")(Outcome(0, "")) == Counts(0, 1, 0)


MESON_BUILD = """
project('x', meson_version: '>=1.0.0')
sh = find_program('sh')
tests = {
%s
}
foreach name, row : tests
  test(name, sh, args: ['-c', row[1]], protocol: row[0], timeout: 1)
endforeach
"""


def run_meson(run: Run, folder: Path, tests: dict[str, tuple[str, str]]) -> Counts:
    rows = [f"  '{name}': ['{kind}', '''{script}''']," for name, (kind, script) in tests.items()]
    (folder / "meson.build").write_text(MESON_BUILD % "\n".join(rows))
    build = folder / "build"
    assert run("meson", "setup", build, folder).returncode == 0
    result = run("meson", "test", "-C", build, "--no-rebuild", "--logbase=mine")
    return counting.meson(build, "mine")(Outcome(result.returncode, result.stdout))


def test_what_meson_ran(run: Run, tmp_path: Path) -> None:
    tests = {
        "good": ("tap", "echo 1..3; echo ok 1; echo ok 2; echo ok 3 \\# SKIP"),
        "plain": ("exitcode", "exit 0"),
        "not run": ("exitcode", "exit 77"),
    }
    assert run_meson(run, tmp_path, tests) == Counts(3, 0, 2)


@pytest.mark.parametrize(
    ("kind", "script", "expected"),
    [
        ("tap", "echo 1..2; echo ok 1; echo not ok 2", Counts(2, 1, 0)),
        ("tap", "echo 1..2; echo ok 1; echo ok 2; exit 3", Counts(3, 1, 0)),
        ("tap", "echo 1..2; echo ok 1; kill -SEGV $$", Counts(2, 1, 0)),
        ("tap", "exit 1", Counts(1, 1, 0)),
        ("exitcode", "exit 1", Counts(1, 1, 0)),
        ("exitcode", "kill -SEGV $$", Counts(1, 1, 0)),
    ],
)
def test_a_failure_under_meson(
    run: Run, tmp_path: Path, kind: str, script: str, expected: Counts
) -> None:
    tests = {"bad": (kind, script), "good": ("exitcode", "exit 0")}
    assert run_meson(run, tmp_path, tests) == expected


@pytest.mark.parametrize("kind", ["tap", "exitcode"])
def test_a_program_that_runs_out_of_time_under_meson(run: Run, tmp_path: Path, kind: str) -> None:
    tests = {"slow": (kind, "echo 1..2; echo ok 1; exec tail -f /dev/null"), "good": ("exitcode", "exit 0")}
    assert run_meson(run, tmp_path, tests).failed == 1


def test_a_build_without_tests(run: Run, tmp_path: Path) -> None:
    assert run_meson(run, tmp_path, {}) == Counts(0, 1, 0)
