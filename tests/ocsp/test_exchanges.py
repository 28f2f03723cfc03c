# SPDX-License-Identifier: Apache-2.0
"""Does an answer always belong to its question: on connections that stay open, with questions behind one another,
with Expect, from several clients at once, by GET and POST, with each hash, with and without a nonce?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from world import World

GOOD, REVOKED, SUSPENDED, NEVER = 300, 100, 50, 50


@pytest.fixture(scope="module")
def serials(world: World) -> list[str]:
    """Certificates in each state, mixed."""
    issued = world.enrol_many(GOOD + REVOKED + SUSPENDED)
    world.act("revoke", *issued[GOOD : GOOD + REVOKED])
    world.act("suspend", *issued[GOOD + REVOKED :])
    never = [serial[:4] + f"{i:032x}" for i, serial in enumerate(issued[:NEVER])]
    mixed = issued + never
    return [mixed[i * 7 % len(mixed)] for i in range(len(mixed))]


def check_statuses(found: dict[str, int], rounds: int) -> None:
    """Every certificate was asked about as often as every other."""
    expected = {"good": GOOD, "revoked": REVOKED, "suspended": SUSPENDED, "unknown": NEVER}
    assert {name: found[name] for name in expected} == {name: rounds * count for name, count in expected.items()}
    for name in ("try_later", "other_error", "cut", "silent", "wrong", "unasked"):
        assert found[name] == 0, found


def test_answers_belong_to_their_questions(world: World, serials: list[str], is_full: bool) -> None:
    path = world.serials_file(serials, "exchanges")
    rounds = 500 if is_full else 25
    ways = [
        ("--hash", "sha1", "--depth", "8", "--get", "40", "--nonce", "5", "--expect", "20"),
        ("--hash", "sha256", "--depth", "1", "--get", "100"),
        ("--hash", "sm3", "--depth", "32", "--connections", "3", "--nonce", "5"),
        ("--hash", "sha1", "--depth", "2", "--connections", "32", "--expect", "100"),
    ]

    with world.responder("--nonce-rate=1000000") as responder:

        def ask(way: tuple[str, ...]) -> dict[str, int]:
            count = str(rounds * len(serials))
            return world.load(path, "--count", count, *way, port=responder.port, is_recorded=False)

        with ThreadPoolExecutor(len(ways)) as pool:
            for found in pool.map(ask, ways):
                check_statuses(found, rounds)


def test_nothing_that_was_asked_is_held_against_the_registry(world: World, serials: list[str]) -> None:
    path = world.serials_file(serials, "recorded")
    # The statuses of acts that were just acknowledged are there a second later.
    while world.load(path, "--count", str(len(serials)))["good"] != GOOD:
        continue
    check_statuses(world.load(path, "--count", str(len(serials))), 1)
    examined = world.examine()
    assert examined["answers"] >= len(serials) and examined["told"] >= GOOD


def test_the_record_would_show_an_answer_that_is_too_good(world: World, serials: list[str], tmp_path: Path) -> None:
    """What examine() believes in: a line that contradicts the registry is found."""
    (serial,) = world.enrol_many(1)
    at = world.act("revoke", serial)
    kept = world.record.read_bytes()
    with world.record.open("a", encoding="ascii") as record:
        record.write(f"seen {serial} good {at + 1000001} {at + 1000002} {at // 1000000}\n")
    with pytest.raises(AssertionError, match="more than a second after"):
        world.examine()
    world.record.write_bytes(kept)
