# SPDX-License-Identifier: Apache-2.0
"""Does auth say of a file that it cannot use what is wrong, where, and what to do?

And does it end, whatever the file is?
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import FAULT, NO, Auth

COMMANDS: list[tuple[str, ...]] = [
    ("cert", "show"),
    ("csr", "show"),
    ("verify", "--trust"),
    ("verify",),
]
BEGIN, END = b"-----BEGIN %b-----\n", b"-----END %b-----\n"


def pem(label: bytes, body: bytes = b"MAA=\n") -> bytes:
    return BEGIN % label + body + END % label


# content, place, what is wrong, what to do
CONTENTS: list[tuple[bytes, str, str, str]] = [
    (b"", "", "empty", "name one in PEM or DER"),
    (b"hello\n", "", "neither PEM", "name a file"),
    (b"\xef\xbb\xbf" + pem(b"CERTIFICATE"), "", "neither PEM", "byte order mark"),
    (b" " + pem(b"CERTIFICATE"), "", "neither PEM", "start of a line"),
    (b"\x30\x82\x01\x00\x30", "object 1", "within these 5 octets", "fetch it again"),
    (b"\x30\x00junk", "object 2", "within these 4 octets", "fetch it again"),
    (pem(b"PRIVATE KEY"), "", "no object with the label", "name a file that holds one"),
    (BEGIN % b"CERTIFICATE" + b"MAA=\n", "object 1: PEM: line 1", "without END", "lost its end"),
    (pem(b"X") + BEGIN % b"X", "object 2, behind line 3: PEM: line 1", "without END", "lost its end"),
    (pem(b"X", b"M!A=\n"), "object 1: PEM: object at line 1", "character 2", "alphabet"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("row", range(len(CONTENTS)))
def test_a_wrong_file_is_told_with_place_and_remedy(
    auth: Auth, tmp_path: Path, command: tuple[str, ...], row: int
) -> None:
    content, *words = CONTENTS[row]
    path = tmp_path / "given"
    path.write_bytes(content)
    good = tmp_path / "any"
    good.write_bytes(pem(b"CERTIFICATE"))
    last: list[Path] = [path, good] if command[-1] == "--trust" else [path]
    answer = auth(*command, *last)
    assert answer.exit_code == NO, answer
    said = answer.text + answer.error
    assert str(path) in said
    for word in words:
        assert word in said, answer


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_has_no_end_is_given_up(auth: Auth, tmp_path: Path, command: tuple[str, ...]) -> None:
    good = tmp_path / "any"
    good.write_bytes(pem(b"CERTIFICATE"))
    last: list[str | Path] = ["/dev/zero", good] if command[-1] == "--trust" else ["/dev/zero"]
    answer = auth(*command, *last)
    assert answer.exit_code == NO and "give a smaller file" in answer.text + answer.error, answer


@pytest.mark.parametrize("words", [("csr", "new", "--out"), ("key", "new", "--out")])
def test_a_place_that_cannot_be_written_is_told(
    auth: Auth, tmp_path: Path, words: tuple[str, ...]
) -> None:
    key = tmp_path / "key.pem"
    assert auth("key", "new", "--out", key).exit_code == 0
    more = ["--key", key] if words[0] == "csr" else []
    answer = auth(*words, tmp_path / "none" / "out", *more)
    assert answer.exit_code == FAULT and "name a place" in answer.error, answer


def test_the_uris_of_the_examples_are_of_their_form(auth: Auth, subcommands: list[str]) -> None:
    found = set()
    for name in subcommands:
        found |= set(re.findall(r"pkcs11:[^' ]+", auth(*name.split(), "--help").text))
    assert len(found) > 1
    for uri in found:
        answer = auth("key", "show", uri)
        assert answer.exit_code != 0 and "RFC 7512" not in answer.error, (uri, answer)
