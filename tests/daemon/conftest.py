# SPDX-License-Identifier: Apache-2.0
"""Runs auth-echo, a daemon made of the skeleton alone. AUTH_BUILD names the build folder."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from credentials import Credentials, make_credentials

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/harness"))

from http_client import PATIENCE_S, Answer, Client, request, wait_for  # noqa: E402, F401

NOBODY = 65534
DESCRIPTORS = 30000


@dataclass
class Echo:
    """A running auth-echo."""

    folder: Path
    process: subprocess.Popen[bytes]
    credentials: Credentials
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def log_file(self) -> Path:
        return self.folder / "log"

    def log(self) -> list[dict[str, object]]:
        lines = self.log_file.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def events(self, name: str) -> list[dict[str, object]]:
        return [line for line in self.log() if line["event"] == name]

    def connect(self, kind: str = "http", **tls: object) -> Client:
        if kind in ("unix", "admin"):
            local = socket.socket(socket.AF_UNIX)
            local.settimeout(PATIENCE_S)
            local.connect(str(self.folder / kind))
            return Client(local)
        plain = socket.create_connection(("127.0.0.1", self.ports[kind]), timeout=PATIENCE_S)
        if kind == "http":
            return Client(plain)
        context = self.credentials.client(**tls)  # type: ignore[arg-type]
        try:
            return Client(context.wrap_socket(plain, server_hostname="localhost"))
        except BaseException:
            plain.close()
            raise

    def metric(self, name: str) -> int:
        with self.connect("admin") as admin:
            text = admin.get("/metrics").body.decode()
        match = re.search(rf"^{re.escape(name)} (-?\d+)$", text, flags=re.M)
        assert match is not None, f"there is no metric {name}"
        return int(match[1])

    def status(self, name: str) -> int:
        """A line of /proc/PID/status, in kB where that is its unit."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        match = re.search(rf"^{name}:\s+(\d+)", text, flags=re.M)
        assert match is not None
        return int(match[1])

    def processor_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")
        times = fields[2].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

    def is_running(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """Asks it to end and tells how it did."""
        if self.is_running():
            self.signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@dataclass
class Installed:
    """The program where every user may run it, as the user of a daemon does."""

    folder: Path
    credentials: Credentials

    @property
    def is_sanitized(self) -> bool:
        """Sanitizers keep memory that was given back, so that its size says nothing."""
        octets = (self.folder / "auth-echo").read_bytes()
        return b"__asan_init" in octets or b"__tsan_init" in octets

    def command(self, *words: str) -> list[str]:
        return [str(self.folder / "auth-echo"), *words]

    def settings(self, descriptors: int = DESCRIPTORS) -> dict[str, Any]:
        limit = min(descriptors, resource.getrlimit(resource.RLIMIT_NOFILE)[1])

        def prepare() -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

        environment = {
            **os.environ,
            "LD_LIBRARY_PATH": str(self.folder),
            "AUTH_LOCALEDIR": str(self.folder / "po"),
            "LC_ALL": "C.UTF-8",
        }
        settings: dict[str, Any] = {"preexec_fn": prepare, "env": environment}
        if os.getuid() == 0:
            settings |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        return settings

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        settings = self.settings()
        return subprocess.run(
            self.command(*words), capture_output=True, text=True, timeout=PATIENCE_S, **settings
        )

    @contextlib.contextmanager
    def start(
        self,
        *words: str,
        descriptors: int = DESCRIPTORS,
        log: int | None = None,
        extra: dict[str, str] | None = None,
        has_tls: bool = True,
    ) -> Iterator[Echo]:
        """Starts it with every kind of listener and waits until it is ready."""
        folder = Path(tempfile.mkdtemp(prefix="auth-echo-"))
        folder.chmod(0o777)
        (folder / "judge").write_text("y", encoding="utf-8")
        self.credentials.write(folder)
        tls = [
            "--listen-tls=127.0.0.1:0",
            f"--tls-certificate={folder}/server.pem",
            f"--tls-key={folder}/server.key",
        ]
        usual = [
            f"--listen=127.0.0.1:0 unix:{folder}/unix",
            f"--admin-socket=unix:{folder}/admin",
            f"--judge-file={folder}/judge",
            "--log-format=json",
            "--log-level=debug",
            *(tls if has_tls else []),
        ]
        settings = self.settings(descriptors)
        settings["env"] = {**settings["env"], **(extra or {})}
        with (folder / "log").open("wb") as out:
            process = subprocess.Popen(
                self.command(*usual, *words), stderr=out if log is None else log, **settings
            )
        echo = Echo(folder, process, self.credentials)
        try:
            if log is None:
                self.wait_until_ready(echo)
            yield echo
        finally:
            if echo.is_running():
                process.kill()
            process.wait()
            shutil.rmtree(folder)

    def wait_until_ready(self, echo: Echo) -> None:
        wait_for(lambda: echo.events("ready") or not echo.is_running())
        assert echo.is_running(), echo.log_file.read_text(encoding="utf-8")
        for line in echo.events("listening"):
            address = str(line["address"])
            if not address.startswith("unix:"):
                echo.ports[str(line["kind"])] = int(address.rpartition(":")[2])


@pytest.fixture(scope="session")
def installed() -> Iterator[Installed]:
    build = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    program = build / "tests/daemon/auth-echo"
    if not program.exists():
        pytest.fail(f"there is no auth-echo in {build}; build it, and name the folder in AUTH_BUILD")
    with tempfile.TemporaryDirectory(prefix="auth-echo-") as name:
        folder = Path(name)
        shutil.copy(program, folder)
        shutil.copy(program.parent / "auth-quiet", folder)
        shutil.copy(build / "libauth/libauth.so.0", folder)
        if (build / "tests/daemon/libfailing_memory.so").exists():
            shutil.copy(build / "tests/daemon/libfailing_memory.so", folder)
        catalogue = Path("zh_CN/LC_MESSAGES/auth.mo")
        if (build / "po" / catalogue).exists():
            (folder / "po" / catalogue).parent.mkdir(parents=True)
            shutil.copy(build / "po" / catalogue, folder / "po" / catalogue)
        folder.chmod(0o755)
        yield Installed(folder, make_credentials())


@pytest.fixture(scope="module")
def echo(installed: Installed) -> Iterator[Echo]:
    """One for all tests of a file that leave it as it was."""
    with installed.start() as running:
        yield running
        assert running.end() == 0
