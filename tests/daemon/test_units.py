# SPDX-License-Identifier: Apache-2.0
"""Are the units of the daemons locked down, and does the benchmark run?"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, Installed

UNITS = sorted((ROOT / "packaging/systemd").glob("*.service"))
# Of 100; without a sandbox it is 96.
EXPOSURE = 20


def systemd_analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("unit", UNITS, ids=[unit.stem for unit in UNITS])
def test_a_unit_is_locked_down(unit: Path) -> None:
    result = systemd_analyze("security", "--offline=true", f"--threshold={EXPOSURE}", unit)
    assert result.returncode == 0, result.stdout


def test_units_are_read_without_a_complaint() -> None:
    assert len(UNITS) == 4
    complaints = [
        line for line in systemd_analyze("verify", *UNITS).stderr.splitlines()
        # The programs and their man pages are not installed where the tests run.
        if ".service" in line and "is not executable" not in line and "Command 'man " not in line
    ]
    assert not complaints


def test_every_unit_has_an_account() -> None:
    accounts = (ROOT / "packaging/systemd/libauth.sysusers").read_text(encoding="utf-8")
    for unit in UNITS:
        assert f"\nu     {unit.stem} " in accounts
        text = unit.read_text(encoding="utf-8")
        for line in (f"User={unit.stem}", "Type=notify", "RestartPreventExitStatus=2"):
            assert f"\n{line}\n" in text


def test_the_benchmark_runs(installed: Installed) -> None:
    if installed.is_sanitized:
        pytest.skip("figures of a sanitizer's build mean nothing")
    result = subprocess.run(
        [ROOT / "tests/daemon/bench_http.py", "--seconds", "2"],
        capture_output=True, text=True, timeout=120, env=dict(os.environ),
    )
    assert result.returncode == 0, result.stderr
    (line,) = result.stdout.splitlines()
    assert json.loads(line)["value"] > 0
