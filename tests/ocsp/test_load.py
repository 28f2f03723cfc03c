# SPDX-License-Identifier: Apache-2.0
"""Does auth-load, by which auth-ocsp is tested, notice every answer that a client must not believe?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from stand_in import Pki, make_pki, serving, write_targets

TIMEOUT_S = 120


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def ask(build: Path, pki: Pki, folder: Path, fault: str, *words: str) -> subprocess.CompletedProcess[str]:
    issuer, serials = write_targets(pki, folder, 5)
    with serving(pki, fault) as port:
        return subprocess.run(
            [build / "tests/load/auth-load", "--to", f"127.0.0.1:{port}", "--issuer", issuer,
             "--serials", serials, "--count", "20", "--connections", "2", *words],
            capture_output=True, text=True, timeout=TIMEOUT_S,
        )


@pytest.mark.parametrize("words", [(), ("--nonce", "100"), ("--check", "late", "--hash", "sha256")])
def test_it_believes_what_is_right(build: Path, pki: Pki, tmp_path: Path, words: tuple[str, ...]) -> None:
    record = tmp_path / "record"
    ended = ask(build, pki, tmp_path, "", *words, "--record", str(record))
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert (found["asked"], found["good"], found["wrong"]) == (20, 20, 0)
    lines = record.read_text(encoding="ascii").splitlines()
    assert len(lines) == 20
    word, serial, status, asked, answered, this_update = lines[0].split()
    assert (word, status) == ("seen", "good") and 0x1000 <= int(serial, 16) < 0x1005
    assert int(asked) <= int(answered) and 0 <= int(answered) // 1000000 - int(this_update) < TIMEOUT_S


@pytest.mark.parametrize(
    "fault",
    ["other-serial", "other-hash", "other-nonce", "no-nonce", "other-key", "altered", "expired", "outlives"],
)
@pytest.mark.parametrize("check", ["now", "late"])
def test_it_believes_nothing_else(build: Path, pki: Pki, tmp_path: Path, fault: str, check: str) -> None:
    ended = ask(build, pki, tmp_path, fault, "--nonce", "100", "--check", check)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert json.loads(ended.stdout)["wrong"] == 20
    assert "load: wrong:" in ended.stderr


def test_it_ends_when_nobody_is_there(build: Path, pki: Pki, tmp_path: Path) -> None:
    issuer, serials = write_targets(pki, tmp_path, 1)
    words = ("--to", "127.0.0.1:1", "--issuer", issuer, "--serials", serials, "--count", "1")
    ended = subprocess.run(
        [build / "tests/load/auth-load", *words, "--patience", "300"],
        capture_output=True, text=True, timeout=TIMEOUT_S,
    )
    assert ended.returncode == 2 and "no connection" in ended.stderr
