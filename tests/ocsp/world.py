# SPDX-License-Identifier: Apache-2.0
"""A realm with everything running, its officers, and ways to ask its responder."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pwd
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

ACCOUNT = "postgres"
PROGRAMS = "/usr/lib/postgresql/15/bin"
# A program that takes longer hangs; a loaded machine is slow.
TIMEOUT_S = 180
# Of a line of the record, about.
LINE_OCTETS = 90
ANSWERS = """\
name = shaanxi
base = http://127.0.0.1:{port}
centre-name = Centre
region = 610000
admin-1-id = admin-1
admin-1-name = Zhang San
admin-1-number = 11010519491231002X
admin-2-id = admin-2
admin-2-name = Li Si
admin-2-number = 440524188001010014
algorithm = {algorithm}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], object], seconds: float = TIMEOUT_S) -> Any:
    """Waits until something is so, and tells what it was."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.01)


def as_account() -> dict[str, Any]:
    """How a process is started as the account of the realm, which root is not."""
    if os.getuid() != 0:
        return {}
    return {"user": ACCOUNT, "group": pwd.getpwnam(ACCOUNT).pw_gid, "extra_groups": []}


def give(path: Path) -> None:
    """Lets the account of the realm own a folder and what is in it."""
    for one in (path, *path.rglob("*")):
        if os.getuid() == 0:
            shutil.chown(one, ACCOUNT)


def run(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    settings: dict[str, Any] = {"capture_output": True, "text": True, "timeout": TIMEOUT_S, **options}
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run([str(word) for word in words], env=environment, **settings)


def must(*words: str | Path, **options: Any) -> str:
    ended = run(*words, **options)
    assert ended.returncode == 0, f"{words}: {ended.stdout}{ended.stderr}"
    return str(ended.stdout)


@dataclass(frozen=True)
class Holder:
    """A citizen's certificate and key, as files."""

    serial: str  # hex
    certificate: Path  # DER
    key: Path


class Counter:
    """Officers at work (tests/counter)."""

    def __init__(self, build: Path, realm: Path, officers: Path, record: Path) -> None:
        self.process = subprocess.Popen(
            [build / "tests/counter/auth-counter", realm, officers, record],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **as_account(),
        )

    def obey(self, command: str) -> list[list[str]]:
        """Gives a command, and the words of what was told when it is done."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        told: list[list[str]] = []
        while True:
            line = self.process.stdout.readline().split()
            if not line:
                assert self.process.stderr is not None
                raise AssertionError(f"{command[:60]}: {self.process.stderr.read()}")
            if line == ["done"]:
                return told
            told.append(line)

    def end(self) -> None:
        self.process.communicate(timeout=TIMEOUT_S)


@dataclass
class World:
    build: Path
    folder: Path
    port: int
    counter: Counter = field(init=False)
    persons: int = 0

    @property
    def realm(self) -> Path:
        return self.folder / "realm"

    @property
    def record(self) -> Path:
        """What was told and seen, for auth fsck --answers."""
        return self.folder / "shared/record"

    @property
    def auth(self) -> Path:
        return self.build / "cli/auth"

    def authority(self, name: str = "citizens") -> Path:
        """An authority's certificate, DER, where everybody can read it."""
        return self.folder / f"shared/{name}.cer"

    def pem(self, name: str = "citizens") -> Path:
        return self.folder / f"shared/{name}.pem"

    def open_counter(self, command: str) -> Counter:
        counter = Counter(self.build, self.realm, self.folder / "officers", self.record)
        counter.obey(command)
        return counter

    def up(self) -> None:
        must(self.auth, "up", self.realm)

    def down(self) -> None:
        must(self.auth, "down", self.realm)

    def enrol(self, count: int, profile: str = "citizen-authentication") -> list[Holder]:
        first, folder = self.persons, self.folder / "holders"
        self.persons += count
        told = self.counter.obey(f"enrol {first} {count} {profile} {folder}")
        return [
            Holder(words[1], folder / f"{first + i}.cer", folder / f"{first + i}.pem")
            for i, words in enumerate(told)
        ]

    def enrol_many(self, count: int) -> list[str]:
        """Serial numbers alone."""
        told: list[list[str]] = []
        for done in range(0, count, 1000):
            now = min(1000, count - done)
            told += self.counter.obey(f"enrol {self.persons} {now} citizen-authentication -")
            self.persons += now
        return [words[1] for words in told]

    def act(self, word: str, *serials: str) -> int:
        """Revokes, suspends or resumes; tells when that was acknowledged, in microseconds."""
        return int(self.counter.obey(f"{word} {' '.join(serials)}")[-1][3])

    def serials_file(self, serials: list[str], name: str = "serials") -> Path:
        path = self.folder / "shared" / name
        path.write_text("".join(f"{serial}\n" for serial in serials), encoding="ascii")
        return path

    def load_words(self, serials: Path, *words: str, port: int = 0, is_recorded: bool = True) -> list[str]:
        record = ["--record", str(self.record)] if is_recorded else []
        return [
            str(self.build / "tests/load/auth-load"), "--to", f"127.0.0.1:{port or self.port}",
            "--issuer", str(self.authority()), "--serials", str(serials), *record, *words,
        ]

    def load(
        self, serials: Path, *words: str, port: int = 0, is_recorded: bool = True, before: list[str] | None = None
    ) -> dict[str, Any]:
        """Asks much at once, and tells what came of it. No answer may be wrong."""
        command = self.load_words(serials, *words, port=port, is_recorded=is_recorded)
        ended = run(*(before or []), *command, timeout=7200)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    def wait_for_answers(self, count: int, asking: subprocess.Popen[str] | None = None) -> None:
        """Waits until some more have been recorded, or nobody asks any more."""
        begin = self.record.stat().st_size if self.record.exists() else 0

        def is_recorded() -> bool:
            if asking is not None and asking.poll() is not None:
                return True
            return self.record.exists() and self.record.stat().st_size >= begin + count * LINE_OCTETS

        wait_for(is_recorded)

    @contextlib.contextmanager
    def loading(self, serials: Path, *words: str, port: int = 0) -> Iterator[dict[str, Any]]:
        """Asks while something else goes on, until the end of the block; then the dictionary tells what came of it.
        No answer may be wrong."""
        found: dict[str, Any] = {}
        process = subprocess.Popen(
            self.load_words(serials, "--seconds", "3600", *words, port=port),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        try:
            self.wait_for_answers(10, process)
            yield found
        finally:
            process.terminate()
            out, err = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0, out + err
        found.update(json.loads(out))

    @contextlib.contextmanager
    def responder(self, *words: str, before: list[str] | None = None) -> Iterator[Responder]:
        """One more auth-ocsp of this realm, with options of its own."""
        with responding(self, *words, before=before or []) as running:
            yield running

    def examine(self) -> dict[str, Any]:
        """Holds the registry against itself and against everything that was seen and told."""
        answers = ["--answers", str(self.record)] if self.record.exists() else []
        ended = run(self.auth, "fsck", "--json", "--dir", self.realm / "registry", *answers)
        assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr
        found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
        return found

    def sql(self, text: str) -> str:
        """What only a superuser of the registry may do."""
        socket_folder = (self.realm / "registry/socket").read_text(encoding="utf-8").strip()
        words = [f"{PROGRAMS}/psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text]
        return must(*words, f"host='{socket_folder}' user=postgres dbname=auth").strip()

    def process(self, name: str = "ocsp") -> int:
        return int((self.realm / f"run/{name}.pid").read_text(encoding="ascii").split()[0])


@dataclass
class Responder:
    world: World
    process: subprocess.Popen[bytes]
    port: int
    log_file: Path
    admin: Path

    def log(self) -> list[dict[str, Any]]:
        lines = self.log_file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def resident_kib(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1])

    def processor_seconds(self) -> float:
        """What its threads took of processors so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def metrics(self) -> dict[str, float]:
        text = self.ask_admin("/metrics")[1]
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    def ask_admin(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("localhost", timeout=TIMEOUT_S)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.admin))
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def is_ready(self) -> bool:
        return self.ask_admin("/readyz")[0] == 200

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT_S)


@contextlib.contextmanager
def responding(
    world: World, *words: str, before: list[str], is_awaited: bool = True, **environment: str
) -> Iterator[Responder]:
    """is_awaited: until it is ready to answer, not only to be asked."""
    folder = Path(tempfile.mkdtemp(prefix="responder-", dir=world.folder))
    folder.chmod(0o755)
    give(folder)
    command = [
        *before, str(world.build / "ocsp/auth-ocsp"), f"--realm={world.realm}", "--listen=127.0.0.1:0",
        f"--admin-socket=unix:{folder}/admin", "--log-format=json", *words,
    ]
    with (folder / "log").open("wb") as log:
        settings = {**os.environ, "LC_ALL": "C.UTF-8", **environment}
        process = subprocess.Popen(command, stderr=log, env=settings, **as_account())
    made = Responder(world, process, 0, folder / "log", folder / "admin")

    def is_there() -> bool:
        assert process.poll() is None, made.log_file.read_text(encoding="utf-8")
        if not any(line["event"] == "ready" for line in made.log()):
            return False
        return made.is_ready() or not is_awaited

    try:
        wait_for(is_there)
        for line in made.log():
            if line["event"] == "listening" and not str(line["address"]).startswith("unix:"):
                made.port = int(str(line["address"]).rpartition(":")[2])
        yield made
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def prepare(build: Path, folder: Path, algorithm: str, before: list[str]) -> World:
    """Makes a realm and fits it to tests: ports that are free, and no limit that they would hit."""
    world = World(build, folder, free_port())
    for name in ("shared", "holders", "officers"):
        (folder / name).mkdir(mode=0o755)
    answers = folder / "answers"
    answers.write_text(ANSWERS.format(port=world.port, algorithm=algorithm), encoding="utf-8")
    must(*before, world.auth, "realm", "init", "--answers", answers, world.realm)
    if before:
        # The server that it left running has the same idea of time.
        run(world.auth, "registry", "stop", world.realm / "registry")
    with (world.realm / "realm.conf").open("a", encoding="utf-8") as conf:
        conf.write(f"ocsp-listen = 127.0.0.1:{world.port}\nra-listen = 127.0.0.1:{free_port()}\n")
        conf.write("shards = 2\n")
    policy = world.realm / "policy.json"
    text = policy.read_text(encoding="utf-8").replace(
        '"certificates_an_hour": 2000', '"certificates_an_hour": 10000000'
    )
    policy.write_text(text, encoding="utf-8")
    for file in (world.realm / "officers").iterdir():
        shutil.copy(file, folder / "officers")
    for name in ("root", "staff", "citizens"):
        shutil.copyfile(world.realm / f"authorities/{name}.cer", world.authority(name))
        world.authority(name).chmod(0o644)
        must("openssl", "x509", "-inform", "der", "-in", world.authority(name), "-out", world.pem(name))
    for name in ("shared", "holders", "officers"):
        give(folder / name)
    (folder / "shared").chmod(0o777)
    return world


@contextlib.contextmanager
def preparing(build: Path, algorithm: str = "p256", before: list[str] | None = None) -> Iterator[World]:
    """A realm that does not run yet; it is taken away afterwards."""
    with tempfile.TemporaryDirectory(prefix="auth-ocsp-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        world = prepare(build, folder, algorithm, before or [])
        try:
            yield world
        finally:
            run(world.auth, "down", world.realm)


@contextlib.contextmanager
def making(build: Path, algorithm: str = "p256") -> Iterator[World]:
    """A realm that runs, with a clerk and an approver; it is taken away afterwards."""
    with preparing(build, algorithm) as world:
        world.up()
        world.counter = world.open_counter("appoint")
        yield world
        world.counter.end()
