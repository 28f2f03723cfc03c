#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every #include line of the project against the file LAYERS.

Usage: layers.py [ROOT]

Prints one line a violation, `file:line: rule`, and exits with 1 when there is any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
SOURCES = ("*.c", "*.h", "*.h.in", "*.def", "*.cc", "*.cpp", "*.hpp")
PUBLIC_FOLDER = "libauth/include"
# Where the compiler looks for a quoted include that is not beside the file.
INCLUDE_FOLDERS = ("libauth", PUBLIC_FOLDER, ".")
ANYTHING = "*"
ALL_PUBLIC = "auth/*"


class BadLayers(Exception):
    """LAYERS itself is wrong; the text begins with file:line."""


@dataclass(frozen=True)
class Module:
    name: str
    folders: tuple[str, ...]
    may: frozenset[str]

    @property
    def is_inside_libauth(self) -> bool:
        return all(folder.startswith("libauth/") for folder in self.folders)


@dataclass
class Layers:
    modules: dict[str, Module] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def module_of_header(self, name: str) -> Module | None:
        for glob, module in self.headers:
            if fnmatchcase(name, glob):
                return self.modules[module]
        return None

    def module_of_file(self, path: PurePosixPath) -> Module | None:
        if path.is_relative_to(PUBLIC_FOLDER):
            name = str(path.relative_to(PUBLIC_FOLDER)).removesuffix(".in")
            return self.module_of_header(name)
        for module in self.modules.values():
            if any(path.is_relative_to(folder) for folder in module.folders):
                return module
        return None

    def who_may_from_elsewhere(self, name: str) -> frozenset[str] | None:
        for glob, who in self.elsewhere:
            if fnmatchcase(name, glob):
                return who
        return None


def read_module(layers: Layers, fields: list[str]) -> None:
    if len(fields) != 3:
        raise ValueError("write 'name : folders : modules'")
    name, folders, may = fields[0], fields[1].split(), fields[2].split()
    if name in layers.modules:
        raise ValueError(f"module {name} stands here twice")
    for other in may:
        if other not in layers.modules and other not in (ANYTHING, ALL_PUBLIC):
            raise ValueError(f"{name} may include {other}, which is no module above it")
    layers.modules[name] = Module(name, tuple(folders), frozenset(may))


def read_header(layers: Layers, fields: list[str]) -> None:
    if len(fields) != 2:
        raise ValueError("write 'header : module'")
    if fields[1] not in layers.modules:
        raise ValueError(f"there is no module {fields[1]}")
    layers.headers.append((fields[0], fields[1]))


def read_elsewhere(layers: Layers, fields: list[str]) -> None:
    if len(fields) != 2:
        raise ValueError("write 'headers : modules and files'")
    for who in fields[1].split():
        if who not in layers.modules and "/" not in who and who != ANYTHING:
            raise ValueError(f"there is no module {who}")
    for glob in fields[0].split():
        layers.elsewhere.append((glob, frozenset(fields[1].split())))


SECTIONS = {"[modules]": read_module, "[headers]": read_header, "[elsewhere]": read_elsewhere}


def read_layers(path: Path) -> Layers:
    layers = Layers()
    read = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            if text in SECTIONS:
                read = SECTIONS[text]
            elif read is None:
                raise ValueError(f"a line before the first of {' '.join(SECTIONS)}")
            else:
                read(layers, [part.strip() for part in text.split(":")])
        except ValueError as error:
            raise BadLayers(f"{path.name}:{number}: {error}") from error
    return layers


@dataclass(frozen=True)
class Include:
    file: PurePosixPath
    line: int
    name: str
    is_quoted: bool

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}: "


def find_sources(root: Path) -> list[PurePosixPath]:
    found = set()
    for glob in SOURCES:
        for path in root.rglob(glob):
            relative = path.relative_to(root)
            if relative.parts[0] != "build" and not any(p.startswith(".") for p in relative.parts):
                found.add(PurePosixPath(relative))
    return sorted(found)


def find_includes(root: Path, file: PurePosixPath) -> Iterator[Include]:
    for number, line in enumerate((root / file).read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield Include(file, number, match[2], match[1] == '"')


def resolve(root: Path, include: Include) -> PurePosixPath | None:
    """Finds the file of the project that an include line names, or what it is configured from."""
    folders = [PurePosixPath(folder) for folder in INCLUDE_FOLDERS]
    if include.is_quoted:
        folders.insert(0, include.file.parent)
    for folder in folders:
        for name in (include.name, include.name + ".in"):
            if (root / folder / name).is_file():
                path = (root / folder / name).resolve().relative_to(root.resolve())
                return PurePosixPath(path)
    return None


def check_module(layers: Layers, module: Module, include: Include, target: Module) -> str | None:
    is_public = layers.module_of_header(include.name) is not None
    if target.is_inside_libauth and not is_public and not module.is_inside_libauth:
        return (
            f"{module.name} may not include {include.name}, which is libauth's own; "
            "use a public header auth/*.h"
        )
    may = {module.name} | module.may
    if target.name in may or (is_public and ALL_PUBLIC in may):
        return None
    return (
        f"{module.name} may not include {include.name} of {target.name}; "
        f"it may include: {' '.join(sorted(module.may)) or 'nothing'}"
    )


def check_elsewhere(layers: Layers, module: Module, include: Include) -> str | None:
    who = layers.who_may_from_elsewhere(include.name)
    if who is None:
        return (
            f"{include.name} is neither a file of the project nor in [elsewhere] of LAYERS; "
            "add it there with the modules that may include it"
        )
    if ANYTHING in who or module.name in who or str(include.file) in who:
        return None
    return f"{module.name} may not include {include.name}; only these may: {' '.join(sorted(who))}"


def check_public(layers: Layers, include: Include) -> str | None:
    """A public header must compile where only public headers are, and what LAYERS names it for."""
    who = layers.who_may_from_elsewhere(include.name)
    is_named = who is not None and (ANYTHING in who or str(include.file) in who)
    if is_named or layers.module_of_header(include.name):
        return None
    return (
        f"a public header may not include {include.name}; "
        "it may include public headers and the C headers that are for all"
    )


def check_include(root: Path, layers: Layers, module: Module, include: Include) -> str | None:
    if ANYTHING in module.may:
        return None
    if include.file.is_relative_to(PUBLIC_FOLDER):
        violation = check_public(layers, include)
        if violation:
            return violation
    target = layers.module_of_header(include.name)
    if target is None and include.name.startswith("auth/"):
        return f"{include.name} has no line in [headers] of LAYERS; add it with its module"
    if target is None:
        path = resolve(root, include)
        if path is None:
            return check_elsewhere(layers, module, include)
        target = layers.module_of_file(path)
        if target is None:
            return f"{include.name} is {path}, a file in no module of LAYERS"
    return check_module(layers, module, include, target)


def check_folders(root: Path, layers: Layers) -> Iterator[str]:
    known = {folder for module in layers.modules.values() for folder in module.folders}
    for path in sorted((root / "libauth").glob("*/")):
        name = path.relative_to(root).as_posix()
        if path.is_dir() and name != PUBLIC_FOLDER and name not in known:
            yield f"{name}:1: this folder has no line in [modules] of LAYERS; add one"


def check_tree(root: Path) -> Iterator[str]:
    layers = read_layers(root / "LAYERS")
    yield from check_folders(root, layers)
    for file in find_sources(root):
        module = layers.module_of_file(file)
        if module is None:
            yield f"{file}:1: this file belongs to no module; add its folder or header to LAYERS"
            continue
        for include in find_includes(root, file):
            violation = check_include(root, layers, module, include)
            if violation:
                yield include.place + violation


def main(arguments: list[str]) -> int:
    if len(arguments) > 1 or arguments[:1] == ["--help"]:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    try:
        violations = list(check_tree(root))
    except BadLayers as error:
        violations = [str(error)]
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
