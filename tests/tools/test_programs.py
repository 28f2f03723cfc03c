# SPDX-License-Identifier: Apache-2.0
"""Do the tools that run programs (fuzz targets, benchmarks, linters) see when one of them fails?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import Run

TARGET = """
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == CRASHES_AT)
        abort();
    return 0;
}
"""


def make_target(run: Run, build: Path, name: str, crashes_at: str) -> None:
    folder = build / "tests/fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / f"{name}.c"
    source.write_text(TARGET)
    options = ("-fsanitize=fuzzer", f"-DCRASHES_AT={crashes_at}", "-o", folder / f"fuzz_{name}")
    assert run("clang-14", source, *options).returncode == 0


def test_a_crash_under_fuzzing_is_found_and_kept(run: Run, root: Path, tmp_path: Path) -> None:
    build, results = tmp_path / "build", tmp_path / "results"
    make_target(run, build, "bad", "'!'")
    make_target(run, build, "good", "1000")
    result = run(root / "tools/fuzz.py", build, results, "5")
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "not ok 1 - fuzz_bad",
        "ok 2 - fuzz_good",
        "1..2",
    ]
    (crash,) = (results / "bad").glob("crash-*")
    assert crash.read_bytes().startswith(b"!")


def make_benchmark(build: Path, name: str, script: str) -> None:
    path = build / "tests/bench" / f"bench_{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("""test "$*" = "--seconds 1" && echo '{"a":1}' && echo '{"b":2}'""", None),
        ("exit 0", "it printed no result"),
        ("echo 3", "line 1 is no JSON object: 3"),
        ("""echo '{"a":1}'; echo '{"a":'""", "line 2 is no JSON object"),
        ("""echo '{"a":1}'; exit 3""", "exit code 3"),
    ],
)
def test_a_benchmark_must_print_results(
    run: Run, root: Path, tmp_path: Path, script: str, fault: str | None
) -> None:
    make_benchmark(tmp_path, "x", script)
    result = run(root / "tools/smoke_benchmarks.py", tmp_path)
    assert result.returncode == (1 if fault else 0)
    assert result.stdout.startswith("not ok 1 - bench_x" if fault else "ok 1 - bench_x")
    assert (fault or "") in result.stdout


@pytest.mark.parametrize("tool", ["smoke_benchmarks.py", "lint_manuals.py"])
def test_nothing_to_run_is_a_failure(run: Run, root: Path, tmp_path: Path, tool: str) -> None:
    result = run(root / "tools" / tool, tmp_path)
    assert (result.returncode, result.stdout) == (1, "1..0\n")


def test_nothing_to_fuzz_is_a_failure(run: Run, root: Path, tmp_path: Path) -> None:
    result = run(root / "tools/fuzz.py", tmp_path, tmp_path, "1")
    assert (result.returncode, result.stdout) == (1, "1..0\n")


def test_a_fault_of_a_man_page_is_found(run: Run, root: Path, tmp_path: Path) -> None:
    page = '.TH AUTH 1 "2026-01-31" "x" "x"\n.SH NAME\nauth \\- x\n.SH TEXT\nx\n'
    (tmp_path / "auth.1").write_text(page)
    (tmp_path / "auth-bad.1").write_text(page.replace(".SH TEXT", ".SH TEXT\n.PP"))
    result = run(root / "tools/lint_manuals.py", tmp_path)
    assert result.returncode == 1
    assert result.stdout.splitlines()[0] == "not ok 1 - auth-bad.1"
    assert "skipping paragraph macro" in result.stdout
    assert "ok 2 - auth.1" in result.stdout


@pytest.fixture
def tidy_tree(root: Path, tmp_path: Path) -> Path:
    """A small tree with the tool and the project's configuration."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "build").mkdir()
    for name in ("tools/tidy.py", "tools/tap.py", ".clang-tidy"):
        shutil.copy(root / name, tmp_path / name)
    entry = {
        "directory": str(tmp_path / "build"),
        "command": "ccache clang-14 -I.. -Wall -MD -MQ x.o -MF x.o.d -o x.o -c ../x.c",
        "file": "../x.c",
    }
    (tmp_path / "build/compile_commands.json").write_text(json.dumps([entry]))
    (tmp_path / "x.c").write_text('#include "x.h"\n\nint twice(int x) { return TWO * x; }\n')
    (tmp_path / "x.h").write_text("#define TWO 2\nint twice(int x);\n")
    return tmp_path


def test_clang_tidy_reads_a_file_again_when_it_may_say_something_new(
    run: Run, tidy_tree: Path
) -> None:
    words = (tidy_tree / "tools/tidy.py", tidy_tree / "build", tidy_tree / "cache")
    assert run(*words).stdout == "ok 1 - x.c\n1..1\n"
    assert len(list((tidy_tree / "cache").iterdir())) == 1
    assert run(*words).returncode == 0

    # A header is a part of every file that includes it.
    (tidy_tree / "x.h").write_text("#define TWO 2\nint twice(int y);\n")
    result = run(*words)
    assert result.returncode == 1
    assert "[readability-inconsistent-declaration-parameter-name" in result.stdout
    # What failed is not remembered.
    assert run(*words).returncode == 1
