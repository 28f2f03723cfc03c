# SPDX-License-Identifier: Apache-2.0
"""Does auth speak Chinese to who asks for it, and is there nothing left that it cannot say?"""

from __future__ import annotations

import os
import re
import subprocess
import unicodedata
from pathlib import Path

import pytest
from conftest import NO, TIMEOUT_S, USAGE, YES, Auth

ANNEX = "11010519491231002X"
WRONG = "110105194912310020"


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the locale zh_CN.UTF-8, which a machine need not have."""
    folder = tmp_path_factory.mktemp("locales")
    subprocess.run(
        ["localedef", "--no-archive", "-i", "zh_CN", "-f", "UTF-8", str(folder / "zh_CN.UTF-8")],
        check=True,
        timeout=TIMEOUT_S,
    )
    return folder


@pytest.fixture(params=["with the locale", "without the locale"])
def chinese(request: pytest.FixtureRequest, auth: Auth, build: Path, locales: Path) -> Auth:
    """Called by who asks for Chinese, on a machine that has the locale and on one that has not."""
    empty = locales / "empty"
    empty.mkdir(exist_ok=True)
    path = locales if request.param == "with the locale" else empty
    return auth.with_environment(
        LC_ALL="zh_CN.UTF-8", LOCPATH=str(path), AUTH_LOCALEDIR=str(build / "po")
    )


def test_answers_are_chinese(chinese: Auth) -> None:
    answer = chinese("id", "check", ANNEX, WRONG)
    good, bad = answer.text.splitlines()
    assert "北京市" in good and "公民身份号码" in good and "1949 年" in good
    assert not any(word in good for word in ("valid", "Beijing", "female", "born"))
    assert "check-character" in bad and re.search("[\u4e00-\u9fff]", bad)
    assert not any(word in bad for word in ("valid", "character 18", "the last"))
    assert answer.exit_code == NO


def test_columns_count_cells(chinese: Auth) -> None:
    """A Chinese character is two cells wide; what follows begins in one column all the same."""

    def cells(text: str) -> int:
        return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)

    good, bad = chinese("id", "check", ANNEX, WRONG).text.splitlines()
    assert cells(good[: good.index("110105")]) == cells(bad[: bad.index("check-character")])


def test_json_keeps_its_names(auth: Auth, chinese: Auth) -> None:
    words = ("id", "check", "--json", "--today", "2026-01-31", ANNEX, WRONG)
    for translated, english in zip(chinese(*words).objects, auth(*words).objects):
        assert translated.pop("message") != english.pop("message")
        assert translated == english


def test_help_is_chinese(chinese: Auth, subcommands: list[str]) -> None:
    for words in (["help"], *([*name.split(), "--help"] for name in subcommands)):
        answer = chinese(*words)
        assert answer.exit_code == YES
        assert "用法" in answer.text
        for english in ("Usage:", "Options:", "Examples:", "Subcommands:", "show this help"):
            assert english not in answer.text


def test_usage_errors_are_chinese(chinese: Auth) -> None:
    for words in ((), ("id", "check"), ("no-such",), ("id",), ("id", "check", "--type", "x")):
        answer = chinese(*words)
        assert answer.exit_code == USAGE
        first = answer.error.splitlines()[0]
        assert re.search("[\u4e00-\u9fff]", first), first


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C.UTF-8"},
        {"LC_ALL": "", "LANG": "en_US.UTF-8"},
        {"LC_ALL": "", "LANG": "xx_XX.UTF-8"},
        {"LC_ALL": "", "LANG": ""},
        {"LC_ALL": "", "LC_MESSAGES": "C", "LANG": "zh_CN.UTF-8"},
    ],
)
def test_others_hear_english(auth: Auth, build: Path, environment: dict[str, str]) -> None:
    called = auth.with_environment(AUTH_LOCALEDIR=str(build / "po"), **environment)
    answer = called("id", "check", ANNEX)
    assert "valid    110105********002X  citizen identity number" in answer.text


def test_without_the_catalogue_it_is_english(auth: Auth, locales: Path, tmp_path: Path) -> None:
    called = auth.with_environment(
        LC_ALL="zh_CN.UTF-8", LOCPATH=str(locales), AUTH_LOCALEDIR=str(tmp_path)
    )
    assert "  valid  " in called("id", "check", ANNEX).text


# The catalogue


def gettext_tool(*words: str | Path, folder: Path) -> str:
    result = subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )
    assert result.returncode == 0, result.stderr
    return result.stderr


@pytest.fixture(scope="session")
def messages(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All messages that the sources have now, extracted as the build does."""
    recipe = (root / "po/meson.build").read_text(encoding="utf-8")
    arguments = re.findall(r"^\s*'(--[^']+)',$", recipe, flags=re.M)
    assert "--keyword=_" in arguments
    template = tmp_path_factory.mktemp("messages") / "auth.pot"
    words = ("xgettext", *arguments, "--files-from=po/POTFILES", f"--output={template}")
    gettext_tool(*words, folder=root)
    return template


def languages(root: Path) -> list[str]:
    return (root / "po/LINGUAS").read_text(encoding="utf-8").split()


def test_every_message_is_translated(root: Path, messages: Path) -> None:
    assert "zh_CN" in languages(root)
    for language in languages(root):
        gettext_tool("msgcmp", f"po/{language}.po", messages, folder=root)


def test_placeholders_and_header_are_right(root: Path, tmp_path: Path) -> None:
    for language in languages(root):
        words = ("msgfmt", "--check", "--check-format", "--output-file", tmp_path / "auth.mo")
        gettext_tool(*words, f"po/{language}.po", folder=root)


def test_every_placeholder_is_kept(root: Path) -> None:
    """Also where xgettext did not see that a message is a format."""
    placeholder = re.compile(r"%[-0 #+]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:z|ll?|hh?)?[a-zA-Z%]")
    for language in languages(root):
        text = (root / f"po/{language}.po").read_text(encoding="utf-8")
        joined = re.sub(r'"\n"', "", text)
        pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', joined, flags=re.M)
        assert len(pairs) > 50
        for source, translation in pairs:
            assert sorted(placeholder.findall(source)) == sorted(placeholder.findall(translation))


def test_every_file_with_messages_is_listed(root: Path) -> None:
    listed = set((root / "po/POTFILES").read_text(encoding="utf-8").split())
    recipe = (root / "po/meson.build").read_text(encoding="utf-8")
    keywords = re.findall(r"--keyword=(\w+)", recipe)
    # Not a definition, and not a name that ends like a keyword.
    use = re.compile(rf"^(?!#define).*(?<![A-Za-z0-9_])(?:{'|'.join(keywords)})\(", flags=re.M)
    sources = [*root.glob("cli/*.[ch]"), *root.glob("libauth/include/auth/*.def")]
    missing = [
        str(file.relative_to(root))
        for file in sources
        if use.search(file.read_text(encoding="utf-8"))
        and str(file.relative_to(root)) not in listed
    ]
    assert missing == []
    assert all((root / file).exists() for file in listed)
