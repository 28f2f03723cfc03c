#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How fast is auth-ocsp, beside nginx with a file of the same size, beside what one processor signs in memory, and
beside openssl ocsp; how much memory does an answer take that is ready, and how soon is there the first?

Usage: bench_responder.py [--seconds S] [--certificates N]

The responder runs on one processor, those who ask (and the registry) on the others. Prints one JSON object a line, as
the programs in tests/bench do. N certificates are in the registry, 20,000 if nothing is said; the bounds are for a
million. AUTH_BUILD names the build folder.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from world import Responder, World, as_account, free_port, give, making, must, run, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER, CLIENT = ["taskset", "--cpu-list", "0"], ["taskset", "--cpu-list", "1"]
CONNECTIONS = 32
# Who asks about what has to be signed waits longer, so it takes more of them to keep a processor at work.
SIGNED_CONNECTIONS = 256
ROUNDS = 3
TAIL_MS = 2
MEMORY_ANSWERS = 20000
# What its project says of XiPKI on a laptop, without a cache.
PEER = {"p256": 3600, "sm2": 4000}
NGINX = """daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nodelay on;
    open_file_cache max=100 inactive=1h;
    keepalive_requests 1000000000;
    types {{ }} default_type application/ocsp-response;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; root {folder}/files; location /ocsp/ {{ try_files /answer =404; }} }}
}}
"""
# Certificates of the authority for citizens, as many as it takes; DER is what no status needs.
FILL = """SET search_path = registry; SET session_replication_role = replica;
INSERT INTO certificate SELECT decode(lpad(to_hex(epoch_of(now())), 4, '0') || lpad(to_hex(n), 32, '0'), 'hex'),
    authority_id, n % 2, 0, lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, NULL, 1,
    'citizen-authentication', decode(lpad(to_hex(n), 64, '0'), 'hex'), now(), now() + interval '3 years', now(),
    decode(repeat('00', 64), 'hex')
    FROM generate_series(1, {count}) n, authority a WHERE a.name = 'citizens';"""
# What a server does of its own accord some time after so many rows came, and would do while it is measured.
SETTLE = ("VACUUM (ANALYZE) registry.certificate", "CHECKPOINT")


def show(name: str, value: float, unit: str, against: str, reference: float, bound: float | None) -> None:
    ratio = round(value / reference, 3) if reference else None
    line = {"name": name, "value": round(value, 3), "unit": unit, "against": against, "reference": round(reference, 3),
            "ratio": ratio, "bound": bound}
    print(json.dumps(line), flush=True)


def fill(world: World, count: int) -> list[str]:
    """Puts certificates into the registry behind its back, and tells their serial numbers."""
    world.sql(FILL.format(count=count))
    for statement in SETTLE:
        world.sql(statement)
    keep_registry_away(world)
    epoch = world.sql("SELECT lpad(to_hex(registry.epoch_of(now())), 4, '0')")
    return [f"{epoch}{n:032x}" for n in range(1, count + 1)]


def keep_registry_away(world: World) -> None:
    """Leaves the responder's processor to it: the registry's processes, and those that they start, go to the other."""
    server = world.sql("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)")
    for process in [server, *run("pgrep", "--parent", server).stdout.split()]:
        run("taskset", "--all-tasks", "--cpu-list", "--pid", "1", process)


@contextlib.contextmanager
def nginx(world: World, body: bytes) -> Iterator[int]:
    folder, port = world.folder / "nginx", free_port()
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "files/answer").write_bytes(body)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port), encoding="ascii")
    give(folder)
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
    words = [*SERVER, program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL, **as_account())
    try:
        wait_for(lambda: get(port, "/answer")[0] == 200)
        yield port
    finally:
        process.terminate()
        process.wait()


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def wrk(port: int, path: str, seconds: float, script: Path | None = None) -> float:
    words = [*CLIENT, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
    words += ["-s", str(script)] if script else []
    text = must(*words, f"http://127.0.0.1:{port}{path}")
    match = re.search(r"^Requests/sec:\s+([0-9.]+)$", text, flags=re.M)
    if match is None or "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(text)
    return float(match[1])


def question(world: World, serial: str) -> tuple[bytes, str]:
    """A request, and its path for GET."""
    out = world.folder / "shared/question"
    must("openssl", "ocsp", "-no_nonce", "-issuer", world.pem(), "-serial", f"0x{serial}", "-reqout", out)
    der = out.read_bytes()
    return der, "/ocsp/" + urllib.parse.quote(base64.b64encode(der).decode("ascii"), safe="")


def bench_cached(world: World, responder: Responder, serial: str, seconds: float) -> bytes:
    """Tells the answer."""
    der, path = question(world, serial)
    status, body = get(responder.port, path)
    if status != 200:
        raise SystemExit(f"a question by GET was answered with {status}")
    script = world.folder / "shared/post.lua"
    octets = "".join(f"\\{octet:03d}" for octet in der)
    script.write_text(
        f'wrk.method = "POST"\nwrk.body = "{octets}"\n'
        'wrk.headers["Content-Type"] = "application/ocsp-request"\n', encoding="ascii",
    )
    best = {"get": 0.0, "post": 0.0, "nginx": 0.0}
    with nginx(world, body) as port:
        for _ in range(ROUNDS):
            part = seconds / ROUNDS / 3
            best["get"] = max(best["get"], wrk(responder.port, path, part))
            best["nginx"] = max(best["nginx"], wrk(port, "/answer", part))
            best["post"] = max(best["post"], wrk(responder.port, "/ocsp", part, script))
    for name in ("get", "post"):
        show(f"ocsp-cached-{name}", best[name], "answers/s", "nginx, a file of the same size", best["nginx"], 0.95)
    return body


def in_memory(world: World, algorithm: str, seconds: float) -> float:
    """Parse, sign and encode on one processor (tests/bench/bench_ocsp.c)."""
    text = must(*SERVER, world.build / "tests/bench/bench_ocsp", "--seconds", str(max(1.0, seconds)))
    rows = (json.loads(line) for line in text.splitlines())
    return next(float(row["value"]) for row in rows if row["name"] == f"ocsp-respond-{algorithm}")


def load(world: World, path: Path, port: int, *words: str) -> dict[str, Any]:
    found = world.load(path, "--check", "late", *words, port=port, is_recorded=False, before=CLIENT)
    if found["good"] != found["asked"]:
        raise SystemExit(f"not every answer is good: {found}")
    return found


def bench_signed(world: World, responder: Responder, algorithm: str, serials: list[str], seconds: float) -> float:
    """Each certificate is asked about once, so every answer is looked up and signed. Tells the rate."""
    path, count = world.serials_file(serials, "signed"), str(len(serials))
    before = responder.processor_seconds()
    found = load(world, path, responder.port, "--seconds", str(seconds), "--count", count,
                 "--connections", str(SIGNED_CONNECTIONS))
    rate, memory = found["asked"] / found["seconds"], in_memory(world, algorithm, seconds / 2)
    used = found["asked"] / (responder.processor_seconds() - before)
    bound = 0.6 if algorithm == "p256" else 0.9
    against = "parse, sign and encode in memory"
    show(f"ocsp-signed-{algorithm}", rate, "answers/s", against, memory, bound)
    # The same on a machine where others take turns on that processor.
    show(f"ocsp-signed-{algorithm}-processor", used, "answers/s of the processor", against, memory, bound)
    show(f"ocsp-signed-{algorithm}", rate, "answers/s", "XiPKI on a laptop, as published", PEER[algorithm], None)
    return rate


def bench_tail(
    world: World, name: str, port: int, rate: float, serials: list[str], seconds: float, reference: float, *words: str
) -> float:
    """What those who ask at a rate wait, from when a question was due: what they are late themselves, on a processor
    that they share, is in it. Tells the p99."""
    count = int(rate * seconds) if words else min(int(rate * seconds), len(serials))
    path = world.serials_file(serials[:count], "tail")
    found = load(world, path, port, "--rate", str(rate), "--count", str(count), "--connections",
                 str(CONNECTIONS * 4), *words)
    against, bound = ("what half of that load may take", 1) if not words else ("auth-ocsp, signed", None)
    # A processor of a virtual machine pauses for milliseconds now and then, of some once a second. Of fifteen parts of
    # the load, one after the other, the median is one without a pause; the whole is shown as well.
    show(f"{name}-p99", found["answer_stretch_p99_ms"], "ms, median of 15 stretches", against, reference, bound)
    show(f"{name}-p99-whole", found["answer_p99_ms"], "ms", against, reference, None)
    show(f"{name}-p50", found["answer_p50_ms"], "ms", against, reference, None)
    return float(found["answer_stretch_p99_ms"])


def bench_memory(world: World, serials: list[str]) -> None:
    path = world.serials_file(serials, "memory")
    count = str(len(serials))
    with world.responder("--threads=1", "--answer-life=1d") as responder:
        load(world, world.serials_file(serials[:100], "warm"), responder.port, "--count", "1000")
        before = responder.resident_kib()
        load(world, path, responder.port, "--count", count, "--connections", str(CONNECTIONS))
        kept = responder.metrics()["auth_ocsp_cached_answers"]
        grown = (responder.resident_kib() - before) * 1024
        show("ocsp-memory", grown / kept, "octets/answer", "what one may take", 1300, 1)


def bench_start(world: World, serial: str) -> None:
    _, path = question(world, serial)
    best = 1e9
    for _ in range(ROUNDS):
        port = free_port()
        command = [*SERVER, str(world.build / "ocsp/auth-ocsp"), f"--realm={world.realm}", f"--listen=127.0.0.1:{port}"]
        begun = time.monotonic()
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **as_account())
        try:
            while len(get(port, path)[1]) < 100:
                pass
            best = min(best, time.monotonic() - begun)
        finally:
            process.terminate()
            process.wait()
    show("ocsp-start", best * 1000, "ms to the first answer", "what it may take", 300, 1)


def bench_openssl(world: World, seconds: float, ours: float) -> None:
    """Of ten certificates in a text file, with the responder's own key and certificate."""
    folder, port = world.folder / "openssl", free_port()
    folder.mkdir()
    index = "".join(f"V\t350101000000Z\t\t{n:02X}\tunknown\t/CN={n}\n" for n in range(1, 11))
    (folder / "index").write_text(index, encoding="ascii")
    must("openssl", "x509", "-inform", "der", "-in", world.realm / "responders/ocsp-citizens.cer", "-out", folder / "r.pem")
    command = [*SERVER, "openssl", "ocsp", "-port", str(port), "-index", str(folder / "index"), "-CA", str(world.pem()),
               "-rsigner", str(folder / "r.pem"), "-rkey", str(world.realm / "keys/ocsp-citizens.pem"), "-nmin", "60"]
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        path = world.serials_file([f"{n:02x}" for n in range(1, 11)], "openssl")
        # A connection without a request would end it.
        wait_for(lambda: b"waiting for OCSP client connections" in log.read_bytes())
        found = load(world, path, port, "--seconds", str(seconds), "--nonce", "100", "--connections", "1")
        show("ocsp-openssl", found["asked"] / found["seconds"], "answers/s", "auth-ocsp, signed", ours, None)
    finally:
        process.terminate()
        process.wait()


def bench_realm(build: Path, algorithm: str, seconds: float, certificates: int) -> None:
    with making(build, algorithm=algorithm) as world:
        serials = fill(world, certificates)
        with world.responder("--threads=1", "--signers=1", "--waiting-room=100000", before=SERVER) as responder:
            body = bench_cached(world, responder, serials[0], seconds) if algorithm == "p256" else b""
            half = len(serials) // 2
            rate = bench_signed(world, responder, algorithm, serials[1:half], seconds)
            p99 = bench_tail(world, f"ocsp-{algorithm}", responder.port, rate / 2, serials[half:], seconds, TAIL_MS)
            if algorithm == "p256":
                # The same load on a file: what the machine, and those who ask, put into it.
                with nginx(world, body) as port:
                    bench_tail(world, "nginx", port, rate / 2, serials[:1], seconds, p99, "--get", "100")
        if algorithm == "p256":
            bench_memory(world, serials[: min(MEMORY_ANSWERS, certificates)])
            bench_start(world, serials[0])
            bench_openssl(world, min(2.0, seconds), rate)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--certificates", type=int, default=20000)
    options = parser.parse_args(arguments)
    build = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    for algorithm in ("p256", "sm2"):
        bench_realm(build, algorithm, options.seconds, options.certificates)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
