#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many prebuilt answers of 500 octets does one thread of a daemon give in a second, on 32 connections
that stay open, and how many of the same size does nginx give from a file?

Usage: bench_http.py [--seconds S]

Measures both in turns, the load generator (wrk) on the same machine, and prints one JSON object a
line, as the programs in tests/bench do. AUTH_BUILD names the build folder.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NOBODY = 65534
OCTETS = 500
CONNECTIONS = 32
ROUNDS = 3  # wrk takes whole seconds
BOUND = 0.95
NGINX = """daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nodelay on;
    open_file_cache max=100 inactive=1h;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(port: int, command: list[str]) -> Iterator[None]:
    """Runs a server, without root's rights, until it is no longer needed."""
    options = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    process = subprocess.Popen(  # type: ignore[call-overload]
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        end = time.monotonic() + 20
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{command[0]} does not serve on port {port}")
            time.sleep(0.01)
        yield
    finally:
        process.terminate()
        process.wait()


def rate(port: int, seconds: int) -> float:
    """Requests a second that wrk sees."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"http://127.0.0.1:{port}/prebuilt"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(text)
    match = re.search(r"^Requests/sec:\s+([0-9.]+)$", text, flags=re.M)
    if match is None:
        raise SystemExit(text)
    return float(match[1])


def measure(build: Path, folder: Path, seconds: float) -> tuple[float, float]:
    folder.chmod(0o777)
    (folder / "files").mkdir()
    (folder / "files/prebuilt").write_bytes(bytes(OCTETS))
    for name in ("tests/daemon/auth-echo", "libauth/libauth.so.0"):
        shutil.copy(build / name, folder)
    own, other = free_port(), free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=other), encoding="utf-8")
    echo = ["env", f"LD_LIBRARY_PATH={folder}", f"{folder}/auth-echo",
            f"--listen=127.0.0.1:{own}", "--threads=1"]
    nginx = [shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx", "-c", f"{folder}/nginx.conf"]
    part = max(round(seconds / ROUNDS / 2), 1)
    rates: tuple[list[float], list[float]] = ([], [])
    with running(own, echo), running(other, nginx):
        for _ in range(ROUNDS):
            rates[0].append(rate(own, part))
            rates[1].append(rate(other, part))
    return max(rates[0]), max(rates[1])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=12)
    seconds = parser.parse_args(arguments).seconds
    build = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    with tempfile.TemporaryDirectory(prefix="auth-bench-") as name:
        own, other = measure(build, Path(name), seconds)
    print(json.dumps({
        "name": "daemon-prebuilt", "value": round(own), "unit": "requests/s",
        "against": "nginx, a file of the same size", "reference": round(other),
        "ratio": round(own / other, 3), "bound": BOUND,
    }))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
