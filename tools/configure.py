#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sets up a meson build folder, unless it is set up in just this way already.

Usage: configure.py FOLDER [OPTION-OF-MESON-SETUP]...

The compiler comes from CC. A folder that was set up for another place, compiler or set of options,
or half, is made anew: it must hold nothing but a build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = "configured"


def describe(options: list[str]) -> str:
    compiler = [f"{name}={os.environ.get(name, '')}" for name in ("CC", "CFLAGS", "LDFLAGS")]
    return "\n".join([str(ROOT), *compiler, *options]) + "\n"


def is_configured(folder: Path, description: str) -> bool:
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == description


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    folder, options = Path(arguments[0]), arguments[1:]
    description = describe(options)
    if is_configured(folder, description):
        return 0
    if folder.exists() and any(folder.iterdir()):
        is_build = (folder / STAMP).exists() or (folder / "meson-private").exists()
        if not is_build:
            print(f"{folder} holds something else than a build; name another folder", file=sys.stderr)
            return 2
        shutil.rmtree(folder)
    exit_code = subprocess.call(["meson", "setup", *options, str(folder), str(ROOT)])
    if exit_code == 0:
        (folder / STAMP).write_text(description, encoding="utf-8")
    return exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
