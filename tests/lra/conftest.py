# SPDX-License-Identifier: Apache-2.0
"""A realm with the office xian and its auth-lra, one for the tests of a file. AUTH_BUILD names the build folder."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[1:1] = [str(ROOT / "tests/ra"), str(ROOT / "tests/harness")]

from counter import Counter, make_realm  # noqa: E402
from officers import Realm  # noqa: E402


@pytest.fixture(scope="session")
def build() -> Path:
    folder = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    if not (folder / "lra/auth-lra").exists():
        pytest.fail(f"there is no auth-lra in {folder}; build it, and name the folder in AUTH_BUILD")
    return folder


@pytest.fixture(scope="module")
def realm(build: Path) -> Iterator[Realm]:
    """With a clerk, an approver, an admin and an auditor in xian."""
    with tempfile.TemporaryDirectory(prefix="auth-lra-") as name:
        made = make_realm(Path(name), build)
        try:
            yield made
        finally:
            made.down()


@pytest.fixture
def counter(realm: Realm) -> Iterator[Counter]:
    """An auth-lra that runs, with an empty spool and the registry up."""
    made = Counter(realm)
    made.registry_up()
    made.clear()
    try:
        made.start()
        yield made
        assert made.stop() == 0
    finally:
        made.stop()
        made.registry_up()
