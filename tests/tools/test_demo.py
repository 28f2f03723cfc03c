# SPDX-License-Identifier: Apache-2.0
"""Does ./demo fail when an answer is not the one it should be?"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run


@pytest.fixture
def demo(root: Path, tmp_path: Path) -> Path:
    """A copy of ./demo beside links to everything else, the build included."""
    (root / "build").mkdir(exist_ok=True)
    for path in root.iterdir():
        if path.name != "demo":
            (tmp_path / path.name).symlink_to(path)
    copy = tmp_path / "demo"
    copy.write_text((root / "demo").read_text())
    copy.chmod(0o755)
    return copy


def test_every_answer_is_as_it_should_be(run: Run, demo: Path) -> None:
    result = run(demo, LANGUAGE="zh_CN")
    assert (result.returncode, result.stderr) == (0, "")
    assert "\ndemo: all 37 answers are as they should be." in result.stdout
    assert "\033" not in result.stdout


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("""province='"Beijing"'""", """province='"Guangdong"'""", 'province is "Beijing" and should be "Guangdong"'),
        ("341423202109103460 1 ", "341423202109103460 0 ", "the exit codes are 1 and, with --json, 1"),
        ("'male, born in 1880, Guangdong'", "'female'", "the answer should hold: female"),
        ("position=18", "position=17", "position is 18 and should be 17"),
    ],
)
def test_another_answer_fails(run: Run, demo: Path, old: str, new: str, fault: str) -> None:
    text = demo.read_text()
    assert text.count(old) == 1
    demo.write_text(text.replace(old, new))
    result = run(demo)
    assert result.returncode == 1
    assert fault in result.stdout
    assert "demo: 1 of 37 answers are not as they should be" in result.stdout


def test_wrong_usage_is_told(run: Run, demo: Path) -> None:
    assert run(demo, "--help").returncode == 0
    result = run(demo, "now")
    assert result.returncode == 2
    assert "Usage: ./demo" in result.stdout
