# SPDX-License-Identifier: Apache-2.0
"""Is a certificate, among thousands that are revoked while many ask, never called good a second after its revocation was
acknowledged? The clients' and the officers' clocks are compared by auth fsck --answers, at the end of each test."""

from __future__ import annotations

import time

import pytest

from world import World

A_DOCUMENT = 100
TRIGGER = "SELECT tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE tgrelid = 'registry.revocation'" \
    "::regclass AND prosrc LIKE '%auth_revocation%'"


def storm(world: World, count: int, rate: int) -> dict[str, int]:
    serials = world.enrol_many(count)
    path = world.serials_file(serials, "storm")
    with world.loading(path, "--connections", "32", "--rate", str(rate), "--order", "random", "--get", "50") as found:
        for begin in range(0, count, A_DOCUMENT):
            world.act("revoke", *serials[begin : begin + A_DOCUMENT])
        # Answers that were asked for later than the second must be there to be judged.
        time.sleep(2)
    last = world.load(path, "--count", str(count))
    assert last["revoked"] == count, last
    return found


def test_no_good_a_second_after_the_acknowledgement(world: World, is_full: bool) -> None:
    count = 10000 if is_full else 1000
    found = storm(world, count, 2000)
    assert found["good"] > 0 and found["revoked"] > 0, found
    for name in ("unknown", "other_error", "cut", "silent", "wrong"):
        assert found[name] == 0, found
    world.examine()


def test_the_same_when_no_notification_comes(world: World) -> None:
    name = world.sql(TRIGGER)
    assert name
    world.sql(f"ALTER TABLE registry.revocation DISABLE TRIGGER {name}")
    try:
        found = storm(world, 300, 1000)
    finally:
        world.sql(f"ALTER TABLE registry.revocation ENABLE TRIGGER {name}")
    assert found["revoked"] > 0 and found["wrong"] == 0
    world.examine()


@pytest.mark.parametrize("processes", [3])
def test_every_process_knows(world: World, processes: int) -> None:
    """Several responders on one realm: each of them is told."""
    serials = world.enrol_many(processes * 20)
    path = world.serials_file(serials, "processes")
    with world.responder() as first, world.responder() as second, world.responder() as third:
        ports = [each.port for each in (first, second, third)]
        for port in ports:
            assert world.load(path, "--count", str(len(serials)), port=port)["good"] == len(serials)
        world.act("revoke", *serials)
        time.sleep(1)
        for port in ports:
            assert world.load(path, "--count", str(len(serials)), port=port)["revoked"] == len(serials)
    world.examine()
