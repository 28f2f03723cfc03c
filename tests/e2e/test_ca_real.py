# SPDX-License-Identifier: Apache-2.0
"""What does auth-ca do when its token is pulled out, its clock jumps, its journal was cut, the registry was set back, or it
has no descriptors left? Each with the real program, keys and registry."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import YES, Auth

ANSWERS = """\
name = example
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
DEADLINE_S = 60
ACCOUNT = "postgres"
HOUR = 3600
PIN = "1234"


def wait_for(what: Callable[[], Any], why: str) -> Any:
    end = time.monotonic() + DEADLINE_S
    while not (found := what()):
        assert time.monotonic() < end, why
        time.sleep(0.05)
    return found


@dataclass
class Realm:
    """A realm whose registry runs, and auth-ca when a test starts it."""

    auth: Auth
    build: Path
    path: Path
    environment: dict[str, str] = field(default_factory=dict)
    passports: int = 0

    @property
    def run(self) -> Path:
        return self.path / "run"

    def fsck(self) -> dict[str, Any]:
        words = ("--dir", self.path / "registry", "--anchor", self.path / "journal/ledger.heads")
        answer = self.auth("fsck", "--json", *words)
        assert answer.exit_code == YES, answer.text + answer.error
        return answer.objects[-1]

    def tool(self, *words: str) -> str:
        result = subprocess.run(
            [self.build / "tests/ca/realm_ask", self.path, *words], capture_output=True, text=True, timeout=DEADLINE_S
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def appoint(self) -> str:
        """Two admins ask for a clerk; the id of the request."""
        self.passports += 1
        name = f"clerk-{self.passports}"
        return self.tool("appoint", "zhang", "li", name, f"EE{self.passports:07d}")

    def state(self, request: str) -> str:
        return self.tool("state", request)

    def is_done(self, request: str) -> bool:
        return self.state(request) == "4"

    @contextlib.contextmanager
    def authority(self, **changes: Any) -> Iterator[Authority]:
        """auth-ca as the account of the realm, and its end."""
        log = self.run / "ca.test.log"
        log.unlink(missing_ok=True)
        words: list[str | Path] = [
            self.build / "ca/auth-ca",
            f"--realm={self.path}",
            f"--admin-socket=unix:{self.run}/admin",
            "--log-format=json",
        ]
        settings: dict[str, Any] = {}
        if os.getuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            settings = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], **self.environment, **changes.get("extra", {})}
        with log.open("wb") as out:
            process = subprocess.Popen(
                words, stderr=out, env=environment, preexec_fn=changes.get("prepare"), **settings
            )
        authority = Authority(self, process, log)
        try:
            yield authority
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(DEADLINE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@dataclass
class Authority:
    realm: Realm
    process: subprocess.Popen[bytes]
    log_file: Path

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = self.log_file.read_text(encoding="utf-8").splitlines(keepends=True)
        # What is not its own is from a library of the token.
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [line for line in found if line["event"] == name]

    def wait_until_ready(self) -> None:
        wait_for(lambda: self.events("ready") or self.process.poll() is not None, "it does not get ready")
        assert self.process.poll() is None, self.log_file.read_text(encoding="utf-8")

    def ask(self, path: str) -> tuple[int, str]:
        with socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(DEADLINE_S)
            admin.connect(str(self.realm.run / "admin"))
            admin.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while octets := admin.recv(65536):
                answer += octets
        head, _, body = answer.decode().partition("\r\n\r\n")
        return int(head.split(" ")[1]), body

    def metric(self, name: str) -> int:
        for line in self.ask("/metrics")[1].splitlines():
            if line.startswith(f"{name} "):
                return int(line.split(" ")[1])
        raise AssertionError(f"there is no metric {name}")

    def processor_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")
        times = fields[2].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def give_to_account(path: Path) -> None:
    """The folder and all in it, as files of the account as which the daemons run."""
    if os.getuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        for name in (path, *path.rglob("*")):
            os.chown(name, account.pw_uid, account.pw_gid)


def make_token(place: Path, auth: Auth) -> dict[str, str]:
    """A SoftHSM2 token, and the environment in which it is found."""
    (place / "tokens").mkdir(mode=0o700)
    (place / "softhsm2.conf").write_text(f"directories.tokendir = {place}/tokens\nlog.level = ERROR\n", encoding="utf-8")
    (place / "softhsm2.conf").chmod(0o644)
    environment = {"SOFTHSM2_CONF": str(place / "softhsm2.conf")}
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "hsm", "--pin", PIN, "--so-pin", "12345678"],
        check=True, capture_output=True, env={**auth.environment, **environment}, timeout=DEADLINE_S,
    )
    (place / "pin").write_text(PIN + "\n", encoding="utf-8")
    (place / "pin").chmod(0o600)
    return environment


@contextlib.contextmanager
def make_realm(auth: Auth, build: Path, has_token: bool) -> Iterator[Realm]:
    with tempfile.TemporaryDirectory(prefix="auth-e2e-") as name:
        place = Path(name)
        place.chmod(0o711)
        answers, environment = ANSWERS, {}
        if has_token:
            environment = make_token(place, auth)
            for key in ("staff", "citizens"):
                uri = f"pkcs11:token=hsm;object={key}?module-name=softhsm2&pin-source={place}/pin"
                answers += f"{key}-key = {uri}\n"
        (place / "answers").write_text(answers, encoding="utf-8")
        answer = auth.with_environment(**environment)("realm", "init", "--answers", place / "answers", place / "realm")
        assert answer.exit_code == YES, answer.error
        if has_token:
            give_to_account(place / "tokens")
            give_to_account(place / "pin")
        realm = Realm(auth, build, place / "realm", environment)
        assert auth("registry", "embed", realm.path / "registry").exit_code == YES
        try:
            yield realm
        finally:
            auth("registry", "stop", realm.path / "registry")


@pytest.fixture
def realm(auth: Auth, build: Path) -> Iterator[Realm]:
    with make_realm(auth, build, has_token=False) as made:
        yield made


def move(files: list[Path], to: Path, token: Path) -> None:
    """Moves keys of a token; by its generation SoftHSM2 tells all processes that something changed."""
    to.mkdir(exist_ok=True)
    for file in files:
        file.rename(to / file.name)
    generation = token / "generation"
    generation.write_bytes((int.from_bytes(generation.read_bytes(), "big") + 1).to_bytes(8, "big"))


def expect_a_fault(realm: Realm, authority: Authority) -> str:
    """A request comes while no key can sign: the id of it, undecided."""
    request = realm.appoint()
    wait_for(lambda: authority.events("work-failed"), "nobody says that the key is gone")
    status, body = wait_for(lambda: (a := authority.ask("/readyz"))[0] == 503 and a, "it says that it is ready")
    assert "token" in body, body
    failures = authority.metric("auth_ca_failures_total")
    wait_for(lambda: authority.metric("auth_ca_failures_total") >= failures + 2, "it does not try again")
    assert realm.state(request) == "2", "something was decided without a key"
    return request


def test_keys_that_vanish_from_their_token(auth: Auth, build: Path) -> None:
    """F13: a fault decides nothing, and when the keys are back work goes on, with new handles."""
    with make_realm(auth, build, has_token=True) as realm, realm.authority() as authority:
        authority.wait_until_ready()
        assert not (realm.path / "keys/staff.pem").exists() and not (realm.path / "keys/citizens.pem").exists()
        first = realm.appoint()
        wait_for(lambda: realm.is_done(first), "a certificate does not come from the token")
        wait_for(lambda: authority.metric("auth_ca_crls_total") >= 4, "lists are not signed")
        tokens = realm.path.parent / "tokens"
        objects = [path for path in tokens.glob("*/*.object") if path.name != "token.object"]
        folder = objects[0].parent
        away = realm.path.parent / "away"
        move(objects, away, folder)
        second = expect_a_fault(realm, authority)
        move(list(away.iterdir()), folder, folder)
        wait_for(lambda: realm.is_done(second), "the keys are back, and no work is done")
        wait_for(lambda: authority.ask("/readyz")[0] == 200, "it does not get ready again")
        realm.fsck()


def test_a_token_that_is_pulled_out(auth: Auth, build: Path) -> None:
    """F13: SoftHSM2 does not see a token again in the same process, so this one goes on after a start."""
    with make_realm(auth, build, has_token=True) as realm:
        tokens, away = realm.path.parent / "tokens", realm.path.parent / "away"
        with realm.authority() as authority:
            authority.wait_until_ready()
            tokens.rename(away)
            tokens.mkdir()
            request = expect_a_fault(realm, authority)
        with realm.authority() as authority:
            assert authority.process.wait(DEADLINE_S) == 3
            assert "token" in last_event(authority.log_file)["detail"]
        tokens.rmdir()
        away.rename(tokens)
        with realm.authority() as authority:
            wait_for(lambda: realm.is_done(request), "the token is back, and no work is done")
        realm.fsck()


class Clock:
    """The clock of one program, as a file says (libfaketime)."""

    def __init__(self, place: Path) -> None:
        self.file = place / "faketime"
        self.set(0)
        libraries = list(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        self.environment = {
            "LD_PRELOAD": str(libraries[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, seconds: int) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}s\n", encoding="ascii")
        fresh.chmod(0o644)
        fresh.rename(self.file)


def test_a_clock_that_steps_back(realm: Realm) -> None:
    """F14: nothing is done until somebody says that the clock is right."""
    clock = Clock(realm.path.parent)
    with realm.authority(extra=clock.environment) as authority:
        authority.wait_until_ready()
        wait_for(lambda: authority.metric("auth_ca_crls_total") >= 4, "lists do not come")
        clock.set(-HOUR)
        wait_for(lambda: authority.ask("/readyz")[0] == 503, "it does not notice")
        assert "clock-confirmed" in authority.ask("/readyz")[1]
        heads = (realm.path / "journal/ledger.heads").read_bytes()
        waiting = realm.appoint()
        failures = authority.metric("auth_ca_failures_total")
        wait_for(lambda: authority.metric("auth_ca_failures_total") >= failures + 3, "it does not try")
        assert realm.state(waiting) == "2"
        assert (realm.path / "journal/ledger.heads").read_bytes() == heads
        clock.set(0)
        wait_for(lambda: realm.is_done(waiting), "the clock is right again, and no work is done")
        wait_for(lambda: authority.ask("/readyz")[0] == 200, "it does not get ready again")
    assert not (realm.path / "journal/clock-confirmed").exists()
    realm.fsck()


def test_a_clock_that_was_ahead_is_confirmed(realm: Realm) -> None:
    clock = Clock(realm.path.parent)
    clock.set(100)
    confirmed = realm.path / "journal/clock-confirmed"
    with realm.authority(extra=clock.environment) as authority:
        authority.wait_until_ready()
        wait_for(lambda: authority.metric("auth_ca_crls_total") >= 4, "lists do not come")
        # What was said before there was anything to say does not count.
        confirmed.touch()
        wait_for(lambda: not confirmed.exists(), "a confirmation of nothing stays")
    # Also after a restart it knows what it did.
    clock.set(0)
    with realm.authority(extra=clock.environment) as authority:
        authority.wait_until_ready()
        waiting = realm.appoint()
        wait_for(lambda: authority.events("work-failed"), "it works behind its own past")
        assert realm.state(waiting) == "2"
        confirmed.touch()
        wait_for(lambda: realm.is_done(waiting), "it was confirmed, and no work is done")
        assert not confirmed.exists() and authority.events("clock-confirmed")
    realm.fsck()


def test_a_clock_that_jumps_forward(realm: Realm) -> None:
    """After two months certificates of daemons and lists are made anew; a document of today is too old."""
    clock = Clock(realm.path.parent)
    with realm.authority(extra=clock.environment) as authority:
        authority.wait_until_ready()
        wait_for(lambda: authority.metric("auth_ca_crls_total") >= 4, "lists do not come")
        clock.set(61 * 24 * HOUR)
        wait_for(lambda: authority.metric("auth_ca_renewed_total") == 4, "nothing is renewed")
        wait_for(lambda: authority.metric("auth_ca_crls_total") >= 8, "lists do not follow")
        assert len(authority.events("certificate-renewed")) == 4
        late = realm.appoint()
        wait_for(lambda: realm.state(late) in ("5", "7"), "a document that is too old is obeyed")
    realm.fsck()


def last_event(log: Path) -> dict[str, Any]:
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    line: dict[str, Any] = json.loads(lines[-1])
    return line


def work_a_little(realm: Realm) -> None:
    """A start of the authority that leaves something in journal, registry and ledger."""
    with realm.authority() as authority:
        authority.wait_until_ready()
        request = realm.appoint()
        wait_for(lambda: realm.is_done(request), "no work is done")
        wait_for(lambda: authority.metric("auth_ca_crls_total") >= 0, "it does not answer")


def expect_no_start(realm: Realm, word: str) -> None:
    with realm.authority() as authority:
        assert authority.process.wait(DEADLINE_S) == 3
        last = last_event(authority.log_file)
        assert last["event"] == "cannot-start" and word in last["detail"], last


def test_an_older_copy_of_the_journal(realm: Realm) -> None:
    """It is a good journal, whole in itself; the registry remembers that there was more."""
    work_a_little(realm)
    journal = realm.path / "journal/00000001.journal"
    older = journal.read_bytes()
    work_a_little(realm)
    newest = journal.read_bytes()
    journal.write_bytes(older)
    expect_no_start(realm, "its end was cut off")
    journal.write_bytes(newest)
    work_a_little(realm)
    realm.fsck()


def test_a_journal_that_was_lost(realm: Realm) -> None:
    """Without its journal it does not know what it signed; somebody must say that there is none, and the ledger tells."""
    work_a_little(realm)
    journal = realm.path / "journal/00000001.journal"
    newest = journal.read_bytes()
    said = realm.path / "journal/new-journal"
    # That a journal is there takes away what was said before it was lost.
    said.touch()
    work_a_little(realm)
    assert not said.exists()
    newest = journal.read_bytes()
    journal.unlink()
    # The second start finds what the first one began, which nothing was written to.
    for _ in range(2):
        expect_no_start(realm, "make the file new-journal")
    journal.write_bytes(newest)
    work_a_little(realm)
    journal.unlink()
    expect_no_start(realm, "make the file new-journal")
    said.touch()
    with realm.authority() as authority:
        authority.wait_until_ready()
        request = realm.appoint()
        wait_for(lambda: realm.is_done(request), "no work is done")
        assert len(authority.events("journal-begun")) == 1
    assert not said.exists()
    work_a_little(realm)
    told = realm.auth("ledger", "tail", "--lines", "1000", "--dir", realm.path / "registry").text
    assert told.count('"event":"journal"') == told.count('"detail":"journal 2"') == 1
    realm.fsck()


def test_an_older_back_up_of_the_registry(realm: Realm, auth: Auth) -> None:
    registry = realm.path / "registry"
    work_a_little(realm)
    assert auth("registry", "stop", registry).exit_code == YES
    copy = realm.path / "copy"
    subprocess.run(["cp", "-a", registry, copy], check=True, timeout=DEADLINE_S)
    assert auth("registry", "embed", registry).exit_code == YES
    work_a_little(realm)
    assert auth("registry", "stop", registry).exit_code == YES
    newest = realm.path / "newest"
    registry.rename(newest)
    copy.rename(registry)
    assert auth("registry", "embed", registry).exit_code == YES
    expect_no_start(realm, "registry")
    assert auth("registry", "stop", registry).exit_code == YES
    shutil.rmtree(registry)
    newest.rename(registry)
    assert auth("registry", "embed", registry).exit_code == YES
    work_a_little(realm)
    realm.fsck()


class Hog:
    """Clients of the admin socket that take every descriptor there is, and come again when they are sent away."""

    def __init__(self, path: Path, count: int) -> None:
        self.path, self.count = path, count
        self.clients: list[socket.socket] = []

    def fill(self) -> bool:
        for client in [one for one in self.clients if self.is_closed(one)]:
            self.clients.remove(client)
            client.close()
        while len(self.clients) < self.count:
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            try:
                client.connect(str(self.path))
            except BlockingIOError:
                client.close()
                break
            self.clients.append(client)
        return True

    @staticmethod
    def is_closed(client: socket.socket) -> bool:
        try:
            return client.recv(1) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def end(self) -> None:
        for client in self.clients:
            client.close()


def few_descriptors() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))


def test_without_descriptors_it_waits(realm: Realm) -> None:
    """F11: no crash, no spinning; with descriptors again it works."""
    with realm.authority(prepare=few_descriptors) as authority:
        authority.wait_until_ready()
        wait_for(lambda: authority.metric("auth_ca_crls_total") >= 4, "lists do not come")
        hog = Hog(realm.run / "admin", 60)
        hog.fill()
        # Its lines are cut, and without descriptors there are no others.
        assert realm.auth("registry", "stop", realm.path / "registry").exit_code == YES
        assert realm.auth("registry", "embed", realm.path / "registry").exit_code == YES

        def has_failed(times: int) -> bool:
            return hog.fill() and sum("descriptor" in e["detail"] or "files" in e["detail"]
                                      for e in authority.events("work-failed")) >= times

        wait_for(lambda: has_failed(2), "it does not say that there are no descriptors")
        begin, used = time.monotonic(), authority.processor_s()
        wait_for(lambda: has_failed(5), "it does not try again")
        assert authority.processor_s() - used < 0.2 * (time.monotonic() - begin) + 0.1
        request = realm.appoint()
        assert realm.state(request) == "2" and authority.process.poll() is None
        hog.end()
        wait_for(lambda: realm.is_done(request), "there are descriptors again, and no work is done")
    realm.fsck()


def test_with_little_memory_it_works_or_says_so(realm: Realm) -> None:
    """F11: what it cannot get memory for is a fault that decides nothing."""
    with realm.authority() as authority:
        authority.wait_until_ready()
        pages = int(Path(f"/proc/{authority.process.pid}/statm").read_text(encoding="ascii").split()[0])
    requests = [realm.appoint() for _ in range(3)]
    for percent in (40, 60, 75, 85, 95):
        octets = pages * resource.getpagesize() * percent // 100

        def little_memory(octets: int = octets) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (octets, octets))

        with realm.authority(prepare=little_memory) as authority:
            wait_for(
                lambda: authority.process.poll() is not None
                or authority.events("work-failed")
                or all(realm.is_done(request) for request in requests),
                "it neither works nor says why",
            )
            # 127: not even its libraries found room.
            assert authority.process.poll() in (None, 3, 127)
            assert all(realm.state(request) in ("2", "4") for request in requests)
    with realm.authority():
        for request in requests:
            wait_for(lambda r=request: realm.is_done(r), "there is memory again, and no work is done")
    realm.fsck()
