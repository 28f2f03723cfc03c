# SPDX-License-Identifier: Apache-2.0
"""What does auth-ocsp answer when it is killed, when the registry restarts or is gone, and when it reads a replica that
falls behind and then becomes the registry? Never good beyond what it knows: auth fsck --answers looks at all of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from world import PROGRAMS, Responder, World, as_account, give, making, must, responding, wait_for


@pytest.fixture
def own(build: Path) -> Iterator[World]:
    """A realm of this test alone, whose parts it may break."""
    with making(build) as made:
        yield made
        made.examine()


def ask(world: World, path: Path, count: int, *words: str, port: int = 0) -> dict[str, int]:
    return world.load(path, "--count", str(count), "--connections", "2", *words, port=port)


def test_killed_in_the_middle(world: World) -> None:
    serials = world.enrol_many(50)
    path = world.serials_file(serials, "killed")
    words = ("--connections", "8", "--rate", "500", "--order", "random", "--nonce", "20")
    with world.loading(path, *words) as found:
        for i in range(3):
            before = world.process()
            os.kill(before, signal.SIGKILL)
            world.act("revoke", serials[i])
            world.up()
            assert world.process() != before
            world.wait_for_answers(100)
    assert found["good"] > 0 and found["other_error"] == 0, found
    assert found["cut"] <= 3 * 8, found
    last = ask(world, path, len(serials))
    assert (last["good"], last["revoked"]) == (47, 3)


def test_the_registry_is_gone_and_comes_back(own: World) -> None:
    serials = own.enrol_many(40)
    asked, other = own.serials_file(serials[:20], "asked"), own.serials_file(serials[20:], "other")
    with own.responder("--answer-life=5min") as responder:
        assert ask(own, asked, 20, port=responder.port)["good"] == 20
        own.counter.end()
        must(own.auth, "registry", "stop", own.realm / "registry")
        wait_for(lambda: not responder.is_ready())
        # What was signed is fresh for some minutes; about the others nobody knows anything now.
        assert ask(own, asked, 200, port=responder.port)["good"] == 200
        assert ask(own, other, 200, port=responder.port)["try_later"] == 200
        assert ask(own, asked, 20, "--nonce", "100", port=responder.port)["try_later"] == 20
        own.up()
        wait_for(responder.is_ready)
        assert ask(own, other, 20, port=responder.port)["good"] == 20
        own.counter = own.open_counter("hello")
        own.act("revoke", *serials)
        time.sleep(1)
        assert ask(own, asked, 20, port=responder.port)["revoked"] == 20
        assert ask(own, other, 20, port=responder.port)["revoked"] == 20


def test_the_registry_restarts_under_load(own: World) -> None:
    serials = own.enrol_many(100)
    path = own.serials_file(serials, "restart")
    with own.loading(path, "--connections", "8", "--rate", "500", "--order", "random", "--nonce", "10") as found:
        for i in range(2):
            own.act("revoke", *serials[i * 10 : i * 10 + 10])
            time.sleep(1)
            own.counter.end()
            must(own.auth, "registry", "stop", own.realm / "registry")
            own.up()
            own.counter = own.open_counter("hello")
            own.wait_for_answers(100)
    assert found["good"] > 0 and found["revoked"] > 0, found
    for name in ("unknown", "other_error", "cut", "silent"):
        assert found[name] == 0, found


@contextlib.contextmanager
def hanging(world: World) -> Iterator[None]:
    """Processes of the server hang that serve responders at this moment; others, and new ones, do not."""
    stopped: list[int] = []
    try:
        for pid in world.sql("SELECT pid FROM pg_stat_activity WHERE usename = 'auth_ocsp'").split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGSTOP)
                stopped.append(int(pid))
        assert stopped
        yield
    finally:
        for each in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)


def has_logged(responder: Responder, event: str) -> bool:
    return any(line["event"] == event for line in responder.log())


def test_a_line_that_hangs_is_no_registry_that_is_gone(own: World) -> None:
    """What was signed before a revocation is not sent a second after it, also while the follower finds out."""
    serials = own.enrol_many(20)
    path = own.serials_file(serials, "hanging")
    with own.responder("--answer-life=5min") as responder:
        assert ask(own, path, 20, port=responder.port)["good"] == 20
        # As many as it takes that some ask anew while those who asked before still wait.
        words = ("--connections", "800", "--rate", "500", "--order", "random")
        with own.loading(path, *words, port=responder.port) as found, hanging(own):
            own.act("revoke", *serials)
            wait_for(lambda: has_logged(responder, "registry-lost"))
            wait_for(lambda: ask_one(own, serials[0], responder) == "revoked")
        assert found["good"] > 0 and found["revoked"] > 0, found
        assert ask(own, path, 20, port=responder.port)["revoked"] == 20


@dataclass
class Standby:
    """A streaming replica of a realm's registry."""

    world: World
    folder: Path

    @property
    def sockets(self) -> Path:
        return self.folder / "run"

    def pg_ctl(self, *words: str) -> None:
        command = [f"{PROGRAMS}/pg_ctl", *words, "-D", str(self.folder / "data"), "-w", "-s"]
        subprocess.run(command, check=True, timeout=120, stdout=subprocess.DEVNULL, **as_account())

    def start(self) -> None:
        registry = self.world.realm / "registry"
        settings = (
            f"-c listen_addresses= -c unix_socket_directories={self.sockets} -c hba_file={registry}/conf/pg_hba.conf"
            f" -c ident_file={registry}/conf/pg_ident.conf -c shared_buffers=16MB -c wal_receiver_status_interval=1s"
        )
        self.pg_ctl("start", "-l", str(self.folder / "log"), "-o", settings)

    def sql(self, text: str) -> str:
        words = [f"{PROGRAMS}/psql", "-qAtX", "-c", text, f"host='{self.sockets}' user=postgres dbname=auth"]
        return must(*words).strip()

    def has_all(self) -> bool:
        at = self.world.sql("SELECT pg_current_wal_lsn()")
        return self.sql(f"SELECT pg_last_wal_replay_lsn() >= '{at}'::pg_lsn") == "t"


@contextlib.contextmanager
def standing_by(world: World) -> Iterator[Standby]:
    made = Standby(world, world.folder / "standby")
    for folder in (made.folder, made.sockets, made.folder / "data"):
        folder.mkdir(mode=0o700)
    give(made.folder)
    primary = (world.realm / "registry/socket").read_text(encoding="utf-8").strip()
    copy = [f"{PROGRAMS}/pg_basebackup", "-D", str(made.folder / "data"), "-R", "-X", "stream", "-c", "fast",
            "--no-sync", "-d", f"host={primary} user=postgres"]
    subprocess.run(copy, check=True, timeout=120, **as_account())
    made.start()
    try:
        yield made
    finally:
        made.pg_ctl("stop", "-m", "immediate")


def ask_one(world: World, serial: str, responder: Responder) -> str:
    """The outcome of one question."""
    found = ask(world, world.serials_file([serial], "one"), 1, port=responder.port)
    (name,) = (one for one in ("good", "revoked", "unknown", "try_later", "other_error") if found[one] == 1)
    return name


def test_a_replica_that_falls_behind_and_then_takes_over(own: World) -> None:
    serials = own.enrol_many(60)
    path = own.serials_file(serials, "replica")
    primary = (own.realm / "registry/socket").read_text(encoding="utf-8").strip()
    with standing_by(own) as standby, own.responder(
        f"--registry=host={standby.sockets},{primary} dbname=auth", "--max-lag=2s", "--answer-life=2min"
    ) as responder:
        assert ask(own, path, 60, port=responder.port)["good"] == 60
        own.act("revoke", *serials[:10])
        wait_for(lambda: ask_one(own, serials[0], responder) == "revoked")

        # It falls behind: a revocation does not come, so nothing new is signed once the bound is passed.
        standby.sql("SELECT pg_wal_replay_pause()")
        wait_for(lambda: standby.sql("SELECT pg_get_wal_replay_pause_state()") == "paused")
        (late,) = own.enrol_many(1)
        own.act("revoke", *serials[10:20])
        wait_for(lambda: not responder.is_ready())
        assert ask_one(own, late, responder) in ("try_later", "unknown")
        assert ask_one(own, late, responder) != "good"
        fresh = ask(own, path, 60, "--nonce", "100", port=responder.port)
        assert fresh["good"] == 0 and fresh["try_later"] == 60, fresh

        standby.sql("SELECT pg_wal_replay_resume()")
        wait_for(responder.is_ready)
        wait_for(lambda: ask_one(own, serials[10], responder) == "revoked")
        wait_for(lambda: ask_one(own, late, responder) == "good")

        # The registry dies, and the replica takes over with all that was acknowledged.
        wait_for(standby.has_all)
        own.counter.end()
        must(own.auth, "registry", "stop", own.realm / "registry")
        standby.pg_ctl("promote")
        wait_for(responder.is_ready)
        found = ask(own, path, 60, "--nonce", "100", port=responder.port)
        assert (found["good"], found["revoked"]) == (40, 20), found
        own.up()
        own.counter = own.open_counter("hello")


def test_a_server_that_knows_less_is_noticed_behind_a_new_connection(own: World) -> None:
    serials = own.enrol_many(20)
    path = own.serials_file(serials, "set-back")
    cached = "auth_ocsp_cached_answers"
    primary = (own.realm / "registry/socket").read_text(encoding="utf-8").strip()
    with standing_by(own) as standby, own.responder(
        f"--registry=host={primary},{standby.sockets} dbname=auth", "--answer-life=5min"
    ) as responder:
        standby.sql("SELECT pg_wal_replay_pause()")
        wait_for(lambda: standby.sql("SELECT pg_get_wal_replay_pause_state()") == "paused")
        # What the replica does not have is enrolled and revoked, and the responder has followed it.
        (late,) = own.enrol_many(1)
        assert ask_one(own, late, responder) == "good"
        own.act("revoke", late)
        wait_for(lambda: ask_one(own, late, responder) == "revoked")
        assert ask(own, path, 20, port=responder.port)["good"] == 20
        wait_for(lambda: responder.metrics()[cached] > 0)

        own.counter.end()
        must(own.auth, "registry", "stop", own.realm / "registry")
        wait_for(lambda: has_logged(responder, "registry-set-back"))
        wait_for(lambda: responder.metrics()[cached] == 0)
        standby.sql("SELECT pg_wal_replay_resume()")
        own.up()
        own.counter = own.open_counter("hello")


def test_a_responder_that_starts_without_a_registry_becomes_ready_later(own: World) -> None:
    (serial,) = own.enrol_many(1)
    host = (own.realm / "registry/socket").read_text(encoding="utf-8").strip()
    own.counter.end()
    must(own.auth, "registry", "stop", own.realm / "registry")
    with responding(own, f"--registry=host={host} dbname=auth", before=[], is_awaited=False) as responder:
        wait_for(lambda: has_logged(responder, "registry-lost"))
        assert not responder.is_ready()
        assert ask_one(own, serial, responder) == "try_later"
        own.up()
        wait_for(responder.is_ready)
        assert ask_one(own, serial, responder) == "good"
    own.counter = own.open_counter("hello")
