# SPDX-License-Identifier: Apache-2.0
"""Does tools/header_manual.py make a man page of a public header, whole and without a fault?"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from conftest import Run
from header_manual import wrap_declaration
from public_header import read_header

HEADER = r"""/**
 * @page auth_sample
 * @brief odd characters: - ^ ~ \
 *
 * .TH is no request here, and neither is
 * 'this one. A `code word` is bold.
 */
#ifndef AUTH_SAMPLE_H
#define AUTH_SAMPLE_H

#include <auth/bytes.h>

#define AUTH_SAMPLE_QUOTE '\''

/**
 * Compare - to + with two.
 *
 * Errors: none, but see RFC 1.
 */
AUTH_API int auth_sample_compare(const auth_sample *first_of_them, const auth_sample *second_of_them);

/**
 * Tell the name.
 */
AUTH_API const char *auth_sample_name(void);

#endif
"""


@pytest.fixture
def header(tmp_path: Path) -> Path:
    path = tmp_path / "sample.h"
    path.write_text(HEADER)
    return path


def make_page(run: Run, root: Path, header: Path) -> subprocess.CompletedProcess[str]:
    words = ("page", "--version=1.2.3", "--date=2026-01-31", header, header.with_suffix(".3"))
    return run(root / "tools/header_manual.py", *words)



def plain(text: str) -> str:
    """Takes the overstrikes of bold and italics away, and the line breaks."""
    return " ".join(re.sub(".\b", "", text).split())


def test_a_page_passes_mandoc(run: Run, root: Path, header: Path) -> None:
    assert make_page(run, root, header).returncode == 0
    lint = run("mandoc", "-Tlint", "-Wwarning", header.with_suffix(".3"))
    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")


def test_a_page_says_what_the_header_says(run: Run, root: Path, header: Path) -> None:
    make_page(run, root, header)
    text = plain(run("mandoc", "-Tutf8", header.with_suffix(".3")).stdout)
    for part in (
        "AUTH_SAMPLE(3)",
        "auth_sample, auth_sample_compare, auth_sample_name - odd characters: - ^ ~ \\",
        "#include <auth/sample.h>",
        "int auth_sample_compare(const auth_sample *first_of_them, const auth_sample *second_of_them);",
        "const char *auth_sample_name(void);",
        ".TH is no request here, and neither is 'this one. A code word is bold.",
        "#define AUTH_SAMPLE_QUOTE '\\''",
        "Compare - to + with two.",
        "Errors: none, but see RFC 1.",
        "auth_bytes(3)",
        "libauth 1.2.3",
        "2026-01-31",
    ):
        assert part in text


def test_a_page_says_what_to_link_with(run: Run, root: Path, header: Path) -> None:
    make_page(run, root, header)
    assert "--libs libauth." in plain(run("mandoc", "-Tutf8", header.with_suffix(".3")).stdout)
    header.write_text(HEADER.replace(" * @brief", " * @needs libssl libcrypto\n * @brief"))
    make_page(run, root, header)
    assert "--libs libauth libssl libcrypto." in plain(run("mandoc", "-Tutf8", header.with_suffix(".3")).stdout)


def test_a_long_prototype_is_broken_below_its_first_parameter(header: Path) -> None:
    compare = read_header(header).functions[0]
    assert wrap_declaration(compare) == [
        "int auth_sample_compare(const auth_sample *first_of_them,",
        "                        const auth_sample *second_of_them);",
    ]


def test_names_are_listed_for_links(run: Run, root: Path, header: Path) -> None:
    template = header.with_name("sample.h.in")
    template.write_text(HEADER)
    result = run(root / "tools/header_manual.py", "names", header, template)
    assert result.stdout == "sample.h auth_sample auth_sample_compare auth_sample_name\n" * 2


def test_a_function_without_docblock_is_refused(run: Run, root: Path, header: Path) -> None:
    header.write_text(HEADER.replace("/**\n * Tell the name.\n */\n", ""))
    line = header.read_text().splitlines().index("AUTH_API const char *auth_sample_name(void);") + 1
    result = make_page(run, root, header)
    assert result.returncode == 1
    assert result.stderr.startswith(f"{header}:{line}: auth_sample_name has no docblock")
    assert not header.with_suffix(".3").exists()
