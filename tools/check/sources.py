# SPDX-License-Identifier: Apache-2.0
"""Finds the sources of the project: what is in the tree and neither built nor hidden."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

NOT_SOURCES = {"build", "__pycache__"}
DATA = ("tests/data", "tests/fuzz/corpus", "tests/golden")
NOT_PROSE = (".po", ".pem")
SHELL_SCRIPT = re.compile(rb"#!.*\b(ba|da)?sh\b")


def walk(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        hidden = {name for name in names if name.startswith(".") and name != ".ci"}
        names[:] = sorted(set(names) - hidden - NOT_SOURCES)
        yield from (Path(folder) / name for name in sorted(files))


def with_suffix(root: Path, *suffixes: str) -> list[str]:
    return [str(path.relative_to(root)) for path in walk(root) if path.suffix in suffixes]


def is_text(path: Path) -> bool:
    try:
        return "\0" not in path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False


def prose(root: Path) -> list[str]:
    """Tells the files that people write words in: no data, no translations."""
    folders = [root / data for data in DATA]
    files = (path for path in walk(root) if path.suffix not in NOT_PROSE and is_text(path))
    return [
        str(path.relative_to(root))
        for path in files
        if not any(path.is_relative_to(folder) for folder in folders)
    ]


def is_shell_script(path: Path) -> bool:
    with path.open("rb") as file:
        return SHELL_SCRIPT.match(file.readline(128)) is not None


def shell_scripts(root: Path) -> list[str]:
    scripts = (path for path in walk(root) if path.suffix in ("", ".sh", ".bash"))
    return [str(path.relative_to(root)) for path in scripts if is_shell_script(path)]
