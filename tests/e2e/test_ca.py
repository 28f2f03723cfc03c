# SPDX-License-Identifier: Apache-2.0
"""Does auth-ca of a new realm run, keep ledger and lists in order, survive being killed, and refuse a registry that was
set back?"""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FAULT, YES, Auth, free_ports

ANSWERS = """\
name = shaanxi
base = http://pki.example:8080
centre-name = Centre
region = 610000
admin-1-id = zhang
admin-1-name = Zhang San
admin-1-number = 11010519491231002X
admin-2-id = li
admin-2-name = Li Si
admin-2-number = 440524188001010014
"""

DEADLINE_S = 30


@pytest.fixture
def realm(auth: Auth) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="auth-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "answers").write_text(ANSWERS, encoding="utf-8")
        answer = auth("realm", "init", "--answers", folder / "answers", folder / "realm")
        assert answer.exit_code == YES, answer.error
        free_ports(folder / "realm")
        yield folder / "realm"
        auth("down", folder / "realm")


def process(realm: Path) -> int:
    return int((realm / "run/ca.pid").read_text(encoding="ascii").split()[0])


def fsck(auth: Auth, realm: Path) -> dict[str, object]:
    words = ("--dir", realm / "registry", "--anchor", realm / "journal/ledger.heads")
    answer = auth("fsck", "--json", *words)
    assert answer.exit_code == YES, answer.text
    found: dict[str, object] = answer.objects[-1]
    return found


def wait_for_lists(auth: Auth, realm: Path) -> None:
    """The anchor, and beside the list of the root a full and a delta list of each of the two authorities, come with the first
    seconds."""
    end = time.monotonic() + DEADLINE_S
    while "ledger.heads" not in os.listdir(realm / "journal"):
        assert auth("status", realm).exit_code == YES
        assert time.monotonic() < end, "the anchor does not come"
    while fsck(auth, realm)["crls"] != 5:
        assert time.monotonic() < end, "the lists do not come"


def test_it_works_and_survives_being_killed(auth: Auth, realm: Path) -> None:
    up = auth("up", realm)
    assert up.exit_code == YES and "auth-ca: runs as process" in up.text, up.error
    wait_for_lists(auth, realm)
    os.kill(process(realm), signal.SIGKILL)
    up = auth("up", realm)
    assert up.exit_code == YES and "auth-ca: runs as process" in up.text, up.error
    fsck(auth, realm)
    assert auth("down", realm).exit_code == YES
    lines = (realm / "log/ca.log").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines].count("ready") == 2
    assert json.loads(lines[-1])["event"] == "stopped"


def test_it_does_not_start_with_a_journal_that_was_changed(auth: Auth, realm: Path) -> None:
    assert auth("up", realm).exit_code == YES
    wait_for_lists(auth, realm)
    assert auth("down", realm).exit_code == YES
    path = realm / "journal/00000001.journal"
    octets = bytearray(path.read_bytes())
    octets[200] ^= 1
    path.write_bytes(octets)
    up = auth("up", realm)
    assert up.exit_code == FAULT
    last = (realm / "log/ca.log").read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(last)["event"] == "cannot-start" and "journal" in last
