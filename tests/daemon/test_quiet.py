# SPDX-License-Identifier: Apache-2.0
"""Can a daemon that listens on no port work, be looked after, fail and end?"""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conftest import Client, Installed, wait_for

OK, USAGE, FAULT = 0, 2, 3


@contextlib.contextmanager
def running(installed: Installed, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    folder = Path(tempfile.mkdtemp(prefix="auth-quiet-"))
    folder.chmod(0o777)
    command = [
        str(installed.folder / "auth-quiet"), f"--admin-socket=unix:{folder}/admin",
        "--log-format=json", "--log-level=debug", *words,
    ]
    with (folder / "log").open("wb") as out:
        process = subprocess.Popen(command, stderr=out, **installed.settings())
    try:
        yield process, folder
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def events(folder: Path) -> list[dict[str, object]]:
    lines = (folder / "log").read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def has_event(folder: Path, name: str) -> bool:
    return any(line["event"] == name for line in events(folder))


def test_it_has_no_options_for_a_port(installed: Installed) -> None:
    program = str(installed.folder / "auth-quiet")
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, **installed.settings())
    assert "--admin-socket" in shown.stdout and "--listen" not in shown.stdout
    result = subprocess.run(
        [program, "--listen=127.0.0.1:80"], capture_output=True, text=True, **installed.settings()
    )
    assert result.returncode == USAGE and "there is no option 'listen'" in result.stderr


def test_it_works_and_is_looked_after(installed: Installed) -> None:
    with running(installed) as (process, folder):
        assert wait_for(lambda: sum(e["event"] == "turn-begins" for e in events(folder)) >= 4)
        local = socket.socket(socket.AF_UNIX)
        local.connect(str(folder / "admin"))
        with Client(local) as admin:
            assert admin.get("/healthz").body == b"alive\n"
            assert admin.get("/readyz").body == b"ready\n"
            assert b"\nquiet_turns_total " in admin.get("/metrics").body
        # A task that fails is logged and tried again.
        assert has_event(folder, "task-failed")
        process.send_signal(signal.SIGHUP)
        assert wait_for(lambda: has_event(folder, "reloaded"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == OK
        assert events(folder)[-1]["event"] == "stopped"


def test_what_cannot_go_on_ends_with_its_reason(installed: Installed) -> None:
    with running(installed, "--fail-at-turn=3") as (process, folder):
        assert process.wait(20) == FAULT
        (failed,) = [line for line in events(folder) if line["event"] == "failed"]
        assert failed["detail"] == "journal: the disk is full; free some space"
        assert failed["status"] == "io"
