# SPDX-License-Identifier: Apache-2.0
"""Is every acknowledged document in the registry, once and in order, when auth-lra and the registry's server are killed at
random moments while documents come in?"""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time

from counter import Counter
from officers import id_of

KILLS = 30
ENTERERS = ("chen", "guo")


class Enterer(threading.Thread):
    """An officer who sends each document until it is acknowledged, and then the next."""

    def __init__(self, counter: Counter, name: str, end: threading.Event) -> None:
        super().__init__()
        self.counter, self.who, self.end = counter, name, end
        self.acknowledged: list[str] = []
        self.kept = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        while not self.end.is_set():
            payload = self.counter.enrolment()
            sent = self.counter.signed(payload, self.who)
            while not self.end.is_set() and not self.is_acknowledged(id_of(payload), sent):
                self.end.wait(0.02)

    def is_acknowledged(self, name: str, sent: bytes) -> bool:
        officer = self.counter.officer(self.who)
        try:
            answer = officer.ask(self.counter.port, "POST", "/requests", sent)
        except (OSError, http.client.HTTPException):
            return False
        if answer.status in (200, 201, 202):
            self.acknowledged.append(name)
            self.kept += answer.status == 202
            return True
        # Nothing else than "not now" is to be heard: 403 is what an officer hears whom the registry was not asked
        # about since the start.
        if answer.status not in (403, 503):
            self.wrong.append(f"{answer.status} {answer.body!r}")
        return False


class Line(threading.Thread):
    """Takes the registry away and gives it back: in order, or by killing its server."""

    def __init__(self, counter: Counter, end: threading.Event, chance: random.Random) -> None:
        super().__init__()
        self.counter, self.end, self.chance = counter, end, chance
        self.times = 0

    def run(self) -> None:
        while not self.end.wait(self.chance.uniform(0.3, 2.0)):
            if self.chance.random() < 0.5:
                self.counter.registry_down()
            else:
                self.counter.registry_kill()
            self.times += 1
            self.end.wait(self.chance.uniform(0.0, 2.0))
            self.counter.registry_up()


def test_nothing_acknowledged_is_lost(counter: Counter) -> None:
    seed = int(os.environ.get("AUTH_SEED", time.time_ns() % 1000000))
    chance = random.Random(seed)
    counter.introduce(*ENTERERS)
    end = threading.Event()
    enterers = [Enterer(counter, name, end) for name in ENTERERS]
    line = Line(counter, end, chance)
    threads = [*enterers, line]
    for thread in threads:
        thread.start()
    try:
        for _ in range(KILLS):
            # A random moment is what is tested here.
            end.wait(chance.uniform(0.05, 1.2))
            assert counter.process is not None
            counter.process.send_signal(signal.SIGKILL)
            assert counter.process.wait(30) == -signal.SIGKILL
            counter.start()
    finally:
        end.set()
        for thread in threads:
            thread.join()
    counter.registry_up()
    counter.wait_up()
    counter.wait_delivered()
    rows = counter.rows()
    place = {name: index for index, name in enumerate(rows)}
    assert len(place) == len(rows)
    for enterer in enterers:
        assert enterer.wrong == [], f"seed {seed}"
        missing = [name for name in enterer.acknowledged if name not in place]
        assert missing == [], f"seed {seed}: {len(missing)} of {len(enterer.acknowledged)} are lost"
        order = [place[name] for name in enterer.acknowledged]
        assert order == sorted(order), f"seed {seed}"
    assert sum(enterer.kept for enterer in enterers) > KILLS, "too little was kept to tell anything"
    assert line.times >= 5
    assert counter.metric("auth_lra_spool_bad") == 0
    assert counter.metric("auth_lra_spool_refused") == 0


def test_what_was_delivered_twice_is_one_request(counter: Counter) -> None:
    """A crash between delivery and the spool's hearing of it: the file is put back where it was."""
    counter.introduce()
    for _ in range(3):
        counter.registry_down()
        ids = counter.keep(5)
        before = {file.name: file.read_bytes() for file in (counter.spool / "new").iterdir()}
        counter.registry_up()
        counter.wait_delivered()
        counter.stop(signal.SIGKILL)
        for name in before:
            (counter.spool / "sent" / name).rename(counter.spool / "new" / name)
        counter.start()
        counter.wait_up()
        counter.wait_delivered()
        rows = counter.rows()
        assert [rows.count(name) for name in ids] == [1] * 5
