# SPDX-License-Identifier: Apache-2.0
"""Does `auth key new` make keys that nobody else can read, never over another file, and does `auth
key show` tell which key there is without the key itself?"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import jsonschema  # type: ignore[import]
import pytest
from conftest import FAULT, NO, USAGE, YES, Auth

TYPES = {"p256": 256, "p384": 384, "rsa": 3072, "ed25519": 256, "sm2": 256}
SECRET = "correct horse"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(SECRET + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("name", TYPES)
def test_a_new_key_is_shown_by_its_schema(auth: Auth, root: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "key.pem"
    answer = auth("key", "new", "--type", name, "--out", path)
    assert (answer.exit_code, answer.out, answer.err) == (YES, b"", b"")
    answer = auth("key", "show", "--json", path)
    assert answer.exit_code == YES
    (found,) = answer.objects
    jsonschema.validate(found, json.loads((root / "schemas/key.schema.json").read_text(encoding="utf-8")))
    assert (found["type"], found["bits"], found["public_key"]) == (name, TYPES[name], None)
    text = auth("key", "show", path).text
    for member in ("type", "bits", "key_id", "hash"):
        assert str(found[member]) in text
    public = auth("key", "show", "--public", path).text
    assert public.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert auth("key", "show", "--json", "--public", path).objects[0]["public_key"] == public


def test_the_file_is_its_owners_only_whatever_the_umask(auth: Auth, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    before = os.umask(0)
    try:
        assert auth("key", "new", "--out", path).exit_code == YES
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["key.pem"]


def test_nothing_is_overwritten(auth: Auth, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("precious", encoding="utf-8")
    answer = auth("key", "new", "--out", path)
    assert answer.exit_code == NO and "not overwritten" in answer.error
    assert path.read_text(encoding="utf-8") == "precious"
    link = tmp_path / "link.pem"
    link.symlink_to(tmp_path / "nowhere.pem")
    assert auth("key", "new", "--out", link).exit_code == NO
    assert not (tmp_path / "nowhere.pem").exists()


def test_a_folder_that_is_not_there_is_a_fault(auth: Auth, tmp_path: Path) -> None:
    assert auth("key", "new", "--out", tmp_path / "none/key.pem").exit_code == FAULT


def test_standard_output_gets_the_key(auth: Auth, tmp_path: Path) -> None:
    answer = auth("key", "new")
    assert answer.exit_code == YES
    path = tmp_path / "key.pem"
    path.write_bytes(answer.out)
    path.chmod(0o600)
    assert auth("key", "show", path).exit_code == YES


def test_a_passphrase_from_a_file_encrypts(auth: Auth, tmp_path: Path, secret: Path) -> None:
    path = tmp_path / "key.pem"
    assert auth("key", "new", "--out", path, "--passphrase-file", secret).exit_code == YES
    assert "ENCRYPTED" in path.read_text(encoding="utf-8")
    assert auth("key", "show", "--passphrase-file", secret, path).exit_code == YES
    answer = auth("key", "show", path)
    assert answer.exit_code == NO and "--passphrase-file" in answer.error
    secret.write_text("another\n", encoding="utf-8")
    answer = auth("key", "show", "--passphrase-file", secret, path)
    assert answer.exit_code == NO and answer.out == b""


def test_a_passphrase_from_a_descriptor_encrypts(auth: Auth, tmp_path: Path, secret: Path) -> None:
    path = tmp_path / "key.pem"
    octets = (SECRET + "\n").encode()
    words = ("--passphrase-fd", "0")
    assert auth("key", "new", "--out", path, *words, stdin=octets).exit_code == YES
    assert auth("key", "show", *words, path, stdin=octets).exit_code == YES
    assert auth("key", "show", "--passphrase-file", secret, path).exit_code == YES
    assert auth("key", "show", *words, path, stdin=b"wrong\n").exit_code == NO


@pytest.mark.parametrize("number", ["x", "", "-1", "0x3", "99999999999", "3 "])
def test_what_is_no_descriptor_is_refused(auth: Auth, tmp_path: Path, number: str) -> None:
    path = tmp_path / "key.pem"
    answer = auth("key", "new", "--out", path, f"--passphrase-fd={number}")
    assert answer.exit_code == NO and "--passphrase-fd" in answer.error
    assert not path.exists()


def test_a_descriptor_that_is_not_open_is_a_fault(auth: Auth) -> None:
    assert auth("key", "new", "--passphrase-fd", "77").exit_code == FAULT


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_refused(auth: Auth, tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key.pem"
    assert auth("key", "new", "--out", path).exit_code == YES
    path.chmod(mode)
    answer = auth("key", "show", path)
    assert answer.exit_code == NO and "chmod 600" in answer.error


def test_the_private_key_is_never_shown(auth: Auth, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    assert auth("key", "new", "--out", path).exit_code == YES
    for words in ((), ("--json",), ("--public",), ("--json", "--public")):
        assert "PRIVATE" not in auth("key", "show", *words, path).text


@pytest.mark.parametrize(
    "words",
    [
        ("key", "new", "--type", "p521"),
        ("key", "new", "--type", "rsa", "--bits", "1024"),
        ("key", "new", "--bits", "2048"),
        ("key", "new", "--out", "a", "--token", "pkcs11:"),
        ("key", "new", "--passphrase-file", "a", "--passphrase-fd", "0"),
        ("key", "new", "file"),
        ("key", "show"),
        ("key", "show", "a", "b"),
        ("key", "show", "--passphrase-file", "a", "--passphrase-fd", "0", "b"),
        ("key",),
    ],
    ids=" ".join,
)
def test_wrong_usage(auth: Auth, words: tuple[str, ...]) -> None:
    answer = auth(*words)
    assert answer.exit_code == USAGE and answer.out == b""


@pytest.mark.parametrize("uri", ["pkcs11:", "pkcs11:token=t;object=k?module-path=/no/such.so"])
def test_a_uri_that_leads_nowhere_is_refused(auth: Auth, uri: str) -> None:
    answer = auth("key", "show", uri)
    assert answer.exit_code == NO and answer.out == b""
