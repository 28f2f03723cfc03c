# SPDX-License-Identifier: Apache-2.0
"""Does tools/migrations.py put each migration into the program, octet for octet, and refuse what
nobody could apply in order?"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from conftest import Run

SQL = b"CREATE TABLE one (n bigint); -- \"quoted\" \\ and\ttabs\n"


def make(tmp_path: Path, *names: str) -> list[Path]:
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.write_bytes(SQL)
    return paths


def test_the_table_holds_text_and_hash(run: Run, root: Path, tmp_path: Path) -> None:
    paths = make(tmp_path, "0001-tables.sql", "0002-more-rules.sql")
    output = tmp_path / "migrations.c"
    result = run(root / "tools/migrations.py", output, *paths)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    text = output.read_text()
    octets = re.search(r"sql_1\[\] = \{([0-9, \n]+)\}", text)
    assert octets is not None
    assert bytes(int(number) for number in re.findall(r"\d+", octets[1])) == SQL + b"\0"
    digest = ", ".join(str(octet) for octet in hashlib.sha256(SQL).digest())
    assert f'{{1, "tables", {{{digest}}}, sql_1}}' in text
    assert f'{{2, "more-rules", {{{digest}}}, sql_2}}' in text
    assert "registry_migrations = {rows, 2}" in text


@pytest.mark.parametrize(
    "names",
    [
        ("0002-tables.sql",),
        ("0001-tables.sql", "0003-rules.sql"),
        ("0001-tables.sql", "0001-rules.sql"),
        ("0001-Tables.sql",),
        ("1-tables.sql",),
        ("0001-tables.txt",),
    ],
)
def test_a_name_out_of_order_is_refused(
    run: Run, root: Path, tmp_path: Path, names: tuple[str, ...]
) -> None:
    output = tmp_path / "migrations.c"
    result = run(root / "tools/migrations.py", output, *make(tmp_path, *names))
    assert result.returncode == 1
    assert names[-1] in result.stderr
    assert not output.exists()


@pytest.mark.parametrize("octets", [b"SELECT '\xc3\xa9'", b"SELECT 1\0"])
def test_octets_that_are_no_plain_text_are_refused(
    run: Run, root: Path, tmp_path: Path, octets: bytes
) -> None:
    (path,) = make(tmp_path, "0001-tables.sql")
    path.write_bytes(octets)
    assert run(root / "tools/migrations.py", tmp_path / "out.c", path).returncode == 1


def test_wrong_usage_is_told(run: Run, root: Path) -> None:
    result = run(root / "tools/migrations.py")
    assert result.returncode == 2
    assert "Usage:" in result.stderr


def test_every_statement_is_used(root: Path) -> None:
    """A statement that nothing runs is a right that nobody needs."""
    table = (root / "registry/statements.def").read_text(encoding="utf-8")
    names = re.findall(r"^REGISTRY_STATEMENT_ROW\((\w+),", table, re.MULTILINE)
    folders = ("registry", "daemon", "ca", "ra", "lra", "ocsp", "cli")
    sources = [path for folder in folders for path in sorted((root / folder).rglob("*.c"))]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    used = set(re.findall(r"\bREGISTRY_STATEMENT_(\w+)\b", text))
    assert len(names) == len(set(names)) > 0
    assert set(names) - used == set()


def test_every_migration_of_the_folder_is_listed(root: Path) -> None:
    folder = root / "schemas/registry"
    listed = re.findall(r"'(\d{4}-[a-z0-9-]+\.sql)'", (folder / "meson.build").read_text())
    assert listed == sorted(path.name for path in folder.glob("*.sql"))
