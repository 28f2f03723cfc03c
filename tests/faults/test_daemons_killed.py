# SPDX-License-Identifier: Apache-2.0
"""Is nothing that was acknowledged lost, no certificate there without its quorum, and nobody's certificate for a purpose one
of two, when auth-ca, auth-ra, auth-lra and the registry's server are killed at random moments under load?"""

from __future__ import annotations

import dataclasses
import http.client
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from officers import PATIENCE_S, Answer, Officer, Realm, document, enrolment, id_of, new_key, payload_of, wait_for

# Four processes, each of them killed about 26 times.
KILLS = 104
VICTIMS = ("ca", "ra", "lra", "registry")
ACKNOWLEDGED = (200, 201, 202)
TWICE = """
SELECT count(*) FROM (SELECT c.citizen_id FROM registry.certificate c
    JOIN registry.certificate_status s USING (serial)
    WHERE c.citizen_id IS NOT NULL AND coalesce(s.action, 0) NOT IN (1, 2) AND c.not_after > now()
    GROUP BY c.citizen_id, c.profile HAVING count(*) > 1) twice
"""
ALIVE = """
SELECT count(*) FROM registry.live_certificate l JOIN registry.certificate_status s USING (serial) WHERE s.action = 1
"""


def sql(realm: Realm, text: str) -> str:
    folder = realm.dir / "registry"
    place = folder / "socket"
    found = place.read_text(encoding="utf-8").strip() if place.exists() else str(folder / "run")
    words = ("psql", "-qXtA", "-v", "ON_ERROR_STOP=1", "-h", found, "-U", "auth_owner", "-c", text, "auth")
    return subprocess.run(words, check=True, timeout=PATIENCE_S, capture_output=True, text=True).stdout.strip()


class Writer(threading.Thread):
    """An officer at work, who sends each thing until it is acknowledged, and keeps what was."""

    def __init__(self, realm: Realm, end: threading.Event, chance: random.Random) -> None:
        super().__init__()
        self.realm, self.end, self.chance = realm, end, chance
        self.officers: dict[tuple[str, str], Officer] = {}
        self.acknowledged: list[str] = []
        self.told: list[str] = []
        self.serials: list[str] = []
        self.wrong: list[str] = []

    def officer(self, who: str, api: str) -> Officer:
        if (who, api) not in self.officers:
            self.officers[who, api] = dataclasses.replace(self.realm.officers[who], api=api, connections={})
        return self.officers[who, api]

    def ask(self, who: str, method: str, target: str, body: bytes | None = None, api: str = "ra") -> Answer | None:
        """None: nobody answered."""
        try:
            return self.officer(who, api).ask(self.realm.ports[api], method, target, body)
        except (OSError, http.client.HTTPException):
            return None

    def until(self, attempt: Callable[[], bool]) -> bool:
        while not self.end.is_set():
            if attempt():
                return True
            self.end.wait(0.03)
        return False

    def send(self, who: str, target: str, body: bytes, name: str, api: str = "ra") -> bool:
        """Sends until it is acknowledged. While a daemon or the registry is away it says so."""

        def attempt() -> bool:
            answer = self.ask(who, "POST", target, body, api)
            if answer is None or answer.status in (403, 503) or (answer.status == 404 and api == "ra"):
                return False
            if answer.status not in ACKNOWLEDGED and answer.status != 409:
                self.wrong.append(f"{target}: {answer.status} {answer.body!r}")
            elif name not in self.acknowledged:
                self.acknowledged.append(name)
            return True

        return self.until(attempt)

    def certificate_of(self, name: str) -> None:
        """Waits for an outcome, as long as there is time, and keeps the serial number that was told."""

        def attempt() -> bool:
            answer = self.ask("approver", "GET", f"/requests/{name}/outcome?wait=1")
            if answer is None or answer.status != 200 or answer.json["state"] not in ("done", "refused"):
                return False
            serial = answer.json["items"][0].get("certificate")
            if answer.json["state"] == "done" and serial:
                self.told.append(f"told {serial} issued {time.time_ns() // 1000}")
                self.serials.append(serial)
            return True

        self.until(attempt)

    def run(self) -> None:
        while not self.end.is_set():
            self.turn()
        for officer in self.officers.values():
            officer.close()

    def turn(self) -> None:
        raise NotImplementedError


class Enroller(Writer):
    """Sends documents with both signatures, now and then the same person twice, and revokes some of what comes of it."""

    def turn(self) -> None:
        person = self.realm.person()
        for _ in range(2 if self.chance.random() < 0.3 else 1):
            payload = payload_of("enrol", [enrolment(person, new_key())], "citizen-signing", office="centre")
            signers = [self.realm.officers[name] for name in ("clerk", "approver")]
            if self.send("approver", "/requests", document(payload, *signers), id_of(payload)):
                self.certificate_of(id_of(payload))
        if self.serials and self.chance.random() < 0.5:
            self.revoke(self.serials.pop(self.chance.randrange(len(self.serials))))

    def revoke(self, serial: str) -> None:
        payload = payload_of("revoke", [{"serial": serial, "reason": "keyCompromise"}], office="centre")
        name = id_of(payload)
        if not self.send("approver", "/requests", document(payload, self.realm.officers["approver"]), name):
            return

        def attempt() -> bool:
            answer = self.ask("approver", "GET", f"/requests/{name}/outcome?wait=1")
            if answer is None or answer.status != 200 or answer.json["state"] not in ("done", "refused"):
                return False
            if answer.json["state"] != "done":
                self.wrong.append(f"revoke: {answer.body!r}")
            self.told.append(f"told {serial} revoked {time.time_ns() // 1000}")
            return True

        self.until(attempt)


class Clerk(Writer):
    """Enters at the counter; an approver signs at the RA when the document has come there."""

    def turn(self) -> None:
        payload = payload_of("enrol", [enrolment(self.realm.person(), new_key())], "citizen-signing", office="xian")
        name = id_of(payload)
        if not self.send("chen", "/requests", document(payload, self.realm.officers["chen"]), name, api="lra"):
            return
        if self.chance.random() < 0.5:
            return
        signed = document(payload, self.realm.officers["guo"])
        if self.send("guo", f"/requests/{name}/signatures", signed, name):
            self.certificate_of(name)


def process(realm: Realm, victim: str) -> int | None:
    path = realm.dir / ("registry/data/postmaster.pid" if victim == "registry" else f"run/{victim}.pid")
    try:
        return int(path.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return None


def kill(realm: Realm, victim: str) -> bool:
    pid = process(realm, victim)
    try:
        # A number that is another's by now is not one of the realm's.
        is_ours = pid is not None and str(realm.dir) in Path(f"/proc/{pid}/cmdline").read_bytes().decode()
        if not is_ours or pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return False
    return True


def up(realm: Realm) -> None:
    """What a killed server leaves behind keeps it from being started for a moment."""
    words = (realm.build / "cli/auth", "up", realm.dir)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

    def is_up() -> bool:
        return subprocess.run(words, env=environment, capture_output=True, timeout=180).returncode == 0

    assert wait_for(is_up, 120), "the realm does not come up again"


def requests_left(realm: Realm) -> str:
    return sql(realm, "SELECT count(*) FROM registry.request WHERE state = 2")


def holds(realm: Realm, writers: list[Any], seed: int) -> None:
    shown = f"AUTH_TEST_SEED={seed}"
    wrong = [text for writer in writers for text in writer.wrong]
    assert wrong == [], (shown, wrong[:5])
    # What waits in the spool is delivered, and what is approved is decided.
    assert wait_for(lambda: not list((realm.dir / "spool/new").iterdir())), shown
    assert wait_for(lambda: requests_left(realm) == "0"), shown
    there = set(sql(realm, "SELECT request_id FROM registry.request").split())
    acknowledged = [name for writer in writers for name in writer.acknowledged]
    assert len(acknowledged) > KILLS, (shown, len(acknowledged))
    assert [name for name in acknowledged if name not in there] == [], shown
    assert sql(realm, TWICE) == "0" and sql(realm, ALIVE) == "0", shown
    told = [line for writer in writers for line in writer.told]
    assert {line.split()[2] for line in told} == {"issued", "revoked"}, shown
    answers = realm.folder / "answers.told"
    answers.write_text("\n".join([*told, ""]), encoding="ascii")
    # A key is for its owner alone, who is the daemons' account in the realm and the test here.
    key = realm.folder / "master.key"
    key.touch(0o600)
    key.write_bytes((realm.dir / "keys/master.key").read_bytes())
    realm.fsck(
        "--deep", "--realm", "shaanxi", "--seal-key", key,
        "--policy", realm.dir / "policy.json", "--answers", answers,
    )


def test_kills_at_random_moments(realm: Realm) -> None:
    seed = int(os.environ.get("AUTH_TEST_SEED", time.time_ns() % 1000000))
    chance = random.Random(seed)
    end = threading.Event()
    kinds = (Enroller, Enroller, Clerk)
    writers = [kind(realm, end, random.Random(seed + place)) for place, kind in enumerate(kinds)]
    killed = dict.fromkeys(VICTIMS, 0)
    for writer in writers:
        writer.start()
    try:
        while sum(killed.values()) < KILLS:
            # Three of them, one in what the other has left.
            for victim in chance.sample(VICTIMS, 3):
                end.wait(chance.uniform(0.0, 0.25))
                killed[victim] += kill(realm, victim)
            up(realm)
            end.wait(chance.uniform(0.0, 0.3))
    finally:
        end.set()
        for writer in writers:
            writer.join()
    assert min(killed.values()) >= 10, killed
    up(realm)
    holds(realm, writers, seed)
