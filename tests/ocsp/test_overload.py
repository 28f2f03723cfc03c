# SPDX-License-Identifier: Apache-2.0
"""Three times as many questions as can be signed: are the answers that can be given still given, the rest refused at
once, and is everything as before when it is over?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from world import World, making, wait_for

CERTIFICATES = 500
ROOM = 128
# Connections, of which each waits for one answer: fewer than there is room for, and more.
FEW, MANY = 96, 512
GOODPUT = 0.8


def limit_of(alone: dict[str, Any], offered: dict[str, Any], alone_s: float, offered_s: float) -> float:
    """For how many answers a second a processor has time when it refuses all that is sent to it beyond them. To take a
    question from the network and to send a refusal takes about 5 us, whoever signs; an answer of P-256 takes 30, so
    that two refusals for each answer leave time for 0.75 of them, and one of SM2 260."""
    answer = alone_s / alone["good"]
    refusal = (offered_s - offered["good"] * answer) / max(1, offered["try_later"])
    sent = offered["asked"] / offered["seconds"]
    limit = (1 - sent * refusal) / (answer - refusal)
    capacity = alone["answers_per_second"]
    print(f"an answer takes {answer * 1e6:.1f} us of the processor, a refusal {refusal * 1e6:.1f} us: of {sent / capacity:.2f} "
          f"times the capacity {limit / capacity:.2f} of it can be answered, {offered['answers_per_second'] / capacity:.2f} "
          f"were; {offered['unasked']} questions were due and found no connection")
    return limit


def overload(world: World, seconds: int) -> tuple[float, float, float]:
    """How many answers a second there are alone, how many can be among refusals, and how many were."""
    serials = world.serials_file(world.enrol_many(CERTIFICATES), "overload")
    # Each question has to be signed for anew. The responder has one processor, those who ask another.
    words = ("--nonce", "100", "--check", "late", "--order", "random")
    pinned, asking = ["taskset", "--cpu-list", "0"], ["taskset", "--cpu-list", "1"]
    with world.responder("--nonce-rate=1000000", f"--waiting-room={ROOM}", before=pinned) as responder:
        begun = responder.processor_seconds()
        alone = world.load(serials, "--seconds", "3", "--connections", str(FEW), *words, port=responder.port,
                           before=asking)
        assert alone["good"] == alone["asked"], alone
        capacity = alone["answers_per_second"]
        middle = responder.processor_seconds()
        offered = world.load(serials, "--seconds", str(seconds), "--rate", str(3 * capacity), "--connections", str(MANY),
                             *words, port=responder.port, before=asking)
        print(alone, offered, sep="\n")
        limit = limit_of(alone, offered, middle - begun, responder.processor_seconds() - middle)
        for name in ("other_error", "cut", "silent", "wrong"):
            assert offered[name] == 0, offered
        assert offered["try_later"] > 0, offered
        assert offered["refusal_p50_ms"] <= offered["answer_p50_ms"], offered
        normal = wait_for(
            lambda: world.load(serials, "--count", "500", "--connections", "4", *words, port=responder.port), 5
        )
        assert normal["good"] == 500, normal
    return capacity, limit, float(offered["answers_per_second"])


@pytest.mark.parametrize("algorithm", ["p256", "sm2"])
def test_goodput_holds_and_the_rest_is_told_to_come_later(build: Path, is_full: bool, algorithm: str) -> None:
    with making(build, algorithm=algorithm) as world:
        capacity, limit, answered = overload(world, 60 if is_full else 6)
        world.examine()
    # How much is a matter of the machine, which other tests share but for the full run.
    assert answered >= (GOODPUT * min(capacity, limit) if is_full else 1), (capacity, limit, answered)
