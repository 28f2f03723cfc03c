# SPDX-License-Identifier: Apache-2.0
"""Do OpenSSL, GnuTLS, NSS, curl and, in a realm of SM2, Bouncy Castle ask auth-ocsp and believe what it says: good,
suspended, good again, revoked, unknown?"""

from __future__ import annotations

import base64
import os
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from world import Holder, World, making, must, run

ROOT = Path(__file__).resolve().parent.parent.parent
JARS = ":".join(f"/usr/share/java/{name}.jar" for name in ("bcprov", "bcpkix", "bcutil"))


def url(world: World) -> str:
    return f"http://127.0.0.1:{world.port}/ocsp"


def pem_of(holder: Holder) -> Path:
    out = holder.certificate.with_suffix(".cert.pem")
    out.write_text(must("openssl", "x509", "-inform", "der", "-in", holder.certificate), encoding="ascii")
    return out


def chain(world: World) -> Path:
    """Root and authority in one file."""
    out = world.folder / "shared/chain.pem"
    out.write_text(world.pem().read_text() + world.pem("root").read_text(), encoding="ascii")
    return out


# Each asks about a certificate and gives "good", "revoked" or "unknown"; what is not verified is an error.


def by_openssl(world: World, holder: Holder, *words: str) -> str:
    asked = run("openssl", "ocsp", *words, "-issuer", world.pem(), "-cert", pem_of(holder), "-url", url(world),
                "-CAfile", chain(world))
    assert "Response verify OK" in asked.stderr, asked.stderr
    assert "Nonce" not in asked.stderr, asked.stderr
    return asked.stdout.splitlines()[0].rpartition(": ")[2]


def by_openssl_without_nonce(world: World, holder: Holder) -> str:
    return by_openssl(world, holder, "-no_nonce")


def by_openssl_sha256(world: World, holder: Holder) -> str:
    return by_openssl(world, holder, "-sha256")


def by_curl_get(world: World, holder: Holder) -> str:
    request, answer = holder.key.with_suffix(".req"), holder.key.with_suffix(".resp")
    must("openssl", "ocsp", "-no_nonce", "-issuer", world.pem(), "-cert", pem_of(holder), "-reqout", request)
    path = urllib.parse.quote(base64.b64encode(request.read_bytes()).decode("ascii"), safe="")
    must("curl", "--fail", "--silent", "--show-error", "--output", answer, f"{url(world)}/{path}")
    read = run("openssl", "ocsp", "-respin", answer, "-reqin", request, "-issuer", world.pem(),
               "-cert", pem_of(holder), "-CAfile", chain(world))
    assert "Response verify OK" in read.stderr, read.stderr
    return next(line.rpartition(": ")[2] for line in read.stdout.splitlines() if ".cert.pem: " in line)


def by_gnutls(world: World, holder: Holder) -> str:
    asked = run("ocsptool", f"--ask={url(world)}", "--load-issuer", world.pem(), "--load-cert", pem_of(holder),
                "--load-trust", chain(world), "--nonce")
    assert "Verifying OCSP Response: Success." in asked.stdout + asked.stderr, asked.stdout + asked.stderr
    line = next(line for line in asked.stdout.splitlines() if "Certificate Status:" in line)
    return line.rpartition(": ")[2]


def by_nss(world: World, holder: Holder) -> str:
    """NSS takes the responder's address from the certificate."""
    store = f"sql:{world.folder}/shared/nss"
    if not (world.folder / "shared/nss").exists():
        (world.folder / "shared/nss").mkdir()
        must("certutil", "-N", "-d", store, "--empty-password")
        for name, trust in (("root", "CT,C,C"), ("citizens", ",,")):
            must("certutil", "-A", "-d", store, "-n", name, "-t", trust, "-i", world.authority(name))
    words = ("-pp", "-u", "0", "-g", "leaf", "-h", "requireFreshInfo", "-m", "ocsp", "-s", "failIfNoInfo",
             holder.certificate)
    asked = run("vfychain", "-d", store, *words)
    said = asked.stdout + asked.stderr
    if asked.returncode == 0 and "Chain is good!" in said:
        return "good"
    return "revoked" if "revoked" in said.lower() else said


CLIENTS = [by_openssl, by_openssl_without_nonce, by_openssl_sha256, by_curl_get, by_gnutls, by_nss]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_it_is_believed(world: World, client: Callable[[World, Holder], str]) -> None:
    (holder,) = world.enrol(1)
    serials = world.serials_file([holder.serial], f"interop-{holder.serial}")

    def known_as(status: str) -> str:
        """Waits for the second that an act may take, as auth-load sees it."""
        while world.load(serials, "--count", "1", "--connections", "1")[status] == 0:
            continue
        return client(world, holder)

    assert known_as("good") == "good"
    world.act("suspend", holder.serial)
    assert known_as("suspended") == "revoked"
    world.act("resume", holder.serial)
    assert known_as("good") == "good"
    world.act("revoke", holder.serial)
    assert known_as("revoked") == "revoked"


def test_a_number_that_was_never_issued_is_unknown(world: World) -> None:
    for serial in ("0x01e30000000000000000000000000000dead", "0x7f00000000000000000000000000000000ff", "0x05"):
        asked = run("openssl", "ocsp", "-issuer", world.pem(), "-serial", serial, "-url", url(world),
                    "-CAfile", chain(world))
        assert "Response verify OK" in asked.stderr, asked.stderr
        assert asked.stdout.splitlines()[0].endswith(": unknown"), asked.stdout


def test_an_issuer_that_is_not_ours_is_unauthorized(world: World, tmp_path: Path) -> None:
    must("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=somebody", "-keyout", tmp_path / "key", "-out", tmp_path / "other.pem")
    asked = run("openssl", "ocsp", "-issuer", tmp_path / "other.pem", "-serial", "0x1234", "-url", url(world))
    assert "unauthorized (6)" in asked.stdout + asked.stderr


def test_both_authorities_are_answered_for(world: World) -> None:
    clerk = world.folder / "officers/clerk-1.cer"
    pem = world.folder / "shared/clerk-1.pem"
    pem.write_text(must("openssl", "x509", "-inform", "der", "-in", clerk), encoding="ascii")
    trusted = world.folder / "shared/staff-chain.pem"
    trusted.write_text(world.pem("staff").read_text() + world.pem("root").read_text(), encoding="ascii")
    asked = run("openssl", "ocsp", "-issuer", world.pem("staff"), "-cert", pem, "-url", url(world), "-CAfile", trusted)
    assert "Response verify OK" in asked.stderr and f"{pem}: good" in asked.stdout, asked.stdout + asked.stderr


# Bouncy Castle, in a realm whose authorities and responders have SM2 keys


@pytest.fixture(scope="module")
def sm2(build: Path) -> Iterator[World]:
    with making(build, algorithm="sm2") as made:
        yield made
        made.examine()


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    classes = tmp_path_factory.mktemp("classes")
    must("javac", "-cp", JARS, "-d", classes, ROOT / "tests/interop/java/Status.java")
    return lambda *words: must("java", "-cp", f"{JARS}:{classes}", "Status", *words)


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sm3"])
def test_bouncy_castle_believes_answers_by_sm2(
    sm2: World, java: Callable[..., str], tmp_path: Path, digest: str
) -> None:
    (holder,) = sm2.enrol(1)
    request, answer = tmp_path / "req", tmp_path / "resp"

    def ask() -> str:
        java("ocsp-ask", sm2.authority(), holder.serial, digest, os.urandom(16).hex(), request)
        must("curl", "--fail", "--silent", "--show-error", "--output", answer, "--data-binary", f"@{request}",
             "--header", "Content-Type: application/ocsp-request", url(sm2))
        return java("ocsp-check", answer, sm2.authority(), holder.serial).strip()

    assert ask() == "good"
    sm2.act("revoke", holder.serial)
    serials = sm2.serials_file([holder.serial])
    while sm2.load(serials, "--count", "1", "--connections", "1", "--hash", digest)["revoked"] == 0:
        continue
    assert ask() == "revoked keyCompromise"


def test_the_load_generator_believes_answers_by_sm2(sm2: World) -> None:
    serials = sm2.serials_file(sm2.enrol_many(20), "many")
    found = sm2.load(serials, "--count", "400", "--nonce", "50", "--hash", "sm3", "--get", "50")
    assert found["good"] == 400
