# SPDX-License-Identifier: Apache-2.0
"""
What the tests against other implementations share: the auth of a build (AUTH_BUILD names the build
folder), the programs of Debian's packages, keys, and authorities made by OpenSSL. Nothing is
skipped: a program that is missing is a failure, since nobody would notice that it was left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = ("p256", "p384", "rsa", "ed25519", "sm2")
# What GnuTLS and python3-cryptography know as well.
COMMON_KINDS = ("p256", "p384", "rsa", "ed25519")
SM2_ID = "1234567812345678"
YES, NO, USAGE, FAULT = 0, 1, 2, 3
# A program that takes longer hangs; a loaded machine is slow.
TIMEOUT_S = 120


@dataclass(frozen=True)
class Answer:
    exit_code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def error(self) -> str:
        return self.err.decode(errors="replace")

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects of the output, one a line."""
        return [json.loads(line) for line in self.text.splitlines()]


def call(program: str | Path, *words: str | Path, stdin: bytes = b"", **environment: str) -> Answer:
    """Runs a program and tells how it ended."""
    result = subprocess.run(
        [str(program), *map(str, words)],
        input=stdin,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment},
        timeout=TIMEOUT_S,
    )
    return Answer(result.returncode, result.stdout, result.stderr)


def must(program: str | Path, *words: str | Path, stdin: bytes = b"", **environment: str) -> Answer:
    """Runs a program that has to succeed."""
    answer = call(program, *words, stdin=stdin, **environment)
    assert answer.exit_code == 0, f"{program} {words}: {answer.error}{answer.out!r}"
    return answer


def openssl(*words: str | Path, stdin: bytes = b"") -> Answer:
    return must("openssl", *words, stdin=stdin)


def certtool(*words: str | Path, stdin: bytes = b"") -> Answer:
    return must("certtool", *words, stdin=stdin)


def signing_options(kind: str) -> list[str]:
    """What openssl req, x509 and ca need to sign with a kind of key as the rules say."""
    if kind == "sm2":
        return ["-sm3", "-sigopt", f"distid:{SM2_ID}"]
    return [] if kind == "ed25519" else ["-sha256"]


def verifying_options(kind: str) -> list[str]:
    """What openssl req -verify, x509 -req and verify need for a kind of key."""
    return ["-vfyopt", f"distid:{SM2_ID}"] if kind == "sm2" else []


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def build() -> Path:
    folder = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    if not (folder / "cli/auth").exists():
        pytest.fail(f"there is no auth in {folder}; build it, and name the folder in AUTH_BUILD")
    return folder


@pytest.fixture(scope="session")
def auth(build: Path) -> Callable[..., Answer]:
    """auth(*words, stdin=...): calls auth, English, without colours."""

    def run(*words: str | Path, stdin: bytes = b"") -> Answer:
        return call(build / "cli/auth", *words, stdin=stdin)

    return run


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The private key of each kind, as a file that only its owner may read."""
    folder = tmp_path_factory.mktemp("keys")
    found = {}
    for kind in KINDS:
        found[kind] = folder / f"{kind}.pem"
        shutil.copyfile(ROOT / f"tests/data/keys/{kind}.pem", found[kind])
        found[kind].chmod(0o600)
    return found


@dataclass(frozen=True)
class Authority:
    """A root made by OpenSSL; it signs requests with the extensions that are asked for."""

    kind: str
    folder: Path
    key: Path
    cert: Path

    def sign(self, csr: Path, extensions: str = "", *words: str) -> Path:
        """Makes a certificate, PEM; extensions are lines of an OpenSSL configuration section."""
        out = self.folder / f"{csr.stem}.{len(list(self.folder.iterdir()))}.pem"
        config = out.with_suffix(".cnf")
        config.write_text(f"[leaf]\n{extensions}\n", encoding="utf-8")
        openssl(
            *("x509", "-req", "-in", csr, "-CA", self.cert, "-CAkey", self.key, "-days", "30"),
            *("-out", out, "-extfile", config, "-extensions", "leaf"),
            *signing_options(self.kind),
            *words,
        )
        return out


@pytest.fixture(scope="session")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Authority]:
    """A root of each kind, with a key of its own."""
    made = {}
    for kind in KINDS:
        folder = tmp_path_factory.mktemp(f"authority-{kind}")
        key, cert = folder / "key.pem", folder / "root.pem"
        generate_key(kind, key)
        openssl(
            *("req", "-x509", "-new", "-key", key, "-subj", f"/C=CN/O=Interop/CN={kind} root"),
            *("-days", "3650", "-out", cert, "-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *signing_options(kind),
        )
        made[kind] = Authority(kind, folder, key, cert)
    return made


def generate_key(kind: str, out: Path) -> None:
    """Makes a private key, PKCS#8 PEM, that only its owner may read."""
    words = {
        "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "ed25519": ["ED25519"],
        "sm2": ["SM2"],
    }[kind]
    openssl("genpkey", "-algorithm", *words, "-out", out)
    out.chmod(0o600)


JARS = ":".join(f"/usr/share/java/{name}.jar" for name in ("bcprov", "bcpkix", "bcutil"))


@pytest.fixture(scope="session")
def java(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Answer]:
    """java(name, *words, stdin=...): compiles tests/interop/java/<name>.java once and runs it with
    Bouncy Castle."""
    classes = tmp_path_factory.mktemp("classes")

    def run(name: str, *words: str | Path, stdin: bytes = b"") -> Answer:
        if not (classes / f"{name}.class").exists():
            source = ROOT / f"tests/interop/java/{name}.java"
            must("javac", "-cp", JARS, "-d", classes, source)
        return call("java", "-cp", f"{JARS}:{classes}", name, *words, stdin=stdin)

    return run


def altered(der: bytes, at: int) -> bytes:
    """The same octets with one bit of one of them changed."""
    return der[:at] + bytes([der[at] ^ 1]) + der[at + 1 :]
