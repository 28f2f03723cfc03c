# SPDX-License-Identifier: Apache-2.0
"""Does tools/ready.py put each ready file into the program, octet for octet, and refuse what is no JSON?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import Run


def array(text: str, name: str) -> bytes:
    numbers = re.search(rf"{name}\[\] = \{{([0-9, \n]+)\}}", text)
    assert numbers is not None
    return bytes(int(number) for number in re.findall(r"\d+", numbers[1]))


def test_the_table_holds_every_file(run: Run, root: Path, tmp_path: Path) -> None:
    policy, second, first = (tmp_path / name for name in ("policy.json", "b.json", "a.json"))
    policy.write_bytes(b'{"version": 1}\n')
    first.write_bytes('{"title": "\u738b"}'.encode())
    second.write_bytes(b"{}")
    output = tmp_path / "ready.c"
    result = run(root / "tools/ready.py", output, policy, second, first)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    text = output.read_text()
    assert array(text, "policy") == policy.read_bytes()
    assert array(text, "profile_0") == first.read_bytes()
    assert array(text, "profile_1") == second.read_bytes()
    assert text.index('"a.json", {profile_0') < text.index('"b.json", {profile_1') < text.index("NULL")


@pytest.mark.parametrize("octets", [b"", b"{", b"[]", b"\xff"])
def test_what_is_no_object_is_refused(run: Run, root: Path, tmp_path: Path, octets: bytes) -> None:
    policy, profile = tmp_path / "policy.json", tmp_path / "bad.json"
    policy.write_bytes(b"{}")
    profile.write_bytes(octets)
    output = tmp_path / "ready.c"
    result = run(root / "tools/ready.py", output, policy, profile)
    assert result.returncode == 1
    assert "bad.json" in result.stderr
    assert not output.exists()


def test_usage(run: Run, root: Path) -> None:
    assert run(root / "tools/ready.py", "out.c", "policy.json").returncode == 2
