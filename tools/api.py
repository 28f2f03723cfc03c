#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds libauth's public interface and its binaries against the rules. Prints TAP.

Usage: api.py BUILD-FOLDER
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from public_header import BadHeader, Function, Header, read_header
from tap import Tap

ROOT = Path(__file__).resolve().parent.parent
HEADERS = ROOT / "libauth/include/auth"
VERSION_SCRIPT = ROOT / "libauth/libauth.map"
LIBRARY = "libauth/libauth.so.0"
PROGRAMS = ("cli/auth",)
SONAME = "libauth.so.0"
# An application that verifies logins loads these and nothing else.
LIBRARIES_ALLOWED = {"libc.so.6", "libcrypto.so.3", "libcurl.so.4", "libjansson.so.4"}
COMPILERS = {"C17": ("gcc", "-std=c17", "-xc"), "C++17": ("g++", "-std=c++17", "-xc++")}
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only")


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compare(name: str, found: set[str], other_name: str, other: set[str]) -> Iterator[str]:
    for symbol in sorted(found - other):
        yield f"{symbol} is in {name} and not in {other_name}; add it there or take it away here"
    for symbol in sorted(other - found):
        yield f"{symbol} is in {other_name} and not in {name}; add it there or take it away here"


def read_version_script(path: Path) -> set[str]:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    names: set[str] = set()
    for part in re.findall(r"global:(.*?)(?:local:|\})", text, flags=re.S):
        names.update(name.strip() for name in part.split(";") if name.strip())
    return names


def read_exports(library: Path) -> set[str]:
    lines = output_of("nm", "--dynamic", "--defined-only", "--format=posix", str(library))
    symbols = [line.split() for line in lines.splitlines()]
    # "A" is the name of a version, not a symbol of the program.
    return {symbol[0].partition("@")[0] for symbol in symbols if symbol[1] != "A"}


def check_function(header: Header, function: Function) -> Iterator[str]:
    place = f"{header.path}:{function.line}: {function.name} "
    if function.paragraphs is None:
        yield place + "has no docblock; write one directly above it"
        return
    if function.returns != "auth_status" or function.name.startswith("auth_error_"):
        return
    if "AUTH_MUST_CHECK" not in function.attributes:
        yield place + "returns a status and is not marked AUTH_MUST_CHECK"
    if not function.has_paragraph("Errors"):
        yield place + "returns a status and its docblock has no paragraph 'Errors: ...'"
    if "auth_error *err" not in function.declaration:
        yield place + "returns a status and takes no 'auth_error *err'"


def check_header(path: Path) -> Iterator[str]:
    try:
        header = read_header(path)
    except BadHeader as error:
        yield str(error)
        return
    for function in header.functions:
        yield from check_function(header, function)


def compile_alone(header: Path, compiler: tuple[str, ...], includes: list[Path]) -> Iterator[str]:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "alone"
        source.write_text(f"#include <auth/{header.name}>\nextern int alone;\n", encoding="utf-8")
        folders = [f"-I{include}" for include in includes]
        result = subprocess.run(
            [*compiler, *WARNINGS, *folders, str(source)], capture_output=True, text=True
        )
    if result.returncode != 0:
        yield result.stderr


def installed_headers(build: Path) -> set[Path]:
    installed = json.loads(output_of("meson", "introspect", "--installed", str(build)))
    return {Path(source) for source, to in installed.items() if "/include/auth/" in to}


def check_installed(build: Path, headers: list[Path]) -> Iterator[str]:
    installed = installed_headers(build)
    for path in [*headers, *sorted(HEADERS.glob("*.def"))]:
        if path not in installed:
            yield f"{path} is not installed; add it to libauth/include/auth/meson.build"


def check_umbrella(headers: list[Path]) -> Iterator[str]:
    included = set(read_header(HEADERS / "auth.h").includes)
    # One that needs another library is for who has it.
    needing = {path for path in headers if read_header(path).needs}
    names = {f"auth/{path.name}" for path in headers if path.name != "auth.h" and path not in needing}
    return compare("auth/auth.h", included, "the folder of public headers", names)


def check_segments(binary: Path) -> Iterator[str]:
    text = output_of("readelf", "--wide", "--file-header", "--program-headers", str(binary))
    if not re.search(r"Type:\s+DYN\b", text):
        yield "it is not position independent"
    if "GNU_RELRO" not in text:
        yield "it has no segment that is made read-only after relocation"
    stack = re.search(r"GNU_STACK\s+(?:0x\w+\s+){5}(\w+)", text)
    if stack is None or "E" in stack[1]:
        yield "its stack is executable"
    if re.search(r"LOAD\s+(?:0x\w+\s+){5}RWE", text):
        yield "a segment can be written and executed"


def check_dynamic(binary: Path, kind: str) -> Iterator[str]:
    text = output_of("readelf", "--wide", "--dynamic", str(binary))
    if not re.search(r"\(FLAGS\).*BIND_NOW", text) and not re.search(r"\(FLAGS_1\).*NOW", text):
        yield "its symbols are bound late, so they stay writable"
    if "(TEXTREL)" in text:
        yield "it has relocations in its code"
    if kind == "program" and not re.search(r"\(FLAGS_1\).*PIE", text):
        yield "it is not a position independent executable"
    if kind == "library":
        soname = re.search(r"\(SONAME\).*\[(.*)\]", text)
        if soname is None or soname[1] != SONAME:
            yield f"its SONAME is not {SONAME}"
        for name in sorted(set(re.findall(r"\(NEEDED\).*\[(.*)\]", text)) - LIBRARIES_ALLOWED):
            yield f"it needs {name}; libauth.so links libcrypto, libcurl and jansson only"


def check_symbols(tap: Tap, build: Path, headers: list[Path]) -> None:
    listed = read_version_script(VERSION_SCRIPT)
    exported = read_exports(build / LIBRARY)
    functions = [function for path in headers for function in read_header(path).functions]
    declared = {function.name for function in functions if "AUTH_API" in function.attributes}
    tap.report("libauth.map lists what libauth.so exports",
               compare("libauth.so", exported, "libauth/libauth.map", listed))
    tap.report("libauth.map lists what the public headers declare with AUTH_API",
               compare("the public headers", declared, "libauth/libauth.map", listed))


def check_headers(tap: Tap, build: Path, headers: list[Path]) -> None:
    tap.report("every public header is installed", check_installed(build, headers[:-1]))
    tap.report("auth/auth.h includes every public header", check_umbrella(headers))
    includes = [HEADERS.parent, build / "libauth/include"]
    for path in headers:
        tap.report(f"auth/{path.name} documents what it declares", check_header(path))
        for language, compiler in COMPILERS.items():
            faults = compile_alone(path, compiler, includes)
            tap.report(f"auth/{path.name} compiles alone as {language}", faults)


def check_binaries(tap: Tap, build: Path) -> None:
    for name, kind in [(LIBRARY, "library"), *((name, "program") for name in PROGRAMS)]:
        faults = [*check_segments(build / name), *check_dynamic(build / name, kind)]
        tap.report(f"{name} is a hardened {kind}", faults)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    build = Path(arguments[0]).resolve()
    tap = Tap()
    # version.h is made by the build.
    headers = [*sorted(HEADERS.glob("*.h")), build / "libauth/include/auth/version.h"]
    try:
        check_symbols(tap, build, headers)
    except BadHeader as error:
        tap.report("the public headers can be read", [str(error)])
        return tap.finish()
    check_headers(tap, build, headers)
    check_binaries(tap, build)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
