# SPDX-License-Identifier: Apache-2.0
"""Does `auth realm init` make a realm that `auth up`, `status` and `down` can work with, asking for what it is not
told, and does it leave nothing where it fails?"""

from __future__ import annotations

import json
import os
import pty
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jsonschema  # type: ignore[import]
import pytest
from conftest import FAULT, NO, TIMEOUT_S, USAGE, YES, Auth, free_ports

ANSWERS = """\
# The two persons of the annex of GB 11643, who do not exist.
name = shaanxi
base = http://pki.example:8080
centre-name = 省中心
region = 610000
admin-1-id = zhang
admin-1-name = 张三
admin-1-number = 11010519491231002X
admin-2-id = li
admin-2-name = Li Si
admin-2-number = 440524188001010014
"""

# A daemon as small as can be: it notes how it was called, says that it is ready, and waits for its end.
DAEMON = """\
#!/usr/bin/python3
import json, os, signal, socket, sys
print(json.dumps({"words": sys.argv[1:], "user": os.geteuid(), "groups": os.getgroups()}), flush=True)
if MODE == "ends":
    sys.exit(3)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
place = os.environ["NOTIFY_SOCKET"]
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", "\\0" + place[1:])
signal.sigwait([signal.SIGTERM])
print("ended", flush=True)
"""


@pytest.fixture
def place(auth: Auth) -> Iterator[Path]:
    """A folder that the server's account may enter, with nothing running in it when the test is over."""
    with tempfile.TemporaryDirectory(prefix="auth-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "answers").write_text(ANSWERS, encoding="utf-8")
        yield folder
        auth("down", folder / "realm")


def make(auth: Auth, place: Path, *words: str) -> Path:
    answer = auth("realm", "init", "--answers", place / "answers", *words, place / "realm")
    assert answer.exit_code == YES, answer.error
    free_ports(place / "realm")
    return place / "realm"


def fsck(auth: Auth, realm: Path) -> None:
    answer = auth("fsck", "--json", "--dir", realm / "registry")
    assert answer.exit_code == YES, answer.text
    # Those of the ceremony; an authority that runs may have issued more.
    assert answer.objects[-1]["certificates"] >= 9


def state(auth: Auth, root: Path, realm: Path) -> tuple[int, bool, str | None]:
    answer = auth("status", "--json", realm)
    (found,) = answer.objects
    schema = json.loads((root / "schemas/status.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, schema)
    assert found["realm"] == "shaanxi"
    return answer.exit_code, found["is_up"], found["registry"]


def test_a_realm_from_nothing_to_nothing(auth: Auth, root: Path, place: Path) -> None:
    answer = auth("realm", "init", "--answers", place / "answers", place / "realm")
    realm = place / "realm"
    assert answer.exit_code == YES, answer.error
    for told in ("keys/root.pem", "keys/master.key", "authorities/root.cer", "officers/zhang.pem"):
        assert told in answer.text and (realm / told).exists()
    assert "110105" not in answer.text + answer.error
    free_ports(realm)
    assert state(auth, root, realm) == (NO, False, None)
    for _ in range(2):
        up = auth("up", realm)
        assert up.exit_code == YES, up.error
        assert "registry: runs as process" in up.text and "auth-ca: runs as process" in up.text
    assert state(auth, root, realm) == (YES, True, "current")
    assert "registry: runs as process" in auth("status", realm).text
    fsck(auth, realm)
    for _ in range(2):
        assert auth("down", realm).exit_code == YES
    assert state(auth, root, realm) == (NO, False, None)


def test_what_is_printed_opens_the_root(auth: Auth, place: Path) -> None:
    answer = auth("realm", "init", "--answers", place / "answers", place / "realm")
    (line,) = (line for line in answer.text.splitlines() if "passphrase" in line)
    secret = place / "secret"
    secret.write_text(line.rpartition(" ")[2] + "\n", encoding="utf-8")
    secret.chmod(0o600)
    key = place / "realm/keys/root.pem"
    assert auth("key", "show", "--passphrase-file", secret, key).exit_code == YES
    secret.write_text("something else\n", encoding="utf-8")
    assert auth("key", "show", "--passphrase-file", secret, key).exit_code == NO


@pytest.mark.parametrize("algorithm", ["sm2", "rsa"])
def test_every_algorithm(auth: Auth, place: Path, algorithm: str) -> None:
    realm = make(auth, place, "--algorithm", algorithm)
    assert auth("up", realm).exit_code == YES
    fsck(auth, realm)
    citizens = auth("cert", "show", realm / "authorities/citizens.cer")
    assert f"key           {algorithm}," in citizens.text
    staff = auth("cert", "show", realm / "authorities/staff.cer")
    assert staff.exit_code == YES and "O=shaanxi" in staff.text.replace(" ", "")
    # OpenSSL is another reader of the same chain: what is shown in TLS is no SM2 in any of its parts.
    pem = [
        subprocess.run(
            ["openssl", "x509", "-inform", "DER", "-in", realm / f"authorities/{name}.cer"],
            check=True,
            capture_output=True,
            timeout=TIMEOUT_S,
        ).stdout
        for name in ("root", "staff")
    ]
    (place / "trust.pem").write_bytes(b"".join(pem))
    words = ("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile")
    subprocess.run([*words, place / "trust.pem", realm / "tls/ra.cer"], check=True, timeout=TIMEOUT_S)


def test_keys_may_be_encrypted(auth: Auth, place: Path) -> None:
    secret = place / "secret"
    secret.write_text("wonderland\n", encoding="utf-8")
    secret.chmod(0o600)
    realm = make(auth, place, "--key-passphrase-file", str(secret), "--root-passphrase-file", str(secret))
    for key in ("keys/root.pem", "keys/staff.pem", "keys/citizens.pem", "officers/li.pem"):
        assert b"BEGIN ENCRYPTED PRIVATE KEY" in (realm / key).read_bytes()
    assert b"BEGIN PRIVATE KEY" in (realm / "keys/ra.pem").read_bytes()


def test_a_registry_elsewhere(auth: Auth, place: Path) -> None:
    """The embedded cluster of one realm stands in for a server that somebody else runs."""
    server = place / "server"
    assert auth("registry", "embed", server).exit_code == YES
    try:
        socket = (server / "socket").read_text(encoding="utf-8").strip()
        realm = make(auth, place, "--connect", f"host={socket} dbname=auth")
        assert not (realm / "registry").exists()
        assert auth("status", realm).exit_code == YES
        answer = auth("fsck", "--connect", f"host={socket} user=auth_auditor dbname=auth")
        assert answer.exit_code == YES, answer.text
        second = place / "second"
        answer = auth(
            "realm", "init", "--answers", place / "answers",
            "--connect", f"host={socket} dbname=auth", second,
        )
        assert answer.exit_code == NO and "holds a realm already" in answer.error
        assert not second.exists() and not Path(f"{second}.new").exists()
    finally:
        assert auth("registry", "stop", server).exit_code == YES


def test_the_root_lists_what_it_has_revoked_in_the_ceremony_and_again(auth: Auth, place: Path) -> None:
    secret = place / "secret"
    secret.write_text("correct horse battery\n", encoding="utf-8")
    secret.chmod(0o600)
    realm = make(auth, place, "--root-passphrase-file", str(secret))
    root = place / "root.pem"
    root.write_bytes((realm / "keys/root.pem").read_bytes())
    root.chmod(0o600)
    answer = auth("realm", "relist", "--key", root, "--passphrase-file", secret, realm)
    assert answer.exit_code == NO and "no cluster runs there" in answer.error
    assert auth("up", realm).exit_code == YES
    for number in (2, 3):
        answer = auth("realm", "relist", "--key", root, "--passphrase-file", secret, realm)
        assert answer.exit_code == YES and f"list {number} with 0 certificates" in answer.text
    fsck(auth, realm)
    other = place / "other.pem"
    assert auth("key", "new", "--out", other).exit_code == YES
    answer = auth("realm", "relist", "--key", other, realm)
    assert answer.exit_code == NO and "not the key of this realm's root" in answer.error
    assert auth("realm", "relist", realm).exit_code == USAGE


def test_a_realm_that_is_there_is_left_alone(auth: Auth, place: Path) -> None:
    realm = make(auth, place)
    before = {path: path.read_bytes() for path in realm.glob("keys/*")}
    answer = auth("realm", "init", "--answers", place / "answers", realm)
    assert answer.exit_code == NO and "holds a realm already" in answer.error
    assert before == {path: path.read_bytes() for path in realm.glob("keys/*")}


def test_keys_in_tokens(auth: Auth, place: Path) -> None:
    (place / "tokens").mkdir()
    conf = place / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {place}/tokens\n", encoding="utf-8")
    pin = place / "pin"
    pin.write_text("1234\n", encoding="utf-8")
    pin.chmod(0o600)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "safe", "--pin", "1234", "--so-pin", "12345678"],
        check=True,
        capture_output=True,
        env={**auth.environment, "SOFTHSM2_CONF": str(conf)},
        timeout=TIMEOUT_S,
    )
    names = {"root-key": "keys/root", "staff-key": "keys/staff", "admin-1-key": "officers/zhang"}
    uris = {
        name: f"pkcs11:token=safe;object={name}?module-name=softhsm2&pin-source={pin}" for name in names
    }
    lines = "".join(f"{name} = {uri}\n" for name, uri in uris.items())
    (place / "answers").write_text(ANSWERS + lines, encoding="utf-8")
    token = auth.with_environment(SOFTHSM2_CONF=str(conf))
    answer = token("realm", "init", "--answers", place / "answers", place / "realm")
    assert answer.exit_code == YES, answer.error
    assert "the token with the root's key" in answer.text and "passphrase" not in answer.text
    realm = place / "realm"
    for name, file in names.items():
        assert (realm / f"{file}.uri").read_text(encoding="utf-8") == uris[name] + "\n"
        assert not (realm / f"{file}.pem").exists()
        shown = token("key", "show", "--public", uris[name])
        assert shown.exit_code == YES, shown.error
    assert (realm / "keys/citizens.pem").exists() and (realm / "officers/li.pem").exists()
    # The registry alone: the token is this test's, and not of the account as which daemons run.
    assert auth("registry", "embed", realm / "registry").exit_code == YES
    fsck(auth, realm)
    # The names are taken now, and nothing but the keys is left of a second try.
    answer = token("realm", "init", "--answers", place / "answers", place / "second")
    assert answer.exit_code == NO and "root" in answer.error
    assert not (place / "second").exists() and not (place / "second.new").exists()


def test_what_a_killed_init_left_is_told(auth: Auth, place: Path) -> None:
    words = ("realm", "init", "--answers", place / "answers", place / "realm")
    unfinished = place / "realm.new"
    process = subprocess.Popen([auth.program, *words], env=auth.environment)
    # Its embedded registry takes seconds: this is in the middle.
    while not (unfinished / "registry/data").exists():
        assert process.poll() is None
        os.sched_yield()
    process.kill()
    process.wait(timeout=TIMEOUT_S)
    answer = auth(*words)
    assert answer.exit_code == NO
    assert f"auth registry stop {unfinished}/registry" in answer.error
    assert auth("registry", "stop", unfinished / "registry").exit_code == YES
    shutil.rmtree(unfinished)
    assert auth(*words).exit_code == YES


@pytest.mark.parametrize(
    ("find", "put", "told"),
    [
        ("name = shaanxi", "", "name = ..."),
        ("name = shaanxi", "name = Shaanxi", "small letters"),
        ("base = http", "base = https", "http://"),
        ("admin-2-number", "# ", "admin-2-number"),
        ("440524188001010014", "440524188001010015", "admin-2-number"),
        ("440524188001010014", "11010519491231002X", "two different persons"),
        ("admin-2-id = li", "admin-2-id = zhang", "two different persons"),
        ("region = 610000", "region = 61", "GB/T 2260"),
        ("region = 610000", "colour = red", "line 5"),
        ("region = 610000", "algorithm = dsa", "line 5"),
        ("region = 610000", "root-key = pkcs11:x\nalgorithm = sm2", "tokens make"),
    ],
)
def test_answers_that_cannot_be(auth: Auth, place: Path, find: str, put: str, told: str) -> None:
    assert find in ANSWERS
    (place / "answers").write_text(ANSWERS.replace(find, put), encoding="utf-8")
    answer = auth("realm", "init", "--answers", place / "answers", place / "realm")
    assert answer.exit_code == NO
    assert told in answer.error
    assert "440524" not in answer.error and "110105" not in answer.error
    assert sorted(path.name for path in place.iterdir()) == ["answers"]


def test_each_admin_gets_what_her_programs_need(auth: Auth, place: Path) -> None:
    realm = make(auth, place, "--host", "ra.example")
    lines = (realm / "officers/zhang.conf").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == [
        "server = https://ra.example:8441",
        "trust = zhang.trust",
        "certificate = zhang.cer",
        "key = zhang.pem",
        "realm = shaanxi",
        "office = centre",
    ]
    trust = (realm / "officers/zhang.trust").read_bytes()
    assert trust == (realm / "authorities/root.cer").read_bytes()


def test_usage(auth: Auth, place: Path, tmp_path: Path) -> None:
    for words in (("realm", "init"), ("up",), ("down", "one", "two"), ("status",)):
        assert auth(*words).exit_code == USAGE
    for command in ("up", "down", "status"):
        answer = auth(command, tmp_path)
        assert answer.exit_code == NO and "realm.conf" in answer.error
    answer = auth("realm", "init", "--admin", "zhang", "--answers", place / "answers", place / "realm")
    assert answer.exit_code == NO and "ID:NAME" in answer.error


class Person:
    """Somebody at a terminal, who answers what is asked."""

    def __init__(self, auth: Auth, *words: str | Path) -> None:
        self.terminal, end = pty.openpty()
        self.process = subprocess.Popen(
            [auth.program, *words], stdin=end, stderr=end, stdout=subprocess.PIPE, env=auth.environment
        )
        os.close(end)
        self.seen = ""

    def answer(self, question: str, text: str) -> None:
        while question not in self.seen:
            self.seen += os.read(self.terminal, 4096).decode()
        self.seen = ""
        os.write(self.terminal, text.encode() + b"\n")

    def end(self) -> tuple[int, str]:
        out, _ = self.process.communicate(timeout=TIMEOUT_S)
        os.close(self.terminal)
        return self.process.returncode, out.decode()


def test_a_terminal_is_asked(auth: Auth, place: Path) -> None:
    person = Person(auth, "realm", "init", "--admin", "zhang:Zhang San", place / "realm")
    person.answer("name of the realm", "shaanxi")
    person.answer("[http://127.0.0.1:8080]", "")
    person.answer("[centre]", "")
    person.answer("admin 1: person number", "11010519491231002X")
    person.answer("admin 2: identifier", "li")
    person.answer("admin 2: name", "")
    person.answer("admin 2: name", "Li Si")
    person.answer("admin 2: person number", "440524188001010014")
    person.answer("passphrase of the root's key", "wonder land")
    person.answer("once more", "wonder land")
    code, out = person.end()
    assert code == YES
    assert "wonder" not in out and "passphrase" not in out
    conf = (place / "realm/realm.conf").read_text(encoding="utf-8")
    assert "realm = shaanxi\nbase = http://127.0.0.1:8080\n" in conf


def test_a_second_passphrase_must_be_the_first(auth: Auth, place: Path) -> None:
    person = Person(auth, "realm", "init", "--answers", place / "answers", place / "realm")
    person.answer("passphrase of the root's key", "one")
    person.answer("once more", "another")
    assert person.end() == (NO, "")
    assert not (place / "realm").exists()


def is_alive(pid: int) -> bool:
    """Not a process that has ended and waits for who asks how."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def installed(auth: Auth, build: Path, place: Path) -> Auth:
    """auth in a folder of its own, where daemons may be put beside it."""
    folder = place / "bin"
    folder.mkdir(mode=0o755)
    program = folder / "auth"
    shutil.copy(auth.program, program)
    return Auth(program, {**auth.environment, "LD_LIBRARY_PATH": str(build / "libauth")})


def put_daemon(place: Path, name: str, mode: str) -> None:
    program = place / "bin" / name
    program.write_text(DAEMON.replace("MODE", repr(mode)), encoding="utf-8")
    program.chmod(0o755)


def test_daemons_are_started_once_and_ended(installed: Auth, root: Path, place: Path) -> None:
    put_daemon(place, "auth-ra", "good")
    put_daemon(place, "auth-lra", "good")
    realm = make(installed, place)
    owner = (realm / "realm.conf").stat().st_uid
    up = installed("up", realm)
    assert up.exit_code == YES, up.error
    (found,) = installed("status", "--json", realm).objects
    where = found["addresses"]["auth-ra"]
    assert "auth-ra: runs as process" in up.text and f"({where})" in up.text
    assert "auth-lra" not in up.text  # no office is named for it
    assert installed("up", realm).text == up.text
    (found,) = installed("status", "--json", realm).objects
    pid = found["daemons"]["auth-ra"]
    assert found["daemons"]["auth-lra"] == 0
    called = json.loads((realm / "log/ra.log").read_text(encoding="utf-8").splitlines()[0])
    assert called["user"] == owner and 0 not in called["groups"] or os.geteuid() != 0
    assert called["words"] == [
        f"--realm={realm}",
        f"--listen-tls={where}",
        f"--tls-certificate={realm}/tls/ra.cer",
        f"--tls-key={realm}/keys/ra.pem",
    ]
    down = installed("down", realm)
    assert down.exit_code == YES and "auth-ra: stopped" in down.text
    assert not is_alive(pid)
    assert "ended" in (realm / "log/ra.log").read_text(encoding="utf-8")
    assert stat.S_IMODE((realm / "log/ra.log").stat().st_mode) == 0o600


def test_free_ports_are_chosen_and_kept(installed: Auth, place: Path) -> None:
    put_daemon(place, "auth-ra", "good")
    realm = make(installed, place)
    conf = realm / "realm.conf"
    text = conf.read_text(encoding="utf-8").replace(
        "ra-listen = 127.0.0.1:0\nl", "ra-listen = 127.0.0.1:0 [::1]:0 unix:/nowhere 127.0.0.1:9\nl"
    )
    conf.write_text(text, encoding="utf-8")
    assert installed("status", "--json", realm).objects[0]["addresses"] == {}
    chosen = []
    for _ in range(2):
        assert installed("up", realm).exit_code == YES
        chosen.append(installed("status", "--json", realm).objects[0]["addresses"]["auth-ra"])
        assert installed("down", realm).exit_code == YES
    assert chosen[0] == chosen[1]
    first, second, path, named = chosen[0].split()
    assert first.startswith("127.0.0.1:") and second.startswith("[::1]:")
    assert (path, named) == ("unix:/nowhere", "127.0.0.1:9")
    ports = [int(address.rpartition(":")[2]) for address in (first, second)]
    assert 0 not in ports
    # A port that somebody else has taken in the meantime is not waited for.
    with socket.create_server(("127.0.0.1", ports[0])):
        assert installed("up", realm).exit_code == YES
        (found,) = installed("status", "--json", realm).objects
        assert not found["addresses"]["auth-ra"].startswith(f"{first} ")
    # What is left of a record that a crash cut is no address.
    assert installed("down", realm).exit_code == YES
    (realm / "run/ra.listen").write_text("127.0.0.1:", encoding="utf-8")
    assert installed("up", realm).exit_code == YES


def test_a_daemon_that_ends_at_once_is_told(installed: Auth, place: Path) -> None:
    put_daemon(place, "auth-ca", "ends")
    realm = make(installed, place)
    answer = installed("up", realm)
    assert answer.exit_code == FAULT
    assert "auth-ca: ended before it was ready (exit code 3)" in answer.error
    assert str(realm / "log/ca.log") in answer.error
    assert installed("down", realm).exit_code == YES


def test_somebody_else_s_process_is_left_alone(installed: Auth, place: Path) -> None:
    """A number that another process got in the meantime is not a daemon."""
    put_daemon(place, "auth-ra", "good")
    realm = make(installed, place)
    assert installed("up", realm).exit_code == YES
    record = realm / "run/ra.pid"
    pid, start = record.read_text(encoding="utf-8").split()
    record.write_text(f"{pid} {int(start) + 1}\n", encoding="utf-8")
    (found,) = installed("status", "--json", realm).objects
    assert found["daemons"]["auth-ra"] == 0
    assert installed("down", realm).exit_code == YES
    assert is_alive(int(pid))
    os.kill(int(pid), 15)
