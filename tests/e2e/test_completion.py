# SPDX-License-Identifier: Apache-2.0
"""Do real shells complete auth's words?"""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import TIMEOUT_S, USAGE, YES, Auth

TYPES = [
    "any",
    "citizen",
    "permit",
    "foreign-2023",
    "foreign-2017",
    "passport",
    "military-officer",
]
# What stands on the line, and what fits at its end.
CASES: list[tuple[list[str], list[str]]] = [
    (["id", ""], ["check"]),
    (["id", "ch"], ["check"]),
    (["id", "x"], []),
    (["i"], ["id"]),
    (["id", "check", "--t"], ["--type", "--today"]),
    (["id", "check", "--type", ""], TYPES),
    (["id", "check", "--type", "foreign"], ["foreign-2023", "foreign-2017"]),
    (["id", "check", "--json", "--type", "pe"], ["permit"]),
    (["id", "check", "--today", ""], []),
    (["id", "check", ""], []),
    (["completion", ""], ["bash", "zsh", "fish"]),
    (["completion", "f"], ["fish"]),
    (["help", "id", ""], ["check"]),
    (["help", "vers"], ["version"]),
    (["version", "--"], ["--json", "--help"]),
    (["no-such-thing", ""], []),
]
IDS = [" ".join(words) for words, _ in CASES]


@pytest.fixture
def shell_environment(auth: Auth, tmp_path: Path) -> dict[str, str]:
    """auth is found, and nobody's own settings are."""
    path = f"{auth.program.parent}:{auth.environment['PATH']}"
    return {**auth.environment, "PATH": path, "HOME": str(tmp_path), "TERM": "dumb"}


def run_shell(environment: dict[str, str], *command: str) -> list[str]:
    result = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=TIMEOUT_S
    )
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.splitlines()


def offered(auth: Auth, *words: str) -> list[str]:
    answer = auth("complete", "--", *words)
    assert (answer.exit_code, answer.err) == (YES, b"")
    return answer.text.splitlines()


@pytest.mark.parametrize(("words", "fitting"), CASES, ids=IDS)
def test_answers(auth: Auth, words: list[str], fitting: list[str]) -> None:
    assert offered(auth, *words) == fitting


def test_every_subcommand_is_offered(auth: Auth, subcommands: list[str]) -> None:
    begins = offered(auth, "")
    assert set(begins) == {name.split()[0] for name in subcommands}
    assert len(begins) == len(set(begins))
    assert offered(auth) == []
    for name in subcommands:
        words = name.split()
        for count in range(len(words)):
            assert words[count] in offered(auth, *words[:count], "")
            assert words[count] in offered(auth, *words[:count], words[count][:1])


def test_every_option_is_offered(auth: Auth, options: dict[str, list[str]]) -> None:
    for name, listed in options.items():
        assert offered(auth, *name.split(), "-") == [each.partition(" ")[0] for each in listed]


@pytest.mark.parametrize("words", [(), ("tcsh",), ("bash", "zsh"), ("",)])
def test_other_shells_have_no_script(auth: Auth, words: tuple[str, ...]) -> None:
    answer = auth("completion", *words)
    assert (answer.exit_code, answer.out) == (USAGE, b"")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_those_that_the_build_made(auth: Auth, build: Path, shell: str) -> None:
    made = {"bash": "auth.bash", "zsh": "_auth", "fish": "auth.fish"}[shell]
    assert (build / "cli" / made).read_bytes() == auth("completion", shell).out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_well_formed(
    auth: Auth, shell_environment: dict[str, str], tmp_path: Path, shell: str
) -> None:
    script = tmp_path / "script"
    script.write_bytes(auth("completion", shell).out)
    assert run_shell(shell_environment, shell, "-n", str(script)) == []


# bash

BASH = """
source <(auth completion bash)
complete -p auth
COMP_WORDS=(auth "$@")
COMP_CWORD=$#
_auth
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(("words", "fitting"), CASES, ids=IDS)
def test_bash(shell_environment: dict[str, str], words: list[str], fitting: list[str]) -> None:
    command = ("bash", "--norc", "--noprofile", "-c", BASH, "bash", *words)
    registered, *completed = run_shell(shell_environment, *command)
    assert registered == "complete -o default -F _auth auth"
    assert [word for word in completed if word] == fitting


# fish


@pytest.mark.parametrize(("words", "fitting"), CASES, ids=IDS)
def test_fish(shell_environment: dict[str, str], words: list[str], fitting: list[str]) -> None:
    script = f"auth completion fish | source; complete --do-complete '{' '.join(['auth', *words])}'"
    completed = run_shell(shell_environment, "fish", "--no-config", "-c", script)
    assert sorted(line.partition("\t")[0] for line in completed) == sorted(fitting)


# zsh completes at a terminal only


class Zsh:
    """A zsh at a terminal, which is read until something appears."""

    PROMPT = "ready> "
    PATIENCE_S = 30

    def __init__(self, environment: dict[str, str]) -> None:
        process, self.terminal = pty.fork()
        if process == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
        self.process = process
        self.unread = ""
        self.send(f"PS1='{self.PROMPT[:5]}''{self.PROMPT[5:]}'; unset zle_bracketed_paste\n")
        self.expect(re.escape(self.PROMPT))

    def send(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def expect(self, pattern: str) -> str:
        """Reads on until the pattern appears, and returns what stood before it."""
        end = time.monotonic() + self.PATIENCE_S
        while (match := re.search(pattern, self.unread)) is None:
            ready, _, _ = select.select([self.terminal], [], [], end - time.monotonic())
            assert ready, f"zsh does not show {pattern!r} but {self.unread!r}"
            self.unread += os.read(self.terminal, 4096).decode(errors="replace")
        before = self.unread[: match.start()]
        self.unread = self.unread[match.end() :]
        return before

    def run(self, command: str) -> None:
        self.send(f"{command}\n")
        self.expect(re.escape(self.PROMPT))

    def close(self) -> None:
        os.close(self.terminal)
        os.waitpid(self.process, 0)


@pytest.fixture
def zsh(shell_environment: dict[str, str]) -> Iterator[Zsh]:
    shell = Zsh(shell_environment)
    yield shell
    shell.close()


@pytest.mark.parametrize("way", ["installed", "sourced"])
def test_zsh(zsh: Zsh, auth: Auth, tmp_path: Path, way: str) -> None:
    (tmp_path / "functions").mkdir()
    if way == "installed":
        (tmp_path / "functions/_auth").write_bytes(auth("completion", "zsh").out)
    zsh.run(f"fpath=({tmp_path}/functions $fpath); autoload -Uz compinit; compinit -u -D")
    if way == "sourced":
        zsh.run("source <(auth completion zsh)")
    # The very first word that is completed counts: an installed function is loaded by it.
    zsh.send("auth id ch\t")
    zsh.expect("auth id check ")
    zsh.send("--type mil\t")
    zsh.expect("military-officer ")
