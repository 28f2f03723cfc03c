# SPDX-License-Identifier: Apache-2.0
"""Does tools/layers.py find an include that breaks the layers, and say where and why?"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run

LAYERS = """\
[modules]
base : libauth/base :
x509 : libauth/x509 : base
jws  : libauth/jws  : base x509
all  :              : auth/*
daemon : daemon : base
cli    : cli    : auth/*
tests  : tests  : *

[headers]
auth/base.h : base
auth/name*  : x509
auth/auth.h : all

[elsewhere]
stdio.h   : *
time.h    : daemon cli
openssl/* : x509 jws libauth/include/auth/named.h
jansson.h : cli/output.c libauth/jws/json.c
"""

# A tree without a fault: one more line in one of its files is what a test plants.
FILES = {
    "libauth/include/auth/base.h": "#include <stdio.h>\n",
    "libauth/include/auth/name.h": "#include <auth/base.h>\n",
    "libauth/include/auth/name_type.def": "",
    "libauth/include/auth/named.h": "#include <openssl/ssl.h>\n",
    "libauth/include/auth/auth.h": "#include <auth/base.h>\n#include <auth/name.h>\n",
    "libauth/base/base.c": '#include <auth/base.h>\n#include "inner.h"\n',
    "libauth/base/inner.h": "",
    "libauth/x509/name.c": '#include <auth/name.h>\n#include "base/inner.h"\n#include <openssl/x509.h>\n',
    "libauth/x509/name.h": "#include <auth/name_type.def>\n",
    "libauth/jws/json.c": '#include <jansson.h>\n#include "x509/name.h"\n',
    "libauth/jws/sign.c": "#include <openssl/evp.h>\n",
    "daemon/log.c": "#include <auth/base.h>\n#include <time.h>\n",
    "cli/main.c": '#include <auth/auth.h>\n#include "output.h"\n',
    "cli/output.h": "",
    "cli/output.c": "#include <jansson.h>\n",
    "tests/unit/test_name.c": '#include "x509/name.h"\n#include <check.h>\n',
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "LAYERS").write_text(LAYERS)
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def add(path: Path, line: str) -> int:
    """Adds a line; tells its number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text() if path.exists() else ""
    path.write_text(text + line + "\n")
    return text.count("\n") + 1


def test_the_project_itself_has_no_violation(run: Run, root: Path) -> None:
    result = run(root / "tools/layers.py")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_tree_without_fault_passes(run: Run, root: Path, tree: Path) -> None:
    result = run(root / "tools/layers.py", tree)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("file", "line", "rule"),
    [
        ("libauth/base/base.c", "#include <auth/name.h>", "base may not include auth/name.h of x509"),
        ("libauth/base/base.c", '#include "x509/name.h"', "base may not include x509/name.h of x509"),
        ("libauth/base/base.c", "#include <x509/name.h>", "base may not include x509/name.h of x509"),
        ("libauth/base/base.c", '#include "../x509/name.h"', "base may not include ../x509/name.h"),
        ("libauth/base/base.c", "  #  include <auth/name.h>", "base may not include auth/name.h"),
        ("libauth/base/inner.h", "#include <auth/name_type.def>", "base may not include"),
        ("libauth/x509/name.c", '#include "jws/../jws/json.c"', "x509 may not include"),
        ("libauth/x509/name.c", "#include <auth/auth.h>", "x509 may not include auth/auth.h of all"),
        ("libauth/base/base.c", "#include <openssl/evp.h>", "base may not include openssl/evp.h; only these may: jws libauth/include/auth/named.h x509"),
        ("libauth/jws/sign.c", "#include <jansson.h>", "jws may not include jansson.h; only these may: cli/output.c libauth/jws/json.c"),
        ("libauth/jws/sign.c", "#include <time.h>", "jws may not include time.h"),
        ("libauth/jws/sign.c", "#include <curl/curl.h>", "curl/curl.h is neither a file of the project nor in [elsewhere]"),
        ("libauth/include/auth/name.h", "#include <openssl/x509.h>", "a public header may not include openssl/x509.h"),
        ("libauth/include/auth/name.h", '#include "x509/name.h"', "a public header may not include x509/name.h"),
        ("libauth/include/auth/base.h", "#include <auth/name.h>", "base may not include auth/name.h of x509"),
        ("libauth/include/auth/base.h", "#include <time.h>", "a public header may not include time.h"),
        ("daemon/log.c", "#include <auth/name.h>", "daemon may not include auth/name.h of x509"),
        ("daemon/log.c", '#include "base/inner.h"', "daemon may not include base/inner.h, which is libauth's own"),
        ("cli/main.c", '#include "x509/name.h"', "cli may not include x509/name.h, which is libauth's own"),
        ("cli/main.c", '#include "../daemon/log.c"', "cli may not include ../daemon/log.c of daemon"),
        ("cli/main.c", "#include <auth/other.h>", "auth/other.h has no line in [headers]"),
    ],
)
def test_a_planted_violation_is_found_at_its_line(
    run: Run, root: Path, tree: Path, file: str, line: str, rule: str
) -> None:
    number = add(tree / file, line)
    result = run(root / "tools/layers.py", tree)
    assert result.returncode == 1
    assert [text for text in result.stdout.splitlines() if not text.startswith(f"{file}:{number}: ")] == []
    assert rule in result.stdout


def test_a_folder_of_libauth_without_a_line_is_found(run: Run, root: Path, tree: Path) -> None:
    (tree / "libauth/fetch").mkdir()
    result = run(root / "tools/layers.py", tree)
    assert result.returncode == 1
    assert result.stdout.startswith("libauth/fetch:1: this folder has no line")


def test_a_file_in_no_module_is_found(run: Run, root: Path, tree: Path) -> None:
    add(tree / "ra/main.c", "#include <stdio.h>")
    result = run(root / "tools/layers.py", tree)
    assert result.returncode == 1
    assert result.stdout.startswith("ra/main.c:1: this file belongs to no module")


def test_a_public_header_without_a_line_is_found(run: Run, root: Path, tree: Path) -> None:
    add(tree / "libauth/include/auth/other.h", "#include <stdio.h>")
    result = run(root / "tools/layers.py", tree)
    assert result.stdout.startswith("libauth/include/auth/other.h:1: this file belongs to no module")


def test_a_library_beside_libauth_is_found_by_its_folder(run: Run, root: Path, tree: Path) -> None:
    text = LAYERS.replace("cli    :", "registry : registry : auth/*\ncli    :", 1)
    (tree / "LAYERS").write_text(text)
    (tree / "registry").mkdir()
    (tree / "registry/embed.h").write_text("")
    add(tree / "cli/main.c", '#include "registry/embed.h"')
    result = run(root / "tools/layers.py", tree)
    assert result.returncode == 1
    assert "cli may not include registry/embed.h of registry" in result.stdout


def test_builds_are_not_looked_at(run: Run, root: Path, tree: Path) -> None:
    add(tree / "build/x/generated.c", "#include <curl/curl.h>")
    assert run(root / "tools/layers.py", tree).returncode == 0


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("low : libauth/low : high", "low may include high, which is no module above it"),
        ("base : libauth/base2 :", "module base stands here twice"),
        ("low : libauth/low", "write 'name : folders : modules'"),
    ],
)
def test_a_wrong_line_of_layers_is_found(
    run: Run, root: Path, tree: Path, line: str, rule: str
) -> None:
    text = LAYERS.replace("[headers]", f"{line}\n[headers]")
    (tree / "LAYERS").write_text(text)
    number = text.splitlines().index(line) + 1
    result = run(root / "tools/layers.py", tree)
    assert (result.returncode, result.stdout) == (1, f"LAYERS:{number}: {rule}\n")


def test_wrong_usage_is_told(run: Run, root: Path) -> None:
    result = run(root / "tools/layers.py", "one", "two")
    assert result.returncode == 2
    assert "Usage:" in result.stderr
