# SPDX-License-Identifier: Apache-2.0
"""Are colours for people at a terminal only, and only while they want them?"""

from __future__ import annotations

import errno
import os
import pty
import subprocess

import pytest
from conftest import TIMEOUT_S, Auth

ANNEX = "11010519491231002X"
WRONG = "110105194912310020"
ESCAPE = b"\x1b"


def on_terminal(auth: Auth, *words: str) -> bytes:
    """What auth writes to a terminal that is its standard output."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [auth.program, *words],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.PIPE,
        env=auth.environment,
    )
    os.close(terminal)
    written = b""
    try:
        while more := os.read(screen, 4096):
            written += more
    except OSError as error:
        # How Linux tells that the last writer has closed its end.
        if error.errno != errno.EIO:
            raise
    finally:
        os.close(screen)
    process.communicate(timeout=TIMEOUT_S)
    return written.replace(b"\r\n", b"\n")


def test_colours_on_a_terminal(auth: Auth) -> None:
    written = on_terminal(auth, "id", "check", ANNEX, WRONG)
    assert b"1  \x1b[32mvalid\x1b[0m    110105" in written
    assert b"2  \x1b[31minvalid\x1b[0m  check-character" in written
    assert b"  \x1b[1mid check\x1b[0m            check person numbers" in on_terminal(auth, "help")


@pytest.mark.parametrize("words", [("help",), ("id", "check", ANNEX, WRONG)])
def test_the_text_is_the_same_without_them(auth: Auth, words: tuple[str, ...]) -> None:
    piped = auth(*words)
    assert ESCAPE not in piped.out + piped.err
    assert on_terminal(auth.with_environment(NO_COLOR="1"), *words) == piped.out
    coloured = on_terminal(auth, *words)
    assert ESCAPE in coloured
    for code in (b"\x1b[32m", b"\x1b[31m", b"\x1b[1m", b"\x1b[0m"):
        coloured = coloured.replace(code, b"")
    assert coloured == piped.out


def test_an_empty_no_color_asks_for_nothing(auth: Auth) -> None:
    assert ESCAPE in on_terminal(auth.with_environment(NO_COLOR=""), "help")


def test_json_has_no_colours(auth: Auth) -> None:
    words = ("id", "check", "--json", ANNEX, WRONG)
    assert on_terminal(auth, *words) == auth(*words).out


def test_usage_errors_have_no_colours(auth: Auth) -> None:
    assert ESCAPE not in auth("id", "check").err
