# SPDX-License-Identifier: Apache-2.0
"""A realm that runs, one for the tests of a file. AUTH_BUILD names the build folder."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/harness"))

from officers import Realm  # noqa: E402


@pytest.fixture(scope="session")
def build() -> Path:
    folder = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    if not (folder / "ra/auth-ra").exists():
        pytest.fail(f"there is no auth-ra in {folder}; build it, and name the folder in AUTH_BUILD")
    return folder


@pytest.fixture(scope="module")
def realm(build: Path) -> Iterator[Realm]:
    """With a clerk, an approver and an auditor at the centre, besides the two first admins."""
    with tempfile.TemporaryDirectory(prefix="auth-ra-") as name:
        made = Realm(Path(name), build)
        made.make()
        try:
            made.up()
            for who, role in (("clerk", "clerk"), ("approver", "approver"), ("auditor", "auditor")):
                made.appoint(who, role)
            yield made
        finally:
            made.down()
