# SPDX-License-Identifier: Apache-2.0
"""Does tools/configure.py set a build up when, and only when, it is not set up in just this way?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import Run


@pytest.fixture
def tree(root: Path, tmp_path: Path) -> Path:
    """A small project with the tool in it."""
    (tmp_path / "tools").mkdir()
    shutil.copy(root / "tools/configure.py", tmp_path / "tools/configure.py")
    (tmp_path / "meson.build").write_text("project('x')\n")
    (tmp_path / "meson_options.txt").write_text("option('a', type: 'boolean')\n")
    return tmp_path


def test_a_build_is_set_up_once(run: Run, tree: Path) -> None:
    tool, build = tree / "tools/configure.py", tree / "build/x"
    assert run(tool, build, "-Da=true").returncode == 0
    made = (build / "build.ninja").stat().st_mtime_ns
    result = run(tool, build, "-Da=true")
    assert (result.returncode, result.stdout) == (0, "")
    assert (build / "build.ninja").stat().st_mtime_ns == made


@pytest.mark.parametrize(
    ("options", "environment"), [(("-Da=false",), {}), (("-Da=true",), {"CC": "ccache gcc"})]
)
def test_another_configuration_is_made_anew(
    run: Run, tree: Path, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    tool, build = tree / "tools/configure.py", tree / "build/x"
    assert run(tool, build, "-Da=true", CC="gcc").returncode == 0
    (build / "left").touch()
    assert run(tool, build, *options, **{"CC": "gcc", **environment}).returncode == 0
    assert (build / "build.ninja").exists() and not (build / "left").exists()


def test_a_tree_that_was_moved_is_set_up_anew(run: Run, tree: Path) -> None:
    assert run(tree / "tools/configure.py", tree / "build/x").returncode == 0
    moved = tree / "moved"
    moved.mkdir()
    for name in ("tools", "meson.build", "meson_options.txt", "build"):
        (tree / name).rename(moved / name)
    assert run(moved / "tools/configure.py", moved / "build/x").returncode == 0
    assert run("ninja", "-C", moved / "build/x").returncode == 0


def test_a_setup_that_failed_is_tried_again(run: Run, tree: Path) -> None:
    tool, build = tree / "tools/configure.py", tree / "build/x"
    (tree / "meson.build").write_text("project('x')\nerror('no')\n")
    assert run(tool, build).returncode != 0
    (tree / "meson.build").write_text("project('x')\n")
    assert run(tool, build).returncode == 0
    assert (build / "build.ninja").exists()


def test_a_folder_with_something_else_is_left_alone(run: Run, tree: Path) -> None:
    folder = tree / "letters"
    folder.mkdir()
    (folder / "dear.txt").write_text("you")
    result = run(tree / "tools/configure.py", folder)
    assert result.returncode == 2
    assert "holds something else than a build" in result.stderr
    assert (folder / "dear.txt").read_text() == "you"
