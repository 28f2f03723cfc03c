# SPDX-License-Identifier: Apache-2.0
"""Does a daemon start only when it can work, change only as a whole, and end without losing anything?"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Client, Echo, Installed, request, wait_for
from credentials import make_credentials, write_pair

OK, USAGE, FAULT = 0, 2, 3


@pytest.fixture
def config() -> Iterator[Path]:
    handle, name = tempfile.mkstemp(suffix=".conf")
    os.close(handle)
    path = Path(name)
    path.chmod(0o644)
    yield path
    path.unlink()


def test_root_is_refused(installed: Installed) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can try")
    result = subprocess.run(
        installed.command(), capture_output=True, text=True,
        env={"LD_LIBRARY_PATH": str(installed.folder)},
    )
    assert result.returncode == FAULT
    assert "a daemon does not run as root" in result.stderr


def test_every_fault_of_a_configuration_is_told(installed: Installed, config: Path) -> None:
    config.write_text("# x\nthreads = 100\nlisten = 1\nnope = 1\nthreads = 1\nworkers\n")
    result = installed.run(f"--config={config}", "--check-config", "--drain-timeout=1", "--max-waiting")
    assert (result.returncode, result.stdout) == (USAGE, "")
    lines = result.stderr.splitlines()
    places = [re.sub(r": .*", "", line.removeprefix(f"{config}: ")) for line in lines]
    assert places == ["line 2", "line 3", "line 4", "line 5", "line 6", "command line", "command line"]
    config.write_text("greeting = good day\n")
    good = installed.run(f"--config={config}", "--check-config")
    assert (good.returncode, good.stdout, good.stderr) == (OK, "", "")
    missing = installed.run("--config=/nothing/here", "--check-config")
    assert missing.returncode == USAGE and "/nothing/here" in missing.stderr


def test_options_that_need_each_other(installed: Installed) -> None:
    result = installed.run("--check-config", "--listen-tls=127.0.0.1:0")
    assert result.returncode == USAGE and "tls-certificate and tls-key" in result.stderr
    result = installed.run("--check-config", "--admin-socket=127.0.0.1:80")
    assert result.returncode == USAGE and "unix:/path" in result.stderr


def test_the_configuration_in_force_is_printed(installed: Installed, config: Path) -> None:
    config.write_text("greeting = a # b\nthreads = 3\n")
    result = installed.run(f"--config={config}", "--print-config", "--threads=4")
    assert result.returncode == OK
    for text in (
        "# file\ngreeting = a # b\n", "# command line\nthreads = 4\n", "# built in\nworkers = 0\n",
    ):
        assert text in result.stdout
    config.write_text(result.stdout)
    again = installed.run(f"--config={config}", "--print-config")
    assert again.returncode == OK and "threads = 4\n" in again.stdout


def test_help_and_manual_tell_of_every_option(installed: Installed) -> None:
    printed = installed.run("--print-config").stdout
    names = re.findall(r"^(?:# )?([a-z-]+) = ", printed, flags=re.M)
    assert len(names) > 15
    text = installed.run("--help").stdout
    manual = installed.run("--manual").stdout
    for name in names:
        assert f"--{name}=" in text
        assert "\\-\\-" + name.replace("-", "\\-") + "=" in manual
    assert installed.run("--version").stdout.startswith("auth-echo ")
    lint = subprocess.run(
        ["mandoc", "-Tlint", "-Wwarning"], input=manual, capture_output=True, text=True
    )
    assert (lint.returncode, lint.stdout) == (0, "")


def test_what_cannot_work_does_not_start(installed: Installed) -> None:
    result = installed.run("--greeting=refused", "--log-format=json")
    assert result.returncode == FAULT
    assert '"event":"cannot-start"' in result.stderr.splitlines()[-1]
    assert "greeting: it is refused" in result.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = installed.run(f"--listen=127.0.0.1:{port}", "--log-format=json")
        assert result.returncode == FAULT and f"127.0.0.1:{port}" in result.stderr


def test_two_of_them_do_not_share_an_address(installed: Installed) -> None:
    with installed.start() as echo:
        result = installed.run(f"--listen=127.0.0.1:{echo.ports['http']}", "--log-format=json")
        assert result.returncode == FAULT
        result = installed.run(f"--listen=unix:{echo.folder}/unix", "--log-format=json")
        assert result.returncode == FAULT
        with echo.connect("unix") as client:
            assert client.get("/hello").status == 200


def test_a_socket_that_was_left_behind_is_no_obstacle(installed: Installed) -> None:
    with installed.start() as echo:
        echo.signal(signal.SIGKILL)
        echo.process.wait()
        words = (f"--listen=unix:{echo.folder}/unix", "--log-format=json")
        process = subprocess.Popen(
            installed.command(*words), stderr=subprocess.PIPE, **installed.settings()
        )
        local = socket.socket(socket.AF_UNIX)

        def connects() -> bool:
            try:
                local.connect(str(echo.folder / "unix"))
            except OSError:
                return False
            return True

        assert wait_for(connects)
        local.close()
        process.terminate()
        process.communicate()
        assert process.returncode == 0
        assert not (echo.folder / "unix").exists()


def test_the_process_is_locked_down(echo: Echo) -> None:
    assert echo.status("NoNewPrivs") == 1
    text = Path(f"/proc/{echo.process.pid}/limits").read_text(encoding="utf-8")
    assert re.search(r"^Max core file size\s+0\s+0", text, flags=re.M)
    if os.getuid() == 0:
        # Not dumpable: what /proc has of it belongs to root.
        assert Path(f"/proc/{echo.process.pid}/environ").stat().st_uid == 0


def test_a_reload_takes_new_options(installed: Installed, config: Path) -> None:
    config.write_text("greeting = one\nidle-timeout = 60s\n")
    with installed.start(f"--config={config}") as echo, echo.connect() as client:
        assert client.get("/hello").body == b"one\n"
        config.write_text("greeting = two\nidle-timeout = 1s\n")
        echo.signal(signal.SIGHUP)
        assert wait_for(lambda: echo.events("reloaded"))
        assert client.get("/hello").body == b"two\n"
        began = time.monotonic()
        assert client.is_ended()
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "content,fault",
    [
        ("greeting = two\nidle-timeout = 1\n", "line 2: idle-timeout has no value of its kind"),
        ("greeting = two\nnope = 1\n", "line 2: there is no option 'nope'"),
        ("greeting = two\nfixed = b\n", "fixed cannot change while the daemon runs"),
        ("greeting = refused\nidle-timeout = 1s\n", "greeting: it is refused"),
    ],
)
def test_an_invalid_reload_changes_nothing(
    installed: Installed, config: Path, content: str, fault: str
) -> None:
    config.write_text("greeting = one\n")
    with installed.start(f"--config={config}") as echo, echo.connect() as client:
        config.write_text(content)
        echo.signal(signal.SIGHUP)
        assert wait_for(lambda: echo.events("reload-refused"))
        assert fault in str(echo.events("reload-refused")[0]["detail"])
        assert client.get("/hello").body == b"one\n"
        assert echo.metric('daemon_reloads_total{outcome="bad"}') == 1
        config.write_text("greeting = three\n")
        echo.signal(signal.SIGHUP)
        assert wait_for(lambda: echo.events("reloaded"))
        assert client.get("/hello").body == b"three\n"


def test_new_credentials_are_for_new_connections(installed: Installed) -> None:
    with installed.start() as echo, echo.connect("https") as old:
        before = old.connection.getpeercert(True)  # type: ignore[attr-defined]
        write_pair(make_credentials().server, echo.folder, "server")
        echo.signal(signal.SIGHUP)
        assert wait_for(lambda: echo.events("reloaded"))
        assert old.get("/hello").status == 200
        with echo.connect("https") as new:
            assert new.connection.getpeercert(True) != before  # type: ignore[attr-defined]
        (echo.folder / "server.key").write_text("broken")
        echo.signal(signal.SIGHUP)
        assert wait_for(lambda: echo.events("reload-refused"))
        with echo.connect("https") as still:
            assert still.get("/hello").status == 200


def test_the_end_finishes_what_was_begun(installed: Installed) -> None:
    with installed.start() as echo:
        idle, slow, waiting, half = (echo.connect() for _ in range(4))
        idle.get("/hello")
        slow.send(request("GET", "/slow?ms=1000"))
        waiting.send(request("GET", "/notes?after=9"))
        half.send(request("POST", "/echo", "Content-Length: 5") + b"he")
        assert wait_for(lambda: echo.metric("daemon_requests_waiting") == 1)
        began = time.monotonic()
        echo.signal(signal.SIGTERM)
        assert wait_for(lambda: echo.events("draining"))
        told = waiting.read()
        assert time.monotonic() - began < 1.5
        assert idle.is_ended()
        assert told is not None and told.body == b"0\n" and told.headers["connection"] == "close"
        half.send(b"llo")
        whole = half.read()
        assert whole is not None and whole.body == b"hello"
        done = slow.read()
        assert done is not None and done.body == b"slept\n"
        assert slow.is_ended()
        with pytest.raises(OSError):
            echo.connect()
        # What lingers on this side keeps it no longer than its deadline.
        for client in (idle, slow, waiting, half):
            client.connection.close()
        assert echo.process.wait(10) == OK
        assert echo.log()[-1]["event"] == "stopped"


def test_the_end_under_load_loses_no_answer(installed: Installed) -> None:
    """Whoever sent a request on a connection either gets an answer or a clean end before it."""
    with installed.start() as echo:
        broken: list[str] = []
        counts: list[int] = []

        def go() -> None:
            count = 0
            with echo.connect() as client:
                while True:
                    try:
                        client.send(request("POST", "/blocking", body=b"x" * 1000))
                    except OSError:
                        break
                    answer = client.read()
                    if answer is None:
                        if client.buffer:
                            broken.append("half an answer")
                        break
                    if answer.body != b"x" * 1000:
                        broken.append("a wrong answer")
                    count += 1
                    if answer.headers.get("connection") == "close":
                        break
            counts.append(count)

        threads = [threading.Thread(target=go) for _ in range(16)]
        for thread in threads:
            thread.start()
        assert wait_for(lambda: echo.metric('daemon_requests_total{class="2xx"}') > 500)
        echo.signal(signal.SIGTERM)
        assert echo.process.wait(10) == OK
        for thread in threads:
            thread.join()
        assert not broken and sum(counts) > 500


def test_the_end_has_a_deadline(installed: Installed) -> None:
    with installed.start("--drain-timeout=500ms", "--request-timeout=60s") as echo:
        with echo.connect() as client:
            client.send(request("POST", "/echo", "Content-Length: 5") + b"he")
            assert wait_for(lambda: echo.metric("daemon_connections") == 2)
            began = time.monotonic()
            echo.signal(signal.SIGTERM)
            assert echo.process.wait(10) == OK
            assert time.monotonic() - began < 3
            assert echo.events("drain-cut")


def test_a_second_signal_ends_at_once(installed: Installed) -> None:
    with installed.start("--request-timeout=60s") as echo, echo.connect() as client:
        client.send(request("POST", "/echo", "Content-Length: 5") + b"he")
        assert wait_for(lambda: echo.metric("daemon_connections") == 2)
        echo.signal(signal.SIGTERM)
        assert wait_for(lambda: echo.events("draining"))
        began = time.monotonic()
        echo.signal(signal.SIGTERM)
        assert echo.process.wait(10) == OK
        assert time.monotonic() - began < 2


def test_a_handler_that_never_ends_does_not_keep_it(installed: Installed) -> None:
    # It leaves its threads behind on purpose.
    extra = {"TSAN_OPTIONS": "report_thread_leaks=0"}
    with installed.start("--drain-timeout=0ms", extra=extra) as echo, echo.connect() as client:
        client.send(request("GET", "/slow?ms=60000"))
        assert wait_for(lambda: echo.metric("daemon_connections") == 2)
        began = time.monotonic()
        echo.signal(signal.SIGTERM)
        assert echo.process.wait(20) == FAULT
        assert time.monotonic() - began < 15
        assert echo.events("drain-cut")


def test_readiness_has_a_reason(installed: Installed) -> None:
    with installed.start("--greeting=unready") as echo, echo.connect("admin") as admin:
        answer = admin.get("/readyz")
        assert answer.status == 503
        assert answer.body == b"not ready: registry: it does not answer; see whether it runs\n"
        assert admin.get("/healthz").status == 200


def test_a_log_that_nobody_reads_stops_nothing(installed: Installed) -> None:
    reader, writer = os.pipe()
    try:
        with installed.start("--listen=127.0.0.1:0 unix:/tmp/unused-echo", log=writer) as echo:
            os.close(writer)
            text = b""
            while b'"event":"ready"' not in text:
                text += os.read(reader, 65536)
            port = re.search(rb'"address":"127.0.0.1:(\d+)","kind":"http"', text)
            assert port is not None
            echo.ports["http"] = int(port[1])
            fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
            # Far more than the pipe holds; each kind of event is limited to 20 lines a second.
            until = time.monotonic() + 4
            while time.monotonic() < until:
                with echo.connect() as client:
                    for octets in (request("GET", "/nothing"), request("GET", "/broken"), b"?\r\n"):
                        client.ask(octets)
            with echo.connect() as client:
                assert client.get("/hello").status == 200
            assert echo.end() == OK
    finally:
        os.close(reader)


class Systemd:
    """The socket that NOTIFY_SOCKET names."""

    def __init__(self, folder: str) -> None:
        self.path = f"{folder}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.socket.settimeout(20)

    def next(self) -> str:
        return self.socket.recv(4096).decode()

    def wait_for(self, text: str) -> None:
        while not self.next().startswith(text):
            pass


def test_systemd_is_told(installed: Installed, config: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        systemd = Systemd(folder)
        extra = {"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "200000"}
        with systemd.socket, installed.start(f"--config={config}", extra=extra) as echo:
            assert systemd.next() == "READY=1"
            assert systemd.next() == "WATCHDOG=1"
            assert systemd.next() == "WATCHDOG=1"
            echo.signal(signal.SIGHUP)
            systemd.wait_for("RELOADING=1\nMONOTONIC_USEC=")
            systemd.wait_for("READY=1")
            echo.signal(signal.SIGTERM)
            systemd.wait_for("STOPPING=1")
            assert echo.process.wait(10) == OK


def test_sockets_may_be_given(installed: Installed) -> None:
    """As systemd does it: descriptors from 3 on, with their names (sd_listen_fds(3))."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        script = (
            "import os, sys\n"
            f"os.dup2({listening.fileno()}, 3)\n"
            "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='http')\n"
            "os.execv(sys.argv[1], sys.argv[1:])\n"
        )
        settings = installed.settings()
        words = installed.command("--listen=127.0.0.1:1", "--log-format=json")
        process = subprocess.Popen(
            ["/usr/bin/python3", "-c", script, *words], stderr=subprocess.PIPE,
            pass_fds=[listening.fileno()], **settings,
        )
        with Client(socket.create_connection(listening.getsockname())) as client:
            assert client.get("/hello").body == b"hello\n"
        process.terminate()
        process.communicate()
        assert process.returncode == OK


def test_a_thousand_connections_come_and_go(echo: Echo) -> None:
    before = len(list(Path(f"/proc/{echo.process.pid}/task").iterdir()))
    for _ in range(1000):
        with echo.connect() as client:
            client.send(b"GET /he")
    assert wait_for(lambda: echo.metric("daemon_connections") == 1)
    assert len(list(Path(f"/proc/{echo.process.pid}/task").iterdir())) == before


def test_processes_share_an_address_when_all_are_told_to(installed: Installed) -> None:
    share = "--share-addresses"
    with installed.start(share, "--greeting=first") as first:
        port = first.ports["http"]
        there = f"--listen=127.0.0.1:{port}"
        with installed.start(share, there, "--greeting=second") as second:
            assert second.ports["http"] == port
            said = set()

            def both_have_said() -> bool:
                with first.connect() as client:
                    said.add(client.get("/hello").body)
                return said == {b"first\n", b"second\n"}

            wait_for(both_have_said)
            assert second.end() == 0
        # Those that went to the other one find this one.
        for _ in range(20):
            with first.connect() as client:
                assert client.get("/hello").body == b"first\n"
        with pytest.raises(AssertionError, match="cannot be opened"), installed.start(there):
            pass
