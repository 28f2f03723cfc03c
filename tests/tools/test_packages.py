# SPDX-License-Identifier: Apache-2.0
"""Does tools/packages/install know what is missing, and what to say when it may not install it?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from conftest import Run

# All that the script runs before it would need rights; sudo is not among it.
COMMANDS = ("bash", "cat", "dpkg", "dpkg-query", "env", "id", "apt-get")
NOBODY = "65534"


@pytest.fixture
def without_rights(tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    """What makes a command run as nobody with neither root nor sudo."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in COMMANDS:
        path = shutil.which(name)
        assert path is not None
        (commands / name).symlink_to(path)
    prefix = []
    if os.geteuid() == 0:
        prefix = ["/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        for folder in [tmp_path, *tmp_path.parents[:2]]:
            folder.chmod(0o755)
    return prefix, {"PATH": str(commands), "HOME": str(tmp_path)}


@pytest.fixture
def install(root: Path, tmp_path: Path) -> Path:
    """A copy of the script that nobody can read as well."""
    return Path(shutil.copy(root / "tools/packages/install", tmp_path / "install"))


def write(folder: Path, text: str) -> Path:
    path = folder / "list.txt"
    path.write_text(text)
    return path


def test_nothing_is_done_when_all_is_there(
    run: Run, install: Path, tmp_path: Path, without_rights: tuple[list[str], dict[str, str]]
) -> None:
    packages = write(tmp_path, "# what is on every Debian\n\nbash\ndpkg >= 1.0\n")
    prefix, environment = without_rights
    result = run(*prefix, install, packages, **environment)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("row", ["auth-no-such-package", "bash >= 999"])
def test_the_command_for_what_is_missing_is_told(
    run: Run,
    install: Path,
    tmp_path: Path,
    without_rights: tuple[list[str], dict[str, str]],
    row: str,
) -> None:
    packages = write(tmp_path, f"dpkg\n{row}\n")
    prefix, environment = without_rights
    result = run(*prefix, install, packages, **environment)
    assert result.returncode == 1
    assert "neither root nor sudo" in result.stderr
    command = f"apt-get install --yes --no-install-recommends {row.split()[0]}\n"
    assert result.stderr.endswith(command)


@pytest.mark.parametrize("row", ["bash >=", "bash = 1", "bash 5.2"])
def test_a_row_that_cannot_be_read_is_refused(
    run: Run, install: Path, tmp_path: Path, row: str
) -> None:
    result = run(install, write(tmp_path, row + "\n"))
    assert result.returncode == 1
    assert "write 'package' or 'package >= version'" in result.stderr


def test_a_list_that_is_not_there_is_refused(run: Run, install: Path, tmp_path: Path) -> None:
    result = run(install, tmp_path / "none.txt")
    assert result.returncode == 1
    assert "cannot read the list" in result.stderr


@pytest.mark.parametrize("name", ["build", "test"])
def test_the_lists_are_sorted_in_their_parts_and_name_a_package_once(root: Path, name: str) -> None:
    parts = (root / f"tools/packages/{name}.txt").read_text().split("\n\n")
    rows = [[row.split()[0] for row in part.splitlines() if not row.startswith("#")] for part in parts]
    assert all(part == sorted(part) for part in rows)
    flat = [package for part in rows for package in part]
    assert len(flat) == len(set(flat))
