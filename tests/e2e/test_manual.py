# SPDX-License-Identifier: Apache-2.0
"""Is there a man page for auth and for every subcommand, and does it tell all that --help tells?"""

from __future__ import annotations

import re
from pathlib import Path

from conftest import USAGE, YES, Auth


def plain(roff: str) -> str:
    """The text of a page, without what only its look depends on."""
    text = re.sub(r"\\f[A-Z]", "", roff)
    return text.replace("\\-", "-").replace("\\&", "").replace("\\e", "\\")


def page_of(build: Path, name: str) -> str:
    return (build / f"cli/auth-{name.replace(' ', '-')}.1").read_text(encoding="utf-8")


def test_every_subcommand_has_a_page(auth: Auth, build: Path, subcommands: list[str]) -> None:
    for name in subcommands:
        answer = auth("manual", *name.split())
        assert (answer.exit_code, answer.err) == (YES, b"")
        assert answer.text == page_of(build, name)
        text = plain(answer.text)
        assert f"auth-{name.replace(' ', '-')} - " in text
        for section in ("NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "SEE ALSO"):
            assert f"\n.SH {section}\n" in answer.text


def test_a_page_names_every_option(
    auth: Auth, build: Path, options: dict[str, list[str]]
) -> None:
    for name, listed in options.items():
        page = page_of(build, name)
        headings = re.findall(r"^\.TP\n\.BR (\\-\\-.*)$", page, flags=re.M)
        named = [re.sub(r'[" ]+', " ", plain(heading)).strip() for heading in headings]
        assert named == listed


def test_a_page_tells_what_help_tells(auth: Auth, build: Path, subcommands: list[str]) -> None:
    for name in subcommands:
        page = " ".join(plain(page_of(build, name)).split())
        summary, *rest = auth(*name.split(), "--help").text.split("\n\n")[1:]
        texts = [text for text in rest if not text.startswith(("Options:", "Examples:"))]
        for text in (summary, *texts):
            assert " ".join(text.split()) in page.replace(" .PP ", " ")


def test_the_overview_lists_the_pages(auth: Auth, build: Path, subcommands: list[str]) -> None:
    answer = auth("manual")
    assert answer.exit_code == YES
    assert answer.text == (build / "cli/auth.1").read_text(encoding="utf-8")
    listed = re.findall(r"^\.BR (auth\\-\S+) \(1\)$", answer.text, flags=re.M)
    assert [plain(each) for each in listed] == [
        f"auth-{name.replace(' ', '-')}" for name in subcommands
    ]


def test_no_line_is_taken_for_a_request(auth: Auth, subcommands: list[str]) -> None:
    known = {"TH", "SH", "TP", "PP", "B", "BR", "nf", "fi"}
    for name in subcommands:
        requests = re.findall(r"^[.'](\w*)", auth("manual", *name.split()).text, flags=re.M)
        assert set(requests) <= known


def test_what_has_no_page(auth: Auth) -> None:
    for words in (("nothing",), ("id",)):
        answer = auth("manual", *words)
        assert (answer.exit_code, answer.out) == (USAGE, b"")
