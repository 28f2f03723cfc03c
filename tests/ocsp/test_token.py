# SPDX-License-Identifier: Apache-2.0
"""Does auth-ocsp answer with a key that never leaves its token, and with no other key in reach?"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from world import World, as_account, give, must, responding

PIN = "1234"


def token_util(conf: Path, *words: str) -> None:
    environment = {**os.environ, "SOFTHSM2_CONF": str(conf)}
    subprocess.run(
        ["softhsm2-util", *words], check=True, capture_output=True, timeout=60, env=environment, **as_account()
    )


@pytest.fixture(scope="module")
def conf(world: World) -> Iterator[Path]:
    """A token with the responder's key, which the folder of the realm has not any more."""
    folder = world.folder / "token"
    (folder / "tokens").mkdir(parents=True)
    conf, pin, moved = folder / "softhsm2.conf", folder / "pin", folder / "ocsp-citizens.pem"
    conf.write_text(f"directories.tokendir = {folder}/tokens\n", encoding="ascii")
    pin.write_text(PIN + "\n", encoding="ascii")
    pin.chmod(0o600)
    key, uri = world.realm / "keys/ocsp-citizens.pem", world.realm / "keys/ocsp-citizens.uri"
    key.rename(moved)
    give(folder)
    token_util(conf, "--init-token", "--free", "--label", "ocsp", "--pin", PIN, "--so-pin", "12345678")
    token_util(conf, "--import", str(moved), "--token", "ocsp", "--label", "citizens", "--id", "01", "--pin", PIN)
    uri.write_text(f"pkcs11:token=ocsp;object=citizens?module-name=softhsm2&pin-source={pin}\n", encoding="ascii")
    uri.chmod(0o600)
    give(uri)
    try:
        yield conf
    finally:
        uri.unlink()
        moved.rename(key)


def test_the_key_is_in_a_token(world: World, conf: Path) -> None:
    serials = world.enrol_many(20)
    path = world.serials_file(serials, "token")
    words = ("--threads=2", "--signers=2", "--nonce-rate=100000")
    with responding(world, *words, before=[], SOFTHSM2_CONF=str(conf)) as responder:
        found = world.load(
            path, "--count", "300", "--connections", "8", "--nonce", "50", "--order", "random", port=responder.port
        )
        assert found["good"] == 300, found
        world.act("revoke", serials[0])
        said = must("openssl", "ocsp", "-issuer", world.pem(), "-serial", f"0x{serials[0]}", "-CAfile", world.pem(),
                    "-partial_chain", "-url", f"http://127.0.0.1:{responder.port}/ocsp")
        assert "revoked" in said, said


def test_without_its_token_it_says_what_is_missing(world: World, conf: Path, tmp_path: Path) -> None:
    empty = tmp_path / "softhsm2.conf"
    empty.write_text(f"directories.tokendir = {tmp_path}\n", encoding="ascii")
    tmp_path.chmod(0o755)
    with pytest.raises(AssertionError, match="token") as refusal, responding(
        world, before=[], SOFTHSM2_CONF=str(empty)
    ):
        pass
    assert conf.exists() and "ocsp-citizens" in str(refusal.value) and PIN not in str(refusal.value)
