# SPDX-License-Identifier: Apache-2.0
"""Runs auth-lra by hand, with options of its own, and takes its registry away and gives it back."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from http_client import Client
from officers import PATIENCE_S, Answer, Officer, Realm, document, enrol, free_port, id_of, new_key, wait_for

ACCOUNT = "postgres"
OFFICERS = (("chen", "clerk"), ("guo", "approver"), ("he", "admin"), ("fan", "auditor"))


def make_realm(folder: Path, build: Path) -> Realm:
    realm = Realm(folder, build)
    realm.make()
    try:
        furnish(realm)
    except BaseException:
        realm.down()
        raise
    return realm


def furnish(realm: Realm) -> None:
    """Opens the office of a realm that was made, and appoints its officers."""
    conf = realm.dir / "realm.conf"
    lines = [line for line in conf.read_text(encoding="utf-8").splitlines() if not line.startswith("lra-")]
    # The office is not open yet: auth up leaves auth-lra out, and the tests start it themselves.
    lines += ["lra-office = xian", f"lra-listen = 127.0.0.1:{realm.ports['lra']}"]
    conf.write_text("\n".join(lines) + "\n", encoding="utf-8")
    realm.up()
    realm.open_office("xian")
    for who, role in OFFICERS:
        realm.appoint(who, role, "xian")
    realm.auth("registry", "assign", realm.dir)


@dataclass
class Counter:
    """The auth-lra of xian."""

    realm: Realm
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    officers: dict[str, Officer] = field(default_factory=dict)

    @property
    def spool(self) -> Path:
        return self.realm.dir / "spool"

    @property
    def log_file(self) -> Path:
        return self.realm.folder / "lra.log"

    def clear(self) -> None:
        """As if auth-lra had never run."""
        for each in self.spool.iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()
        self.log_file.unlink(missing_ok=True)

    def start(self, *options: str, is_ready: bool = True) -> None:
        """Starts it and waits until it says that it is ready."""
        self.port = free_port()
        words = [
            str(self.realm.build / "lra/auth-lra"),
            f"--realm={self.realm.dir}",
            f"--listen-tls=127.0.0.1:{self.port}",
            f"--tls-certificate={self.realm.dir}/tls/lra.cer",
            f"--tls-key={self.realm.dir}/keys/lra.pem",
            f"--admin-socket=unix:{self.realm.dir}/run/lra.admin",
            "--log-format=json",
            "--log-level=debug",
            *options,
        ]
        settings: dict[str, Any] = {}
        if os.getuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            settings = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        before = len(self.events("ready"))
        with self.log_file.open("ab") as out:
            self.process = subprocess.Popen(words, stderr=out, **settings)
        if is_ready:
            wait_for(lambda: len(self.events("ready")) > before or self.process.poll() is not None)
            assert self.process.poll() is None, self.log_file.read_text(encoding="utf-8")[-2000:]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it, and tells how it did."""
        for officer in self.officers.values():
            officer.close()
        process = self.process
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(number)
        code = process.wait(PATIENCE_S)
        self.process = None
        return code

    def registry_up(self) -> None:
        """A server that was killed leaves processes behind for a moment, which keep another one from being started."""
        program = self.realm.build / "cli/auth"
        words = (program, "registry", "embed", self.realm.dir / "registry")
        settings: dict[str, Any] = {"capture_output": True, "timeout": PATIENCE_S}
        assert wait_for(lambda: subprocess.run(words, **settings).returncode == 0)

    def registry_down(self) -> None:
        self.realm.auth("registry", "stop", self.realm.dir / "registry")

    def registry_kill(self) -> None:
        """Kills the server with all of its processes, as a loss of power would end them."""
        pid = int((self.realm.dir / "registry/data/postmaster.pid").read_text(encoding="ascii").split()[0])
        os.kill(pid, signal.SIGKILL)

    def psql(self) -> tuple[str, ...]:
        """How the registry is asked as its owner."""
        folder = self.realm.dir / "registry"
        place = folder / "socket"
        found = place.read_text(encoding="utf-8").strip() if place.exists() else str(folder / "run")
        return ("psql", "-qXtA", "-v", "ON_ERROR_STOP=1", "-h", found, "-U", "auth_owner", "auth")

    def sql(self, text: str) -> list[str]:
        """The rows of one column."""
        words = (*self.psql()[:-1], "-c", text, "auth")
        done = subprocess.run(words, check=True, timeout=PATIENCE_S, capture_output=True, text=True)
        return done.stdout.split()

    @contextlib.contextmanager
    def hold(self, table: str) -> Iterator[Callable[[], None]]:
        """Locks a table against everybody; what is given lets go of it."""
        with subprocess.Popen(self.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None and process.stdout is not None

            def release() -> None:
                if process.poll() is None:
                    process.communicate("ROLLBACK;\n", timeout=PATIENCE_S)

            try:
                process.stdin.write(f"BEGIN; LOCK TABLE {table}; SELECT 'held';\n")
                process.stdin.flush()
                assert process.stdout.readline() == "held\n"
                yield release
            finally:
                release()

    def rows(self) -> list[str]:
        """The ids of the office's requests, in the order in which the registry took them in."""
        return self.sql(
            "SELECT request_id FROM registry.request JOIN registry.office USING (office_no)"
            " WHERE office_id = 'xian' ORDER BY submitted_at, request_id"
        )

    def events(self, name: str) -> list[dict[str, Any]]:
        if not self.log_file.exists():
            return []
        lines = self.log_file.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [json.loads(line) for line in lines if line.endswith("\n")]
        return [line for line in found if line["event"] == name]

    def admin(self, target: str) -> tuple[int, str]:
        local = socket.socket(socket.AF_UNIX)
        local.settimeout(PATIENCE_S)
        local.connect(str(self.realm.dir / "run/lra.admin"))
        with Client(local) as client:
            answer = client.get(target)
        return answer.status, answer.body.decode()

    def metric(self, name: str) -> int:
        match = re.search(rf"^{re.escape(name)} (-?\d+)$", self.admin("/metrics")[1], flags=re.M)
        assert match is not None, f"there is no metric {name}"
        return int(match[1])

    def wait_up(self) -> None:
        assert wait_for(lambda: self.metric("auth_lra_registry_up") == 1)

    def wait_away(self) -> None:
        assert wait_for(lambda: self.metric("auth_lra_registry_up") == 0)

    def wait_delivered(self) -> None:
        assert wait_for(lambda: self.metric("auth_lra_spool_waiting") == 0)

    def ask(self, who: str, method: str, target: str, body: bytes | None = None, **more: str) -> Answer:
        """On the connection of before, or on a new one when that has ended meanwhile."""
        officer = self.officer(who)
        try:
            return officer.ask(self.port, method, target, body, **more)
        except (OSError, http.client.HTTPException):
            return officer.ask(self.port, method, target, body, **more)

    def officer(self, who: str) -> Officer:
        """The same officer as one whose answers are those of auth-lra."""
        if who not in self.officers:
            self.officers[who] = dataclasses.replace(self.realm.officers[who], api="lra", connections={})
        return self.officers[who]

    def wait_ra(self) -> None:
        """Until auth-ra, too, found out that the registry is back, and let go of its connections of before."""

        def is_good() -> bool:
            for officer in self.realm.officers.values():
                officer.close()
            try:
                return self.realm.ask("zhang", "GET", "/requests").status == 200
            except (OSError, http.client.HTTPException):
                return False

        assert wait_for(lambda: all(is_good() for _ in range(5)))

    def obey(self, payload: bytes, *signers: str) -> dict[str, Any]:
        """At the RA, on new connections: those of before may have been idle for too long."""
        for officer in self.realm.officers.values():
            officer.close()
        return self.realm.obey(payload, *(self.realm.officers[name] for name in signers))

    def post(self, who: str, sent: bytes, **more: str) -> Answer:
        return self.ask(who, "POST", "/requests", sent, **more)

    def enrolment(self, **changes: Any) -> bytes:
        """The payload of a new enrolment in xian."""
        return enrol(self.realm.person(), new_key(), office="xian", **changes)

    def signed(self, payload: bytes, *signers: str) -> bytes:
        return document(payload, *(self.realm.officers[name] for name in signers or ("chen",)))

    def introduce(self, *names: str) -> None:
        """Lets officers be known for the time without the registry, and waits until that is on the disk."""
        for name in names or ("chen",):
            assert self.ask(name, "GET", "/realm").status == 200
        file = self.spool / "known"
        for name in names or ("chen",):
            assert wait_for(lambda: file.exists() and f" {name} " in file.read_text(encoding="utf-8"))

    def keep(self, count: int, who: str = "chen") -> list[str]:
        """Sends so many good documents while the registry is away; tells their ids."""
        ids = []
        for _ in range(count):
            payload = self.enrolment()
            answer = self.post(who, self.signed(payload))
            assert answer.status == 202, answer.body
            assert answer.json["kept"] is True
            ids.append(id_of(payload))
        return ids
