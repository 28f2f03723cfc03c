#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Can somebody else use what is installed? Prints TAP.

Installs a build, looks for every file that belongs to it, then compiles programs against it with
pkg-config, outside the source tree, and runs them.

Usage: consume.py BUILD-FOLDER
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from public_header import read_header
from tap import Tap

HEADERS = ROOT / "libauth/include/auth"
WARNINGS = ("-std=c17", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
COMPLETIONS = (
    "share/bash-completion/completions/auth.bash",
    "share/zsh/site-functions/_auth",
    "share/fish/vendor_completions.d/auth.fish",
)


@dataclass(frozen=True)
class Installation:
    destination: Path
    prefix: Path
    library_folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PKG_CONFIG_PATH": str(self.library_folder / "pkgconfig"),
            "PKG_CONFIG_SYSROOT_DIR": str(self.destination),
            "LD_LIBRARY_PATH": str(self.library_folder),
        }


def run(
    *command: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def faults_of(result: subprocess.CompletedProcess[str], output: str | None = None) -> Iterator[str]:
    if result.returncode != 0:
        yield f"exit code {result.returncode}: {shlex.join(map(str, result.args))}"
        yield result.stdout + result.stderr
    elif output is not None and result.stdout != output:
        yield f"it printed {result.stdout!r} and should print {output!r}"


def option_of(build: Path, name: str) -> str:
    result = run("meson", "configure", build)
    match = re.search(rf"^\s*{name}\s+(\S+)", result.stdout, flags=re.M)
    if match is None:
        raise SystemExit(f"meson configure does not tell {name}")
    return match[1]


def install(build: Path, scratch: Path) -> tuple[Installation, list[str]]:
    destination = scratch / "installed"
    result = run("meson", "install", "-C", build, "--no-rebuild", "--destdir", destination)
    prefix = destination / option_of(build, "prefix").lstrip("/")
    return Installation(destination, prefix, prefix / option_of(build, "libdir")), [*faults_of(result)]


def expected_headers() -> Iterator[str]:
    for path in [*HEADERS.glob("*.h"), *HEADERS.glob("*.def"), HEADERS / "version.h"]:
        yield f"include/auth/{path.name}"


def expected_manuals() -> Iterator[str]:
    commands = (ROOT / "cli/commands.def").read_text(encoding="utf-8")
    yield "share/man/man1/auth.1"
    for name in re.findall(r"^CLI_COMMAND\((\w+)\)", commands, flags=re.M):
        yield f"share/man/man1/auth-{name.replace('_', '-')}.1"
    for path in [*HEADERS.glob("*.h"), HEADERS / "version.h.in"]:
        header = read_header(path)
        for name in [header.page, *(function.name for function in header.functions)]:
            yield f"share/man/man3/{name}.3"


def expected_files() -> dict[str, list[str]]:
    languages = (ROOT / "po/LINGUAS").read_text(encoding="utf-8").split()
    return {
        "every public header": sorted(expected_headers()),
        "a man page for each subcommand, header and function": sorted(expected_manuals()),
        "completion for bash, zsh and fish": [*COMPLETIONS],
        "a catalogue for each language": [
            f"share/locale/{language}/LC_MESSAGES/auth.mo" for language in languages
        ],
        "the program": ["bin/auth"],
    }


def check_files(tap: Tap, installed: Installation) -> None:
    for name, files in expected_files().items():
        missing = [f for f in files if not any(p.exists() for p in installed.prefix.glob(f))]
        nothing = [] if files else ["nothing is expected, so nothing was looked for"]
        tap.report(f"installed: {name}", [*nothing, *(f"{f} is missing" for f in missing)])
    links = ["libauth.so", "libauth.so.0", "pkgconfig/libauth.pc"]
    missing = [name for name in links if not (installed.library_folder / name).exists()]
    tap.report("installed: the library", [f"{name} is missing" for name in missing])


def check_paths(tap: Tap, installed: Installation) -> None:
    """What is installed must not look for anything where it was built."""
    faults = []
    for path in [installed.prefix / "bin/auth", installed.library_folder / "libauth.so.0"]:
        dynamic = run("readelf", "--wide", "--dynamic", path).stdout
        faults += [f"{path.name}: {line}" for line in dynamic.splitlines() if "PATH)" in line]
    text = (installed.library_folder / "pkgconfig/libauth.pc").read_text(encoding="utf-8")
    faults += [f"libauth.pc: {line}" for line in text.splitlines() if str(ROOT) in line]
    tap.report("nothing installed looks for something in the build", faults)


def build_program(installed: Installation, source: Path, scratch: Path) -> tuple[Path, list[str]]:
    """Compiles a copy of the source outside the tree."""
    folder = scratch / source.stem
    folder.mkdir(parents=True, exist_ok=True)
    copy = Path(shutil.copy(source, folder))
    program = folder / source.stem
    flags = run(
        "pkg-config", "--cflags", "--libs", "libauth", environment=installed.environment
    )
    if flags.returncode != 0:
        return program, [*faults_of(flags)]
    options = [*WARNINGS, "-D_GNU_SOURCE", *shlex.split(flags.stdout)]
    compiled = run("cc", copy, *options, "-o", program)
    return program, [*faults_of(compiled)]


def check_program(tap: Tap, installed: Installation, source: Path, scratch: Path) -> None:
    program, faults = build_program(installed, source, scratch)
    tap.report(f"{source.name} compiles against it", faults)
    if faults:
        return
    expected = "61757468 110105********002X\n"
    result = run(program, environment=installed.environment)
    tap.report(f"{source.name} runs with it", faults_of(result, expected))


def check_examples(tap: Tap, installed: Installation, scratch: Path) -> None:
    for source in sorted((ROOT / "examples").glob("*.c")):
        _, faults = build_program(installed, source, scratch)
        tap.report(f"examples/{source.name} compiles against it", faults)


def documented_command(source: Path) -> str | None:
    """The line by which an example of several files says how it is compiled."""
    found = re.search(r"^/\* (cc .*) \*/$", source.read_text(encoding="utf-8"), flags=re.M)
    return found[1] if found else None


def build_folder(installed: Installation, folder: Path, scratch: Path) -> Iterator[str]:
    """Does what the example says in a copy of its folder, and asks the program how it is called."""
    copy = Path(shutil.copytree(folder, scratch / folder.name))
    name = folder.name.replace("-", "_")
    command = documented_command(copy / f"{name}.c")
    if command is None:
        yield f"{folder.name}/{name}.c has no line /* cc ... */ that says how it is compiled"
        return
    built = subprocess.run(["sh", "-ec", command], cwd=copy, capture_output=True, text=True,
                           env=installed.environment)  # fmt: skip
    if built.returncode != 0 or built.stderr:
        yield f"{command}\n{built.stdout}{built.stderr}"
        return
    answer = run(copy / name, environment=installed.environment)
    if not answer.stderr.startswith(f"usage: {name} "):
        yield f"{name} without arguments does not say how it is used: {answer.stderr!r}"


def check_example_folders(tap: Tap, installed: Installation, scratch: Path) -> None:
    """Those with programs; the others are tested with the servers that they are for."""
    folders = sorted({path.parent for path in (ROOT / "examples").glob("*/*.c")})
    tap.report("there are examples of several files", [] if folders else ["none was found"])
    for folder in folders:
        faults = build_folder(installed, folder, scratch)
        tap.report(f"examples/{folder.name} compiles by the command that it tells", faults)


def check_auth(tap: Tap, installed: Installation) -> None:
    auth = installed.prefix / "bin/auth"
    result = run(auth, "id", "check", "11010519491231002X", environment=installed.environment)
    tap.report("the installed auth answers", faults_of(result))


def check_installation(tap: Tap, build: Path, scratch: Path) -> None:
    installed, faults = install(build, scratch)
    tap.report("meson install", faults)
    if faults:
        return
    check_files(tap, installed)
    check_paths(tap, installed)
    check_program(tap, installed, Path(__file__).parent / "program.c", scratch)
    check_examples(tap, installed, scratch)
    check_example_folders(tap, installed, scratch)
    check_auth(tap, installed)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    tap = Tap()
    # Not below the source tree, which a mistake could find; pkg-config bears no space in a path.
    with TemporaryDirectory(prefix="auth-consume-") as folder:
        check_installation(tap, Path(arguments[0]).resolve(), Path(folder))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
