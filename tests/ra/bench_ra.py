#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many enrolments a second go the whole way through a realm that runs, from a signed document over HTTPS to a committed
certificate: one a document, and 500 a document; and how long does an approver wait on an idle system?

Usage: bench_ra.py [--documents N] [--batches N] [--approvals N] [--connections N] [--enrolments N]

Realm, PostgreSQL, auth-ca, auth-ra and the clients are on this machine; each enrolment has a certification request of its
own and two officers' signatures. Documents are made before the clock runs. Prints one JSON object a line, as the programs
in tests/bench do. --enrolments sends so many 500 a document, whatever --batches says, to learn what memory auth-ra and
auth-ca have taken by then: with 100000 it runs for some minutes. AUTH_BUILD names the build folder.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/ra"))

from officers import Realm, document, enrol, enrolment, id_of, new_key, payload_of  # noqa: E402

ITEMS = 500
SINGLE_BOUND = 1500.0
BATCH_BOUND = 4000.0
LATENCY_BOUND_MS = 50.0
MEMORY_BOUND_MIB = 64.0


def show(name: str, value: float, unit: str, reference: float, is_least: bool, **more: float) -> None:
    ratio = value / reference if is_least else reference / value
    row = {"benchmark": name, "value": round(value, 3), "unit": unit, "against": "the design"}
    row |= {"reference_value": reference, "ratio": round(ratio, 3), "bound": 1, **more}
    print(json.dumps(row), flush=True)


def prepare(realm: Realm, path: Path, count: int, items: int) -> list[str]:
    """Writes documents for the load generator; gives their ids."""
    names = []
    with path.open("wb") as file:
        for _ in range(count):
            wanted = [enrolment(realm.person(), new_key()) for _ in range(items)]
            payload = payload_of("enrol", wanted, "citizen-signing")
            body = document(payload, realm.officers["clerk"], realm.officers["approver"])
            file.write(struct.pack(">I", len(body)) + body)
            names.append(id_of(payload))
    return names


def done(realm: Realm) -> int:
    """How many enrolments are certified."""
    found = realm.ask("auditor", "GET", "/statistics").json["certificates"]["issued"]
    assert isinstance(found, int)
    return found


def processor_s(realm: Realm) -> dict[str, float]:
    """The processor's time that each part has used, of which a busy machine does not take away."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = dict.fromkeys(("ra", "ca", "registry"), 0.0)
    mine = {realm.process("ra"): "ra", realm.process("ca"): "ca"}
    postmaster = int(next(realm.dir.glob("registry/**/postmaster.pid")).read_text(encoding="ascii").split()[0])
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
        except OSError:
            continue
        part = mine.get(int(entry.name), "registry" if postmaster in (int(fields[1]), int(entry.name)) else "")
        if part:
            used[part] += (int(fields[11]) + int(fields[12])) / ticks
    return used


def client_s() -> float:
    """The processor's time of the load generators that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(realm: Realm, name: str, count: int, items: int, connections: int, bound: float) -> None:
    path = realm.folder / "bodies"
    names = prepare(realm, path, count, items)
    before = done(realm)
    certificate, key = realm.officers["clerk"].files
    words = [realm.build / "tests/ra/auth-ra-load", str(realm.ports["ra"]), certificate, key, path, str(connections)]
    used = processor_s(realm)
    client = client_s()
    begun = time.monotonic()
    answer = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    assert answer["new"] == count, answer
    # Counting is work for the registry, so nobody counts before the last one is decided.
    realm.outcome("approver", names[-1])
    client = client_s() - client
    # The last is done about last: until then nothing is asked that costs the registry much.
    realm.outcome("clerk", names[-1])
    while done(realm) - before < count * items:
        time.sleep(0.02)
    seconds = time.monotonic() - begun
    spent = {f"{part}_us": round((now - used[part]) / count / items * 1e6) for part, now in processor_s(realm).items()}
    spent["client_us"] = round(client / count / items * 1e6)
    more = {"accept_s": answer["seconds"], "p99_ms": answer["p99_ms"], **spent}
    show(name, count * items / seconds, "enrolments/s", bound, True, **more)


def measure_approvals(realm: Realm, count: int) -> None:
    times = []
    for _ in range(count):
        payload = enrol(realm.person(), new_key())
        body = document(payload, realm.officers["clerk"])
        assert realm.ask("clerk", "POST", "/requests", body).status == 201
        approval = document(payload, realm.officers["approver"])
        begun = time.monotonic()
        signed = realm.ask("approver", "POST", f"/requests/{id_of(payload)}/signatures", approval)
        assert signed.status == 200
        found = realm.outcome("approver", id_of(payload))
        times.append((time.monotonic() - begun) * 1000)
        assert found["state"] == "done"
    times.sort()
    show("approve to certificate, p99", times[len(times) * 99 // 100], "ms", LATENCY_BOUND_MS, False,
         p50_ms=round(times[len(times) // 2], 3))


def memory_kib(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=4000)
    parser.add_argument("--batches", type=int, default=16)
    parser.add_argument("--approvals", type=int, default=200)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--enrolments", type=int, default=0)
    options = parser.parse_args()
    build = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    with tempfile.TemporaryDirectory(prefix="auth-ra-bench-") as name:
        realm = Realm(Path(name), build)
        realm.make()
        policy = json.loads((realm.dir / "policy.json").read_text())
        for profile in policy["profiles"]:
            profile.pop("certificates_an_hour", None)
        (realm.dir / "policy.json").write_text(json.dumps(policy))
        try:
            realm.up()
            for who in ("clerk", "approver", "auditor"):
                realm.appoint(who, who)
            measure_approvals(realm, options.approvals)
            measure(realm, "enrolments, one a document", options.documents, 1, options.connections, SINGLE_BOUND)
            batches = options.enrolments // ITEMS or options.batches
            measure(realm, "enrolments, 500 a document", batches, ITEMS, options.connections, BATCH_BOUND)
            for name in ("ra", "ca"):
                memory = memory_kib(realm.process(name)) / 1024
                show(f"memory of auth-{name}", memory, "MiB", MEMORY_BOUND_MIB, False, enrolments=done(realm))
        finally:
            realm.down()


if __name__ == "__main__":
    main()
