# SPDX-License-Identifier: Apache-2.0
"""Does auth tell how to use it, for every subcommand, and refuse what is none?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import FAULT, USAGE, YES, Answer, Auth

# For shells and for the build.
HIDDEN = {"complete", "manual"}


def as_file(name: str) -> str:
    return re.sub("[ -]", "_", name)


def test_help_lists_every_subcommand(root: Path, subcommands: list[str]) -> None:
    table = (root / "cli/commands.def").read_text(encoding="utf-8")
    names = set(re.findall(r"^CLI_COMMAND\((\w+)\)$", table, flags=re.M))
    assert {as_file(name) for name in subcommands} == names - HIDDEN
    assert len(subcommands) == len(set(subcommands))


def test_hidden_subcommands_have_help_too(auth: Auth) -> None:
    for name in HIDDEN:
        assert auth(name, "--help").text.startswith(f"Usage: auth {name} ")


def test_every_subcommand_has_help(auth: Auth, subcommands: list[str]) -> None:
    for name in subcommands:
        answer = auth(*name.split(), "--help")
        assert (answer.exit_code, answer.err) == (YES, b"")
        assert answer == auth("help", *name.split())
        lines = answer.text.splitlines()
        assert re.match(rf"Usage: auth {re.escape(name)}( |$)", lines[0])
        assert lines[1] == "" and lines[2] != ""
        assert "\nOptions:\n" in answer.text
        assert any(re.fullmatch("  --help {2,}show this help", line) for line in lines)
        assert all(len(line) <= 80 for line in lines[3 : lines.index("Options:")])


def test_help_wins_over_everything_behind_it(auth: Auth, subcommands: list[str]) -> None:
    for name in subcommands:
        answer = auth(*name.split(), "--help", "--no-such-option", "x")
        assert (answer.exit_code, answer.err) == (YES, b"")


def test_every_option_says_what_it_does(
    auth: Auth, options: dict[str, list[str]]
) -> None:
    for name, listed in options.items():
        text = auth(*name.split(), "--help").text
        assert len(listed) == len(set(listed))
        for option in listed:
            assert re.fullmatch(r"--[a-z0-9-]+( [A-Z]\S*)?", option), option
            assert re.search(rf"^  {re.escape(option)} {{2,}}\S.{{7,}}$", text, flags=re.M), option


def test_every_option_with_a_value_needs_one(auth: Auth, options: dict[str, list[str]]) -> None:
    for name, listed in options.items():
        for option in listed:
            word, _, value = option.partition(" ")
            answer = auth(*name.split(), word if value else f"{word}=x")
            assert answer.exit_code == USAGE, option
            assert answer.out == b""
            assert answer.error.startswith(f"auth {name}: ")
            assert word in answer.error
            assert f"Try 'auth {name} --help'." in answer.error


def test_no_subcommand_takes_an_unknown_option(auth: Auth, subcommands: list[str]) -> None:
    for name in subcommands:
        for word in ("--no-such-option", "--no-such-option=5", "-q", "-qqq"):
            answer = auth(*name.split(), word)
            assert (answer.exit_code, answer.out) == (USAGE, b"")
            assert answer.error.startswith(f"auth {name}: there is no option '{word[:2]}")


def is_usage_error(answer: Answer, text: str) -> bool:
    return answer.exit_code == USAGE and answer.out == b"" and text in answer.error


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("help",)])
def test_the_list_on_request(auth: Auth, words: tuple[str, ...]) -> None:
    answer = auth(*words)
    assert (answer.exit_code, answer.err) == (YES, b"")
    assert answer.text.startswith("Usage: auth SUBCOMMAND")


def test_the_list_without_a_word_is_an_error(auth: Auth) -> None:
    answer = auth()
    assert (answer.exit_code, answer.out) == (USAGE, b"")
    assert answer.error == auth("help").text


def test_groups(auth: Auth, subcommands: list[str]) -> None:
    groups = {name.partition(" ")[0] for name in subcommands if " " in name}
    assert "id" in groups
    for group in groups - set(subcommands):
        assert is_usage_error(auth(group), f"'{group}' needs one more word")
        assert is_usage_error(auth(group, "wrong"), f"'{group}' needs one more word: ")
        for words in ((group, "--help"), ("help", group)):
            answer = auth(*words)
            assert (answer.exit_code, answer.err) == (YES, b"")
            assert f"{group} " in answer.text


@pytest.mark.parametrize(
    "words", [("idd",), ("",), ("ID",), ("help", "nothing"), ("%s%n",), ("--",)]
)
def test_what_is_no_subcommand(auth: Auth, words: tuple[str, ...]) -> None:
    assert is_usage_error(auth(*words), "there is no subcommand ")


def test_version(auth: Auth, build: Path) -> None:
    project = json.loads((build / "meson-info/intro-projectinfo.json").read_text())
    version = project["version"]
    for words in (("version",), ("--version",)):
        answer = auth(*words)
        assert (answer.exit_code, answer.err) == (YES, b"")
        assert answer.text == f"auth {version}, libauth {version}\n"
    answer = auth("version", "--json")
    assert answer.exit_code == YES
    assert answer.objects == [{"auth": version, "libauth": version}]
    assert is_usage_error(auth("version", "now"), "nothing may follow")
    answer = auth("cert", "list", "--person", "11010519491231002X")
    assert is_usage_error(answer, "--number-file FILE") and b"11010519491231002X" not in answer.err


def test_help_that_cannot_be_written_is_a_fault(auth: Auth, subcommands: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        assert auth("version", stdout=full).exit_code == FAULT
        for name in ("", *subcommands):
            assert auth(*name.split(), "--help", stdout=full).exit_code == FAULT
