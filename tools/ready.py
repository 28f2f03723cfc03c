#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the ready profiles and the ready policy as a table in C.

Usage: ready.py OUTPUT POLICY PROFILE...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# Numbers on a line.
WIDTH = 24

HEAD = """\
/* Made by tools/ready.py from schemas/. */
#include "realm/ready.h"

"""


class BadFile(Exception):
    """A file breaks a rule; the text begins with its path."""


def read(path: Path) -> bytes:
    octets = path.read_bytes()
    try:
        content = json.loads(octets)
    except ValueError as error:
        raise BadFile(f"{path}: is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise BadFile(f"{path}: must be a JSON object")
    return octets


def as_array(name: str, octets: bytes) -> str:
    lines = (octets[i : i + WIDTH] for i in range(0, len(octets), WIDTH))
    numbers = "\n".join("    " + " ".join(f"{octet}," for octet in line) for line in lines)
    return f"static const uint8_t {name}[] = {{\n{numbers}\n}};\n\n"


def write_table(policy: Path, profiles: list[Path]) -> str:
    arrays = [as_array("policy", read(policy))]
    rows = []
    for number, path in enumerate(sorted(profiles, key=lambda path: path.name)):
        arrays.append(as_array(f"profile_{number}", read(path)))
        rows.append(f'    {{"{path.name}", {{profile_{number}, sizeof profile_{number}}}}},\n')
    return (
        HEAD
        + "".join(arrays)
        + "const auth_bytes realm_ready_policy = {policy, sizeof policy};\n\n"
        + "const realm_ready_file realm_ready_profiles[] = {\n"
        + "".join(rows)
        + "    {NULL, {NULL, 0}},\n};\n"
    )


def main(words: list[str]) -> int:
    if len(words) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    output, policy, *profiles = (Path(word) for word in words)
    try:
        output.write_text(write_table(policy, profiles), encoding="ascii")
    except BadFile as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
