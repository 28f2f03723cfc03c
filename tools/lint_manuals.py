#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Has mandoc read every man page that a build made. Prints TAP.

Usage: lint_manuals.py BUILD-FOLDER
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tap import Tap


def check_page(page: Path) -> Iterator[str]:
    result = subprocess.run(
        ["mandoc", "-Tlint", "-Wwarning", str(page)], capture_output=True, text=True
    )
    if result.returncode != 0:
        yield result.stdout + result.stderr or f"mandoc: exit code {result.returncode}"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    tap = Tap()
    for page in sorted(Path(arguments[0]).rglob("auth*.[1-8]")):
        tap.report(page.name, check_page(page))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
