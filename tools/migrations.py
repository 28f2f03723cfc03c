#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the migrations of the registry's schema as a table in C.

Usage: migrations.py OUTPUT [NNNN-NAME.sql]...

The files must be numbered 0001, 0002, ... without a gap, in this order.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

NAME = re.compile(r"(\d{4})-([a-z0-9-]+)\.sql")
# Numbers on a line.
WIDTH = 24

HEAD = """\
/* Made by tools/migrations.py from schemas/registry/. */
#include "registry/migration.h"

"""


class BadMigration(Exception):
    """A file breaks a rule; the text begins with its path."""


def as_numbers(octets: bytes) -> str:
    lines = (octets[i : i + WIDTH] for i in range(0, len(octets), WIDTH))
    return "\n".join("    " + " ".join(f"{octet}," for octet in line) for line in lines)


def read(path: Path, version: int) -> bytes:
    match = NAME.fullmatch(path.name)
    if match is None or int(match[1]) != version:
        raise BadMigration(f"{path}: must be called {version:04}-name.sql, in small letters")
    octets = path.read_bytes()
    try:
        octets.decode("ascii")
    except UnicodeDecodeError as error:
        raise BadMigration(f"{path}: octet {error.start} is not ASCII") from error
    if b"\0" in octets:
        raise BadMigration(f"{path}: holds a NUL")
    return octets


def write_table(paths: list[Path]) -> str:
    texts, rows = [], []
    for version, path in enumerate(paths, 1):
        octets = read(path, version)
        numbers = as_numbers(octets + b"\0")
        texts.append(f"static const char sql_{version}[] = {{\n{numbers}\n}};\n\n")
        name = path.stem.partition("-")[2]
        digest = ", ".join(str(octet) for octet in hashlib.sha256(octets).digest())
        rows.append(f'    {{{version}, "{name}", {{{digest}}}, sql_{version}}},\n')
    # C has no empty array.
    table = "".join(rows) or "    {0, NULL, {0}, NULL},\n"
    return (
        HEAD
        + "".join(texts)
        + f"static const registry_migration rows[] = {{\n{table}}};\n\n"
        + f"const migration_table registry_migrations = {{rows, {len(paths)}}};\n"
    )


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        text = write_table([Path(name) for name in arguments[1:]])
    except BadMigration as error:
        print(error, file=sys.stderr)
        return 1
    Path(arguments[0]).write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
