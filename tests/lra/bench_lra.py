#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What memory has auth-lra taken when so many persons were enrolled through it, 500 a document: half of them kept while the
registry was away and delivered later, the other half entered directly?

Usage: bench_lra.py [--enrolments N] [--connections N]

Each enrolment has a certification request of its own and two officers' signatures, and becomes a certificate. Prints one
JSON object a line, as the programs in tests/bench do: after each tenth of the enrolments, so that growth is seen, and the
most that it ever had at the end, which is held against the bound. Runs for some minutes with 100000, which is what happens
when nothing else is said. AUTH_BUILD names the build folder.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[1:1] = [str(ROOT / "tests" / folder) for folder in ("lra", "ra", "harness")]

from bench_ra import ITEMS, MEMORY_BOUND_MIB, show  # noqa: E402
from counter import Counter, furnish  # noqa: E402
from officers import Realm, enrolment, id_of, new_key, payload_of, wait_for  # noqa: E402

STEPS = 10
# Of a slow machine, for a tenth of the enrolments.
PATIENCE_S = 600


def memory_mib(counter: Counter, member: str) -> float:
    """VmRSS: what it has now; VmHWM: the most that it had."""
    assert counter.process is not None
    lines = Path(f"/proc/{counter.process.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(member + ":")) / 1024


def enter(counter: Counter, count: int, connections: int) -> list[str]:
    """Makes so many documents and sends them; gives their ids."""
    path = counter.realm.folder / "bodies"
    names = []
    with path.open("wb") as file:
        for _ in range(count):
            items = [enrolment(counter.realm.person(), new_key()) for _ in range(ITEMS)]
            payload = payload_of("enrol", items, "citizen-signing", office="xian")
            body = counter.signed(payload, "chen", "guo")
            file.write(struct.pack(">I", len(body)) + body)
            names.append(id_of(payload))
    certificate, key = counter.realm.officers["chen"].files
    program = counter.realm.build / "tests/ra/auth-ra-load"
    words = [program, str(counter.port), certificate, key, path, str(connections)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return names


def await_all(counter: Counter, names: list[str], is_so: Callable[[], object]) -> None:
    if not wait_for(is_so, PATIENCE_S):
        sys.exit(f"of {len(names)} documents not all have arrived; look at {counter.log_file}")


def certified(counter: Counter) -> int:
    """How many persons of the office have a certificate."""
    (found,) = counter.sql(
        "SELECT count(*) FROM registry.certificate JOIN registry.office USING (office_no)"
        " WHERE office_id = 'xian' AND citizen_id IS NOT NULL"
    )
    return int(found)


def measure(counter: Counter, enrolments: int, connections: int) -> None:
    documents = max(1, enrolments // ITEMS // STEPS)
    names: list[str] = []
    before = certified(counter)
    for step in range(STEPS):
        is_away = step % 2 == 0
        if is_away:
            counter.registry_down()
            counter.wait_away()
        names += enter(counter, documents, connections)
        if is_away:
            counter.registry_up()
        await_all(counter, names, lambda: counter.metric("auth_lra_spool_waiting") == 0)
        await_all(counter, names, lambda: certified(counter) - before == len(names) * ITEMS)
        show("memory of auth-lra, on the way", memory_mib(counter, "VmRSS"), "MiB", MEMORY_BOUND_MIB, False,
             enrolments=len(names) * ITEMS)
    show("memory of auth-lra, at most", memory_mib(counter, "VmHWM"), "MiB", MEMORY_BOUND_MIB, False,
         enrolments=len(names) * ITEMS)


def lift_limits(realm: Realm) -> None:
    """Nobody enrols so many in an hour."""
    path = realm.dir / "policy.json"
    policy = json.loads(path.read_text(encoding="utf-8"))
    for profile in policy["profiles"]:
        profile.pop("certificates_an_hour", None)
    path.write_text(json.dumps(policy), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--enrolments", type=int, default=100000)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    build = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    with tempfile.TemporaryDirectory(prefix="auth-lra-bench-") as name:
        realm = Realm(Path(name), build)
        counter = Counter(realm)
        try:
            realm.make()
            lift_limits(realm)
            furnish(realm)
            counter.clear()
            counter.start()
            counter.introduce("chen", "guo")
            measure(counter, options.enrolments, options.connections)
        finally:
            counter.stop()
            realm.down()


if __name__ == "__main__":
    main()
